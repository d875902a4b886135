"""Building a citation from the places that its values stand in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from imr_graph.extraction.citations.pages import Pages
from imr_graph.extraction.text import Reading, clean, trim
from imr_graph.model import Basis, Citation, Span

__all__ = ["Cited", "cite", "without_joint"]

Cited: TypeAlias = Reading[Citation]

_TRAILING_AND = re.compile(r"(?:^|(?<=[\s,;]))and\Z", re.IGNORECASE)


def cite(
    text: str,
    whole: Span,
    basis: Basis,
    guideline: str,
    named: Span | None,
    *,
    chapter: Span | None = None,
    sections: Sequence[Span] = (),
    pages: Pages | None = None,
) -> Cited:
    """Return the citation that stands at `whole`; `named` is where the guideline itself is named, if it is."""
    spans = {"/text": whole}
    if named:
        spans["/guideline"] = named
    if chapter:
        spans["/chapter"] = chapter
    places: dict[int, Span] = {}
    for page, place in pages or ():
        places.setdefault(page, place)
    spans.update({f"/sections/{k}": place for k, place in enumerate(sections)})
    spans.update({f"/pages/{k}": place for k, place in enumerate(places.values())})
    value = Citation(
        basis=basis,
        guideline=guideline,
        text=clean(text[whole.start : whole.end]),
        chapter=clean(text[chapter.start : chapter.end]) if chapter else None,
        sections=tuple(clean(text[s.start : s.end]) for s in sections),
        pages=tuple(places),
    )
    return Reading(value, spans)


def without_joint(text: str, span: Span) -> Span:
    """Return the span of a citation without the ", and" that leads over to the next one.

    >>> without_joint("ODG, Pain, and", Span(0, 14))
    Span(start=0, end=9)
    """
    span = trim(text, span.start, span.end, drop=".,;:")
    joint = _TRAILING_AND.search(text, max(span.start, span.end - 3), span.end)
    return trim(text, span.start, joint.start(), drop=".,;:") if joint else span
