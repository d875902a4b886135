"""The ontology and its vocabularies: documentation for people at /ontology, Turtle and other forms for programs.

The page is ours rather than pyLODE's, whose pages carry their style and scripts inside, which the site's
Content-Security-Policy refuses (docs/decisions/front-end.md). Anchors are the local names of the terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.endpoint.negotiation import best
from imr_graph.website.ontology_terms import KINDS, Term, read_ontology, read_schemes
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.site import Handler, PageNotFoundError, Page, Site

__all__ = ["FORMS", "negotiated", "routes", "short"]

_HTML: Final = ("html", "text/html")
FORMS: Final = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
}
_HEADINGS: Final = {
    "class": "Classes",
    "relation": "Relations between nodes",
    "attribute": "Attributes",
    "label": "Kinds of labels",
    "datatype": "Datatypes",
    "individual": "Individuals",
}
_ALIGNED: Final = {
    "exactMatch": "the same as",
    "closeMatch": "close to",
    "relatedMatch": "related to",
    "broadMatch": "narrower than",
    "narrowMatch": "broader than",
}
_PREFIXES: Final = {**terms.PREFIXES, "owl": "http://www.w3.org/2002/07/owl#", "schema": "https://schema.org/"}


def routes(site: Site) -> list[BaseRoute]:
    """Return the routes of the ontology and of the files of the vocabularies."""
    files = {path.stem: path for path in sorted(resources.ontology().glob("*.ttl"))}

    async def ontology(request: Request) -> Response:
        return await negotiated(site, _page, request, (files["imr"],))

    async def vocabulary(_site: Site, request: Request) -> RenderedPage:
        path = files.get(request.path_params["name"])
        if path is None:
            raise PageNotFoundError("There is no such vocabulary: the page of the ontology lists them.")
        return _finished((path,), "ttl")

    return [
        Route("/ontology", ontology, methods=["GET"]),
        Route("/ontology.{form}", ontology, methods=["GET"]),
        Route("/ontology/{name}.ttl", site.page(vocabulary), methods=["GET"]),
    ]


async def negotiated(site: Site, page: Handler, request: Request, paths: tuple[Path, ...]) -> Response:
    """Answer with a page, or with files as RDF, by the suffix in the path or by the Accept header.

    A browser gets the page, and so does a client that does not care.
    """
    form = request.path_params.get("form")
    if form is None:
        offers = [_HTML, *((name, media_type) for name, (media_type, _) in FORMS.items())]
        choice = best(request.headers.get("accept", ""), offers)
        form = choice[0] if choice else "html"
    if form == "html":
        return await site.page(page)(request)

    async def data(_site: Site, _request: Request) -> RenderedPage:
        if form not in FORMS:
            raise PageNotFoundError(f"This comes as {', '.join(FORMS)}, not as {form!r}.")
        return _finished(paths, form)

    return await site.page(data, f"-{form}")(request)


def _finished(paths: tuple[Path, ...], form: str) -> RenderedPage:
    headers = {"content-type": FORMS[form][0], "vary": "accept, accept-encoding", "cache-control": "no-cache"}
    return RenderedPage(_written(paths, form), 200, headers)


def _written(paths: tuple[Path, ...], form: str) -> bytes:
    """Return files of Turtle as one document in a form of `FORMS`; Turtle of one file stays as it was written."""
    if form == "ttl" and len(paths) == 1:
        return paths[0].read_bytes()
    prefixes: dict[str, str] = {}
    triples: list[ox.Triple] = []
    for path in paths:
        parser = ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        triples += [quad.triple for quad in parser]
        prefixes |= parser.prefixes
    return ox.serialize(triples, format=FORMS[form][1], prefixes=prefixes) or b""


async def _page(_site: Site, _request: Request) -> Page:
    ontology = read_ontology()
    order = list(KINDS.values())
    listed = sorted(ontology.terms, key=lambda term: order.index(term.kind))
    groups = [(kind, _HEADINGS[kind], tuple(found)) for kind, found in groupby(listed, key=lambda term: term.kind)]
    values: Mapping[str, Any] = {
        "title": "The ontology",
        "about": ontology.about,
        "namespace": terms.IMR,
        "groups": groups,
        "users": _users(ontology.terms),
        "aligned": _ALIGNED,
        "schemes": read_schemes(),
        "short": short,
        "local": lambda iri: iri.removeprefix(terms.IMR) if iri.startswith(terms.IMR) else "",
    }
    return Page("ontology.html", values)


def short(iri: str) -> str:
    """Return an IRI with the prefix of its vocabulary.

    >>> short("http://www.w3.org/ns/prov#Entity")
    'prov:Entity'
    """
    for prefix, base in _PREFIXES.items():
        if iri.startswith(base):
            return f"{prefix}:{iri.removeprefix(base)}"
    return iri


def _users(found: tuple[Term, ...]) -> dict[str, list[Term]]:
    """Return the properties of each class by its IRI: those that stand on it."""
    users: dict[str, list[Term]] = {}
    for term in found:
        for iri in term.domains:
            users.setdefault(iri, []).append(term)
    return users
