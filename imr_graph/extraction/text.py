"""Passages of a letter: how words are found in text that breaks lines anywhere, and how values are read from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

from imr_graph.model import Span, Unparsed

__all__ = [
    "Findings",
    "Reading",
    "Spans",
    "alternatives",
    "clean",
    "find_uncovered",
    "first_word",
    "phrase",
    "split_at",
    "starts_line",
    "trim",
]

T = TypeVar("T")
Spans = Mapping[str, Span]

# A hyphen at the end of a line joins the parts of one word; a dash after a space does not.
_LINE_END_HYPHEN = re.compile(r"-(?<=\w-)[ \t]*[\n\f]\s*(?=\w)")
_WORD = re.compile(r"\w")
_FIRST_WORD = re.compile(r"[\W_]{0,9}([^\W_]+)")


class Reading(NamedTuple, Generic[T]):
    """A value, the spans it was read from (by JSON pointer below the value) and what was not understood."""

    value: T
    spans: Spans = MappingProxyType({})
    unparsed: tuple[Unparsed, ...] = ()


@dataclass(slots=True)
class Findings:
    """What has been read so far of a whole: spans and passages that were not understood."""

    spans: dict[str, Span] = field(default_factory=dict)
    unparsed: list[Unparsed] = field(default_factory=list)

    def add(self, reading: Reading[T], pointer: str = "", at: int = 0) -> T:
        """Enter the reading of a part that belongs at `pointer`, and return its value.

        `at` is where the text that the reading counts in begins in the text of the whole.

        >>> findings = Findings()
        >>> findings.add(Reading(48, {"/age": Span(1, 3)}), "/patient", at=10)
        48
        >>> findings.spans
        {'/patient/age': Span(start=11, end=13)}
        """
        for key, span in reading.spans.items():
            self.spans[pointer + key] = Span(span.start + at, span.end + at) if at else span
        for u in reading.unparsed:
            self.unparsed.append(Unparsed(u.start + at, u.end + at, u.text, pointer + u.where))
        return reading.value

    def reading(self, value: T) -> Reading[T]:
        """Return the value of the whole with all that was entered."""
        return Reading(value, self.spans, tuple(self.unparsed))


def phrase(words: str) -> str:
    r"""Return the pattern source of fixed words as letters print them.

    White space may be any, since lines break anywhere; behind a hyphen and before a colon there may be some.

    >>> bool(re.fullmatch(phrase("Non-MTUS Citation:"), "Non-\nMTUS\nCitation :"))
    True
    """
    return r"\s+".join(re.escape(w).replace(r"\-", r"-\s*").replace(":", r"\s*:") for w in words.split())


def alternatives(phrases: Iterable[str]) -> str:
    """Return one pattern source for several phrases, longest first so that the fullest wording wins."""
    return "(?:" + "|".join(phrase(p) for p in sorted(phrases, key=len, reverse=True)) + ")"


def clean(raw: str) -> str:
    r"""Return the value that a passage says: white space collapsed, words joined that a line end had cut.

    >>> clean("electro- \n diagnostic  testing")
    'electro-diagnostic testing'
    """
    if "-" in raw:
        raw = _LINE_END_HYPHEN.sub("-", raw)
    return " ".join(raw.split())


def first_word(text: str, start: int = 0, end: int | None = None) -> str:
    """Return the first run of letters and digits in a place, in lower case; nothing where only marks stand.

    Looking it up tells cheaply where one of many names cannot begin.

    >>> first_word("(Stress-Related Conditions)")
    'stress'
    """
    match = _FIRST_WORD.match(text, start, len(text) if end is None else end)
    return match[1].lower() if match else ""


def trim(text: str, start: int, end: int, drop: str = "") -> Span:
    """Return the span without the white space at its ends, nor the characters of `drop` at its end."""
    while end > start and (text[end - 1].isspace() or text[end - 1] in drop):
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return Span(start, end)


def starts_line(text: str, position: int) -> bool:
    r"""Tell whether nothing but blanks stands before a place in its line (a page begins a line, too).

    >>> starts_line("one\n  two", 6), starts_line("one\n  two", 7)
    (True, False)
    """
    while position and text[position - 1] in " \t":
        position -= 1
    return position == 0 or text[position - 1] in "\n\f"


def split_at(text: str, place: Span, separator: re.Pattern[str]) -> Iterator[Span]:
    """Yield the pieces between separators, trimmed; empty pieces are left out."""
    start = place.start
    for match in separator.finditer(text, place.start, place.end):
        piece = trim(text, start, match.start())
        if piece.end > piece.start:
            yield piece
        start = match.end()
    piece = trim(text, start, place.end)
    if piece.end > piece.start:
        yield piece


def find_uncovered(text: str, place: Span, covered: Iterable[Span]) -> Iterator[Span]:
    """Yield what stands in a place outside the covered spans, as far as it holds letters or digits.

    >>> list(find_uncovered("one, two; three", Span(0, 15), [Span(0, 3), Span(10, 15)]))
    [Span(start=5, end=8)]
    """
    start = place.start
    for span in [*sorted(covered, key=attrgetter("start")), Span(place.end, place.end)]:
        stop = min(span.start, place.end)
        if stop > start and _WORD.search(text, start, stop):
            yield _without_marks(text, start, stop)
        start = max(start, span.end)


def _without_marks(text: str, start: int, end: int) -> Span:
    span = trim(text, start, end, drop=".,;:")
    start = span.start
    while start < span.end and (text[start].isspace() or text[start] in ".,;:"):
        start += 1
    return Span(start, span.end)
