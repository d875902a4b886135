"""What answers with a page or with RDF, by a suffix or the Accept header: resources (/id/NAME), files of knowledge.

NAME is what an IRI of the data ends in. The views of pages come from the application, by what NAME begins with; a
resource of another kind gets the page that lists what the graph says of it (`resource_page`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple
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
from imr_graph.website.site import Answer, Page, PageNotFoundError, PageRequest, Site, View
from imr_graph.website.urls import RDF_TYPES

__all__ = [
    "MEDIA_TYPES",
    "Document",
    "canonical_name",
    "case_query",
    "document_endpoint",
    "iri_of",
    "rdf_page",
    "read_triples",
    "resource_endpoint",
]

MEDIA_TYPES: Final[Mapping[str, str]] = {"html": "text/html", **RDF_TYPES}
"""Media types of every form by its suffix."""

_OFFERS: Final = tuple(MEDIA_TYPES.items())
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


class Document(NamedTuple):
    """Turtle files that are a page as well: the page's view, and the files."""

    page: View
    paths: tuple[Path, ...]


def document_endpoint(site: Site, document: Document) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a document, as its page or as RDF.

    A browser gets the page, and so does a client that does not care.
    """

    async def send(form: str, _asked: PageRequest) -> RenderedPage:
        return rdf_page(_convert(document.paths, form), form)

    return _make_endpoint(site, document.page, send, lambda request: request.path_params.get("form"), "html")


def _make_endpoint(
    site: Site,
    page: View,
    send: Callable[[str, PageRequest], Awaitable[Answer]],
    read_form: Callable[[Request], str | None],
    default: str | None = None,
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a route that answers with a page, or sends RDF in each of its forms.

    `read_form` returns the form that the path of a request names, None where it names none. `default` is the form for
    clients that accept none of them; without it they are told so (406).
    """
    endpoints = {form: site.endpoint(partial(send, form), f"-{form}", data=True) for form in RDF_TYPES}
    endpoints["html"] = site.endpoint(page, "-html")

    async def answer(request: Request) -> Response:
        form = read_form(request)
        if form is None:
            choice = best(request.headers.get("accept", ""), _OFFERS)
            form = choice[0] if choice else default
        if form not in endpoints:
            names = ", ".join(MEDIA_TYPES.values() if form is None else RDF_TYPES)
            return site.failure(request, 406 if form is None else 404, f"This comes as {names}, and in no other form.")
        return await endpoints[form](request)

    return answer


def rdf_page(body: bytes, form: str, headers: Mapping[str, str] | None = None) -> RenderedPage:
    """Return RDF in a form of `RDF_TYPES` as it goes out."""
    usual = {"content-type": RDF_TYPES[form], "cache-control": "no-cache", "vary": "accept, accept-encoding"}
    return RenderedPage(body, 200, {**usual, **(headers or {})})


def resource_endpoint(site: Site, pages: Mapping[str, View]) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of resources; `pages` has the views of their pages by what their names begin with.

    A view finds NAME as the name of its request. The longest beginning that fits wins.
    """

    def read_form(request: Request) -> str | None:
        """Take the suffix from the name, which is made canonical."""
        name = canonical_name(request.path_params["name"])
        stem, dot, suffix = name.rpartition(".")
        has_form = bool(dot) and suffix in MEDIA_TYPES
        request.path_params["name"] = stem if has_form else name
        return suffix if has_form else None

    return _make_endpoint(site, partial(_show_page, pages), _send_rdf, read_form)


def canonical_name(path: str) -> str:
    """Return the name that the decoded path of an address stands for, percent-encoded as the graph has it.

    Addresses come as the IRI itself would, or encoded once more, as programs do that take the name for words.

    >>> canonical_name("case-IMR 13-000004") == canonical_name("case-IMR%2013-000004")
    True
    """
    encoded = quote(_STRAY.sub("%25", path), safe="%", errors="replace")
    return _ESCAPE.sub(lambda escape: escape[0].upper(), encoded)


def iri_of(asked: PageRequest) -> str:
    """Return the IRI of the resource that a request names; raises PageNotFoundError where it is no name."""
    if len(asked.name) > _LONGEST or not _NAME.fullmatch(asked.name):
        raise _missing(asked.name)
    # Concepts of the vocabulary keep the published base whatever base the data has.
    return f"{asked.site.pool.version.manifest.base}{asked.name}"


async def read_triples(asked: PageRequest) -> list[ox.Triple]:
    """Return what the graph says of a resource, with its parts; raises PageNotFoundError where it says nothing."""
    name = asked.name
    query = case_query() if name.startswith("case-") else _ALONE
    for iri in dict.fromkeys((iri_of(asked), terms.BASE + name)):
        if _DATASET.fullmatch(name):
            about = await asked.request.app.state.endpoint.description.triples()
            found = [triple for triple in about if str(triple.subject) == f"<{iri}>"]
        else:
            found = await asked.triples(query.format(iri=iri, schema=terms.IMR))
        if found:
            return sorted(set(found), key=str)
    raise _missing(name)


def _missing(name: str) -> PageNotFoundError:
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    return PageNotFoundError(f"Nothing in this graph is called {shown!r}. Search for it, or look at how it is spelled.")


async def _show_page(pages: Mapping[str, View], asked: PageRequest) -> Answer:
    """Return a resource's page, and say where its other forms are."""
    name = asked.name
    iri_of(asked)
    fitting = [begin for begin in pages if name.startswith(f"{begin}-")]
    # A kind of a treatment has no decisions of its own: its page says what it is a kind of.
    if fitting and terms.BASE + name not in load().kinds_of:
        found = await asked.site.call(pages[max(fitting, key=len)], asked.request)
    elif read_case_number(unquote(name)):
        return RedirectResponse(urls.case(unquote(name)), 303, {"vary": "accept", "cache-control": "no-cache"})
    else:
        found = await show_resource(asked, await read_triples(asked))
    if isinstance(found, Page):
        own = {"link": _links(name, "html"), "content-location": urls.resource_named(name, "html")}
        found.headers = {**own, **found.headers}
    return found


async def _send_rdf(form: str, asked: PageRequest) -> RenderedPage:
    """Return a resource's RDF."""
    body = _serialize(await read_triples(asked), form, asked.site.pool.manifest.base)
    own = {"content-location": urls.resource_named(asked.name, form), "link": _links(asked.name, form)}
    return rdf_page(body, form, own)


def _links(name: str, form: str) -> str:
    """Return the Link header (RFC 8288) that leads to the other forms of a resource."""
    others = (
        f'<{urls.resource_named(name, other)}>; rel="alternate"; type="{media_type}"'
        for other, media_type in MEDIA_TYPES.items()
        if other != form
    )
    return ", ".join(others)


def _serialize(triples: list[ox.Triple], form: str, base: str) -> bytes:
    if form == "jsonld":
        return jsonld.format_document(triples, base)
    fit = map(fit_for_xml, triples) if form == "rdf" else triples
    format = ox.RdfFormat.from_media_type(RDF_TYPES[form])
    return ox.serialize(fit, format=format, prefixes={**terms.PREFIXES, "id": base}) or b""


def _convert(paths: tuple[Path, ...], form: str) -> bytes:
    """Return files of Turtle as one document in a form of RDF; Turtle of one file stays as it was written."""
    if form == "ttl" and len(paths) == 1:
        return paths[0].read_bytes()
    prefixes: dict[str, str] = {}
    triples: list[ox.Triple] = []
    for path in paths:
        parser = ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        triples += [quad.triple for quad in parser]
        prefixes |= parser.prefixes
    return ox.serialize(triples, format=ox.RdfFormat.from_media_type(RDF_TYPES[form]), prefixes=prefixes) or b""
