"""Resources of the graph: /id/NAME answers with a page or with RDF, by the Accept header or by a suffix.

NAME is what an IRI of the data ends in. Pages are made by the handlers in `PAGES`, by what NAME begins with; a resource
whose kind has no handler still has its RDF.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Final, TypeAlias

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from imr_graph.graph import jsonld, terms
from imr_graph.site.site import Handler, NotThere, Page, Site
from imr_graph.web.negotiation import best

__all__ = ["PAGES", "SUFFIXES", "Describe", "described", "iri_of", "routes"]

Describe: TypeAlias = Callable[[str, str], str]

PAGES: Final[dict[str, Handler]] = {}
"""Handlers of the pages of resources by how their names begin; rooms of the site enter theirs.

They find NAME in `request.path_params["name"]`. The longest beginning that fits wins.
"""

# Media type by suffix, in the order that is preferred where the client does not care.
SUFFIXES: Final = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
_HTML: Final = "text/html"
_FORMATS: Final = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES}
# A name as `terms` mints them, percent-decoded: nothing that could end an IRI in a query.
_NAME: Final = re.compile(r"[A-Za-z0-9._~%+-]{1,300}")
_CASE: Final = re.compile(r"case-[^/]*")

_ALONE: Final = "CONSTRUCT {{ <{iri}> ?p ?o }} WHERE {{ <{iri}> ?p ?o }}"
# What belongs to a case or to an item comes with it.
_WITH_PARTS: Final = """PREFIX imr: <{schema}>
CONSTRUCT {{ ?node ?p ?o }} WHERE {{
  {{ VALUES ?node {{ <{iri}> }} ?node ?p ?o }}
  UNION {{
    <{iri}> imr:documentedIn|imr:hasReviewer|imr:hasDisputedItem|imr:hasCitation|imr:hasCorrection ?node .
    ?node ?p ?o
  }}
  UNION {{ <{iri}> imr:hasDisputedItem/imr:hasCitation ?node . ?node ?p ?o }}
}}"""


def routes(site: Site) -> list[BaseRoute]:
    """Return the route of resources."""
    return [Route("/id/{name:path}", site.page(_answered), methods=["GET"])]


def iri_of(site: Site, name: str) -> str:
    """Return the IRI of a resource by its name; raises NotThere where it is no name."""
    if not _NAME.fullmatch(name):
        raise NotThere(f"Nothing in this graph is called {name!r}.")
    # Concepts of the vocabulary keep the published base whatever base the data has.
    return f"{site.pool.manifest.base}{name}"


async def described(site: Site, name: str, request: Request) -> list[ox.Triple]:
    """Return what the graph says of a resource, with its parts; raises NotThere where it says nothing."""
    query = _WITH_PARTS if _CASE.fullmatch(name) else _ALONE
    for iri in dict.fromkeys((iri_of(site, name), terms.BASE + name)):
        found = await site.triples(query.format(iri=iri, schema=terms.IMR), request)
        if found:
            return sorted(found, key=str)
    raise NotThere(f"Nothing in this graph is called {name!r}.")


async def _answered(site: Site, request: Request) -> Page | Response:
    name, suffix = _parted(request.path_params["name"])
    handler = _handler(name)
    if suffix is None:
        offers = [(each, media_type) for each, media_type in SUFFIXES.items()]
        offers = [("html", _HTML), *offers] if handler is not None else offers
        choice = best(request.headers.get("accept", ""), offers)
        if choice is None:
            sentence = f"This comes as {', '.join((_HTML, *SUFFIXES.values()))}."
            return Response(sentence + "\n", 406, {"vary": "accept"}, "text/plain")
        suffix = choice[0]
    if suffix == "html" and handler is not None:
        request.path_params["name"] = name
        return await handler(site, request)
    body = _written(await described(site, name, request), suffix, site.pool.manifest.base)
    headers = {"vary": "accept", "cache-control": "no-cache", "content-location": f"/id/{name}.{suffix}"}
    return Response(body, 200, headers, SUFFIXES[suffix])


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
