"""Figures and hits as files: CSV that spreadsheets open safely, and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.responses import Response

from imr_graph.analysis.statistics.figures import Figure
from imr_graph.record_files import FORMATS, format_csv

__all__ = ["Sheet", "file_headers", "send_sheet", "sheet_of_figure", "table_of_figure", "wants_bom"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: columns and rows as CSV has them, and the document as JSON has it."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]
    document: object


def send_sheet(
    sheet: Sheet, name: str, format: str, asked: QueryParams, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a sheet as a file for download, in a format of `FORMATS`, as the parameters of its address ask."""
    if format == "csv":
        body = format_csv(sheet.columns, sheet.rows, bom=wants_bom(asked))
    else:
        body = json.dumps(sheet.document, ensure_ascii=False, indent=1) + "\n"
    return Response(body, 200, {**file_headers(f"{name}.{format}"), **(headers or {})}, FORMATS[format])


def file_headers(name: str) -> dict[str, str]:
    """Return the headers of a file for download."""
    return {"cache-control": "no-cache", "content-disposition": f'attachment; filename="{name}"'}


def wants_bom(asked: QueryParams) -> bool:
    """Return whether an address asks for a byte order mark, which some spreadsheets need to read UTF-8: `bom=1`."""
    return asked.get("bom") == "1"


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
