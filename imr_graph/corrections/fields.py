"""Which fields of a record can be corrected, and what each may become.

A field is named by its JSON pointer (RFC 6901) in the record that `imr-graph extract` prints. `-` in the place of a
number is the place after the last element of a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from imr_graph.corrections.values import Check, Field, choice, day, described, flag, known, listed, text, whole
from imr_graph.errors import UnknownNameError
from imr_graph.model import Basis, Decision, Laterality, Priority, Sex, Stance

__all__ = ["FIELDS", "Path", "field_of", "path_of", "pointer_of"]

Path: TypeAlias = tuple[str | int, ...]
"""A pointer as its steps: names, positions from 0, and `-`."""

_POSITION: Final = re.compile(r"0|[1-9][0-9]{0,5}")
_APPEND: Final = "-"


def path_of(pointer: str) -> Path:
    """Return the steps of a pointer to a correctable field.

    Raises ValueError, with the fields that there are, for anything else.

    >>> path_of("/items/0/decision")
    ('items', 0, 'decision')
    """
    if not pointer.startswith("/"):
        raise ValueError("a field is a JSON pointer such as /items/0/decision")
    steps = pointer[1:].split("/")
    path = tuple(int(step) if _POSITION.fullmatch(step) else step for step in steps)
    field_of(path)
    if _APPEND in path[:-1]:
        raise ValueError("'-' names a new element, so it can only come last")
    return path


def pointer_of(path: Path) -> str:
    """Return the pointer of a path."""
    return "".join(f"/{step}" for step in path)


def field_of(path: Path) -> Field:
    """Return what kind of field a path leads to; raises ValueError, with what there is, where it leads nowhere."""
    form = tuple("#" if isinstance(step, int) or step == _APPEND else step for step in path)
    found = FIELDS.get(form)
    if found is None:
        if form[0] in _DERIVED:
            raise ValueError(_DERIVED[form[0]])
        forms = ["/" + "/".join(each) for each in FIELDS]
        wanted = UnknownNameError("correctable field", "/" + "/".join(form), forms)
        raise ValueError(f"{wanted} (# stands for a position from 0)")
    return found


def _set_of(element: Check) -> Field:
    return Field(listed(element, unordered=True), unordered=True)


_CITATION: Final[Mapping[str, Field]] = {
    "basis": Field(choice(Basis)),
    "guideline": Field(known("guidelines")),
    "text": Field(text),
    "chapter": Field(text, optional=True),
    "sections": Field(listed(text)),
    "pages": Field(listed(whole(1, 9999))),
}
_citation: Final = described(_CITATION, {"chapter": None, "sections": [], "pages": []})
_PARTY: Final[Mapping[str, Field]] = {
    "stance": Field(choice(Stance), optional=True),
    "citations": Field(listed(_citation)),
}
_NO_PARTY: Final[Mapping[str, Any]] = {"stance": None, "citations": []}
_SIDES: Final = ("claims_administrator", "reviewer")
_ITEM: Final[Mapping[str, Field]] = {
    "heading": Field(text),
    "decision": Field(choice(Decision)),
    "service": Field(text),
    "requested": Field(text, optional=True),
    "authorized": Field(text, optional=True),
    "retrospective": Field(flag),
    "surgical_adjunct": Field(flag),
    "treatments": _set_of(known("treatments")),
    "body_regions": _set_of(known("body_regions")),
    "laterality": Field(choice(Laterality), optional=True),
    **{side: Field(described(_PARTY, _NO_PARTY)) for side in _SIDES},
    "rationale": Field(text, optional=True),
}
_ITEM_DEFAULTS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("requested", "authorized", "laterality", "rationale")),
    **dict.fromkeys(("retrospective", "surgical_adjunct"), False),
    **{name: [] for name in ("treatments", "body_regions")},
    **dict.fromkeys(_SIDES, _NO_PARTY),
}
# What is not read from the letter's words has no correction of its own.
_DERIVED: Final[Mapping[str, str]] = {
    "outcome": "the outcome follows from the decisions: correct /items/#/decision",
    "spans": "places in the text are not corrected: those of a corrected value are left out",
    **dict.fromkeys(
        ("source", "sha256", "layout", "unparsed"), "it describes how the letter was read, not what it says"
    ),
}


def _fields() -> Mapping[tuple[str, ...], Field]:
    written, dated = Field(text, optional=True), Field(day, optional=True)
    found: dict[tuple[str, ...], Field] = {
        ("case_number",): written,
        ("priority",): Field(choice(Priority), optional=True),
        **{("dates", name): dated for name in ("injured", "ur_denied", "received", "assigned", "decided")},
        ("patient", "age"): Field(whole(0, 130), optional=True),
        ("patient", "sex"): Field(choice(Sex), optional=True),
        ("reviewer", "specialties"): _set_of(text),
        ("reviewer", "specialties", "#"): Field(text, element=True),
        ("reviewer", "states"): _set_of(known("states")),
        ("reviewer", "states", "#"): Field(known("states"), element=True),
        ("summary",): written,
        ("items", "#"): Field(described(_ITEM, _ITEM_DEFAULTS), element=True),
    }
    item = ("items", "#")
    found |= {(*item, name): field for name, field in _ITEM.items() if name not in _SIDES}
    for name in ("treatments", "body_regions"):
        found[*item, name, "#"] = Field(known(name), element=True)
    for side in _SIDES:
        found |= {(*item, side, name): field for name, field in _PARTY.items()}
        one = (*item, side, "citations", "#")
        found[one] = Field(_citation, element=True)
        found |= {(*one, name): field for name, field in _CITATION.items()}
        found[*one, "sections", "#"] = Field(text, element=True)
        found[*one, "pages", "#"] = Field(whole(1, 9999), element=True)
    return found


FIELDS: Final[Mapping[tuple[str, ...], Field]] = _fields()
"""The correctable fields by their form, `#` for a position."""
