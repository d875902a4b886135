"""Contrasting pairs: two decisions on the same treatments that rest on the same page or section and went apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from imr_graph.analysis.precedents.similarity import Candidates
from imr_graph.analysis.statistics.concept_profiles import DecidedItem
from imr_graph.store.table import Table

__all__ = ["ContrastingPair", "find_all_contrasting_pairs", "find_contrasting_pairs"]

_CONSIDERED: Final = 200  # pairs that are looked at for those nearest to a request
_SHOWN: Final = 4  # pairs of one treatment, page or section


@dataclass(frozen=True, slots=True)
class ContrastingPair:
    """An overturned and an upheld item that ask for the same `treatments` (ids) and rest on the same `places`.

    `places` are pairs of a kind ("page", "section") and an id.
    """

    treatments: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    overturned: DecidedItem
    upheld: DecidedItem


def find_contrasting_pairs(found: Candidates, tier: int, limit: int) -> tuple[ContrastingPair, ...]:
    """Return pairs of the tiers up to a number of `tiers.TIERS`, those most like the request first.

    For each page or section the overturned and the upheld decision are taken that are most like the request. A
    decision stands in one pair only.
    """
    sql = _pairs_sql("candidate", f"tier <= {int(tier)}", "score desc, ", "o.score + u.score desc, ")
    return _without_shared_items(_read_pairs(found.rows(f"{sql} limit {_CONSIDERED}")), limit)


def find_all_contrasting_pairs(table: Table) -> dict[tuple[str, str], tuple[ContrastingPair, ...]]:
    """Return the contrasting pairs of every treatment, page and section, by kind and id.

    For each page or section, and for each set of treatments, the pair is taken whose decisions are the latest. Those
    that have most in common come first, then the latest; a decision stands in one pair of a treatment (page, section).

    >>> from imr_graph.store.graph_store import memory_store
    >>> from imr_graph.store.table import open_table
    >>> with open_table(memory_store()) as table:
    ...     find_all_contrasting_pairs(table)
    {}
    """
    pairs = _read_pairs(table.rows(_pairs_sql("items", "decision is not null and len(treatments) > 0")))
    found: dict[tuple[str, str], list[ContrastingPair]] = {}
    for pair in sorted(pairs, key=lambda each: -len(each.places)):  # equals stay in the order of their dates
        for key in (*(("treatment", id) for id in pair.treatments), *pair.places):
            found.setdefault(key, []).append(pair)
    return {key: _without_shared_items(listed, _SHOWN) for key, listed in found.items()}


def _pairs_sql(source: str, condition: str, best: str = "", best_pair: str = "") -> str:
    """Return the SQL of the pairs of a relation, a row for each place; the best come first, then the latest."""
    columns = "case_key, position, decision_date, treatments, decision = 'overturned' as overturned"
    columns += ", score" if best else ""
    return f"""
      with placed as (
        select 'page' as kind, unnest(reviewer_pages) as place, {columns} from {source} where {condition}
        union all
        select 'section', unnest(reviewer_section_ids), {columns} from {source} where {condition}
      ), first as (
        select * from placed qualify row_number() over (
          partition by kind, place, treatments, overturned
          order by {best}decision_date desc nulls last, case_key, position
        ) = 1
      )
      select o.kind, o.place, o.treatments,
        o.case_key, o.position, o.decision_date, u.case_key, u.position, u.decision_date
      from first o join first u using (kind, place, treatments)
      where o.overturned and not u.overturned and o.case_key <> u.case_key
      order by {best_pair}greatest(o.decision_date, u.decision_date) desc nulls last,
        o.case_key, o.position, u.case_key, u.position, o.kind, o.place
    """


def _read_pairs(rows: Iterable[tuple[Any, ...]]) -> Iterator[ContrastingPair]:
    """Yield the pairs of rows of `_pairs_sql`, with all places that they have in common."""
    places: dict[tuple[tuple[str, ...], DecidedItem, DecidedItem], list[tuple[str, str]]] = {}
    for kind, place, treatments, *items in rows:
        pair = (tuple(treatments), _item("overturned", *items[:3]), _item("upheld", *items[3:]))
        places.setdefault(pair, []).append((kind, place))
    for (treatments, overturned, upheld), at in places.items():
        yield ContrastingPair(treatments, tuple(at), overturned, upheld)


def _item(decision: str, case: str, position: int, day: date | None) -> DecidedItem:
    return DecidedItem(case, position, decision, day)


def _without_shared_items(pairs: Iterable[ContrastingPair], limit: int) -> tuple[ContrastingPair, ...]:
    """Return the first pairs of which no two have a decision in common."""
    chosen: list[ContrastingPair] = []
    taken: set[DecidedItem] = set()
    for pair in pairs:
        if len(chosen) < limit and not {pair.overturned, pair.upheld} & taken:
            chosen.append(pair)
            taken |= {pair.overturned, pair.upheld}
    return tuple(chosen)
