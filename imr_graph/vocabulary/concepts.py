"""What the vocabularies hold: SKOS concepts as frozen records, their kinds, and the schemes they form."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Generic, TypeVar

from imr_graph.errors import UnknownNameError
from imr_graph.vocabulary.matching import Matcher

__all__ = ["KINDS", "Concept", "Guideline", "Kind", "Scheme", "Section", "Treatment"]


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One concept of a vocabulary.

    `id` is its notation ("mri", "US-CA", "diagnostic-testing/imaging"), `iri` its name in the graph under the default
    base, `kind` the name of a row of `KINDS`. `label` is skos:prefLabel, `alternatives` are skos:altLabel (other
    correct names), `hidden` skos:hiddenLabel (misspellings and forms that only matching needs). `broader` holds IRIs.
    """

    id: str
    iri: str
    kind: str
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
    `in_force` is the day on which the edition came into force, or None where that is not known.
    """

    year: int | None = None
    regulation: str | None = None
    chapters: tuple[int, ...] = ()
    in_force: date | None = None

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


@dataclass(frozen=True, kw_only=True)
class ReasonType(Concept):
    """A type of reason; `counterpart` is the id of what says that the records do not lack what this one misses."""

    counterpart: str | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of concept: a class of the ontology whose individuals form one scheme.

    `name` is how code calls it, `title` how people do; `class_name` is the local name of its class; `prefix` is what an
    individual's local name carries before its id. `required` are the properties that each individual must have beside
    its skos:prefLabel. To add a scheme: a file in `ontology/` that describes the concepts, and a row here.
    """

    name: str
    title: str
    class_name: str
    prefix: str
    required: tuple[str, ...] = ("skos:notation", "skos:inScheme")
    record: type[Concept] = Concept


_TREATMENT = ("skos:notation", "skos:inScheme", "skos:broader")
_PRODUCT = ("skos:notation", "skos:inScheme", "imr:hasIngredient")
KINDS = (
    Kind("guideline", "guideline", "Guideline", "guideline-", record=Guideline),
    Kind("section", "section", "Section", "section-", ("imr:sectionOf",), Section),
    Kind("specialty", "specialty", "Specialty", "specialty-"),
    Kind("state", "state", "State", "state-"),
    Kind("category", "treatment category", "TreatmentCategory", "category-"),
    Kind("treatment", "treatment", "Treatment", "treatment-", _TREATMENT, Treatment),
    Kind("product", "drug product", "DrugProduct", "product-", _PRODUCT, Treatment),
    Kind("phrase", "phrase", "NonTreatment", "phrase-", record=Treatment),
    Kind("body-region", "body region", "BodyRegion", "region-"),
    Kind("reason-group", "group of reasons", "ReasonGroup", "reason-group-"),
    Kind("reason", "reason", "ReasonType", "reason-", _TREATMENT, ReasonType),
    Kind("laterality", "laterality", "Laterality", "", required=()),
)

C = TypeVar("C", bound=Concept)


class Scheme(Generic[C]):
    """The concepts of one kind, in the order of the vocabulary files.

    A function that returns them is called when a concept is first asked for.
    """

    def __init__(self, name: str, concepts: Iterable[C] | Callable[[], Iterable[C]]) -> None:
        self.name = name
        self._concepts = concepts if callable(concepts) else tuple(concepts)

    @cached_property
    def _by_id(self) -> dict[str, C]:
        concepts = self._concepts() if callable(self._concepts) else self._concepts
        return {concept.id: concept for concept in concepts}

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

    def by_label(self, name: str) -> tuple[C, ...]:
        """Return every concept that has this name; most names have one, an edition-less guideline name has several."""
        return self.matcher.values_of(name)

    def unique_by_label(self, name: str) -> C | None:
        """Return the one concept that has this name; None where there is none or more than one."""
        found = self.by_label(name)
        return found[0] if len(found) == 1 else None

    def near(self, name: str, count: int = 3) -> tuple[str, ...]:
        """Return the labels and ids most like a name, best first: for "did you mean" in messages."""
        known = {text.lower(): text for c in self for text in (c.id, c.label, *c.alternatives)}
        return tuple(known[k] for k in difflib.get_close_matches(name.lower(), known, n=count, cutoff=0.5))
