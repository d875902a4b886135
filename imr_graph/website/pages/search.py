"""Search: words, filters and facets over what letters say, as a page, as CSV and as JSON."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, NamedTuple

from starlette.responses import RedirectResponse, Response

from imr_graph.analysis.dimensions.values import Value, find_dimension, make_value, parse_value
from imr_graph.analysis.search.case_numbers import find_cases
from imr_graph.analysis.search.results import RANKED, Facet, Hit, hit_records
from imr_graph.analysis.search.search import open_hits, search
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import FORMATS, RecordFile
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import urls
from imr_graph.website.files import send_records
from imr_graph.website.forms import FormField
from imr_graph.website.rendering import PageHead
from imr_graph.website.search_request import (
    FACETS,
    OTHERS,
    SearchRequest,
    explain_search,
    link_statistics,
    names_code,
    read_search,
    suggest_pages,
)
from imr_graph.website.site import Page, PageRequest, StoreRequest

__all__ = ["send_hits", "show_search"]

_HITS: Final = 20
_SHOWN: Final = 8  # values of a facet that is not opened
_MOST_VALUES: Final = 300  # values of a facet that is
# Dimensions some of whose values no vocabulary knows.
_PRINTED: Final = ("section", "specialty")
_TITLE: Final = 240  # characters
_FIELDS: Final = {"rationale": "Rationale", "summary": "Clinical summary", "citations": "Citations"}
_ORDERS: Final = (
    ("relevance", "best first"),
    ("newest", "newest decision first"),
    ("oldest", "oldest decision first"),
)


class FacetChoice(NamedTuple):
    """One value of a facet: what is shown, and the address with it, or without it where it is set."""

    label: str
    items: int
    address: str
    chosen: bool


class FacetView(NamedTuple):
    """A facet: its values (None where they were not counted), how many more there are, the address that opens it."""

    name: str
    title: str
    choices: Sequence[FacetChoice] | None
    more: int
    opened: bool
    address: str


class HitView(NamedTuple):
    """A hit, with its heading and its snippets in pieces that say whether something was found in each."""

    hit: Hit
    heading: Sequence[tuple[str, bool]]
    snippets: Sequence[tuple[str, Sequence[tuple[str, bool]]]]


def show_search(asked: StoreRequest) -> Page | Response:
    """Show the hits of a search, or lead to them as a file, or to the case whose number was searched for."""
    snapshot, parameters = asked.snapshot, asked.parameters
    wanted = SearchRequest(" ".join(parameters.get("q", "").split())[:200])
    try:
        wanted = read_search(parameters)
        if (format := parameters.get("format", "")) in FORMATS:
            return RedirectResponse(urls.as_file(wanted.at_offset(0).address, format), 308)
        cases = find_cases(snapshot.table, wanted.text)
        if len(cases) == 1:
            return RedirectResponse(urls.case(cases[0]), 303, {"cache-control": "no-cache"})
        found = _find(snapshot, wanted)
    except UsageError as error:
        known = error if isinstance(error, UnknownNameError) else None
        near = [(name, wanted.with_replacement(known.name, name).address) for name in known.near] if known else []
        return _page(wanted, status=400, sentence=str(error), near=near)
    total, first = found["page"].total, wanted.at_offset(0).address
    description = f"{total:,} disputed items found: how they were decided, and where it is said."
    head = PageHead(description, first, urls.as_file(first, "atom"), indexed=False)
    return _page(wanted, **found, cases=cases, first=first, head=head)


async def send_hits(format: str, asked: PageRequest) -> Response:
    """Send all hits of a search as a file, with what is known of each decision."""
    wanted = read_search(asked.parameters)

    @contextmanager
    def open_records(snapshot: StoreSnapshot) -> Iterator[RecordFile]:
        with open_hits(snapshot.store, **wanted.arguments, sort=wanted.sort) as hits:
            yield hit_records(snapshot.table, hits)

    return await send_records(asked, open_records, "determinations", format)


def _page(asked: SearchRequest, **more: Any) -> Page:
    """Return the page of a search: its form, and what it found, or why it cannot be asked and what to ask instead."""
    fields = (
        FormField("since", "Decided from", "date", asked.since),
        FormField("until", "to", "date", asked.until),
        FormField("sort", "Order", "select", asked.sort, choices=_ORDERS),
    )
    title = f"“{asked.text}” – Search" if asked.text else "Search"
    values = {"title": title, "asked": asked, "fields": fields, "page": None, "sentence": None, "near": (), **more}
    return Page("search.html", **values)


def _find(snapshot: StoreSnapshot, asked: SearchRequest) -> dict[str, Any]:
    """Return what a search found, by the names of the template.

    `statistics` is the address of shares that were asked for, `code` says that a code was searched for.
    """
    cheap = [name for name in FACETS if name not in asked.counted]
    page = search(snapshot.store, **asked.arguments, sort=asked.sort, limit=_HITS, offset=asked.offset,
                  facets=asked.counted, cheap_facets=cheap)  # fmt: skip
    after = asked.at_offset(page.next_offset).address if page.next_offset is not None else None
    before = asked.at_offset(asked.offset - _HITS).address if asked.offset else None
    understood = explain_search(snapshot, asked, page)
    return {
        "page": page,
        "hits": [_hit(hit) for hit in page.hits],
        "chips": list(_chips(snapshot, asked)),
        "facets": [_facet(snapshot, name, asked, page.facets.get(name)) for name in (*FACETS, *OTHERS)],
        "suggestions": suggest_pages(snapshot, asked, understood),
        "understood": understood,
        "statistics": link_statistics(asked, page),
        "code": names_code(asked.text),
        "before": before,
        "after": after,
        "ranked": RANKED,
    }


def _chips(snapshot: StoreSnapshot, asked: SearchRequest) -> Iterator[tuple[str, str, str]]:
    """Yield each filter that is set: its title, what it says, and the address without it."""
    for name, values in asked.filters.items():
        of = find_dimension(name)
        for written in values:
            value = make_value(of, parse_value(of, written, snapshot.store), snapshot.store.base)
            yield of.title, _label(snapshot, name, value), asked.without_value(name, written).address
    if asked.since:
        yield "Decided from", asked.since, replace(asked, since="", offset=0).address
    if asked.until:
        yield "Decided to", asked.until, replace(asked, until="", offset=0).address


def _label(snapshot: StoreSnapshot, name: str, value: Value) -> str:
    """Return the name of a value; what only letters know has the name that they print."""
    if name not in _PRINTED or value.id is None:
        return value.label

    def read_labels() -> dict[str | None, str]:
        return {group.values[0].id: group.values[0].label for group in overturn_rates(snapshot.table, name).groups}

    return snapshot.once(("printed", name), read_labels).get(value.id, value.label)


def _facet(snapshot: StoreSnapshot, name: str, asked: SearchRequest, facets: Sequence[Facet] | None) -> FacetView:
    title, wide, address = DIMENSIONS[name].title, name in asked.counted, asked.toggle_facet(name).address
    if facets is None:
        return FacetView(name, title, None, 0, opened=False, address=address)
    if name == "year":
        facets = sorted(facets, key=lambda facet: facet.value.id or "", reverse=True)
    elif len(order := DIMENSIONS[name].choices) > 2:  # ranges of a number, from the least on
        places = {value: place for place, value in enumerate(order)}
        facets = sorted(facets, key=lambda facet: places.get(facet.value.id or "", len(places)))
    most = _MOST_VALUES if wide else _SHOWN
    choices = [_choice(snapshot, name, facet, asked) for facet in facets[:most]]
    return FacetView(name, title, choices, len(facets) - len(choices), wide, address)


def _choice(snapshot: StoreSnapshot, name: str, facet: Facet, asked: SearchRequest) -> FacetChoice:
    value = facet.value
    written = value.id or value.label
    chosen = next((each for each in (written, value.label) if asked.is_set(name, each)), None)
    other = asked.without_value(name, chosen) if chosen else asked.with_value(name, written)
    return FacetChoice(_label(snapshot, name, value), facet.count, other.address, chosen is not None)


def _hit(hit: Hit) -> HitView:
    """Return a hit, titled by what is in dispute, with the pieces in which something was found."""
    snippets = {snippet.field: snippet.pieces for snippet in hit.snippets}
    title = " ".join((hit.service or hit.heading or "A letter without disputed items").split())
    short = title if len(title) <= _TITLE else title[:_TITLE].rsplit(" ", 1)[0] + " …"
    found = {text.casefold() for text, was_found in snippets.pop("heading", ()) if was_found}
    return HitView(hit, _mark(short, found), [(_FIELDS[field], pieces) for field, pieces in snippets.items()])


def _mark(title: str, found: Collection[str]) -> tuple[tuple[str, bool], ...]:
    """Return a title in pieces, each with whether it is one of the words found in the heading."""
    if not found:
        return ((title, False),)
    pattern = rf"\b({'|'.join(map(re.escape, sorted(found, key=len, reverse=True)))})\b"
    pieces = re.split(pattern, title, flags=re.IGNORECASE)
    return tuple((piece, piece.casefold() in found) for piece in pieces if piece)
