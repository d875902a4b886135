"""From names as letters print them to nodes: what the vocabulary knows keeps its IRI, the rest is minted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import pyoxigraph as ox

from imr_graph import resources
from imr_graph.graph import terms
from imr_graph.vocabulary import Vocabulary, load

__all__ = ["Names", "shipped_names", "vocabulary_subjects", "vocabulary_triples"]

_CACHED = 65_536


class Names:
    """How a vocabulary names what letters print; results are remembered, as letters repeat themselves.

    `section(guideline id, chapter, label)` and `specialty(label)` return an IRI of the vocabulary, or None where a
    node has to be minted. `chapter(printed)` returns the settled name of a chapter of the Official Disability
    Guidelines. `guideline(id)` returns the label that its pages are named with.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.section: Callable[[str, str | None, str], str | None] = lru_cache(_CACHED)(self._section)
        self.specialty: Callable[[str], str | None] = lru_cache(_CACHED)(self._specialty)
        self.chapter: Callable[[str], str] = lru_cache(_CACHED)(self._chapter)
        self.guideline: Callable[[str], str] = lru_cache(_CACHED)(self._guideline)

    def section_node(self, guideline: str, chapter: str | None, label: str, base: str) -> tuple[str, bool]:
        """Return the IRI of a section that a citation names, and whether the vocabulary knows it."""
        known = self.section(guideline, chapter, label)
        if known:
            return known, True
        return terms.section_iri(guideline, label, self.chapter(chapter) if chapter else None, base), False

    def specialty_node(self, label: str, base: str) -> tuple[str, bool]:
        """Return the IRI of a reviewer's specialty, and whether the vocabulary knows it."""
        known = self.specialty(label)
        return (known, True) if known else (terms.specialty_iri(label, base), False)

    def _section(self, guideline: str, chapter: str | None, label: str) -> str | None:
        if guideline not in self.vocabulary.guidelines:
            return None
        if chapter is None:
            found = self.vocabulary.sections(guideline).find(label)
            return found.iri if found else None
        iri = terms.section_iri(guideline, label, self.chapter(chapter))
        return iri if self.vocabulary.concept(iri) else None

    def _specialty(self, label: str) -> str | None:
        found = self.vocabulary.specialties.find(label)
        return found.iri if found else None

    def _chapter(self, printed: str) -> str:
        found = self.vocabulary.odg_chapters.find(printed) if "odg" in self.vocabulary.guidelines else None
        return found.label if found else printed

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
    for path in sorted(resources.ontology().glob("*.ttl")):
        found.update(quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    return tuple(sorted(found, key=str))


@cache
def vocabulary_subjects() -> frozenset[str]:
    """Return the IRIs that the ontology and the vocabularies say something of."""
    return frozenset(t.subject.value for t in vocabulary_triples() if isinstance(t.subject, ox.NamedNode))
