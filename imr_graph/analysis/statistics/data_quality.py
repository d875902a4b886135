"""How good the data is: letters by layout, what no rule understood, names that no vocabulary knows, what is missing.

The figures come from the table; the findings of the shapes come from the report that the last build left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, to_sql
from imr_graph.errors import UsageError
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import Table

__all__ = ["UNMATCHED", "Finding", "LayoutCount", "Missing", "Quality", "Unmatched", "data_quality", "findings_of"]

_REPORT: Final = "build-report.json"

# kind of name -> SQL of the names of an item
UNMATCHED: Final[Mapping[str, str]] = {
    "treatments": "case when len(treatments) = 0 then [service] else [] end",
    "sections": "unmatched_sections",
    "specialties": "unmatched_specialties",
}

# What every letter of a whole and known layout gives, and the level at which it does.
_EXPECTED: Final[Mapping[str, str]] = {
    "case_number": "case",
    "priority": "case",
    "date_of_injury": "case",
    "utilization_review_date": "case",
    "application_received_date": "case",
    "assigned_date": "case",
    "decision_date": "case",
    "patient_age": "case",
    "patient_sex": "case",
    "summary": "case",
    "reviewer_specialties": "case",
    "reviewer_states": "case",
    "rationale": "item",
    "treatments": "item",
    "reviewer_guidelines": "item",
    "administrator_guidelines": "item",
}
_LISTS: Final = frozenset(
    ("reviewer_specialties", "reviewer_states", "treatments", "reviewer_guidelines", "administrator_guidelines")
)


@dataclass(frozen=True, slots=True)
class LayoutCount:
    """The letters of one layout: how many, their items, those with passages that no rule understood, such passages."""

    layout: str
    letters: int
    items: int
    letters_with_unparsed: int
    unparsed: int


@dataclass(frozen=True, slots=True)
class Missing:
    """How many of the letters (or items) give no value for a column."""

    column: str
    level: str
    missing: int
    of: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A name that no vocabulary knows: how many items carry it and in how many letters."""

    kind: str
    name: str
    items: int
    letters: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What a shape found at the last build: `nodes` at fault of so many that it looked at."""

    shape: str
    severity: str
    message: str
    nodes: int
    of: int


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of the data; `findings` is None where no report of a validation lies beside the store.

    `incomplete` letters are damaged or cut: an item of them may be missing, so they have no outcome.
    """

    letters: int
    items: int
    layouts: tuple[LayoutCount, ...]
    missing: tuple[Missing, ...]
    unmatched: tuple[Unmatched, ...]
    findings: tuple[Finding, ...] | None
    incomplete: int = 0


def data_quality(table: Table, *, filters: Filters = NO_FILTERS, limit: int = 50) -> Quality:
    """Return how good the data is; `limit` is the number of unmatched names of each kind, the most frequent first.

    With `filters`, letters count that have an item which fits. Raises UsageError for a limit below 1.
    """
    if limit < 1:
        raise UsageError(f"A limit of {limit} names shows nothing: give 1 or more.")
    layouts = _layouts(table, filters)
    return Quality(
        sum(one.letters for one in layouts),
        sum(one.items for one in layouts),
        layouts,
        _missing(table, filters),
        tuple(found for kind in UNMATCHED for found in _count_unmatched(table, kind, filters, limit)),
        findings_of(table.store),
        _count_incomplete(table, filters),
    )


def findings_of(store: GraphStore) -> tuple[Finding, ...] | None:
    """Return what shapes found when the store was last built, the violations first; None where that is not known."""
    if store.path is None:
        return None
    try:
        report: Any = json.loads((Path(store.path) / _REPORT).read_bytes())
        found = report["validation"]["findings"]
        return tuple(Finding(f["shape"], f["severity"], f["message"], f["nodes"], f["of"]) for f in found)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _case_condition(filters: Filters) -> tuple[str, list[Any]]:
    """Return the condition on cases that filters mean: also letters without items where nothing is asked of items."""
    if filters == NO_FILTERS:
        return "true", []
    said, parameters = to_sql(filters)
    return f"case_key in (select case_key from items where {said})", parameters


def _layouts(table: Table, filters: Filters) -> tuple[LayoutCount, ...]:
    said, parameters = _case_condition(filters)
    rows = table.rows(
        "select layout, count(*), sum(items_in_case)::integer, count(*) filter (unparsed_passages > 0), "
        f"sum(unparsed_passages)::integer from cases where {said} group by layout order by layout",
        parameters,
    )
    return tuple(LayoutCount(*row) for row in rows)


def _count_incomplete(table: Table, filters: Filters) -> int:
    said, parameters = _case_condition(filters)
    return int(table.rows(f"select count(*) from cases where len(incomplete) > 0 and {said}", parameters)[0][0])


def _missing(table: Table, filters: Filters) -> tuple[Missing, ...]:
    found = []
    for level, view in (("case", "cases"), ("item", "items")):
        names = [name for name, of in _EXPECTED.items() if of == level]
        said, parameters = _case_condition(filters) if level == "case" else to_sql(filters)
        empty = [f"len({name}) = 0" if name in _LISTS else f"{name} is null" for name in names]
        counts = ", ".join(f"count(*) filter ({one})" for one in empty)
        total, *missing = table.rows(f"select count(*), {counts} from {view} where {said}", parameters)[0]
        found += [Missing(name, level, count, total) for name, count in zip(names, missing, strict=True)]
    return tuple(found)


def _count_unmatched(table: Table, kind: str, filters: Filters, limit: int) -> list[Unmatched]:
    said, parameters = to_sql(filters)
    rows = table.rows(
        f"select name, count(*), count(distinct case_key) from (select case_key, unnest({UNMATCHED[kind]}) as name "
        f"from items where {said}) group by name order by 2 desc, 3 desc, 1 limit ?",
        [*parameters, limit],
    )
    return [Unmatched(kind, *row) for row in rows]
