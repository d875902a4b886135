"""Rows on their way from the worker that made them to the table: JSON lines, plain or compressed.

Zstandard, where it is installed, takes a tenth of gzip's time; files are compressed for the sake of the disk alone.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from imr_graph.resources import needed_zstandard, zstandard
from imr_graph.table.rows import Row

__all__ = ["compression", "encode_rows", "select_rows", "suffix", "write_lines"]

_LEVEL = 1  # of both: the files live for one build
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
