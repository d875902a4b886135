"""Overturn shares by one dimension, straight from the store, with the uncertainty that small counts carry."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from imr_graph.errors import UnknownNameError
from imr_graph.graph import terms
from imr_graph.graph.store import GraphStore
from imr_graph.questions.facts import label_of, pairs, texts_of, values_of

__all__ = ["DIMENSIONS", "SMALL", "Share", "overturn_shares", "wilson"]

SMALL: Final = 30
"""Groups of fewer decisions than this are marked: their shares say little."""

_Z95: Final = 1.959963984540054  # the normal distribution's 97.5th percentile
_OVERTURNED: Final = terms.term("Overturned")
_BROADER: Final = f"{terms.SKOS}broader"


@dataclass(frozen=True, slots=True)
class Share:
    """One group of decisions.

    `key` is the group's IRI (or the year), `label` its name; `share` is overturned / decisions, `low` and `high` the
    bounds of its Wilson 95 % interval, all between 0 and 1; `small` marks groups of fewer than `SMALL` decisions.
    """

    key: str
    label: str
    decisions: int
    overturned: int
    share: float
    low: float
    high: float
    small: bool


def overturn_shares(store: GraphStore, by: str, *, minimum: int = 1) -> tuple[Share, ...]:
    """Return the overturned share of disputed items by a dimension of `DIMENSIONS`, the most decisions first.

    An item counts once for each value it has (two treatments: both); items without a value are left out. `minimum`
    leaves out groups of fewer decisions. Raises UnknownNameError for another dimension.
    """
    if by not in DIMENSIONS:
        raise UnknownNameError("dimension of statistics", by, DIMENSIONS)
    decisions = values_of(store.graph, "decision")
    counts: dict[str, list[int]] = {}
    for item, key in set(DIMENSIONS[by](store.graph)):
        count = counts.setdefault(key, [0, 0])
        count[0] += 1
        count[1] += decisions.get(item) == _OVERTURNED
    shares = (_share(store.graph, key, n, k) for key, (n, k) in counts.items() if n >= minimum)
    return tuple(sorted(shares, key=lambda share: (-share.decisions, -share.share, share.label, share.key)))


def wilson(overturned: int, decisions: int) -> tuple[float, float]:
    """Return the bounds of the Wilson 95 % interval of a share; (0, 1) where there was no decision.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.

    >>> [round(bound, 3) for bound in wilson(1, 10)]
    [0.018, 0.404]
    """
    if not decisions:
        return 0.0, 1.0
    share, squared = overturned / decisions, _Z95 * _Z95
    middle = share + squared / (2 * decisions)
    reach = _Z95 * math.sqrt(share * (1 - share) / decisions + squared / (4 * decisions * decisions))
    scale = 1 + squared / decisions
    # None and all have their bound at the very end, which rounding would miss.
    low = (middle - reach) / scale if overturned else 0.0
    high = (middle + reach) / scale if overturned < decisions else 1.0
    return low, high


def _share(graph: ox.Store, key: str, decisions: int, overturned: int) -> Share:
    low, high = wilson(overturned, decisions)
    label = key if key.isdigit() else label_of(graph, key)
    if terms.local_name(key).startswith("section-"):
        # One name stands for sections of several guidelines.
        guidelines = texts_of(graph, key, terms.term("sectionOf"))
        label = ": ".join((*(label_of(graph, guideline) for guideline in guidelines), label))
    return Share(key, label, decisions, overturned, overturned / decisions, low, high, decisions < SMALL)


def _of_item(name: str) -> Callable[[ox.Store], Iterator[tuple[str, str]]]:
    return lambda graph: pairs(graph, name)


def _of_reviewer(name: str) -> Callable[[ox.Store], Iterator[tuple[str, str]]]:
    def read(graph: ox.Store) -> Iterator[tuple[str, str]]:
        profiles: dict[str, list[str]] = {}
        for reviewer, value in pairs(graph, name):
            profiles.setdefault(reviewer, []).append(value)
        reviewers = values_of(graph, "hasReviewer")
        for case, item in pairs(graph, "hasDisputedItem"):
            yield from ((item, value) for value in profiles.get(reviewers.get(case, ""), ()))

    return read


def _years(graph: ox.Store) -> Iterator[tuple[str, str]]:
    decided = values_of(graph, "decisionDate")
    for case, item in pairs(graph, "hasDisputedItem"):
        if case in decided:
            yield item, decided[case][:4]


def _categories(graph: ox.Store) -> Iterator[tuple[str, str]]:
    """Yield each item with the top categories of its treatments."""
    tops: dict[str, set[str]] = {}
    for item, treatment in pairs(graph, "requestsTreatment"):
        if treatment not in tops:
            tops[treatment] = _tops(graph, treatment) - {treatment}
        yield from ((item, top) for top in tops[treatment])


def _tops(graph: ox.Store, node: str) -> set[str]:
    seen: set[str] = set()
    found: set[str] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current in seen:  # a vocabulary with a circle ends here
            continue
        seen.add(current)
        above = texts_of(graph, current, _BROADER)
        waiting += above
        if not above:
            found.add(current)
    return found


DIMENSIONS: Final[Mapping[str, Callable[[ox.Store], Iterator[tuple[str, str]]]]] = {
    "treatment": _of_item("requestsTreatment"),
    "category": _categories,
    "guideline": _of_item("basedOnGuideline"),
    "section": _of_item("basedOnSection"),
    "page": _of_item("basedOnPage"),
    "specialty": _of_reviewer("hasSpecialty"),
    "state": _of_reviewer("licensedIn"),
    "year": _years,
}
