"""Resources of the graph: /id/NAME answers with a page or with RDF, by the Accept header or by a suffix.

NAME is what an IRI of the data ends in. Pages are made by the handlers in `PAGES`, by what NAME begins with; a resource
whose kind has no handler gets the page that lists what the graph says of it (`plain_pages`).
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from imr_graph import iris as terms
from imr_graph.endpoint.negotiation import best
from imr_graph.graph import jsonld
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.resource_page import show_resource
from imr_graph.website.site import Handler, PageNotFoundError, Page, Site

__all__ = ["PAGES", "SUFFIXES", "canonical", "described", "iri_of", "routes"]

PAGES: Final[dict[str, Handler]] = {}
"""Handlers of the pages of resources by how their names begin; rooms of the site enter theirs.

They find NAME in `request.path_params["name"]`. The longest beginning that fits wins.
"""

SUFFIXES: Final = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
"""Media types of RDF by suffix, in the order that is preferred where the client does not care."""

_OFFERS: Final = (("html", "text/html"), *SUFFIXES.items())
_FORMATS: Final = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES}
# A name as `terms` mints them: nothing that could end an IRI in a query.
_NAME: Final = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+")
_LONGEST: Final = 300
_STRAY: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE: Final = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_DATASET: Final = re.compile(r"dataset(?:-class-.*)?")

_ALONE: Final = "CONSTRUCT {{ <{iri}> ?p ?o }} WHERE {{ <{iri}> ?p ?o }}"
# What belongs to a case or to an item comes with it.
_WITH_PARTS: Final = """PREFIX imr: <{schema}>
CONSTRUCT {{ ?node ?p ?o }} WHERE {{
  {{ VALUES ?node {{ <{iri}> }} ?node ?p ?o }}
  UNION {{ <{iri}> imr:documentedIn ?node . ?node ?p ?o }}
  UNION {{ <{iri}> imr:hasReviewer ?node . ?node ?p ?o }}
  UNION {{ <{iri}> imr:hasDisputedItem ?node . ?node ?p ?o }}
  UNION {{ <{iri}> imr:hasCitation ?node . ?node ?p ?o }}
  UNION {{ <{iri}> imr:hasCorrection ?node . ?node ?p ?o }}
  UNION {{ <{iri}> imr:hasDisputedItem ?item . ?item imr:hasCitation ?node . ?node ?p ?o }}
}}"""


def routes(site: Site) -> list[BaseRoute]:
    """Return the route of resources."""
    forms = {suffix: site.page(partial(_data, suffix), suffix) for suffix in SUFFIXES}
    forms["html"] = site.page(_page, "html")

    async def answered(request: Request) -> Response:
        name, form = _parted(canonical(request.path_params["name"]))
        request.path_params["name"] = name
        if form is None:
            choice = best(request.headers.get("accept", ""), _OFFERS)
            if choice is None:
                sentence = f"This comes as {', '.join(media_type for _, media_type in _OFFERS)}, and in no other form."
                return site.failure(request, 406, sentence)
            form = choice[0]
        request.state.data = form != "html"
        return await forms[form](request)

    return [Route("/id/{name:path}", answered, methods=["GET"])]


def canonical(path: str) -> str:
    """Return the name that the decoded path of an address stands for, percent-encoded as the graph has it.

    Addresses come as the IRI itself would, or encoded once more, as programs do that take the name for words.

    >>> canonical("case-IMR 13-000004") == canonical("case-IMR%2013-000004")
    True
    """
    encoded = quote(_STRAY.sub("%25", path), safe="%", errors="replace")
    return _ESCAPE.sub(lambda escape: escape[0].upper(), encoded)


def iri_of(site: Site, name: str) -> str:
    """Return the IRI of a resource by its name; raises PageNotFoundError where it is no name."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise _missing(name)
    # Concepts of the vocabulary keep the published base whatever base the data has.
    return f"{site.pool.manifest.base}{name}"


async def described(site: Site, name: str, request: Request) -> list[ox.Triple]:
    """Return what the graph says of a resource, with its parts; raises PageNotFoundError where it says nothing."""
    query = _WITH_PARTS if name.startswith("case-") else _ALONE
    for iri in dict.fromkeys((iri_of(site, name), terms.BASE + name)):
        if _DATASET.fullmatch(name):
            about = await request.app.state.endpoint.describer.triples()
            found = [triple for triple in about if str(triple.subject) == f"<{iri}>"]
        else:
            found = await site.triples(query.format(iri=iri, schema=terms.IMR), request)
        if found:
            return sorted(set(found), key=str)
    raise _missing(name)


def _missing(name: str) -> PageNotFoundError:
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    return PageNotFoundError(f"Nothing in this graph is called {shown!r}. Search for it, or look at how it is spelled.")


async def _page(site: Site, request: Request) -> Page | RenderedPage | Response:
    """Return a resource's page, and say where its other forms are."""
    name = request.path_params["name"]
    iri_of(site, name)
    handler = _handler(name)
    if handler is None:
        found: Page | RenderedPage | Response = await show_resource(site, request, await described(site, name, request))
    else:
        found = await handler(site, request)
    if isinstance(found, Page):
        headers = {"link": _links(name, "html"), "content-location": f"/id/{name}.html"}
        found = replace(found, headers={**headers, **found.headers})
    return found


async def _data(suffix: str, site: Site, request: Request) -> RenderedPage:
    """Return a resource's RDF."""
    name = request.path_params["name"]
    body = _written(await described(site, name, request), suffix, site.pool.manifest.base)
    headers = {
        "content-type": SUFFIXES[suffix],
        "content-location": f"/id/{name}.{suffix}",
        "link": _links(name, suffix),
        "cache-control": "no-cache",
        "vary": "accept, accept-encoding",
    }
    return RenderedPage(body, 200, headers)


def _links(name: str, form: str) -> str:
    """Return the Link header (RFC 8288) that leads to the other forms of a resource."""
    others = (
        f'</id/{name}.{suffix}>; rel="alternate"; type="{media_type}"'
        for suffix, media_type in _OFFERS
        if suffix != form
    )
    return ", ".join(others)


def _parted(path: str) -> tuple[str, str | None]:
    name, dot, suffix = path.rpartition(".")
    return (name, suffix) if dot and suffix in (*SUFFIXES, "html") else (path, None)


def _handler(name: str) -> Handler | None:
    fitting = [begin for begin in PAGES if name.startswith(f"{begin}-")]
    return PAGES[max(fitting, key=len)] if fitting else None


def _written(triples: list[ox.Triple], suffix: str, base: str) -> bytes:
    if suffix == "jsonld":
        stream = io.BytesIO()
        jsonld.write(triples, stream, base=base)
        return stream.getvalue()
    return ox.serialize(triples, format=_FORMATS[suffix], prefixes={**terms.PREFIXES, "id": base}) or b""
