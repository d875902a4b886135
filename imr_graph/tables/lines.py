"""Rows on their way from the worker that made them to the table: JSON lines, plain or compressed by gzip."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from imr_graph.errors import UnreadableError
from imr_graph.tables.rows import Row

__all__ = ["chosen", "encoded", "read_rows", "write_lines"]

_LEVEL = 1  # of gzip: the files live for one build
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def encoded(rows: Iterable[Row]) -> bytes:
    r"""Return rows as JSON lines in UTF-8: what a worker appends to its shard's file.

    >>> encoded([{"case_key": "EX16-1", "position": 1}])
    b'{"case_key":"EX16-1","position":1}\n'
    """
    return "".join(f"{_ENCODER.encode(row)}\n" for row in rows).encode()


def chosen(lines: bytes, keys: Mapping[str, str]) -> Iterator[bytes]:
    """Yield those of the lines whose letter comes, each once; `keys` has the key of its case by its text's digest."""
    seen: set[tuple[str, int | None]] = set()
    for line in lines.splitlines(keepends=True):
        row = json.loads(line)
        place = (row["letter_sha256"], row["position"])
        key = keys.get(place[0])
        if key is not None and place not in seen:
            seen.add(place)
            yield line if row["case_key"] == key else encoded(({**row, "case_key": key},))


def write_lines(file: Path, chunks: Iterable[bytes]) -> None:
    """Write JSON lines to a file, compressed where its name ends in `.gz`."""
    with file.open("wb") as raw:
        if file.suffix != ".gz":
            raw.writelines(chunks)
            return
        # Without the time of writing equal rows are equal files.
        with gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as stream:
            stream.writelines(chunks)


def read_rows(file: Path) -> Iterator[Row]:
    """Yield the rows of a file of JSON lines.

    Raises UnreadableError where the file is something else or cut short.
    """
    try:
        with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
            for line in stream:
                yield json.loads(line)
    except (ValueError, EOFError, gzip.BadGzipFile) as error:
        raise UnreadableError(str(file), f"not rows as this product writes them ({error}); write it anew") from error
