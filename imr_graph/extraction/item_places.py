"""Where the items of a letter stand: their parts, cut at the words that introduce them.

Where the line ends of a letter were lost, blanks are read as line ends wherever lines must have begun; the text keeps
its length, so spans stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from imr_graph.extraction.item_heading import ORIGINAL_REQUEST
from imr_graph.extraction.layout_table import ITEM_PARTS
from imr_graph.extraction.layouts import Layout, Sections
from imr_graph.extraction.text import alternatives, trim
from imr_graph.model import Decision, Span

__all__ = ["FoundItems", "ItemPlace", "Label", "cut_item", "introduction_end", "items_part", "label_pattern", "unfold"]

_DECISION = re.compile(r":\s{1,4}(?:Upheld|Overturned)\b\.?(?=\s)")
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*(?P<blank>\s)")
_LONGEST_HEADING = 600  # characters in front of a decision word in which its heading starts


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """Where the parts of one item stand; a part that the letter does not have is None.

    `labels` are the places of the words that introduce them.
    """

    heading: Span
    decision: Decision
    decided: Span
    claims_administrator: Span | None = None
    reviewer: Span | None = None
    rationale: Span | None = None
    labels: tuple[Span, ...] = field(default=())

    @property
    def spans(self) -> Iterator[Span]:
        """All places that belong to the item."""
        yield from (self.heading, self.decided, *self.labels)
        yield from (part for part in (self.claims_administrator, self.reviewer, self.rationale) if part)


@dataclass(frozen=True, slots=True)
class FoundItems:
    """The items of a letter, in order.

    All words of `part` belong to an item, are `known` to belong to none, or are not understood. `unread` are passages
    that were recognised but not understood, `doubts` sentences on why an item may be missing.
    """

    places: tuple[ItemPlace, ...] = ()
    part: Span = field(default_factory=lambda: Span(0, 0))
    known: tuple[Span, ...] = ()
    unread: tuple[Span, ...] = ()
    doubts: tuple[str, ...] = ()


class Label(NamedTuple):
    """Words that introduce a part of an item; with a colon they are no words of the part, else they open it."""

    name: str
    start: int
    end: int
    is_apart: bool = True

    @property
    def body(self) -> int:
        """Where the part begins."""
        return self.end if self.is_apart else self.start


def items_part(text: str, parts: Sections) -> Span:
    """Return where the items stand: in the part "items", or, where its heading is missing, anywhere."""
    return parts.get("items", Span(0, len(text)))


def introduction_end(text: str, part: Span, layout: Layout) -> int:
    """Return the end of the sentence that introduces the items; it belongs to none."""
    words = layout.labels.get("introduction")
    match = label_pattern(words).search(text, part.start, part.end) if words else None
    return match.end() if match else part.start


def cut_item(
    text: str,
    heading: Span,
    decision: tuple[Decision, Span],
    own: Iterable[Label],
    end: int,
    known: Iterable[Span] = (),
) -> ItemPlace:
    """Cut an item that ends at `end` at its labels: the first of each kind, in the order of the letter.

    `decision` is the decision and where it stands; `known` are further words that introduce something.
    """
    marks: list[Label] = []
    for label in own:
        if label.start < end and (not marks or ITEM_PARTS.index(label.name) > ITEM_PARTS.index(marks[-1].name)):
            marks.append(label)
    stops = [*(label.start for label in marks[1:]), end]
    parts = {label.name: trim(text, label.body, stop) for label, stop in zip(marks, stops, strict=False)}
    return ItemPlace(
        heading=heading,
        decision=decision[0],
        decided=decision[1],
        claims_administrator=parts.get("claims_administrator"),
        reviewer=parts.get("reviewer"),
        rationale=parts.get("rationale"),
        labels=(*known, *(Span(label.start, label.end) for label in marks if label.is_apart)),
    )


@cache
def label_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of words that introduce a part; letters differ in their case."""
    return re.compile(alternatives(words), re.IGNORECASE)


def unfold(text: str, layout: Layout) -> str:
    """Return the text with a line end for the blank around each heading, label and decision word of a layout."""
    breaks = set(_around_words(text, layout)) | set(_before_headings(text))
    characters = list(text)
    for place in breaks:
        if 0 <= place < len(text) and characters[place] == " ":
            characters[place] = "\n"
    return "".join(characters)


def _around_words(text: str, layout: Layout) -> Iterator[int]:
    for heading in layout.sections.values():
        for match in heading.alone.finditer(text) if heading.alone else ():
            yield from (match.start() - 1, match.end())
    for words in layout.labels.values():
        for match in label_pattern(words).finditer(text):
            yield match.start() - 1
    for opening in layout.openings.values():
        for match in opening.inline.finditer(text) if opening.inline else ():
            yield match.start() - 1
    introduction = layout.labels.get("introduction")
    for match in label_pattern(introduction).finditer(text) if introduction else ():
        yield match.end()


def _before_headings(text: str) -> Iterator[int]:
    """Yield the end of the sentence in front of each heading; a partial certification's has sentences of its own."""
    for decision in _DECISION.finditer(text):
        start = max(0, decision.start() - _LONGEST_HEADING)
        requests = [request.start() for request in ORIGINAL_REQUEST.finditer(text, start, decision.start())]
        ends = list(_SENTENCE_END.finditer(text, start, requests[-1] if requests else decision.start()))
        if ends:
            yield ends[-1].start("blank")
