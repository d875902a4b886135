"""A worker as the server sees it: a process, the socket to it, and the query that it has."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from imr_graph.endpoint.workers.exchange import FAILURES, Exchange
from imr_graph.endpoint.workers.messages import ASK, BODY, END, HEAD, READY, Reader, message
from imr_graph.endpoint.workers.worker import Setup

__all__ = ["WorkerProcess", "start_worker"]

# What ended a process, by the signal: its timer, the allocator's abort, a stack that ran over.
_ENDED_BY: Final = {
    -signal.SIGALRM: "time",
    -signal.SIGABRT: "memory",
    -signal.SIGSEGV: "depth",
    -signal.SIGBUS: "depth",
}
_SOCKET_BUFFER = 1 << 20


class WorkerProcess(asyncio.Protocol):
    """One worker process.

    `edition` is the state of the store that it reads. `ready` is called when it can be asked, `free` when it has
    answered. Workers that are `retiring`, or `worn` by a large query, get no further one.
    """

    def __init__(
        self,
        edition: object,
        ready: Callable[[WorkerProcess], None],
        free: Callable[[WorkerProcess], None],
    ) -> None:
        self.edition, self._ready, self._free = edition, ready, free
        self.exchange: Exchange | None = None
        self.is_ready = False
        self.retiring = self.worn = False
        self.started = time.monotonic()
        self._reader = Reader()
        self._transport: Any = None
        self._process: asyncio.subprocess.Process | None = None
        self._closed = asyncio.Event()
        self._paused = False
        self._killed_for = ""

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid if self._process else 0

    def ask(self, exchange: Exchange, job: dict[str, Any]) -> None:
        """Send a query; its answer goes to the exchange."""
        self.exchange = exchange
        exchange.begun = time.monotonic()
        exchange.drained = self._drained
        exchange.abandon = self.kill
        self._transport.write(message(ASK, job))

    def kill(self, reason: str) -> None:
        """End the process now; its query fails for `reason` (a name of `FAILURES`)."""
        if not self._killed_for:
            self._killed_for = reason
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    def retire(self) -> None:
        """Let the process end once it has answered."""
        self.retiring = True
        if self.exchange is None:
            self.close()

    def close(self) -> None:
        """Close the socket, at which the process ends."""
        self._transport.close()

    async def gone(self) -> tuple[str, int]:
        """Wait until the process has ended; return the reason (a name of `FAILURES`, or empty) and its exit code."""
        assert self._process is not None
        code = await self._process.wait()
        if self._paused:
            self._resume()
        await self._closed.wait()
        reason = self._killed_for or _ENDED_BY.get(code, "")
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.failure = FAILURES[reason or "lost"]
            exchange.abandon = exchange.drained = None
            exchange.tell()
        return reason, code

    # What the event loop calls.

    def connection_made(self, transport: Any) -> None:
        """Keep the transport to the process."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what the process says."""
        for letter, content in self._reader.feed(data):
            if letter == BODY:
                self._got_body(content)
            elif letter == READY:
                self.is_ready = True
                self._ready(self)
            elif self.exchange is not None:
                self._got(letter, content)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """End the process, whose answer has come as far as it will."""
        self._closed.set()
        self.kill(self._killed_for)

    def _got_body(self, piece: bytes) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.put(piece)
            if exchange.buffer.full and not self._paused:
                self._paused = True
                self._transport.pause_reading()

    def _got(self, letter: bytes, content: bytes) -> None:
        exchange = self.exchange
        assert exchange is not None
        found: dict[str, Any] = json.loads(content)
        if letter == HEAD:
            exchange.head = found
        elif letter == END:
            exchange.end = found
            self.worn = found.get("worn", False)
            exchange.abandon = exchange.drained = None
            self.exchange = None
            if self._paused:
                self._resume()
            self._free(self)
        exchange.tell()

    def _drained(self) -> None:
        if self._paused:
            self._resume()

    def _resume(self) -> None:
        self._paused = False
        self._transport.resume_reading()


async def start_worker(
    setup: Setup,
    edition: object,
    ready: Callable[[WorkerProcess], None],
    free: Callable[[WorkerProcess], None],
) -> WorkerProcess:
    """Start a worker process and return it; it says itself when it is ready."""
    worker = WorkerProcess(edition, ready, free)
    ours, theirs = socket.socketpair()
    with theirs:
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
        ours.setblocking(False)
        await asyncio.get_running_loop().connect_accepted_socket(lambda: worker, ours)
        worker._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "imr_graph.endpoint.workers.worker", str(theirs.fileno()), setup.written()),
            pass_fds=[theirs.fileno()],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "RUST_BACKTRACE": "0", "PYTHONPATH": os.pathsep.join(sys.path)},
        )
    return worker
