"""Whether both sides cite the same: the claims administrator's citations beside the expert reviewer's, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, check_minimum, to_sql, unnest_or_null
from imr_graph.analysis.dimensions.values import Value, find_dimension, make_values
from imr_graph.analysis.statistics.intervals import sums_by_case
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.errors import UnknownNameError
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["KINDS", "SUBJECTS", "CitationAgreement", "citation_agreement"]

SUBJECTS: Final = ("guideline", "section", "page", "basis")
"""What can be compared: dimensions of the expert reviewer that have one of the denial."""

KINDS: Final[Mapping[str, str]] = {
    "same": "both cite the same",
    "some-in-common": "both cite, some of it in common",
    "different": "both cite, nothing in common",
    "administrator-only": "only the claims administrator cites",
    "reviewer-only": "only the expert reviewer cites",
    "neither": "neither cites",
}


@dataclass(frozen=True, slots=True)
class CitationAgreement:
    """How many items show each kind of agreement, with their overturned shares, in one group (`value`) or in all.

    `kinds` pairs each of `KINDS` with its group of decisions, also where there are none.
    """

    value: Value | None
    items: int
    kinds: tuple[tuple[str, RateGroup], ...]


def citation_agreement(
    table: Table,
    on: str = "guideline",
    *,
    by: str | None = None,
    filters: Filters = NO_FILTERS,
    minimum: int = 1,
) -> tuple[CitationAgreement, ...]:
    """Return how the two sides' citations agree on one of `SUBJECTS`, over all items or by one dimension.

    Raises UnknownNameError for another subject or dimension.
    """
    if on not in SUBJECTS:
        raise UnknownNameError("subject of agreement", on, SUBJECTS)
    check_minimum(minimum, "items")
    of = find_dimension(by) if by else None
    counts = _count_groups(table, on, of.values if of else None, filters)
    totals = {id: sum(count[0] for count in kinds.values()) for id, kinds in counts.items()}
    labels = make_values(of, counts, table) if of else {}
    listed = sorted(counts, key=lambda id: (id is None, -totals[id], id or ""))
    return tuple(
        CitationAgreement(
            labels[id] if of else None,
            totals[id],
            tuple((k, rate_group((), *counts[id].get(k, (0, 0)))) for k in KINDS),
        )
        for id in listed
        if totals[id] >= minimum
    )


def _count_groups(
    table: Table, on: str, values: str | None, filters: Filters
) -> dict[str | None, dict[str, tuple[int, ...]]]:
    reviewer, administrator = DIMENSIONS[on].values, DIMENSIONS[f"denial-{on}"].values
    said, parameters = to_sql(filters)
    value = unnest_or_null(values) if values else "null"
    kind = f"""case
      when len({administrator}) = 0 and len({reviewer}) = 0 then 'neither'
      when len({administrator}) = 0 then 'reviewer-only'
      when len({reviewer}) = 0 then 'administrator-only'
      when list_sort({administrator}) = list_sort({reviewer}) then 'same'
      when list_has_any({administrator}, {reviewer}) then 'some-in-common'
      else 'different' end"""
    rows = f"select case_key, {kind} as kind, decision = 'overturned' as r, {value} as v from items where {said}"
    rows = f"select v, kind, count(*) as m, count(*) filter (r) as o from ({rows}) group by v, kind, case_key"
    found: dict[str | None, dict[str, tuple[int, ...]]] = {}
    for id, name, *counts in table.rows(f"select v, kind, {sums_by_case()} from ({rows}) group by v, kind", parameters):
        found.setdefault(id, {})[name] = tuple(counts)
    return found
