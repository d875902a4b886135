"""Overturned shares by one dimension, as plain rows: the short form of `shares`."""

from __future__ import annotations

from dataclasses import dataclass

from imr_graph.errors import UnknownNameError
from imr_graph.graph.store import GraphStore
from imr_graph.questions.dimensions import DIMENSIONS
from imr_graph.questions.shares import SMALL, shares, wilson
from imr_graph.tables.reading import open_table

__all__ = ["DIMENSIONS", "SMALL", "Share", "overturn_shares", "wilson"]


@dataclass(frozen=True, slots=True)
class Share:
    """One group of decisions.

    `key` is the group's IRI (or the value itself, such as a year), `label` its name; `share` is overturned /
    decisions, `low` and `high` the bounds of its Wilson 95 % interval; `small` marks fewer than `SMALL` decisions.
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
    if by not in DIMENSIONS:  # before a table is opened, which takes time for a store in memory
        raise UnknownNameError("dimension of statistics", by, DIMENSIONS)
    with open_table(store) as table:
        groups = shares(table, by, minimum=minimum).groups
    return tuple(
        Share(v.iri or v.id, v.label, g.decisions, g.overturned, g.share, g.low, g.high, g.small)
        for g in groups
        for v in g.values
        if v.id is not None
    )
