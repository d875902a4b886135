"""What a corrected field may become: checks that return a value as the record holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from imr_graph import vocabulary
from imr_graph.errors import UnknownNameError

__all__ = [
    "Check",
    "FieldCheck",
    "agrees",
    "choice",
    "day",
    "flag",
    "id_of",
    "integer_between",
    "list_of",
    "object_of",
    "text",
]

Check: TypeAlias = Callable[[Any], Any]
"""Returns a value as the record holds it; raises ValueError with what is wrong."""


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """One kind of field; `unordered` lists are sets, `element` fields stand in a list, `optional` ones may be null."""

    check: Check
    optional: bool = False
    unordered: bool = False
    element: bool = False

    def value(self, written: Any) -> Any:
        """Return a written value as the record holds it; raises ValueError with what is wrong and what to write."""
        if written is None:
            if self.optional or self.element:
                return None
            raise ValueError("it cannot be null, as every record has it")
        return self.check(written)


def agrees(field: FieldCheck, found: Any, said: Any) -> bool:
    """Say whether the record's value is what a correction says it saw.

    Texts are compared with white space collapsed; sets in any order; of an object only what the correction names.
    """
    if isinstance(said, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and agrees(field, found[name], said[name]) for name in said
        )
    if isinstance(said, Sequence) and not isinstance(said, str):
        if not isinstance(found, list | tuple) or len(found) != len(said):
            return False
        pairs = zip(*(sorted(each, key=str) if field.unordered else each for each in (found, said)), strict=True)
        return all(agrees(field, one, other) for one, other in pairs)
    if isinstance(said, str) and isinstance(found, str):
        return said.split() == found.split()
    return bool(found == said) and isinstance(found, bool) == isinstance(said, bool)


def text(written: Any) -> str:
    """Return a text, trimmed; a number stands for its digits."""
    if isinstance(written, bool) or not isinstance(written, str | int):
        raise ValueError("it is a text")
    text = str(written).strip()
    if not text:
        raise ValueError("it cannot be empty: write null where the letter gives none")
    return text


def flag(written: Any) -> bool:
    """Return true or false."""
    if not isinstance(written, bool):
        raise ValueError("it is true or false")
    return written


def integer_between(low: int, high: int) -> Check:
    """Return the check of whole numbers between two, both included."""

    def check(written: Any) -> int:
        if isinstance(written, bool) or not isinstance(written, int) or not low <= written <= high:
            raise ValueError(f"it is a whole number from {low} to {high}")
        return written

    return check


def day(written: Any) -> str:
    """Return an ISO date."""
    try:
        return date.fromisoformat(written).isoformat()
    except (TypeError, ValueError):
        raise ValueError("it is a date such as 2016-07-28") from None


def choice(choices: Sequence[str]) -> Check:
    """Return the check of one of some words."""

    def check(written: Any) -> Any:
        if written not in choices:
            raise ValueError(f"it is {' or '.join(repr(choice) for choice in choices)}")
        return written

    return check


def id_of(scheme: str) -> Check:
    """Return the check of an id of a scheme, named by its attribute of the vocabulary."""

    def check(written: Any) -> str:
        concepts = getattr(vocabulary.load(), scheme)
        if not isinstance(written, str) or written not in concepts:
            named = (concepts.get(name) or concepts.by_label(name)[0] for name in concepts.near(str(written)))
            near = dict.fromkeys(concept.id for concept in named)
            hint = f"; near it are {', '.join(near)}" if near else ""
            raise ValueError(f"it is an id of the vocabulary's {scheme.replace('_', ' ')}{hint}")
        return written

    return check


def list_of(element: Check, *, unordered: bool = False) -> Check:
    """Return the check of a list of elements; no value stands twice in an unordered one."""

    def check(written: Any) -> list[Any]:
        if not isinstance(written, list):
            raise ValueError("it is a list; write [] for none")
        found = [element(each) for each in written]
        if unordered and len(set(found)) < len(found):
            raise ValueError("one value stands twice")
        return found

    return check


def object_of(fields: Mapping[str, FieldCheck], defaults: Mapping[str, Any]) -> Check:
    """Return the check of an object; fields with a default may be left out."""

    def check(written: Any) -> dict[str, Any]:
        if not isinstance(written, dict):
            raise ValueError(f"it has the fields {', '.join(fields)}")
        unknown = [name for name in written if name not in fields]
        if unknown:
            raise ValueError(str(UnknownNameError("field", unknown[0], fields)))
        missing = [name for name in fields if name not in written and name not in defaults]
        if missing:
            raise ValueError(f"it lacks {missing[0]!r}")
        found = {}
        for name, field in fields.items():
            try:
                found[name] = field.value(written[name]) if name in written else defaults[name]
            except ValueError as error:
                raise ValueError(f"of {name!r}, {error}") from None
        return found

    return check
