"""Contrasts: two decisions on the same treatments that rest on the same page or section and went different ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.precedents.similarity import Candidates

__all__ = ["Contrasted", "contrasts"]

_CONSIDERED: Final = 200  # pairs that are looked at for those to show


@dataclass(frozen=True, slots=True)
class Contrasted:
    """An overturned and an upheld item (case, position) and what both rest on: ids by "page" and "section"."""

    overturned: tuple[str, int]
    upheld: tuple[str, int]
    places: Mapping[str, tuple[str, ...]]


def contrasts(found: Candidates, circle: int, limit: int) -> tuple[Contrasted, ...]:
    """Return pairs of the circles up to a number of `circles.STEPS`, those most like the request first.

    For each page or section the overturned and the upheld decision are taken that are most like the request; both
    ask for exactly the same treatments. A decision stands in one pair only.
    """
    pairs: dict[tuple[tuple[str, int], tuple[str, int]], dict[str, list[str]]] = {}
    for kind, place, *items in found.rows(_SQL, (circle, circle, _CONSIDERED)):
        pair = ((items[0], items[1]), (items[2], items[3]))
        pairs.setdefault(pair, {}).setdefault(kind, []).append(place)
    chosen: list[Contrasted] = []
    taken: set[tuple[str, int]] = set()
    for (overturned, upheld), places in pairs.items():
        if len(chosen) < limit and not {overturned, upheld} & taken:
            taken |= {overturned, upheld}
            chosen.append(Contrasted(overturned, upheld, {kind: tuple(ids) for kind, ids in places.items()}))
    return tuple(chosen)


_SQL: Final = """
with placed as (
  select 'page' as kind, unnest(reviewer_pages) as place, * from candidate where circle <= ?
  union all
  select 'section' as kind, unnest(reviewer_section_ids) as place, * from candidate where circle <= ?
), first as (
  select * from placed qualify row_number() over (
    partition by kind, place, treatments, overturned
    order by score desc, decision_date desc nulls last, case_key, position
  ) = 1
)
select o.kind, o.place, o.case_key, o.position, u.case_key, u.position
from first o join first u using (kind, place, treatments)
where o.overturned and not u.overturned and o.case_key <> u.case_key
order by o.score + u.score desc, greatest(o.decision_date, u.decision_date) desc nulls last,
  o.case_key, o.position, u.case_key, u.position, o.kind, o.place
limit ?
"""
