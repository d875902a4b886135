"""What people read: labels of the terms of the ontology and of the fields of the record, and days in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final

import pyoxigraph as ox

from imr_graph import iris, resources
from imr_graph.fields import LEVELS, SIDES

__all__ = ["capitalize_label", "comment", "format_date", "label", "pointer_label"]

# What holds fields has a name as well: by the last step of its pointer, the class or the individual that it is.
_HOLDERS: Final[Mapping[str, str]] = {
    "reviewer": "Reviewer",
    "items": "DisputedItem",
    "citations": "Citation",
    "reasons": "Reason",
    "claims_administrator": "ClaimsAdministrator",
}


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    """Return the labels, preferred labels and comments of the ontology's terms, by the property and the term."""
    found: dict[str, dict[str, str]] = {"label": {}, "prefLabel": {}, "comment": {}}
    for quad in ox.parse(path=resources.ontology() / "imr.ttl", format=ox.RdfFormat.TURTLE):
        prop = iris.local_name(quad.predicate.value)
        if prop in found and isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
            found[prop][iris.local_name(quad.subject.value)] = quad.object.value
    return found


def label(term: str) -> str:
    """Return what people read for a term of the ontology, given by its local name; the name itself for another.

    >>> label("decisionDate"), label("requestsTreatment"), label("NonMTUS")
    ('decision date', 'treatment', 'non-MTUS')
    """
    texts = _texts()
    return texts["prefLabel"].get(term) or texts["label"].get(term, term)


def comment(term: str) -> str:
    """Return what the ontology says of a term, given by its local name; nothing where it says nothing.

    >>> comment("assignedDate")
    'The day on which the case was assigned to the expert reviewer.'
    """
    return _texts()["comment"].get(term, "")


def format_date(day: date) -> str:
    """Return a day as Americans write it.

    >>> format_date(date(2017, 1, 5))
    'January 5, 2017'
    """
    return f"{day:%B} {day.day}, {day.year}"


def capitalize_label(term: str) -> str:
    """Return a term's label for the beginning of a line.

    >>> capitalize_label("dateOfInjury")
    'Date of injury'
    """
    words = label(term)
    return words[:1].upper() + words[1:]


@cache
def _terms_by_step() -> Mapping[str, str]:
    return {**_HOLDERS, **{field.steps[-1]: field.term for level in LEVELS for field in level.fields}}


def _owners(steps: list[str]) -> Iterator[str]:
    if steps[:1] == ["items"] and len(steps) > 1:
        yield f"item {int(steps[1]) + 1}" if steps[1].isdigit() else "item"
        yield from (label(side.party) for side in SIDES if steps[2:3] == [side.path])


@cache
def pointer_label(pointer: str) -> str:
    """Return what people read for a value's place in the record.

    >>> pointer_label("/items/1/reviewer/citations/0/pages/2")
    'item 2, expert reviewer: page'
    """
    steps = pointer.split("/")[1:]
    if not any(steps):
        return "case"
    owners, terms = list(_owners(steps)), _terms_by_step()
    inner = steps[len(owners) + 1 :] if owners else steps
    words = next((label(terms[step]) for step in reversed(inner) if step in terms), "")
    return ": ".join(part for part in (", ".join(owners), words) if part)
