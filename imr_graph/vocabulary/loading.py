"""The vocabulary as a whole: every scheme of `ontology/`, loaded once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from imr_graph import resources
from imr_graph.vocabulary.concepts import Concept, Guideline, Kind, Section, Treatment
from imr_graph.vocabulary.reading import FILES, concepts
from imr_graph.vocabulary.schemes import Scheme

__all__ = ["Vocabulary", "load", "read"]

C = TypeVar("C", bound=Concept)
_LAYOUTS = "layouts.toml"  # no vocabulary, but what is read from a letter hangs on it as well


@dataclass(frozen=True)
class Vocabulary:
    """All schemes.

    `version` is the SHA-256 of the vocabulary files and of the layouts (64 hex digits): it changes when, and only
    when, one of them does, and then letters are read again.
    `products` are drug products with their ingredients; `phrases` are phrases that look like treatments but name none.
    """

    version: str
    guidelines: Scheme[Guideline]
    all_sections: Scheme[Section]
    specialties: Scheme[Concept]
    states: Scheme[Concept]
    categories: Scheme[Concept]
    treatments: Scheme[Treatment]
    products: Scheme[Treatment]
    phrases: Scheme[Treatment]
    body_regions: Scheme[Concept]
    lateralities: Scheme[Concept]

    def sections(self, guideline: str) -> Scheme[Section]:
        """Return the sections known for a guideline's id (none where the guideline has none listed).

        >>> load().sections("acoem-low-back-complaints-2004").find("special studies").label
        'Special Studies'
        """
        found = self._sections_by_guideline.get(guideline)
        return found if found is not None else Scheme(f"section of {self.guidelines[guideline].label}", ())

    @cached_property
    def odg_chapters(self) -> Scheme[Section]:
        """The chapters of the Official Disability Guidelines."""
        return Scheme("ODG chapter", (section for section in self.sections("odg") if section.is_chapter))

    @cached_property
    def mtus_guidelines(self) -> tuple[Guideline, ...]:
        """The guidelines that a regulation makes part of the MTUS."""
        return tuple(g for g in self.guidelines if g.in_mtus)

    def concept(self, iri: str) -> Concept | None:
        """Return the concept with an IRI under the default base, or None."""
        return self._by_iri.get(iri)

    def ancestors(self, concept: Concept) -> tuple[Concept, ...]:
        """Return what stands above a concept (skos:broader, transitively), nearest first.

        >>> [c.id for c in load().ancestors(load().treatments["mri"])]
        ['diagnostic-testing/imaging', 'diagnostic-testing']
        """
        found: dict[str, Concept] = {}
        waiting = list(concept.broader)
        while waiting:
            parent = self._by_iri.get(waiting.pop(0))
            if parent is not None and parent.iri not in found:
                found[parent.iri] = parent
                waiting.extend(parent.broader)
        return tuple(found.values())

    def categories_of(self, treatment: str) -> tuple[Concept, ...]:
        """Return the request categories of a treatment's id, the narrowest first (empty for an unknown id)."""
        found = self.treatments.get(treatment)
        return tuple(c for c in self.ancestors(found) if c.kind == "category") if found else ()

    def ingredients(self, treatment: Treatment) -> tuple[str, ...]:
        """Return the treatment ids that a named thing stands for: a product's ingredients, else its own id."""
        return treatment.ingredients if treatment.kind == "product" else (treatment.id,)

    @cached_property
    def _by_iri(self) -> dict[str, Concept]:
        schemes: tuple[Iterable[Concept], ...] = (
            self.guidelines,
            self.all_sections,
            self.specialties,
            self.states,
            self.categories,
            self.treatments,
            self.products,
            self.phrases,
            self.body_regions,
            self.lateralities,
        )
        return {concept.iri: concept for scheme in schemes for concept in scheme}

    @cached_property
    def _sections_by_guideline(self) -> dict[str, Scheme[Section]]:
        grouped: dict[str, list[Section]] = {}
        for section in self.all_sections:
            grouped.setdefault(section.guideline, []).append(section)
        return {g: Scheme(f"section of {self.guidelines[g].label}", sections) for g, sections in grouped.items()}


@cache
def load() -> Vocabulary:
    """Return the vocabulary of the `ontology/` folder; read on the first call, the same object afterwards."""
    return read(resources.ontology())


def read(folder: Path) -> Vocabulary:
    """Read the vocabulary files of a folder.

    Raises ToolError where a file is not valid Turtle.
    """
    by_kind: dict[Kind, list[Concept]] = {}
    for concept in concepts(folder):
        by_kind.setdefault(concept.kind, []).append(concept)

    def scheme(name: str, kind: Kind, cls: type[C]) -> Scheme[C]:
        return Scheme(name, (c for c in by_kind.get(kind, ()) if isinstance(c, cls)))

    return Vocabulary(
        version=_digest(folder),
        guidelines=scheme("guideline", "guideline", Guideline),
        all_sections=scheme("section", "section", Section),
        specialties=scheme("specialty", "specialty", Concept),
        states=scheme("state", "state", Concept),
        categories=scheme("treatment category", "category", Concept),
        treatments=scheme("treatment", "treatment", Treatment),
        products=scheme("drug product", "product", Treatment),
        phrases=scheme("phrase", "phrase", Treatment),
        body_regions=scheme("body region", "body-region", Concept),
        lateralities=scheme("laterality", "laterality", Concept),
    )


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (*FILES, _LAYOUTS):
        path = folder / name
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()
