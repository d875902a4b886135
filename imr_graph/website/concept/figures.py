"""The figures that pages of concepts show: counted for all of a kind at once, when the first of them is asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import networkx as nx

from imr_graph.analysis.networks.networks import project
from imr_graph.analysis.precedents.contrasts import ContrastingPair, find_all_contrasting_pairs
from imr_graph.analysis.statistics.concept_profiles import (
    SUBJECTS,
    ConceptProfiles,
    concept_profiles,
    labels_of_letters,
)
from imr_graph.website.live_store import Opened

__all__ = ["NETWORKS", "network_of", "pairs_of", "portraits_of", "printed_of", "warmed"]

Network: TypeAlias = "nx.Graph[str]"

T = TypeVar("T")

NETWORKS: Final = {"treatment": "treatment-co-request", "guideline": "guideline-co-citation"}
"""The network that a person can walk in, by what the names of its nodes begin with."""


@dataclass(slots=True)
class _Made:
    """What was made for one generation, each with a lock: who comes while it is being made waits for it."""

    found: dict[Hashable, Any] = field(default_factory=dict)
    making: dict[Hashable, Lock] = field(default_factory=dict)


_MADE: Final[WeakKeyDictionary[Opened, _Made]] = WeakKeyDictionary()
_LOCK: Final = Lock()


def _once(opened: Opened, key: Hashable, make: Callable[[], T]) -> T:
    """Return what a function makes, made once while a generation is open."""
    with _LOCK:
        made = _MADE.setdefault(opened, _Made())
        making = made.making.setdefault(key, Lock())
    with making:
        if key not in made.found:
            made.found[key] = make()
        found: T = made.found[key]
        return found


def printed_of(opened: Opened) -> dict[str, dict[str, str]]:
    """Return the names that only letters have, by kind and id."""
    return _once(opened, "printed names", lambda: labels_of_letters(opened.table))


def portraits_of(opened: Opened, subject: str) -> ConceptProfiles:
    """Return the portraits of all values of a dimension."""
    return _once(opened, ("portraits", subject), lambda: concept_profiles(opened.table, subject, printed_of(opened)))


def pairs_of(opened: Opened, kind: str, id: str) -> tuple[ContrastingPair, ...]:
    """Return the contrasting pairs of a treatment, page or section."""
    return _once(opened, "pairs", lambda: find_all_contrasting_pairs(opened.table)).get((kind, id), ())


def network_of(opened: Opened, kind: str) -> Network:
    """Return the network of a kind of `NETWORKS`, of all items."""
    return _once(opened, ("network", kind), lambda: project(opened.table, NETWORKS[kind]))


def warmed(opened: Opened, name: str) -> None:
    """Make what pages of a kind need, before the first is asked for; `name` is a dimension or a kind of network."""
    if name in SUBJECTS:
        portraits_of(opened, name)
    if name in NETWORKS:
        network_of(opened, name)
        pairs_of(opened, name, "")
