"""The store as a server reads it: one generation's graph and table, held open until the next one takes over."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from imr_graph.store.generations import manifest_of
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table import Table, open_table

__all__ = ["LiveStore", "StoreSnapshot"]

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Once:
    """A value that is computed once."""

    lock: Lock = field(default_factory=Lock)
    done: bool = False
    value: Any = None


class StoreSnapshot:
    """The graph and the table of one generation; `path` is the store's folder."""

    def __init__(self, path: Path) -> None:
        """Open the current generation; raises StoreError where there is none that can be read."""
        self.path = path
        self.store: GraphStore = open_store(path)
        self._stack = ExitStack()
        self._table: Table | None = None
        self._opening, self._counting = Lock(), Lock()
        self._users, self._retired = 0, False
        self._values: dict[Hashable, _Once] = {}

    @property
    def table(self) -> Table:
        """The table, derived first where the store has none yet; raises StoreError where it cannot be."""
        with self._opening:
            if self._table is None:
                self._table = self._stack.enter_context(open_table(self.store))
            return self._table

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` returns, computed once for this generation; concurrent callers wait for it.

        Every value stays in memory as long as the snapshot, so the number of keys has to be small.
        """
        with self._counting:
            once = self._values.setdefault(key, _Once())
        with once.lock:
            if not once.done:
                once.value, once.done = compute(), True
        value: T = once.value
        return value

    def enter(self) -> bool:
        """Count one more user; return False where the snapshot is retired."""
        with self._counting:
            self._users += not self._retired
            return not self._retired

    def exit(self) -> None:
        """Count one user less; the last user of a retired snapshot closes it."""
        with self._counting:
            self._users -= 1
            last = self._retired and not self._users
        if last:
            self._stack.close()

    def retire(self) -> None:
        """Close the snapshot as soon as nobody uses it."""
        with self._counting:
            idle = not self._users and not self._retired
            self._retired = True
        if idle:
            self._stack.close()


class LiveStore:
    """The snapshot that is served now; `refresh` replaces it by one of the current generation.

    With `follow` each use looks at the store first and refreshes by itself; without it somebody else watches the
    store and calls `refresh`. `version` counts the refreshes, so that caches know what they were made of.
    """

    def __init__(self, path: Path, *, follow: bool = False) -> None:
        self.version = 0
        self._path, self._follow = path, follow
        self._snapshot: StoreSnapshot | None = None
        self._refreshing, self._lock = Lock(), Lock()

    def refresh(self) -> None:
        """Open the current generation and retire the one before; raises StoreError where it cannot be read."""
        with self._refreshing:
            self._replace(StoreSnapshot(self._path))

    def close(self) -> None:
        """Retire what is open."""
        self._replace(None)

    def use(self, function: Callable[[StoreSnapshot], T]) -> T:
        """Return what a function returns for the snapshot, which stays open until then.

        Raises StoreError where there is no store that can be read.
        """
        with self.open() as snapshot:
            return function(snapshot)

    @contextmanager
    def open(self) -> Iterator[StoreSnapshot]:
        """Yield the snapshot, which stays open until the block ends; raises what `use` raises."""
        snapshot = self._enter()
        try:
            yield snapshot
        finally:
            snapshot.exit()

    def _enter(self) -> StoreSnapshot:
        while True:
            with self._lock:
                snapshot = self._snapshot
            if snapshot is None or (self._follow and self._is_stale(snapshot)):
                with self._refreshing:  # the first of several callers opens it
                    if self._snapshot is snapshot:
                        self._replace(StoreSnapshot(self._path))
            elif snapshot.enter():
                return snapshot

    def _is_stale(self, snapshot: StoreSnapshot) -> bool:
        manifest = manifest_of(self._path)
        return manifest is None or manifest.generation != snapshot.store.generation

    def _replace(self, fresh: StoreSnapshot | None) -> None:
        with self._lock:
            before, self._snapshot = self._snapshot, fresh
            self.version += 1
        if before is not None:
            before.retire()
