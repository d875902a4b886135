"""The table of layouts, `ontology/layouts.toml`: read and checked, so that a slip is an error with its place.

What the table says is all there is: a key that nothing reads and a key that is missing are both told.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from imr_graph.errors import ToolError, UnknownNameError

__all__ = ["ITEM_PARTS", "read_table"]

_DATES = ("case_number", "assigned", "injured", "decided", "ur_denied", "received", "priority")
_PARTS = ("issue", "summary", "documents", "guidelines", "rationale", "reviewer", "effect", "items")
ITEM_PARTS = ("claims_administrator", "reviewer", "rationale")  # in the order of the letter
_STYLES = ("labelled", "numbered", "determined", "single")
_WORDS = ("id", "name", "years", "items", "like")  # keys of a layout whose value is one string

# The keys that each table may have, and of them those that it must have.
_TABLES: Mapping[str, tuple[Collection[str], Collection[str]]] = {
    "": (("header", "reviewer", "summary", "stances", "layout"),) * 2,
    "header": (("case_number", "labels", "sentences", "priorities"),) * 2,
    "header.labels": (_DATES, _DATES),
    "header.sentences": (_DATES, ()),
    "header.priorities": (("standard", "expedited"),) * 2,
    "reviewer": (("states", "specialties", "specialty_sentences", "state_sentences", "training"),) * 2,
    "summary": (("introductions", "disclaimers"),) * 2,
    "stances": (("outside the MTUS", "no evidence cited"),) * 2,
    "layout": (
        (*_WORDS, "all", "any", "none", "decided_from", "decided_until", "sections", "openings", "labels"),
        ("id", "name", "years", "items", "all", "none", "sections"),
    ),
    "layout.sections": (_PARTS, ()),
    "layout.openings": (_PARTS, ()),
    "layout.labels": (("introduction", "reviewer_guideline", *ITEM_PARTS), ()),
}


def read_table(path: Path) -> dict[str, Any]:
    """Return what a table of layouts says; layouts that are like another have its settings, too.

    Raises ToolError where the file cannot be read, a key or value is unknown, missing or of another kind; the sentence
    names the file, the table, the key and, of an unknown one, the nearest right name.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ToolError(f"{path}: the table of layouts cannot be read ({error}).") from error
    _check(path, "", data)
    layouts = {table.get("id"): table for table in data["layout"]}
    for table in data["layout"]:
        like = table.get("like")
        if like is not None and like not in layouts:
            raise _UnknownInTableError(path, _shown("layout", table), "layout", like, layouts)
    data["layout"] = [{**layouts.get(table.get("like"), {}), **table} for table in data["layout"]]
    for name, table in _tables(data):
        _check(path, name, table)
    for table in data["layout"]:
        if table["items"] not in _STYLES:
            raise _UnknownInTableError(path, _shown("layout", table), "way of writing items", table["items"], _STYLES)
    return data


class _UnknownInTableError(UnknownNameError, ToolError):
    """A key or value of the table of layouts that nothing knows."""

    exit_code = ToolError.exit_code

    def __init__(self, path: Path, table: str, kind: str, name: str, known: Collection[str]) -> None:
        super().__init__(kind, name, known)
        self.args = (f"{path}: {table}: {self}",)


def _tables(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every table below the top with its name, the outer ones first."""
    for name in list(_TABLES)[1:]:
        outer, _, inner = name.partition(".")
        for table in data[outer] if outer == "layout" else [data[outer]]:
            if not inner or inner in table:
                yield name, table[inner] if inner else table


def _shown(name: str, table: Any) -> str:
    if name == "layout" and isinstance(table, dict):
        return f"[[layout]] {table.get('id', 'without id')}"
    return f"[{name}]" if name else "the top level"


def _check(path: Path, name: str, table: Any) -> None:
    shown = _shown(name, table)
    allowed, wanted = _TABLES[name]
    if not isinstance(table, dict):
        raise ToolError(f"{path}: {shown} must be a table.")
    for key in table:
        if key not in allowed:
            raise _UnknownInTableError(path, shown, "key", key, allowed)
    for key in wanted:
        if key not in table:
            raise ToolError(f"{path}: {shown} lacks the key {key!r}.")
    for key, value in table.items():
        kind = _kind_of(name, key)
        if not _KINDS[kind](value):
            raise ToolError(f"{path}: {shown}: {key!r} must be {kind}.")


_KINDS = {
    "a table": lambda value: isinstance(value, dict),
    "a list of tables": lambda value: isinstance(value, list) and all(isinstance(entry, dict) for entry in value),
    "a date": lambda value: isinstance(value, date),
    "a string": lambda value: isinstance(value, str) and bool(value),
    "a list of phrases": lambda value: isinstance(value, list) and all(isinstance(e, str) and e.strip() for e in value),
}


def _kind_of(name: str, key: str) -> str:
    if key == "layout":
        return "a list of tables"
    if f"{name}.{key}".lstrip(".") in _TABLES:
        return "a table"
    if name == "layout" and key.startswith("decided_"):
        return "a date"
    return "a string" if name == "layout" and key in _WORDS else "a list of phrases"
