"""The pages of the data: files and their ranges, the ontology, the shapes, columns, quality, the description."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pyoxigraph as ox
import pytest

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.analysis.statistics.data_quality import data_quality
from imr_graph.graph.export import export
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import open_table
from imr_graph.table.columns import describe_columns
from imr_graph.validation.shapes import read_shapes
from imr_graph.website.pages.ontology import read_ontology, read_schemes
from imr_graph.website.pages.shapes import rules
from support.endpoint_server import Server, alive
from support.letters import letter
from support.site_server import build_site_store, get_page, serving_site
from support.waiting import wait_for

FILES = ("graph.nt.gz", "graph.ttl.gz", "items.csv", "items.parquet")


def digests(server: Server) -> dict[str, str]:
    lines = httpx.get(f"{server.url}/data/files/SHA256SUMS").text.splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


@pytest.fixture(scope="module")
def made(site_server: Server) -> Server:
    """Return the site once its files are there."""
    wait_for(lambda: len(digests(site_server)) == len(FILES))
    return site_server


# Files


def test_files_hold_what_an_export_writes(made: Server, site_store: Path) -> None:
    opened = open_store(site_store)
    for name, format in (("graph.ttl.gz", "turtle"), ("graph.nt.gz", "ntriples")):
        answer = httpx.get(f"{made.url}/data/files/{name}")
        stream = io.BytesIO()
        export(opened, format, stream)
        assert gzip.decompress(answer.content) == stream.getvalue()
        assert answer.headers["content-type"] == "application/gzip"
        stem, _, suffix = name.partition(".")
        assert f"imr-graph-{stem}-{opened.generation}.{suffix}" in answer.headers["content-disposition"]
    with open_table(opened) as table:
        [[items]] = table.rows("select count(*) from items", [])
    rows = list(csv.DictReader(io.StringIO(httpx.get(f"{made.url}/data/files/items.csv").text)))
    assert len(rows) == items
    assert list(rows[0]) == [entry.column for entry in describe_columns()]


def test_parquet_is_read_by_ranges_and_digests_are_true(made: Server, tmp_path: Path) -> None:
    for name, digest in digests(made).items():
        content = httpx.get(f"{made.url}/data/files/{name}").content
        assert hashlib.sha256(content).hexdigest() == digest
    content = httpx.get(f"{made.url}/data/files/items.parquet").content
    part = httpx.get(f"{made.url}/data/files/items.parquet", headers={"range": "bytes=-8"})
    assert (part.status_code, part.content) == (206, content[-8:])
    assert part.headers["content-range"] == f"bytes {len(content) - 8}-{len(content) - 1}/{len(content)}"
    late = httpx.get(f"{made.url}/data/files/items.parquet", headers={"range": f"bytes={len(content)}-"})
    assert late.status_code == 416
    assert httpx.head(f"{made.url}/data/files/items.parquet").headers["content-length"] == str(len(content))
    (tmp_path / "items.parquet").write_bytes(content)
    [[count]] = duckdb.execute("select count(*) from read_parquet(?)", [str(tmp_path / "items.parquet")]).fetchall()
    assert count > 100


def test_the_page_names_the_files_and_the_catalogue_too(made: Server) -> None:
    page = get_page(made, "/data")
    links = page.links()
    assert {f"/data/files/{name}" for name in FILES} <= set(links)
    answer = httpx.get(f"{made.url}/data/description.ttl")
    graph = ox.Store()
    graph.load(answer.content, format=ox.RdfFormat.TURTLE)
    found = graph.query(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX void: <http://rdfs.org/ns/void#> "
        "PREFIX spdx: <http://spdx.org/rdf/terms#> SELECT ?file ?size ?digest WHERE { ?set a void:Dataset ; "
        "dcat:distribution ?d . ?d dcat:downloadURL ?file ; dcat:byteSize ?size ; "
        "spdx:checksum/spdx:checksumValue ?digest }"
    )
    assert isinstance(found, ox.QuerySolutions)
    rows = list(found)
    assert len(rows) == len(FILES)
    for row in rows:
        content = httpx.get(row["file"].value).content
        assert int(row["size"].value) == len(content)
        assert row["digest"].value == hashlib.sha256(content).hexdigest()


def test_only_files_that_were_made_are_served(made: Server) -> None:
    for name in ("nonsense", "..%2f..%2fstore.json", ".items.csv", "%2e%2e/%2e%2e/store.json"):
        assert httpx.get(f"{made.url}/data/files/{name}").status_code == 404


@pytest.mark.slow
def test_a_new_generation_gets_its_own_files_and_nothing_is_left_behind(tmp_path: Path) -> None:
    store = build_site_store(tmp_path, {"one": letter()})
    kept = tmp_path / "downloads"
    with serving_site(store, tmp_path, workers=2, downloads=kept, download_seconds=900, watch_seconds=0.1) as server:
        wait_for(lambda: len(digests(server)) == len(FILES))
        [first] = kept.iterdir()
        before = digests(server)
        build_site_store(tmp_path, {"two": letter().replace("CM16-9990301", "CM16-9990302")})
        wait_for(lambda: digests(server)["items.csv"] != before["items.csv"])
        wait_for(lambda: not first.exists() and len(list(kept.iterdir())) == 1)
        wait_for(lambda: set(digests(server).values()).isdisjoint(before.values()))
        assert "generation 2" in get_page(server, "/data").text
    [second] = kept.iterdir()
    assert sorted(file.name for file in second.iterdir()) == list(FILES)
    # The next server finds the files that this one made.
    written = {file.name: file.stat().st_mtime_ns for file in second.iterdir()}
    with serving_site(store, tmp_path, workers=2, downloads=kept, download_seconds=900) as server:
        wait_for(lambda: len(digests(server)) == len(FILES))
        assert {file.name: file.stat().st_mtime_ns for file in second.iterdir()} == written


@pytest.mark.slow
def test_a_file_that_is_too_large_is_not_made_and_the_page_says_so(tmp_path: Path) -> None:
    store = build_site_store(tmp_path, {"one": letter()})
    with serving_site(store, tmp_path, workers=2, download_seconds=900, download_bytes=2000) as server:
        wait_for(lambda: server.events("downloads_failed"))
        page = get_page(server, "/data").text
        assert "Not made: " in page
        assert "items.parquet" not in digests(server)
        assert server.ask("ASK {}").status_code == 200


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a site over a store that was validated, whose operator makes no files and logs queries."""
    folder = tmp_path_factory.mktemp("operated")
    text = letter().replace("Claims Administrator guideline", "Unheard-of thing")
    build_site_store(folder, {"one": text}, validate=True)
    with serving_site(folder / "store", folder, workers=2, log_queries=True) as server:
        yield server


def test_files_are_left_out_on_request(operated: Server) -> None:
    assert "imr-graph export" in get_page(operated, "/data").text
    assert digests(operated) == {}


def test_temporary_files_are_deleted_at_the_end(tmp_path: Path) -> None:
    store = build_site_store(tmp_path, {"one": letter()})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    os.environ["TMPDIR"] = str(scratch)
    try:
        with serving_site(store, tmp_path, workers=2, download_seconds=900) as server:
            wait_for(lambda: list(scratch.glob("imr-graph-downloads-*")))
            children = server.children()
        assert not list(scratch.glob("imr-graph-downloads-*"))
        wait_for(lambda: not any(alive(child) for child in children))
    finally:
        del os.environ["TMPDIR"]


# The ontology and the shapes


def test_every_term_is_documented_at_its_own_anchor(site_server: Server) -> None:
    page = get_page(site_server, "/ontology")
    ids = {node["id"] for node in page.walk() if "id" in node.attributes}
    listed = read_ontology().terms
    assert {term.name for term in listed} <= ids
    assert all(term.label and term.comment and (term.examples or term.kind == "individual") for term in listed)
    # What the file says is on the page: read by another reader of Turtle.
    store = ox.Store()
    store.load(path=str(resources.ontology() / "imr.ttl"), format=ox.RdfFormat.TURTLE)
    comments = [
        quad.object.value
        for quad in store.quads_for_pattern(None, ox.NamedNode(f"{terms.RDFS}comment"), None)
        if isinstance(quad.object, ox.Literal)
    ]
    text = page.text
    assert len(comments) == len(listed)
    assert [comment for comment in comments if " ".join(comment.split()) not in text] == []
    # Every link within the page has a place to go to.
    assert [link for link in page.links() if link.startswith("#") and link[1:] not in ids] == []
    assert [scheme.title for scheme in read_schemes() if scheme.title not in text or not scheme.concepts] == []


def test_vocabularies_are_counted_right() -> None:
    store = ox.Store()
    for path in resources.ontology().glob("*.ttl"):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    for scheme in read_schemes():
        members = store.quads_for_pattern(
            None, ox.NamedNode(f"{terms.SKOS}inScheme"), ox.NamedNode(f"{terms.BASE}{scheme.name}")
        )
        assert scheme.concepts == sum(1 for _ in members), scheme.name
        assert all((resources.ontology() / name).exists() for name in scheme.files)


@pytest.mark.parametrize(("path", "files"), [("/ontology", "ontology/imr.ttl"), ("/shapes", "shapes/*.ttl")])
def test_ontology_and_shapes_come_as_rdf_too(site_server: Server, project: Path, path: str, files: str) -> None:
    expected = ox.Dataset(
        quad for file in project.glob(files) for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
    )
    expected.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    for address, accept, kind in (
        (path, "text/turtle", "text/turtle"),
        (f"{path}.ttl", "text/html", "text/turtle"),
        (f"{path}.nt", "*/*", "application/n-triples"),
        (path, "application/ld+json", "application/ld+json"),
    ):
        answer = httpx.get(f"{site_server.url}{address}", headers={"accept": accept})
        assert answer.headers["content-type"].partition(";")[0] == kind
        format = ox.RdfFormat.from_media_type(kind)
        assert format is not None
        found = ox.Dataset(ox.parse(answer.content, format=format))
        found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        assert found == expected, (address, accept)
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    for _ in range(2):  # what is kept for one form does not answer the other
        assert "html" in httpx.get(f"{site_server.url}{path}", headers={"accept": browser}).headers["content-type"]
        assert httpx.get(f"{site_server.url}{path}", headers={"accept": "text/turtle"}).text.startswith(("#", "@"))


def test_vocabulary_files_are_served_as_they_are(site_server: Server) -> None:
    for file in resources.ontology().glob("*.ttl"):
        assert httpx.get(f"{site_server.url}/ontology/{file.name}").content == file.read_bytes()
    assert httpx.get(f"{site_server.url}/ontology/nonsense.ttl").status_code == 404
    assert httpx.get(f"{site_server.url}/ontology/..%2fshapes%2fcase.ttl").status_code == 404


def test_every_shape_is_told_in_words(site_server: Server) -> None:
    page = get_page(site_server, "/shapes")
    for name, info in read_shapes().infos.items():
        row = page.one("tr", id=name).text
        assert " ".join(info.message.split()) in row
        assert rules(name), f"{name} asks for nothing that has words"
        assert "; ".join(rules(name)) in row
    assert rules("Case-patientAge") == [
        "at most one value", "a value of the type integer", "no less than 10", "no more than 110"
    ]  # fmt: skip
    [told] = rules("CaseOutcome")
    assert "hasDisputedItem/decision the same as outcome or " in told


# Columns and quality


def test_columns_are_told_as_a_page_and_as_files(site_server: Server) -> None:
    page = get_page(site_server, "/data/columns")
    rows = {row["id"]: row.text for row in page.all("tr") if "id" in row.attributes}
    assert list(rows) == [entry.column for entry in describe_columns()]
    assert all(" ".join(entry.meaning.split()) in rows[entry.column] for entry in describe_columns())
    listed = httpx.get(f"{site_server.url}/data/columns.json").json()
    assert [entry["column"] for entry in listed] == list(rows)
    assert httpx.get(f"{site_server.url}/data/columns.md").text.startswith("# Columns")
    assert len(httpx.get(f"{site_server.url}/data/columns.csv").text.splitlines()) == len(rows) + 1
    assert httpx.get(f"{site_server.url}/data/columns.exe").status_code == 404


def test_quality_shows_the_figures_of_the_library(site_server: Server, site_store: Path) -> None:
    page = get_page(site_server, "/quality")
    with open_table(open_store(site_store)) as table:
        found = data_quality(table, limit=15)
    rows = [[cell.text for cell in row.walk() if cell.tag in ("th", "td")] for row in page.all("tr")]
    for one in found.layouts:
        numbers = [f"{n:,}" for n in (one.letters, one.items, one.letters_with_unparsed, one.unparsed)]
        assert [one.layout, *numbers] in [[row[0], *row[2:]] for row in rows if row]
    for one in found.missing:
        assert [one.column, one.level, f"{one.missing:,}", f"{one.of:,}"] in [row[:4] for row in rows]
    for name in found.unmatched:
        assert [" ".join(name.name.split()), f"{name.items:,}", f"{name.letters:,}"] in rows


def test_findings_of_a_build_that_was_validated_are_shown(operated: Server) -> None:
    report = operated.log.parent / "store" / "build-report.json"
    found = json.loads(report.read_bytes())["validation"]["findings"]
    assert found
    shapes, page = get_page(operated, "/shapes"), get_page(operated, "/quality")
    assert "is not kept" not in shapes.text + page.text
    for one in found:
        assert f"{one['nodes']} of {one['of']}" in shapes.one("tr", id=one["shape"]).text
        assert f"/shapes#{one['shape']}" in page.links()


def test_license_privacy_and_citation_are_on_the_page(site_server: Server) -> None:
    page = get_page(site_server, "/data")
    ids = {node["id"] for node in page.walk() if "id" in node.attributes}
    assert {"license", "privacy", "citation", "limits", "files"} <= ids
    text = page.text
    for said in ("not logged", "no cookies", "MIT", "public records", "never of all requests"):
        assert said in text
    for path in ("/data", "/sparql", "/ontology"):
        answer = httpx.get(f"{site_server.url}{path}", headers={"accept": "text/html"})
        assert "set-cookie" not in answer.headers


def test_the_privacy_statement_is_true_where_the_operator_logs(operated: Server) -> None:
    text = get_page(operated, "/data").text
    assert "holds the text of queries" in text
    assert "Addresses of clients are not logged" in text
