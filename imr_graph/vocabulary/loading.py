"""The vocabulary as a whole: every scheme of `ontology/`, loaded once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from imr_graph import iris, resources
from imr_graph.vocabulary.concepts import KINDS, Concept, Guideline, ReasonType, Scheme, Section, Treatment
from imr_graph.vocabulary.mappings import FILE as MAPPINGS
from imr_graph.vocabulary.reading import read_concepts
from imr_graph.vocabulary.tables import SECTIONS

__all__ = ["Vocabulary", "load", "load_version", "read"]

_SECTIONS = f"{SECTIONS.name}.ttl"
_SECTION = f"{iris.BASE}section-"
_YEAR = re.compile(r"[ -](?P<year>(?:19|20)\d\d)\Z")
_SMALL_WORDS = frozenset(("and", "for", "in", "of", "on", "the", "to", "with"))


@dataclass(frozen=True)
class Vocabulary:
    """All schemes, by the names of their kinds (`KINDS`).

    `version` is the SHA-256 of the files that a store hangs on (64 hex digits): the vocabularies and their mappings,
    the layouts, the phrases. It changes when, and only when, one of them does, and then letters are read again.
    `kinds_of` has the IRIs of treatments that are kinds of another ("MRCP" of MRI), by which letters request that one.
    """

    version: str
    schemes: Mapping[str, Scheme[Any]]
    kinds_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def guidelines(self) -> Scheme[Guideline]:
        """Guidelines and their editions."""
        return self.schemes["guideline"]

    @property
    def all_sections(self) -> Scheme[Section]:
        """The sections of all guidelines; `sections` gives those of one."""
        return self.schemes["section"]

    @property
    def specialties(self) -> Scheme[Concept]:
        """Specialties of expert reviewers."""
        return self.schemes["specialty"]

    @property
    def states(self) -> Scheme[Concept]:
        """States in which expert reviewers are licensed."""
        return self.schemes["state"]

    @property
    def categories(self) -> Scheme[Concept]:
        """Request categories of treatments."""
        return self.schemes["category"]

    @property
    def treatments(self) -> Scheme[Treatment]:
        """Procedures and the active ingredients of drugs."""
        return self.schemes["treatment"]

    @property
    def products(self) -> Scheme[Treatment]:
        """Drug products of two or more ingredients."""
        return self.schemes["product"]

    @property
    def phrases(self) -> Scheme[Treatment]:
        """Phrases that look like treatments or body regions but name none."""
        return self.schemes["phrase"]

    @property
    def reasons(self) -> Scheme[ReasonType]:
        """Reasons of decisions."""
        return self.schemes["reason"]

    @property
    def body_regions(self) -> Scheme[Concept]:
        """Regions of the body."""
        return self.schemes["body-region"]

    @property
    def lateralities(self) -> Scheme[Concept]:
        """Left, right, bilateral."""
        return self.schemes["laterality"]

    def sections(self, guideline: str) -> Scheme[Section]:
        """Return the sections known for a guideline's id (none where the guideline has none listed).

        >>> load().sections("acoem-low-back-complaints-2004").unique_by_label("special studies").label
        'Special Studies'
        """
        found = self._sections_by_guideline.get(guideline)
        return found if found is not None else Scheme(f"section of {self.guideline(guideline).label}", ())

    def guideline(self, id: str) -> Guideline:
        """Return a guideline by its id; of one that is not listed, what its id says: its name and year.

        An edition that is not listed stands under what all listed ones of its name stand under.

        >>> load().guideline("acoem-low-back-disorders-2033").label, load().guideline("hearing-loss").label
        ('Low Back Disorders 2033', 'Hearing Loss')
        """
        listed = self.guidelines.get(id)
        if listed:
            return listed
        name, year = _without_year(id)
        editions = [each for each in self.guidelines if _without_year(each.id)[0] == name]
        words = (word if word in _SMALL_WORDS else word.capitalize() for word in name.split("-"))
        label = _without_year(editions[-1].label)[0] if editions else " ".join(words)
        return Guideline(
            id=id,
            iri=iris.guideline_iri(id),
            kind="guideline",
            label=f"{label} {year}" if year else label,
            broader=editions[-1].broader if editions else (),
            year=year,
        )

    @cached_property
    def odg_chapters(self) -> Scheme[Section]:
        """The chapters of the Official Disability Guidelines."""
        return Scheme("ODG chapter", (section for section in self.sections("odg") if section.is_chapter))

    def concept(self, iri: str) -> Concept | None:
        """Return the concept with an IRI under the default base, or None."""
        if iri.startswith(_SECTION):
            return self.all_sections.get(iri.removeprefix(_SECTION))
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
        others = (scheme for name, scheme in self.schemes.items() if name != "section")
        return {concept.iri: concept for scheme in others for concept in scheme}

    @cached_property
    def _sections_by_guideline(self) -> dict[str, Scheme[Section]]:
        grouped: dict[str, list[Section]] = {}
        for section in self.all_sections:
            grouped.setdefault(section.guideline, []).append(section)
        return {g: Scheme(f"section of {self.guidelines[g].label}", sections) for g, sections in grouped.items()}


def _without_year(name: str) -> tuple[str, int | None]:
    """Return a name or an id without the year at its end, and the year."""
    found = _YEAR.search(name)
    return (name[: found.start()], int(found["year"])) if found else (name, None)


@cache
def load() -> Vocabulary:
    """Return the vocabulary of the `ontology/` folder; read on the first call, the same object afterwards."""
    return read(resources.ontology())


@cache
def load_version() -> str:
    """Return the version of the vocabulary that `load` returns, without reading its concepts."""
    return _digest(resources.ontology())


def read(folder: Path) -> Vocabulary:
    """Read the vocabulary files of a folder; sections, which are most of it, when one is asked for.

    Raises ToolError where a file is not valid Turtle or a concept is not whole.
    """
    turtle = resources.vocabulary_files(folder)
    by_kind: dict[str, list[Concept]] = {kind.name: [] for kind in KINDS}
    for concept in read_concepts(file for file in turtle if file.name != _SECTIONS):
        by_kind[concept.kind].append(concept)
    by_kind["treatment"], kinds_of = _fold_narrower(by_kind["treatment"])
    schemes = {kind.name: Scheme(kind.title, by_kind[kind.name]) for kind in KINDS}
    schemes["section"] = Scheme(
        schemes["section"].name, lambda: (*by_kind["section"], *read_concepts(folder.glob(_SECTIONS)))
    )
    return Vocabulary(_digest(folder), schemes, kinds_of)


def _fold_narrower(treatments: Iterable[Concept]) -> tuple[list[Concept], dict[str, str]]:
    """Return the treatments that are no kind of another, and of each kind of one the IRI of what it is a kind of.

    The names of the kinds are names of what they are a kind of: decisions are compared at its level.
    """
    kept = {concept.iri: concept for concept in treatments}
    above = {iri: up for iri, concept in kept.items() for up in concept.broader if up in kept}
    for iri, up in above.items():
        kind, whole = kept.pop(iri), kept[up]
        kept[up] = replace(
            whole,
            alternatives=(*whole.alternatives, kind.label, *kind.alternatives),
            hidden=(*whole.hidden, *kind.hidden),
        )
    return list(kept.values()), above


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in (*resources.vocabulary_files(folder), *sorted(folder.glob("*.toml")), *folder.glob(MAPPINGS)):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
