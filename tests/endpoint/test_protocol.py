"""The SPARQL 1.1 Protocol, query part, over HTTP: a table of requests and answers against a running server."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest

from support.endpoint_server import CASES, Server, running, write_cases
from support.waiting import wait_for

ONE = "SELECT ?x WHERE { VALUES ?x { 1 } }"
GRAPH = "CONSTRUCT { <http://example.org/s> <http://example.org/p> 'é\u2028<&>' } WHERE {}"
FORM = {"content-type": "application/x-www-form-urlencoded"}
DIRECT = {"content-type": "application/sparql-query"}
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("protocol")
    names = (ox.NamedNode(f"http://example.org/g{n}") for n in (1, 2))
    extra = [ox.Quad(ox.NamedNode(f"{g.value}/s"), ox.NamedNode("http://example.org/p"), g, g) for g in names]
    write_cases(folder / "store", extra=extra)
    settings = {"workers": 2, "body_bytes": 20_000, "cors": "https://notes.example.org", "hosts": "imr.example.org"}
    with running(folder / "store", folder, **settings) as server:
        yield server


@pytest.mark.parametrize(
    ("method", "url", "headers", "body", "status"),
    [
        ("GET", f"?query={quote(ONE)}", {}, None, 200),
        ("GET", f"/?query={quote(ONE)}", {}, None, 200),
        ("HEAD", f"?query={quote(ONE)}", {}, None, 200),
        ("POST", "", FORM, f"query={quote(ONE)}", 200),
        ("POST", "", {"content-type": FORM["content-type"] + "; charset=UTF-8"}, f"query={quote(ONE)}", 200),
        ("POST", "", {"content-type": "Application/SPARQL-Query"}, ONE, 200),
        ("POST", "", {"content-type": 'application/sparql-query; charset="utf-8"'}, ONE, 200),
        ("POST", "?default-graph-uri=http%3A%2F%2Fexample.org%2Fg1", DIRECT, ONE, 200),
        ("GET", f"?query={quote(ONE)}&unknown=1&unknown=2", {}, None, 200),
        ("GET", f"?query={quote(ONE)}&query={quote(ONE)}", {}, None, 400),
        ("GET", "?query=", {}, None, 400),
        ("GET", "?default-graph-uri=http%3A%2F%2Fexample.org%2Fg1", {}, None, 400),
        ("GET", f"?query={quote(ONE)}&default-graph-uri=relative", {}, None, 400),
        ("GET", "?query=%FF%FE", {}, None, 400),
        ("GET", "?" + "&".join(f"a{n}=1" for n in range(2000)), {}, None, 400),
        ("POST", "", FORM, "", 400),
        ("POST", "", FORM, "nothing=1", 400),
        ("POST", f"?query={quote(ONE)}", FORM, f"query={quote(ONE)}", 400),
        ("POST", f"?query={quote(ONE)}", DIRECT, ONE, 400),
        ("POST", "", DIRECT, b"ASK { ?s ?p '\xff' }", 400),
        ("POST", "", DIRECT, "", 400),
        ("POST", "", {"content-type": "text/plain"}, ONE, 415),
        ("POST", "", DIRECT, "\ufeff" + ONE, 200),
        ("GET", "?query=%EF%BB%BFASK%20%7B%7D", {}, None, 200),
        ("POST", "", {"content-type": "application/json"}, '{"query": "ASK {}"}', 415),
        ("POST", "", {"content-type": "multipart/form-data; boundary=x"}, "--x--", 415),
        ("POST", "", {"content-type": "application/sparql-query; charset=utf-16"}, ONE.encode("utf-16"), 415),
        ("POST", "", {**DIRECT, "content-encoding": "gzip"}, gzip.compress(ONE.encode(), mtime=0), 415),
        ("POST", "", {}, ONE, 415),
        ("POST", "", {"content-type": "application/sparql-update"}, "CLEAR ALL", 415),
        ("POST", "", FORM, "update=CLEAR%20ALL", 400),
        ("GET", "?update=CLEAR%20ALL", {}, None, 400),
        ("POST", "", DIRECT, "CLEAR ALL", 400),
        ("POST", "", DIRECT, "LOAD <file:///etc/passwd>", 400),
        ("POST", "", DIRECT, "x" * 20_001, 413),
        ("PUT", "", DIRECT, ONE, 405),
        ("DELETE", "", {}, None, 405),
        ("PATCH", "", DIRECT, ONE, 405),
    ],
)
def test_each_kind_of_request_gets_its_status(
    server: Server, method: str, url: str, headers: dict[str, str], body: str | bytes | None, status: int
) -> None:
    response = httpx.request(method, server.sparql + url, headers=headers, content=body)
    assert response.status_code == status, response.text
    if status >= 400:
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert len(response.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (ONE, "", JSON),
        (ONE, "*/*", JSON),
        (ONE, JSON, JSON),
        (ONE, XML, XML),
        (ONE, "text/csv", "text/csv"),
        (ONE, "text/tab-separated-values", "text/tab-separated-values"),
        (ONE, "application/json", "application/json"),
        (ONE, "text/xml", "text/xml"),
        (ONE, "text/*", "text/csv"),
        (ONE, "application/*", JSON),
        (ONE, f"{JSON};q=0.2, {XML};q=0.9", XML),
        (ONE, f"{JSON};q=0, */*", XML),
        (ONE, f"*/*;q=0.1, {XML};q=0.05", JSON),
        (ONE, f"application/*;q=0, text/csv;q=0, */*;q=0.1, {XML};q=0", "text/tab-separated-values"),
        (ONE, "TEXT/CSV;Q=1", "text/csv"),
        (ONE, "text/csv;q=nonsense, text/tab-separated-values;q=0.1", "text/tab-separated-values"),
        (ONE, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml"),
        (ONE, "text/turtle", None),
        (ONE, "image/png", None),
        (ONE, "*/*;q=0", None),
        ("ASK {}", "text/turtle, text/csv;q=0.1", "text/csv"),
        ("ASK {}", XML, XML),
        (GRAPH, "", "text/turtle"),
        (GRAPH, "application/n-triples", "application/n-triples"),
        (GRAPH, "application/rdf+xml", "application/rdf+xml"),
        (GRAPH, "application/ld+json", "application/ld+json"),
        (GRAPH, 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"', "application/ld+json"),
        (GRAPH, f"{JSON}, text/turtle;q=0.1", "text/turtle"),
        (GRAPH, JSON, None),
        ("DESCRIBE <http://example.org/g1/s>", "*/*", "text/turtle"),
    ],
)
def test_the_format_is_the_one_that_the_client_likes_best(
    server: Server, query: str, accept: str, expected: str | None
) -> None:
    response = server.ask(query, headers={"accept": accept})
    if expected is None:
        assert response.status_code == 406
    else:
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] == expected
        assert "accept" in response.headers["vary"]


@pytest.mark.parametrize(
    ("format", "expected"),
    [("csv", "text/csv"), ("text/csv", "text/csv"), ("no-such", XML), ("turtle", XML), ("*/*", XML), ("", XML)],
)
def test_a_link_may_name_the_format_and_the_accept_header_decides_where_it_does_not_fit(
    server: Server, format: str, expected: str
) -> None:
    response = httpx.get(server.sparql, params={"query": ONE, "format": format}, headers={"accept": XML})
    assert response.headers["content-type"].partition(";")[0] == expected


@pytest.mark.parametrize("media_type", [JSON, XML, "text/csv", "text/tab-separated-values"])
def test_a_table_says_the_same_in_each_format(server: Server, media_type: str) -> None:
    query = (
        """SELECT ?a ?b WHERE { VALUES (?a ?b) { ("é,\\"\\n]}}" UNDEF) (<http://example.org/ü> "x"@en) (4.5 true) } }"""
    )
    response = server.ask(query, headers={"accept": media_type})
    if media_type == "text/csv":
        assert response.text == 'a,b\r\n"é,""\n]}}",\r\nhttp://example.org/ü,x\r\n4.5,true\r\n'
        return
    found = ox.parse_query_results(response.content, format=ox.QueryResultsFormat.from_media_type(media_type))
    assert isinstance(found, ox.QuerySolutions)
    en, decimal = ox.Literal("x", language="en"), ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
    assert [(row["a"], row["b"]) for row in found] == [
        (ox.Literal('é,"\n]}}'), None),
        (ox.NamedNode("http://example.org/ü"), en),
        (ox.Literal("4.5", datatype=decimal), ox.Literal(True)),
    ]


@pytest.mark.parametrize(
    "media_type", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]
)
def test_a_graph_says_the_same_in_each_format(server: Server, media_type: str) -> None:
    response = server.ask(GRAPH, headers={"accept": media_type})
    format = ox.RdfFormat.from_media_type(media_type)
    assert format is not None
    [quad] = ox.parse(response.content, format=format)
    assert quad.object == ox.Literal("é\u2028<&>")


@pytest.mark.parametrize("media_type", [XML, "application/rdf+xml"])
def test_characters_that_xml_cannot_hold_do_not_break_the_document(server: Server, media_type: str) -> None:
    body = '"a\\u0001b\\uFFFEc"'
    query = f"SELECT ({body} AS ?x) {{}}" if media_type == XML else f"CONSTRUCT {{ <a:s> <a:p> {body} }} WHERE {{}}"
    text = server.ask(query, headers={"accept": media_type}).text
    assert "ab\ufffdc" in text


def test_rdf_xml_that_cannot_be_written_is_told_instead_of_written_wrong(server: Server) -> None:
    query = "CONSTRUCT { <a:s> <http://example.org/1> 2 } WHERE {}"
    response = server.ask(query, headers={"accept": "application/rdf+xml"})
    assert response.status_code == 406
    assert "text/turtle" in response.text


@pytest.mark.parametrize("text", ["100% & more = ü+é\U0001f600 #?/", "%41%2B", "a+b", "\\u0041", "''\"\t"])
def test_what_is_percent_encoded_comes_back_as_it_was(server: Server, text: str) -> None:
    literal = text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"').replace("\t", "\\t")
    query = f"SELECT ('{literal}' AS ?x) WHERE {{}}"
    answers = [
        httpx.get(f"{server.sparql}?query={quote(query, safe='')}"),
        httpx.get(server.sparql, params={"query": query}),
        httpx.post(server.sparql, data={"query": query}),
        httpx.post(server.sparql, content=query.encode(), headers=DIRECT),
    ]
    assert [answer.json()["results"]["bindings"][0]["x"]["value"] for answer in answers] == [text] * 4


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT * WHERE {\n  ?s ?p }", "line 2, column"),
        ("ASK {", "line 1, column 6"),
        ("SELECT ?x WHERE { ?x nope:y ?z }", "line 1, column"),
    ],
)
def test_an_error_has_its_line_and_column_and_nothing_of_the_machine(server: Server, query: str, place: str) -> None:
    response = server.ask(query)
    assert response.status_code == 400
    assert place in response.text
    assert not any(word in response.text for word in ("Traceback", "/tmp", "/home", ".py", ".rs"))


def test_relative_iris_are_resolved_by_the_endpoint(server: Server) -> None:
    assert server.value("SELECT (<x> AS ?x) WHERE {}") == f"{server.url}/x"


def test_a_head_request_has_the_head_of_its_answer_and_no_body(server: Server) -> None:
    head = httpx.head(server.sparql, params={"query": ONE})
    assert head.headers["content-type"] == JSON
    assert head.content == b""
    assert httpx.head(server.sparql).headers["content-type"] == "text/turtle"
    assert httpx.head(server.sparql, params={"query": "ASK {"}).status_code == 400


def test_options_names_the_methods(server: Server) -> None:
    response = httpx.options(server.sparql)
    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert httpx.put(server.sparql).headers["allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize(
    ("asked", "packed"), [("gzip", True), ("br, gzip;q=0.1", True), ("gzip;q=0, *", False), ("", False)]
)
def test_an_answer_is_compressed_where_the_client_asks_for_it(server: Server, asked: str, packed: bool) -> None:
    query = "SELECT * WHERE { ?s ?p ?o }"
    plain = server.ask(query, headers={"accept-encoding": "identity"})
    with httpx.stream("GET", server.sparql, params={"query": query}, headers={"accept-encoding": asked}) as response:
        raw = b"".join(response.iter_raw())
    assert ("content-encoding" in response.headers) is packed
    assert (gzip.decompress(raw) if packed else raw) == plain.content
    assert not packed or len(raw) < len(plain.content) / 3


class Datasets:
    """Datasets that the request names, of the graphs that are there."""

    DEFAULT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    NAMED = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


@pytest.mark.parametrize(
    ("query", "default", "named", "count"),
    [
        (Datasets.NAMED, [], [], 2),
        (Datasets.DEFAULT, ["g1"], [], 1),
        (Datasets.DEFAULT, ["g1", "g2"], [], 2),
        (Datasets.DEFAULT, ["unknown"], [], 0),
        (Datasets.DEFAULT, [], ["g1"], 0),
        (Datasets.NAMED, ["g1"], [], 0),
        (Datasets.NAMED, [], ["g2"], 1),
        (Datasets.NAMED, ["g1"], ["g1", "g2", "unknown"], 2),
        (Datasets.DEFAULT.replace("WHERE", "FROM <http://example.org/g2> WHERE"), [], [], 1),
        (Datasets.DEFAULT.replace("WHERE", "FROM <http://example.org/g2> WHERE"), ["unknown"], [], 0),
    ],
)
def test_the_dataset_of_the_request_is_honoured_among_the_graphs_that_are_there(
    server: Server, query: str, default: list[str], named: list[str], count: int
) -> None:
    parameters = [("query", query)]
    parameters += [("default-graph-uri", f"http://example.org/{name}") for name in default]
    parameters += [("named-graph-uri", f"http://example.org/{name}") for name in named]
    for response in (httpx.get(server.sparql, params=parameters), httpx.post(server.sparql, data=dict_of(parameters))):
        assert response.json()["results"]["bindings"][0]["n"]["value"] == str(count)


def dict_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def test_the_description_of_the_data_is_true(server: Server) -> None:
    response = httpx.get(server.sparql, headers={"accept": "application/n-triples"})
    store = ox.Store()
    store.load(response.content, format=ox.RdfFormat.N_TRIPLES)
    dataset = ox.NamedNode("https://w3id.org/imr-graph/id/dataset")
    [quad] = store.quads_for_pattern(dataset, ox.NamedNode("http://rdfs.org/ns/void#entities"), None, None)
    assert quad.object.value == str(CASES)  # type: ignore[union-attr]
    assert httpx.get(server.sparql, headers={"accept": "image/png"}).status_code == 406


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # inside rdflib
def test_an_independent_client_is_served(server: Server) -> None:
    from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

    client = SPARQLWrapper(server.sparql)
    client.setQuery("SELECT ?case WHERE { ?case a imr:Case } ORDER BY ?case LIMIT 2")
    for method in (None, POST):
        client.setMethod(method or "GET")
        for form in ("urlencoded", POSTDIRECTLY):
            client.setRequestMethod(form)
            client.setReturnFormat(JSON)
            assert len(client.queryAndConvert()["results"]["bindings"]) == 2
            client.setReturnFormat(XML)
            assert len(client.queryAndConvert().getElementsByTagName("result")) == 2
            for format in (CSV, TSV):
                client.setReturnFormat(format)
                assert len(client.queryAndConvert().splitlines()) == 3
    client.setQuery("CONSTRUCT WHERE { ?case a imr:Case } LIMIT 2")
    for format in (TURTLE, N3, RDFXML, JSONLD):
        client.setReturnFormat(format)
        found = client.queryAndConvert()
        assert len(found) == 2 if format in (RDFXML, JSONLD) else b"CM99" in found


def test_a_large_answer_comes_in_pieces(server: Server) -> None:
    """XML can say at its end that it was cut, so it is sent while it is written."""
    query = "SELECT * WHERE { ?s ?p ?o . ?case a imr:Case } LIMIT 5000"
    headers = {"accept": XML, "accept-encoding": "identity"}
    with httpx.stream("GET", server.sparql, params={"query": query}, headers=headers) as response:
        assert response.headers["transfer-encoding"] == "chunked"
        assert response.read().endswith(b"</results></sparql>")


def test_every_answer_carries_the_headers_that_contain_it(server: Server) -> None:
    for response in (server.ask(ONE), server.ask("ASK {"), httpx.get(f"{server.url}/healthz"), httpx.get(server.url)):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in response.headers
        assert "server" not in response.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:80", 200),
        ("imr.example.org", 200),
        ("evil.example.org", 421),
        ("imr.example.org.evil.example", 421),
        ("", 421),
        ("127.0.0.1:80@evil.example.org", 421),
        ("127.0.0.1:evil.example.org", 421),
        ("127.0.0.1/evil.example.org", 421),
        ("[::1]evil.example.org", 421),
    ],
)
def test_only_requests_for_its_own_hosts_are_answered(server: Server, host: str, status: int) -> None:
    assert server.ask(ONE, headers={"host": host}).status_code == status


def test_other_origins_may_read_answers_only_where_it_is_set(server: Server) -> None:
    allowed = server.ask(ONE, headers={"origin": "https://notes.example.org"})
    assert allowed.headers["access-control-allow-origin"] == "https://notes.example.org"
    other = server.ask(ONE, headers={"origin": "https://evil.example.org"})
    assert "access-control-allow-origin" not in other.headers
    asking = {"origin": "https://notes.example.org", "access-control-request-method": "POST"}
    preflight = httpx.options(server.sparql, headers={**asking, "access-control-request-headers": "content-type"})
    assert preflight.status_code == 200
    refused = httpx.options(server.sparql, headers={**asking, "origin": "https://evil.example.org"})
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)
    assert "POST" in preflight.headers["access-control-allow-methods"]
    for response in (allowed, other, preflight):
        assert "access-control-allow-credentials" not in response.headers
        assert "origin" in response.headers["vary"].lower()


def test_health_readiness_and_metrics_answer(server: Server) -> None:
    assert httpx.get(f"{server.url}/healthz").text == "alive\n"
    assert httpx.get(f"{server.url}/readyz").text == "ready, generation 1\n"
    before = server.metric("imr_query_seconds_count")
    server.ask(ONE)
    assert server.metric("imr_query_seconds_count") == before + 1
    assert server.metric("imr_generation") == 1


def test_the_log_is_json_without_queries_and_clients(server: Server) -> None:
    server.ask("SELECT ('a secret of mine' AS ?x) WHERE {}", headers={"user-agent": "{}"})
    text = server.log.read_text()
    assert "secret" not in text
    assert "127.0.0.1" not in text.replace(server.url, "")
    wait_for(lambda: server.events("query")[-1]["rows"] == 1)
    assert all(line.startswith("{") for line in io.StringIO(text))
