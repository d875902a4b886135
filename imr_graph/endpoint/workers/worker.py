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
from dataclasses import asdict, dataclass
from typing import Any

import pyoxigraph as ox

from imr_graph.endpoint.workers.evaluate import Refused, evaluate
from imr_graph.endpoint.workers.messages import ASK, FAILED, HEADER_SIZE, READY, header, message
from imr_graph.endpoint.workers.outlet import Outlet
from imr_graph.endpoint.workers.output import Limits
from imr_graph.errors import StoreError
from imr_graph.iris import PREFIXES

__all__ = ["Setup", "main", "run"]

_FILES_OF_RELAY = 64
_WORN = 0.5  # share of its memory limit that a worker has taken when it is replaced after its answer


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is told when it starts: the database's folder, the base of its IRIs, limits as in `Settings`.

    Where `endpoint` is given, the external store there takes the place of the folder (`web.relay`), and of its graphs
    the one of the IRI `graph`; passwords are in the environment, never here, as other users see command lines.
    """

    folder: str
    base: str
    seconds: float
    memory_bytes: int
    rows: int
    result_bytes: int
    hold_bytes: int
    endpoint: str = ""
    graph: str | None = None

    def written(self) -> str:
        """Return the setup as a command-line argument."""
        return json.dumps(asdict(self))


def main() -> None:
    """Run the worker that the command line describes, until the server closes the socket."""
    run(socket.socket(fileno=int(sys.argv[1])), Setup(**json.loads(sys.argv[2])))


def run(server: socket.socket, setup: Setup) -> None:
    """Open the store, close the walls, answer queries."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the server, which stops its workers
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        store = _opened(setup)
        store.query("ASK { ?s ?p ?o }")
    except (OSError, StoreError):
        server.sendall(message(FAILED, {}))
        return
    _close_walls(setup)
    server.sendall(message(READY, {}))
    limits = Limits(setup.rows, setup.result_bytes, setup.hold_bytes)
    prefixes = {**PREFIXES, "id": setup.base}

    def worn() -> bool:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > _WORN * setup.memory_bytes

    while job := _next(server):
        signal.setitimer(signal.ITIMER_REAL, setup.seconds)
        try:
            _answer(store, job, limits, prefixes, Outlet(server, {}, gzip=job["gzip"], worn=worn))
        except OSError:
            return  # the server has closed the socket, or an answer was broken off on purpose
        signal.setitimer(signal.ITIMER_REAL, 0)


def _opened(setup: Setup) -> ox.Store:
    if not setup.endpoint:
        return ox.Store.read_only(setup.folder)
    from imr_graph.endpoint import proxy as relay

    return relay.opened(setup.endpoint, setup.graph, setup.rows)


def _close_walls(setup: Setup) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (setup.memory_bytes, setup.memory_bytes))
    # No further file or socket can be opened: what the evaluator may try to fetch, it cannot reach. A worker that asks
    # an external store evaluates nothing itself, but has to connect.
    files = _FILES_OF_RELAY if setup.endpoint else 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def _answer(store: ox.Store, job: dict[str, Any], limits: Limits, prefixes: dict[str, str], outlet: Outlet) -> None:
    try:
        evaluate(store, job, limits, prefixes, outlet)
        return
    except Refused as refused:
        status, sentence = refused.status, refused.sentence
    except StoreError as error:
        status, sentence = 502, str(error)
    except MemoryError:
        status, sentence = 507, "The query takes more memory than one query may: ask for less at a time."
    if not outlet.refuse(status, sentence):
        raise ConnectionAbortedError


def _next(server: socket.socket) -> dict[str, Any] | None:
    head = _received(server, HEADER_SIZE)
    if head is None:
        return None
    letter, length = header(head)
    content = _received(server, length) if letter == ASK else None
    return json.loads(content) if content is not None else None


def _received(server: socket.socket, size: int) -> bytes | None:
    data = server.recv(size, socket.MSG_WAITALL)
    return data if len(data) == size else None


if __name__ == "__main__":
    main()
