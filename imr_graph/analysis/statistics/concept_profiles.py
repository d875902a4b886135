"""Profiles of concepts: how the items that have one value of a dimension ended, and what else is said of them.

A profile answers at once what many calls of `overturn_rates` with a filter would; all profiles of a dimension are
counted together, in the time that a few single ones would take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from imr_graph.analysis.dimensions.kinds import KINDS, PageTable
from imr_graph.analysis.dimensions.values import labels_in_letters, make_value
from imr_graph.analysis.statistics.intervals import sums_by_case
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.errors import UnknownNameError
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = [
    "MAX_GROUPS",
    "SUBJECTS",
    "Breakdown",
    "ConceptProfile",
    "ConceptProfiles",
    "DecidedItem",
    "concept_profiles",
    "is_own_part",
    "labels_of_letters",
]


def _breakdowns(tables: Iterable[PageTable], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(("year", *more, *(table.dimension for table in tables))))


SUBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    **{kind.name: _breakdowns(kind.tables, *kind.counted_by) for kind in KINDS.values()},
    **{
        f"denial-{kind.name}": _breakdowns(kind.denial_tables, *(n for n in kind.counted_by if n != kind.name))
        for kind in KINDS.values()
        if kind.both_sides
    },
}
"""The dimensions that have profiles, with those that their items are counted by: the tables of their pages."""

_PARTS: Final = frozenset({("guideline", "section"), ("guideline", "page")})
"""Of these a profile has its own values only: a guideline's sections and pages, not those cited beside them."""

MAX_GROUPS: Final = 50
"""Values of one dimension that a profile has, those with the most decisions."""

_LATEST: Final = 10
_NEAREST: Final = 4  # of each decision, of as many cases
_LOOKED_AT: Final = 4 * _NEAREST


class DecidedItem(NamedTuple):
    """A disputed item that was decided: what names it, and when and how it ended."""

    case: str
    position: int
    decision: str | None
    decided: date | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The items of a profile by another dimension: the `MAX_GROUPS` largest groups, and how many there are in all."""

    groups: tuple[RateGroup, ...]
    values: int


@dataclass(frozen=True, slots=True)
class ConceptProfile:
    """What is said of the items that have one value.

    `figures` counts them, once each, and carries the value. `crossed` has a crossing for each dimension of `SUBJECTS`
    that any item has a value of: the most decisions first, years in their order. `both` counts the items that have the
    value on the other side as well (the denial rests on the page that the review rests on), `alone` those that have
    it on this side only. `latest` are the items
    that were decided last; `nearest`, by decision and one of each case, those that ask for little else, the latest
    first.
    """

    figures: RateGroup
    crossed: Mapping[str, Breakdown]
    both: RateGroup | None
    alone: RateGroup | None
    latest: tuple[DecidedItem, ...]
    nearest: Mapping[str, tuple[DecidedItem, ...]]

    def groups(self, dimension: str) -> tuple[RateGroup, ...]:
        """Return the groups of a dimension, none where no item has a value of it."""
        crossing = self.crossed.get(dimension)
        return crossing.groups if crossing else ()


@dataclass(slots=True)
class _Counts:
    """What was counted for one value: decisions, overturned and the `CaseSums`, by dimension behind an id."""

    total: tuple[int, ...] = (0, 0)
    both: tuple[int, ...] | None = None
    alone: tuple[int, ...] | None = None
    crossed: dict[str, tuple[int, list[tuple[str, tuple[int, ...]]]]] | None = None
    latest: list[DecidedItem] | None = None
    nearest: dict[str, list[DecidedItem]] | None = None


@dataclass(frozen=True, slots=True)
class ConceptProfiles:
    """All profiles of one dimension, by the ids of its values."""

    subject: str
    base: str
    names: Mapping[str, Mapping[str, str]]
    _counts: Mapping[str, _Counts]

    def of(self, id: str, most: int = MAX_GROUPS) -> ConceptProfile:
        """Return the profile of a value; one of nothing where no item has it.

        `most` is how many groups of each dimension are wanted; years come all.
        """
        counts = self._counts.get(id) or _Counts(crossed={})
        crossed = {}
        for name, (values, rows) in (counts.crossed or {}).items():
            groups = tuple(self._group(name, id, row) for id, row in (rows if name == "year" else rows[:most]))
            crossed[name] = Breakdown(_by_label(groups) if name == "year" else groups, values)
        both, alone = (rate_group((), *each) if each is not None else None for each in (counts.both, counts.alone))
        nearest = {decision: tuple(items) for decision, items in (counts.nearest or {}).items()}
        return ConceptProfile(self.figures(id), crossed, both, alone, tuple(counts.latest or ()), nearest)

    def figures(self, id: str) -> RateGroup:
        """Return how many items have a value, and how many of them were overturned."""
        counts = self._counts.get(id)
        return self._group(self.subject, id, counts.total if counts else (0, 0))

    def all(self) -> tuple[RateGroup, ...]:
        """Return the figures of every value that an item has, the most decisions first."""
        found = (self.figures(id) for id in self._counts)
        return tuple(sorted(found, key=lambda each: (-each.decisions, each.values[0].label, each.values[0].id or "")))

    def _group(self, dimension: str, id: str, counts: tuple[int, ...]) -> RateGroup:
        of = DIMENSIONS[dimension]
        return rate_group((make_value(of, id, self.base, self.names.get(of.kind or "")),), *counts)


def concept_profiles(
    table: Table, subject: str, names: Mapping[str, Mapping[str, str]] | None = None
) -> ConceptProfiles:
    """Return the profiles of all values of a dimension of `SUBJECTS`.

    `names` are those of `labels_of_letters`, read here where they are not given. Categories are those of all levels.
    Raises UnknownNameError for another dimension.

    >>> from imr_graph.store.graph_store import memory_store
    >>> from imr_graph.store.table import open_table
    >>> with open_table(memory_store()) as table:
    ...     concept_profiles(table, "treatment").of("mri").figures.decisions
    0
    """
    if subject not in SUBJECTS:
        raise UnknownNameError("dimension of profiles", subject, SUBJECTS)
    found: dict[str, _Counts] = {}
    crossed = SUBJECTS[subject]
    for number, id, value, values, *row in table.rows(_count_groups(subject, crossed)):
        counts = found.setdefault(id, _Counts(crossed={}))
        if number == _TOTAL:
            counts.total = tuple(row)
        elif number == _BOTH:
            counts.both = tuple(row)
        elif number == _ALONE:
            counts.alone = tuple(row)
        elif counts.crossed is not None:
            counts.crossed.setdefault(crossed[number], (values, []))[1].append((value, tuple(row)))
    _add_items(found, table, subject)
    return ConceptProfiles(subject, table.store.base, labels_of_letters(table) if names is None else names, found)


def is_own_part(subject: str, id: str, dimension: str, value: str | None) -> bool:
    """Return whether a value of a dimension belongs into the profile of another: the pages of another guideline do not.

    The ids of a guideline's sections, pages, chapters and editions begin with its own.

    >>> is_own_part("guideline", "odg", "page", "odg-12"), is_own_part("guideline", "odg", "page", "mtus-2009-12")
    (True, False)
    """
    return (subject, dimension) not in _PARTS or (value or "").startswith(f"{id}-")


def labels_of_letters(table: Table) -> dict[str, dict[str, str]]:
    """Return what letters call the concepts that the vocabulary does not know, by kind and id."""
    found: dict[str, dict[str, str]] = {}
    for of in DIMENSIONS.values():  # the reviewer's side comes before the denial's, whose names only fill in
        if of.kind and of.labels:
            found[of.kind] = {**labels_in_letters(of, table), **found.get(of.kind, {})}
    return found


_TOTAL, _BOTH, _ALONE = -1, -2, -3


def _other_side(subject: str) -> str | None:
    """Return the same dimension of the other side, None where only one side has it."""
    name = subject.removeprefix("denial-")
    other = name if name != subject else f"denial-{name}"
    return other if other in DIMENSIONS else None


def _count_groups(subject: str, crossed: Sequence[str]) -> str:
    """Return the SQL that counts: number of the dimension, subject, value, how many values, and the counts by case."""
    columns = "".join(f", {DIMENSIONS[name].values} as v{n}" for n, name in enumerate(crossed))
    other = _other_side(subject)
    columns += f", {DIMENSIONS[other].values} as other" if other else ""
    each = [f"select {_TOTAL} as k, t, null as v, case_key, o from kept"]
    if other:
        each.append(f"select {_BOTH}, t, null, case_key, o from kept where list_contains(other, t)")
        each.append(f"select {_ALONE}, t, null, case_key, o from kept where not list_contains(other, t)")
    for n, name in enumerate(crossed):
        # A value is not said to go with itself.
        apart = " where v is distinct from t" if name == subject else ""
        apart = " where starts_with(v, t || '-')" if (subject, name) in _PARTS else apart
        each.append(f"select * from (select {n} as k, t, unnest(v{n}) as v, case_key, o from kept){apart}")
    return f"""
      with kept as materialized (
        select case_key, decision = 'overturned' as o, unnest({_values(subject)}) as t{columns} from items
      ), counted as (
        select k, t, v, {sums_by_case("c", "o")} from (
          select k, t, v, count(*) as c, count(*) filter (o) as o from ({" union all ".join(each)})
          group by k, t, v, case_key
        ) group by k, t, v
      ), named (k, t, v, c, o, cases, sizes, joint, hits) as (from counted)
      select k, t, v, count(*) over (partition by k, t), c, o, cases, sizes, joint, hits from named
      qualify row_number() over (partition by k, t order by c desc, o desc, v) <= {MAX_GROUPS}
      order by k, t, c desc, o desc, v
    """


def _add_items(found: Mapping[str, _Counts], table: Table, subject: str) -> None:
    order = "decision_date desc nulls last, case_key, position"
    rows = table.rows(f"""
      select t, case_key, position, decision, decision_date, latest, nearest from (
        select *, row_number() over (partition by t order by {order}) as latest,
          row_number() over (partition by t, decision order by len(treatments), {order}) as nearest
        from (
          select unnest({_values(subject)}) as t, case_key, position, decision, decision_date, treatments from items
        )
      ) where latest <= {_LATEST} or nearest <= {_LOOKED_AT} order by t, latest
    """)
    nearest: dict[tuple[str, str], list[tuple[int, DecidedItem]]] = {}
    for id, case, position, decision, decided, latest, near in rows:
        one, counts = DecidedItem(case, position, decision, decided), found[id]
        if latest <= _LATEST:
            counts.latest = [*(counts.latest or ()), one]
        if near <= _LOOKED_AT and decision is not None:
            nearest.setdefault((id, decision), []).append((near, one))
    for (id, decision), ranked in nearest.items():
        counts = found[id]
        by_case = {one.case: one for _, one in sorted(ranked, reverse=True)}  # the nearest item of each case
        listed = [one for _, one in sorted(ranked) if by_case[one.case] is one]
        counts.nearest = {**(counts.nearest or {}), decision: listed[:_NEAREST]}


def _values(subject: str) -> str:
    """Return the expression of a row's values: those that a filter of the dimension looks at."""
    of = DIMENSIONS[subject]
    return of.matched or of.values


def _by_label(groups: Sequence[RateGroup]) -> tuple[RateGroup, ...]:
    return tuple(sorted(groups, key=lambda each: each.values[0].label))
