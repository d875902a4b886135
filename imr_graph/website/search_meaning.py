"""What a page of hits says of its search: what the words were taken for, and how such requests were decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, NamedTuple

from imr_graph.analysis.dimensions.values import Value, make_value
from imr_graph.analysis.search.meaning import SearchTerm, filters_of
from imr_graph.analysis.search.results import SearchPage
from imr_graph.analysis.search.search import search
from imr_graph.analysis.search.suggestions import KnownNames, read_names, suggest
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.vocabulary import normalise
from imr_graph.website import urls
from imr_graph.website.search_request import SearchRequest

__all__ = [
    "NamedPage",
    "Understanding",
    "explain_search",
    "known_names",
    "link_statistics",
    "names_code",
    "preload_search",
    "suggest_pages",
]

_SHORTEST_BEGINNING: Final = 4  # letters
_MOST_PAGES: Final = 6
_MOST_FILTERS: Final = 12  # of an address
_SHARES: Final = re.compile(
    r"\b(?:how (?:often|many)|rates?|percent(?:ages?)?|shares?|statistics|odds|chances?)\b", re.I
)
# As ICD-10 ("M54.5") and CPT ("72148") write codes.
_CODE: Final = re.compile(r"[A-TV-Z]\d\d\.\w{1,4}|\d{5}", re.ASCII)


class NamedPage(NamedTuple):
    """The page of a value, and the dimension that it is a value of."""

    dimension: str
    value: Value


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the words of a search were taken for: each with what it names, and the pages of that.

    `left_out` are words that nothing has together with the others. `words_only` is the address of the search for words
    as words. `figures` are those of the requests for all that is named (None where none was decided), `filter` finds
    these alone, and `precedents` is the address of decisions on such requests. `requests` counts the hits among them.
    """

    terms: tuple[SearchTerm, ...]
    pages: tuple[NamedPage, ...]
    left_out: tuple[str, ...]
    words_only: str
    figures: RateGroup | None
    filter: str
    precedents: str
    requests: int

    @property
    def asks(self) -> bool:
        """Whether what is named is a treatment or a kind of treatment: what disputed items request."""
        return any(term.dimension in ("treatment", "category") for term in self.terms)


def explain_search(snapshot: StoreSnapshot, asked: SearchRequest, page: SearchPage) -> Understanding | None:
    """Return what the words of a search were taken for; None where they name nothing and none was left out.

    Runs in a thread.
    """
    if not page.terms and not page.left_out:
        return None
    filters = filters_of(page.terms)
    figures = overturn_rates(snapshot.table, filters=filters).groups if filters.values else ()
    every = filters_of(page.terms, leave_out=()).values
    pairs = [(dimension, id or "") for dimension, ids in every for id in ids]
    named = (facts for term in page.terms if len(term.values) == 1 for facts in term.values[0])
    return Understanding(
        page.terms,
        tuple(_pages(snapshot, named)),
        page.left_out,
        replace(asked, literal=True, offset=0).address,
        figures[0] if figures else None,
        urls.search("", *pairs) if 0 < len(pairs) <= _MOST_FILTERS else "",
        urls.precedents(page.text) if any(term.dimension == "treatment" for term in page.terms) else "",
        page.requests,
    )


def suggest_pages(
    snapshot: StoreSnapshot, asked: SearchRequest, understood: Understanding | None
) -> tuple[NamedPage, ...]:
    """Return the pages that a search leads to: of what it names, or of what a single word may be the beginning of."""
    if asked.offset:
        return ()
    if understood and understood.terms:
        return understood.pages
    word = normalise(asked.text)
    single = len(word) >= _SHORTEST_BEGINNING and " " not in asked.text
    # Another name of a concept may be a part of it alone: who asks for CPAP does not mean all studies of sleep.
    names = [name for name in known_names(snapshot).find(word) if not name.label] if single else []
    found = (name.facts[0] for name in names if len(name.facts) == 1)
    return tuple(islice(_pages(snapshot, found), _MOST_PAGES))


def known_names(snapshot: StoreSnapshot) -> KnownNames:
    """Return the names that are suggested, read once for a generation; runs in a thread."""
    return snapshot.once("suggested names", lambda: read_names(snapshot.store))


def link_statistics(asked: SearchRequest, page: SearchPage) -> str:
    """Return the address of the statistics that a search asks for in its words; empty where it asks for none."""
    if not _SHARES.search(asked.text):
        return ""
    single = {dimension: ids[0] or "" for dimension, ids in filters_of(page.terms).values if len(ids) == 1}
    return urls.statistics(by="year", **single)


def names_code(text: str) -> bool:
    """Return whether a search is for a code of a diagnosis or procedure."""
    return any(_CODE.fullmatch(word) for word in text.upper().split())


def preload_search(snapshot: StoreSnapshot) -> None:
    """Read what the first search and the first suggestions would wait for; runs in a thread."""
    suggest(known_names(snapshot), "mr")
    search(snapshot.store, "mri", limit=1)


def _pages(snapshot: StoreSnapshot, facts: Iterable[tuple[str, str]]) -> Iterator[NamedPage]:
    for dimension, id in dict.fromkeys(facts):
        if DIMENSIONS[dimension].kind:
            yield NamedPage(dimension, make_value(DIMENSIONS[dimension], id, snapshot.store.base))
