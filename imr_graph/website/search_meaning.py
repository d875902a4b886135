"""What a page of hits says of its search: what the words were taken for, and how such requests were decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.dimensions.values import make_value
from imr_graph.analysis.search.results import SearchPage
from imr_graph.analysis.search.suggestions import Suggestion, suggest_values
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import urls
from imr_graph.website.search_request import SearchRequest
from imr_graph.website.views import Words

__all__ = ["Understanding", "explain_search", "suggest_pages"]

_SHORTEST_BEGINNING: Final = 4  # letters


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the words of a search were taken for: each with what it names, and the pages of that.

    `left_out` are words that nothing has together with the others. `words_only` is the address of the search for words
    as words. `figures` are those of the requests for all that is named (None where none was decided), `filter` finds
    these alone, and `precedents` is the address of decisions on such requests. `requests` counts the hits among them.
    """

    terms: tuple[Words, ...]
    pages: tuple[Suggestion, ...]
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
    named = [(dimension, make_value(DIMENSIONS[dimension], id, snapshot.store.base))
             for term in page.terms if len(term.values) == 1 for dimension, id in term.values[0]
             if DIMENSIONS[dimension].kind]  # fmt: skip
    return Understanding(
        tuple((term.written, term.label) for term in page.terms),
        tuple(Suggestion(dimension, value) for dimension, value in dict.fromkeys(named)),
        page.left_out,
        replace(asked, literal=True, offset=0).address,
        figures[0] if figures else None,
        urls.search("", *((dimension, id or "") for dimension, (id, *_) in filters.values)) if filters.values else "",
        urls.precedents(page.text) if any(term.values[0][0][0] == "treatment" for term in page.terms) else "",
        page.requests,
    )


def suggest_pages(
    snapshot: StoreSnapshot, asked: SearchRequest, understood: Understanding | None
) -> tuple[Suggestion, ...]:
    """Return the pages that a search leads to: of what it names, or of what a single word may be the beginning of."""
    if asked.offset:
        return ()
    if understood and understood.pages:
        return understood.pages
    single = len(asked.text) >= _SHORTEST_BEGINNING and " " not in asked.text
    return suggest_values(snapshot.store, asked.text) if single else ()
