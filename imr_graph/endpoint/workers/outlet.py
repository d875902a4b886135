"""How an answer leaves a worker: in frames for the server, held back or streamed, compressed where it is asked for."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from imr_graph.endpoint.workers.messages import BODY, END, HEAD, frame, message

__all__ = ["Outlet"]

_BLOCK: Final = 64 * 1024
_WORTH_PACKING: Final = 1024  # bytes; less fits into one packet anyway
_GZIP: Final = 16 + zlib.MAX_WBITS


@dataclass(slots=True)
class Outlet:
    """Frames for the server.

    Until `hold` bytes have come nothing is sent, so that the head can tell how the answer ended. `worn` says whether
    the worker should be replaced after this answer.
    """

    socket: socket.socket
    head: dict[str, Any]
    hold: int = _BLOCK
    gzip: bool = False
    worn: Callable[[], bool] = lambda: False
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0
    _begun: bool = False
    _packer: Any = None

    def write(self, data: bytes) -> None:
        """Take bytes of the answer."""
        if self._packer:
            data = self._packer.compress(data)
        elif self.gzip and self._size + len(data) >= _WORTH_PACKING:
            data = self._begin_packing(data)
        if data:
            self._parts.append(data)
            self._size += len(data)
            if self._size >= (_BLOCK if self._begun else self.hold):
                self._send()

    def finish(self, cut: str | None = None, rows: int = 0) -> None:
        """End the answer; `cut` names the limit that it met, `rows` counts what it holds."""
        if self._packer:
            self._parts.append(self._packer.flush())
            self._size += len(self._parts[-1])
        if not self._begun:
            self.head |= {"length": self._size, "cut": cut}
        self._send(self._end(cut=cut, rows=rows))

    def _begin_packing(self, data: bytes) -> bytes:
        self._packer = zlib.compressobj(5, zlib.DEFLATED, _GZIP)
        self.head["encoding"] = "gzip"
        before, self._parts, self._size = b"".join(self._parts), [], 0
        packed: bytes = self._packer.compress(before + data)
        return packed

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
        return message(END, fields | ({"worn": True} if self.worn() else {}))

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
