"""Serving from an external store: the same answers behind the same guard as from a store of our own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.ask import resolve_sparql
from imr_graph.endpoint.proxy import check_time_limit
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import StoreError, UsageError
from imr_graph.external_store.publish import publish
from imr_graph.store.changes import add
from imr_graph.store.graph_store import open_store
from support.endpoint_server import Server, alive, children_of, running
from support.external_servers import SERVERS, Endpoint, oxigraph, virtuoso
from support.sample_world import FICTIONAL
from support.waiting import wait_for

pytestmark = pytest.mark.server

_COUNT = "SELECT (COUNT(?case) AS ?n) WHERE { ?case a imr:Case }"
_LONG = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?g && ?c != ?f) }"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("relayed") / "store"
    add(path, FICTIONAL)
    return path


@pytest.fixture(scope="module")
def embedded(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(store, tmp_path_factory.mktemp("embedded"), rows=500) as server:
        yield server


@pytest.fixture(scope="module", params=SERVERS)
def behind(request: pytest.FixtureRequest, store: Path) -> Iterator[Endpoint]:
    with SERVERS[request.param]() as endpoint:
        publish(open_store(store), endpoint.writing, endpoint.reading)
        yield endpoint


@pytest.fixture(scope="module")
def relay(behind: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with relaying(behind, tmp_path_factory.mktemp("relay"), rows=500) as server:
        yield server


@contextmanager
def relaying(endpoint: Endpoint, folder: Path, **settings: object) -> Iterator[Server]:
    """Run a server over an external store; there is no store in any folder."""
    settings = {"endpoint_unlimited": True, "watch_seconds": 0.3, **settings}
    with running(folder / "no-such-store", folder, endpoint=endpoint.url, **settings) as server:
        yield server


def said(server: Server, query: str, accept: str) -> tuple[object, ...]:
    response = server.ask(query, headers={"accept": accept})
    cut = response.headers.get("imr-cut")
    body: object = response.text.replace(server.url, "")
    if response.headers["content-type"].startswith(("application/n-triples", "text/turtle")):  # in no order
        body = {str(quad.triple) for quad in ox.parse(response.text, format=ox.RdfFormat.TURTLE)}
    return response.status_code, response.headers["content-type"], cut, body


@pytest.mark.parametrize(
    "query",
    [
        "ASK {}",
        "ASK { ?case a imr:NoSuchClass }",
        _COUNT,
        "SELECT ?item ?flag WHERE { ?item imr:retrospective ?flag } ORDER BY ?item",
        "SELECT ?item ?words WHERE { ?item imr:rationale ?words } ORDER BY ?item",
        "SELECT ?s WHERE { ?s a ?class } ORDER BY ?s ?class",  # more rows than the limit
        "CONSTRUCT { ?item imr:service ?words } WHERE { ?item imr:service ?words }",
        "SELECT ?x WHERE {",
        "SELECT ?x WHERE { ?x foo:bar ?y }",
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "INSERT DATA { <urn:x> <urn:x> <urn:x> }",
        "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/imr-graph/id/publication> WHERE { ?s ?p ?o }",
        "SELECT (<urn:no-function>(1) AS ?x) WHERE {}",
    ],
)
def test_an_answer_is_the_embedded_stores_in_each_format(embedded: Server, relay: Server, query: str) -> None:
    for accept in ("application/sparql-results+json", "text/csv", "application/n-triples", "*/*", "image/png"):
        assert said(relay, query, accept) == said(embedded, query, accept), accept


@pytest.mark.parametrize("question", library.list_questions(), ids=lambda q: q.name)
def test_a_question_is_answered_alike(embedded: Server, relay: Server, store: Path, question: library.Question) -> None:
    required = {p.name: p.example or "" for p in question.parameters if p.required}
    sparql = resolve_sparql(open_store(store), question.name, required)
    accept = "application/n-triples" if "CONSTRUCT" in sparql else "text/csv"
    assert said(relay, sparql, accept) == said(embedded, sparql, accept)


def test_other_graphs_of_the_store_are_out_of_reach(relay: Server, behind: Endpoint) -> None:
    """What else lies in the external store is nobody's business, whichever way a query names it."""
    secret = b'<https://example.org/secret> <https://example.org/p> "secret" .\n'
    login = httpx.DigestAuth("dba", "dba") if behind.user else None
    httpx.put(behind.graphs, params={"graph": "https://example.org/private"}, content=secret, auth=login,
              headers={"content-type": "application/n-triples"}).raise_for_status()  # fmt: skip
    named = "<https://example.org/private>"
    for query in (
        "SELECT ?o WHERE { <https://example.org/secret> ?p ?o }",
        f"SELECT ?o FROM {named} WHERE {{ ?s ?p ?o }}",
        f"SELECT ?o FROM NAMED {named} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"SELECT ?o WHERE {{ GRAPH {named} {{ ?s ?p ?o }} }}",
        f"SELECT ?o WHERE {{ GR\\u0041PH {named} {{ ?s ?p ?o }} }}",
        "DESCRIBE <https://example.org/secret>",
    ):
        response = relay.ask(query)
        assert "secret" not in response.text.replace("https://example.org/secret", ""), query
    for name in ("default-graph-uri", "named-graph-uri"):
        given = {"query": "SELECT ?o WHERE { ?s ?p ?o }", name: "https://example.org/private"}
        response = httpx.get(relay.sparql, params=given)
        assert response.json()["results"]["bindings"] == []


@pytest.mark.parametrize("query", ["SELECT (<bif:now>() AS ?x) WHERE {}", "SELECT ?s WHERE { ?s <bif:contains> 'x' }"])
def test_what_a_product_adds_to_sparql_is_refused(relay: Server, query: str) -> None:
    assert relay.ask(query).status_code == 400


def test_the_description_is_the_published_one(embedded: Server, relay: Server) -> None:
    def triples(server: Server) -> set[str]:
        text = httpx.get(server.sparql, headers={"accept": "application/n-triples"}).text.replace(server.url, "")
        return set(text.splitlines())

    wait_for(lambda: any("entities" in line for line in triples(relay)))
    wait_for(lambda: any("entities" in line for line in triples(embedded)))
    assert triples(embedded) <= triples(relay)


def test_a_long_query_is_ended_and_others_are_served(behind: Endpoint, tmp_path: Path) -> None:
    with relaying(behind, tmp_path, query_seconds=1, workers=2) as server:
        response = server.ask(_LONG)
        assert response.status_code in (400, 502, 504), response.text  # the store may refuse what it deems too costly
        assert server.ask(_COUNT).status_code == 200


def test_a_new_publication_takes_over_while_requests_go_on(tmp_path: Path) -> None:
    path = tmp_path / "store"
    add(path, FICTIONAL[:1])
    with oxigraph() as endpoint:
        publish(open_store(path), endpoint.writing, endpoint.reading)
        with relaying(endpoint, tmp_path, workers=2) as server:
            assert server.value(_COUNT) == "1"
            add(path, FICTIONAL[1:])
            publish(open_store(path), endpoint.writing, endpoint.reading)
            wait_for(lambda: server.value(_COUNT) == str(len(FICTIONAL)))
            assert "generation 2" in httpx.get(f"{server.url}/readyz").text


def test_a_store_that_goes_away_is_a_bad_gateway_and_comes_back_by_itself(store: Path, tmp_path: Path) -> None:
    with oxigraph() as endpoint:
        publish(open_store(store), endpoint.writing, endpoint.reading)
        with relaying(endpoint, tmp_path, workers=2) as server:
            assert server.ask(_COUNT).status_code == 200
            endpoint.process.terminate()
            endpoint.process.wait()
            response = server.ask(_COUNT)
            assert response.status_code == 502
            assert response.text.startswith("The store behind this server")
            assert str(endpoint.process.pid) not in response.text
            assert "127.0.0.1" not in response.text
            children = server.children()
            assert httpx.get(f"{server.url}/healthz").status_code == 200
        assert not any(alive(child) for child in children)


_ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { { SELECT ?a WHERE { ?a ?b ?c } LIMIT 20000 } ?d ?e ?f FILTER(?a != ?f) }"


@pytest.mark.parametrize("start", [partial(oxigraph, seconds=2), virtuoso], ids=["oxigraph", "virtuoso"])
def test_a_query_that_is_given_up_does_not_go_on_in_the_external_store(
    store: Path, tmp_path: Path, start: Callable[[], AbstractContextManager[Endpoint]]
) -> None:
    with start() as endpoint:
        publish(open_store(store), endpoint.writing, endpoint.reading)
        with relaying(endpoint, tmp_path, query_seconds=3.0, endpoint_unlimited=False) as server:
            assert server.ask(_COUNT).status_code == 200
            response = server.ask(_ENDLESS)
            assert response.status_code in (502, 504)
            wait_for(lambda: is_at_rest(endpoint.process.pid))


def is_at_rest(process: int) -> bool:
    """Say whether a process takes no more than a tenth of a processor for a while."""
    before = processor_seconds(process)
    time.sleep(1)
    return processor_seconds(process) - before < 0.1


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_store_without_a_limit_of_time_is_refused_unless_the_operator_says_so(store: Path) -> None:
    with oxigraph() as endpoint:
        publish(open_store(store), endpoint.writing, endpoint.reading)
        settings = ServerSettings(endpoint=endpoint.url, query_seconds=0.5)
        with pytest.raises(StoreError, match=r"does not end queries .* --set endpoint_unlimited=yes\.$"):
            check_time_limit(settings)


def test_a_password_is_not_on_any_command_line(store: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="IMR_GRAPH_ENDPOINT_USER"):
        ServerSettings(endpoint="http://dba:hidden-word@127.0.0.1:8890/sparql")
    with oxigraph() as endpoint:
        publish(open_store(store), endpoint.writing, endpoint.reading)
        url = endpoint.url.replace("http://", "http://someone:hidden-word@")
        start = "import sys; from imr_graph.cli.app import main; main(['serve', *sys.stdin.read().split()])"
        log = tmp_path / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen([sys.executable, "-c", start], stdin=subprocess.PIPE, stderr=stream,
                                       cwd=tmp_path, env=dict(os.environ))  # fmt: skip
        try:
            assert process.stdin is not None
            process.stdin.write(f"--endpoint {url} --port 0 --set endpoint_unlimited=yes".encode())
            process.stdin.close()
            wait_for(lambda: b'"serving"' in log.read_bytes() or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            assert "the endpoint at /sparql is served alone" in log.read_text()
            assert "hidden-word" not in log.read_text()
            workers = children_of(process.pid)
            assert workers
            for worker in workers:
                assert b"hidden-word" not in Path(f"/proc/{worker}/cmdline").read_bytes()
        finally:
            process.terminate()
            process.wait(180)
