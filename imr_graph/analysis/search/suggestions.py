"""From the words of a search to the concepts they name: treatments, categories, guidelines, specialties, states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.dimensions.values import Value, make_value
from imr_graph.graph.literals import replace_surrogates
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.search_index import open_reading
from imr_graph.store.table import sidecars
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.vocabulary import Concept, Scheme, normalise

__all__ = ["Suggestion", "suggest_values"]

_LONGEST: Final = 200  # characters of a search that are looked at
_SHORTEST: Final = 3  # letters from which the beginning of a name counts
_SYNTAX: Final = re.compile(r"\b(?:AND|OR)\b|\b(?:heading|rationale|summary|citations):")
_EXCLUSION: Final = re.compile(r"\bNOT\b|(?<!\S)-(?=\w|[\"(])")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A concept that the words of a search name, and the dimension it is a value of."""

    dimension: str
    value: Value


@dataclass(frozen=True, slots=True)
class _Name:
    """One name of a concept, in folded words; `preferred` is its own, not one of its others."""

    words: str
    dimension: str
    id: str
    preferred: bool


def suggest_values(store: GraphStore, text: str, *, most: int = 6) -> tuple[Suggestion, ...]:
    """Return the concepts that the words of a search name and that letters of the store have, the likeliest first.

    A name that is just the words comes first, then names that stand within the words, then names that begin with them,
    then names that have all the words in them. A drug product stands for its active ingredients. A search that
    excludes something gives none.
    """
    text = replace_surrogates(text)[:_LONGEST]
    if _EXCLUSION.search(text):
        return ()
    wanted = normalise(_SYNTAX.sub(" ", text))
    if not wanted:
        return ()
    ranked = dict.fromkeys((*_exact(wanted), *_contained_matches(wanted), *_prefix_matches(wanted)))
    return tuple(
        Suggestion(dimension, make_value(DIMENSIONS[dimension], id, store.base))
        for dimension, id in _in_store(store, ranked, most)
    )


def _exact(wanted: str) -> Iterator[tuple[str, str]]:
    for dimension, scheme in _schemes():
        for concept in scheme.by_label(wanted):
            yield from _values(dimension, concept)


def _contained_matches(wanted: str) -> Iterator[tuple[str, str]]:
    for dimension, scheme in _schemes():
        for match in scheme.matcher.find(wanted):
            # Two letters within other words are rarely the name of a state.
            if dimension != "state" or match.end - match.start > 2:
                yield from (value for concept in match.values for value in _values(dimension, concept))


def _prefix_matches(wanted: str) -> Iterator[tuple[str, str]]:
    """Yield what has a name that begins with the words, then what has all of them in its own name."""
    if len(wanted) < _SHORTEST:
        return
    begun = [name for name in _names() if name.words.startswith(wanted)]
    begun.sort(key=lambda name: (not name.preferred, len(name.words)))
    yield from ((name.dimension, name.id) for name in begun)
    parts = [f" {word}" for word in wanted.split()]
    for name in _names():
        if name.preferred and all(part in f" {name.words}" for part in parts):
            yield name.dimension, name.id


def _schemes() -> Iterator[tuple[str, Scheme[Any]]]:
    """Yield the vocabularies of the kinds that are suggested; drug products stand for their ingredients."""
    for kind in KINDS.values():
        if kind.suggested:
            yield kind.name, kind.concepts()
        if kind.name == "treatment":
            yield "product", vocabulary.load().products


@cache
def _names() -> tuple[_Name, ...]:
    return tuple(
        _Name(normalise(label), dimension, id, label == concept.label)
        for kind, scheme in _schemes()
        for concept in scheme
        for dimension, id in _values(kind, concept)
        for label in (concept.label, *concept.alternatives)
    )


def _values(kind: str, concept: Concept) -> Iterator[tuple[str, str]]:
    if isinstance(concept, vocabulary.Treatment) and kind == "product":
        yield from (("treatment", id) for id in concept.ingredients)
    else:
        yield kind, concept.id


def _in_store(store: GraphStore, ranked: Iterable[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """Return the first of the values that the index of the store has."""
    found: list[tuple[str, str]] = []
    with sidecars(store) as (folder, manifest), open_reading(folder / manifest.search) as index:
        for dimension, id in ranked:
            if len(found) == most:
                break
            if index.execute("select 1 from mark where dimension = ? and value = ?", (dimension, id)).fetchone():
                found.append((dimension, id))
    return found
