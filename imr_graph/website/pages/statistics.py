"""Statistics as a form: overturned shares, times and agreement by one or two dimensions, of the decisions that fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from imr_graph.analysis.dimensions.filters import Filters, resolve_filters
from imr_graph.analysis.statistics.citation_agreement import KINDS, SUBJECTS, citation_agreement
from imr_graph.analysis.statistics.durations import INTERVALS, durations
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import statistics_files as files
from imr_graph.website.site import Page, Site
from imr_graph.website.statistics_request import FIGURES, StatisticsRequest, fields, request_of
from imr_graph.website.svg import rates as drawing
from imr_graph.website.svg.matrix import matrix

__all__ = ["show_statistics"]

_MOST: Final = 200  # groups of a table
_BARS: Final = 15
_PERIODS: Final = ("year", "month")
_TITLES: Final = [(name, of.title) for name, of in DIMENSIONS.items()]
_CHOICES: Final[Mapping[str, list[tuple[str, str]]]] = {
    "figure": list(FIGURES.items()),
    "by": [("", "all together"), *_TITLES],
    "then": [("", "nothing else"), *_TITLES],
    "level": [("item", "disputed items"), ("case", "cases")],
    "on": [(name, name) for name in SUBJECTS],
}


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure: what the library counted, and what the page shows of it."""

    counted: Any
    shown: Mapping[str, Any]


async def show_statistics(site: Site, request: Request) -> Page | Response:
    """Show the form of statistics with the figure it asks for, or send the figure as a file."""
    asked, wrong = StatisticsRequest(), None
    try:
        asked = request_of(request.query_params)
        figure = await site.run_in_thread(lambda snapshot: _figure(snapshot, asked))
        format = request.query_params.get("format", "")
        if format in files.FORMATS:
            return files.response(figure.counted, asked.figure, format)
        shown: Mapping[str, Any] = figure.shown
    except UsageError as error:
        wrong, shown = error, {"kind": None}
    filled = await site.run_in_thread(lambda snapshot: fields(snapshot, asked, _placed(asked, wrong)))
    values = {
        "title": "Statistics",
        "asked": asked,
        "fields": filled,
        "sentence": str(wrong) if wrong and not any(field.error for field in filled) else None,
        "figures": FIGURES,
        "dimensions": DIMENSIONS,
        "choices": _CHOICES,
        "formats": files.FORMATS,
        **shown,
    }
    return Page("statistics.html", values, 400 if wrong else 200)


def _placed(asked: StatisticsRequest, wrong: UsageError | None) -> dict[str, UsageError]:
    """Return an error by the field it belongs to; what belongs to none is said above the form."""
    if wrong is None:
        return {}
    for name in ("since", "until"):
        if f"of {name!r}" in str(wrong):
            return {name: wrong}
    if isinstance(wrong, UnknownNameError):
        return {name: wrong for name, values in asked.filters.items() if wrong.name in values}
    return {}


def _figure(snapshot: StoreSnapshot, asked: StatisticsRequest) -> _Figure:
    """Return the figure asked for; runs in a thread."""
    filters = resolve_filters(snapshot.store, asked.filters, since=asked.since or None, until=asked.until or None)
    return {"shares": _shares, "times": _times, "agreement": _agreement}[asked.figure](snapshot, asked, filters)


def _shares(snapshot: StoreSnapshot, asked: StatisticsRequest, filters: Filters) -> _Figure:
    by = tuple(name for name in (asked.by, asked.then) if name)
    level: Any = asked.level
    found = overturn_rates(snapshot.table, by, level=level, filters=filters, minimum=asked.minimum)
    groups = found.groups
    shown: dict[str, Any] = {
        "kind": "shares",
        "found": found,
        "groups": groups[:_MOST],
        "unit": "Cases" if level == "case" else "Items",
    }
    shown |= {"course": None, "bars": None, "matrix": None, "left": max(0, len(groups) - _MOST)}
    if len(by) == 2:
        shown["matrix"] = matrix(groups)
    elif by and by[0] in _PERIODS:
        shown["course"] = drawing.course(groups) if len(groups) > 1 else None
        shown["groups"] = sorted(groups, key=lambda group: (group.values[0].id is None, group.values[0].label))[:_MOST]
    elif by:
        shown["bars"] = drawing.bars(groups[:_BARS])
    return _Figure(found, shown)


def _times(snapshot: StoreSnapshot, asked: StatisticsRequest, filters: Filters) -> _Figure:
    which = ("application-to-decision",) if asked.by else tuple(INTERVALS)
    found = durations(snapshot.table, which, by=asked.by or None, filters=filters, minimum=asked.minimum)
    longest = max((each.upper for each in found if each.upper is not None), default=0.0)
    shown = {"kind": "times", "found": found[:_MOST], "left": max(0, len(found) - _MOST), "longest": max(longest, 1.0)}
    return _Figure(found, shown)


def _agreement(snapshot: StoreSnapshot, asked: StatisticsRequest, filters: Filters) -> _Figure:
    found = citation_agreement(snapshot.table, asked.on, by=asked.by or None, filters=filters, minimum=asked.minimum)
    shown = {"kind": "agreement", "found": found[:_MOST], "left": max(0, len(found) - _MOST), "kinds": KINDS}
    return _Figure(found, shown)
