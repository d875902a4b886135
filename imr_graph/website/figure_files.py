"""A figure of statistics as a file: its chart as SVG or PNG, its numbers as CSV or JSON, each with where it is from."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any, Final, NamedTuple

from starlette.datastructures import QueryParams
from starlette.responses import Response

from imr_graph.analysis.charts.charts import write_chart
from imr_graph.analysis.charts.figure_charts import draw_figure
from imr_graph.analysis.dimensions.filters import Filters, describe_filters
from imr_graph.analysis.statistics.figures import Figure
from imr_graph.errors import UsageError
from imr_graph.labels import format_date
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import FORMATS
from imr_graph.website.tabular import send_sheet, sheet_of_figure

__all__ = ["FIGURE_FORMATS", "CountedFigure", "FigureSource", "describe_source", "send_figure", "span_of_decisions"]

_PICTURES: Final = {"svg": "image/svg+xml", "png": "image/png"}
FIGURE_FORMATS: Final = (*_PICTURES, *FORMATS)
"""The formats of a figure, as addresses name them."""

# A picture that is opened by itself needs its own styles, and nothing else.
_PICTURE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# matplotlib keeps its settings for the whole process.
_DRAWING: Final = Lock()


class CountedFigure(NamedTuple):
    """A figure with what it has found, which decisions were counted, and the address of its page."""

    figure: Figure
    found: Any
    filters: Filters
    address: str


@dataclass(frozen=True, slots=True)
class FigureSource:
    """Where a figure is from: which decisions were counted, of which letters and when, and its address."""

    filter: str
    source: str
    address: str

    @property
    def lines(self) -> tuple[str, ...]:
        """What a caption says of it."""
        return f"Counted: {self.filter}.", f"Source: {self.source}.", self.address


def describe_source(snapshot: StoreSnapshot, filters: Filters, address: str) -> FigureSource:
    """Return where a figure of a store is from, by its filters and its whole address. Runs in a thread."""
    cases, first, last = span_of_decisions(snapshot)
    span = f", decided {format_date(first)} to {format_date(last)}" if first and last else ""
    published = datetime.fromtimestamp((snapshot.path / "store.json").stat().st_mtime, UTC).date()
    source = f"imr-graph, {cases:,} determinations of California Independent Medical Review{span}; "
    words = describe_filters(filters, snapshot.table)
    return FigureSource(words, f"{source}data of {format_date(published)}", address)


def send_figure(counted: CountedFigure, source: FigureSource, format: str, asked: QueryParams) -> Response:
    """Return a figure as a file in one of `FIGURE_FORMATS`; runs in a thread.

    Raises UsageError for another format, for a figure without a chart, and where matplotlib is not installed.
    """
    name = counted.figure.name
    if format in FORMATS:
        sheet = sheet_of_figure(counted.figure, counted.found)
        about = {"figure": name, "filter": source.filter, "source": source.source, "address": source.address}
        line = " ".join(source.lines)
        rows = ([*row, line] for row in sheet.rows)
        return send_sheet(
            replace(sheet, columns=[*sheet.columns, "source"], rows=rows, document={**about, "result": sheet.document}),
            name, format, asked,
        )  # fmt: skip
    if format not in _PICTURES:
        raise UsageError(f"A figure comes as {', '.join(FIGURE_FORMATS)}, not as {format[:20]!r}.")
    chart, stream = draw_figure(counted.figure, counted.found, "\n".join(source.lines)), io.BytesIO()
    with _DRAWING:
        write_chart(chart, format, stream)
    headers = {
        "cache-control": "no-cache",
        "content-disposition": f'inline; filename="{name}.{format}"',
        "content-security-policy": _PICTURE_POLICY,
        "cross-origin-resource-policy": "cross-origin",
    }
    return Response(stream.getvalue(), 200, headers, _PICTURES[format])


def span_of_decisions(snapshot: StoreSnapshot) -> tuple[int, date | None, date | None]:
    """Return how many cases a store has, and the days of the first and the last decision. Runs in a thread."""
    return snapshot.once("span of decisions", lambda: _span(snapshot))


def _span(snapshot: StoreSnapshot) -> tuple[int, date | None, date | None]:
    ((cases, first, last),) = snapshot.table.rows(
        "select count(distinct case_key), min(decision_date), max(decision_date) from items"
    )
    return cases, first, last
