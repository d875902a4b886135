"""What machines ask for beside the pages: robots.txt, a list of pages, a description of the search, suggestions, feeds.

Suggestions have the form that browsers ask for (OpenSearch); the newest decisions that a search finds are an Atom feed
(RFC 4287).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from xml.sax.saxutils import escape

from starlette.responses import JSONResponse, Response

from imr_graph.analysis.dimensions.kinds import KINDS, LISTED
from imr_graph.analysis.queries import library
from imr_graph.analysis.search.results import Hit, SearchPage
from imr_graph.analysis.search.search import search
from imr_graph.analysis.search.suggestions import KnownName, suggest, suggest_cases
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.website import urls
from imr_graph.website.citations import PUBLISHER, shorten
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.rendering import GENERAL, plain
from imr_graph.website.search_request import SearchRequest, known_names, read_search
from imr_graph.website.site import PageRequest, StoreRequest

__all__ = ["send_feed", "send_robots", "send_search_description", "send_sitemap", "send_suggestions"]

_SUGGESTIONS: Final = "application/x-suggestions+json"
_FEED: Final = "application/atom+xml"
_PAGES: Final = (
    urls.HOME,
    *LISTED,
    urls.QUERIES,
    urls.PRECEDENTS,
    urls.STATISTICS,
    urls.COMPARE,
    urls.DATA,
    urls.SPARQL,
    *(path for path, _ in urls.INFO_PAGES),
)

# Pages stand for themselves; what is asked of a machine again and again does not.
_ROBOTS: Final = f"""User-agent: *
Disallow: {urls.SEARCH}
Disallow: {urls.SUGGEST}
Disallow: {urls.SPARQL}?
Disallow: {urls.STATISTICS}?
Disallow: {urls.COMPARE}?
Disallow: {urls.EMBED}/
Disallow: {urls.PRECEDENTS}?
Disallow: {urls.QUERIES}/*?
Disallow: /metrics
Allow: /

Sitemap: {{origin}}{urls.SITEMAP}
"""
_DESCRIPTION: Final = f"""<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>imr-graph</ShortName>
<Description>Search published Independent Medical Review determinations</Description>
<InputEncoding>UTF-8</InputEncoding>
<Image width="32" height="32" type="image/svg+xml">{{here}}{urls.static("icon.svg")}</Image>
<Url type="text/html" template="{{here}}{urls.SEARCH}?q={{{{searchTerms}}}}"/>
<Url type="{_SUGGESTIONS}" template="{{here}}{urls.SUGGEST}?q={{{{searchTerms}}}}"/>
</OpenSearchDescription>
"""
_SITEMAP: Final = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{pages}</urlset>
"""

_ATOM: Final = "http://www.w3.org/2005/Atom"
_ENTRIES: Final = 50
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
ET.register_namespace("", _ATOM)


async def send_robots(asked: PageRequest) -> Response:
    """Send the rules for crawlers."""
    return _cacheable(_ROBOTS.format(origin=asked.public), "text/plain; charset=utf-8")


async def send_search_description(asked: PageRequest) -> Response:
    """Send the description with which browsers offer the search."""
    here = escape(asked.public, {'"': "&quot;"})
    return _cacheable(_DESCRIPTION.format(here=here), "application/opensearchdescription+xml")


def send_sitemap(asked: StoreRequest) -> RenderedPage:
    """Send the list of pages for crawlers: fixed ones, questions, and the concepts that decisions have."""
    names = [kind.name for kind in KINDS.values() if kind.in_sitemap]
    found = (group.values[0].iri for name in names for group in overturn_rates(asked.snapshot.table, name).groups)
    questions = (urls.query(question.name) for question in library.list_questions())
    pages = (*_PAGES, *questions, *(urls.resource(iri) for iri in found if iri))
    listed = "".join(f"<url><loc>{escape(asked.public + page)}</loc></url>\n" for page in pages)
    headers = {"cache-control": "public, max-age=3600", "content-type": "application/xml", "vary": "accept-encoding"}
    return RenderedPage(_SITEMAP.format(pages=listed).encode(), 200, headers)


def _cacheable(body: str, media_type: str) -> Response:
    return Response(body, 200, {"cache-control": "public, max-age=3600"}, media_type)


def send_suggestions(asked: StoreRequest) -> JSONResponse:
    """Send the searches that the text typed so far (`q`) may become; with a `dimension`, its values alone.

    The form is an array of what was typed, texts, remarks and addresses.
    """
    snapshot, text = asked.snapshot, " ".join(asked.parameters.get("q", "").split())
    dimension = asked.parameters.get("dimension")
    found = [] if dimension else [(key, "Case") for key in suggest_cases(snapshot.store, text)]
    if not found:
        names = suggest(known_names(snapshot), text, dimension=dimension)
        found = [(each.text, _describe(each.name)) for each in names]
    addresses = [asked.public + urls.search(words) for words, _ in found]
    body = [text, [words for words, _ in found], [remark for _, remark in found], addresses]
    return JSONResponse(body, headers={"cache-control": "max-age=60"}, media_type=_SUGGESTIONS)


def _describe(name: KnownName) -> str:
    """Return what a name is, and how many disputed items have it."""
    kind = f"{name.kind}: {name.label}" if name.label else name.kind
    return f"{kind}, {name.items:,} item{'' if name.items == 1 else 's'}"


def send_feed(asked: StoreRequest) -> RenderedPage:
    """Send the newest decisions that a search finds."""
    wanted = read_search(asked.parameters)
    found = search(asked.snapshot.store, **wanted.arguments, sort="newest", limit=_ENTRIES)
    made = asked.site.pool.version.made or _BEGINNING
    body = ET.tostring(_feed(found, wanted, asked.public, made), "utf-8", xml_declaration=True)
    headers = {
        "content-type": f"{_FEED}; charset=utf-8",
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
    _link(feed, "self", f"{public}{here}", _FEED)
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
