"""A search as its address says it, the addresses beside it, and what its words were taken for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final, NamedTuple

from starlette.datastructures import QueryParams

from imr_graph.analysis.dimensions.values import Value, make_value
from imr_graph.analysis.search.meaning import SearchTerm, filters_of
from imr_graph.analysis.search.results import SearchPage
from imr_graph.analysis.search.search import search
from imr_graph.analysis.search.suggestions import KnownNames, read_names, suggest
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates
from imr_graph.errors import UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS, INDEXED
from imr_graph.vocabulary import normalise
from imr_graph.website import urls
from imr_graph.website.forms import read_values, read_whole_number, read_words

__all__ = [
    "FACETS",
    "LITERAL",
    "OTHERS",
    "NamedPage",
    "SearchRequest",
    "Understanding",
    "explain_search",
    "known_names",
    "link_statistics",
    "names_code",
    "preload_search",
    "read_search",
    "suggest_pages",
]

FACETS: Final = tuple(name for name, of in INDEXED.items() if of.facet is not None)
"""The dimensions that a page of hits is counted by, in the order in which they are shown."""

OTHERS: Final = tuple(name for name in INDEXED if name not in FACETS)
"""The other dimensions, which are counted where they are asked for."""

LITERAL: Final = "words"
"""The parameter that says `only`: words are looked for as words."""

_LONGEST: Final = 1000  # characters of a search
_MOST_FILTERS: Final = 40
_MOST_LINKED: Final = 12  # filters of an address that a page leads to
_MOST_OFFSET: Final = 999_999_999
_SHORTEST_BEGINNING: Final = 4  # letters
_MOST_PAGES: Final = 6
_SHARES: Final = re.compile(
    r"\b(?:how (?:often|many)|rates?|percent(?:ages?)?|shares?|statistics|odds|chances?)\b", re.I
)
# As ICD-10 ("M54.5") and CPT ("72148") write codes.
_CODE: Final = re.compile(r"[A-TV-Z]\d\d\.\w{1,4}|\d{5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as its address says it.

    `filters` are the values asked for by dimension, as they were written; `counted` are the facets that are open. With
    `literal`, words are looked for as words, whatever they name.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    sort: str = "relevance"
    offset: int = 0
    counted: tuple[str, ...] = ()
    literal: bool = False

    @property
    def address(self) -> str:
        """The address of the search, the same for equal searches."""
        pairs = [("q", self.text)] if self.text else []
        pairs += self.fixed
        pairs += [("offset", str(self.offset))] if self.offset else []
        pairs += [("count", name) for name in self.counted]
        return urls.with_query(urls.SEARCH, pairs)

    @property
    def arguments(self) -> dict[str, Any]:
        """What is found, as arguments of `search` and `open_hits`."""
        dates = {"since": self.since or None, "until": self.until or None}
        return {"text": self.text, "filters": self.filters, **dates, "literal": self.literal}

    @property
    def fixed(self) -> list[tuple[str, str]]:
        """What stays the same when other words are searched for, as pairs of an address."""
        pairs = [(name, value) for name in INDEXED for value in self.filters.get(name, ())]
        pairs += [(name, value) for name, value in (("since", self.since), ("until", self.until)) if value]
        pairs += [("sort", self.sort)] if self.sort != "relevance" else []
        return pairs + ([(LITERAL, "only")] if self.literal else [])

    def is_set(self, name: str, value: str) -> bool:
        """Return whether a value is filtered by."""
        return value in self.filters.get(name, ())

    def with_value(self, name: str, value: str) -> SearchRequest:
        """Return the search with one filter more, from its first page."""
        return replace(self, filters={**self.filters, name: (*self.filters.get(name, ()), value)}, offset=0)

    def without_value(self, name: str, value: str) -> SearchRequest:
        """Return the search with one filter less, from its first page."""
        left = tuple(each for each in self.filters.get(name, ()) if each != value)
        return replace(self, filters={**self.filters, name: left}, offset=0)

    def with_replacement(self, before: str, after: str) -> SearchRequest:
        """Return the search with another name or value in the place of one, in its filters and in its text."""
        filters = {name: tuple(after if v == before else v for v in values) for name, values in self.filters.items()}
        name = re.escape(before)
        text = re.sub(rf"(?<!\S){name}(?=:)", lambda _: after, self.text, flags=re.IGNORECASE)
        text = re.sub(rf'(?<=:)(?:"{name}"|{name}(?!\S))', lambda _: f'"{after}"', text)
        return replace(self, text=text, filters=filters, offset=0)

    def toggle_facet(self, name: str) -> SearchRequest:
        """Return the search with a facet opened, or closed where it was open."""
        others = tuple(each for each in self.counted if each != name)
        return replace(self, counted=others if name in self.counted else (*others, name))

    def at_offset(self, offset: int) -> SearchRequest:
        """Return another page of the search."""
        return replace(self, offset=max(offset, 0))


def read_search(parameters: QueryParams) -> SearchRequest:
    """Return the search that an address asks for; other parameters are passed over.

    Raises UsageError for a search that is too long, or a place that is no number.
    """
    filters = {name: values for name in INDEXED if (values := read_values(parameters, name))}
    if sum(len(values) for values in filters.values()) > _MOST_FILTERS:
        raise UsageError(f"The search has more than {_MOST_FILTERS} filters: take some away.")
    return SearchRequest(
        read_words(parameters, "q", _LONGEST, "leave words out"),
        filters,
        parameters.get("since", "").strip(),
        parameters.get("until", "").strip(),
        parameters.get("sort", "") or "relevance",
        read_whole_number(parameters, "offset", 0, 0, _MOST_OFFSET, "The place at which the page begins"),
        tuple(dict.fromkeys(name for name in parameters.getlist("count") if name in INDEXED)),
        parameters.get(LITERAL) == "only",
    )


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
    """Return what the words of a search were taken for; None where they name nothing and none was left out."""
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
        urls.search("", *pairs) if 0 < len(pairs) <= _MOST_LINKED else "",
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
    """Return the names that are suggested, read once for a generation."""
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
    """Read what the first search and the first suggestions would wait for."""
    suggest(known_names(snapshot), "mr")
    search(snapshot.store, "mri", limit=1)


def _pages(snapshot: StoreSnapshot, facts: Iterable[tuple[str, str]]) -> Iterator[NamedPage]:
    for dimension, id in dict.fromkeys(facts):
        if DIMENSIONS[dimension].kind:
            yield NamedPage(dimension, make_value(DIMENSIONS[dimension], id, snapshot.store.base))
