"""How an answer leaves a worker.

Oxigraph writes it to a writer that counts rows or triples and ends the document at a limit with what its format has;
that one passes it on to the writer of frames for the server, held back or streamed, compressed where it is asked for.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from imr_graph.endpoint.formats import AnswerFormat
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.messages import BODY, END, HEAD, frame, message
from imr_graph.endpoint.workers.row_boundaries import RowBoundaries

__all__ = ["LimitReachedError", "ResponseWriter", "RowLimitedWriter", "TripleLimitedWriter"]

_BLOCK: Final = 64 * 1024
_WORTH_COMPRESSING: Final = 1024  # bytes; less fits into one packet anyway
_GZIP: Final = 16 + zlib.MAX_WBITS
# XML 1.0, section 2.2: of the control characters only tab, line feed and carriage return; U+FFFE and U+FFFF are out.
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_REPLACEMENT = "\ufffd".encode()


class LimitReachedError(Exception):
    """Stops the writing of an answer at a limit; the first argument names it (`rows` or `bytes`)."""


@dataclass(slots=True)
class ResponseWriter:
    """Frames for the server.

    Until `hold` bytes have come nothing is sent, so that the head can tell how the answer ended. `should_recycle`
    says whether the worker should be replaced after this answer.
    """

    socket: socket.socket
    head: dict[str, Any]
    hold: int = _BLOCK
    gzip: bool = False
    should_recycle: Callable[[], bool] = lambda: False
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0
    _begun: bool = False
    _compressor: Any = None

    def write(self, data: bytes) -> None:
        """Take bytes of the answer."""
        if self._compressor:
            data = self._compressor.compress(data)
        elif self.gzip and self._size + len(data) >= _WORTH_COMPRESSING:
            data = self._begin_compressing(data)
        if data:
            self._parts.append(data)
            self._size += len(data)
            if self._size >= (_BLOCK if self._begun else self.hold):
                self._send()

    def finish(self, cut: str | None = None, rows: int = 0) -> None:
        """End the answer; `cut` names the limit that it met, `rows` counts what it holds."""
        if self._compressor:
            self._parts.append(self._compressor.flush())
            self._size += len(self._parts[-1])
        if not self._begun:
            self.head |= {"length": self._size, "cut": cut}
        self._send(self._end(cut=cut, rows=rows))

    def _begin_compressing(self, data: bytes) -> bytes:
        self._compressor = zlib.compressobj(5, zlib.DEFLATED, _GZIP)
        self.head["encoding"] = "gzip"
        before, self._parts, self._size = b"".join(self._parts), [], 0
        compressed: bytes = self._compressor.compress(before + data)
        return compressed

    def finish_head(self) -> None:
        """End an answer of which only the head is asked for."""
        self.socket.sendall(message(HEAD, self.head) + self._end())

    def refuse(self, status: int, text: str) -> bool:
        """Answer with an error instead; False where the answer has begun, so that it can only be broken off."""
        if self._begun:
            return False
        body = text.encode()
        head = {"status": status, "type": "text/plain; charset=utf-8", "length": len(body)}
        self.socket.sendall(message(HEAD, head) + frame(BODY, body) + self._end())
        return True

    def _end(self, **fields: Any) -> bytes:
        return message(END, fields | ({"recycle": True} if self.should_recycle() else {}))

    def _send(self, last: bytes = b"") -> None:
        first = b"" if self._begun else message(HEAD, self.head)
        self._begun = True
        parts, self._parts = self._parts, []
        if self._size <= 4 * _BLOCK:
            body = frame(BODY, b"".join(parts)) if parts else b""
            self.socket.sendall(first + body + last)
        else:  # a long answer that was held back is not copied once more
            self.socket.sendall(first)
            for part in parts:
                self.socket.sendall(frame(BODY, part))
            self.socket.sendall(last)
        self._size = 0


@dataclass(slots=True)
class _LimitedWriter:
    """What both forms of answer have in common: what waits to be sent, and how it leaves."""

    response: ResponseWriter
    format: AnswerFormat
    limits: ServerSettings
    rows: int = field(default=0, init=False)
    _waiting: list[bytes] = field(default_factory=list, init=False)
    _size: int = field(default=0, init=False)
    _sent: int = field(default=0, init=False)

    def flush(self) -> None:
        """Do nothing: Oxigraph flushes at the end, which `finish` does."""

    def _emit(self, text: bytes) -> None:
        self._sent += len(text)
        self.response.write(_fit_for_xml(text) if self.format.is_xml else text)


@dataclass(slots=True)
class RowLimitedWriter(_LimitedWriter):
    """Takes a table as Oxigraph writes it and passes whole rows on; raises LimitReachedError at the limits."""

    boundaries: RowBoundaries
    _opened: bool = field(default=False, init=False)
    _closed: bool = field(default=False, init=False)

    def write(self, data: bytes) -> int:
        """Take a piece of the document."""
        if not self._closed:  # Oxigraph hands over what it still holds when it has been stopped
            self._waiting.append(data)
            self._size += len(data)
            if self._size >= _BLOCK:
                self._pass_on()
        return len(data)

    def finish(self) -> None:
        """Pass on what is left once Oxigraph has written everything; raises LimitReachedError as well."""
        rest = self._pass_on()
        if self._sent + len(rest) > self.limits.result_bytes:
            self._cut("bytes", rest[:0])
        self.rows += bool(rest) and self._opened
        self._emit(rest)

    def _pass_on(self) -> bytes:
        """Pass on the rows that are whole; return, and keep, what follows them."""
        text = b"".join(self._waiting)
        if not self._opened:
            at = self.boundaries.opening(text)
            if at < 0:
                return self._keep(text)
            self._opened = True
            self._emit(text[:at])
            text = text[at:]
        whole, count = self.boundaries.last(text), self.boundaries.count(text)
        room = self.limits.result_bytes - self._sent
        if self.rows + count >= self.limits.rows:
            end = _nth(self.boundaries.ends(text), self.limits.rows - self.rows)
            if end <= room:
                self._cut("rows", text[:end])
        if (whole if whole >= 0 else len(text)) > room:
            self._cut("bytes", text[: max((end for end in self.boundaries.ends(text) if end <= room), default=0)])
        if whole >= 0:
            self.rows += count
            self._emit(text[:whole])
            text = text[whole:]
        return self._keep(text)

    def _keep(self, text: bytes) -> bytes:
        self._waiting, self._size = [text], len(text)
        return text

    def _cut(self, limit: str, text: bytes) -> None:
        self.rows += self.boundaries.count(text) + bool(text)
        self._emit(text + self.boundaries.closing())
        self._closed = True
        raise LimitReachedError(limit)


@dataclass(slots=True)
class TripleLimitedWriter(_LimitedWriter):
    """Takes a graph as Oxigraph writes it; `limit` lets triples through up to the limits."""

    cut: str | None = field(default=None, init=False)

    def limit(self, triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
        """Yield triples until a limit is met; `cut` then names it."""
        for triple in triples:
            if self.rows >= self.limits.rows or self._sent + self._size > self.limits.result_bytes:
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

    def finish(self) -> None:
        """Pass on what is left once Oxigraph has written everything."""
        self._emit(b"".join(self._waiting))


def _nth(offsets: Iterator[int], n: int) -> int:
    return next(offset for position, offset in enumerate(offsets, 1) if position == n)


def _fit_for_xml(text: bytes) -> bytes:
    """Return XML without the characters that it may not hold; U+FFFE and U+FFFF become U+FFFD."""
    text = text.translate(None, _CONTROLS)
    for character in _NONCHARACTERS:
        text = text.replace(character, _REPLACEMENT)
    return text
