"""What overturned decisions rest on and upheld ones do not, and the reverse: log odds ratios with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.lookup import label_of
from imr_graph.analysis.dimensions.values import Value, make_value
from imr_graph.analysis.precedents.similarity import Candidates
from imr_graph.analysis.statistics.intervals import Z95
from imr_graph.store.graph_store import GraphStore
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["COMPARED", "Association", "Odds", "find_associations", "label_value", "odds"]

COMPARED: Final[dict[str, str]] = {
    "guideline": "reviewer_guidelines",
    "section": "reviewer_section_ids",
    "page": "reviewer_pages",
    "specialty": "reviewer_specialty_ids",
}
"""What is compared, and the column that holds it."""

_SHOWN, _SHOWN_WEAK = 5, 3  # of each direction
_FEWEST: Final = 3  # decisions that have to rest on something before it is compared


@dataclass(frozen=True, slots=True)
class Odds:
    """A log odds ratio and the bounds of its 95 % interval."""

    log_odds: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Association:
    """Something that decisions rest on more often where they go one way.

    `kind` is one of `COMPARED`; `overturned` and `upheld` count the decisions that rest on it, out of
    `all_overturned` and `all_upheld`. `log_odds` is above 0 where it goes with overturned decisions; `weak` says that
    its 95 % interval (`low` to `high`) holds 0, so that chance explains it.
    """

    kind: str
    value: Value
    overturned: int
    upheld: int
    all_overturned: int
    all_upheld: int
    log_odds: float
    low: float
    high: float
    weak: bool

    @property
    def towards(self) -> Literal["overturned", "upheld"]:
        """Which decisions it goes with."""
        return "overturned" if self.log_odds > 0 else "upheld"


def find_associations(found: Candidates, store: GraphStore, tier: int) -> tuple[tuple[Association, ...], int]:
    """Return what tells overturned from upheld decisions of the tiers up to a number of `tiers.STEPS`.

    The clearest comes first. Of either direction the five clearest are given; where none is clear, three weak ones.
    Beside them stands how many were compared: of many, some are clear by chance.
    """
    ((all_overturned, all_decisions),) = found.rows(
        "select count(*) filter (overturned), count(*) from candidate where tier <= ?", (tier,)
    )
    counted = [
        Association(
            kind, Value(id, id), with_, count - with_, all_overturned, all_decisions - all_overturned, *measured
        )
        for kind, id, with_, count in _counts(found, tier)
        if (measured := _measure(with_, count - with_, all_overturned, all_decisions - all_overturned))
    ]
    chosen = [*_clearest(g for g in counted if g.log_odds > 0), *_clearest(g for g in counted if g.log_odds < 0)]
    return tuple(_with_name(one, store) for one in chosen), len(counted)


def odds(with_overturned: int, with_upheld: int, without_overturned: int, without_upheld: int) -> Odds:
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


def label_value(kind: str, id: str, store: GraphStore) -> Value:
    """Return a guideline, section, page or specialty with its name: the vocabulary's, else the letters' own."""
    value = make_value(DIMENSIONS[kind], id, store.base)
    if value.iri is None or kind not in ("section", "specialty"):
        return value
    printed = label_of(store.graph, value.iri)
    return make_value(
        DIMENSIONS[kind], id, store.base, {id: printed} if printed != terms.local_name(value.iri) else None
    )


def _counts(found: Candidates, tier: int) -> list[tuple[str, str, int, int]]:
    each = " union all ".join(
        f"select '{kind}' as kind, unnest({column}) as id, overturned from candidate where tier <= {int(tier)}"
        for kind, column in COMPARED.items()
    )
    return found.rows(
        f"select kind, id, count(*) filter (overturned), count(*) from ({each}) "
        f"group by kind, id having count(*) >= {_FEWEST} order by kind, id"
    )


def _measure(
    overturned: int, upheld: int, all_overturned: int, all_upheld: int
) -> tuple[float, float, float, bool] | None:
    """Return log odds, bounds and weakness; None where all decisions or none of one kind make it meaningless."""
    if not all_overturned or not all_upheld or overturned + upheld == all_overturned + all_upheld:
        return None
    found = odds(overturned, upheld, all_overturned - overturned, all_upheld - upheld)
    return found.log_odds, found.low, found.high, found.low <= 0 <= found.high


def _clearest(counted: Iterable[Association]) -> list[Association]:
    ordered = sorted(counted, key=lambda g: (-max(g.low, -g.high), -abs(g.log_odds), g.kind, g.value.id or ""))
    clear = [one for one in ordered if not one.weak]
    return clear[:_SHOWN] or ordered[:_SHOWN_WEAK]


def _with_name(found: Association, store: GraphStore) -> Association:
    return replace(found, value=label_value(found.kind, found.value.id or "", store))
