"""Publishing: into real servers, again, anew, after an interruption, and by their own bulk loaders."""

from __future__ import annotations

import dataclasses
import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from imr_graph.analysis.queries.ask import ask
from imr_graph.analysis.queries.results import ResultTable
from imr_graph.cli.app import cli
from imr_graph.errors import ImrGraphError, StoreError, UsageError
from imr_graph.external_store.address import parse_address
from imr_graph.external_store.graph import RemoteGraph
from imr_graph.external_store.http import StoreClient
from imr_graph.external_store.publication import (
    Publication,
    data_graph,
    find_publication,
    open_external_store,
    read_description,
)
from imr_graph.external_store.publish import DEFAULT, MANUAL, publish, write_files
from imr_graph.store.changes import add
from imr_graph.store.graph_store import GraphStore, open_store
from support.external_servers import PASSWORD, Endpoint, oxigraph, virtuoso
from support.sample_table import generated
from support.sample_world import FICTIONAL, world_of

pytestmark = pytest.mark.server


def store_of(base: str, count: int = len(FICTIONAL)) -> GraphStore:
    return world_of(FICTIONAL[:count], base).store


def graphs_of(endpoint: Endpoint, base: str) -> set[str]:
    """Return the named graphs of a base that a server holds."""
    query = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
    answer = RemoteGraph(StoreClient(endpoint.reading)).query(query)
    assert isinstance(answer, ox.QuerySolutions)
    return {row[0].value for row in answer if row[0].value.startswith(base)}


def test_a_store_is_published_counted_and_described(endpoint: Endpoint) -> None:
    store = store_of("https://example.org/once/")
    steps: list[tuple[int, int]] = []
    held = publish(store, endpoint.writing, endpoint.reading, chunk=1 << 18, progress=lambda *step: steps.append(step))
    assert held.fresh
    one = held.publication
    assert (one.triples, one.cases, one.generation) == (len(store.graph), len(FICTIONAL), 0)
    assert len(steps) > 5  # chunks of a bounded size
    assert steps[-1] == (one.triples, one.triples)
    client = StoreClient(endpoint.reading)
    assert find_publication(client, store.base) == one
    said = {t.predicate.value.rpartition("#")[2] for t in read_description(client, one)}
    assert {"triples", "entities", "classPartition", "version"} <= said


def test_the_same_generation_is_not_sent_twice_unless_asked_to(endpoint: Endpoint) -> None:
    store = store_of("https://example.org/twice/")
    first = publish(store, endpoint.writing, endpoint.reading)
    sent: list[int] = []
    again = publish(store, endpoint.writing, endpoint.reading, progress=lambda done, _: sent.append(done))
    assert not again.fresh
    assert not sent
    assert again.publication == first.publication
    assert publish(store, endpoint.writing, endpoint.reading, replace=True).fresh


def test_a_new_generation_takes_over_and_the_one_before_stays_for_its_readers(endpoint: Endpoint) -> None:
    base = "https://example.org/renewed/"
    graphs = []
    for count in (1, 2, 3):
        reader = open_external_store(parse_address(endpoint.url, {}, graph=graphs[-1])) if graphs else None
        graphs.append(publish(store_of(base, count), endpoint.writing, endpoint.reading).publication.graph)
        if reader is not None:  # it opened the generation before
            answer = ask(reader, "SELECT (COUNT(?case) AS ?n) WHERE { ?case a imr:Case }")
            assert isinstance(answer, ResultTable)
            assert answer.to_dicts() == [{"n": count - 1}]
    assert graphs_of(endpoint, base) == {f"{base}publication", *graphs[1:]}


def test_what_an_interrupted_publication_left_counts_for_nothing_and_goes(endpoint: Endpoint) -> None:
    base = "https://example.org/interrupted/"
    first = publish(store_of(base, 1), endpoint.writing, endpoint.reading).publication

    def stop(done: int, _all: int) -> None:
        if done > 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(store_of(base, 2), endpoint.writing, endpoint.reading, chunk=1 << 18, progress=stop)
    assert len(graphs_of(endpoint, base)) == 3
    assert find_publication(StoreClient(endpoint.reading), base) == first
    last = publish(store_of(base, 3), endpoint.writing, endpoint.reading).publication
    assert graphs_of(endpoint, base) == {f"{base}publication", first.graph, last.graph}


def test_a_graph_of_a_given_name_is_rewritten_in_place(endpoint: Endpoint) -> None:
    base, name = "https://example.org/named/", "https://example.org/named/mine"
    for count in (2, 1):
        held = publish(store_of(base, count), endpoint.writing, endpoint.reading, graph=name).publication
        assert (held.graph, held.cases) == (name, count)
    assert graphs_of(endpoint, base) == {f"{base}publication", name}
    with pytest.raises(UsageError, match="absolute IRI"):
        publish(store_of(base, 1), endpoint.writing, endpoint.reading, graph="mine")


def test_several_publications_are_told_apart_by_their_graphs(endpoint: Endpoint) -> None:
    held = [
        publish(store_of(f"https://example.org/{name}/", 1), endpoint.writing, endpoint.reading).publication
        for name in ("one", "other")
    ]
    with pytest.raises(UsageError, match="several publications: choose one by --graph"):
        open_external_store(endpoint.reading)
    for one in held:
        assert open_external_store(dataclasses.replace(endpoint.reading, graph=one.graph)).base == one.base


def test_the_default_graph_is_filled_where_the_server_has_one() -> None:
    store = store_of("https://example.org/default/")
    with oxigraph() as server:
        held = publish(store, server.writing, server.reading, graph=DEFAULT).publication
        assert held.graph is None
        opened = open_external_store(server.reading)
        assert ask(opened, "overturn-rate-by-year") == ask(store, "overturn-rate-by-year")
        assert len(opened.graph) == len(store.graph)


def test_virtuoso_which_has_no_default_graph_to_fill_says_what_to_do(endpoint: Endpoint) -> None:
    if endpoint.name != "virtuoso":
        return
    with pytest.raises(StoreError, match="publish without --graph"):
        publish(store_of("https://example.org/none/", 1), endpoint.writing, endpoint.reading, graph=DEFAULT)


def test_triples_that_others_added_are_noticed(endpoint: Endpoint) -> None:
    """What is counted at the end has to be what was sent."""
    base, name = "https://example.org/mixed/", "https://example.org/mixed/shared"
    store = store_of(base, 1)
    held = publish(store, endpoint.writing, endpoint.reading, graph=name).publication
    alien = b"<https://example.org/x> <https://example.org/x> <https://example.org/x> .\n"
    StoreClient(endpoint.writing).send(
        "POST", endpoint.graphs, parameters={"graph": name}, content=alien, headers={"content-type": "text/turtle"}
    ).close()
    with pytest.raises(StoreError, match=f"holds {held.triples + 1:,} triples of 1 cases where {held.triples:,} of 1"):
        publish(store, endpoint.writing, endpoint.reading, graph=name)
    assert publish(store, endpoint.writing, endpoint.reading, graph=name, replace=True).fresh


# The command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "store"
    add(path, FICTIONAL)
    return path


def command(*arguments: object, **environ: str) -> Result:
    """Run a command; publishing does not look for limits of time, which is tested by itself."""
    if arguments[0] == "publish":
        arguments = (*arguments, "--query-seconds", 0)
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], env=environ)


def test_the_command_publishes_and_the_others_ask_there(folder: Path) -> None:
    with oxigraph() as server:
        first = command("publish", server.graphs, "--store", folder)
        assert first.stdout.startswith(f"{server.url} holds now: generation 1, "), first.output
        assert "holds already: generation 1" in command("publish", server.graphs, "--store", folder).output
        for arguments in (
            ("query", "overturn-rate-by-treatment", "--minimum", 1),
            ("query", "case-graph", "--case", "EX16-0000001", "--format", "turtle"),
            ("query", "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", "--format", "json"),
            ("query", "overturn-rate-by-year", "--show-sparql"),
            ("precedents", "MRI of the lumbar spine"),
            ("precedents", "Valium, page 24 of the chronic pain guidelines", "--json"),
        ):
            here = command(*arguments, "--store", folder)
            there = command(*arguments, "--endpoint", server.url, "--store", "no-such-folder")
            assert here.exit_code == there.exit_code == 0, there.exception
            assert there.stdout == here.stdout


def test_publishing_says_where_a_server_lets_queries_go_on(tmp_path: Path) -> None:
    add(tmp_path / "store", generated(120))
    without = "does not end queries that take longer than 1 seconds"
    for limit, seconds, said in ((None, "1", without), (1, "2", "")):
        with oxigraph(seconds=limit) as server:
            arguments = ["publish", server.graphs, "--store", str(tmp_path / "store"), "--query-seconds", seconds]
            result = CliRunner().invoke(cli, arguments)
            assert result.exit_code == 0
            assert said in result.stderr
            assert ("Warning" in result.stderr) is bool(said)


def test_a_password_is_asked_for_and_never_printed(folder: Path, endpoint: Endpoint) -> None:
    if endpoint.name != "virtuoso":
        return
    refused = command("publish", endpoint.graphs, "--store", folder)
    assert isinstance(refused.exception, StoreError)
    assert "IMR_GRAPH_ENDPOINT_USER" in str(refused.exception)
    for secret in ("wrong-secret", PASSWORD):
        url = endpoint.graphs.replace("http://", f"http://dba:{secret}@")
        result = command("publish", url, "--store", folder, "--graph", "https://example.org/command/graph")
        said = f"{result.output} {result.exception}"
        assert f":{secret}@" not in said
        assert "wrong-secret" not in said
    assert "holds now: generation 1" in said


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ((), UsageError, "a URL, or a folder with --files DIR"),
        (("localhost:7878",), UsageError, "write it whole"),
        (("http://127.0.0.1:9/store",), StoreError, "cannot be reached"),
        (("--files", "bulk", "--replace"), UsageError, "go with a URL"),
    ],
)
def test_what_cannot_be_published_is_said_in_a_sentence(
    folder: Path, arguments: tuple[str, ...], kind: type[ImrGraphError], sentence: str
) -> None:
    result = command("publish", *arguments, "--store", folder)
    assert isinstance(result.exception, kind)
    assert sentence in str(result.exception)


def test_an_endpoint_that_holds_nothing_of_ours_says_so() -> None:
    with oxigraph() as server:
        result = command("query", "overturn-rate-by-year", "--endpoint", server.url)
        assert isinstance(result.exception, StoreError)
        assert "holds nothing that imr-graph published" in str(result.exception)


# Bulk files


def unpacked(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.nt.gz"))
    for path in found:
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    return found


def held_by(endpoint: Endpoint) -> Publication | None:
    return find_publication(StoreClient(endpoint.reading))


def test_bulk_files_load_into_oxigraph_as_the_file_beside_them_says(folder: Path, tmp_path: Path) -> None:
    store, bulk, database = open_store(folder), tmp_path / "bulk", tmp_path / "database"
    written = write_files(store, bulk, file_bytes=1 << 20)
    files = unpacked(bulk)
    assert len(files) > 2
    binary = Path(sys.executable).with_name("oxigraph")
    assert written.graph is not None
    for path in files:
        graph = written.graph if path.name.startswith("data-") else f"{store.base}publication"
        assert graph in (bulk / MANUAL).read_text()
        load = [str(binary), "load", "--location", str(database), "--file", str(path.with_suffix("")), "--graph", graph]
        subprocess.run(load, check=True, capture_output=True, timeout=300)
    held = ox.Store.read_only(str(database))
    data = {quad.triple for quad in held.quads_for_pattern(None, None, None, ox.NamedNode(written.graph))}
    assert data == {quad.triple for quad in store.graph}


def test_bulk_files_load_into_virtuoso_as_the_file_beside_them_says(folder: Path) -> None:
    isql = shutil.which("isql-vt") or shutil.which("isql-v")
    assert isql, "the package virtuoso-opensource-7 brings isql-vt"
    store = open_store(folder)
    with virtuoso() as server:
        assert server.folder
        bulk = server.folder / "bulk"
        written = write_files(store, bulk, file_bytes=1 << 20)
        manual = (bulk / MANUAL).read_text()
        commands = manual.partition("in virtuoso.ini:")[2].partition("Other stores")[0]
        login = [isql, str(server.sql_port), "dba", PASSWORD]
        done = subprocess.run(login, input=commands.encode(), capture_output=True, timeout=300, check=True)
        assert b"Error" not in done.stderr, done.stderr
        assert held_by(server) == written
        opened = open_external_store(server.reading)
        assert len(opened.graph) == len(store.graph)
        assert ask(opened, "overturn-rate-by-page") == ask(store, "overturn-rate-by-page")


def test_bulk_files_are_the_same_bytes_each_time_and_say_where_they_cannot_be(folder: Path, tmp_path: Path) -> None:
    store = open_store(folder)
    one, other = tmp_path / "one", tmp_path / "other"
    for bulk in (one, other):
        write_files(store, bulk)
        assert {p.name for p in bulk.iterdir()} == {"data-0001.nt.gz", "publication.nt.gz", MANUAL}
    assert data_graph(store.base, "") in (one / MANUAL).read_text()
    assert (one / "publication.nt.gz").read_bytes() == (other / "publication.nt.gz").read_bytes()
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError, match="choose another --files"):
        write_files(store, tmp_path / "taken")


def test_a_server_that_is_not_there_any_more_is_a_sentence() -> None:
    with oxigraph() as server:
        store = store_of("https://example.org/gone/", 1)
        publish(store, server.writing, server.reading)
        opened = open_external_store(server.reading)
    with pytest.raises(StoreError, match=r"cannot be reached|broke the connection"):
        ask(opened, "overturn-rate-by-year")
    with pytest.raises(httpx.HTTPError):
        httpx.get(server.url)
