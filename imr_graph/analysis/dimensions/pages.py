"""Pages of guidelines as people name them: "page 24", "p. 80 chronic pain", "Low Back Complaints 2004, page 304"."""

from __future__ import annotations

from typing import NamedTuple

from imr_graph import vocabulary
from imr_graph.vocabulary import split

__all__ = ["NamedPages", "find_pages"]


class NamedPages(NamedTuple):
    """Pages that a text names, `text[start:end]`: the ids of the guidelines that may be meant, and the numbers.

    `named` says that the text names a guideline; else all guidelines are given.
    """

    start: int
    end: int
    guidelines: tuple[str, ...]
    numbers: tuple[int, ...]
    named: bool

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the pages that may be meant."""
        return tuple(f"{guideline}-{number}" for guideline in self.guidelines for number in self.numbers)


def find_pages(text: str) -> NamedPages | None:
    """Return the pages that a text names, those of the guidelines named beside them, or of any where none is.

    >>> find_pages("chronic pain guidelines 2009, p. 80").ids
    ('mtus-chronic-pain-2009-80',)
    >>> find_pages("Norco 10/325 #80") is None
    True
    """
    from imr_graph.extraction.citations.citation import PAGES, expand  # here, as few names have a page

    found = next(PAGES.finditer(text), None)
    numbers = tuple(number for number, _ in expand(text, *found.span("numbers"))) if found else ()
    if found is None or not numbers:
        return None
    known = vocabulary.load().guidelines
    named = known.matcher.find(text)
    # "Chronic pain" names all guidelines with these words: whoever gives a page does not think of editions.
    words = [frozenset(split(text[match.start : match.end]).words) for match in named]
    exact = {guideline.id for match in named for guideline in match.values}
    meant = (
        each.id
        for each in known
        if not named or each.id in exact or any(every <= set(split(each.label).words) for every in words)
    )
    start, end = min([found.start(), *(m.start for m in named)]), max([found.end(), *(m.end for m in named)])
    return NamedPages(start, end, tuple(meant), numbers, bool(named))
