"""The table of layouts, `ontology/layouts.toml`: read and checked, so that a slip is an error with its place.

What the table says is all there is: a key that nothing reads and a key that is missing are both told.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
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
    "": (("header", "reviewer", "summary", "stances", "introductions", "layout"),) * 2,
    "header": (("case_number", "labels", "sentences", "priorities"),) * 2,
    "header.labels": (_DATES, _DATES),
    "header.sentences": (_DATES, ()),
    "header.priorities": (("standard", "expedited"),) * 2,
    "reviewer": (("states", "specialties", "specialty_sentences", "state_sentences", "training"),) * 2,
    "summary": (("introductions", "disclaimers"),) * 2,
    "stances": (("outside the MTUS", "no evidence cited"),) * 2,
    "introductions": (("non-mtus", "mtus", "prose", "subjects"),) * 2,
    "layout": (
        (*_WORDS, "all", "any", "none", "decided_from", "decided_until", "sections", "openings", "labels"),
        ("id", "name", "years", "items", "all", "none", "sections"),
    ),
    "layout.sections": (_PARTS, ()),
    "layout.openings": (_PARTS, ()),
    "layout.labels": (("introduction", "reviewer_guideline", *ITEM_PARTS), ()),
}


_HEADER = re.compile(r"\s*\[\[?([\w.]+)\]")


@dataclass(frozen=True)
class _Table:
    """A table of the file: its name, what it holds, and, in or below a layout, the place of that one and its id."""

    path: Path
    text: str
    name: str
    content: Any
    layout: int = 0
    id: str = ""

    def place(self, key: str = "") -> str:
        """Return the file, the line of a key (of the table where it lacks the key), and the table in words."""
        shown = f"[{self.name}]" if self.name else "the top level"
        if self.layout:
            shown = f"[[layout]] {self.id}" + (f": {shown}" if self.name != "layout" else "")
        return f"{self.path}:{self._line(key)}: {shown}"

    def _line(self, key: str) -> int:
        written = re.compile(rf"\s*(?:\[+(?:{re.escape(self.name)}\.)?)?[\"']?{re.escape(key)}[\"']?\s*[=\]]")
        table, layouts, found = "", 0, 1
        for number, line in enumerate(self.text.splitlines(), 1):
            if match := _HEADER.match(line):
                table, layouts = match[1], layouts + (match[1] == "layout")
            if self.layout and layouts != self.layout:
                continue
            if key and table.startswith(self.name) and written.match(line):
                return number
            if match and table == self.name:
                found = number
        return found


def read_table(path: Path) -> dict[str, Any]:
    """Return what a table of layouts says; layouts that are like another have its settings, too.

    Raises ToolError where the file cannot be read, a key or value is unknown, missing or of another kind; the sentence
    names the file, the line, the table, the key and, of an unknown one, the nearest right name.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ToolError(f"{path}: the table of layouts cannot be read ({error}).") from error
    _check(_Table(path, text, "", data))
    layouts = {table.get("id"): table for table in data["layout"]}
    for one in _tables(path, text, data):
        like = one.content.get("like") if one.name == "layout" else None
        if like is not None and like not in layouts:
            raise _UnknownInTableError(one.place("like"), "layout", like, layouts)
    data["layout"] = [{**layouts.get(table.get("like"), {}), **table} for table in data["layout"]]
    tables = [*_tables(path, text, data)]
    for one in tables:
        _check(one)
    for one in tables:
        if one.name == "layout":
            _check_style(one)
    return data


class _UnknownInTableError(UnknownNameError, ToolError):
    """A key or value of the table of layouts that nothing knows."""

    exit_code = ToolError.exit_code

    def __init__(self, place: str, kind: str, name: str, known: Collection[str]) -> None:
        super().__init__(kind, name, known)
        self.args = (f"{place}: {self}",)


def _tables(path: Path, text: str, data: Mapping[str, Any]) -> Iterator[_Table]:
    """Yield every table below the top, the outer ones first."""
    for name in list(_TABLES)[1:]:
        outer, _, inner = name.partition(".")
        several = outer == "layout"
        for number, table in enumerate(data[outer] if several else [data[outer]], 1):
            if not inner or inner in table:
                layout, id = (number, str(table.get("id", "without id"))) if several else (0, "")
                yield _Table(path, text, name, table[inner] if inner else table, layout, id)


def _check(table: _Table) -> None:
    allowed, wanted = _TABLES[table.name]
    if not isinstance(table.content, dict):
        raise ToolError(f"{table.place()} must be a table.")
    for key in table.content:
        if key not in allowed:
            raise _UnknownInTableError(table.place(key), "key", key, allowed)
    for key in wanted:
        if key not in table.content:
            raise ToolError(f"{table.place()} lacks the key {key!r}.")
    for key, value in table.content.items():
        kind = _kind_of(table.name, key)
        if not _KINDS[kind](value):
            raise ToolError(f"{table.place(key)}: {key!r} must be {kind}.")


def _check_style(layout: _Table) -> None:
    """See that the way of writing items is a known one, and that the parts of an item have their labels."""
    style, labels = layout.content["items"], layout.content.get("labels", {})
    if style not in _STYLES:
        raise _UnknownInTableError(layout.place("items"), "way of writing items", style, _STYLES)
    for part in ITEM_PARTS:
        if style != "single" and not labels.get(part):
            raise ToolError(
                f"{layout.place('labels')}: [layout.labels] lacks the key {part!r}: the items of such a layout have "
                f"a label for each of {', '.join(ITEM_PARTS)}."
            )


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
