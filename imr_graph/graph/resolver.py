"""From names as letters print them to nodes: what the vocabulary knows keeps its IRI, the rest is minted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.vocabulary import Vocabulary, load
from imr_graph.vocabulary.concepts import Section
from imr_graph.vocabulary.mappings import mapping_triples
from imr_graph.vocabulary.skos import complete_skos

__all__ = [
    "NameResolver",
    "ResolvedName",
    "default_resolver",
    "vocabulary_subjects",
    "vocabulary_text",
    "vocabulary_triples",
]

_CACHED = 65_536
# A word with two capitals, as abbreviations are written: "MRIs", "TENS".
_ABBREVIATION = re.compile(r"\b[A-Za-z]*[A-Z]{2}[A-Za-z]*\b")
_SMALL_WORDS = frozenset(("and", "for", "in", "of", "the", "with"))


class ResolvedName(NamedTuple):
    """A node that a printed name means; `label` is the label to mint it with, None where the vocabulary knows it."""

    iri: str
    label: str | None = None


class NameResolver:
    """How a vocabulary names what letters print; results are remembered, as letters repeat themselves.

    The vocabulary is asked first. A name that it does not know mints a node, whose label depends on the node's IRI and
    on the vocabulary alone: names that differ in case, white space, accents or punctuation are one node with one label
    (`iris.fold_name`), whatever the letters print and whichever of them a store holds.

    `guideline(id, base)` returns the node of a guideline, `page_prefix(id)` the label that its pages are named with.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.section: Callable[[str, str | None, str, str], ResolvedName] = lru_cache(_CACHED)(self._section)
        self.specialty: Callable[[str, str], ResolvedName] = lru_cache(_CACHED)(self._specialty)
        self.guideline: Callable[[str, str], ResolvedName] = lru_cache(_CACHED)(self._guideline)
        self.page_prefix: Callable[[str], str] = lru_cache(_CACHED)(self._page_prefix)

    def _section(self, guideline: str, chapter: str | None, label: str, base: str) -> ResolvedName:
        """Return the node of a section that a citation names; the arguments are those of the citation.

        Topics of the Official Disability Guidelines stand in several chapters, so there a topic with its chapter is
        a node of its own, under the settled names of both where the vocabulary has them.
        """
        found = self.vocabulary.sections(guideline).unique_by_label(label)
        if chapter is None and found:
            return ResolvedName(found.iri)
        if chapter is not None:
            known_chapter = self.vocabulary.odg_chapters.unique_by_label(chapter)
            chapter = known_chapter.label if known_chapter else chapter
            label = found.label if found and not found.is_chapter else label
        known = self._section_iri(guideline, label, chapter, terms.BASE)
        if self.vocabulary.concept(known):
            return ResolvedName(known)
        folded = "-".join(terms.fold_name(name) for name in (chapter, label) if name)
        return ResolvedName(self._section_iri(guideline, label, chapter, base), self._section_label(guideline, folded))

    def _section_iri(self, guideline: str, label: str, chapter: str | None, base: str) -> str:
        """Return the IRI of a section that cannot be read as one of another guideline.

        Two hyphens end the guideline's id where it is not listed, or where a longer id that is listed would fit.
        """
        iri = terms.section_iri(guideline, label, chapter, base)
        own = f"{base}section-{guideline}-"
        known = self.vocabulary.guidelines
        longer = (id for id in known.ids if id.startswith(f"{guideline}-"))
        misread = guideline not in known or any(iri.startswith(f"{base}section-{id}-") for id in longer)
        return iri.replace(own, f"{own}-", 1) if misread else iri

    def _section_label(self, guideline: str, folded: str) -> str:
        """Return a minted section's label: as the vocabulary has it in other places, else the folded name's words."""
        chapters = [terms.fold_name(c.label) for c in self.vocabulary.odg_chapters] if guideline == "odg" else []
        within = max((c for c in chapters if folded.startswith(f"{c}-")), key=len, default=None)
        topic = folded[len(within) + 1 :] if within else folded
        own = (section for section in self._sections.get(topic, ()) if section.guideline == guideline)
        known = next(own, None) or next(iter(self._sections.get(topic, ())), None)
        return known.label if known else self._words(topic)

    def _words(self, folded: str) -> str:
        """Return a folded name as a label: a sentence's beginning, with abbreviations as the vocabulary has them."""
        words = [self._abbreviations.get(word, word) for word in (folded or "unnamed").split("-")]
        return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])

    @cached_property
    def _abbreviations(self) -> Mapping[str, str]:
        labels = (concept.label for concept in (*self.vocabulary.guidelines, *self.vocabulary.all_sections))
        found = (match[0] for label in labels for match in _ABBREVIATION.finditer(label))
        return {word.lower(): word for word in found}

    @cached_property
    def _sections(self) -> Mapping[str, list[Section]]:
        """The vocabulary's sections by their folded names, in the order of their IRIs."""
        found: dict[str, list[Section]] = {}
        for section in sorted(self.vocabulary.all_sections, key=lambda section: section.iri):
            found.setdefault(terms.fold_name(section.label), []).append(section)
        return found

    def _specialty(self, label: str, base: str) -> ResolvedName:
        """Return the node of a reviewer's specialty."""
        known = terms.specialty_iri(label)
        found = self.vocabulary.specialties.unique_by_label(label) or self.vocabulary.concept(known)
        if found:
            return ResolvedName(found.iri)
        words = (terms.fold_name(label) or "unnamed").split("-")
        title = (word if word in _SMALL_WORDS else word.capitalize() for word in words)
        return ResolvedName(terms.specialty_iri(label, base), " ".join(title))

    def _guideline(self, identifier: str, base: str) -> ResolvedName:
        if identifier in self.vocabulary.guidelines:
            return ResolvedName(terms.guideline_iri(identifier))
        return ResolvedName(terms.guideline_iri(identifier, base), self.vocabulary.guideline(identifier).label)

    def _page_prefix(self, identifier: str) -> str:
        found = self.vocabulary.guideline(identifier)
        dated = found.year is None or str(found.year) in found.label
        return found.label if dated else f"{found.label} {found.year}"


@cache
def default_resolver() -> NameResolver:
    """Return the resolver of the shipped vocabularies, made once in a process."""
    return NameResolver(load())


@cache
def vocabulary_triples() -> tuple[ox.Triple, ...]:
    """Return every triple of the ontology and the vocabularies, sorted: what each store holds beside the letters.

    With what follows from the files (`complete_skos`) and the mappings to public vocabularies.
    """
    found: set[ox.Triple] = set()
    for path in resources.vocabulary_files():
        found.update(quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    found.update(complete_skos(tuple(found)), mapping_triples(resources.ontology()))
    return tuple(sorted(found, key=str))


@cache
def vocabulary_text() -> bytes:
    """Return `vocabulary_triples` as N-Triples: what loads fastest into a store."""
    return ox.serialize(vocabulary_triples(), format=ox.RdfFormat.N_TRIPLES) or b""


@cache
def vocabulary_subjects() -> frozenset[str]:
    """Return the IRIs that the ontology and the vocabularies say something of."""
    return frozenset(t.subject.value for t in vocabulary_triples() if isinstance(t.subject, ox.NamedNode))
