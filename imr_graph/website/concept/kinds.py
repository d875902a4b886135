"""What pages of concepts are about, kind by kind: the tables that they show, and where they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["KINDS", "Kind", "Listing", "Shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A table of a page: the dimension that its rows are values of, its heading, and the name of its first column."""

    dimension: str
    heading: str
    column: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The page that lists all of a kind: its path and its title."""

    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of concept.

    `name` is what the names of its resources begin with, and the dimension that it is. `said` follows a number of
    items ("rest on it"). `tables` count the items that ask for it, or whose review rests on it; `denial` those whose
    denial rests on it, where there are two sides.
    """

    name: str
    title: str
    said: str
    listing: Listing
    tables: tuple[Shown, ...]
    denial: tuple[Shown, ...] = ()

    @property
    def sided(self) -> bool:
        """Whether both the expert reviewer and the claims administrator can rest on it."""
        return bool(self.denial)


TREATMENTS: Final = Listing("/treatments", "Treatments")
GUIDELINES: Final = Listing("/guidelines", "Guidelines")
SPECIALTIES: Final = Listing("/specialties", "Reviewers’ specialties")
STATES: Final = Listing("/states", "Reviewers’ states")
REGIONS: Final = Listing("/regions", "Body regions")

_TREATMENTS: Final = Shown("treatment", "Treatments", "Treatment")
_CATEGORIES: Final = Shown("category", "Kinds of treatment", "Category")
_GUIDELINES: Final = Shown("guideline", "Guidelines the reviewer rested on", "Guideline")
_SECTIONS: Final = Shown("section", "Sections the reviewer rested on", "Section")
_PAGES: Final = Shown("page", "Pages the reviewer rested on", "Page")
_SPECIALTIES: Final = Shown("specialty", "Reviewers’ specialties", "Specialty")
_REGIONS: Final = Shown("region", "Body regions", "Body region")
_DENIAL: Final = (
    Shown("denial-guideline", "Guidelines the denial rested on", "Guideline"),
    Shown("denial-section", "Sections the denial rested on", "Section"),
    Shown("denial-page", "Pages the denial rested on", "Page"),
)
_DENIED: Final = (Shown("treatment", "Treatments denied on it", "Treatment"),)
_DECIDED: Final = Shown("treatment", "Treatments decided on it", "Treatment")

KINDS: Final[Mapping[str, Kind]] = {
    each.name: each
    for each in (
        Kind("treatment", "Treatment", "ask for it", TREATMENTS,
             (_GUIDELINES, _DENIAL[0], _SECTIONS, _DENIAL[1], _PAGES, _DENIAL[2], _SPECIALTIES, _REGIONS)),
        Kind("category", "Treatment category", "ask for treatment of this category", TREATMENTS,
             (_TREATMENTS, _GUIDELINES, _SECTIONS, _DENIAL[0], _SPECIALTIES, _REGIONS)),
        Kind("guideline", "Guideline", "rest on it", GUIDELINES,
             (_DECIDED, Shown("section", "Sections", "Section"), Shown("page", "Pages", "Page"), _SPECIALTIES,
              Shown("denial-guideline", "What the denial rested on there", "Guideline")),
             (*_DENIED, Shown("guideline", "What the reviewer rested on there", "Guideline"))),
        Kind("section", "Section of a guideline", "rest on it", GUIDELINES,
             (_DECIDED, Shown("page", "Pages cited with it", "Page"), _SPECIALTIES,
              Shown("section", "Sections cited with it", "Section"),
              Shown("denial-section", "What the denial rested on there", "Section")),
             (*_DENIED, Shown("section", "What the reviewer rested on there", "Section"))),
        Kind("page", "Page of a guideline", "rest on it", GUIDELINES,
             (_DECIDED, Shown("section", "Sections cited with it", "Section"), _SPECIALTIES,
              Shown("page", "Pages cited with it", "Page"),
              Shown("denial-page", "What the denial rested on there", "Page")),
             (*_DENIED, Shown("page", "What the reviewer rested on there", "Page"))),
        Kind("specialty", "Specialty of expert reviewers", "were reviewed by it", SPECIALTIES,
             (_CATEGORIES, _TREATMENTS, _GUIDELINES, Shown("state", "States of licensure", "State"))),
        Kind("state", "State of licensure", "had a reviewer licensed there", STATES,
             (_CATEGORIES, _TREATMENTS, _SPECIALTIES)),
        Kind("region", "Body region", "concern it", REGIONS,
             (_CATEGORIES, _TREATMENTS, _GUIDELINES, _SECTIONS, _SPECIALTIES)),
    )
}  # fmt: skip
"""By what the names of resources begin with."""
