"""The parts of the server that can be tried without running it: settings, negotiation, rows, frames, the guard."""

from __future__ import annotations

import asyncio
import io
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph.analysis.queries.safety import calls_service
from imr_graph.endpoint.formats import accepts_gzip, choose_formats
from imr_graph.endpoint.middleware import Guard
from imr_graph.endpoint.observability import Log, Metrics
from imr_graph.endpoint.settings import ServerSettings, describe_settings, settings_from
from imr_graph.endpoint.workers.messages import BODY, END, HEAD, FrameReader, frame, message
from imr_graph.endpoint.workers.row_boundaries import BOUNDARIES
from imr_graph.endpoint.workers.worker import syntax_error
from imr_graph.errors import UnknownNameError, UsageError

PIECES = (*'"\\,{}[]<>/ab\t\r\n ', "}},{", "</result><result>", "\r\n")
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
WRITERS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}


@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS), max_size=6), st.sampled_from(sorted(WRITERS)))
def test_rows_end_where_oxigraph_ends_them_whatever_the_values_hold(
    rows: list[tuple[str, str | None]], name: str
) -> None:
    values = " ".join(f"({ox.Literal(a)} {'UNDEF' if b is None else ox.Literal(b)})" for a, b in rows)
    solutions = ox.Store().query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {values} }} }}")
    assert isinstance(solutions, ox.QuerySolutions)
    text = solutions.serialize(format=WRITERS[name])
    assert text is not None
    parting = BOUNDARIES[name]
    start = parting.opening(text)
    body = text[start:]
    ends = list(parting.ends(body))
    assert len(ends) == max(len(rows) - 1, 0)
    assert parting.count(body) == len(ends)
    assert parting.last(body) == (ends[-1] if ends else -1)
    for count, end in enumerate(ends, 1):
        if name != "csv":  # Oxigraph reads no CSV
            cut = ox.parse_query_results(text[:start] + body[:end] + parting.closing(), format=WRITERS[name])
            assert isinstance(cut, ox.QuerySolutions)
            assert len(list(cut)) == count


@given(st.lists(st.tuples(st.sampled_from([HEAD, BODY, END]), st.binary(max_size=40))), st.integers(1, 9))
def test_frames_come_out_as_they_went_in_however_they_are_taken_apart(
    frames: list[tuple[bytes, bytes]], step: int
) -> None:
    data = b"".join(frame(letter, content) for letter, content in frames)
    reader = FrameReader()
    found: list[tuple[bytes, bytes]] = []
    for at in range(0, len(data), step):
        found += reader.feed(data[at : at + step])
    assert [f for f in found if f[0] != BODY] == [f for f in frames if f[0] != BODY]
    assert b"".join(f[1] for f in found if f[0] == BODY) == b"".join(f[1] for f in frames if f[0] == BODY)


def test_a_message_is_json() -> None:
    assert list(FrameReader().feed(message(END, {"rows": 3}))) == [(END, b'{"rows": 3}')]


@pytest.mark.parametrize(
    "header", ["", ",", ";;;q=", "a/b;q=nan", "*", "text/csv;q=2", "q=1", "é", "text/turtle," * 900]
)
def test_a_broken_accept_header_is_no_error(header: str) -> None:
    assert set(choose_formats(header)) == {"solutions", "boolean", "graph"}
    assert accepts_gzip(header) is (header == "*")


def test_each_setting_has_a_sentence_and_a_default() -> None:
    assert set(describe_settings()) == {one.name for one in fields(ServerSettings)}
    for _, sentence in describe_settings().values():
        assert sentence.endswith(".")


def test_settings_come_from_what_is_given_then_from_the_environment_then_from_the_defaults() -> None:
    environ = {
        "IMR_GRAPH_SERVE_PORT": "8001",
        "IMR_GRAPH_SERVE_METRICS": "off",
        "IMR_GRAPH_SERVE_CORS": "*",
        "HOME": "x",
    }
    found = settings_from(environ, port=9000, queue=None, query_seconds="2.5", store="elsewhere")
    assert (found.port, found.metrics, found.cors, found.queue) == (9000, False, ("*",), 64)
    assert (found.query_seconds, found.store) == (2.5, Path("elsewhere"))
    assert (found.host, found.hosts) == ("127.0.0.1", ())


@pytest.mark.parametrize(
    ("environ", "error"),
    [
        ({"IMR_GRAPH_SERVE_PROT": "1"}, UnknownNameError),
        ({"IMR_GRAPH_SERVE_PORT": "many"}, UsageError),
        ({"IMR_GRAPH_SERVE_METRICS": "perhaps"}, UsageError),
        ({"IMR_GRAPH_SERVE_WORKERS": "1"}, UsageError),
        ({"IMR_GRAPH_SERVE_QUEUE": "-1"}, UsageError),
        ({"IMR_GRAPH_SERVE_QUERY_SECONDS": "nan"}, UsageError),
        ({"IMR_GRAPH_SERVE_QUERY_SECONDS": "inf"}, UsageError),
        ({"IMR_GRAPH_SERVE_MEMORY_BYTES": "1"}, UsageError),
        ({"IMR_GRAPH_SERVE_PUBLIC_URL": "imr.example.org"}, UsageError),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        settings_from(environ)


@pytest.mark.parametrize("query", ["SELECT * { SERVICE <a:b> {} }", "SELECT * { \\u0073ervice <a:b> {} }"])
def test_a_call_of_another_server_is_seen(query: str) -> None:
    assert calls_service(query)


def test_the_sentence_for_a_wrong_query_is_short_and_has_its_place() -> None:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query("ASK {")
    sentence = syntax_error("ASK {", str(caught.value))
    assert sentence.startswith("The query is not valid SPARQL at line 1, column 6, near")
    assert len(sentence) < 400


def test_a_fault_of_the_server_is_logged_by_name_and_told_without_it() -> None:
    async def broken(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ZeroDivisionError("/secret/path")

    stream = io.StringIO()
    guard = Guard(broken, ServerSettings(), Metrics(), Log(stream))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=guard)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/")

    response = asyncio.run(ask())
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "ZeroDivisionError" in stream.getvalue()
    assert response.headers["x-content-type-options"] == "nosniff"
