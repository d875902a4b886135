"""What an item's heading says: the treatment in dispute, its prefixes, and the parts of a partial certification.

Two forms of partial certification stand in letters. In form A the claims administrator authorized a smaller amount
of the same treatment ("X was the original request. Y was authorized by the Claims Administrator. The remaining IMR
eligible portion of the original request, Z is:"), in form B another one ("X was the original request. The Claims
Administrator authorized Y, leaving the original request IMR eligible. The original request, Z is:").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from imr_graph.extraction.fixed_words import FixedWords
from imr_graph.extraction.plain_text import PlainText
from imr_graph.extraction.text import Reading, clean, trim
from imr_graph.model import Span

__all__ = ["ORIGINAL_REQUEST", "REMAINING", "ItemHeading", "read_heading"]

ORIGINAL_REQUEST = re.compile(r"\b(?:was|were)\s+the\s+original\s+request\b", re.IGNORECASE)

# The claims administrator's part of form A and form B, behind "... was the original request."
_AUTHORIZED_A = re.compile(
    r"\b(?:was|were)\s+(?:authorized|certified|approved)\s+by\s+the\s+Claims\s+Administrator\b\.?", re.IGNORECASE
)
_AUTHORIZED_B = re.compile(r"\.?\s*The\s+Claims\s+Administrator\s+(?:authorized|certified|approved)\s+", re.IGNORECASE)
_LEAVING = re.compile(r"\bleaving\s+the\s+original\s+request\s+IMR\s+eligible\b\.?", re.IGNORECASE)
REMAINING = re.compile(
    r"\bThe\s+(?:remaining\s+)?(?:IMR\s+eligible\s+portion\s+of\s+the\s+)?original\s+request,?\s+", re.IGNORECASE
)
_TRAILING_VERB = re.compile(r"(?<=\s)(?:is|are)\s*\Z", re.IGNORECASE)

# "Retrospective", "Retrospective:", "Retro -"; "Associated surgical service:", "Associated service:"
_RETROSPECTIVE = re.compile(r"\bretro(?:spective(?:ly)?)?\b", re.IGNORECASE)
_ADJUNCT = re.compile(r"\bassociated\s+(?:surgical\s+)?services?\b", re.IGNORECASE)
_PREFIX = re.compile(
    r"\s*(?:retro(?:spective(?:ly)?)?\b\s*[:\-]?|associated\s+(?:surgical\s+)?services?\s*[:\-])\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ItemHeading:
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
    remaining = REMAINING.match(words, trim(words, verb.end(), len(words)).start) if verb else None
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
