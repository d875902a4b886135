"""The layouts of letters, read from `ontology/layouts.toml`, and the choice of the one that a letter has."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from imr_graph import resources
from imr_graph.extraction.layout_table import ITEM_PARTS, read_table
from imr_graph.extraction.text import alternatives, phrase, starts_line
from imr_graph.model import Span, Stance

__all__ = ["Layout", "Sections", "Settings", "detect", "heading_of", "marks", "read_settings", "settings"]

Sections = Mapping[str, Span]

_LINE_END = re.compile(r"[ \t]*:?[ \t]*(?=[\n\f]|\Z)")


@dataclass(frozen=True)
class PartHeading:
    """What heads a part of a letter: `inline` may be followed by text on its line, `alone` stands on its own."""

    inline: re.Pattern[str] | None
    alone: re.Pattern[str] | None

    def find(self, text: str) -> Span | None:
        """Return the first place where a line begins with the heading."""
        places = []
        for pattern in (self.alone, self.inline):
            for match in pattern.finditer(text) if pattern else ():
                if starts_line(text, match.start()):
                    behind = _LINE_END.match(text, match.end()) if pattern is self.alone else None
                    if behind or pattern is self.inline:
                        places.append(Span(match.start(), behind.end() if behind else match.end()))
                        break
        return min(places, default=None)


@dataclass(frozen=True)
class Layout:
    """One layout: how it is recognised, which headings part it and which labels part its items.

    `all`, `any` and `none` are phrases, as keys of `marks`. `sections` maps a part's name to its heading, `openings`
    to the words that it begins with; `labels` maps the parts of an item to the words that introduce them; `style`
    names the way decisions are written. `words` are all headings and labels as the table gives them.
    """

    id: str
    name: str
    style: str
    all: tuple[str, ...]
    any: tuple[str, ...]
    none: tuple[str, ...]
    decided_from: date | None
    decided_until: date | None
    sections: Mapping[str, PartHeading]
    openings: Mapping[str, PartHeading]
    labels: Mapping[str, tuple[str, ...]]
    words: tuple[str, ...]

    def fits(self, present: frozenset[str], decided: date | None) -> bool:
        """Tell whether a letter with these marks and this decision date has this layout."""
        if self.decided_from and not (decided and decided >= self.decided_from):
            return False
        if self.decided_until and not (decided and decided <= self.decided_until):
            return False
        return (
            present.issuperset(self.all)
            and (not self.any or not present.isdisjoint(self.any))
            and present.isdisjoint(self.none)
        )

    def cut(self, text: str) -> Sections:
        """Return where each part of the letter stands, without its heading, and "header": what precedes them all.

        The first place of each heading counts: words inside a later part that look like a heading do not. Where a
        heading is missing, the part begins with the words that open it.
        """
        found = []
        for name, heading in self.sections.items():
            place = heading.find(text)
            if place:
                found.append((place.start, place.end, name))
            elif name in self.openings and (place := self.openings[name].find(text)):
                found.append((place.start, place.start, name))
        found.sort()
        starts = [start for start, _, _ in found] + [len(text)]
        parts = {"header": Span(0, starts[0])}
        for (_, body, name), end in zip(found, starts[1:], strict=True):
            parts[name] = Span(body, max(body, end))
        return parts


def heading_of(parts: Sections, name: str) -> Span:
    """Return where the heading of a part stands: between the part and the one above it."""
    start = parts[name].start
    return Span(max((part.end for part in parts.values() if part.end <= start), default=0), start)


@dataclass(frozen=True)
class Settings:
    """All that `layouts.toml` says: the layouts in the order of trial, and the tables that they share."""

    layouts: tuple[Layout, ...]
    header: Mapping[str, Any]
    reviewer: Mapping[str, Any]
    summary: Mapping[str, Any]
    stances: Mapping[Stance, list[str]]
    introductions: Mapping[str, list[str]]

    @cached_property
    def fixed_words(self) -> tuple[str, ...]:
        """Headings, labels and introductions of all layouts, to be found although a letter in them is wrong."""
        labels = (f"{words}:" for name in ("states", "specialties") for words in self.reviewer[name])
        return tuple(
            dict.fromkeys(
                [*(w for layout in self.layouts for w in layout.words), *labels, *self.summary["introductions"]]
            )
        )

    @cached_property
    def first_labels(self) -> tuple[str, ...]:
        """What introduces the first part of an item right behind its decision."""
        return self._labels(ITEM_PARTS[:1])

    @cached_property
    def item_labels(self) -> tuple[str, ...]:
        """What introduces any part of an item behind its decision."""
        return self._labels(ITEM_PARTS)

    def _labels(self, parts: Collection[str]) -> tuple[str, ...]:
        labelled = (layout for layout in self.layouts if layout.style == "labelled")
        return tuple(dict.fromkeys(w for layout in labelled for name in parts for w in layout.labels.get(name, ())))


def marks(text: str) -> frozenset[str]:
    """Return the phrases in a text that tell layouts apart."""
    return frozenset(words for words, (first, pattern) in _marks().items() if first in text and pattern.search(text))


def detect(present: frozenset[str], decided: date | None = None) -> Layout | None:
    """Return the layout of a letter with these marks, or None where it is no IMR determination.

    >>> detect(marks("ISSUE AT DISPUTE: a brace")).id
    'L0'
    """
    return next((layout for layout in settings().layouts if layout.fits(present, decided)), None)


@cache
def _marks() -> dict[str, tuple[str, re.Pattern[str]]]:
    """Return for each phrase its longest word without marks, which a plain search finds faster, and its pattern."""
    words = {w for layout in settings().layouts for group in (layout.all, layout.any, layout.none) for w in group}
    return {w: (max(re.findall(r"\w+", w), key=len), re.compile(phrase(w))) for w in sorted(words)}


@cache
def settings() -> Settings:
    """Return the settings of `ontology/layouts.toml`, read once."""
    return read_settings(resources.ontology() / "layouts.toml")


def read_settings(path: Path) -> Settings:
    """Return the settings of a table of layouts.

    Raises ToolError where it is not such a table; see `read_table`.
    """
    data = read_table(path)
    layouts = tuple(map(_layout, data["layout"]))
    return Settings(layouts, data["header"], data["reviewer"], data["summary"], data["stances"], data["introductions"])


def _layout(table: Mapping[str, Any]) -> Layout:
    def words(key: str) -> tuple[str, ...]:
        return tuple(table.get(key, ()))

    labels = {name: tuple(labels) for name, labels in table.get("labels", {}).items() if labels}
    fixed = [w for words in table["sections"].values() for w in words]
    fixed += [w for words in table.get("openings", {}).values() for w in words if w.endswith(":")]
    fixed += [w for name, words in labels.items() for w in words if w.endswith(":") or name == "reviewer_guideline"]
    return Layout(
        id=table["id"],
        name=table["name"],
        style=table["items"],
        all=words("all"),
        any=words("any"),
        none=words("none"),
        decided_from=table.get("decided_from"),
        decided_until=table.get("decided_until"),
        sections={name: _heading(headings) for name, headings in table["sections"].items()},
        openings={
            name: PartHeading(re.compile(alternatives(words)), None)
            for name, words in table.get("openings", {}).items()
        },
        labels=labels,
        words=tuple(fixed),
    )


def _heading(words: list[str]) -> PartHeading:
    """Return the heading of a part: without a colon, it stands on a line of its own (a colon may still follow)."""
    inline = [w for w in words if w.endswith(":")]
    alone = [w for w in words if not w.endswith(":")]
    return PartHeading(
        re.compile(alternatives(inline)) if inline else None, re.compile(alternatives(alone)) if alone else None
    )
