"""What the names in a heading may mean: treatments in a role, and of which category they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from imr_graph import vocabulary
from imr_graph.vocabulary import Match, Treatment

__all__ = [
    "CONSULTATION",
    "CONSULTATIONS",
    "CONSULTATIONS_BY_NAME",
    "Candidate",
    "Name",
    "Role",
    "are_drugs",
    "is_device",
    "is_drug",
    "is_injection",
    "is_operation",
    "is_surgical_adjunct",
    "is_test",
    "main_categories",
]

Role = Literal["name", "field", "fallback"]
CONSULTATION = "specialist-consultation"  # its fallback labels are the words for a consultation
CONSULTATIONS = frozenset((CONSULTATION, "office-visit"))
CONSULTATIONS_BY_NAME = CONSULTATIONS | {"surgical-consultation", "pain-management-consultation"}
_INJECTIONS = frozenset(("injection", "pharmaceuticals/viscosupplementation"))


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a treatment, in one role."""

    treatment: Treatment
    role: Role


class Candidate(NamedTuple):
    """One match with the treatments it may mean, all in one role."""

    treatments: tuple[Treatment, ...]
    role: Role
    match: Match[Name]

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the treatments."""
        return frozenset(treatment.id for treatment in self.treatments)


@cache
def _categories(treatment: str) -> frozenset[str]:
    return frozenset(category.id for category in vocabulary.load().categories_of(treatment))


@cache
def main_categories(treatment: str) -> frozenset[str]:
    """Return the ids of the main request categories of a treatment's id."""
    return frozenset(category for category in _categories(treatment) if "/" not in category)


def is_drug(treatment: Treatment) -> bool:
    """Whether a treatment is a drug or a product of several."""
    return treatment.kind == "product" or "pharmaceuticals" in _categories(treatment.id)


def are_drugs(candidate: Candidate) -> bool:
    """Whether a candidate means nothing but drugs."""
    return all(map(is_drug, candidate.treatments))


def is_device(treatment: Treatment) -> bool:
    """Whether a treatment is a device, a prosthesis or a supply."""
    return "dmepos" in _categories(treatment.id)


def is_test(treatment: Treatment) -> bool:
    """Whether a treatment is a diagnostic test."""
    return "diagnostic-testing" in _categories(treatment.id)


def is_injection(treatment: Treatment) -> bool:
    """Whether a treatment is an injection."""
    return not _INJECTIONS.isdisjoint(_categories(treatment.id))


def is_surgical_adjunct(treatment: Treatment) -> bool:
    """Whether a treatment is a service beside an operation."""
    return "surgery/adjunct" in _categories(treatment.id)


def is_operation(treatment: Treatment) -> bool:
    """Whether a treatment is surgery, consultations with a surgeon aside."""
    return "surgery" in _categories(treatment.id) and "surgery/consult" not in _categories(treatment.id)
