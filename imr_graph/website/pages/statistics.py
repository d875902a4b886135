"""Statistics as a form: overturned shares, times and agreement by one or two dimensions, of the decisions that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.responses import Response

from imr_graph.analysis.charts.style import PERIODS
from imr_graph.analysis.dimensions.filters import describe_derivative
from imr_graph.analysis.statistics.citation_agreement import KINDS, SUBJECTS
from imr_graph.analysis.statistics.comparison import UNCOMPARED
from imr_graph.analysis.statistics.durations import INTERVALS
from imr_graph.analysis.statistics.figures import FIGURES, FigureRequest, choose_figure, find_figure
from imr_graph.analysis.statistics.overturn_rates import OverturnRates, RateGroup
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import urls
from imr_graph.website.forms import Choice, FormField, frequent_names
from imr_graph.website.pages.figures import LEVELS, CountedFigure, FigureAddress, read_counted, send_figure
from imr_graph.website.rendering import GENERAL, PageHead
from imr_graph.website.site import Page, StoreRequest
from imr_graph.website.svg.charts import draw_charts

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


def show_statistics(asked: StoreRequest) -> Page | Response:
    """Show the form of statistics with the figure it asks for, or send the figure as a file."""
    wanted, wrong, counted = StatisticsAddress(), None, None
    try:
        wanted = read_statistics(asked.parameters)
        counted = _count(asked.snapshot, wanted)
        if format := asked.parameters.get("format", ""):
            return send_figure(asked, counted, format)
    except UsageError as error:
        wrong, counted = error, None
    filters = tuple(_filters(asked.snapshot, wanted, _errors(wanted, wrong)))
    heading = counted.figure.title if counted else ""
    description = f"{heading}: counts and shares with 95% intervals, with chart and table." if counted else GENERAL
    return Page(
        "statistics.html",
        status=400 if wrong else 200,
        title="Statistics",
        fields=tuple(_fields(wanted)),
        filters=filters,
        filtered=bool(wanted.narrowing),
        further=wanted.further,
        further_titles="; ".join(f"{DIMENSIONS[name].title} {value}" for name, value in wanted.further),
        sentence=str(wrong) if wrong and not any(field.error for field in filters) else None,
        counted=counted,
        **(_describe(wanted, counted) if counted else {}),
        head=PageHead(description, wanted.address if asked.parameters else ""),
    )


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


def _describe(asked: StatisticsAddress, counted: CountedFigure) -> dict[str, Any]:
    """Return what the page shows of a figure by the names of the template.

    `left` counts the rows that are only in files, `scale` is the number of days at which the scale of times ends,
    `compared` the address of the largest groups beside each other where they can be.
    """
    found, more = counted.found, dict[str, Any]()
    rows: Sequence[Any] = found
    if counted.figure.name == "shares":
        rows = _in_order(found.groups, counted.by)
        more = {"compared": _compare(asked, counted.by, rows), "summary": _summary(found, asked.unit)}
        more["heads"] = [DIMENSIONS[name].title for name in counted.by] or ["Group"]
    elif counted.figure.name == "times":
        more["scale"] = max((each.upper for each in found if (each.upper or 0.0) > 1.0), default=1.0)
    elif counted.figure.name != "agreement":
        rows = list(counted.figure.rows(found))
        more["heads"], more["cells"] = _write_rows(rows[:_MOST], counted.by)
    return {
        "summary": "",
        **more,
        "rows": rows[:_MOST],
        "left": max(0, len(rows) - _MOST),
        "asked": asked,
        "kinds": KINDS,
        "derivative": describe_derivative(counted.filters),
        "charts": draw_charts(found, asked.unit),
    }


def _in_order(groups: tuple[RateGroup, ...], by: tuple[str, ...]) -> tuple[RateGroup, ...]:
    """Return groups in the order of their periods where they have one."""
    if len(by) != 1 or by[0] not in PERIODS:
        return groups
    return tuple(sorted(groups, key=lambda group: (group.values[0].id is None, group.values[0].label)))


def _compare(asked: StatisticsAddress, by: tuple[str, ...], groups: Sequence[RateGroup]) -> str:
    """Return the address of the largest groups beside each other, empty where they cannot be compared."""
    if len(by) != 1 or by[0] in UNCOMPARED or asked.since or asked.until or not asked.filters.keys() <= {*by}:
        return ""
    values = [group.values[0].id for group in groups if group.values[0].id is not None]
    return urls.compare(by[0], *map(str, values[:4])) if len(values) > 1 else ""


def _summary(found: OverturnRates, unit: str) -> str:
    if not found.decisions:
        return ""
    partly = " at least in part" if found.level == "case" else ""
    of = "" if found.level == "case" else f" in {found.cases:,} cases"
    smaller = f" {found.left_out:,} groups were smaller than the minimum." if found.left_out else ""
    return f"{found.decisions:,} {unit.lower()}{of}, {found.overturned:,} overturned{partly}.{smaller}"


_SHARES: Final = ("share", "low", "high", "part", "share_elsewhere")
_UNSHOWN: Final = ("elsewhere", "all_elsewhere", "places")


def _write_rows(rows: list[dict[str, Any]], by: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    """Return the rows of a figure as people read them, without ids; a head that begins with # is of numbers."""
    if not rows:
        return [], []
    group = DIMENSIONS[by[0]].title if by else "Value"
    names = [name for name in rows[0] if not name.endswith("_id") and name not in _UNSHOWN]
    titles = [group if name == "value" else name.replace("_", " ").capitalize() for name in names]
    heads = [
        f"{'' if isinstance(rows[0][name], str) else '#'}{title}" for name, title in zip(names, titles, strict=True)
    ]
    return heads, [[_format_cell(name, row[name]) for name in names] for row in rows]


def _format_cell(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1%}" if name in _SHARES else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else "–" if value is None else str(value)
