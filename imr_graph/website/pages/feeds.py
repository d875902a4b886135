"""The newest decisions that a search finds, as an Atom feed (RFC 4287)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from starlette.requests import Request

from imr_graph.analysis.search.results import Hit, SearchPage
from imr_graph.analysis.search.search import search
from imr_graph.endpoint.http import origin
from imr_graph.website import urls
from imr_graph.website.citations import PUBLISHER
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.page_head import GENERAL, shorten
from imr_graph.website.rendering import plain
from imr_graph.website.search_request import SearchRequest, read_search
from imr_graph.website.site import Site

__all__ = ["MEDIA_TYPE", "send_feed"]

MEDIA_TYPE: Final = "application/atom+xml"

_ATOM: Final = "http://www.w3.org/2005/Atom"
_ENTRIES: Final = 50
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
ET.register_namespace("", _ATOM)


async def send_feed(site: Site, request: Request) -> RenderedPage:
    """Send the newest decisions that a search finds."""
    request.state.data = True
    asked = read_search(request.query_params)
    found = await site.run_in_thread(
        lambda snapshot: search(
            snapshot.store, asked.text, asked.filters, since=asked.since or None, until=asked.until or None,
            sort="newest", limit=_ENTRIES, literal=asked.literal,
        )
    )  # fmt: skip
    made = site.pool.version.made or _BEGINNING
    feed = _feed(found, asked, origin(request.scope, site.settings), made)
    body = ET.tostring(feed, "utf-8", xml_declaration=True)
    headers = {
        "content-type": f"{MEDIA_TYPE}; charset=utf-8",
        "cache-control": "no-cache",
        "last-modified": format_datetime(made, usegmt=True),
        "vary": "accept-encoding",
    }
    return RenderedPage(body, 200, headers)


def _feed(found: SearchPage, asked: SearchRequest, public: str, made: datetime) -> ET.Element:
    page = asked.at_offset(0).address
    here = urls.as_file(page, "atom")
    feed = ET.Element(f"{{{_ATOM}}}feed")
    filters = ", ".join(f"{name} {value}" for name, values in asked.filters.items() for value in values)
    said = " · ".join(filter(None, (asked.text, filters)))
    _add(feed, "title", f"New Independent Medical Review decisions{f': {said}' if said else ''}")
    _add(feed, "subtitle", GENERAL)
    _add(feed, "id", f"{public}{here}")
    _add(feed, "updated", made.isoformat())
    _add(ET.SubElement(feed, f"{{{_ATOM}}}author"), "name", PUBLISHER)
    _link(feed, "self", f"{public}{here}", MEDIA_TYPE)
    _link(feed, "alternate", f"{public}{page}", "text/html")
    for hit in found.hits:
        _entry(feed, hit, public, made)
    return feed


def _entry(feed: ET.Element, hit: Hit, public: str, made: datetime) -> None:
    """Add a decision; its name is its address, and its day that of the decision (of the data where none is stated)."""
    entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
    address = f"{public}{urls.case(hit.case, hit.position)}"
    day = datetime.fromisoformat(hit.decided).replace(tzinfo=UTC) if hit.decided else made
    _add(entry, "title", shorten(f"{hit.heading or 'A letter without disputed items'}: {hit.decision or 'undecided'}"))
    _add(entry, "id", address)
    _add(entry, "updated", day.isoformat())
    _link(entry, "alternate", address, "text/html")
    words = " … ".join(" ".join(snippet.text.split()) for snippet in hit.snippets)
    _add(entry, "summary", f"Case {hit.case}. {words}".strip())
    ET.SubElement(entry, f"{{{_ATOM}}}category", term=hit.decision or "undecided")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = plain(text)


def _link(parent: ET.Element, relation: str, address: str, media_type: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", rel=relation, href=address, type=media_type)
