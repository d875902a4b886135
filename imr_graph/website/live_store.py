"""The store as pages read it: one generation's graph and table, held open until the next one takes over."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table import Table, open_table

__all__ = ["Opened", "Shelf"]

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Made:
    """Something that is made once."""

    lock: Lock = field(default_factory=Lock)
    done: bool = False
    value: Any = None


class Opened:
    """The graph and the table of one generation; `path` is the store's folder."""

    def __init__(self, path: Path) -> None:
        """Open the current generation; raises StoreError where there is none that can be read."""
        self.path = path
        self.store: GraphStore = open_store(path)
        self._stack = ExitStack()
        self._table: Table | None = None
        self._making, self._counting = Lock(), Lock()
        self._users, self._leaving = 0, False
        self._made: dict[Hashable, _Made] = {}

    @property
    def table(self) -> Table:
        """The table, made first where the store has none yet; raises StoreError where it cannot be."""
        with self._making:
            if self._table is None:
                self._table = self._stack.enter_context(open_table(self.store))
            return self._table

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` makes, which is made once while the generation lasts; who comes meanwhile waits for it.

        The number of keys has to be small: what was made stays.
        """
        with self._counting:
            made = self._made.setdefault(key, _Made())
        with made.lock:
            if not made.done:
                made.value, made.done = make(), True
        value: T = made.value
        return value

    def enter(self) -> bool:
        """Count one more user; False where it is closed already, or will be soon."""
        with self._counting:
            self._users += not self._leaving
            return not self._leaving

    def exit(self) -> None:
        """Count one user less; what was replaced meanwhile closes behind the last one."""
        with self._counting:
            self._users -= 1
            last = self._leaving and not self._users
        if last:
            self._stack.close()

    def leave(self) -> None:
        """Close it once nobody uses it any more."""
        with self._counting:
            idle = not self._users and not self._leaving
            self._leaving = True
        if idle:
            self._stack.close()


class Shelf:
    """What is open now; `renew` puts the current generation in its place.

    `edition` counts how often that was done, so that who kept something knows what it was kept of.
    """

    def __init__(self, path: Path) -> None:
        self.edition = 0
        self._path = path
        self._opened: Opened | None = None
        self._renewing, self._lock = Lock(), Lock()

    def renew(self) -> None:
        """Open the current generation, and let go of the one before; raises StoreError where it cannot be read."""
        with self._renewing:
            self._put(Opened(self._path))

    def close(self) -> None:
        """Let go of what is open."""
        self._put(None)

    def use(self, function: Callable[[Opened], T]) -> T:
        """Return what a function makes of what is open; what is replaced meanwhile stays open until then."""
        opened = self._entered()
        try:
            return function(opened)
        finally:
            opened.exit()

    def _entered(self) -> Opened:
        while True:
            with self._lock:
                opened = self._opened
            if opened is None:
                with self._renewing:  # of several that come first, one opens it
                    if self._opened is None:
                        self._put(Opened(self._path))
            elif opened.enter():
                return opened

    def _put(self, fresh: Opened | None) -> None:
        with self._lock:
            before, self._opened = self._opened, fresh
            self.edition += 1
        if before is not None:
            before.leave()
