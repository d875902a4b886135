"""What the address of a search says, and the addresses beside it: one filter more or less, the next page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from starlette.datastructures import QueryParams

from imr_graph.errors import UsageError
from imr_graph.table.dimensions import INDEXED
from imr_graph.website import urls
from imr_graph.website.forms import read_values, read_whole_number, read_words

__all__ = ["FACETS", "LITERAL", "OTHERS", "SearchRequest", "read_search"]

FACETS: Final = tuple(name for name, of in INDEXED.items() if of.facet is not None)
"""The dimensions that a page of hits is counted by, in the order in which they are shown."""

OTHERS: Final = tuple(name for name in INDEXED if name not in FACETS)
"""The other dimensions, which are counted where they are asked for."""

LITERAL: Final = "words"
"""The parameter that says `only`: words are looked for as words."""

_LONGEST: Final = 1000  # characters of a search
_MOST_FILTERS: Final = 40
_MOST_OFFSET: Final = 999_999_999


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
