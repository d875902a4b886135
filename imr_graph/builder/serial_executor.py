"""Work that is done in its order beside the builder's own, or at once where there is to be one process only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Lane"]

_WAITING = 64  # pieces of work, of which a shard has a few; beyond it letters wait for the end


class Lane:
    """Work in its order: in a thread `beside` the caller, or at once.

    An error of the work is raised where the caller next asks for something. The database and the index do theirs
    without Python's lock, so that a thread of the builder is enough for a second processor.
    """

    def __init__(self, *, beside: bool) -> None:
        self._thread = ThreadPoolExecutor(1) if beside else None
        self._waiting: deque[Future[None]] = deque()

    def run(self, work: Callable[[], None]) -> None:
        """Do some work, after that which came before; waits while there is much of it."""
        self._settle(_WAITING)
        if self._thread is None:
            work()
        else:
            self._waiting.append(self._thread.submit(work))

    @property
    def busy(self) -> bool:
        """Whether more work would have to wait long."""
        self._settle(len(self._waiting))
        return len(self._waiting) >= _WAITING

    def settle(self, tick: Callable[[], object] = lambda: None) -> None:
        """Wait until all is done; `tick` is called after each piece."""
        while self._waiting:
            self._settle(len(self._waiting) - 1)
            tick()

    def close(self) -> None:
        """Wait for what is under way and leave the rest undone."""
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)

    def _settle(self, most: int) -> None:
        while self._waiting and (len(self._waiting) > most or self._waiting[0].done()):
            self._waiting.popleft().result()
