"""Groups of decisions by two dimensions as rows and columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup

__all__ = ["Matrix", "MatrixCell", "matrix"]

_ROWS: Final = 20
_COLUMNS: Final = 10
_YEARS: Final = 16
_TONES: Final = 6


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One pair of values with its decisions; `tone` is 0 for the lowest share drawn, and grows with it."""

    group: RateGroup
    tone: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """The values with the most decisions, of each dimension, and the cells where they meet (None: no decision)."""

    columns: tuple[Value, ...]
    rows: tuple[tuple[Value, tuple[MatrixCell | None, ...]], ...]
    left_out: int


def matrix(groups: Sequence[RateGroup], columns: tuple[Value, ...] = ()) -> Matrix:
    """Return groups by two dimensions as a matrix of the values with the most decisions.

    Years are in their order, other values by their decisions; `columns` are those of the second dimension where they
    are given.
    """
    down, across = _heaviest(groups, 0, _ROWS), columns or _heaviest(groups, 1, _COLUMNS)
    found = {group.values: group for group in groups}
    highest = max((g.share for g in groups if not g.small), default=0.0) or 1.0

    def cell(one: Value, other: Value) -> MatrixCell | None:
        group = found.get((one, other))
        return MatrixCell(group, min(_TONES - 1, int(group.share / highest * _TONES))) if group else None

    rows = tuple((one, tuple(cell(one, other) for other in across)) for one in down)
    drawn = sum(1 for _, cells in rows for each in cells if each)
    return Matrix(across, rows, len(groups) - drawn)


def _heaviest(groups: Iterable[RateGroup], place: int, most: int) -> tuple[Value, ...]:
    totals: Counter[Value] = Counter()
    for group in groups:
        totals[group.values[place]] += group.decisions
    years = all(value.id is None or value.label[:4].isdigit() for value in totals)
    ranked = sorted(totals, key=lambda value: (value.id is None, -totals[value], value.label))
    if not years:
        return tuple(ranked[:most])
    return tuple(sorted(ranked[: max(most, _YEARS)], key=lambda value: (value.id is None, value.label)))
