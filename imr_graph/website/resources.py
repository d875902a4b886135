"""Resources of the graph: /id/NAME answers with a page or with RDF, by the Accept header or by a suffix.

NAME is what an IRI of the data ends in. The handlers of pages come from the application, by what NAME begins with; a
resource of another kind gets the page that lists what the graph says of it (`resource_page`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import quote, unquote

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from imr_graph import iris as terms
from imr_graph.analysis.search.case_numbers import read_case_number
from imr_graph.endpoint.formats import best
from imr_graph.graph import jsonld
from imr_graph.graph.export import fit_for_xml
from imr_graph.vocabulary import load
from imr_graph.website import urls
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.resource_page import show_resource
from imr_graph.website.site import Handler, Page, PageNotFoundError, Site
from imr_graph.website.urls import RDF_TYPES

__all__ = [
    "MEDIA_TYPES",
    "canonical_name",
    "case_query",
    "iri_of",
    "negotiated_endpoint",
    "rdf_page",
    "read_triples",
    "resource_endpoint",
]

MEDIA_TYPES: Final[Mapping[str, str]] = {"html": "text/html", **RDF_TYPES}
"""Media types of every form by its suffix."""

_FORMATS: Final = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML}
# A name as `terms` mints them: nothing that could end an IRI in a query.
_NAME: Final = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+")
_LONGEST: Final = 300
_STRAY: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE: Final = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_DATASET: Final = re.compile(r"dataset(?:-class-.*)?")

_ALONE: Final = "CONSTRUCT {{ <{iri}> ?p ?o }} WHERE {{ <{iri}> ?p ?o }}"
_PARTS: Final = """PREFIX imr: <{schema}>
CONSTRUCT {{ ?node ?p ?o }} WHERE {{
  {{ VALUES ?node {{ <{iri}> }} ?node ?p ?o }}
  UNION {{ <{iri}> imr:documentedIn|imr:hasReviewer|imr:hasCorrection ?node . ?node ?p ?o }}
  UNION {{ <{iri}> imr:hasDisputedItem|imr:hasCitation|imr:hasReason ?node . ?node ?p ?o }}
  UNION {{ <{iri}> imr:hasDisputedItem/(imr:hasCitation|imr:hasReason) ?node . ?node ?p ?o }}
  MORE
}}"""


def case_query(more: str = "") -> str:
    """Return the query, for `format` with `iri` and `schema`, of a case or an item with all that belongs to it.

    `more` is a further part of the union.
    """
    return _PARTS.replace("MORE", more)


def negotiated_endpoint(
    site: Site, handlers: Mapping[str, Handler], read_form: Callable[[Request], str | None], default: str | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a route that answers in each form of `handlers`, which has the forms of `MEDIA_TYPES`.

    `read_form` returns the form that the path of a request names, None where it names none. `default` is the form for
    clients that accept none of them; without it they are told so (406).
    """
    endpoints = {form: site.endpoint(handler, f"-{form}") for form, handler in handlers.items()}

    async def answer(request: Request) -> Response:
        form = read_form(request)
        if form is None:
            choice = best(request.headers.get("accept", ""), MEDIA_TYPES.items())
            form = choice[0] if choice else default
        if form not in endpoints:
            names = ", ".join(MEDIA_TYPES.values() if form is None else RDF_TYPES)
            return site.failure(request, 406 if form is None else 404, f"This comes as {names}, and in no other form.")
        request.state.data = form != "html"
        return await endpoints[form](request)

    return answer


def rdf_page(body: bytes, form: str, headers: Mapping[str, str] | None = None) -> RenderedPage:
    """Return RDF in a form of `RDF_TYPES` as it goes out."""
    usual = {"content-type": RDF_TYPES[form], "cache-control": "no-cache", "vary": "accept, accept-encoding"}
    return RenderedPage(body, 200, {**usual, **(headers or {})})


def resource_endpoint(site: Site, pages: Mapping[str, Handler]) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of resources; `pages` has the handlers of their pages by what their names begin with.

    A handler finds NAME in `request.path_params["name"]`. The longest beginning that fits wins.
    """
    handlers: dict[str, Handler] = {"html": partial(_show_page, pages)}
    handlers |= {form: partial(_send_rdf, form) for form in RDF_TYPES}

    def read_form(request: Request) -> str | None:
        """Take the suffix from the name, which is made canonical."""
        request.path_params["name"], form = _split_suffix(canonical_name(request.path_params["name"]))
        return form

    return negotiated_endpoint(site, handlers, read_form)


def canonical_name(path: str) -> str:
    """Return the name that the decoded path of an address stands for, percent-encoded as the graph has it.

    Addresses come as the IRI itself would, or encoded once more, as programs do that take the name for words.

    >>> canonical_name("case-IMR 13-000004") == canonical_name("case-IMR%2013-000004")
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


async def read_triples(site: Site, name: str, request: Request) -> list[ox.Triple]:
    """Return what the graph says of a resource, with its parts; raises PageNotFoundError where it says nothing."""
    query = case_query() if name.startswith("case-") else _ALONE
    for iri in dict.fromkeys((iri_of(site, name), terms.BASE + name)):
        if _DATASET.fullmatch(name):
            about = await request.app.state.endpoint.description.triples()
            found = [triple for triple in about if str(triple.subject) == f"<{iri}>"]
        else:
            found = await site.triples(query.format(iri=iri, schema=terms.IMR), request)
        if found:
            return sorted(set(found), key=str)
    raise _missing(name)


def _missing(name: str) -> PageNotFoundError:
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    return PageNotFoundError(f"Nothing in this graph is called {shown!r}. Search for it, or look at how it is spelled.")


async def _show_page(pages: Mapping[str, Handler], site: Site, request: Request) -> Page | RenderedPage | Response:
    """Return a resource's page, and say where its other forms are."""
    name = request.path_params["name"]
    iri_of(site, name)
    fitting = [begin for begin in pages if name.startswith(f"{begin}-")]
    # A kind of a treatment has no decisions of its own: its page says what it is a kind of.
    if fitting and terms.BASE + name not in load().kinds_of:
        found = await pages[max(fitting, key=len)](site, request)
    elif read_case_number(unquote(name)):
        return RedirectResponse(urls.case(unquote(name)), 303, {"vary": "accept", "cache-control": "no-cache"})
    else:
        found = await show_resource(site, request, await read_triples(site, name, request))
    if isinstance(found, Page):
        headers = {"link": _links(name, "html"), "content-location": urls.resource_named(name, "html")}
        found = replace(found, headers={**headers, **found.headers})
    return found


async def _send_rdf(form: str, site: Site, request: Request) -> RenderedPage:
    """Return a resource's RDF."""
    name = request.path_params["name"]
    body = _serialize(await read_triples(site, name, request), form, site.pool.manifest.base)
    return rdf_page(body, form, {"content-location": urls.resource_named(name, form), "link": _links(name, form)})


def _links(name: str, form: str) -> str:
    """Return the Link header (RFC 8288) that leads to the other forms of a resource."""
    others = (
        f'<{urls.resource_named(name, other)}>; rel="alternate"; type="{media_type}"'
        for other, media_type in MEDIA_TYPES.items()
        if other != form
    )
    return ", ".join(others)


def _split_suffix(path: str) -> tuple[str, str | None]:
    name, dot, suffix = path.rpartition(".")
    return (name, suffix) if dot and suffix in MEDIA_TYPES else (path, None)


def _serialize(triples: list[ox.Triple], form: str, base: str) -> bytes:
    if form == "jsonld":
        return jsonld.format_document(triples, base)
    fit = map(fit_for_xml, triples) if form == "rdf" else triples
    return ox.serialize(fit, format=_FORMATS[form], prefixes={**terms.PREFIXES, "id": base}) or b""
