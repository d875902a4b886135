"""Which fields of a record can be corrected, and what each may become.

A field is named by its JSON pointer (RFC 6901) in the record that `imr-graph extract` prints. `-` in the place of a
number is the place after the last element of a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from imr_graph import fields
from imr_graph.corrections.values import (
    Check,
    FieldCheck,
    choice,
    day,
    flag,
    id_of,
    integer_between,
    list_of,
    object_of,
    text,
)
from imr_graph.errors import UnknownNameError

__all__ = ["FIELDS", "Path", "field_of", "path_of", "pointer_of"]

Path: TypeAlias = tuple[str | int, ...]
"""A pointer as its steps: names, positions from 0, and `-`."""
Form: TypeAlias = tuple[str, ...]
"""A path with `#` for a position."""

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


def field_of(path: Path) -> FieldCheck:
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


def _check(of: fields.Field) -> Check:
    """Return the check of one value of a field."""
    if of.codes is not None or of.words:
        return choice(tuple(of.codes or of.words))
    if of.scheme is not None:
        return id_of(of.scheme)
    if of.kind in ("number", "page"):
        return integer_between(*of.bounds)
    return {"date": day, "flag": flag}.get(of.kind, text)


def _of_row(of: fields.Field) -> FieldCheck:
    """Return what a field of the record may become."""
    if of.several:
        return FieldCheck(list_of(_check(of), unordered=of.unordered), unordered=of.unordered)
    return FieldCheck(_check(of), optional=not of.required)


def _level(level: fields.Level) -> dict[Form, FieldCheck]:
    """Return the fields of a level, and the elements of those with several values, by their forms below it."""
    found: dict[Form, FieldCheck] = {}
    for each in level.fields:
        if not each.derived:
            found[each.steps] = _of_row(each)
            if each.several:
                found[*each.steps, "#"] = FieldCheck(_check(each), element=True)
    return found


def _object(level: fields.Level) -> tuple[dict[str, FieldCheck], dict[str, Any]]:
    """Return the fields of a level as one object: its own and, under their names, those of the parties of an item."""
    rows: dict[str, dict[str, fields.Field]] = {}
    own = {each.path: each for each in level.fields if len(each.steps) == 1}
    for each in level.fields:
        if len(each.steps) > 1:
            rows.setdefault(each.steps[0], {})[each.steps[1]] = each
    checks = {name: _of_row(each) for name, each in own.items()}
    defaults = {name: _default(each) for name, each in own.items() if each.kind == "flag" or not each.required}
    for name, inner in rows.items():
        inside = {step: _of_row(each) for step, each in inner.items()}
        empty = {step: _default(each) for step, each in inner.items() if not each.required}
        if name in _SIDES:
            inside["citations"], empty["citations"] = FieldCheck(list_of(_citation)), []
        checks[name], defaults[name] = FieldCheck(object_of(inside, empty)), empty
    if level is fields.ITEM:
        checks["reasons"], defaults["reasons"] = FieldCheck(list_of(_reason)), []
    return checks, defaults


def _default(of: fields.Field) -> Any:
    return [] if of.several else False if of.kind == "flag" else None


_SIDES: Final = tuple(side.path for side in fields.SIDES)
_citation: Final = object_of(*_object(fields.CITATION))
_reason: Final = object_of(*_object(fields.REASON))
# What is not read from the letter's words has no correction of its own.
_DERIVED: Final[Mapping[str, str]] = {
    "spans": "places in the text are not corrected: those of a corrected value are left out",
    **dict.fromkeys(("source", "unparsed"), "it describes how the letter was read, not what it says"),
    **{each.path: each.derived for level in fields.LEVELS for each in level.fields if each.derived},
}


def _fields() -> Mapping[Form, FieldCheck]:
    item: Form = ("items", "#")
    found = _level(fields.CASE)
    found |= {("reviewer", *form): field for form, field in _level(fields.REVIEWER).items()}
    found[item] = FieldCheck(object_of(*_object(fields.ITEM)), element=True)
    found |= {(*item, *form): field for form, field in _level(fields.ITEM).items()}
    given: Form = (*item, "reasons")
    found[given] = FieldCheck(list_of(_reason))
    found[*given, "#"] = FieldCheck(_reason, element=True)
    found |= {(*given, "#", *form): field for form, field in _level(fields.REASON).items()}
    for side in _SIDES:
        cited: Form = (*item, side, "citations")
        found[cited] = FieldCheck(list_of(_citation))
        found[*cited, "#"] = FieldCheck(_citation, element=True)
        found |= {(*cited, "#", *form): field for form, field in _level(fields.CITATION).items()}
    return found


FIELDS: Final[Mapping[Form, FieldCheck]] = _fields()
"""The correctable fields by their form, `#` for a position."""
