"""Whatever comes in ends in an answer or in one sentence: six ways in, fed with changed pieces of examples of ours.

Each way is tried for the seconds that IMR_GRAPH_FUZZ_SECONDS says, by default 15 seconds, so that all of them
together take less than two minutes of a whole run; by hand as long as one likes:

    IMR_GRAPH_FUZZ_SECONDS=3600 python -m pytest tests/fuzz -k search

What it finds becomes a test where the fault was.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial, wraps
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from imr_graph import corrections
from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.parameters import parse_parameter
from imr_graph.analysis.search.query_syntax import parse_query
from imr_graph.endpoint.http import QueryError
from imr_graph.endpoint.protocol import parse_request
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.messages import Job
from imr_graph.errors import ImrGraphError, LetterError
from imr_graph.extraction import extract
from imr_graph.letters import Source, read_letter
from imr_graph.model import Letter
from imr_graph.records import to_record
from imr_graph.store.graph_store import GraphStore, memory_store
from imr_graph.store.search_index import FIELDS
from support.paths import PROJECT

pytestmark = pytest.mark.slow

_SECONDS = float(os.environ.get("IMR_GRAPH_FUZZ_SECONDS", "15"))
_MANY = 1_000_000
_LETTERS = sorted((PROJECT / "examples" / "letters").glob("*"))
_TEXTS = [file.read_text("utf-8") for file in _LETTERS if file.suffix == ".txt"]


def fuzz(**strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a test be called with examples until it has had its time."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        started: list[float] = []

        @wraps(test)
        def within_time(**values: Any) -> None:
            if not started:
                started.append(time.monotonic())
            if time.monotonic() - started[0] < _SECONDS:
                test(**values)
            else:
                raise _DoneError

        found = given(**strategies)(within_time)
        limits = settings(
            max_examples=_MANY,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )

        @wraps(test)
        def until_done() -> None:
            try:
                limits(found)()
            except _DoneError:
                return

        del until_done.__wrapped__  # type: ignore[attr-defined] # pytest would ask for the values
        return until_done

    return decorate


def check_sentence(error: Exception) -> None:
    assert str(error)
    assert "\n" not in str(error)


class _DoneError(BaseException):
    """The time is up."""


@st.composite
def changed(draw: st.DrawFn, seeds: list[Any], piece: st.SearchStrategy[Any]) -> Any:
    """Return a seed of which some pieces are cut out, doubled, moved or replaced."""
    text = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        start, end = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        end = min(end, start + draw(st.sampled_from([1, 8, 80, 800])))
        place = draw(st.integers(0, len(text)))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:place] + text[start:end] * draw(st.integers(1, 5)) + text[place:]
            case 2:
                text = text[:start] + draw(piece) + text[end:]
            case _:
                text = text[:place]
    return text


@fuzz(data=changed([file.read_bytes() for file in _LETTERS], st.binary(max_size=8)))
def test_bytes_are_a_letter_or_a_sentence(data: bytes) -> None:
    try:
        letter = read_letter(Source("a", len(data), partial(bytes, data)))
    except LetterError as error:
        check_sentence(error)
    else:
        assert isinstance(letter, Letter)


@fuzz(text=changed(_TEXTS, st.text(max_size=40)))
def test_a_text_is_a_determination_or_a_sentence(text: str) -> None:
    try:
        determination = extract(Letter(text, "a.txt"))
    except LetterError as error:
        check_sentence(error)
        return
    assert json.dumps(to_record(determination))
    assert all(0 <= span.start <= span.end <= len(text) for span in determination.spans.values())


_CORRECTIONS = [
    """- case: CM16-9990009
  field: /items/0/decision
  value: overturned
  was: upheld
  reason: the letter says so on page 3
  by: someone
  date: 2026-01-31
""",
    "- {case: CM16-9990009, field: /dates/decided, value: 2016-02-30}\n",
]


@fuzz(text=changed(_CORRECTIONS, st.text(st.characters(exclude_categories=["Cs"]), max_size=20)))
def test_corrections_are_read_or_refused_in_a_sentence(text: str) -> None:
    file = scratch() / "a.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        corrections.read([file])
    except ImrGraphError as error:
        check_sentence(error)


@cache
def scratch() -> Path:
    return Path(_FOLDER.name)


_FOLDER = tempfile.TemporaryDirectory(prefix="imr-graph-fuzz-")


@cache
def empty_store() -> GraphStore:
    return memory_store()


_PARAMETERS = [(q.name, p) for q in library.list_questions() for p in q.parameters]
_VALUES = sorted({p.example or "1" for _, p in _PARAMETERS})


@fuzz(parameter=st.sampled_from([p for _, p in _PARAMETERS]), written=changed(_VALUES, st.text(max_size=9)) | st.text())
def test_a_parameter_is_a_term_or_a_sentence(parameter: library.Parameter, written: str) -> None:
    try:
        assert str(parse_parameter(parameter, written, empty_store()))
    except ImrGraphError as error:
        check_sentence(error)


_SEARCHES = [
    'opioid* -"opioid naive"',
    "rationale:taper OR (heading:MRI NOT knee)",
    '"a b" c* NOT (d OR e)',
    "-a",
    "()",
]


@fuzz(text=changed(_SEARCHES, st.text(max_size=5)) | st.text('ab"*()-: ORNT\0\ud800é', max_size=30))
def test_a_search_is_an_expression_of_the_index_or_a_sentence(text: str) -> None:
    try:
        query = parse_query(text, every="x1", mark=lambda _name, _value: "marks : x2")
    except ImrGraphError as error:
        check_sentence(error)
        return
    for expression in query.found if query else ():
        index().execute("select count(*) from words where words match ?", (expression,)).fetchone()


@cache
def index() -> sqlite3.Connection:
    found = sqlite3.connect(":memory:")
    found.execute(f"create virtual table words using fts5 ({', '.join(FIELDS)}, marks)")
    return found


_REQUESTS = [
    b"query=ASK%20%7B%7D&format=json&default-graph-uri=urn:x",
    b"query=SELECT+*+WHERE+%7B%3Fs+%3Fp+%3Fo%7D&named-graph-uri=http://a/%20b",
    b"ASK {}",
    b"update=CLEAR+ALL",
]
_TYPES = [
    b"application/x-www-form-urlencoded",
    b"application/sparql-query",
    b"application/sparql-query; charset=x",
    b"",
]


@fuzz(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT"]),
    query=changed(_REQUESTS, st.binary(max_size=6)),
    body=changed(_REQUESTS, st.binary(max_size=6)),
    media_type=changed(_TYPES, st.binary(max_size=6)),
    accept=changed([b"text/csv;q=0.5, */*", b"application/sparql-results+json"], st.binary(max_size=6)),
)
def test_a_request_is_a_job_or_a_sentence(
    method: str, query: bytes, body: bytes, media_type: bytes, accept: bytes
) -> None:
    headers = [(b"content-type", media_type), (b"accept", accept), (b"host", b"localhost")]
    scope = {
        "type": "http", "method": method, "query_string": query, "headers": headers, "path": "/sparql",
        "raw_path": b"/sparql", "scheme": "http", "server": ("localhost", 80),
        "client": ("127.0.0.1", 9), "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        job = anyio.run(parse_request, scope, receive, ServerSettings())
    except QueryError as error:
        check_sentence(error)
    else:
        assert job is None or isinstance(job, Job)
