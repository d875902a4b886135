"""Search: words, filters and facets over what letters say, as a page, as CSV and as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.values import Value, find_dimension, make_value, parse_value
from imr_graph.analysis.search.results import RANKED, Facet, Hit, SearchPage
from imr_graph.analysis.search.search import search
from imr_graph.analysis.search.suggestions import Suggestion, suggest_values
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import search_files as files
from imr_graph.website.search_request import FACETS, OTHERS, SearchRequest, request_of
from imr_graph.website.site import Page, Site

__all__ = ["show_search"]

_HITS: Final = 20
_SHOWN: Final = 8  # values of a facet that is not opened
_MOST_VALUES: Final = 300  # values of a facet that is
# Dimensions some of whose values no vocabulary knows.
_PRINTED: Final = ("section", "specialty")
_CASE: Final = re.compile(r"(?:case-)?([A-Za-z]{2}\d{2}-\d{7}|[0-9a-f]{16})")
_HEADING: Final = 240  # characters of a heading in which nothing was found


@dataclass(frozen=True, slots=True)
class _Chip:
    """A filter that is set: what it says, and the address without it."""

    title: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """One value of a facet: what is shown, and the address with it, or without it where it is set."""

    label: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """A facet: its values (None where they were not counted), how many more there are, the address that opens it."""

    name: str
    title: str
    choices: tuple[_Choice, ...] | None
    more: int
    opened: bool
    address: str


@dataclass(frozen=True, slots=True)
class _Found:
    """All that a page of hits shows."""

    page: SearchPage
    chips: tuple[_Chip, ...]
    groups: tuple[_Group, ...]
    suggestions: tuple[Suggestion, ...]
    case: str | None


async def show_search(site: Site, request: Request) -> Page | Response:
    """Show the hits of a search, or send them as a file."""
    asked = SearchRequest(" ".join(request.query_params.get("q", "").split())[:200])
    try:
        asked = request_of(request.query_params)
        format = request.query_params.get("format", "html")
        if format in files.FORMATS:
            return await site.run_in_thread(lambda snapshot: files.response(snapshot.store, asked, format))
        found = await site.run_in_thread(lambda snapshot: _found(snapshot, asked))
    except UsageError as error:
        known = error if isinstance(error, UnknownNameError) else None
        near = [(name, asked.replaced(known.name, name).address) for name in known.near] if known else []
        values = {**_frame(asked), "sentence": str(error), "near": near, "found": None}
        return Page("search.html", values, 400)
    return Page("search.html", {**_frame(asked), **_values(asked, found)})


def _frame(asked: SearchRequest) -> dict[str, Any]:
    named = f"“{asked.text}” – " if asked.text else ""
    return {"title": f"{named}Search", "asked": asked, "sentence": None, "near": ()}


def _found(snapshot: StoreSnapshot, asked: SearchRequest) -> _Found:
    """Return what is found in the store; runs in a thread."""
    page = search(
        snapshot.store,
        asked.text,
        asked.filters,
        since=asked.since or None,
        until=asked.until or None,
        limit=_HITS,
        offset=asked.offset,
        sort=asked.sort,
        facets=asked.counted,
        cheap_facets=[name for name in FACETS if name not in asked.counted],
    )
    names = [*FACETS, *OTHERS]
    return _Found(
        page,
        tuple(_chips(snapshot, asked)),
        tuple(_group(snapshot, name, asked, page.facets.get(name)) for name in names),
        suggest_values(snapshot.store, asked.text) if not asked.offset else (),
        _case(snapshot, asked.text),
    )


def _chips(snapshot: StoreSnapshot, asked: SearchRequest) -> list[_Chip]:
    found = []
    for name, values in asked.filters.items():
        of = find_dimension(name)
        for written in values:
            value = make_value(of, parse_value(of, written, snapshot.store), snapshot.store.base)
            found.append(_Chip(of.title, _label(snapshot, name, value), asked.without_value(name, written).address))
    if asked.since:
        found.append(_Chip("Decided from", asked.since, replace(asked, since="", offset=0).address))
    if asked.until:
        found.append(_Chip("Decided to", asked.until, replace(asked, until="", offset=0).address))
    return found


def _label(snapshot: StoreSnapshot, name: str, value: Value) -> str:
    """Return the name of a value; what only letters know has the name that they print."""
    if name not in _PRINTED or value.id is None:
        return value.label

    def printed() -> dict[str | None, str]:
        return {group.values[0].id: group.values[0].label for group in overturn_rates(snapshot.table, name).groups}

    return snapshot.once(("printed", name), printed).get(value.id, value.label)


def _group(snapshot: StoreSnapshot, name: str, asked: SearchRequest, facets: Sequence[Facet] | None) -> _Group:
    of, wide = DIMENSIONS[name], name in asked.counted
    if facets is None:
        return _Group(name, of.title, None, 0, False, asked.counting(name).address)
    if name == "year":
        facets = sorted(facets, key=lambda facet: facet.value.id or "", reverse=True)
    most = _MOST_VALUES if wide else _SHOWN
    choices = tuple(_choice(snapshot, name, facet, asked) for facet in facets[:most])
    return _Group(name, of.title, choices, len(facets) - len(choices), wide, asked.counting(name).address)


def _choice(snapshot: StoreSnapshot, name: str, facet: Facet, asked: SearchRequest) -> _Choice:
    value = facet.value
    written = value.id or value.label
    chosen = next((each for each in (written, value.label) if asked.has(name, each)), None)
    other = asked.without_value(name, chosen) if chosen else asked.with_value(name, written)
    return _Choice(_label(snapshot, name, value), facet.count, other.address, chosen is not None)


def _case(snapshot: StoreSnapshot, text: str) -> str | None:
    """Return the IRI of the case whose number is searched for, where the store has it."""
    found = _CASE.fullmatch(text)
    if not found:
        return None
    for key in dict.fromkeys((found[1], found[1].upper())):
        if snapshot.table.rows("select 1 from cases where case_key = ? limit 1", [key]):
            return terms.case_iri(key, snapshot.store.base)
    return None


def _values(asked: SearchRequest, found: _Found) -> Mapping[str, Any]:
    page = found.page
    before = asked.at(asked.offset - _HITS).address if asked.offset else None
    after = asked.at(page.next_offset).address if page.next_offset is not None else None
    whole = asked.at(0)
    joint = "&" if "?" in whole.address else "?"
    return {
        "found": found,
        "page": page,
        "hits": [_shown(hit) for hit in page.hits],
        "before": before,
        "after": after,
        "ranked": RANKED,
        "downloads": [(name, f"{whole.address}{joint}format={name}") for name in files.FORMATS],
        "most": files.MOST,
        "dimensions": DIMENSIONS,
    }


def _shown(hit: Hit) -> dict[str, Any]:
    """Return a hit with its address and the pieces of its heading, marked where something was found in it."""
    case = f"/id/{terms.local_name(terms.case_iri(hit.case))}"
    snippets = {snippet.field: snippet.pieces for snippet in hit.snippets}
    heading = " ".join((hit.heading or "A letter without disputed items").split())
    short = heading if len(heading) <= _HEADING else heading[:_HEADING].rsplit(" ", 1)[0] + " …"
    return {
        "hit": hit,
        "case": case,
        "address": f"{case}#item-{hit.position}" if hit.position else case,
        "heading": snippets.pop("heading", ((short, False),)),
        "snippets": [(_FIELDS[field], pieces) for field, pieces in snippets.items()],
    }


_FIELDS: Final = {"rationale": "Rationale", "summary": "Clinical summary", "citations": "Citations"}
