"""Page numbers of citations: "Page(s): 304-305", "pages 72-73", "pg. 607", or bare numbers where pages stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_graph.model import Span

__all__ = ["BARE_PAGES", "PAGES", "Pages", "expand"]

Pages = list[tuple[int, Span]]

_NUMBERS = r"\d{1,4}(?:\s*(?:-|–|—|to|through|,|;|and|&)\s*\d{1,4}(?![\w.]*\d))*(?![\w/])"

# A word for pages, then numbers, ranges and lists of them.
PAGES = re.compile(
    rf"\b(?:Page\(s\)|Pages?|pgs?|pp?\.)(?=\W|\d)\.?\s*(?:\(s\))?[:#]?\s*(?P<numbers>{_NUMBERS})", re.IGNORECASE
)
# Nothing but numbers in a slot for sections: the letter means pages ("Section(s): 326").
BARE_PAGES = re.compile(rf"\s*(?P<numbers>{_NUMBERS})\s*\Z")

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
