"""What a page of hits says of its search: what the words were taken for, and how such requests were decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final, NamedTuple

from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.dimensions.values import Value, make_value
from imr_graph.analysis.search.results import SearchPage
from imr_graph.analysis.search.search import search
from imr_graph.analysis.search.suggestions import KnownNames, read_names, suggest
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.vocabulary import normalise
from imr_graph.website import urls
from imr_graph.website.search_request import SearchRequest
from imr_graph.website.views import Words

__all__ = ["NamedPage", "Understanding", "explain_search", "known_names", "preload_search", "suggest_pages"]

_SHORTEST_BEGINNING: Final = 4  # letters
_MOST_PAGES: Final = 6


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

    terms: tuple[Words, ...]
    pages: tuple[NamedPage, ...]
    left_out: tuple[str, ...]
    words_only: str
    figures: RateGroup | None
    filter: str
    precedents: str
    requests: int


def explain_search(snapshot: StoreSnapshot, asked: SearchRequest, page: SearchPage) -> Understanding | None:
    """Return what the words of a search were taken for; None where they name nothing and none was left out.

    Runs in a thread.
    """
    if not page.terms and not page.left_out:
        return None
    chosen = tuple(facts for term in page.terms if len(term.values) == 1 and not term.strict for facts in term.values)
    filters = Filters(tuple((dimension, (id,)) for dimension, id in dict.fromkeys(chain.from_iterable(chosen))))
    figures = overturn_rates(snapshot.table, filters=filters).groups if filters.values else ()
    named = (facts for term in page.terms if len(term.values) == 1 for facts in term.values[0])
    return Understanding(
        tuple((term.written, term.label) for term in page.terms),
        tuple(_pages(snapshot, named)),
        page.left_out,
        replace(asked, literal=True, offset=0).address,
        figures[0] if figures else None,
        urls.search("", *((dimension, id or "") for dimension, (id, *_) in filters.values)) if filters.values else "",
        urls.precedents(page.text) if any(term.values[0][0][0] == "treatment" for term in page.terms) else "",
        page.requests,
    )


def suggest_pages(
    snapshot: StoreSnapshot, asked: SearchRequest, understood: Understanding | None
) -> tuple[NamedPage, ...]:
    """Return the pages that a search leads to: of what it names, or of what a single word may be the beginning of."""
    if asked.offset:
        return ()
    if understood and understood.pages:
        return understood.pages
    word = normalise(asked.text)
    single = len(word) >= _SHORTEST_BEGINNING and " " not in asked.text
    found = (name.facts[0] for name in known_names(snapshot).find(word) if len(name.facts) == 1) if single else ()
    return tuple(islice(_pages(snapshot, found), _MOST_PAGES))


def known_names(snapshot: StoreSnapshot) -> KnownNames:
    """Return the names that are suggested, read once for a generation; runs in a thread."""
    return snapshot.once("suggested names", lambda: read_names(snapshot.store))


def preload_search(snapshot: StoreSnapshot) -> None:
    """Read what the first search and the first suggestions would wait for; runs in a thread."""
    suggest(known_names(snapshot), "mr")
    search(snapshot.store, "mri", limit=1)


def _pages(snapshot: StoreSnapshot, facts: Iterable[tuple[str, str]]) -> Iterator[NamedPage]:
    for dimension, id in dict.fromkeys(facts):
        if DIMENSIONS[dimension].kind:
            yield NamedPage(dimension, make_value(DIMENSIONS[dimension], id, snapshot.store.base))
