"""Where an item's heading starts.

Its end is plain, the decision word; its start cannot be seen from there. It is found by walking back line by line: to
a blank line, to a line that ends a sentence, or to a line so short that the paragraph must have ended there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imr_graph.extraction.item_heading import ORIGINAL_REQUEST, REMAINING
from imr_graph.extraction.text import trim
from imr_graph.model import Span

__all__ = ["Lines", "find_heading", "measure"]

# A line that ends a sentence: a rationale's last line. A closing bracket or quotation mark may follow.
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*\Z")
# ... but not behind these words.
_ABBREVIATION = re.compile(r"\b(?:Dr|vs|approx|incl|qty|e\.g|i\.e)\.\Z", re.IGNORECASE)
# A rationale's last words, also without the full stop.
_LAST_VERDICT = re.compile(
    r"\b(?:necessary|appropriate|supported|warranted|indicated|necessity|established|certified)\b[.!\"”)]*\Z",
    re.IGNORECASE,
)
_SENTENCE_AT_LINE_END = re.compile(r"[.!?][\"”’')\]]*[ \t]*[\n\f]")
_LONG_REQUEST = 2_500  # characters that the sentences of a partial certification may take
_LINES_OF_HEADING = 5  # a paragraph of more lines is no heading, but for a partial certification
_MOST_LINES = 30

# Proportional type: a line of narrow letters holds more of them, so a line counts as short only well below the width.
_SLACK = 14


@dataclass(frozen=True, slots=True)
class Lines:
    """How an extractor set the lines of a part.

    `width` is the number of characters that a full line holds (the length that one line in ten exceeds); `spaced`
    tells whether blank lines part paragraphs.
    """

    width: int
    spaced: bool


def measure(text: str, part: Span, spaced: bool) -> Lines:
    """Return how the lines of a part are set."""
    lengths = sorted(length for length in map(len, text[part.start : part.end].split("\n")) if length > 1)
    return Lines(lengths[len(lengths) * 9 // 10] if lengths else 0, spaced)


def find_heading(text: str, floor: int, end: int, lines: Lines) -> Span:
    """Return where the heading stands that ends at `end`.

    `floor` is the end of the decision before (or of the introduction): no heading reaches over it.
    """
    request = _original_request(text, floor, end)
    bottom = _line_start(text, request.start() if request else end, floor)
    start, count = bottom, 1
    spaced = lines.spaced
    while start > floor and count < _MOST_LINES:
        above, page_break = _line_above(text, start, floor)
        if above is None:
            break
        if spaced and not page_break and count >= _LINES_OF_HEADING:
            spaced, start, count = False, bottom, 1  # too long for a heading: its paragraph is not set apart
            continue
        if _ends_paragraph(text, above, start, lines.width, set_apart=spaced and not page_break):
            break
        start, count = above.start, count + 1
    return trim(text, start, end)


def _original_request(text: str, floor: int, end: int) -> re.Match[str] | None:
    """Find "was the original request": a partial certification's heading has sentences of its own and starts before it.

    A rationale may repeat them; there, a sentence ends between the disputed part and the decision word.
    """
    floor = max(floor, end - _LONG_REQUEST)
    if text.find("riginal", floor, end) < 0 and text.find("RIGINAL", floor, end) < 0:  # most headings, much faster
        return None
    requests = list(ORIGINAL_REQUEST.finditer(text, floor, end))
    remaining = list(REMAINING.finditer(text, requests[-1].end(), end)) if requests else []
    if not remaining or _SENTENCE_AT_LINE_END.search(text, remaining[-1].end(), end):
        return None
    return requests[-1]


def _line_start(text: str, position: int, floor: int) -> int:
    start = max(floor, text.rfind("\n", floor, position) + 1)
    return max(start, text.rfind("\f", start, position) + 1)


def _line_above(text: str, start: int, floor: int) -> tuple[Span | None, bool]:
    """Return the line above the one that starts at `start`, and whether a page ends between them.

    There is none behind a blank line; but two blank lines or a form feed are the end of a page, and stepped over.
    """
    end = start
    while end > floor and text[end - 1].isspace():
        end -= 1
    gap = text[end:start]
    page_break = "\f" in gap or gap.count("\n") > 2
    if end <= floor or (gap.count("\n") == 2 and not page_break):
        return None, False
    return Span(_line_start(text, end, floor), end), page_break


def _ends_paragraph(text: str, above: Span, start: int, width: int, *, set_apart: bool) -> bool:
    """Tell whether the line above closes what stands before the heading.

    Where paragraphs are set apart by blank lines, a line without one behind it goes on, unless it ends a rationale.
    """
    line = text[above.start : above.end]
    sentence = bool(_SENTENCE_END.search(line)) and not _ABBREVIATION.search(line)
    verdict = bool(_LAST_VERDICT.search(line))
    if set_apart:
        return sentence and verdict
    if sentence or verdict:
        return True
    first_word = text[start : start + width].split(None, 1)
    return bool(first_word) and len(first_word[0]) <= width - len(line) - 1 - _SLACK
