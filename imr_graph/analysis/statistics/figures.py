"""The figures of statistics, one row each: what `stats --figure`, the statistics page and an assistant can ask for.

A figure is a function of the open table and of what is asked; `rows` lays its result out as a flat table, for CSV and
for whatever shows rows. How it reads in a terminal or is drawn on a page is theirs to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.citation_agreement import SUBJECTS, CitationAgreement, citation_agreement
from imr_graph.analysis.statistics.comparison import Comparison, compare, divide
from imr_graph.analysis.statistics.data_quality import Quality, data_quality
from imr_graph.analysis.statistics.durations import INTERVALS, Interval, durations
from imr_graph.analysis.statistics.overturn_rates import Level, OverturnRates, RateGroup, find_contested, overturn_rates
from imr_graph.analysis.statistics.reason_rates import ReasonRate, reason_rates
from imr_graph.analysis.statistics.recurring_rationales import RecurringRationale, recurring_rationales
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.store.table import Table

__all__ = ["ENDS", "FIGURES", "Figure", "FigureRequest", "choose_figure", "find_figure"]

Row: TypeAlias = dict[str, object]

ENDS: Final = frozenset({"decision", "outcome"})
"""The dimensions that say how decisions ended: no overturned share says anything of their groups."""


@dataclass(frozen=True, slots=True)
class FigureRequest:
    """What is asked of a figure; each takes of it what it has a use for.

    `by` are the dimensions of the groups, `level` what is counted ("item", "case"), `on` the subject of agreement (one
    of `citation_agreement.SUBJECTS`), `intervals` those of `durations.INTERVALS`, `minimum` the size below which groups
    are left out, `limit` the number of names or texts where a figure has no groups. `values` are those of the first
    dimension that are compared, as users write them.
    """

    by: tuple[str, ...] = ()
    level: Level = "item"
    on: str = SUBJECTS[0]
    intervals: tuple[str, ...] = tuple(INTERVALS)
    filters: Filters = NO_FILTERS
    minimum: int = 1
    limit: int = 100
    values: tuple[str, ...] = ()

    @property
    def one(self) -> str | None:
        """The one dimension, for figures that take no more; raises UsageError where there are two."""
        if len(self.by) > 1:
            raise UsageError("These figures are grouped by one dimension: give one.")
        return self.by[0] if self.by else None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its name in commands and addresses, its title and what it says, how it is counted and laid out.

    `default_by` are the dimensions that it is grouped by where none is asked for, `dimensions` how many it can take.
    """

    name: str
    title: str
    summary: str
    compute: Callable[[Table, FigureRequest], Any]
    rows: Callable[[Any], Iterator[Row]]
    default_by: tuple[str, ...] = ()
    dimensions: int = 1


def find_figure(name: str) -> Figure:
    """Return a figure by its name; raises UnknownNameError, with near names, for another."""
    if name not in FIGURES:
        raise UnknownNameError("figure", name, FIGURES)
    return FIGURES[name]


def choose_figure(name: str | None, by: tuple[str, ...]) -> tuple[Figure, tuple[str, ...]]:
    """Return the figure that is meant and the dimensions to group it by; raises UnknownNameError for another name.

    Overturned shares by reason are those of the figure `reasons`: a reason belongs to decisions of one direction, so
    its overturned share says nothing. By how decisions ended they are `counts`, for they would be 0 and 100%.
    """
    reasons = name == "reasons" or ("reason" in by and name in (None, "shares"))
    if reasons:
        return FIGURES["reasons"], tuple(each for each in by if each != "reason")
    ends = name in (None, "shares") and not ENDS.isdisjoint(by)
    return find_figure("counts" if ends else name or "shares"), by


def _compute_shares(table: Table, request: FigureRequest) -> OverturnRates:
    return overturn_rates(table, request.by, level=request.level, filters=request.filters, minimum=request.minimum)


def _count_rows(found: OverturnRates) -> Iterator[Row]:
    for group in found.groups:
        part = group.decisions / found.decisions
        counts = {"decisions": group.decisions, "cases": group.cases, "part": part}
        yield {**_names(dict(zip(found.by, group.values, strict=True))), **counts}


def _compute_reasons(table: Table, request: FigureRequest) -> tuple[ReasonRate, ...]:
    return reason_rates(table, request.one, level=request.level, filters=request.filters, minimum=request.minimum)


def _compute_times(table: Table, request: FigureRequest) -> tuple[Interval, ...]:
    return durations(table, request.intervals, by=request.one, filters=request.filters, minimum=request.minimum)


def _compute_agreement(table: Table, request: FigureRequest) -> tuple[CitationAgreement, ...]:
    return citation_agreement(table, request.on, by=request.one, filters=request.filters, minimum=request.minimum)


def _compute_recurring(table: Table, request: FigureRequest) -> tuple[RecurringRationale, ...]:
    minimum = max(2, request.minimum)
    return recurring_rationales(table, filters=request.filters, minimum=minimum, limit=request.limit)


def _compute_uneven(table: Table, request: FigureRequest) -> tuple[RateGroup, ...]:
    return find_contested(table, request.one or "page", minimum=request.minimum, filters=request.filters)


def _compute_quality(table: Table, request: FigureRequest) -> Quality:
    return data_quality(table, filters=request.filters, limit=request.limit)


def _compute_comparison(table: Table, request: FigureRequest) -> Comparison:
    of, by, *_ = (*(request.by or ("treatment",)), None, None)
    return compare(
        table, str(of), request.values, by, level=request.level, filters=request.filters, minimum=request.minimum
    )


def _comparison_rows(found: Comparison) -> Iterator[Row]:
    """Yield the values as a whole, with their differences from the first, then by the second dimension."""
    for each in found.values:
        apart = each.difference
        row = {**_names({found.of: each.value, **({found.by: _ALL} if found.by else {})}), **_counts(each.figures)}
        yield row | {
            "difference": apart and apart.difference,
            "difference_low": apart and apart.low,
            "difference_high": apart and apart.high,
        }
    for group in divide(found):
        row = {**_names({found.of: group.values[0], str(found.by): group.values[1]}), **_counts(group)}
        yield row | {"difference": None, "difference_low": None, "difference_high": None}


def _share_rows(found: OverturnRates) -> Iterator[Row]:
    for group in found.groups:
        yield {**_names(dict(zip(found.by, group.values, strict=True))), **_counts(group)}


def _reason_rows(found: tuple[ReasonRate, ...]) -> Iterator[Row]:
    for each in found:
        figures = {name: getattr(each, name) for name in ReasonRate.__slots__ if name not in ("value", "reason")}
        yield {**_names({"value": each.value, "reason": each.reason}), **figures}


def _time_rows(found: tuple[Interval, ...]) -> Iterator[Row]:
    for each in found:
        figures = {name: getattr(each, name) for name in Interval.__slots__ if name != "value"}
        yield {**_names({"value": each.value}), **figures}


def _agreement_rows(found: tuple[CitationAgreement, ...]) -> Iterator[Row]:
    for each in found:
        for kind, group in each.kinds:
            yield {**_names({"value": each.value}), "kind": kind, **_counts(group)}


def _recurring_rows(found: tuple[RecurringRationale, ...]) -> Iterator[Row]:
    for each in found:
        places = "; ".join(f"{case} item {position}" for case, position in each.places)
        yield {**{name: getattr(each, name) for name in RecurringRationale.__slots__}, "places": places}


def _uneven_rows(found: tuple[RateGroup, ...]) -> Iterator[Row]:
    for group in found:
        yield {**_names({"value": group.values[0]}), **_counts(group)}


def _quality_rows(found: Quality) -> Iterator[Row]:
    """Yield what is said of layouts, columns, names and shapes: how many of how many."""
    for layout in found.layouts:
        yield {"about": "layout", "name": layout.layout, "count": layout.letters, "of": found.letters}
    for missing in found.missing:
        yield {"about": "missing value", "name": missing.column, "count": missing.missing, "of": missing.of}
    for unmatched in found.unmatched:
        name = f"{unmatched.kind}: {unmatched.name}"
        yield {"about": "name without a concept", "name": name, "count": unmatched.items, "of": found.items}
    for finding in found.findings or ():
        yield {"about": finding.severity, "name": finding.shape, "count": finding.nodes, "of": finding.of}


def _names(values: Mapping[str, Value | None]) -> Row:
    found: Row = {}
    for name, value in values.items():
        found |= {name: value.label if value else "", f"{name}_id": (value.iri or value.id) if value else ""}
    return found


def _counts(group: RateGroup) -> Row:
    """Return the figures of a group; where nothing was decided there is no share."""
    numbers: Row = {name: getattr(group, name) for name in ("decisions", "overturned", "cases")}
    shares = {name: getattr(group, name) if group.decisions else None for name in ("share", "low", "high")}
    return numbers | shares | {"small": group.small}


_ALL: Final = Value(None, "all")


_ROWS: Final = (
    Figure(
        "shares", "How often denials are overturned", "overturned shares with their intervals",
        _compute_shares, _share_rows, default_by=("treatment",), dimensions=2,
    ),
    Figure(
        "counts", "How many decisions there are", "decisions and cases, and their part of all",
        _compute_shares, _count_rows, default_by=("decision",), dimensions=2,
    ),
    Figure(
        "comparison", "Which values differ", "values of one dimension beside each other, with differences",
        _compute_comparison, _comparison_rows, default_by=("treatment",), dimensions=2,
    ),
    Figure(
        "reasons", "Which reasons uphold and which overturn", "how often each reason is given, beside all other items",
        _compute_reasons, _reason_rows,
    ),
    Figure("times", "How long the steps take", "days between the dates of a case", _compute_times, _time_rows),
    Figure(
        "agreement", "Whether both sides cite the same", "the denial's citations beside the reviewer's",
        _compute_agreement, _agreement_rows,
    ),
    Figure(
        "recurring", "Rationales that recur", "texts that stand in several letters, word for word or nearly",
        _compute_recurring, _recurring_rows, dimensions=0,
    ),
    Figure(
        "uneven", "What is decided unevenly", "values whose items go either way about as often",
        _compute_uneven, _uneven_rows, default_by=("page",),
    ),
    Figure(
        "quality", "How good the data is", "layouts, missing values, unmatched names, findings of shapes",
        _compute_quality, _quality_rows, dimensions=0,
    ),
)  # fmt: skip

FIGURES: Final[Mapping[str, Figure]] = {row.name: row for row in _ROWS}
"""The figures by name, in the order in which they are listed."""
