"""Contrasting pairs among all decisions: the same treatments, the same page or section, and different ends.

`contrast` finds the pairs that are nearest to one request; here are those of each treatment, page and section at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.statistics.concept_profiles import DecidedItem
from imr_graph.store.table import Table

__all__ = ["Pair", "contrasting_pairs"]

_SHOWN: Final = 4  # pairs of one treatment, page or section


@dataclass(frozen=True, slots=True)
class Pair:
    """An overturned and an upheld item that ask for the same `treatments` (ids) and rest on the same `places`.

    `places` are pairs of a kind ("page", "section") and an id.
    """

    treatments: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    overturned: DecidedItem
    upheld: DecidedItem


def contrasting_pairs(table: Table) -> dict[tuple[str, str], tuple[Pair, ...]]:
    """Return the contrasting pairs of every treatment, page and section, by kind and id.

    For each page or section, and for each set of treatments, the pair is taken whose decisions are the latest. Those
    that have most in common come first, then the latest; a decision stands in one pair of a treatment (page, section).

    >>> from imr_graph.store.graph_store import memory_store
    >>> from imr_graph.store.table import open_table
    >>> with open_table(memory_store()) as table:
    ...     contrasting_pairs(table)
    {}
    """
    places: dict[tuple[tuple[str, ...], DecidedItem, DecidedItem], list[tuple[str, str]]] = {}
    for kind, place, treatments, *items in table.rows(_SQL):
        overturned, upheld = _decided("overturned", items[:3]), _decided("upheld", items[3:])
        places.setdefault((tuple(treatments), overturned, upheld), []).append((kind, place))
    pairs = [Pair(treatments, tuple(at), over, upheld) for (treatments, over, upheld), at in places.items()]
    found: dict[tuple[str, str], list[Pair]] = {}
    for pair in sorted(pairs, key=lambda each: -len(each.places)):  # equals stay in the order of their dates
        for key in _keys(pair):
            found.setdefault(key, []).append(pair)
    return {key: _apart(listed) for key, listed in found.items()}


def _keys(pair: Pair) -> Iterator[tuple[str, str]]:
    for treatment in pair.treatments:
        yield "treatment", treatment
    yield from pair.places


def _apart(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the first pairs of which no two have a decision in common."""
    chosen: list[Pair] = []
    taken: set[DecidedItem] = set()
    for pair in pairs:
        if len(chosen) < _SHOWN and not {pair.overturned, pair.upheld} & taken:
            chosen.append(pair)
            taken |= {pair.overturned, pair.upheld}
    return tuple(chosen)


def _decided(decision: str, row: Sequence[object]) -> DecidedItem:
    case, position, day = row
    return DecidedItem(case, position, decision, day)  # type: ignore[arg-type]  # as the columns of the table are


_ORDER: Final = "decision_date desc nulls last, case_key, position"
_SQL: Final = f"""
with decided as (
  select case_key, position, decision_date, treatments, decision = 'overturned' as overturned,
    reviewer_pages, reviewer_section_ids
  from items where decision is not null and len(treatments) > 0
), placed as (
  select 'page' as kind, unnest(reviewer_pages) as place, * exclude (reviewer_pages, reviewer_section_ids) from decided
  union all
  select 'section', unnest(reviewer_section_ids), * exclude (reviewer_pages, reviewer_section_ids) from decided
), latest as (
  select * from placed qualify row_number() over (
    partition by kind, place, treatments, overturned order by {_ORDER}
  ) = 1
)
select o.kind, o.place, o.treatments, o.case_key, o.position, o.decision_date, u.case_key, u.position, u.decision_date
from latest o join latest u using (kind, place, treatments)
where o.overturned and not u.overturned and o.case_key <> u.case_key
order by greatest(o.decision_date, u.decision_date) desc nulls last, o.case_key, o.position, u.case_key, u.position,
  o.kind, o.place
"""
