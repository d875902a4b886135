"""Statistics as a form: overturned shares, times and agreement by one or two dimensions, of the decisions that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from imr_graph.analysis.dimensions.filters import Filters, resolve_filters
from imr_graph.analysis.statistics.citation_agreement import KINDS, SUBJECTS, CitationAgreement, citation_agreement
from imr_graph.analysis.statistics.durations import INTERVALS, Interval, durations
from imr_graph.analysis.statistics.overturn_rates import OverturnRates, overturn_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import urls
from imr_graph.website.forms import Choice, FormField, frequent_names, read_values, read_whole_number
from imr_graph.website.site import Page, Site
from imr_graph.website.svg.charts import BarChart, YearChart, draw_bars, draw_years
from imr_graph.website.svg.matrix import Matrix, matrix
from imr_graph.website.tabular import FORMATS, send_sheet, sheet_of_figure
from imr_graph.website.views import GroupTable, Words

__all__ = ["FIGURES", "show_statistics"]

FIGURES: Final[Mapping[str, str]] = {
    "shares": "How often denials are overturned",
    "times": "How long the steps take",
    "agreement": "Whether both sides cite the same",
}
"""What is counted, by its name in addresses."""

_FILTERS: Final = tuple(name for name, of in DIMENSIONS.items() if of.field)  # an address may filter by any
_DATES: Final = {"since": "Decided from", "until": "Decided to"}
_LONGEST: Final = 500
_MOST: Final = 200  # groups of a table
_MOST_MINIMUM: Final = 999_999_999
_BARS: Final = 15
_PERIODS: Final = ("year", "month")
_TITLES: Final[tuple[Choice, ...]] = tuple((name, of.title) for name, of in DIMENSIONS.items())
_LEVELS: Final[tuple[Choice, ...]] = (("item", "disputed items"), ("case", "cases"))
_SUBJECTS: Final[tuple[Choice, ...]] = tuple((name, name) for name in SUBJECTS)


@dataclass(frozen=True, slots=True)
class StatisticsAddress:
    """A figure as its address asks for it; texts are empty where nothing is said."""

    figure: str = "shares"
    by: str = "category"
    then: str = ""
    level: str = "item"
    on: str = "guideline"
    minimum: int = 1
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: str = ""
    until: str = ""

    def address(self, **more: str) -> str:
        """Return the address of the figure."""
        own = [(name, getattr(self, name)) for name in ("figure", "by", "then", "level", "on")]
        own += [("minimum", str(self.minimum))] if self.minimum > 1 else []
        own += [(name, value) for name, values in self.filters.items() for value in values]
        own += [(name, getattr(self, name)) for name in _DATES]
        return urls.with_query(urls.STATISTICS, [*((n, v) for n, v in own if v), *more.items()])

    @property
    def further(self) -> tuple[tuple[str, str], ...]:
        """The filters that the form has no field for: of other dimensions, and all but the first of one."""
        return tuple(
            (name, value)
            for name, values in self.filters.items()
            for value in (values[1:] if name in _FILTERS else values)
        )

    def with_value(self, name: str, value: str) -> str:
        """Return the address with another value of a filter."""
        return replace(self, filters={**self.filters, name: (value,)}).address()


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure as the page shows it: what there is of charts and tables; all are empty where no decision fits.

    `scale` is the number of days at which the scale of `times` ends; `left` counts the rows that are only in files.
    """

    heading: str
    counted: str = "decision"
    summary: str = ""
    bars: BarChart | None = None
    years: YearChart | None = None
    matrix: Matrix | None = None
    titles: tuple[str, ...] = ()
    table: GroupTable | None = None
    times: tuple[Interval, ...] = ()
    scale: float = 1.0
    agreement: tuple[CitationAgreement, ...] = ()
    subject: str = ""
    left: int = 0
    files: tuple[Words, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=lambda: KINDS)


@dataclass(frozen=True, slots=True)
class StatisticsView:
    """The page: its form, the filters that the form has no field for, and the figure or what is wrong with it."""

    fields: tuple[FormField, ...]
    filters: tuple[FormField, ...]
    filtered: bool
    further: tuple[tuple[str, str], ...]
    further_titles: str
    sentence: str | None
    figure: FigureView | None
    title: str = "Statistics"


async def show_statistics(site: Site, request: Request) -> Page | Response:
    """Show the form of statistics with the figure it asks for, or send the figure as a file."""
    asked, wrong, view = StatisticsAddress(), None, None
    try:
        asked = read_request(request.query_params)
        counted, view = await site.run_in_thread(lambda snapshot: _count(snapshot, asked))
        format = request.query_params.get("format", "")
        if format in FORMATS:
            return send_sheet(sheet_of_figure(counted), asked.figure, format)
    except UsageError as error:
        wrong = error
    filters = await site.run_in_thread(lambda snapshot: tuple(_filters(snapshot, asked, _errors(asked, wrong))))
    page = StatisticsView(
        fields=tuple(_fields(asked)),
        filters=filters,
        filtered=bool(asked.filters or asked.since or asked.until),
        further=asked.further,
        further_titles="; ".join(f"{DIMENSIONS[name].title} {value}" for name, value in asked.further),
        sentence=str(wrong) if wrong and not any(field.error for field in filters) else None,
        figure=view,
    )
    return Page("statistics.html", page, 400 if wrong else 200)


def read_request(parameters: QueryParams) -> StatisticsAddress:
    """Return what an address asks for; raises UsageError for what cannot be understood."""
    figure = parameters.get("figure", "") or "shares"
    if figure not in FIGURES:
        raise UnknownNameError("figure", figure, FIGURES)
    given = {name: values for name in DIMENSIONS if (values := read_values(parameters, name))}
    if any(len(value) > _LONGEST for values in given.values() for value in values):
        raise UsageError(f"A filter has more than {_LONGEST} characters: write less.")
    grouped = parameters.get("by")
    return StatisticsAddress(
        figure,
        ("category" if figure == "shares" else "") if grouped is None else grouped,
        parameters.get("then", ""),
        parameters.get("level", "") or "item",
        parameters.get("on", "") or "guideline",
        max(1, read_whole_number(parameters, "minimum", 1, 0, _MOST_MINIMUM, "The minimum")),
        given,
        parameters.get("since", "").strip(),
        parameters.get("until", "").strip(),
    )


def _fields(asked: StatisticsAddress) -> Iterator[FormField]:
    yield FormField("figure", "Figure", "select", asked.figure, choices=tuple(FIGURES.items()))
    yield FormField("by", "By", "select", asked.by, choices=(("", "all together"), *_TITLES))
    yield FormField("then", "And by (shares)", "select", asked.then, choices=(("", "nothing else"), *_TITLES))
    yield FormField("level", "Count (shares)", "select", asked.level, choices=_LEVELS)
    yield FormField("on", "Same what (agreement)", "select", asked.on, choices=_SUBJECTS)
    yield FormField("minimum", "At least", "number", str(asked.minimum), "Leave out smaller groups.", least=1)


def _filters(
    snapshot: StoreSnapshot, asked: StatisticsAddress, errors: Mapping[str, UsageError]
) -> Iterator[FormField]:
    """Yield the filters as fields, with names to choose from; reads the table, so it runs in a thread."""
    for name in _FILTERS:
        error, value = errors.get(name), next(iter(asked.filters.get(name, ())), "")
        near = error.near if isinstance(error, UnknownNameError) else ()
        yield FormField(
            name,
            DIMENSIONS[name].title,
            value=value,
            choices=frequent_names(snapshot, name.removeprefix("denial-")),
            error=str(error) if error else None,
            near=tuple((other, asked.with_value(name, other)) for other in dict.fromkeys(near)),
        )
    for name, label in _DATES.items():
        error = errors.get(name)
        yield FormField(name, label, "date", getattr(asked, name), error=str(error) if error else None)


def _errors(asked: StatisticsAddress, wrong: UsageError | None) -> dict[str, UsageError]:
    """Return an error by the field it belongs to; what belongs to none is said above the form."""
    if wrong is None:
        return {}
    for name in _DATES:
        if f"of {name!r}" in str(wrong):
            return {name: wrong}
    if isinstance(wrong, UnknownNameError):
        return {name: wrong for name, values in asked.filters.items() if wrong.name in values}
    return {}


def _count(snapshot: StoreSnapshot, asked: StatisticsAddress) -> tuple[Any, FigureView]:
    """Return the figure that is asked for as the library counts it and as the page shows it; runs in a thread."""
    filters = resolve_filters(snapshot.store, asked.filters, since=asked.since or None, until=asked.until or None)
    counted, view = {"shares": _shares, "times": _times, "agreement": _agreement}[asked.figure](
        snapshot, asked, filters
    )
    files = tuple((name.upper(), asked.address(format=name)) for name in FORMATS)
    return counted, replace(view, files=files)


def _shares(snapshot: StoreSnapshot, asked: StatisticsAddress, filters: Filters) -> tuple[Any, FigureView]:
    by = tuple(name for name in (asked.by, asked.then) if name)
    level: Any = asked.level
    found = overturn_rates(snapshot.table, by, level=level, filters=filters, minimum=asked.minimum)
    groups, unit = found.groups, "Cases" if level == "case" else "Items"
    titles = tuple(DIMENSIONS[name].title for name in by)
    years = draw_years(groups) if len(by) == 1 and by[0] in _PERIODS else None
    bars = None
    if len(by) == 1 and by[0] in _PERIODS:
        groups = tuple(sorted(groups, key=lambda group: (group.values[0].id is None, group.values[0].label)))
    elif len(by) == 1 and len(groups) > 1:
        shown = groups[:_BARS]
        bars = draw_bars(shown, titles[0], f"Share overturned: the {len(shown)} largest groups", unit)
    return found, FigureView(
        FIGURES["shares"],
        summary=_summary(found, unit),
        bars=bars,
        years=years,
        matrix=matrix(groups) if len(by) == 2 and groups else None,
        titles=titles,
        table=GroupTable.of(groups[:_MOST], *(titles or ("Group",)), caption="The numbers", count=unit),
        left=max(0, len(groups) - _MOST),
    )


def _summary(found: OverturnRates, unit: str) -> str:
    if not found.decisions:
        return ""
    partly = " at least in part" if found.level == "case" else ""
    smaller = f" {found.left_out:,} groups were smaller than the minimum." if found.left_out else ""
    return f"{found.decisions:,} {unit.lower()}, {found.overturned:,} overturned{partly}.{smaller}"


def _times(snapshot: StoreSnapshot, asked: StatisticsAddress, filters: Filters) -> tuple[Any, FigureView]:
    which = ("application-to-decision",) if asked.by else tuple(INTERVALS)
    found = durations(snapshot.table, which, by=asked.by or None, filters=filters, minimum=asked.minimum)
    longest = max((each.upper for each in found if each.upper is not None), default=0.0)
    left = max(0, len(found) - _MOST)
    return found, FigureView(FIGURES["times"], "case", times=found[:_MOST], scale=max(longest, 1.0), left=left)


def _agreement(snapshot: StoreSnapshot, asked: StatisticsAddress, filters: Filters) -> tuple[Any, FigureView]:
    found = citation_agreement(snapshot.table, asked.on, by=asked.by or None, filters=filters, minimum=asked.minimum)
    stated = found[:_MOST] if found and found[0].items else ()
    left = max(0, len(found) - _MOST)
    return found, FigureView(FIGURES["agreement"], agreement=stated, subject=asked.on, left=left)
