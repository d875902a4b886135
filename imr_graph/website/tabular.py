"""Figures and hits as files: CSV that spreadsheets open safely, and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from starlette.responses import Response

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.citation_agreement import CitationAgreement
from imr_graph.analysis.statistics.durations import Interval
from imr_graph.analysis.statistics.overturn_rates import OverturnRates
from imr_graph.store.table_export import FORMULA_STARTS

__all__ = ["FORMATS", "Sheet", "send_sheet", "sheet_of_figure", "write_csv"]

FORMATS: Final[Mapping[str, str]] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
"""Media types by the names of formats in addresses."""

_GROUP: Final = ("decisions", "overturned", "cases", "share", "low", "high", "small")


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


def sheet_of_figure(figure: Any) -> Sheet:
    """Return a figure of the library's statistics as a sheet, one row for each group."""
    rows = list(_rows(figure))
    document = [asdict(each) for each in figure] if isinstance(figure, tuple) else asdict(figure)
    return Sheet(list(rows[0]) if rows else [], [list(row.values()) for row in rows], document)


def _guard(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _rows(figure: Any) -> Iterator[dict[str, object]]:
    if isinstance(figure, OverturnRates):
        for group in figure.groups:
            yield {**_name(dict(zip(figure.by, group.values, strict=True))), **_count(group)}
        return
    for each in figure:
        if isinstance(each, Interval):
            plain = asdict(each)
            yield {**_name({"value": each.value}), **{name: v for name, v in plain.items() if name != "value"}}
        elif isinstance(each, CitationAgreement):
            for kind, group in each.kinds:
                yield {**_name({"value": each.value}), "kind": kind, **_count(group)}


def _name(values: Mapping[str, Value | None]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in values.items():
        found |= {name: value.label if value else "", f"{name}_id": (value.iri or value.id) if value else ""}
    return found


def _count(group: Any) -> dict[str, object]:
    return {name: getattr(group, name) for name in _GROUP}
