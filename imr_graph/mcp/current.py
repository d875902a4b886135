"""The store as it is now: a server lives for hours, and meanwhile a build may publish another generation."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from imr_graph.store.generations import manifest_of
from imr_graph.store.graph_store import GraphStore, open_store

__all__ = ["Current"]


@dataclass
class Current:
    """A store at a path, opened again when a writer has published another generation; for several threads."""

    path: Path
    _opened: GraphStore | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def store(self) -> GraphStore:
        """Return the store; raises StoreError where there is none."""
        with self._lock:
            manifest = manifest_of(self.path)
            if self._opened is None or manifest is None or manifest.generation != self._opened.generation:
                self._opened = open_store(self.path)
            return self._opened
