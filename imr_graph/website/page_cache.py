"""Pages as they go out, and those that are kept in memory, the ones least asked for leaving first."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from imr_graph.endpoint.formats import accepts_gzip

__all__ = ["PageCache", "RenderedPage", "respond_with"]

_LEVEL: Final = 4  # of gzip; more takes twice the time and saves little
_WORTH: Final = 1_000  # bytes; what is smaller goes out as it is
_OVERHEAD: Final = 1_000  # bytes that an entry takes besides what it holds


class RenderedPage:
    """A page as it goes out: its body, its status and headers.

    Nothing on a page is secret, so that its compressed length betrays nothing.
    """

    def __init__(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        self._plain: bytes | None = body
        self.status, self.headers = status, headers

    @property
    def body(self) -> bytes:
        """The body as it is."""
        return gzip.decompress(self.gzipped or b"") if self._plain is None else self._plain

    @cached_property
    def gzipped(self) -> bytes | None:
        """The body compressed, None where that is not worth it."""
        return gzip.compress(self.body, _LEVEL, mtime=0) if len(self.body) >= _WORTH else None

    def pack(self) -> int:
        """Keep the body only once, compressed where that is worth it: room for four times as many; return its size."""
        self._plain = None if self.gzipped else self._plain
        return len(self.gzipped or self.body)


@dataclass
class PageCache:
    """Pages by the requests they answer; together they take no more than `limit` bytes."""

    limit: int
    size: int = 0
    _pages: OrderedDict[Hashable, tuple[RenderedPage, int]] = field(default_factory=OrderedDict)

    def get(self, key: Hashable) -> RenderedPage | None:
        """Return a page, None where it is not there; it then leaves later than the others."""
        if key not in self._pages:
            return None
        self._pages.move_to_end(key)
        return self._pages[key][0]

    def put(self, key: Hashable, page: RenderedPage) -> None:
        """Store a page, unless it alone would take a good part of the room."""
        size = page.pack() + len(repr(key)) + _OVERHEAD  # a key is as long as a client likes
        self._drop(key)
        if size > self.limit // 8:
            return
        self._pages[key] = page, size
        self.size += size
        while self.size > self.limit:
            self._drop(next(iter(self._pages)))

    def clear(self) -> None:
        """Remove all pages."""
        self._pages.clear()
        self.size = 0

    def _drop(self, key: Hashable) -> None:
        if key in self._pages:
            self.size -= self._pages.pop(key)[1]


def respond_with(request: Request, page: RenderedPage) -> Response:
    """Return a page as a response, compressed where the client takes it; 304 where the client has it already."""
    headers = dict(page.headers)
    known = request.headers.get("if-none-match", "")
    same = (
        _covers(known, headers.get("etag", "")) if known else _is_unchanged(request, headers.get("last-modified", ""))
    )
    if page.status == 200 and same:
        kept = ("etag", "vary", "cache-control", "content-location", "last-modified", "link")
        return Response(status_code=304, headers={name: headers[name] for name in kept if name in headers})
    if not accepts_gzip(request.headers.get("accept-encoding", "")) or page.gzipped is None:
        return Response(page.body, page.status, headers)
    return Response(page.gzipped, page.status, {**headers, "content-encoding": "gzip"})


def _is_unchanged(request: Request, modified: str) -> bool:
    """Return whether a client that has no ETag has what was last modified then (RFC 9110, 13.1.3)."""
    return bool(modified) and request.headers.get("if-modified-since") == modified


def _covers(known: str, etag: str) -> bool:
    """Return whether an If-None-Match header names an ETag; the comparison is the weak one (RFC 9110, 8.8.3.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
