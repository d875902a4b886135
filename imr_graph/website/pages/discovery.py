"""What machines ask for beside the pages: robots.txt, lists of pages and addresses, suggestions, feeds.

Suggestions have the form that browsers ask for (OpenSearch); the newest decisions that a search finds are an Atom feed
(RFC 4287). The addresses for programs are a page to read as well as an OpenAPI 3.1 document.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import groupby
from typing import Any, Final
from xml.sax.saxutils import escape

from starlette.responses import JSONResponse, Response

from imr_graph.analysis.dimensions.kinds import KINDS, LISTED
from imr_graph.analysis.queries import library
from imr_graph.analysis.search.results import Hit, SearchPage
from imr_graph.analysis.search.search import search
from imr_graph.analysis.search.suggestions import KnownName, suggest, suggest_cases
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.resources import software_version
from imr_graph.website import urls
from imr_graph.website.citations import PUBLISHER, shorten
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.pages.machine_addresses import AddressParameter, MachineAddress, machine_addresses
from imr_graph.website.rendering import GENERAL, PageHead, plain
from imr_graph.website.search_request import SearchRequest, known_names, read_search
from imr_graph.website.site import Page, PageRequest, StoreRequest

__all__ = [
    "describe_addresses",
    "send_feed",
    "send_openapi",
    "send_robots",
    "send_search_description",
    "send_sitemap",
    "send_suggestions",
    "show_api",
]

_SUGGESTIONS: Final = "application/x-suggestions+json"
_FEED: Final = "application/atom+xml"
_SUMMARY: Final = "Addresses for programs: searches, precedents, figures, questions, and the graph."
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


async def show_api(_asked: PageRequest) -> Page:
    """Show the addresses for programs, with their parameters and examples."""
    groups = [(group, tuple(found)) for group, found in groupby(machine_addresses(), key=lambda each: each.group)]
    parts = [(group, group.lower(), len(found)) for group, found in groups]
    return Page("api.html", title="Addresses for programs", groups=groups, parts=parts, head=PageHead(_SUMMARY))


async def send_openapi(asked: PageRequest) -> RenderedPage:
    """Send the description of the addresses for programs."""
    body = json.dumps(describe_addresses(asked.public), ensure_ascii=False, indent=1).encode() + b"\n"
    return RenderedPage(body, 200, {"content-type": "application/json", "vary": "accept-encoding"})


def describe_addresses(public: str) -> dict[str, Any]:
    """Return the addresses for programs as an OpenAPI 3.1 document; `public` is where the server is reached."""
    paths = {each.path: {"get": _operation(each)} for each in machine_addresses()}
    paths[urls.SPARQL]["post"] = {
        "summary": "A query in the body",
        "operationId": "post-sparql",
        "tags": ["Graph"],
        "requestBody": {
            "required": True,
            "content": {
                "application/sparql-query": {"schema": {"type": "string"}},
                "application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
                },
            },
        },
        "responses": paths[urls.SPARQL]["get"]["responses"],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "imr-graph", "version": software_version(), "summary": _SUMMARY, "description": GENERAL},
        "servers": [{"url": public}],
        "paths": paths,
    }


def _operation(of: MachineAddress) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": of.summary,
        "operationId": re.sub(r"[^a-zA-Z0-9]+", "-", of.path).strip("-") or "home",
        "tags": [of.group],
        "parameters": [_parameter(each, of) for each in of.parameters],
        "responses": {
            "200": {"description": of.summary, "content": {name: {} for name in of.media_types}},
            "304": {"description": "What the client has is current."},
            "400": _failure("A parameter is wrong: a sentence says what to do."),
            "404": _failure("There is no such thing: a sentence says what to try."),
            "503": _failure("The server is busy, or a limit ended the work: come back later."),
        },
    }
    return operation | ({"externalDocs": {"url": of.example, "description": "Example"}} if of.example else {})


def _failure(sentence: str) -> dict[str, Any]:
    return {"description": sentence, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _parameter(of: AddressParameter, address: MachineAddress) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "format": "date"} if of.type == "date" else {"type": of.type}
    if of.choices:
        schema["enum"] = list(of.choices)
    if of.default is not None:
        schema["default"] = int(of.default) if of.type == "integer" else of.default
    in_path = f"{{{of.name}}}" in address.path
    found = {
        "name": of.name,
        "in": "path" if in_path else "query",
        "description": of.description,
        "required": in_path or of.required,
        "schema": {"type": "array", "items": schema} if of.several else schema,
    }
    return found | ({"style": "form", "explode": True} if of.several else {})
