"""What pages of figures have in common: which decisions they count, and the figure as a file or within other sites.

Each file says where it is from: a chart as SVG or PNG in its caption, numbers as CSV or JSON beside them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any, Final, NamedTuple, TypeAlias

from starlette.datastructures import QueryParams
from starlette.responses import Response

from imr_graph.analysis.charts.charts import write_chart
from imr_graph.analysis.charts.figure_charts import draw_figure, title_of
from imr_graph.analysis.dimensions.filters import Filters, describe_filters, resolve_filters
from imr_graph.analysis.statistics.figures import Figure
from imr_graph.endpoint.middleware import EMBEDDED_POLICY
from imr_graph.errors import UsageError
from imr_graph.labels import format_date
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import FORMATS
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website.files import send_table
from imr_graph.website.forms import Choice, read_values, read_whole_number
from imr_graph.website.site import Page, StoreRequest
from imr_graph.website.svg.charts import draw_charts

__all__ = [
    "FIGURE_FORMATS",
    "LEVELS",
    "CountedFigure",
    "FigureAddress",
    "FigureSource",
    "describe_source",
    "read_counted",
    "send_figure",
    "show_embedded",
    "span_of_decisions",
]

_PICTURES: Final = {"svg": "image/svg+xml", "png": "image/png"}
FIGURE_FORMATS: Final[Mapping[str, str]] = {**_PICTURES, **FORMATS}
"""Media types by the formats of a figure, as addresses name them."""

LEVELS: Final[tuple[Choice, ...]] = (("item", "disputed items"), ("case", "cases"))
"""What a figure counts."""

# A picture that is opened by itself needs its own styles, and nothing else.
_PICTURE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# matplotlib keeps its settings for the whole process.
_DRAWING: Final = Lock()
_LONGEST: Final = 500  # characters of a value
_MOST_MINIMUM: Final = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureAddress:
    """What the address of any figure says: what is counted, of which decisions; texts are empty where it says nothing.

    `filters` are values by dimension as they were written; groups with fewer than `minimum` decisions are left out.
    """

    level: str = "item"
    minimum: int = 1
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: str = ""
    until: str = ""

    @property
    def narrowing(self) -> list[tuple[str, str]]:
        """What leaves decisions out, as pairs of an address."""
        pairs = [(name, value) for name, values in self.filters.items() for value in values]
        return pairs + [(name, day) for name, day in (("since", self.since), ("until", self.until)) if day]

    @property
    def unit(self) -> str:
        """What is counted, as tables head it."""
        return "Cases" if self.level == "case" else "Items"

    def resolve(self, snapshot: StoreSnapshot) -> Filters:
        """Return the filters; raises UsageError for a value that the store does not know."""
        return resolve_filters(snapshot.store, self.filters, since=self.since or None, until=self.until or None)


def read_counted(parameters: QueryParams) -> dict[str, Any]:
    """Return what an address says of what is counted, by the fields of `FigureAddress`.

    Raises UsageError for a value that is too long, and for a minimum that is no number.
    """
    filters = {name: values for name in DIMENSIONS if (values := read_values(parameters, name))}
    if any(len(value) > _LONGEST for values in filters.values() for value in values):
        raise UsageError(f"A value has more than {_LONGEST} characters: write less.")
    return {
        "level": parameters.get("level", "") or "item",
        "minimum": max(1, read_whole_number(parameters, "minimum", 1, 0, _MOST_MINIMUM, "The minimum")),
        "filters": filters,
        "since": parameters.get("since", "").strip(),
        "until": parameters.get("until", "").strip(),
    }


class CountedFigure(NamedTuple):
    """A figure with what it has found, which decisions were counted, its page's address, and what it is grouped by."""

    figure: Figure
    found: Any
    filters: Filters
    address: str
    by: tuple[str, ...] = ()


FigureReader: TypeAlias = "Callable[[StoreSnapshot, QueryParams], CountedFigure]"
"""Counts the figure that an address asks for."""


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


def describe_source(asked: StoreRequest, filters: Filters, address: str) -> FigureSource:
    """Return where a figure is from, by its filters and its address on the site."""
    snapshot = asked.snapshot
    cases, first, last = span_of_decisions(snapshot)
    span = f", decided {format_date(first)} to {format_date(last)}" if first and last else ""
    published = datetime.fromtimestamp((snapshot.path / "store.json").stat().st_mtime, UTC).date()
    source = f"imr-graph, {cases:,} determinations of California Independent Medical Review{span}; "
    words = describe_filters(filters, snapshot.table)
    return FigureSource(words, f"{source}data of {format_date(published)}", f"{asked.public}{address}")


def send_figure(asked: StoreRequest, counted: CountedFigure, format: str) -> Response:
    """Return a figure as a file in one of `FIGURE_FORMATS`.

    Raises UsageError for another format, for a figure without a chart, and where matplotlib is not installed.
    """
    source, name = describe_source(asked, counted.filters, counted.address), counted.figure.name
    if format in FORMATS:
        found = counted.found
        rows = list(counted.figure.rows(found))
        columns = [*(rows[0] if rows else ()), "source"]
        result = [asdict(each) for each in found] if isinstance(found, tuple) else asdict(found)
        about = {"figure": name, "filter": source.filter, "source": source.source, "address": source.address}
        line = " ".join(source.lines)
        cells = ([*row.values(), line] for row in rows)
        return send_table(asked.parameters, name, format, columns, cells, {**about, "result": result})
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


def show_embedded(count: FigureReader, asked: StoreRequest) -> Page:
    """Show the charts of the figure that an address asks for, alone, to be framed by any site."""
    counted = count(asked.snapshot, asked.parameters)
    unit = "Cases" if asked.parameters.get("level") == "case" else "Items"
    return Page(
        "embed.html",
        title=title_of(counted.figure, counted.found),
        charts=draw_charts(counted.found, unit),
        source=describe_source(asked, counted.filters, counted.address),
        headers={"content-security-policy": EMBEDDED_POLICY},
    )


def span_of_decisions(snapshot: StoreSnapshot) -> tuple[int, date | None, date | None]:
    """Return how many cases a store has, and the days of the first and the last decision."""
    query = "select count(distinct case_key), min(decision_date), max(decision_date) from items"
    found: tuple[int, date | None, date | None] = snapshot.once("span", lambda: snapshot.table.rows(query)[0])
    return found
