"""Adding letters to a store and taking them out, with its table, its index and its texts in step."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imr_graph.graph.resolver import Names
from imr_graph.model import Determination, Letter
from imr_graph.store import adding, texts
from imr_graph.store.adding import Changes
from imr_graph.store.follow import record
from imr_graph.store.graph_store import GraphStore

__all__ = ["add", "remove"]


def add(
    target: GraphStore | Path | str,
    determinations: Iterable[Determination],
    *,
    keep_both: bool = False,
    base: str | None = None,
    names: Names | None = None,
    letters: Iterable[Letter] = (),
) -> Changes:
    """Do what `graph.adding.add` does, and let the table and the index of a store on disk follow.

    `letters` are those that the determinations were read from: a store on disk keeps their texts, so that facts can be
    shown where they stand. Without them it lacks nothing else.
    """
    changes = adding.add(target, determinations, keep_both=keep_both, base=base, names=names, followers=(record,))
    if not isinstance(target, GraphStore):
        texts.keep(Path(target), ((letter.sha256, texts.packed(letter.text)) for letter in letters))
        texts.tidy(Path(target), changes.generation)
    return changes


def remove(target: GraphStore | Path | str, name: str, *, names: Names | None = None) -> Changes:
    """Do what `graph.adding.remove` does, and let the table, the index and the texts of a store on disk follow."""
    changes = adding.remove(target, name, names=names, followers=(record,))
    if not isinstance(target, GraphStore):
        texts.tidy(Path(target), changes.generation)
    return changes
