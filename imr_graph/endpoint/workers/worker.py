"""A worker: a process of its own that evaluates one query at a time and may be killed at any moment.

It is started as `python -m imr_graph.endpoint.workers.worker FD SETUP`: the number of a socket to the server, and
JSON (`Setup`).
Four walls stand around it: a timer of the system that ends it, a limit on its memory, no file or connection that it
could open once the store is open but as many as the database has yet to open, and a store that is opened read-only.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from imr_graph.analysis.queries.safety import UPDATES, calls_service, describe_syntax_error, keywords
from imr_graph.endpoint.formats import BOOLEAN, BY_NAME, GRAPH, SOLUTIONS, AnswerFormat
from imr_graph.endpoint.http import QueryError, failure
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.messages import ASK, FAILED, HEADER_SIZE, READY, Job, Setup, message, parse_header
from imr_graph.endpoint.workers.output import (
    LimitReachedError,
    ResponseWriter,
    RowLimitedWriter,
    TripleLimitedWriter,
)
from imr_graph.endpoint.workers.row_boundaries import BOUNDARIES
from imr_graph.errors import StoreError
from imr_graph.graph.readable import ReadableGraph
from imr_graph.iris import PREFIXES

__all__ = ["evaluate", "main", "run", "syntax_error"]

_LONGEST_REASON = 300
# RDF/XML writes a property as the name of an element: the end of its IRI must be one.
_ELEMENT_NAME = re.compile(r"[^\W\d][\w.\-]*$")
# getrusage counts the memory that was taken in bytes on macOS, in KiB elsewhere.
_MEMORY_UNIT: Final = 1 if sys.platform == "darwin" else 1024
_FILES_OF_PROXY: Final = 64
_WORN_OUT: Final = 0.5  # share of its memory limit that a worker has taken when it is replaced after its answer


def main() -> None:
    """Run the worker that the command line describes, until the server closes the socket."""
    run(socket.socket(fileno=int(sys.argv[1])), Setup.parse(sys.argv[2]))


def run(server: socket.socket, setup: Setup) -> None:
    """Open the store, close the walls, answer queries."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the server, which stops its workers
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        store = _open_store(setup)
        store.query("ASK { ?s ?p ?o }")
    except (OSError, StoreError):
        server.sendall(message(FAILED, {}))
        return
    _close_walls(setup)
    server.sendall(message(READY, {}))
    prefixes = {**PREFIXES, "id": setup.base}

    def is_worn_out() -> bool:
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MEMORY_UNIT
        return taken > _WORN_OUT * setup.settings.memory_bytes

    while job := _receive_job(server):
        signal.setitimer(signal.ITIMER_REAL, setup.settings.query_seconds)
        try:
            response = ResponseWriter(server, {}, gzip=job.gzip, should_recycle=is_worn_out)
            _answer(store, job, setup.settings, prefixes, response)
        except OSError:
            return  # the server has closed the socket, or an answer was broken off on purpose
        signal.setitimer(signal.ITIMER_REAL, 0)


def _open_store(setup: Setup) -> ReadableGraph:
    if not setup.settings.endpoint:
        return ox.Store.read_only(setup.folder)
    from imr_graph.endpoint.proxy import open_proxied_graph

    return open_proxied_graph(setup.settings, setup.graph)


def _close_walls(setup: Setup) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (setup.settings.memory_bytes, setup.settings.memory_bytes))
    # No further file or socket can be opened: what the evaluator may try to fetch, it cannot reach. A worker that asks
    # an external store evaluates nothing itself, but has to connect.
    files = _FILES_OF_PROXY if setup.settings.endpoint else _limit_files(Path(setup.folder))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def _limit_files(folder: Path) -> int:
    """Return how high numbers of open files may go, so that the database can open the rest of its own files.

    RocksDB opens the first 16 at once and another when a query needs it; to open all of them here would take more
    memory than a query may have, where a store has millions of letters.
    """
    tables = {(status.st_dev, status.st_ino) for status in map(os.stat, folder.glob("*.sst"))}
    used = set()
    for number in map(int, os.listdir("/dev/fd")):
        with suppress(OSError):  # the listing itself had a number, and has left
            status = os.fstat(number)
            used.add(number)
            tables.discard((status.st_dev, status.st_ino))
    free = (number for number in count() if number not in used)
    return max(islice(free, len(tables)), default=-1) + 1


def _answer(
    store: ReadableGraph, job: Job, limits: ServerSettings, prefixes: dict[str, str], response: ResponseWriter
) -> None:
    try:
        evaluate(store, job, limits, prefixes, response)
        return
    except QueryError as refused:
        error = refused
    except StoreError as broken:
        error = QueryError(502, "store", str(broken))
    except MemoryError:
        error = failure("memory")
    if not response.refuse(error.status, error.message):
        raise ConnectionAbortedError


def _receive_job(server: socket.socket) -> Job | None:
    head = _receive(server, HEADER_SIZE)
    if head is None:
        return None
    letter, length = parse_header(head)
    content = _receive(server, length) if letter == ASK else None
    return Job(**json.loads(content)) if content is not None else None


def _receive(server: socket.socket, size: int) -> bytes | None:
    data = server.recv(size, socket.MSG_WAITALL)
    return data if len(data) == size else None


# What a worker does with a query: refuse it, or evaluate it and write the answer within the limits.


def evaluate(
    store: ReadableGraph, job: Job, limits: ServerSettings, prefixes: dict[str, str], response: ResponseWriter
) -> None:
    """Evaluate a query and write its answer within the limits; raises QueryError where there is none."""
    if calls_service(job.query):
        raise _refusal(400, "SERVICE is not served here, because it calls another server: leave the clause out.")
    result = _query(store, job, prefixes)
    kind = _kind_of(result)
    choice = job.formats[kind]
    if choice is None:
        offered = ", ".join(one.media_types[0] for one in BY_NAME.values() if kind in one.kinds)
        raise _refusal(406, f"None of the formats that the request accepts can hold this answer: ask for {offered}.")
    format, media_type = BY_NAME[choice[0]], choice[1]
    response.head |= {"status": 200, "type": media_type + ("; charset=utf-8" if media_type.startswith("text/") else "")}
    response.hold = response.hold if format.comment else limits.hold_bytes
    if job.head:
        response.finish_head()
    elif isinstance(result, ox.QueryBoolean):
        response.write(result.serialize(format=format.writer) or b"")  # type: ignore[arg-type]
        response.finish(None, 1)
    else:
        _write(result, format, limits, prefixes, response)


def syntax_error(query: str, message: str) -> str:
    """Return the sentence for a query that cannot be parsed, with its line and column where they are known."""
    first = next((word for word in keywords(query) if word not in ("PREFIX", "BASE")), "")
    if first in UPDATES:
        return "Updates are not served here: the graph can only be read, with SELECT, ASK, CONSTRUCT and DESCRIBE."
    return describe_syntax_error(query, message)


def _refusal(status: int, message: str) -> QueryError:
    return QueryError(status, "refused", message)


def _query(
    store: ReadableGraph, job: Job, prefixes: dict[str, str]
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    dataset: dict[str, Any] = {}
    if job.default_graphs is not None:  # a dataset of the request takes the place of FROM (protocol, 2.1.4)
        dataset = {
            "default_graph": [ox.NamedNode(iri) for iri in job.default_graphs],
            "named_graphs": [ox.NamedNode(iri) for iri in job.named_graphs or ()],
        }
    try:
        return store.query(job.query, base_iri=job.base, prefixes=prefixes, **dataset)
    except SyntaxError as error:
        raise _refusal(400, syntax_error(job.query, str(error))) from None
    except (RuntimeError, ValueError) as error:
        raise _refusal(400, f"The query cannot be evaluated: {_shorten(str(error))}.") from None


def _kind_of(result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> str:
    if isinstance(result, ox.QueryBoolean):
        return BOOLEAN
    return GRAPH if isinstance(result, ox.QueryTriples) else SOLUTIONS


def _write(
    result: ox.QuerySolutions | ox.QueryTriples,
    format: AnswerFormat,
    limits: ServerSettings,
    prefixes: dict[str, str],
    response: ResponseWriter,
) -> None:
    writer: RowLimitedWriter | TripleLimitedWriter
    cut: str | None = None
    try:
        if isinstance(result, ox.QuerySolutions):
            writer = RowLimitedWriter(response, format, limits, BOUNDARIES[format.name])
            result.serialize(writer, format=format.writer)  # type: ignore[arg-type]
            writer.finish()
        else:
            writer = TripleLimitedWriter(response, format, limits)
            triples = writer.limit(_reject_unwritable(result) if format.name == "rdfxml" else result)
            ox.serialize(triples, writer, format=format.writer, prefixes=prefixes)  # type: ignore[arg-type]
            writer.finish()
            cut = writer.cut
    except LimitReachedError as met:
        cut = str(met)
    except SyntaxError:  # what an external store sent is cut: it says nothing more once it has begun
        raise StoreError("The store behind this server broke its answer off: the query may take too long.") from None
    except (RuntimeError, ValueError) as error:
        raise _refusal(400, f"The query cannot be evaluated: {_shorten(str(error))}.") from None
    if cut and format.comment:
        before, after = format.comment
        response.write(before + f"Cut off after {writer.rows} rows: the limit of {cut} is met.".encode() + after)
    response.finish(cut, writer.rows)


def _reject_unwritable(triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
    for triple in triples:
        if not _ELEMENT_NAME.search(triple.predicate.value):
            raise _refusal(
                406, f"RDF/XML has no way to write the property <{triple.predicate.value}>: ask for text/turtle."
            )
        yield triple


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON].rsplit(" ", 1)[0] + " ..."


if __name__ == "__main__":
    main()
