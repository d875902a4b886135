"""Statistics as a form: overturned shares, times and agreement by one or two dimensions, of the decisions that fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.responses import Response

from imr_graph.analysis.charts.style import PERIODS
from imr_graph.analysis.dimensions.filters import describe_derivative
from imr_graph.analysis.statistics.citation_agreement import KINDS, SUBJECTS, CitationAgreement
from imr_graph.analysis.statistics.comparison import UNCOMPARED
from imr_graph.analysis.statistics.durations import INTERVALS, Interval
from imr_graph.analysis.statistics.figures import FIGURES, FigureRequest, choose_figure, find_figure
from imr_graph.analysis.statistics.overturn_rates import OverturnRates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import urls
from imr_graph.website.citations import GENERAL, PageHead
from imr_graph.website.components import Choice, FormField, GroupTable, frequent_names
from imr_graph.website.pages.figures import LEVELS, CountedFigure, FigureAddress, read_counted, send_figure
from imr_graph.website.site import Page, PageRequest
from imr_graph.website.svg.charts import ChartSet, draw_charts

__all__ = ["count_statistics", "show_statistics"]

_FILTERS: Final = tuple(name for name, of in DIMENSIONS.items() if of.field)  # an address may filter by any
_DATES: Final = {"since": "Decided from", "until": "Decided to"}
_MOST: Final = 200  # groups of a table
_TITLES: Final[tuple[Choice, ...]] = tuple((name, of.title) for name, of in DIMENSIONS.items())
_FIGURES: Final[tuple[Choice, ...]] = tuple((each.name, each.title) for each in FIGURES.values())
_SUBJECTS: Final[tuple[Choice, ...]] = tuple((name, name) for name in SUBJECTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsAddress(FigureAddress):
    """A figure as its address asks for it; `then` is empty where there is no second dimension."""

    figure: str = "shares"
    by: str = "category"
    then: str = ""
    on: str = "guideline"

    @property
    def address(self) -> str:
        """The address of the figure."""
        own = [(name, getattr(self, name)) for name in ("figure", "by", "then", "level", "on")]
        own += [("minimum", str(self.minimum))] if self.minimum > 1 else []
        return urls.with_query(urls.STATISTICS, [(n, v) for n, v in (*own, *self.narrowing) if v])

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
        return replace(self, filters={**self.filters, name: (value,)}).address


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure as the page shows it: what there is of charts and tables; all are empty where no decision fits.

    `scale` is the number of days at which the scale of `times` ends; `left` counts the rows that are only in files.
    `address` is that of the figure, `compared` that of its largest groups beside each other where they can be.
    """

    heading: str = ""
    counted: str = "decision"
    summary: str = ""
    charts: ChartSet = field(default_factory=ChartSet)
    table: GroupTable | None = None
    plain: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | None = None
    times: tuple[Interval, ...] = ()
    scale: float = 1.0
    agreement: tuple[CitationAgreement, ...] = ()
    subject: str = ""
    derivative: str = ""
    left: int = 0
    address: str = ""
    compared: str = ""
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


def show_statistics(asked: PageRequest) -> Page | Response:
    """Show the form of statistics with the figure it asks for, or send the figure as a file."""
    wanted, wrong, view = StatisticsAddress(), None, None
    try:
        wanted = read_statistics(asked.parameters)
        counted = _count(asked.snapshot, wanted)
        if format := asked.parameters.get("format", ""):
            return send_figure(asked, counted, format)
        view = _view(wanted, counted)
    except UsageError as error:
        wrong = error
    filters = tuple(_filters(asked.snapshot, wanted, _errors(wanted, wrong)))
    page = StatisticsView(
        fields=tuple(_fields(wanted)),
        filters=filters,
        filtered=bool(wanted.narrowing),
        further=wanted.further,
        further_titles="; ".join(f"{DIMENSIONS[name].title} {value}" for name, value in wanted.further),
        sentence=str(wrong) if wrong and not any(field.error for field in filters) else None,
        figure=view,
    )
    description = f"{view.heading}: counts and shares with 95% intervals, with chart and table." if view else GENERAL
    head = PageHead(description, wanted.address if asked.parameters else "")
    return Page("statistics.html", page, 400 if wrong else 200, head=head)


def count_statistics(snapshot: StoreSnapshot, parameters: QueryParams) -> CountedFigure:
    """Return the figure that an address asks for; raises UsageError for what cannot be understood."""
    return _count(snapshot, read_statistics(parameters))


def read_statistics(parameters: QueryParams) -> StatisticsAddress:
    """Return what an address asks for; raises UsageError for what cannot be understood."""
    figure = parameters.get("figure", "") or "shares"
    default = "category" if figure == "shares" else next(iter(find_figure(figure).default_by), "")
    return StatisticsAddress(
        **read_counted(parameters),
        figure=figure,
        by=parameters.get("by", default),
        then=parameters.get("then", ""),
        on=parameters.get("on", "") or "guideline",
    )


def _fields(asked: StatisticsAddress) -> Iterator[FormField]:
    yield FormField("figure", "Figure", "select", asked.figure, choices=_FIGURES)
    yield FormField("by", "By", "select", asked.by, choices=(("", "all together"), *_TITLES))
    yield FormField("then", "And by (shares, counts)", "select", asked.then, choices=(("", "nothing else"), *_TITLES))
    yield FormField("level", "Count (shares, counts, reasons)", "select", asked.level, choices=LEVELS)
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


def _count(snapshot: StoreSnapshot, asked: StatisticsAddress) -> CountedFigure:
    filters = asked.resolve(snapshot)
    figure, by = choose_figure(asked.figure, tuple(name for name in (asked.by, asked.then) if name))
    by = by[: figure.dimensions]
    which = ("application-to-decision",) if by else tuple(INTERVALS)
    level: Any = asked.level
    found = figure.compute(snapshot.table, FigureRequest(by, level, asked.on, which, filters, asked.minimum))
    return CountedFigure(figure, found, filters, asked.address, by)


def _view(asked: StatisticsAddress, counted: CountedFigure) -> FigureView:
    """Return the figure as the page shows it."""
    return replace(
        _VIEWS.get(counted.figure.name, _plain)(counted, asked),
        heading=counted.figure.title,
        derivative=describe_derivative(counted.filters),
        address=counted.address,
        charts=draw_charts(counted.found, asked.unit),
    )


def _shares(counted: CountedFigure, asked: StatisticsAddress) -> FigureView:
    found: OverturnRates = counted.found
    groups, by = found.groups, counted.by
    titles = tuple(DIMENSIONS[name].title for name in by)
    if len(by) == 1 and by[0] in PERIODS:
        groups = tuple(sorted(groups, key=lambda group: (group.values[0].id is None, group.values[0].label)))
    same = asked.filters.keys() <= {*by} and not asked.since and not asked.until and len(by) == 1
    values = [group.values[0].id for group in groups if by and group.values[0].id is not None]
    comparable = same and len(values) > 1 and by[0] not in UNCOMPARED
    return FigureView(
        summary=_summary(found, asked.unit),
        table=GroupTable.of(groups[:_MOST], *(titles or ("Group",)), caption="The numbers", count=asked.unit),
        left=max(0, len(groups) - _MOST),
        compared=urls.compare(by[0], *(str(id) for id in values[:4])) if comparable else "",
    )


def _summary(found: OverturnRates, unit: str) -> str:
    if not found.decisions:
        return ""
    partly = " at least in part" if found.level == "case" else ""
    of = "" if found.level == "case" else f" in {found.cases:,} cases"
    smaller = f" {found.left_out:,} groups were smaller than the minimum." if found.left_out else ""
    return f"{found.decisions:,} {unit.lower()}{of}, {found.overturned:,} overturned{partly}.{smaller}"


def _times(counted: CountedFigure, _asked: StatisticsAddress) -> FigureView:
    found: tuple[Interval, ...] = counted.found
    longest = max((each.upper for each in found if each.upper is not None), default=0.0)
    left = max(0, len(found) - _MOST)
    return FigureView(counted="case", times=found[:_MOST], scale=max(longest, 1.0), left=left)


def _agreement(counted: CountedFigure, asked: StatisticsAddress) -> FigureView:
    found: tuple[CitationAgreement, ...] = counted.found
    stated = found[:_MOST] if found and found[0].items else ()
    return FigureView(agreement=stated, subject=asked.on, left=max(0, len(found) - _MOST))


_VIEWS: Final[Mapping[str, Callable[[CountedFigure, StatisticsAddress], FigureView]]] = {
    "shares": _shares,
    "times": _times,
    "agreement": _agreement,
}
"""What shows a figure; others are shown as a plain table."""

_SHARES: Final = ("share", "low", "high", "part", "share_elsewhere")
_UNSHOWN: Final = ("elsewhere", "all_elsewhere", "places")


def _plain(counted: CountedFigure, _asked: StatisticsAddress) -> FigureView:
    """Return the rows of a figure as people read them, without ids; a head that begins with # is of numbers."""
    rows = list(counted.figure.rows(counted.found))
    if not rows:
        return FigureView()
    group = DIMENSIONS[counted.by[0]].title if counted.by else "Value"
    names = [name for name in rows[0] if not name.endswith("_id") and name not in _UNSHOWN]
    heads = (group if name == "value" else name.replace("_", " ").capitalize() for name in names)
    marks = ("" if isinstance(rows[0][name], str) else "#" for name in names)
    cells = tuple(tuple(_format_cell(name, row[name]) for name in names) for row in rows[:_MOST])
    return FigureView(
        plain=(tuple(map("".join, zip(marks, heads, strict=True))), cells), left=max(0, len(rows) - _MOST)
    )


def _format_cell(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1%}" if name in _SHARES else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else "–" if value is None else str(value)
