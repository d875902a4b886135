"""Full-text search over what letters say: headings, rationales, clinical summaries and citations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final

from imr_graph.analysis.dimensions.filters import Filters, FilterValues, resolve_filters
from imr_graph.analysis.search.compiled_search import CompiledSearch, compile_search, relax
from imr_graph.analysis.search.query_syntax import parse_query
from imr_graph.analysis.search.results import RANKED, AllHits, Facet, Hit, SearchPage, Snippet
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.store.follow import open_index
from imr_graph.store.graph_store import StoreSource, as_store
from imr_graph.table.dimensions import INDEXED

__all__ = ["RANKED", "SORTS", "AllHits", "Facet", "Hit", "SearchPage", "Snippet", "open_hits", "search"]

SORTS: Final = ("relevance", "newest", "oldest")
"""How hits can be ordered; without words to look for, relevance is what came last."""

_MOST: Final = 200  # hits on one page


def search(
    store: StoreSource,
    text: str = "",
    filters: FilterValues | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    limit: int = 20,
    offset: int = 0,
    sort: str = "relevance",
    facets: Sequence[str] = (),
    cheap_facets: Sequence[str] = (),
    literal: bool = False,
) -> SearchPage:
    """Return a page of the disputed items whose letter says what is searched for.

    `text` is described in `query_syntax`; `filters` in `resolve_filters`, for the dimensions of `dimensions.INDEXED`;
    `since` and `until` are the first and last day of the decision; `sort` is one of `SORTS`. `facets` are dimensions to
    count by, `cheap_facets` further ones to count by as far as it costs little, the first before the last. With
    `literal`, words are only words; else what names a treatment, region, guideline ... finds the requests for it first,
    and where no item has all words, those with the names and most of the words are found. Raises
    UsageError for a malformed search and UnknownNameError, with near names, for an unknown dimension, value or order.
    """
    if not 1 <= limit <= _MOST or offset < 0:
        raise UsageError(f"A page has 1 to {_MOST} hits and begins at 0 or later: change the limit or the offset.")
    for name in (*facets, *cheap_facets):
        _check_dimension(name)
    with _open_search(store, text, filters, since, until, sort, literal) as (wanted, asked, left_out, base):
        if asked is None:
            return SearchPage(text, wanted, 0, offset, (), dict.fromkeys((*facets, *cheap_facets), ()))
        total = asked.total
        counted = [*facets, *asked.affordable(cheap_facets, total)]
        return SearchPage(
            text,
            wanted,
            total,
            offset,
            asked.hits(total, limit, offset, sort),
            asked.facets(counted, total, base),
            asked.is_complete(sort),
            asked.requests,
            asked.terms,
            left_out,
        )


@contextmanager
def open_hits(
    store: StoreSource,
    text: str = "",
    filters: FilterValues | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    sort: str = "relevance",
    literal: bool = False,
) -> Iterator[AllHits]:
    """Yield all that a search finds, to be read while it is open, whatever its number; for the arguments see `search`.

    Where so many fit that only the last `RANKED` are ranked, the others follow, those that came last first.
    """
    with _open_search(store, text, filters, since, until, sort, literal) as (wanted, asked, left_out, _):
        if asked is None:
            yield AllHits(text, wanted, 0, iter(()))
        else:
            yield AllHits(text, wanted, asked.total, asked.all_hits(sort), asked.terms, left_out)


@contextmanager
def _open_search(
    store: StoreSource,
    text: str,
    filters: FilterValues | None,
    since: str | date | None,
    until: str | date | None,
    sort: str,
    literal: bool,
) -> Iterator[tuple[Filters, CompiledSearch | None, tuple[str, ...], str]]:
    """Yield the filters, the search put to the index (None: nothing fits), words left out, and the base of IRIs."""
    if sort not in SORTS:
        raise UnknownNameError("order of hits", sort, SORTS)
    for name in filters or ():
        _check_dimension(name)
    opened = as_store(store)
    parse_query(text, every="x0")  # what cannot be understood is refused before anything is opened
    wanted = resolve_filters(opened, filters, since=since, until=until)
    with open_index(opened) as index:
        asked = compile_search(index, opened, text, wanted, literal=literal)
        asked, left_out = (asked, ()) if asked is None or literal else relax(asked)
        yield wanted, asked, left_out, opened.base


def _check_dimension(name: str) -> None:
    if name not in INDEXED:
        raise UnknownNameError("dimension of searches", name, INDEXED)
