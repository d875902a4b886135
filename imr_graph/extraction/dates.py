"""Dates as letters write them: 11/09/2016, 9/6/2013, 11-14-16, October 30, 1999."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from imr_graph.model import Span

__all__ = ["DATE", "find_dates", "parse_date"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# Month, day and year with slashes or hyphens, the year of two or four digits; or a month's name, day, year. A digit
# that a blank parts from the rest ("1 1/09/2016", "11/09/20 16") may be the date's own: then nothing is read.
DATE = (
    r"(?<![\d/-])(?<!(?<![\d/-])\d[ ])(?:\d{1,2}(?P<sep>[/-])\d{1,2}(?P=sep)"
    r"(?:\d{4}(?![\d/-])|(?!(?:19|20)[ ]\d{1,2}(?![\d/-]))\d{2}(?![\w/-]))"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}(?!\d))"
)
_DATE = re.compile(DATE)
_NUMBERS = re.compile(r"\d+")

# Two-digit years: letters are of 2013 and later, injuries reach back some fifty years.
_PIVOT = 40


def parse_date(words: str) -> date | None:
    """Return the date that the words give, or None where no calendar has it.

    >>> parse_date("11-14-16"), parse_date("October 30, 1999"), parse_date("2/30/2016")
    (datetime.date(2016, 11, 14), datetime.date(1999, 10, 30), None)
    """
    numbers = [int(n) for n in _NUMBERS.findall(words)]
    if len(numbers) == 2 and words[:3].lower() in _MONTHS:
        numbers = [_MONTHS.index(words[:3].lower()) + 1, *numbers]
    if len(numbers) != 3:
        return None
    month, day, year = numbers
    if year < 100:
        year += 2000 if year < _PIVOT else 1900
    try:
        return date(year, month, day)
    except ValueError:
        return None


def find_dates(text: str, start: int, end: int) -> Iterator[tuple[date, Span]]:
    """Yield the dates between two places of a text with their spans."""
    for match in _DATE.finditer(text, start, end):
        value = parse_date(match[0])
        if value:
            yield value, Span(*match.span())
