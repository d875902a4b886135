"""A really running server for the tests of the web: a process of its own on a free port of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox

from imr_graph.iris import IMR, RDF
from imr_graph.store.graph_store import write_store
from support.waiting import wait_for

_START = (
    "from imr_graph.endpoint.server import serve; from imr_graph.endpoint.settings import settings_from; "
    "from {module} import {function}; serve(settings_from(), {function})"
)
ENDPOINT = "imr_graph.endpoint.server:create_app"
CASES = 400
# Limits that no request runs into because the machine has other work; a test of a limit sets it.
_PATIENT = dict.fromkeys(
    ("query_seconds", "quick_seconds", "queue_seconds", "header_seconds", "body_seconds", "stall_seconds"), 180
)


@dataclass
class Server:
    """A server that runs: its address, its process, and the file its log goes to."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    @property
    def sparql(self) -> str:
        """The address of its endpoint."""
        return f"{self.url}/sparql"

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return what it has logged so far, all or one kind of events."""
        found = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [event for event in found if name in (None, event["event"])]

    def ask(self, query: str, **more: Any) -> httpx.Response:
        """Send a query by GET."""
        return httpx.get(self.sparql, params={"query": query}, timeout=180, **more)

    def value(self, query: str) -> str:
        """Return the one value that a query gives."""
        [row] = self.ask(query).raise_for_status().json()["results"]["bindings"]
        return str(next(iter(row.values()))["value"])

    def children(self) -> list[int]:
        """Return its child processes."""
        return children_of(self.process.pid)

    def metric(self, name: str) -> float:
        """Return one value of its metrics, 0 where it has not been counted yet."""
        for line in httpx.get(f"{self.url}/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[-1])
        return 0.0


@contextmanager
def running(store: Path, folder: Path, *, application: str = ENDPOINT, **settings: object) -> Iterator[Server]:
    """Run a server over a store with some settings until the block ends; `folder` is for its log.

    `application` is the module and the function that make what is served: the endpoint alone, or a site around it.
    """
    module, _, function = application.partition(":")
    environ = {f"IMR_GRAPH_SERVE_{name.upper()}": str(value) for name, value in (_PATIENT | settings).items()}
    log = folder / f"server-{time.monotonic_ns()}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", _START.format(module=module, function=function)],
            stderr=stream,
            env={**os.environ, **environ, "IMR_GRAPH_SERVE_STORE": str(store), "IMR_GRAPH_SERVE_PORT": "0"},
        )
    server = Server("", process, log)
    try:
        wait_for(lambda: server.events("serving") or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        server.url = server.events("listening")[0]["url"]
        yield server
    finally:
        process.terminate()
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def children_of(process: int) -> list[int]:
    """Return the child processes of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(FileNotFoundError):  # the thread has ended meanwhile
            found += [int(number) for number in task.read_text().split()]
    return found


def alive(process: int) -> bool:
    """Return whether a process runs (one that has ended and is not yet collected does not)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def write_cases(path: Path, start: int = 0, count: int = CASES, extra: list[ox.Quad] | None = None) -> None:
    """Write the next generation of a store with some bare cases, numbered from `start`, and further quads."""
    kind, number, note = (ox.NamedNode(iri) for iri in (f"{RDF}type", f"{IMR}caseNumber", f"{IMR}clinicalSummary"))
    with write_store(path) as writing, writing.next() as draft:
        for position in range(start, start + count):
            case = ox.NamedNode(f"https://w3id.org/imr-graph/id/case-CM99-{position:07}")
            draft.graph.add(ox.Quad(case, kind, ox.NamedNode(f"{IMR}Case")))
            draft.graph.add(ox.Quad(case, number, ox.Literal(f"CM99-{position:07}")))
            draft.graph.add(ox.Quad(case, note, ox.Literal(f"A fictional summary, number {position}: " + "ab" * 40)))
        draft.graph.extend(extra or [])
