"""Figures and hits as files: CSV that spreadsheets open safely, and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from starlette.responses import Response

from imr_graph.analysis.statistics.figures import Figure
from imr_graph.store.table_export import FORMULA_STARTS

__all__ = ["FORMATS", "Sheet", "send_sheet", "sheet_of_figure", "table_of_figure", "write_csv"]

FORMATS: Final[Mapping[str, str]] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
"""Media types by the names of formats in addresses."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: columns and rows as CSV has them, and the document as JSON has it."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]
    document: object


def send_sheet(sheet: Sheet, name: str, format: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a sheet as a file for download, in a format of `FORMATS`."""
    if format == "csv":
        body = write_csv(sheet.columns, sheet.rows)
    else:
        body = json.dumps(sheet.document, ensure_ascii=False, indent=1) + "\n"
    usual = {"cache-control": "no-cache", "content-disposition": f'attachment; filename="{name}.{format}"'}
    return Response(body, 200, {**usual, **(headers or {})}, FORMATS[format])


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return rows as CSV (RFC 4180); a text that a spreadsheet would take for a formula gets an apostrophe.

    >>> write_csv(["heading", "share"], [["=1+1", -0.5]])
    "heading,share\r\n'=1+1,-0.5\r\n"
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([_guard(cell) for cell in row] for row in rows)
    return stream.getvalue()


def sheet_of_figure(figure: Figure, found: Any) -> Sheet:
    """Return what a figure of the library's statistics has found as a sheet, one row for each group."""
    rows = list(figure.rows(found))
    document = [asdict(each) for each in found] if isinstance(found, tuple) else asdict(found)
    return Sheet(list(rows[0]) if rows else [], [list(row.values()) for row in rows], document)


def table_of_figure(figure: Figure, found: Any, group: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return heads and rows of a figure as people read them, without ids; a head that begins with # is of numbers.

    `group` heads the values that the figure is grouped by.
    """
    rows = list(figure.rows(found))
    names = [name for name in (rows[0] if rows else ()) if not name.endswith("_id") and name not in _UNSHOWN]
    heads = (group if name == "value" and group else name.replace("_", " ").capitalize() for name in names)
    marks = ("" if isinstance(rows[0][name], str) else "#" for name in names)
    cells = tuple(tuple(_format_cell(name, row[name]) for name in names) for row in rows)
    return tuple(map("".join, zip(marks, heads, strict=True))), cells


_SHARES: Final = ("share", "low", "high", "part", "share_elsewhere")
_UNSHOWN: Final = ("elsewhere", "all_elsewhere", "places")


def _format_cell(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1%}" if name in _SHARES else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else "–" if value is None else str(value)


def _guard(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
