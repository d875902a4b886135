"""Disputed items in the layouts from 2014 on: "heading: Upheld", two guidelines, a rationale.

A decision word counts where it ends a line behind a colon and the item's next label follows; the same words inside a
rationale do not. What stands between items and belongs to none is left over, for `determination` to report.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from imr_graph.extraction.heading_places import Lines, find_heading, measure
from imr_graph.extraction.layouts import Layout, Sections
from imr_graph.extraction.text import alternatives, clean, trim
from imr_graph.model import Decision, Span

__all__ = ["FoundItems", "ItemPlace", "find_items", "introduction_end", "items_part", "label_pattern"]


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
    that were recognised but not understood.
    """

    places: tuple[ItemPlace, ...] = ()
    part: Span = field(default_factory=lambda: Span(0, 0))
    known: tuple[Span, ...] = ()
    unread: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    start: int
    end: int


_PARTS = ("claims_administrator", "reviewer", "rationale")  # in the order of the letter

# ": Upheld" at the end of a line.
_DECISION = re.compile(r":\s{0,4}(?P<word>Upheld|Overturned|UPHELD|OVERTURNED)\b[ \t]{0,9}\.?[ \t]{0,9}(?=[\n\f]|\Z)")
_LINE_START = re.compile(r"[\n\f][ \t]*(?=[CDMcdm])")
_NEAR = 400  # characters that may stand between a decision word and its label where one label is missing
_CUT_WORD = re.compile(r":\s{1,4}(?P<word>\w{1,9})\s*\Z")
_UNKNOWN_DECISION = re.compile(r":\s{1,4}\w+(?:\s\w+)?\s*\Z")
_SHORTEST_CUT = 3


def items_part(text: str, parts: Sections) -> Span:
    """Return where the items stand: in the part "items", or, where its heading is missing, anywhere."""
    return parts.get("items", Span(0, len(text)))


def introduction_end(text: str, part: Span, layout: Layout) -> int:
    """Return the end of the sentence that introduces the items; it belongs to none."""
    words = layout.labels.get("introduction")
    match = label_pattern(words).search(text, part.start, part.end) if words else None
    return match.end() if match else part.start


def find_items(text: str, parts: Sections, layout: Layout) -> FoundItems:
    """Find where the items stand; without the heading of their part, it begins with the first of them."""
    part = items_part(text, parts)
    start = introduction_end(text, part, layout)
    labels = _labels(text, Span(start, part.end), layout)
    decisions = _decisions(text, Span(start, part.end), labels, layout)
    if not decisions:
        return FoundItems()
    lines = measure(text, part, _are_spaced(text, decisions))
    floors = [start, *(match.end() for match in decisions[:-1])]
    headings = [find_heading(text, floor, m.start(), lines) for floor, m in zip(floors, decisions, strict=True)]
    if _between(labels, headings[-1].start, headings[-1].end):  # the last words of a rationale, not a heading
        decisions, headings = decisions[:-1], headings[:-1]
    if not decisions:
        return FoundItems()
    end = _whole_end(text, decisions[-1].end(), part.end, lines, layout)
    stops = [*(heading.start for heading in headings[1:]), end]
    places = []
    for match, heading, stop in zip(decisions, headings, stops, strict=True):
        own = _between(labels, match.end(), stop)
        places.append(_place(text, match, heading, _before_stray_labels(text, own, stop, lines), own))
    return FoundItems(tuple(places), Span(start if "items" in parts else headings[0].start, part.end))


def _between(labels: list[_Label], start: int, stop: int) -> list[_Label]:
    first = bisect_left(labels, start, key=lambda label: label.start)
    return labels[first : bisect_left(labels, stop, key=lambda label: label.start)]


def _labels(text: str, part: Span, layout: Layout) -> list[_Label]:
    """Find the labels at the beginning of lines, in the order of the text."""
    patterns = [(name, label_pattern(layout.labels[name])) for name in _PARTS]
    found = []
    for start in [part.start, *(line.end() for line in _LINE_START.finditer(text, part.start, part.end))]:
        for name, pattern in patterns:
            match = pattern.match(text, start, part.end)
            if match:
                found.append(_Label(name, match.start(), match.end()))
                break
    return found


def _decisions(text: str, part: Span, labels: list[_Label], layout: Layout) -> list[re.Match[str]]:
    """Find the decision words that a label follows before the next decision word, or the end of the letter."""
    candidates = list(_DECISION.finditer(text, part.start, part.end))
    stops = [*(match.start() for match in candidates[1:]), part.end][: len(candidates)]
    found = []
    index = 0
    for match, stop in zip(candidates, stops, strict=True):
        while index < len(labels) and labels[index].start < match.end():
            index += 1
        label = labels[index] if index < len(labels) and labels[index].start < stop else None
        if _is_decision(text, match, label, stop, layout):
            found.append(match)
    return found


def _is_decision(text: str, match: re.Match[str], label: _Label | None, stop: int, layout: Layout) -> bool:
    behind = trim(text, match.end(), label.start if label else stop)
    if behind.end == behind.start:
        return True
    if label is None:
        return _is_cut_label(text, behind, layout, _PARTS[0])
    # The first label is missing: what it introduced stands there.
    return label.name != _PARTS[0] and label.start - match.end() <= _NEAR


def _are_spaced(text: str, decisions: list[re.Match[str]]) -> bool:
    """Tell whether a blank line parts most decision words from what follows."""
    gaps = [text[match.end() : match.end() + 9] for match in decisions]
    blank = sum(gap[: len(gap) - len(gap.lstrip())].count("\n") > 1 for gap in gaps)
    return 2 * blank > len(gaps)


def _place(text: str, match: re.Match[str], heading: Span, end: int, own: list[_Label]) -> ItemPlace:
    """Cut an item at its labels: the first of each kind, in the order of the letter."""
    marks: list[_Label] = []
    for label in own:
        if label.start < end and (not marks or _PARTS.index(label.name) > _PARTS.index(marks[-1].name)):
            marks.append(label)
    stops = [*(label.start for label in marks[1:]), end]
    parts = {label.name: trim(text, label.end, stop) for label, stop in zip(marks, stops, strict=False)}
    return ItemPlace(
        heading=heading,
        decision="upheld" if match["word"].lower() == "upheld" else "overturned",
        decided=Span(*match.span("word")),
        claims_administrator=parts.get("claims_administrator"),
        reviewer=parts.get("reviewer"),
        rationale=parts.get("rationale"),
        labels=tuple(Span(label.start, label.end) for label in marks),
    )


def _before_stray_labels(text: str, own: list[_Label], stop: int, lines: Lines) -> int:
    """Return where an item ends whose rationale is followed by another item without a readable decision.

    Two labels in their order behind the rationale's label are such an item; one alone is a quotation.
    """
    rationale = next((index for index, label in enumerate(own) if label.name == "rationale"), len(own))
    for one, other in pairwise(own[rationale + 1 :]):
        if _PARTS.index(one.name) < _PARTS.index(other.name):
            bottom = trim(text, own[rationale].end, one.start).end
            heading = find_heading(text, own[rationale].end, bottom, lines)
            decided = _UNKNOWN_DECISION.search(text, heading.start, heading.end)
            return heading.start if decided else one.start
    return stop


def _whole_end(text: str, floor: int, end: int, lines: Lines, layout: Layout) -> int:
    """Return the end of what is whole: a letter that breaks off may leave part of a label or of a decision word."""
    stop = trim(text, floor, end).end
    line = trim(text, max(floor, text.rfind("\n", floor, stop) + 1), stop)
    if any(_is_cut_label(text, line, layout, name) for name in _PARTS):
        return line.start
    cut = _CUT_WORD.search(text, line.start, line.end)
    if cut and any(word.startswith(cut["word"]) and word != cut["word"] for word in ("Upheld", "Overturned")):
        return find_heading(text, floor, cut.start(), lines).start
    return end


def _is_cut_label(text: str, line: Span, layout: Layout, name: str) -> bool:
    if not _SHORTEST_CUT <= line.end - line.start < max(map(len, layout.labels[name])):
        return False
    return any(words.startswith(clean(text[line.start : line.end])) for words in layout.labels[name])


@cache
def label_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of words that introduce a part; letters differ in their case."""
    return re.compile(alternatives(words), re.IGNORECASE)
