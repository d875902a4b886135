"""What an item's heading says: the treatment in dispute, its prefixes, and the parts of a partial certification.

Two forms of partial certification stand in letters. In form A the claims administrator authorized a smaller amount
of the same treatment ("X was the original request. Y was authorized by the Claims Administrator. The remaining IMR
eligible portion of the original request, Z is:"), in form B another one ("X was the original request. The Claims
Administrator authorized Y, leaving the original request IMR eligible. The original request, Z is:").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imr_graph.extraction.passages import Reading, clean, phrase, trim
from imr_graph.model import Span

__all__ = ["ORIGINAL_REQUEST", "REMAINING", "Heading", "read_heading"]

ORIGINAL_REQUEST = re.compile(r"\b(?:was|were)\s+the\s+original\s+request\b", re.IGNORECASE)

# The claims administrator's part of form A and form B, behind "... was the original request."
_AUTHORIZED_A = re.compile(
    r"\s+(?:was|were)\s+(?:authorized|certified|approved)\s+by\s+the\s+Claims\s+Administrator\b\.?", re.IGNORECASE
)
_AUTHORIZED_B = re.compile(r"\.?\s*The\s+Claims\s+Administrator\s+(?:authorized|certified|approved)\s+", re.IGNORECASE)
_LEAVING = re.compile(r",?\s+leaving\s+the\s+original\s+request\s+IMR\s+eligible\b\.?", re.IGNORECASE)
REMAINING = re.compile(
    r"\s*The\s+(?:remaining\s+)?(?:IMR\s+eligible\s+portion\s+of\s+the\s+)?original\s+request,?\s+", re.IGNORECASE
)
_TRAILING_VERB = re.compile(r"\s+(?:is|are)\s*$", re.IGNORECASE)

# "Retrospective", "Retrospective:", "Retro -"; "Associated surgical service:", "Associated service:"
_RETROSPECTIVE = re.compile(r"\s*(?P<word>retro(?:spective(?:ly)?)?)\b\s*[:\-]?\s*", re.IGNORECASE)
_ADJUNCT = re.compile(r"\s*(?P<word>associated\s+(?:surgical\s+)?services?)\s*[:\-]\s*", re.IGNORECASE)
_RETROSPECTIVE_ANYWHERE = re.compile(r"\bretro(?:spective(?:ly)?)?\b", re.IGNORECASE)
_ADJUNCT_ANYWHERE = re.compile(phrase("associated") + r"\s+(?:surgical\s+)?services?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading taken apart; `disputed` is where the service stands in the letter's text."""

    heading: str
    service: str
    requested: str | None
    authorized: str | None
    retrospective: bool
    surgical_adjunct: bool
    disputed: Span


def read_heading(text: str, span: Span) -> Reading[Heading]:
    """Read a heading from its span in the letter's text.

    >>> read_heading("Retrospective Naproxen 500mg", Span(0, 28)).value.service
    'Naproxen 500mg'
    """
    requested, authorized, service = _parts(text, span)
    service, prefixes = _without_prefixes(text, service)
    places: dict[str, Span] = {"/heading": span, "/service": service}
    if requested:
        places["/requested"] = _without_prefixes(text, requested)[0]
    if authorized:
        places["/authorized"] = _without_prefixes(text, authorized)[0]
    flags = {
        "/retrospective": _RETROSPECTIVE_ANYWHERE.search(text, span.start, span.end),
        "/surgical_adjunct": _ADJUNCT_ANYWHERE.search(text, span.start, span.end),
    }
    places.update({pointer: Span(*match.span()) for pointer, match in flags.items() if match})
    values = {pointer: clean(text[place.start : place.end]) for pointer, place in places.items()}
    return Reading(
        Heading(
            heading=values["/heading"],
            service=values["/service"],
            requested=values.get("/requested"),
            authorized=values.get("/authorized"),
            retrospective="/retrospective" in places,
            surgical_adjunct="/surgical_adjunct" in places,
            disputed=service,
        ),
        places,
    )


def _parts(text: str, span: Span) -> tuple[Span | None, Span | None, Span]:
    """Return requested, authorized and disputed part; without a partial certification the heading is all in dispute."""
    original = ORIGINAL_REQUEST.search(text, span.start, span.end)
    if not original:
        return None, None, span
    requested = trim(text, span.start, original.start())
    rest = original.end()
    other = _AUTHORIZED_B.match(text, rest, span.end)
    if other:
        authorized_start = other.end()
        verb = _LEAVING.search(text, authorized_start, span.end)
    else:
        authorized_start = rest + (text[rest : rest + 1] == ".")
        verb = _AUTHORIZED_A.search(text, authorized_start, span.end)
    if not verb:
        return None, None, span
    remaining = REMAINING.match(text, verb.end(), span.end)
    if not remaining:
        return None, None, span
    tail = _TRAILING_VERB.search(text, remaining.end(), span.end)
    service = trim(text, remaining.end(), tail.start() if tail else span.end)
    return requested, trim(text, authorized_start, verb.start()), service


def _without_prefixes(text: str, span: Span) -> tuple[Span, bool]:
    """Drop leading "Retrospective" and "Associated surgical service:", in any order."""
    start, dropped = span.start, False
    while match := (_RETROSPECTIVE.match(text, start, span.end) or _ADJUNCT.match(text, start, span.end)):
        if match.end() >= span.end:
            break
        start, dropped = match.end(), True
    return trim(text, start, span.end), dropped
