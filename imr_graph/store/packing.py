"""How triples and rows are packed: by Zstandard where it is installed, else by gzip."""

from __future__ import annotations

import gzip
import zlib
from typing import Final

from imr_graph.errors import ToolError
from imr_graph.resources import zstandard

__all__ = ["DAMAGED", "pack", "suffix", "unpack"]

_LEVEL: Final = 1
_GZIP: Final = b"\x1f\x8b"

DAMAGED: Final = (EOFError, ValueError, OSError, zlib.error)
"""What `unpack` may raise for bytes that are not what `pack` made; OSError covers gzip.BadGzipFile."""


def suffix() -> str:
    """Return the ending of packed files' names."""
    return ".zst" if zstandard() else ".gz"


def pack(data: bytes) -> bytes:
    """Return the data packed, with a checksum of its content."""
    library = zstandard()
    if library is None:
        return gzip.compress(data, _LEVEL, mtime=0)
    packed: bytes = library.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(data)
    return packed


def unpack(packed: bytes) -> bytes:
    """Return the data that `pack` was given.

    Raises ToolError where Zstandard is needed and not installed, and one of `DAMAGED` where the bytes are damaged.
    """
    if packed.startswith(_GZIP):
        return gzip.decompress(packed)
    library = zstandard()
    if library is None:
        raise ToolError("What Zstandard packed needs the package zstandard: pip install zstandard.")
    try:
        data: bytes = library.ZstdDecompressor().decompress(packed)
    except library.ZstdError as error:
        raise ValueError(str(error)) from None
    return data
