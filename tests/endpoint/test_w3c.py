"""The W3C's tests of the SPARQL 1.1 Protocol, against a running server over a store with their data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF

from support.endpoint_server import Server, running, write_cases
from support.paths import SHARED

HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
_SHARED = SHARED / "w3c"

FORMATS = {
    "boolean": ("application/sparql-results+xml", "application/sparql-results+json"),
    "tabular": (
        *("application/sparql-results+xml", "application/sparql-results+json"),
        *("text/csv", "text/tab-separated-values"),
    ),
    "RDF": ("application/rdf+xml", "text/turtle", "application/n-triples"),
}


@dataclass(frozen=True)
class Request:
    """One request of a test and what is expected of its response."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    good: bool
    boolean: bool | None
    format: str | None


@dataclass(frozen=True)
class Case:
    """One test: its requests in order; `updates` says that it expects an update to be carried out."""

    name: str
    requests: tuple[Request, ...]

    @property
    def updates(self) -> bool:
        """Whether it expects an update to be carried out."""
        return self.name.startswith("update_")


def cases() -> list[Case]:
    """Read the tests; an empty list where the manifests are not on this machine."""
    file = _SHARED / "sparql11-protocol" / "manifest.ttl"
    if not file.is_file():
        return []
    graph = rdflib.Graph().parse(file)
    manifest = graph.value(predicate=RDF.type, object=MF.Manifest)
    return [_case(graph, entry) for entry in Collection(graph, graph.value(manifest, MF.entries))]


def _case(graph: rdflib.Graph, entry: rdflib.term.Node) -> Case:
    requests = Collection(graph, graph.value(graph.value(entry, MF.action), HT.requests))
    return Case(str(entry).rpartition("#")[2], tuple(_request(graph, one) for one in requests))


def _request(graph: rdflib.Graph, node: rdflib.term.Node) -> Request:
    body, headers, response = (graph.value(node, name) for name in (HT.body, HT.headers, HT.resp))
    named = Collection(graph, headers) if headers else ()
    text = str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding))) if body else None
    statuses = [str(status)[-3:] for status in graph.objects(response, MF.expectedStatus)]
    boolean, format = graph.value(response, MF.expectedBoolean), graph.value(response, MF.expectedFormat)
    return Request(
        method=str(graph.value(node, HT.methodName)),
        path=str(graph.value(node, HT.absolutePath)),
        headers={str(graph.value(h, HT.fieldName)): str(graph.value(h, HT.fieldValue)) for h in named},
        body=text,
        good="2xx" in statuses,
        boolean=None if boolean is None else bool(boolean.toPython()),
        format=None if format is None else str(format),
    )


@pytest.fixture(scope="module")
def server(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server whose store holds the tests' graphs by the names that they give them."""
    folder = tmp_path_factory.mktemp("w3c")
    quads = []
    for number in (1, 2, 3):
        name = ox.NamedNode(f"http://kasei.us/2009/09/sparql/data/data{number}.rdf")
        text = (shared / "w3c" / "sparql11-protocol" / f"data{number}.nt").read_bytes()
        quads += [
            ox.Quad(quad.subject, quad.predicate, quad.object, name)
            for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
        ]
    write_cases(folder / "store", count=1, extra=quads)
    with running(folder / "store", folder, workers=2) as server:
        yield server


def send(server: Server, request: Request) -> httpx.Response:
    url = server.url + request.path.replace("/sparql/", "/sparql", 1)
    # An exact request: no header of httpx's own choice may stand for one that the test leaves out.
    return httpx.request(request.method, url, headers=request.headers, content=request.body)


def check(response: httpx.Response, request: Request) -> None:
    assert response.status_code // 100 in ((2, 3) if request.good else (4,)), response.text
    if request.format is not None:
        assert response.headers["content-type"].partition(";")[0] in FORMATS[request.format]
    if request.boolean is not None:
        assert response.json()["boolean"] is request.boolean


@pytest.mark.parametrize("case", [c for c in cases() if not c.updates], ids=lambda case: case.name)
def test_a_query_or_a_bad_request_is_answered_as_the_w3c_expects(server: Server, case: Case) -> None:
    for request in case.requests:
        check(send(server, request), request)


@pytest.mark.parametrize("case", [c for c in cases() if c.updates], ids=lambda case: case.name)
def test_an_update_that_the_w3c_expects_of_a_writable_store_is_refused_and_changes_nothing(
    server: Server, case: Case
) -> None:
    everything = "SELECT (COUNT(*) AS ?n) WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    before = server.value(everything)
    update, *queries = case.requests
    assert send(server, update).status_code in (400, 415)
    for query in queries:
        response = send(server, query)
        assert response.status_code == 200
        assert response.json()["boolean"] is False
    assert server.value(everything) == before


def test_the_manifest_has_the_tests_that_it_should(shared: Path) -> None:
    assert (shared / "w3c").is_dir()
    assert len(cases()) == 34


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # inside rdflib
@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]
)
def test_the_service_description_is_rdf_that_names_the_endpoint(server: Server, accept: str) -> None:
    """The W3C's three tests of service descriptions: RDF is returned, sd:endpoint matches, and the schema is kept."""
    response = httpx.get(server.sparql, headers={"accept": accept})
    graph = rdflib.Graph().parse(data=response.content, format=accept)
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    service = rdflib.URIRef(server.sparql)
    assert (service, sd.endpoint, service) in graph
    assert (service, RDF.type, sd.Service) in graph
    [dataset] = graph.objects(service, sd.defaultDataset)
    assert (dataset, RDF.type, sd.Dataset) in graph
    named = {str(graph.value(one, sd.name)) for one in graph.objects(dataset, sd.namedGraph)}
    assert named == {f"http://kasei.us/2009/09/sparql/data/data{n}.rdf" for n in (1, 2, 3)}
    assert not list(graph.objects(service, sd.feature))
    assert re.match(r"text/turtle|application/", response.headers["content-type"])
    assert quote("#") not in server.sparql
