"""What the vocabularies hold: SKOS concepts as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Concept", "Guideline", "Kind", "Section", "Treatment"]

Kind = Literal[
    "body-region",
    "category",
    "guideline",
    "laterality",
    "phrase",
    "product",
    "section",
    "specialty",
    "state",
    "treatment",
]


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One concept of a vocabulary.

    `id` is its notation ("mri", "US-CA", "diagnostic-testing/imaging"), `iri` its name in the graph under the default
    base. `label` is skos:prefLabel, `alternatives` are skos:altLabel (other correct names), `hidden` skos:hiddenLabel
    (misspellings and forms that only matching needs). `broader` holds IRIs.
    """

    id: str
    iri: str
    kind: Kind
    label: str
    alternatives: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """All names, the preferred one first."""
        return (self.label, *self.alternatives, *self.hidden)


@dataclass(frozen=True, kw_only=True)
class Guideline(Concept):
    """A guideline, or one edition of it.

    `regulation` is the section of Title 8 CCR that puts it into the MTUS, or None where it is not part of the MTUS.
    """

    year: int | None = None
    regulation: str | None = None
    chapters: tuple[int, ...] = ()

    @property
    def in_mtus(self) -> bool:
        """Whether a regulation makes it part of the Medical Treatment Utilization Schedule."""
        return self.regulation is not None


@dataclass(frozen=True, kw_only=True)
class Section(Concept):
    """A named section, topic or chapter; `guideline` is the guideline's id."""

    guideline: str
    is_chapter: bool = False


@dataclass(frozen=True, kw_only=True)
class Treatment(Concept):
    """A treatment, a drug product, or a phrase that only looks like one (kind "phrase").

    `fallbacks` are names that count only where the same heading names nothing more exact; `fields` are fields of
    practice, which count only beside a word for consultation; `subsumes` are ids of treatments that it takes in when
    both are named; `regions` are ids of the body regions that decide between treatments sharing a name; `ingredients`
    are the ids of a drug product's active ingredients.
    """

    fallbacks: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    subsumes: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    ingredients: tuple[str, ...] = ()
