"""SPARQL servers of other people for the tests: each a process of its own on free ports, over a temporary folder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from imr_graph.external_store.address import Address, parse_address
from support.components import require_file, require_program
from support.processes import free_port

_PATIENCE = 180.0  # seconds; a database is made at the first start, and the machine may have other work
PASSWORD = "dba"  # of Virtuoso's administrator in a database that was just made


@dataclass(frozen=True)
class Endpoint:
    """A server that runs: where it answers queries and takes graphs, who may write there, its process and folder."""

    name: str
    url: str
    graphs: str
    process: subprocess.Popen[bytes]
    user: str | None = None
    sql_port: int | None = None
    folder: Path | None = None

    @property
    def credentials(self) -> dict[str, str]:
        """What the environment has to hold for writing."""
        return {"IMR_GRAPH_ENDPOINT_USER": self.user, "IMR_GRAPH_ENDPOINT_PASSWORD": PASSWORD} if self.user else {}

    @property
    def reading(self) -> Address:
        """The address for queries."""
        return parse_address(self.url, {})

    @property
    def writing(self) -> Address:
        """The address for graphs."""
        return parse_address(self.graphs, self.credentials)


def require_oxigraph() -> Path:
    """Return the program oxigraph, which the package of this name brings; skip the test where it is missing."""
    return require_file(Path(sys.executable).with_name("oxigraph"), "pip install oxigraph, which the extra 'dev' does")


@contextmanager
def oxigraph(*, seconds: int | None = None) -> Iterator[Endpoint]:
    """Run `oxigraph serve` until the block ends; `seconds` is when it ends a query (None: never)."""
    binary = require_oxigraph()
    with tempfile.TemporaryDirectory(prefix="oxigraph-") as folder:
        port = free_port()
        command = [str(binary), "serve", "--location", folder, "--bind", f"127.0.0.1:{port}"]
        command += [] if seconds is None else ["--timeout-s", str(seconds)]
        with _running(command, Path(folder)) as process:
            home = f"http://127.0.0.1:{port}"
            _wait(lambda: httpx.get(f"{home}/query", params={"query": "ASK {}"}).is_success, process)
            yield Endpoint("oxigraph", f"{home}/query", f"{home}/store", process, folder=Path(folder))


@contextmanager
def virtuoso(*, most_rows: int = 1_000_000) -> Iterator[Endpoint]:
    """Run Virtuoso until the block ends; `most_rows` is where it cuts answers off."""
    binary = require_program("virtuoso")
    with tempfile.TemporaryDirectory(prefix="virtuoso-") as name:
        folder, sql, http = Path(name), free_port(), free_port()
        settings = _VIRTUOSO.format(folder=folder, sql=sql, http=http, rows=most_rows)
        (folder / "virtuoso.ini").write_text(settings, encoding="utf-8")
        with _running([binary, "+foreground", "+configfile", str(folder / "virtuoso.ini")], folder) as process:
            home = f"http://127.0.0.1:{http}"
            _wait(lambda: httpx.get(f"{home}/sparql", params={"query": "ASK {}"}, timeout=60).is_success, process)
            graphs = f"{home}/sparql-graph-crud-auth"
            yield Endpoint("virtuoso", f"{home}/sparql", graphs, process, "dba", sql, folder)


SERVERS: Mapping[str, Callable[[], AbstractContextManager[Endpoint]]] = {"oxigraph": oxigraph, "virtuoso": virtuoso}


@pytest.fixture(scope="session", params=SERVERS)
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    """Yield each server in turn; what tests publish there goes under a base of their own."""
    with SERVERS[request.param]() as running:
        yield running


@contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:  # its folder goes with it: nothing is worth a checkpoint
            process.kill()
            process.wait()


def _wait(answers: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        assert process.poll() is None, f"the server ended with code {process.returncode} before it answered"
        try:
            if answers():
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < end, "the server did not answer in time"
        time.sleep(0.05)


_VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 20
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
MaxQueryMem = 1G
DisableUnixSocket = 1
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryExecutionTime = 60
"""
