"""An item's heading: what it says, the parts of a partial certification, and where it starts.

Two forms of partial certification stand in letters. In form A the claims administrator authorized a smaller amount
of the same treatment ("X was the original request. Y was authorized by the Claims Administrator. The remaining IMR
eligible portion of the original request, Z is:"), in form B another one ("X was the original request. The Claims
Administrator authorized Y, leaving the original request IMR eligible. The original request, Z is:").

A heading's end is plain, the decision word; its start cannot be seen from there. It is found by walking back line by
line: to a blank line, to a line that ends a sentence, or to a line so short that the paragraph must have ended there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from imr_graph.extraction.fixed_words import FixedWords
from imr_graph.extraction.plain_text import PlainText
from imr_graph.extraction.text import Reading, clean, trim
from imr_graph.model import Span

__all__ = ["ORIGINAL_REQUEST", "ItemHeading", "Lines", "find_heading", "measure", "read_heading"]

ORIGINAL_REQUEST = re.compile(r"\b(?:was|were)\s+the\s+original\s+request\b", re.IGNORECASE)

# The claims administrator's part of form A and form B, behind "... was the original request."
_AUTHORIZED_A = re.compile(
    r"\b(?:was|were)\s+(?:authorized|certified|approved)\s+by\s+the\s+Claims\s+Administrator\b\.?", re.IGNORECASE
)
_AUTHORIZED_B = re.compile(r"\.?\s*The\s+Claims\s+Administrator\s+(?:authorized|certified|approved)\s+", re.IGNORECASE)
_LEAVING = re.compile(r"\bleaving\s+the\s+original\s+request\s+IMR\s+eligible\b\.?", re.IGNORECASE)
_REMAINING = re.compile(
    r"\bThe\s+(?:remaining\s+)?(?:IMR\s+eligible\s+portion\s+of\s+the\s+)?original\s+request,?\s+", re.IGNORECASE
)
_TRAILING_VERB = re.compile(r"(?<=\s)(?:is|are)\s*\Z", re.IGNORECASE)

# "Retrospective", "Retrospective:", "Retro -"; "Associated surgical service:", "Associated service:"
_RETROSPECTIVE = re.compile(r"\bretro(?:spective(?:ly)?)?\b", re.IGNORECASE)
_ADJUNCT = re.compile(r"\bassociated\s+(?:surgical\s+)?services?\b", re.IGNORECASE)
_PREFIX = re.compile(
    r"\s*(?:retro(?:spective(?:ly)?)?\b\s*[:\-]?|associated\s+(?:surgical\s+)?services?\s*[:\-])\s*", re.IGNORECASE
)

# A line that ends a sentence: a rationale's last line. A closing bracket or quotation mark may follow.
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*\Z")
# ... but not behind these words.
_ABBREVIATION = re.compile(r"\b(?:Dr|vs|approx|incl|qty|e\.g|i\.e)\.\Z", re.IGNORECASE)
_SENTENCE_AT_LINE_END = re.compile(r"[.!?][\"”’')\]]*[ \t]*[\n\f]")
_LONG_REQUEST = 2_500  # characters that the sentences of a partial certification may take
_LINES_OF_HEADING = 5  # a paragraph of more lines is no heading, but for a partial certification
_MOST_LINES = 30  # a bound, so that time stays linear in the letter; from 12 to 60, no letter is read otherwise

# Proportional type: a line of narrow letters holds more of them, so a line counts as short only so many characters
# below the width. Of 99 real letters 9 reads one wrong and 4 five; from 14 to 30 all are right. A greater one takes the
# last line of a rationale without a full stop for one of the heading.
_SLACK = 14


class ItemHeading(NamedTuple):
    """A heading taken apart; `disputed` is where the service stands in the heading's words."""

    heading: str
    service: str
    requested: str | None
    authorized: str | None
    retrospective: bool
    surgical_adjunct: bool
    disputed: Span


def read_heading(words: str) -> Reading[ItemHeading]:
    """Read the words of a heading, without the decision word; spans count from its beginning.

    >>> read_heading("Retrospective Naproxen 500mg").value.service
    'Naproxen 500mg'
    """
    requested, authorized, disputed = _parts(words)
    if requested is None and ORIGINAL_REQUEST.search(words):
        requested, authorized, disputed = _damaged_parts(words)
    service = _without_prefixes(words, disputed)
    places = {"/heading": Span(0, len(words)), "/service": service}
    if requested:
        places["/requested"] = _without_prefixes(words, requested)
    if authorized:
        places["/authorized"] = _without_prefixes(words, authorized)
    for pointer, pattern in (("/retrospective", _RETROSPECTIVE), ("/surgical_adjunct", _ADJUNCT)):
        flag = pattern.search(words)
        if flag:
            places[pointer] = Span(*flag.span())

    def value(pointer: str) -> str | None:
        place = places.get(pointer)
        return clean(words[place.start : place.end]) if place else None

    heading = ItemHeading(
        heading=value("/heading") or "",
        service=value("/service") or "",
        requested=value("/requested"),
        authorized=value("/authorized"),
        retrospective="/retrospective" in places,
        surgical_adjunct="/surgical_adjunct" in places,
        disputed=service,
    )
    return Reading(heading, places)


def _parts(words: str) -> tuple[Span | None, Span | None, Span]:
    """Return requested, authorized and disputed part; without a partial certification the heading is all in dispute."""
    whole = Span(0, len(words))
    original = ORIGINAL_REQUEST.search(words)
    if not original:
        return None, None, whole
    other = _AUTHORIZED_B.match(words, original.end())
    start = other.end() if other else original.end() + words.startswith(".", original.end())
    verb = (_LEAVING if other else _AUTHORIZED_A).search(words, start)
    remaining = _REMAINING.match(words, trim(words, verb.end(), len(words)).start) if verb else None
    if not verb or not remaining:
        return None, None, whole
    tail = _TRAILING_VERB.search(words, remaining.end())
    return (
        trim(words, 0, original.start()),
        trim(words, start, verb.start(), drop=","),
        trim(words, remaining.end(), tail.start() if tail else len(words)),
    )


def _damaged_parts(words: str) -> tuple[Span | None, Span | None, Span]:
    """Return the parts of a partial certification in whose own words a letter is wrong."""
    plain = PlainText.of(words).apply_edits(_fixed_words().find_damaged(words, 0, len(words)))
    requested, authorized, disputed = (place and plain.find_printed(place) for place in _parts(plain.text))
    return requested, authorized, disputed or Span(0, len(words))


@cache
def _fixed_words() -> FixedWords:
    return FixedWords.of(
        [
            "was authorized by the Claims Administrator",
            "The Claims Administrator authorized",
            "leaving the original request IMR eligible",
            "The remaining IMR eligible portion of the original request",
            "The original request",
        ]
    )


def _without_prefixes(words: str, span: Span) -> Span:
    """Drop leading "Retrospective" and "Associated surgical service:", in any order; what is left is never nothing."""
    start = span.start
    while (match := _PREFIX.match(words, start, span.end)) and match.end() < span.end:
        start = match.end()
    return trim(words, start, span.end)


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
    remaining = list(_REMAINING.finditer(text, requests[-1].end(), end)) if requests else []
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

    Where paragraphs are set apart by blank lines, a line without one behind it goes on, unless it ends a sentence.
    """
    line = text[above.start : above.end]
    sentence = bool(_SENTENCE_END.search(line)) and not _ABBREVIATION.search(line)
    if sentence or set_apart:
        return sentence
    first_word = text[start : start + width].split(None, 1)
    return bool(first_word) and len(first_word[0]) <= width - len(line) - 1 - _SLACK
