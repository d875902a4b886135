"""One query under way: what its worker has sent, for the response to take.

A worker's answer is taken from it as fast as it comes, so that a client that reads slowly does not hold a worker;
`Buffer` bounds what waits in the server. Past that bound the worker itself has to wait.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from imr_graph.endpoint.http import QueryError

__all__ = ["Buffer", "PendingResponse"]


@dataclass(slots=True)
class Buffer:
    """How many bytes of answers wait in the server, and how many may."""

    most: int
    held: int = 0

    @property
    def full(self) -> bool:
        """Whether workers have to wait."""
        return self.held > self.most


@dataclass(slots=True)
class PendingResponse:
    """A query and its answer as far as it has come; `begun` is when the worker got it (seconds, monotonic)."""

    buffer: Buffer
    begun: float = field(default_factory=time.monotonic)
    head: dict[str, Any] | None = None
    end: dict[str, Any] | None = None
    failure: QueryError | None = None
    on_drain: Callable[[], None] | None = None
    cancel: Callable[[str], None] | None = None
    _pieces: deque[bytes] = field(default_factory=deque)
    _size: int = 0
    _waiter: asyncio.Future[None] | None = None
    _closed: bool = False

    async def wait_for_head(self) -> QueryError | None:
        """Wait for the head; return the failure that came instead."""
        while self.head is None and self.failure is None:
            await self._wait_for_change()
        return self.failure if self.head is None else None

    def take_whole(self) -> bytes | None:
        """Return the body where all of it is here, None otherwise."""
        if self.end is None:
            return None
        return self._take()

    async def iter_pieces(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces; look at `failure` afterwards."""
        while True:
            while self._pieces:
                yield self._take()
            if self.end is not None or self.failure is not None:
                return
            await self._wait_for_change()

    def add_piece(self, piece: bytes) -> None:
        """Add a piece of the body."""
        if not self._closed:
            self._pieces.append(piece)
            self._size += len(piece)
            self.buffer.held += len(piece)
            self.notify()

    def close(self) -> None:
        """Forget what is left; what still comes is dropped."""
        self._closed = True
        self._take()

    def notify(self) -> None:
        """Wake up who waits: something has changed."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _take(self) -> bytes:
        taken = self._pieces.popleft() if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self.buffer.held -= self._size
        self._size = 0
        if self.on_drain is not None:
            self.on_drain()
        return taken

    async def _wait_for_change(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
