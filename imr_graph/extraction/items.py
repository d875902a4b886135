"""Disputed items in the layouts from 2014 on: "heading: Upheld", two guidelines, a rationale.

A decision word counts where it ends a line behind a colon and the item's next label follows; the same words inside a
rationale do not. What stands between items and belongs to none is left over, for `determination` to report; where a
label or a decision word is left over as well, an item may be missing, and the letter says so.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from imr_graph.extraction.damage import find_decision_words, find_gaps
from imr_graph.extraction.item_heading import Lines, find_heading, measure
from imr_graph.extraction.item_places import (
    FoundItems,
    ItemPlace,
    Label,
    cut_item,
    introduction_end,
    items_part,
)
from imr_graph.extraction.layout_table import ITEM_PARTS
from imr_graph.extraction.layouts import Layout, Sections
from imr_graph.extraction.text import alternatives, clean, trim
from imr_graph.model import Decision, Span

__all__ = ["find_items"]


_DECISIONS = ("upheld", "overturned")
# Characters that may stand between a decision word and its second label where the first is missing: what that one
# introduced. In real letters these are 135 at the median of 245 items, at most 279 in 95 % of them, over 400 in two;
# farther on, a word of a rationale would be a decision.
_NEAR = 400
_CUT_WORD = re.compile(r":\s{1,4}(?P<word>\w{1,9})\s*\Z")
_UNKNOWN_DECISION = re.compile(r":\s{1,4}\w+(?:\s\w+)?\s*\Z")
_SHORTEST_CUT = 3  # letters of a cut label that tell the labels apart


def find_items(text: str, parts: Sections, layout: Layout) -> FoundItems:
    """Find where the items stand; without the heading of their part, it begins with the first of them.

    No part of an item reaches over a page whose text is missing.
    """
    part = items_part(text, parts)
    start = introduction_end(text, part, layout)
    labels = _labels(text, Span(start, part.end), layout)
    words = list(find_decision_words(text, start, part.end))
    decisions = _decisions(text, part.end, words, labels, layout)
    if not decisions:
        return FoundItems()
    lines = measure(text, part, _are_spaced(text, decisions))
    gaps = find_gaps(text)
    floors = [
        _last_before(gaps, match.start(), floor)
        for match, floor in zip(decisions, [start, *(match.end() for match in decisions)], strict=False)
    ]
    headings = [find_heading(text, floor, m.start(), lines) for floor, m in zip(floors, decisions, strict=True)]
    if _between(labels, headings[-1].start, headings[-1].end):  # the last words of a rationale, not a heading
        decisions, headings = decisions[:-1], headings[:-1]
    if not decisions:
        return FoundItems()
    end = _whole_end(text, decisions[-1].end(), part.end, lines, layout)
    stops = [*(heading.start for heading in headings[1:]), end]
    places = []
    for match, heading, stop in zip(decisions, headings, stops, strict=True):
        stop = _first_behind(gaps, match.end(), stop)
        own = _between(labels, match.end(), stop)
        stop = _before_stray_labels(text, own, stop, lines)
        places.append(cut_item(text, heading, _decision(match), own, stop))
    whole = Span(start if "items" in parts else headings[0].start, part.end)
    doubts = _doubts(text, whole, labels, words, places, cut=end < part.end)
    return FoundItems(tuple(places), whole, doubts=tuple(doubts))


def _last_before(gaps: Sequence[int], position: int, floor: int) -> int:
    index = bisect_left(gaps, position)
    return max(floor, gaps[index - 1]) if index else floor


def _first_behind(gaps: Sequence[int], position: int, stop: int) -> int:
    index = bisect_right(gaps, position)
    return min(stop, gaps[index]) if index < len(gaps) else stop


def _decision(match: re.Match[str]) -> tuple[Decision, Span]:
    return "upheld" if match["word"].lower() == "upheld" else "overturned", Span(*match.span("word"))


def _doubts(
    text: str,
    part: Span,
    labels: Sequence[Label],
    decided: Sequence[re.Match[str]],
    places: Sequence[ItemPlace],
    *,
    cut: bool,
) -> Iterator[str]:
    """Yield a sentence for each label and decision word in the part that belongs to no item.

    A label of one word may be a word of a rationale.
    """
    used = {span.start for place in places for span in place.labels}
    for label in labels:
        words = clean(text[label.start : label.end])
        if part.start <= label.start < part.end and label.start not in used and " " in words:
            yield f"{words!r} stands where no item begins, so an item may be missing."
    starts = {place.decided.start for place in places}
    for match in decided:
        if match.start("word") not in starts and not _goes_on(text, match.end()):
            yield f"{match['word']!r} ends a line and is no item's decision, so an item may be missing."
    if cut:
        yield "The letter breaks off inside an item."


def _goes_on(text: str, position: int) -> bool:
    """Tell whether a sentence goes on behind a line's end."""
    behind = text[position : position + 9].strip()
    return behind[:1].islower()


def _between(labels: list[Label], start: int, stop: int) -> list[Label]:
    first = bisect_left(labels, start, key=lambda label: label.start)
    return labels[first : bisect_left(labels, stop, key=lambda label: label.start)]


def _labels(text: str, part: Span, layout: Layout) -> list[Label]:
    """Find the labels at the beginning of lines, in the order of the text."""
    first, behind = _labels_at_lines(tuple(layout.labels[name] for name in ITEM_PARTS))
    at_start = first.match(text, part.start, part.end)
    found = [at_start] if at_start else []
    found += behind.finditer(text, part.start, part.end)
    return [Label(match.lastgroup or "", *match.span(match.lastgroup or "")) for match in found]


@cache
def _labels_at_lines(labels: tuple[tuple[str, ...], ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of the labels of each part, by its name: where a text begins, and behind a line end."""
    names = zip(ITEM_PARTS, labels, strict=True)
    any_of_them = "|".join(f"(?P<{name}>{alternatives(words)})" for name, words in names)
    behind = rf"[\n\f][ \t]*(?={any_of_them})"
    return re.compile(any_of_them, re.IGNORECASE), re.compile(behind, re.IGNORECASE)


def _decisions(
    text: str, end: int, words: Sequence[re.Match[str]], labels: list[Label], layout: Layout
) -> list[re.Match[str]]:
    """Find the decision words that a label follows before the next decision word, or the end of the part."""
    candidates = [match for match in words if text[match.start()] == ":" and match["word"].lower() in _DECISIONS]
    stops = [*(match.start() for match in candidates[1:]), end][: len(candidates)]
    found = []
    index = 0
    for match, stop in zip(candidates, stops, strict=True):
        while index < len(labels) and labels[index].start < match.end():
            index += 1
        label = labels[index] if index < len(labels) and labels[index].start < stop else None
        if _is_decision(text, match, label, stop, layout):
            found.append(match)
    return found


def _is_decision(text: str, match: re.Match[str], label: Label | None, stop: int, layout: Layout) -> bool:
    behind = trim(text, match.end(), label.start if label else stop)
    if behind.end == behind.start:
        return True
    if label is None:
        return _is_cut_label(text, behind, layout, ITEM_PARTS[0])
    # The first label is missing: what it introduced stands there.
    return label.name != ITEM_PARTS[0] and label.start - match.end() <= _NEAR


def _are_spaced(text: str, decisions: list[re.Match[str]]) -> bool:
    """Tell whether a blank line parts most decision words from what follows."""
    gaps = [text[match.end() : match.end() + 9] for match in decisions]
    blank = sum(gap[: len(gap) - len(gap.lstrip())].count("\n") > 1 for gap in gaps)
    return 2 * blank > len(gaps)


def _before_stray_labels(text: str, own: list[Label], stop: int, lines: Lines) -> int:
    """Return where an item ends whose rationale is followed by another item without a readable decision.

    Two labels in their order behind the rationale's label are such an item; one alone is a quotation.
    """
    rationale = next((index for index, label in enumerate(own) if label.name == "rationale"), len(own))
    for one, other in pairwise(own[rationale + 1 :]):
        if ITEM_PARTS.index(one.name) < ITEM_PARTS.index(other.name):
            bottom = trim(text, own[rationale].end, one.start).end
            heading = find_heading(text, own[rationale].end, bottom, lines)
            decided = _UNKNOWN_DECISION.search(text, heading.start, heading.end)
            return heading.start if decided else one.start
    return stop


def _whole_end(text: str, floor: int, end: int, lines: Lines, layout: Layout) -> int:
    """Return the end of what is whole: a letter that breaks off may leave part of a label or of a decision word."""
    stop = trim(text, floor, end).end
    line = trim(text, max(floor, text.rfind("\n", floor, stop) + 1), stop)
    if any(_is_cut_label(text, line, layout, name) for name in ITEM_PARTS):
        return line.start
    cut = _CUT_WORD.search(text, line.start, line.end)
    if cut and any(word.startswith(cut["word"]) and word != cut["word"] for word in ("Upheld", "Overturned")):
        return find_heading(text, floor, cut.start(), lines).start
    return end


def _is_cut_label(text: str, line: Span, layout: Layout, name: str) -> bool:
    if not _SHORTEST_CUT <= line.end - line.start < max(map(len, layout.labels[name])):
        return False
    return any(words.startswith(clean(text[line.start : line.end])) for words in layout.labels[name])
