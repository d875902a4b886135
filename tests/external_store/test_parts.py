"""Addresses, secrets, and what is said when a server misbehaves, by a server that does so on purpose."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from imr_graph.errors import StoreError, UsageError
from imr_graph.external_store.address import Address, parse_address, query_url
from imr_graph.external_store.graph import RemoteGraph
from imr_graph.external_store.http import RequestRefusedError, StoreClient
from imr_graph.external_store.publication import LineDigest

_XML = "application/sparql-results+xml"
_ROWS = b"""<?xml version="1.0"?>
<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="n"/></head>
<results><result><binding name="n"><literal>1</literal></binding></result></results></sparql>"""


class _Server(BaseHTTPRequestHandler):
    """Answers every request as `answers` says for its path: status, headers, body."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {
        "/ok": (200, {"content-type": _XML}, _ROWS),
        "/html": (200, {"content-type": "text/html"}, b"<p>Welcome</p>"),
        "/broken": (200, {"content-type": _XML}, _ROWS[:200]),
        "/short": (200, {"content-type": _XML, "content-length": "100000"}, _ROWS),
        "/cut": (200, {"content-type": _XML, "x-sparql-maxrows": "10"}, _ROWS),
        "/refuses": (400, {"content-type": "text/plain"}, b"\nno such function\nmore lines\n"),
        "/fails": (500, {"content-type": "text/plain"}, b"out of memory\n"),
        "/elsewhere": (302, {"location": "https://other.example.org/query"}, b""),
        "/closed": (401, {"www-authenticate": 'Basic realm="x"'}, b"who are you\n"),
    }
    seen: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        default: tuple[int, dict[str, str], bytes] = (404, {}, b"nothing\n")
        status, headers, body = self.answers.get(self.path, default)
        if self.path == "/closed" and self.headers.get("authorization") in _LETS_IN:
            status, headers, body = self.answers["/ok"]
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


_LETS_IN = ("Basic c29tZW9uZTpzZWNyZXQ=", "Bearer token-word")  # someone:secret


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def asked(written: str, environ: dict[str, str] | None = None) -> str:
    graph = RemoteGraph(StoreClient(parse_address(written, environ or {})))
    return graph._value("SELECT ?n WHERE { ?s ?p ?n }")


def test_a_good_answer_is_read(home: str) -> None:
    assert asked(f"{home}/ok") == "1"


@pytest.mark.parametrize(
    ("path", "kind", "sentence"),
    [
        ("/html", StoreError, "answers a query with text/html, which no SPARQL endpoint does: check the URL"),
        ("/broken", StoreError, "gave an answer that cannot be read"),
        ("/short", StoreError, "broke its answer off"),
        ("/cut", StoreError, r"cuts answers off \(it says 10\): raise its limits"),
        ("/refuses", RequestRefusedError, r"refuses the request \(400: no such function\)"),
        ("/fails", StoreError, r"failed to answer \(500: out of memory\)"),
        ("/elsewhere", StoreError, "has moved to https://other.example.org/query: use that URL"),
        ("/closed", StoreError, r"does not let this request in \(401: who are you\): set IMR_GRAPH_ENDPOINT_USER"),
        ("/no-such-path", StoreError, r"has nothing at this address \(404: nothing\): check the path"),
    ],
)
def test_a_failure_is_one_sentence(home: str, path: str, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind, match=sentence) as failed:
        asked(f"{home}{path}")
    assert str(failed.value).startswith(f"{home}{path} ")
    assert "\n" not in str(failed.value)


def test_a_name_and_password_are_given_only_to_who_asks(home: str) -> None:
    _Server.seen.clear()
    assert asked(f"{home}/ok".replace("http://", "http://someone:secret@")) == "1"
    assert all("authorization" not in headers for headers in _Server.seen)
    assert asked(f"{home}/closed".replace("http://", "http://someone:secret@")) == "1"
    assert asked(f"{home}/closed", {"IMR_GRAPH_ENDPOINT_USER": "someone", "IMR_GRAPH_ENDPOINT_PASSWORD": "secret"})
    assert asked(f"{home}/closed", {"IMR_GRAPH_ENDPOINT_TOKEN": "token-word"}) == "1"
    with pytest.raises(StoreError, match="does not let") as failed:
        asked(f"{home}/closed".replace("http://", "http://someone:wrong-secret@"))
    assert "wrong-secret" not in str(failed.value)


def test_an_address_never_shows_what_may_be_secret() -> None:
    found = parse_address("https://someone:a%40b@host.example.org:8443/query?key=hidden#part", {})
    assert (found.user, found.password) == ("someone", "a@b")
    assert found.url == "https://host.example.org:8443/query?key=hidden"
    assert found.shown == "https://host.example.org:8443/query"
    assert "a@b" not in repr(found)
    token = parse_address("https://host.example.org/", {"IMR_GRAPH_ENDPOINT_TOKEN": "hidden-word"})
    assert token.token == "hidden-word"
    assert "hidden-word" not in repr(token)


@pytest.mark.parametrize("written", ["", "host/query", "ftp://host/x", "http://", "http://host:port/", "http://[::1"])
def test_what_is_no_url_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="write it whole"):
        parse_address(written, {})


def test_a_graph_is_named_by_an_iri() -> None:
    with pytest.raises(UsageError, match="absolute IRI"):
        parse_address("http://localhost/", {}, graph="not an IRI")
    assert parse_address("http://localhost/", {"IMR_GRAPH_ENDPOINT_GRAPH": "urn:g"}) == Address(
        "http://localhost/", graph="urn:g"
    )


@pytest.mark.parametrize(
    ("graphs", "queries"),
    [
        ("http://h/store", "http://h/query"),
        ("http://h:8890/sparql-graph-crud-auth", "http://h:8890/sparql"),
        ("http://h/repositories/imr/rdf-graphs/service", "http://h/repositories/imr"),
        ("http://h/imr/data", "http://h/imr/query"),
        ("http://h/sparql", "http://h/sparql"),
    ],
)
def test_the_query_address_beside_a_graph_store(graphs: str, queries: str) -> None:
    assert query_url(graphs) == queries


def test_a_digest_stands_for_lines_in_any_order() -> None:
    digests = []
    for text in (b"a\nb\nb\n", b"b\na\nb\n", b"a\nb\n", b"a\na\nb\n"):
        digest = LineDigest()
        for line in text.splitlines(keepends=True):
            digest.update(line)
        digests.append(digest.value)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
