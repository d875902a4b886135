"""What machines look for beside the pages: robots.txt, a description of the search for browsers, a list of pages."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from imr_graph.analysis.dimensions.kinds import KINDS, LISTED
from imr_graph.analysis.queries import library
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.endpoint.http import origin
from imr_graph.live_store import StoreSnapshot
from imr_graph.website import urls
from imr_graph.website.pages.suggest import MEDIA_TYPE
from imr_graph.website.site import Site

__all__ = ["send_robots", "send_search_description", "send_sitemap"]

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
_DESCRIPTION: Final = """<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>imr-graph</ShortName>
<Description>Search published Independent Medical Review determinations</Description>
<InputEncoding>UTF-8</InputEncoding>
<Image width="32" height="32" type="image/svg+xml">{icon}</Image>
<Url type="text/html" template="{search}?q={{searchTerms}}"/>
<Url type="{media_type}" template="{suggest}?q={{searchTerms}}"/>
</OpenSearchDescription>
"""


async def send_robots(site: Site, request: Request) -> Response:
    """Send the rules for crawlers."""
    return _cacheable(_ROBOTS.format(origin=origin(request.scope, site.settings)), "text/plain; charset=utf-8")


async def send_search_description(site: Site, request: Request) -> Response:
    """Send the description with which browsers offer the search."""
    here = escape(origin(request.scope, site.settings), {'"': "&quot;"})
    return _cacheable(
        _DESCRIPTION.format(
            icon=here + urls.static("icon.svg"),
            search=here + urls.SEARCH,
            suggest=here + urls.SUGGEST,
            media_type=MEDIA_TYPE,
        ),
        "application/opensearchdescription+xml",
    )


async def send_sitemap(site: Site, request: Request) -> Response:
    """Send the list of pages for crawlers."""
    here = origin(request.scope, site.settings)
    pages = [*_PAGES, *(urls.query(question.name) for question in library.list_questions())]
    pages += await site.run_in_thread(_concepts)
    listed = "".join(f"<url><loc>{escape(here + page)}</loc></url>\n" for page in pages)
    begin = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return _cacheable(f"{begin}{listed}</urlset>\n", "application/xml")


def _concepts(snapshot: StoreSnapshot) -> list[str]:
    """Return the addresses of the concepts that decisions have; runs in a thread."""
    names = [kind.name for kind in KINDS.values() if kind.in_sitemap]
    found = (group.values[0].iri for name in names for group in overturn_rates(snapshot.table, name).groups)
    return [urls.resource(iri) for iri in found if iri]


def _cacheable(body: str, media_type: str) -> Response:
    return Response(body, 200, {"cache-control": "public, max-age=3600"}, media_type)
