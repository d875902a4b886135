"""What the server and its worker processes say to each other: frames over a socket.

A frame is one letter, the length of its content (four bytes, the highest first) and the content. The server sends
`ASK` frames, one at a time; a worker says `READY` once, then answers each with `HEAD`, any number of `BODY` and `END`.
Contents are JSON but for those of `BODY`. Both sides are processes of one installation, so there is no version.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from imr_graph.endpoint.formats import Choice
from imr_graph.endpoint.settings import ServerSettings, settings_from

__all__ = [
    "ASK",
    "BODY",
    "END",
    "FAILED",
    "HEAD",
    "HEADER_SIZE",
    "READY",
    "FrameReader",
    "Job",
    "Setup",
    "frame",
    "message",
    "parse_header",
]

READY, FAILED, ASK, HEAD, BODY, END = b"R", b"F", b"A", b"H", b"B", b"E"
_HEADER: Final = struct.Struct(">cI")
HEADER_SIZE: Final = _HEADER.size


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is told when it starts: the settings of the server, the database's folder, the base of its IRIs.

    Where the settings have an endpoint, the external store there takes the place of the folder (`endpoint.proxy`), and
    of its graphs the one of the IRI `graph`; passwords are in the environment, never here, as other users see command
    lines.
    """

    settings: ServerSettings
    folder: str
    base: str
    graph: str | None = None

    def serialize(self) -> str:
        """Return the setup as JSON."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def parse(cls, text: str) -> Setup:
        """Return the setup that `serialize` wrote."""
        found = json.loads(text)
        return cls(**found | {"settings": settings_from({}, **found["settings"])})


@dataclass(frozen=True, slots=True)
class Job:
    """A query for a worker.

    `formats` says how each kind of answer is written (format and media type, None where none suits), `base` what
    relative IRIs are resolved by. `head` asks for no body. `default_graphs` and `named_graphs` are the dataset of the
    request, both None where it names none.
    """

    query: str
    formats: Mapping[str, Choice | None]
    base: str
    gzip: bool = False
    head: bool = False
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None


def frame(letter: bytes, content: bytes) -> bytes:
    """Return one frame."""
    return _HEADER.pack(letter, len(content)) + content


def message(letter: bytes, content: Any) -> bytes:
    """Return one frame whose content is JSON."""
    return frame(letter, json.dumps(content).encode())


def parse_header(data: bytes) -> tuple[bytes, int]:
    """Return the letter and the length that the first bytes of a frame tell."""
    letter, length = _HEADER.unpack_from(data)
    return letter, length


class FrameReader:
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
