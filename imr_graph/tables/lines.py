"""Rows on their way from the worker that made them to the table: files of JSON lines, plain or compressed by gzip."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from imr_graph.errors import UnreadableError
from imr_graph.tables.rows import Row

__all__ = ["encoded", "read_rows", "write_rows"]

_LEVEL = 1  # of gzip: the files live for one build


def encoded(rows: Iterable[Row]) -> bytes:
    r"""Return rows as JSON lines in UTF-8: what a worker appends to its shard's file.

    >>> encoded([{"case_key": "EX16-1", "position": 1}])
    b'{"case_key":"EX16-1","position":1}\n'
    """
    return "".join(f"{_ENCODER.encode(row)}\n" for row in rows).encode()


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def write_rows(file: Path, rows: Iterable[Row]) -> int:
    """Write rows to a file of JSON lines, compressed where its name ends in `.gz`; return how many there were."""
    count = 0
    with _writable(file) as stream:
        for row in rows:
            stream.write(encoded((row,)))
            count += 1
    return count


def read_rows(file: Path) -> Iterator[Row]:
    """Yield the rows of a file that `write_rows` (or a worker, with `encoded`) wrote.

    Raises UnreadableError where the file is something else or cut short.
    """
    try:
        with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
            for line in stream:
                yield json.loads(line)
    except (ValueError, EOFError, gzip.BadGzipFile) as error:
        raise UnreadableError(str(file), f"not rows as this product writes them ({error}); write it anew") from error


@contextmanager
def _writable(file: Path) -> Iterator[BinaryIO]:
    if file.suffix == ".gz":
        # Without the time of writing equal rows are equal files.
        with file.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as stream:
            yield cast("BinaryIO", stream)
    else:
        with file.open("wb") as raw:
            yield raw
