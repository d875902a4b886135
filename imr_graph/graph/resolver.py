"""From names as letters print them to nodes: what the vocabulary knows keeps its IRI, the rest is minted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.vocabulary import Vocabulary, load

__all__ = ["Named", "Names", "shipped_names", "vocabulary_subjects", "vocabulary_text", "vocabulary_triples"]

_CACHED = 65_536


class Named(NamedTuple):
    """A node that a printed name means; `label` is the label to mint it with, None where the vocabulary knows it."""

    iri: str
    label: str | None = None


class Names:
    """How a vocabulary names what letters print; results are remembered, as letters repeat themselves.

    `guideline(id)` returns the label that a guideline's pages are named with.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.section: Callable[[str, str | None, str, str], Named] = lru_cache(_CACHED)(self._section)
        self.specialty: Callable[[str, str], Named] = lru_cache(_CACHED)(self._specialty)
        self.guideline: Callable[[str], str] = lru_cache(_CACHED)(self._guideline)

    def _section(self, guideline: str, chapter: str | None, label: str, base: str) -> Named:
        """Return the node of a section that a citation names; the arguments are those of the citation.

        Topics of the Official Disability Guidelines stand in several chapters, so there a topic with its chapter is
        a node of its own, under the settled names of both where the vocabulary has them.
        """
        if guideline not in self.vocabulary.guidelines:
            return Named(terms.section_iri(guideline, label, chapter, base), label)
        found = self.vocabulary.sections(guideline).unique_by_label(label)
        if chapter is None:
            return Named(found.iri) if found else Named(terms.section_iri(guideline, label, None, base), label)
        known_chapter = self.vocabulary.odg_chapters.unique_by_label(chapter)
        settled = found.label if found and not found.is_chapter else label
        settled_chapter = known_chapter.label if known_chapter else chapter
        iri = terms.section_iri(guideline, settled, settled_chapter)
        if self.vocabulary.concept(iri):
            return Named(iri)
        return Named(terms.section_iri(guideline, settled, settled_chapter, base), settled)

    def _specialty(self, label: str, base: str) -> Named:
        """Return the node of a reviewer's specialty."""
        found = self.vocabulary.specialties.unique_by_label(label)
        return Named(found.iri) if found else Named(terms.specialty_iri(label, base), label)

    def _guideline(self, identifier: str) -> str:
        found = self.vocabulary.guidelines.get(identifier)
        if found is None:
            return identifier
        dated = found.year is None or str(found.year) in found.label
        return found.label if dated else f"{found.label} {found.year}"


@cache
def shipped_names() -> Names:
    """Return the names of the shipped vocabularies, made once in a process."""
    return Names(load())


@cache
def vocabulary_triples() -> tuple[ox.Triple, ...]:
    """Return every triple of the ontology and the vocabularies, sorted: what each store holds beside the letters."""
    found: set[ox.Triple] = set()
    for path in resources.vocabulary_files():
        found.update(quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    return tuple(sorted(found, key=str))


@cache
def vocabulary_text() -> bytes:
    """Return `vocabulary_triples` as N-Triples: what loads fastest into a store."""
    return ox.serialize(vocabulary_triples(), format=ox.RdfFormat.N_TRIPLES) or b""


@cache
def vocabulary_subjects() -> frozenset[str]:
    """Return the IRIs that the ontology and the vocabularies say something of."""
    return frozenset(t.subject.value for t in vocabulary_triples() if isinstance(t.subject, ox.NamedNode))
