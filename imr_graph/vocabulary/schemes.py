"""A vocabulary's schemes: concepts by id, by name, and in text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Generic, TypeVar

from imr_graph.errors import UnknownNameError
from imr_graph.vocabulary.concepts import Concept
from imr_graph.vocabulary.matching import Matcher

__all__ = ["Scheme"]

C = TypeVar("C", bound=Concept)


class Scheme(Generic[C]):
    """The concepts of one kind, in the order of the vocabulary file."""

    def __init__(self, name: str, concepts: Iterable[C]) -> None:
        self.name = name
        self._by_id: dict[str, C] = {concept.id: concept for concept in concepts}

    def __iter__(self) -> Iterator[C]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def __getitem__(self, id: str) -> C:
        """Return the concept with an id; raise UnknownNameError, with the nearest ids, where there is none."""
        try:
            return self._by_id[id]
        except KeyError:
            raise UnknownNameError(self.name, id, self._by_id) from None

    def get(self, id: str) -> C | None:
        """Return the concept with an id, or None."""
        return self._by_id.get(id)

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids."""
        return tuple(self._by_id)

    @cached_property
    def matcher(self) -> Matcher[C]:
        """The matcher that finds these concepts in text, by all their labels."""
        return Matcher((label, concept) for concept in self for label in concept.labels)

    def named(self, name: str) -> tuple[C, ...]:
        """Return every concept that has this name; most names have one, an edition-less guideline name has several."""
        return self.matcher.named(name)

    def find(self, name: str) -> C | None:
        """Return the one concept that has this name; None where there is none or more than one."""
        named = self.named(name)
        return named[0] if len(named) == 1 else None

    def near(self, name: str, count: int = 3) -> tuple[str, ...]:
        """Return the labels and ids most like a name, best first: for "did you mean" in messages."""
        known = {text.lower(): text for c in self for text in (c.id, c.label, *c.alternatives)}
        return tuple(known[k] for k in difflib.get_close_matches(name.lower(), known, n=count, cutoff=0.5))
