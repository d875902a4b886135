"""What overturned decisions rest on and upheld ones do not, and the reverse: log odds ratios with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

from imr_graph import vocabulary
from imr_graph.analysis.dimensions.values import Value, guideline_of, label_value
from imr_graph.analysis.precedents.similarity import Candidates
from imr_graph.analysis.statistics.intervals import Z95, CaseSums, effective_size, sums_by_case
from imr_graph.store.graph_store import GraphStore

__all__ = ["COMPARED", "Association", "Odds", "adjust_chances", "find_associations", "odds"]

COMPARED: Final[dict[str, str]] = {
    "guideline": "reviewer_guidelines",
    "section": "reviewer_section_ids",
    "page": "reviewer_pages",
    "specialty": "reviewer_specialty_ids",
}
"""What is compared, and the column that holds it."""

_SHOWN, _SHOWN_WEAK = 5, 3  # of each direction
_FALSE_FINDS: Final = 0.05  # the share of false finds that what is called clear may have
# A factor restates a region where this part of its decisions is on it, and so many times the part of all decisions.
_RESTATED, _TIMES = 0.7, 2
_FEWEST: Final = 3  # decisions that have to rest on something before it is compared


@dataclass(frozen=True, slots=True)
class Odds:
    """A log odds ratio and the bounds of its 95% interval."""

    log_odds: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Association:
    """Something that decisions rest on more often where they go one way.

    `kind` is one of `COMPARED`; `overturned` and `upheld` count the decisions that rest on it, out of
    `all_overturned` and `all_upheld`, `cases` those of their cases. `log_odds` is above 0 where it goes with overturned
    decisions, `low` and `high` are the bounds of its 95% interval by case. `q` is the share of false finds among what
    is as clear as this, of all that was compared (Benjamini and Hochberg, 1995); `weak` says that it is above 0.05.
    """

    kind: str
    value: Value
    overturned: int
    upheld: int
    all_overturned: int
    all_upheld: int
    cases: int
    log_odds: float
    low: float
    high: float
    q: float
    weak: bool

    @property
    def towards(self) -> Literal["overturned", "upheld"]:
        """Which decisions it goes with."""
        return "overturned" if self.log_odds > 0 else "upheld"

    @property
    def ratios(self) -> tuple[float, float, float]:
        """The odds ratio and the bounds of its interval."""
        return math.exp(self.log_odds), math.exp(self.low), math.exp(self.high)

    @property
    def shares(self) -> tuple[float, float]:
        """The share of the overturned and of the upheld decisions that rest on it."""
        return self.overturned / self.all_overturned, self.upheld / self.all_upheld


class _Factor(NamedTuple):
    """What is compared: the decisions with it and those without it, the overturned among them, and their cases."""

    kind: str
    id: str
    having: int
    overturned: int
    sums: CaseSums
    rest: int
    rest_overturned: int
    rest_sums: CaseSums


def find_associations(found: Candidates, store: GraphStore, tier: int) -> tuple[tuple[Association, ...], int]:
    """Return what tells overturned from upheld decisions of the tiers up to a number of the request's.

    The clearest comes first. Of either direction the five clearest are given; where none is clear, three weak ones.
    Beside them stands how many were compared: of many, some look clear by chance, which `Association.q` allows for.
    What only tells the region of the body (decisions on the neck cite the chapter on the neck) is not compared.
    """
    factors = [one for one in _count_factors(found, tier) if _can_be_compared(one)]
    restating = _find_restated_regions(found, tier) if factors else set()
    measured = [(one, _measure(one)) for one in factors if (one.kind, one.id) not in restating]
    chances = adjust_chances([_chance(each) for _, each in measured])
    counted = [_association(one, each, q) for (one, each), q in zip(measured, chances, strict=True)]
    chosen = [*_clearest(g for g in counted if g.log_odds > 0), *_clearest(g for g in counted if g.log_odds < 0)]
    return tuple(_with_name(one, store) for one in chosen), len(counted)


def adjust_chances(chances: Sequence[float]) -> list[float]:
    """Return probabilities corrected for how many were looked at: those of false finds among all that are as small.

    Source: Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995), 289-300.

    >>> [round(q, 3) for q in adjust_chances([0.01, 0.04, 0.03, 0.5])]
    [0.04, 0.053, 0.053, 0.5]
    """
    found = [1.0] * len(chances)
    least = 1.0
    for rank, place in sorted(enumerate(sorted(range(len(chances)), key=chances.__getitem__), 1), reverse=True):
        least = min(least, chances[place] * len(chances) / rank)
        found[place] = least
    return found


def odds(with_overturned: float, with_upheld: float, without_overturned: float, without_upheld: float) -> Odds:
    """Return the log odds ratio of overturned decisions with something against those without it.

    0.5 is added to each count (Haldane 1956, Anscombe 1956), so that a count of 0 has a finite result; the interval
    is Woolf's (1955) with the same correction.

    >>> found = odds(10, 10, 5, 20)
    >>> [round(value, 2) for value in (found.log_odds, found.low, found.high)]
    [1.32, 0.04, 2.59]
    """
    a, b, c, d = (count + 0.5 for count in (with_overturned, with_upheld, without_overturned, without_upheld))
    ratio = math.log(a * d / (b * c))
    reach = Z95 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return Odds(ratio, ratio - reach, ratio + reach)


def _count_factors(found: Candidates, tier: int) -> list[_Factor]:
    each = " union all ".join(
        f"select '{kind}' as kind, unnest({column}) as id, case_key, overturned as r from candidate "
        f"where tier <= {tier:d}"
        for kind, column in COMPARED.items()
    )
    rows = found.rows(
        f"with whole as (select case_key, count(*) as w, count(*) filter (overturned) as v from candidate "
        f"where tier <= {tier:d} group by case_key), "
        f"every as (select {sums_by_case('w', 'v')} from whole), "
        f"each as (select kind, id, case_key, count(*) as m, count(*) filter (r) as o from ({each}) group by all), "
        # Of the rest of the decisions: what cases have in all, less what the factor takes away.
        "factor as (select kind, id, cast(sum(m) as bigint) as n, count(*) filter (w = m) as gone, "
        "cast(sum(w * w - (w - m) * (w - m)) as bigint) as sizes, "
        "cast(sum(w * v - (w - m) * (v - o)) as bigint) as joint, "
        "cast(sum(v * v - (v - o) * (v - o)) as bigint) as hits, "
        f"{sums_by_case()} from each join whole using (case_key) group by kind, id) "
        f"select factor.*, every.* from factor, every where n >= {_FEWEST} order by kind, id"
    )
    return [_factor(row) for row in rows]


def _factor(row: tuple[Any, ...]) -> _Factor:
    kind, id, _, gone, sizes, joint, hits, having, overturned, *rest = row
    own, (every, every_overturned, *every_sums) = CaseSums(*rest[:4]), rest[4:]
    whole = CaseSums(*every_sums)
    apart = CaseSums(whole.cases - gone, whole.sizes - sizes, whole.joint - joint, whole.hits - hits)
    return _Factor(kind, id, having, overturned, own, every - having, every_overturned - overturned, apart)


def _can_be_compared(of: _Factor) -> bool:
    """Whether there are decisions of both kinds, and some without the factor."""
    overturned = of.overturned + of.rest_overturned
    return 0 < overturned < of.having + of.rest and of.rest > 0


def _measure(of: _Factor) -> Odds:
    """Return the odds ratio, each side counted by how many independent decisions it is worth."""
    having = effective_size(of.overturned, of.having, of.sums) / of.having
    rest = effective_size(of.rest_overturned, of.rest, of.rest_sums) / of.rest
    upheld, rest_upheld = of.having - of.overturned, of.rest - of.rest_overturned
    return odds(of.overturned * having, upheld * having, of.rest_overturned * rest, rest_upheld * rest)


def _chance(of: Odds) -> float:
    """Return the probability of an odds ratio that lies as far from 1, where nothing but chance makes one."""
    return math.erfc(abs(of.log_odds) / ((of.high - of.low) / (2 * Z95)) / math.sqrt(2))


def _association(one: _Factor, measured: Odds, q: float) -> Association:
    overturned, upheld = one.overturned, one.having - one.overturned
    return Association(
        one.kind,
        Value(one.id, one.id),
        overturned,
        upheld,
        overturned + one.rest_overturned,
        upheld + one.rest - one.rest_overturned,
        one.sums.cases,
        measured.log_odds,
        measured.low,
        measured.high,
        q,
        q > _FALSE_FINDS,
    )


def _find_restated_regions(found: Candidates, tier: int) -> set[tuple[str, str]]:
    """Return what says no more than a region: most decisions with it are on one, far more than of all decisions.

    Where no region narrows the tier, what belongs to a guideline on a region says no more either.
    """
    each = " union all ".join(
        f"select '{kind}' as kind, unnest({column}) as id, body_regions from candidate where tier <= {tier:d}"
        for kind, column in COMPARED.items()
        if kind != "specialty"
    )
    rows = found.rows(
        f"with each as materialized ({each}), "
        f"region as (select r, count(*) as n from (select unnest(body_regions) as r from candidate "
        f"where tier <= {tier:d}) group by r), "
        "own as (select kind, id, count(*) as n, count(*) filter (len(body_regions) > 0) as placed from each "
        "group by all), "
        "met as (select kind, id, r, count(*) as n from (select kind, id, unnest(body_regions) as r from each) "
        "group by all), "
        f"every as (select count(*) as n from candidate where tier <= {tier:d}) "
        f"select kind, id, bool_or(met.n >= {_RESTATED} * own.n and met.n * every.n >= {_TIMES} * own.n * region.n), "
        f"any_value(own.placed >= {_RESTATED} * own.n) "
        "from met join region using (r) join own using (kind, id), every group by all"
    )
    narrowed = "region" in found.tiers[tier].name
    return {
        (kind, id)
        for kind, id, restates, placed in rows
        if restates or (placed and not narrowed and _names_region(kind, id))
    }


def _names_region(kind: str, id: str) -> bool:
    """Whether something belongs to a guideline whose title names a region of the body ("Low Back Complaints")."""
    known = vocabulary.load()
    guideline = known.guidelines.get({"guideline": id, "section": guideline_of(id)}.get(kind, id.rpartition("-")[0]))
    return guideline is not None and bool(known.body_regions.matcher.find(guideline.label))


def _clearest(counted: Iterable[Association]) -> list[Association]:
    ordered = sorted(counted, key=lambda g: (-max(g.low, -g.high), -abs(g.log_odds), g.kind, g.value.id or ""))
    clear = [one for one in ordered if not one.weak]
    return clear[:_SHOWN] or ordered[:_SHOWN_WEAK]


def _with_name(found: Association, store: GraphStore) -> Association:
    return replace(found, value=label_value(found.kind, found.value.id or "", store))
