"""Page numbers of citations: "Page(s): 304-305", "pages 72-73", "pg. 607", or bare numbers where pages stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_graph.model import Span

__all__ = ["BARE_PAGES", "PAGES", "Pages", "expand", "find_pages"]

Pages = list[tuple[int, Span]]

_NUMBERS = r"\d{1,4}(?:\s{0,9}(?:-|–|—|to|through|,|;|and|&)\s{0,9}\d{1,4}(?![\w.]{0,9}\d))*(?![\w/])"

# A word for pages, then numbers, ranges and lists of them; the number of all pages may follow ("page 24 of 127"). The
# whole may stand in brackets.
PAGES = re.compile(
    rf"""
    (?= [(Pp] )
    (?P<bracket> \( \s{{0,3}} )?
    \b (?: Page\s?\(s\) | Pages? | pgs? | pp?\. | pp?(?=\s\d) ) (?= \W | \d ) \.? \s{{0,9}}
    (?: \(s\) )? \s{{0,9}} [:\#]? \s{{0,9}}
    (?P<numbers> {_NUMBERS} ) (?: \s+ of \s+ \d{{1,4}} \b )?
    (?(bracket) \s{{0,3}} \) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Nothing but numbers in a slot for sections: the letter means pages ("Section(s): 326"), unless it is a year.
BARE_PAGES = re.compile(rf"\s*(?!(?:19|20)\d\d\s*\Z)(?P<numbers>{_NUMBERS})\s*\Z")

_RANGE = re.compile(r"(?P<first>\d+)(?:\s*(?:-|–|—|to|through)\s*(?P<last>\d+))?")
_LONGEST_RANGE = 300  # pages; a longer one is a misprint


def expand(text: str, start: int, end: int) -> Iterator[tuple[int, Span]]:
    """Yield the page numbers between two places, ranges expanded, each with the span that names it.

    A shortened end is completed ("304-5" is 304, 305); a range that runs backwards or is absurdly long gives its
    first page only.

    >>> [n for n, _ in expand("67-69, 72", 0, 9)]
    [67, 68, 69, 72]
    """
    for match in _RANGE.finditer(text, start, end):
        first, last = match["first"], match["last"] or match["first"]
        if len(last) < len(first):
            last = first[: len(first) - len(last)] + last
        stop = int(last) if int(first) <= int(last) < int(first) + _LONGEST_RANGE else int(first)
        for number in range(int(first), stop + 1):
            yield number, Span(*match.span())


def find_pages(text: str, place: Span) -> Iterator[tuple[Span, Pages]]:
    """Yield the mentions of pages in a place: where each stands with its word, and the numbers it gives.

    >>> [n for _, pages in find_pages("pg. 607; pages 10-11", Span(0, 20)) for n, _ in pages]
    [607, 10, 11]
    """
    for match in PAGES.finditer(text, place.start, place.end):
        yield Span(*match.span()), list(expand(text, *match.span("numbers")))
