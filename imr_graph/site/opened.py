"""The store as pages read it: one generation's graph and table, held open until the next one takes over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import TypeVar

from imr_graph.graph.store import GraphStore, open_store
from imr_graph.tables.reading import Table, open_table

__all__ = ["Opened", "Shelf"]

T = TypeVar("T")


class Opened:
    """The graph and the table of one generation; `path` is the store's folder."""

    def __init__(self, path: Path) -> None:
        """Open the current generation; raises StoreError where there is none that can be read."""
        self.path = path
        self.store: GraphStore = open_store(path)
        self._stack = ExitStack()
        self.table: Table = self._stack.enter_context(open_table(self.store))
        self._users, self._leaving, self._lock = 0, False, Lock()

    def use(self, function: Callable[[Opened], T]) -> T:
        """Return what a function makes of it; what is replaced meanwhile stays open until then."""
        with self._lock:
            self._users += 1
        try:
            return function(self)
        finally:
            with self._lock:
                self._users -= 1
                last = self._leaving and not self._users
            if last:
                self._stack.close()

    def leave(self) -> None:
        """Close it once nobody uses it any more."""
        with self._lock:
            self._leaving = True
            idle = not self._users
        if idle:
            self._stack.close()


class Shelf:
    """What is open now; `renew` puts the current generation in its place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: Opened | None = None
        self._lock = Lock()

    def renew(self) -> None:
        """Open the current generation, and let go of the one before; raises StoreError where it cannot be read."""
        fresh = Opened(self._path)
        with self._lock:
            before, self._opened = self._opened, fresh
        if before is not None:
            before.leave()

    def close(self) -> None:
        """Let go of what is open."""
        with self._lock:
            before, self._opened = self._opened, None
        if before is not None:
            before.leave()

    def use(self, function: Callable[[Opened], T]) -> T:
        """Return what a function makes of what is open."""
        with self._lock:
            opened = self._opened
        if opened is None:
            self.renew()
            return self.use(function)
        return opened.use(function)
