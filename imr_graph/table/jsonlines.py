"""Rows on their way from the worker that made them to the table: JSON lines, plain or compressed.

Zstandard, where it is installed, takes a tenth of gzip's time; files are compressed for the sake of the disk alone.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from imr_graph.errors import UnreadableError
from imr_graph.resources import needed_zstandard, zstandard
from imr_graph.table.rows import Row

__all__ = ["compression", "encode_rows", "read_rows", "select_rows", "suffix", "write_lines"]

_LEVEL = 1  # of both: the files live for one build
_CHUNK = 1 << 18  # bytes
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def encode_rows(rows: Iterable[Row]) -> bytes:
    r"""Return rows as JSON lines in UTF-8: what a worker appends to its shard's file.

    >>> encode_rows([{"case_key": "EX16-1", "position": 1}])
    b'{"case_key":"EX16-1","position":1}\n'
    """
    return "".join(f"{_ENCODER.encode(row)}\n" for row in rows).encode()


def select_rows(lines: bytes, keys: Mapping[str, str]) -> Iterator[bytes]:
    """Yield those of the lines whose letter comes, each once; `keys` has the key of its case by its text's digest."""
    seen: set[tuple[str, int | None]] = set()
    for line in lines.splitlines(keepends=True):
        row = json.loads(line)
        place = (row["letter_sha256"], row["position"])
        key = keys.get(place[0])
        if key is not None and place not in seen:
            seen.add(place)
            yield line if row["case_key"] == key else encode_rows(({**row, "case_key": key},))


def suffix() -> str:
    """Return the ending of the names of files that are compressed in the best way there is here."""
    return ".jsonl.zst" if zstandard() else ".jsonl.gz"


def compression(file: Path) -> str:
    """Return what a file is compressed with by its name's ending, as DuckDB calls it.

    >>> compression(Path("rows.jsonl.gz")), compression(Path("rows.jsonl"))
    ('gzip', 'none')
    """
    return {".gz": "gzip", ".zst": "zstd"}.get(file.suffix, "none")


def write_lines(file: Path, chunks: Iterable[bytes]) -> None:
    """Write JSON lines to a file, compressed where its name ends in `.gz` or `.zst`; equal rows are equal files."""
    with file.open("wb") as raw:
        if file.suffix == ".zst":
            with needed_zstandard(zstandard()).ZstdCompressor(level=_LEVEL).stream_writer(raw) as packed:
                for chunk in chunks:
                    packed.write(chunk)
        elif file.suffix == ".gz":
            with gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as stream:
                stream.writelines(chunks)
        else:
            raw.writelines(chunks)


def read_rows(file: Path) -> Iterator[Row]:
    """Yield the rows of a file of JSON lines.

    Raises UnreadableError where the file is something else or cut short.
    """
    try:
        for line in _lines(file):
            yield json.loads(line)
    except (ValueError, EOFError, gzip.BadGzipFile) as error:
        raise UnreadableError(str(file), f"not rows as this product writes them ({error}); write it anew") from error


def _lines(file: Path) -> Iterator[bytes]:
    if file.suffix == ".zst":
        yield from _unpack_lines(file)
    else:
        with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
            yield from stream


def _unpack_lines(file: Path) -> Iterator[bytes]:
    """Yield the lines of a file that Zstandard packed; raises ValueError or EOFError where it is not whole."""
    library = needed_zstandard(zstandard())
    packed, rest = library.ZstdDecompressor().decompressobj(), b""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            try:
                *whole, rest = (rest + packed.decompress(chunk)).split(b"\n")
            except library.ZstdError as error:
                raise ValueError(str(error)) from None
            yield from whole
    if not packed.eof:
        raise EOFError("it ends early")
