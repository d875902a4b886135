"""What the server and its worker processes say to each other: frames over a socket.

A frame is one letter, the length of its content (four bytes, the highest first) and the content. The server sends
`ASK` frames, one at a time; a worker says `READY` once, then answers each with `HEAD`, any number of `BODY` and `END`.
Contents are JSON but for those of `BODY`. Both sides are processes of one installation, so there is no version.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["ASK", "BODY", "END", "FAILED", "HEAD", "HEADER_SIZE", "READY", "Reader", "frame", "header", "message"]

READY, FAILED, ASK, HEAD, BODY, END = b"R", b"F", b"A", b"H", b"B", b"E"
_HEADER: Final = struct.Struct(">cI")
HEADER_SIZE: Final = _HEADER.size


def frame(letter: bytes, content: bytes) -> bytes:
    """Return one frame."""
    return _HEADER.pack(letter, len(content)) + content


def message(letter: bytes, content: Any) -> bytes:
    """Return one frame whose content is JSON."""
    return frame(letter, json.dumps(content).encode())


def header(data: bytes) -> tuple[bytes, int]:
    """Return the letter and the length that the first bytes of a frame tell."""
    letter, length = _HEADER.unpack_from(data)
    return letter, length


class Reader:
    """Takes bytes as they come and gives frames; pieces of bodies are passed on at once, without being put together."""

    def __init__(self) -> None:
        self._rest = b""
        self._body = 0  # bytes of the current body that have not come yet

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the letter and content of each frame that is complete, and pieces of bodies."""
        at = 0
        if self._rest:
            data, self._rest = self._rest + data, b""
        while at < len(data):
            if self._body:
                piece = data[at : at + self._body] if at or self._body < len(data) else data
                self._body -= len(piece)
                at += len(piece)
                yield BODY, piece
                continue
            if len(data) - at < HEADER_SIZE:
                break
            letter, length = _HEADER.unpack_from(data, at)
            if letter == BODY:
                self._body = length
                at += HEADER_SIZE
                continue
            if len(data) - at < HEADER_SIZE + length:
                break
            at += HEADER_SIZE
            yield letter, data[at : at + length]
            at += length
        self._rest = data[at:]
