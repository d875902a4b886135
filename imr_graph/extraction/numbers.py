"""Numbers as headings print them: digits or words, never one end of a range."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from imr_graph.model import Span

__all__ = ["NUMBER", "FoundNumber", "find_numbers", "first_number", "parse_number"]

# fmt: off
_NUMBERS = {
    "no": 0, "zero": 0, "one": 1, "once": 1, "two": 2, "twice": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30,
    "forty": 40, "sixty": 60, "ninety": 90,
}
# fmt: on
# A number by itself: no part of a name ("L5"), a strength ("60mg") or a share; "2x4", "2xwk" and "6wks" are printed so.
NUMBER = (
    rf"(?<![a-wy-z0-9.])(?:\d{{1,4}}(?:\.\d{{1,2}})?|\b(?:{'|'.join(_NUMBERS)})\b)"
    r"(?!\d|%|[./]\d|(?!x\s?(?:\d|/|per|w)|w(?:ee)?ks?\b)[a-z])"
)
_NEAR = 20  # characters: a number, blanks and "to"
_RANGE_BEFORE = re.compile(rf"{NUMBER}\s*(?:-|–|/|to|or)\s*\Z", re.IGNORECASE)
_RANGE_BEHIND = re.compile(rf"\s*(?:-|–|to|or)\s*{NUMBER}", re.IGNORECASE)


class FoundNumber(NamedTuple):
    """A number and its place."""

    value: int | float
    span: Span


def first_number(words: str, pattern: re.Pattern[str]) -> FoundNumber | None:
    """Return the first number that `find_numbers` finds, or None."""
    return next(find_numbers(words, pattern), None)


def find_numbers(words: str, pattern: re.Pattern[str]) -> Iterator[FoundNumber]:
    """Yield the numbers that a pattern finds and that are no end of a range.

    The first group that matched is the number.
    """
    for match in pattern.finditer(words):
        group = next(number for number, text in enumerate(match.groups(), 1) if text)
        start, end = match.span(group)
        if not _RANGE_BEFORE.search(words, max(0, start - _NEAR), start) and not _RANGE_BEHIND.match(words, end):
            yield FoundNumber(parse_number(match[group]), Span(start, end))


def parse_number(text: str) -> int | float:
    """Return the number that digits or a word say; "daily" is seven a week.

    >>> parse_number("Twelve"), parse_number("2.5"), parse_number("daily")
    (12, 2.5, 7)
    """
    text = text.lower()
    if text in _NUMBERS:
        return _NUMBERS[text]
    if text == "daily":
        return 7
    value = float(text)
    return int(value) if value.is_integer() else value
