"""What Oxigraph writes an answer to: sinks that count it, and end the document at a limit with what its format has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from imr_graph.endpoint.formats import Format
from imr_graph.endpoint.workers.outlet import Outlet
from imr_graph.endpoint.workers.row_boundaries import Parting

__all__ = ["Cut", "GraphSink", "Limits", "TableSink"]

_BLOCK: Final = 64 * 1024
# XML 1.0, section 2.2: of the control characters only tab, line feed and carriage return; U+FFFE and U+FFFF are out.
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_REPLACEMENT = "\ufffd".encode()


class Cut(Exception):  # noqa: N818
    """Stops the writing of an answer at a limit; the first argument names it (`rows` or `bytes`)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one answer may hold: rows or triples, bytes, and bytes held back where a cut can only be announced."""

    rows: int
    bytes: int
    hold: int


@dataclass(slots=True)
class TableSink:
    """Takes a table as Oxigraph writes it and passes whole rows on, up to the limits; raises `Cut` there."""

    outlet: Outlet
    format: Format
    parting: Parting
    limits: Limits
    rows: int = 0
    _waiting: list[bytes] = field(default_factory=list)
    _size: int = 0
    _sent: int = 0
    _opened: bool = False
    _closed: bool = False

    def write(self, data: bytes) -> int:
        """Take a piece of the document."""
        if not self._closed:  # Oxigraph hands over what it still holds when it has been stopped
            self._waiting.append(data)
            self._size += len(data)
            if self._size >= _BLOCK:
                self._pass_on()
        return len(data)

    def flush(self) -> None:
        """Do nothing: Oxigraph flushes at the end, which `finish` does."""

    def finish(self) -> None:
        """Pass on what is left once Oxigraph has written everything; raises `Cut` as well."""
        rest = self._pass_on()
        if self._sent + len(rest) > self.limits.bytes:
            self._cut("bytes", rest[:0])
        self.rows += bool(rest) and self._opened
        self._emit(rest)

    def _pass_on(self) -> bytes:
        """Pass on the rows that are whole; return, and keep, what follows them."""
        text = b"".join(self._waiting)
        if not self._opened:
            at = self.parting.opening(text)
            if at < 0:
                return self._keep(text)
            self._opened = True
            self._emit(text[:at])
            text = text[at:]
        whole, count = self.parting.last(text), self.parting.count(text)
        room = self.limits.bytes - self._sent
        if self.rows + count >= self.limits.rows:
            end = _nth(self.parting.ends(text), self.limits.rows - self.rows)
            if end <= room:
                self._cut("rows", text[:end])
        if (whole if whole >= 0 else len(text)) > room:
            self._cut("bytes", text[: max((end for end in self.parting.ends(text) if end <= room), default=0)])
        if whole >= 0:
            self.rows += count
            self._emit(text[:whole])
            text = text[whole:]
        return self._keep(text)

    def _keep(self, text: bytes) -> bytes:
        self._waiting, self._size = [text], len(text)
        return text

    def _cut(self, limit: str, text: bytes) -> None:
        self.rows += self.parting.count(text) + bool(text)
        self._emit(text + self.parting.closing())
        self._closed = True
        raise Cut(limit)

    def _emit(self, text: bytes) -> None:
        self._sent += len(text)
        self.outlet.write(_fit_for_xml(text) if self.format.is_xml else text)


@dataclass(slots=True)
class GraphSink:
    """Takes a graph as Oxigraph writes it; `within` lets triples through up to the limits."""

    outlet: Outlet
    format: Format
    limits: Limits
    rows: int = 0
    cut: str | None = None
    _waiting: list[bytes] = field(default_factory=list)
    _size: int = 0
    _sent: int = 0

    def within(self, triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
        """Yield triples until a limit is met; `cut` then names it."""
        for triple in triples:
            if self.rows >= self.limits.rows or self._sent + self._size > self.limits.bytes:
                self.cut = "rows" if self.rows >= self.limits.rows else "bytes"
                return
            self.rows += 1
            yield triple

    def write(self, data: bytes) -> int:
        """Take a piece of the document."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= _BLOCK:
            text = b"".join(self._waiting)
            at = text.rfind(b">") + 1 if self.format.is_xml else len(text)  # no character is taken apart
            self._emit(text[:at])
            self._waiting, self._size = [text[at:]], len(text) - at
        return len(data)

    def flush(self) -> None:
        """Do nothing: Oxigraph flushes at the end, which `finish` does."""

    def finish(self) -> None:
        """Pass on what is left once Oxigraph has written everything."""
        self._emit(b"".join(self._waiting))

    def _emit(self, text: bytes) -> None:
        self._sent += len(text)
        self.outlet.write(_fit_for_xml(text) if self.format.is_xml else text)


def _nth(offsets: Iterator[int], n: int) -> int:
    return next(offset for position, offset in enumerate(offsets, 1) if position == n)


def _fit_for_xml(text: bytes) -> bytes:
    """Return XML without the characters that it may not hold; U+FFFE and U+FFFF become U+FFFD."""
    text = text.translate(None, _CONTROLS)
    for character in _NONCHARACTERS:
        text = text.replace(character, _REPLACEMENT)
    return text
