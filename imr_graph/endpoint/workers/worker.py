"""A worker: a process of its own that evaluates one query at a time and may be killed at any moment.

It is started as `python -m imr_graph.endpoint.workers.worker FD SETUP`: the number of a socket to the server, and
JSON (`Setup`).
Four walls stand around it: a timer of the system that ends it, a limit on its memory, no file or connection that it
could open once the store is open, and a store that is opened read-only.
"""

from __future__ import annotations

import json
import resource
import signal
import socket
import sys
from typing import Final

import pyoxigraph as ox

from imr_graph.endpoint.http import QueryError, failure
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.evaluate import evaluate
from imr_graph.endpoint.workers.messages import ASK, FAILED, HEADER_SIZE, READY, Job, Setup, message, parse_header
from imr_graph.endpoint.workers.output import ResponseWriter
from imr_graph.errors import StoreError
from imr_graph.graph.readable import ReadableGraph
from imr_graph.iris import PREFIXES

__all__ = ["main", "run"]

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
    files = _FILES_OF_PROXY if setup.settings.endpoint else 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


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


if __name__ == "__main__":
    main()
