"""Disputed items in the layouts from 2014 on: "heading: Upheld", two guidelines, a rationale.

A decision word counts where it ends a line behind a colon and the item's next label follows; the same words inside a
rationale do not. Where a heading starts cannot be seen from its last line, so it is found by walking back: to a
blank line, to a line that ends a sentence, or to a line so short that the paragraph must have ended there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest

from imr_graph.extraction.headings import ORIGINAL_REQUEST, REMAINING
from imr_graph.extraction.layouts import Layout, Sections
from imr_graph.extraction.passages import trim
from imr_graph.model import Decision, Span

__all__ = ["ItemPlace", "find_items"]


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """Where the parts of one item stand; a part that the letter does not have is None.

    `unread` holds passages between the parts that belong to none.
    """

    heading: Span
    decision: Decision
    decided: Span
    claims_administrator: Span | None = None
    reviewer: Span | None = None
    rationale: Span | None = None
    unread: tuple[Span, ...] = field(default=())


# ": Upheld" at the end of a line, and what may stand between it and the next label.
_DECISION = re.compile(r":\s{0,4}(?P<word>Upheld|Overturned|UPHELD|OVERTURNED)\b[ \t]*\.?[ \t]*(?=[\n\f]|\Z)")

# A line that ends a sentence: a rationale's last line. A closing bracket or quotation mark may follow.
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*\s*$")
_LAST_VERDICT = re.compile(
    r"\b(?:medically\s+)?(?:necessary|appropriate|supported|warranted|indicated|necessity|established|certified)\s*$",
    re.IGNORECASE,
)
_SENTENCE_AT_LINE_END = re.compile(r"[.!?][\"”’')\]]*[ \t]*[\n\f]")
_LONG_REQUEST = 2_500  # characters that the sentences of a partial certification may take


def find_items(text: str, parts: Sections, layout: Layout) -> Iterator[ItemPlace]:
    """Yield where the items stand, in order.

    They stand in the part "items"; where its heading is missing (fragments), anywhere in the letter. The
    introductory sentence belongs to no item.
    """
    part = parts.get("items", Span(0, len(text)))
    introduction = layout.labels["introduction"].search(text, part.start, part.end)
    start = introduction.end() if introduction else part.start
    decisions = _decisions(text, start, part.end, layout)
    width = _line_width(text, part)
    headings: list[Span] = []
    previous = start
    for match in decisions:
        headings.append(_heading(text, previous, match.start(), width))
        previous = match.end()
    for match, heading, behind in zip_longest(decisions, headings, headings[1:]):
        yield _place(text, match, heading, behind.start if behind else part.end, layout)


def _decisions(text: str, start: int, end: int, layout: Layout) -> list[re.Match[str]]:
    """The decision words that are followed by an item's label or by the end of the letter."""
    label = layout.labels["claims_administrator"]
    reviewer = layout.labels["reviewer"]
    found = []
    for match in _DECISION.finditer(text, start, end):
        behind = _skip_space(text, match.end(), end)
        if behind == end or label.match(text, behind, end) or reviewer.match(text, behind, end):
            found.append(match)
    return found


def _skip_space(text: str, position: int, end: int) -> int:
    while position < end and text[position].isspace():
        position += 1
    return position


def _place(text: str, match: re.Match[str], heading: Span, end: int, layout: Layout) -> ItemPlace:
    """Cut an item at its labels, each looked for behind the one before and at the start of a line."""
    marks: list[tuple[str, int, int]] = []
    position = match.end()
    for name in ("claims_administrator", "reviewer", "rationale"):
        label = _at_line_start(layout.labels[name]).search(text, position, end)
        if label:
            marks.append((name, label.start("label"), label.end("label")))
            position = label.end("label")
    parts: dict[str, Span] = {}
    stops = [start for _, start, _ in marks[1:]] + [end]
    for (name, _, body), stop in zip(marks, stops, strict=True):
        parts[name] = trim(text, body, stop)
    first = marks[0][1] if marks else end
    stray = trim(text, match.end(), first)
    return ItemPlace(
        heading=heading,
        decision="upheld" if match["word"].lower() == "upheld" else "overturned",
        decided=Span(*match.span("word")),
        claims_administrator=parts.get("claims_administrator"),
        reviewer=parts.get("reviewer"),
        rationale=parts.get("rationale"),
        unread=(stray,) if stray.end > stray.start else (),
    )


@cache
def _at_line_start(label: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<=[\n\f]))[ \t\f]*(?P<label>{label.pattern})", re.MULTILINE)


def _heading(text: str, floor: int, end: int, width: int) -> Span:
    """Walk back from a decision word to where its heading starts.

    `floor` is the end of the decision before (or of the introduction): no heading reaches over it.
    """
    request = _last_original_request(text, floor, end)
    start = _line_start(text, request.start() if request else end, floor)
    while start > floor:
        above = _line_above(text, start, floor)
        if above is None or _ends_paragraph(text, above, start, width):
            break
        start = above.start
    return trim(text, start, end)


def _last_original_request(text: str, floor: int, end: int) -> re.Match[str] | None:
    """A partial certification's heading has sentences of its own; it starts before "was the original request".

    A rationale may repeat them; there, a sentence ends between the disputed part and the decision word.
    """
    matches = list(ORIGINAL_REQUEST.finditer(text, max(floor, end - _LONG_REQUEST), end))
    if not matches:
        return None
    remaining = list(REMAINING.finditer(text, matches[-1].end(), end))
    if not remaining or _SENTENCE_AT_LINE_END.search(text, remaining[-1].end(), end):
        return None
    return matches[-1]


def _line_start(text: str, position: int, floor: int) -> int:
    while position > floor and text[position - 1] not in "\n\f":
        position -= 1
    return position


def _line_above(text: str, start: int, floor: int) -> Span | None:
    """The line above the one that starts at `start`: None behind a blank line, but a page break is stepped over."""
    end = start
    breaks = pages = 0
    while end > floor and text[end - 1].isspace():
        breaks += text[end - 1] == "\n"
        pages += text[end - 1] == "\f"
        end -= 1
    if end <= floor or (breaks > 1 and not pages and breaks < 3):
        return None
    return Span(_line_start(text, end, floor), end)


def _ends_paragraph(text: str, above: Span, start: int, width: int) -> bool:
    """Tell whether the line above closes what stands before the heading."""
    line = text[above.start : above.end]
    if _SENTENCE_END.search(line):
        return True
    first_word = text[start : start + width].split(None, 1)
    room = width - len(line) - 1
    fits = bool(first_word) and len(first_word[0]) <= room - _SLACK
    return fits or bool(_LAST_VERDICT.search(line))


# Proportional type: a line of narrow letters holds more of them, so a line counts as short only well below the width.
_SLACK = 14


def _line_width(text: str, part: Span) -> int:
    """The characters that a full line of this part holds: the length that one line in ten exceeds."""
    lengths = sorted(len(line) for line in text[part.start : part.end].splitlines() if line.strip())
    return lengths[len(lengths) * 9 // 10] if lengths else 0
