"""Records as files, streamed: JSON, and CSV that spreadsheets open safely. Nothing else writes CSV for people.

A spreadsheet runs a cell that begins like a formula, whoever wrote it into a letter. An apostrophe before it makes it
a text again. SPARQL's own CSV stays exact, as its specification asks: it is for programs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

__all__ = [
    "BOM",
    "FORMATS",
    "FORMULA_STARTS",
    "LIST_SEPARATOR",
    "RecordFile",
    "format_csv",
    "guard_cell",
    "stream_csv",
    "stream_records",
]

FORMATS: Final[Mapping[str, str]] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
"""Media types by the names of formats, which are the suffixes of files as well."""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would take for a formula; in CSV an apostrophe stands before it."""

LIST_SEPARATOR: Final = " | "
"""What stands between the values of a list."""

BOM: Final = "\ufeff"
"""What some spreadsheets need at the beginning of a file to read it as UTF-8."""

_AT_ONCE: Final = 64 << 10  # characters of a piece


@dataclass(frozen=True, slots=True)
class RecordFile:
    """Records to be written: their columns, and the rows, which are read once.

    In JSON `head` stands before the records, which are the list `name`.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]
    name: str
    head: Mapping[str, object] = field(default_factory=dict)


def stream_records(records: RecordFile, format: str, *, bom: bool = False) -> Iterator[str]:
    """Yield records in a format of `FORMATS`, in pieces."""
    return stream_csv(records.columns, records.rows, bom=bom) if format == "csv" else _stream_json(records)


def guard_cell(cell: object) -> object:
    """Return a cell as CSV has it: lists joined, and an apostrophe before a text that a spreadsheet would run.

    >>> guard_cell("=1+1"), guard_cell(-0.5), guard_cell(("knee", "hip"))
    ("'=1+1", -0.5, 'knee | hip')
    """
    if isinstance(cell, list | tuple):
        cell = LIST_SEPARATOR.join(map(str, cell))
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def stream_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], *, bom: bool = False) -> Iterator[str]:
    r"""Yield rows as CSV (RFC 4180) below their heads, in pieces, so that any number of rows takes little memory.

    >>> list(stream_csv(["heading"], [["@x"]], bom=True))
    ["\ufeffheading\r\n'@x\r\n"]
    """
    stream = io.StringIO()
    stream.write(BOM if bom else "")
    writer = csv.writer(stream)
    for row in chain([columns], rows):
        writer.writerow(map(guard_cell, row))
        if stream.tell() > _AT_ONCE:
            yield _take(stream)
    if stream.tell():
        yield _take(stream)


def format_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], *, bom: bool = False) -> str:
    r"""Return rows as CSV, as `stream_csv` yields them.

    >>> format_csv(["heading", "share"], [["=1+1", -0.5]])
    "heading,share\r\n'=1+1,-0.5\r\n"
    """
    return "".join(stream_csv(columns, rows, bom=bom))


def _stream_json(records: RecordFile) -> Iterator[str]:
    head = json.dumps(dict(records.head), ensure_ascii=False, indent=1).removesuffix("}").rstrip()
    stream = io.StringIO()
    stream.write(f"{head}{',' if records.head else ''}\n {json.dumps(records.name)}: [")
    for number, row in enumerate(records.rows):
        record = dict(zip(records.columns, row, strict=True))
        stream.write(f"{',' if number else ''}\n  {json.dumps(record, ensure_ascii=False)}")
        if stream.tell() > _AT_ONCE:
            yield _take(stream)
    stream.write("\n ]\n}\n")
    yield _take(stream)


def _take(stream: io.StringIO) -> str:
    """Return what was written, and begin anew."""
    written = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return written
