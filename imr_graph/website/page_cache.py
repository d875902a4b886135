"""RenderedPage pages that are kept in memory, the ones least asked for leaving first."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

__all__ = ["RenderedPage", "PageCache"]

_LEVEL: Final = 4  # of gzip; more takes twice the time and saves little
_WORTH: Final = 1_000  # bytes; what is smaller goes out as it is
_OVERHEAD: Final = 1_000  # bytes that an entry takes besides what it holds


@dataclass(eq=False)
class RenderedPage:
    """A page as it goes out: its body, its status and headers.

    Nothing on a page is secret, so that its compressed length betrays nothing.
    """

    body: bytes
    status: int
    headers: dict[str, str]

    @cached_property
    def packed(self) -> bytes | None:
        """The body compressed, None where that is not worth it."""
        return gzip.compress(self.body, _LEVEL, mtime=0) if len(self.body) >= _WORTH else None


class _Kept(NamedTuple):
    """A page as it is kept: compressed where that is worth it, which makes room for four times as many."""

    body: bytes
    is_packed: bool
    status: int
    headers: dict[str, str]
    size: int

    def finished(self) -> RenderedPage:
        page = RenderedPage(gzip.decompress(self.body) if self.is_packed else self.body, self.status, self.headers)
        if self.is_packed:
            page.packed = self.body
        return page


@dataclass
class PageCache:
    """Pages by what they answer; together they take no more than `limit` bytes."""

    limit: int
    size: int = 0
    _pages: OrderedDict[Hashable, _Kept] = field(default_factory=OrderedDict)

    def get(self, key: Hashable) -> RenderedPage | None:
        """Return a page, which thereby leaves later than the others."""
        found = self._pages.get(key)
        if found is None:
            return None
        self._pages.move_to_end(key)
        return found.finished()

    def keep(self, key: Hashable, page: RenderedPage) -> None:
        """Keep a page, or not, where it alone would take a good part of the room."""
        packed = page.packed
        body = page.body if packed is None else packed
        size = len(body) + len(repr(key)) + _OVERHEAD  # a key is as long as a client likes
        self._drop(key)
        if size > self.limit // 8:
            return
        self._pages[key] = _Kept(body, packed is not None, page.status, page.headers, size)
        self.size += size
        while self.size > self.limit:
            self._drop(next(iter(self._pages)))

    def clear(self) -> None:
        """Let go of all pages."""
        self._pages.clear()
        self.size = 0

    def _drop(self, key: Hashable) -> None:
        gone = self._pages.pop(key, None)
        self.size -= gone.size if gone is not None else 0
