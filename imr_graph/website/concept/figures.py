"""The figures that pages of concepts show: counted for all of a kind at once, when the first of them is asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import networkx as nx

from imr_graph.analysis.networks.networks import project
from imr_graph.analysis.precedents.pairs import Pair, contrasting_pairs
from imr_graph.analysis.statistics.concept_profiles import SUBJECTS, Portraits, portraits, printed_names
from imr_graph.live_store import StoreSnapshot

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


_MADE: Final[WeakKeyDictionary[StoreSnapshot, _Made]] = WeakKeyDictionary()
_LOCK: Final = Lock()


def _once(snapshot: StoreSnapshot, key: Hashable, make: Callable[[], T]) -> T:
    """Return what a function makes, made once while a generation is open."""
    with _LOCK:
        made = _MADE.setdefault(snapshot, _Made())
        making = made.making.setdefault(key, Lock())
    with making:
        if key not in made.found:
            made.found[key] = make()
        found: T = made.found[key]
        return found


def printed_of(snapshot: StoreSnapshot) -> dict[str, dict[str, str]]:
    """Return the names that only letters have, by kind and id."""
    return _once(snapshot, "printed names", lambda: printed_names(snapshot.table))


def portraits_of(snapshot: StoreSnapshot, subject: str) -> Portraits:
    """Return the portraits of all values of a dimension."""
    return _once(snapshot, ("portraits", subject), lambda: portraits(snapshot.table, subject, printed_of(snapshot)))


def pairs_of(snapshot: StoreSnapshot, kind: str, id: str) -> tuple[Pair, ...]:
    """Return the contrasting pairs of a treatment, page or section."""
    return _once(snapshot, "pairs", lambda: contrasting_pairs(snapshot.table)).get((kind, id), ())


def network_of(snapshot: StoreSnapshot, kind: str) -> Network:
    """Return the network of a kind of `NETWORKS`, of all items."""
    return _once(snapshot, ("network", kind), lambda: project(snapshot.table, NETWORKS[kind]))


def warmed(snapshot: StoreSnapshot, name: str) -> None:
    """Make what pages of a kind need, before the first is asked for; `name` is a dimension or a kind of network."""
    if name in SUBJECTS:
        portraits_of(snapshot, name)
    if name in NETWORKS:
        network_of(snapshot, name)
        pairs_of(snapshot, name, "")
