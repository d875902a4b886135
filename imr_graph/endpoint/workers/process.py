"""A worker as the server sees it: a process, the socket to it, its query, and the state of the store it serves."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from imr_graph.endpoint.child import kill, start_module
from imr_graph.endpoint.http import failure
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.exchange import PendingResponse
from imr_graph.endpoint.workers.messages import ASK, BODY, END, HEAD, READY, FrameReader, Job, Setup, message
from imr_graph.resources import software_version
from imr_graph.store.generations import Manifest, folder_of, required_manifest

__all__ = ["ServedVersion", "WorkerProcess", "read_served_version", "start_worker", "worker_setup"]


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """A state of the store: its manifest, and the fingerprint of the file that says so.

    The fingerprint tells a store that was built anew, whose generations count from 1 again, from the one before.
    `graph` is the graph of an external store, None for its default graph and for a store of our own.
    """

    manifest: Manifest
    fingerprint: tuple[int, int]
    graph: str | None = None

    @property
    def made(self) -> datetime | None:
        """When it was published, to the second; None where an external store does not say."""
        seconds = self.fingerprint[1] // 1_000_000_000
        return datetime.fromtimestamp(seconds, UTC) if seconds else None


def read_served_version(settings: ServerSettings) -> ServedVersion:
    """Return what the store holds now; raises StoreError where it cannot be read.

    An external store is asked, which may take some time.
    """
    if settings.endpoint:
        from imr_graph.endpoint.proxy import read_publication

        published = read_publication(settings)
        manifest = Manifest(published.base, published.generation, "", software_version())
        return ServedVersion(manifest, (int(published.digest[:16], 16), 0), published.graph)
    found = required_manifest(settings.store)
    status = (settings.store / "store.json").stat()
    return ServedVersion(found, (status.st_ino, status.st_mtime_ns))


def worker_setup(settings: ServerSettings, version: ServedVersion) -> Setup:
    """Return what a worker of a state of the store is told."""
    return Setup(
        settings=settings,
        folder=str(folder_of(settings.store, version.manifest.generation).absolute()),
        base=version.manifest.base,
        graph=version.graph,
    )


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

    `version` is the state of the store that it reads. `ready` is called when it can be asked, `free` when it has
    answered. Workers that are `retiring`, or `worn_out` by a large query, get no further one.
    """

    def __init__(
        self,
        version: ServedVersion,
        ready: Callable[[WorkerProcess], None],
        free: Callable[[WorkerProcess], None],
    ) -> None:
        self.version, self._on_ready, self._on_idle = version, ready, free
        self.response: PendingResponse | None = None
        self.is_ready = False
        self.retiring = self.worn_out = False
        self.started = time.monotonic()
        self._reader = FrameReader()
        self._transport: Any = None
        self._process: asyncio.subprocess.Process | None = None
        self._closed = asyncio.Event()
        self._paused = False
        self._killed_for = ""

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid if self._process else 0

    def ask(self, response: PendingResponse, job: Job) -> None:
        """Send a query; its answer goes to the response."""
        self.response = response
        response.begun = time.monotonic()
        response.on_drain = self._on_drain
        response.cancel = self.kill
        self._transport.write(message(ASK, asdict(job)))

    def kill(self, reason: str) -> None:
        """End the process now; its query fails for `reason` (a code of `errors.failure`)."""
        if not self._killed_for:
            self._killed_for = reason
        kill(self._process)

    def retire(self) -> None:
        """Let the process end once it has answered."""
        self.retiring = True
        if self.response is None:
            self.close()

    def close(self) -> None:
        """Close the socket, at which the process ends."""
        self._transport.close()

    async def wait_until_gone(self) -> tuple[str, int]:
        """Wait until the process has ended; return why (a code of `errors.failure`, or empty) and its exit code."""
        assert self._process is not None
        code = await self._process.wait()
        if self._paused:
            self._resume()
        await self._closed.wait()
        reason = self._killed_for or _ENDED_BY.get(code, "")
        response, self.response = self.response, None
        if response is not None:
            response.failure = failure(reason or "lost")
            response.cancel = response.on_drain = None
            response.notify()
        return reason, code

    # What the event loop calls.

    def connection_made(self, transport: Any) -> None:
        """Keep the transport to the process."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what the process says."""
        for letter, content in self._reader.feed(data):
            if letter == BODY:
                self._on_body(content)
            elif letter == READY:
                self.is_ready = True
                self._on_ready(self)
            elif self.response is not None:
                self._on_message(letter, content)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """End the process, whose answer has come as far as it will."""
        self._closed.set()
        self.kill(self._killed_for)

    def _on_body(self, piece: bytes) -> None:
        response = self.response
        if response is not None:
            response.add_piece(piece)
            if response.buffer.full and not self._paused:
                self._paused = True
                self._transport.pause_reading()

    def _on_message(self, letter: bytes, content: bytes) -> None:
        response = self.response
        assert response is not None
        found: dict[str, Any] = json.loads(content)
        if letter == HEAD:
            response.head = found
        elif letter == END:
            response.end = found
            self.worn_out = found.get("recycle", False)
            response.cancel = response.on_drain = None
            self.response = None
            if self._paused:
                self._resume()
            self._on_idle(self)
        response.notify()

    def _on_drain(self) -> None:
        if self._paused:
            self._resume()

    def _resume(self) -> None:
        self._paused = False
        self._transport.resume_reading()


async def start_worker(
    setup: Setup,
    version: ServedVersion,
    ready: Callable[[WorkerProcess], None],
    free: Callable[[WorkerProcess], None],
) -> WorkerProcess:
    """Start a worker process and return it; it says itself when it is ready."""
    worker = WorkerProcess(version, ready, free)
    ours, theirs = socket.socketpair()
    with theirs:
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
        ours.setblocking(False)
        await asyncio.get_running_loop().connect_accepted_socket(lambda: worker, ours)
        worker._process = await start_module(
            "imr_graph.endpoint.workers.worker",
            [str(theirs.fileno()), setup.serialize()],
            pass_fds=[theirs.fileno()],
        )
    return worker
