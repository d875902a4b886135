"""The layouts of letters, read from `ontology/layouts.toml`, and the choice of the one that a letter has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from imr_graph import resources
from imr_graph.extraction.passages import alternatives, phrase
from imr_graph.model import Span

__all__ = ["Layout", "Sections", "Settings", "detect", "heading_of", "settings"]

Sections = Mapping[str, Span]


@dataclass(frozen=True)
class Layout:
    """One layout: how it is recognised, which headings part it and which labels part its items.

    `sections` maps a part's name to the pattern of its heading, in the order of the letter; `labels` maps the
    parts of an item to the pattern of what introduces them; `style` names the way decisions are written.
    """

    id: str
    name: str
    style: str
    all: tuple[re.Pattern[str], ...]
    any: tuple[re.Pattern[str], ...]
    none: tuple[re.Pattern[str], ...]
    decided_from: date | None
    decided_until: date | None
    sections: Mapping[str, re.Pattern[str]]
    labels: Mapping[str, re.Pattern[str]]

    def fits(self, text: str, decided: date | None) -> bool:
        """Tell whether a letter with this text and decision date has this layout."""
        if self.decided_from and not (decided and decided >= self.decided_from):
            return False
        if self.decided_until and not (decided and decided <= self.decided_until):
            return False
        return (
            all(p.search(text) for p in self.all)
            and (not self.any or any(p.search(text) for p in self.any))
            and not any(p.search(text) for p in self.none)
        )

    def cut(self, text: str) -> Sections:
        """Return where each part of the letter stands, without its heading, and "header": what precedes them all.

        The first place of each heading counts: words inside a later part that look like a heading do not.
        """
        matches = ((name, heading.search(text)) for name, heading in self.sections.items())
        found = sorted((match.start(), match.end(), name) for name, match in matches if match)
        ends = [start for start, _, _ in found[1:]] + [len(text)]
        parts = {name: Span(body, end) for (_, body, name), end in zip(found, ends, strict=True)}
        parts["header"] = Span(0, found[0][0] if found else 0)
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
    stances: Mapping[str, Any]


def detect(text: str, decided: date | None = None) -> Layout | None:
    """Return the layout of a letter's text, or None where it is no IMR determination."""
    return next((layout for layout in settings().layouts if layout.fits(text, decided)), None)


@cache
def settings() -> Settings:
    """Return the settings of `ontology/layouts.toml`, read once."""
    data = tomllib.loads((resources.ontology() / "layouts.toml").read_text(encoding="utf-8"))
    tables = {table["id"]: table for table in data["layout"]}
    layouts = tuple(_layout({**tables.get(table.get("like", ""), {}), **table}) for table in data["layout"])
    return Settings(layouts, data["header"], data["reviewer"], data["summary"], data["stances"])


def _layout(table: Mapping[str, Any]) -> Layout:
    def marks(key: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(phrase(words)) for words in table.get(key, ()))

    return Layout(
        id=table["id"],
        name=table["name"],
        style=table["items"],
        all=marks("all"),
        any=marks("any") if "like" not in table or "any" in table else (),
        none=marks("none"),
        decided_from=table.get("decided_from"),
        decided_until=table.get("decided_until"),
        sections={name: _heading(words) for name, words in table["sections"].items()},
        labels={name: re.compile(alternatives(words)) for name, words in table.get("labels", {}).items() if words},
    )


def _heading(words: list[str]) -> re.Pattern[str]:
    """A heading begins its line; one without a colon also ends it (a colon may still follow)."""
    inline = [w for w in words if w.endswith(":")]
    alone = [w for w in words if not w.endswith(":")]
    sources = [alternatives(inline)] if inline else []
    if alone:
        sources.append(alternatives(alone) + r"[ \t]*:?[ \t]*(?=[\n\f]|\Z)")
    return re.compile(r"(?:^|(?<=\f))[ \t\f]*(?:" + "|".join(sources) + ")", re.MULTILINE)
