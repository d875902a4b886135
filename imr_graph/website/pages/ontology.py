"""The ontology and its vocabularies: documentation for people at /ontology, Turtle and other forms for programs.

The page is ours rather than pyLODE's, whose pages carry their style and scripts inside, which the site's
Content-Security-Policy refuses (docs/decisions/front-end.md). Anchors are the local names of the terms.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.vocabulary.mappings import FILE as MAPPINGS
from imr_graph.website.ontology_terms import KINDS, Term, VocabularyInfo, read_ontology, read_schemes
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.resources import negotiated_endpoint, rdf_page
from imr_graph.website.site import Handler, Page, PageNotFoundError, Site
from imr_graph.website.urls import RDF_TYPES

__all__ = [
    "DOCUMENT",
    "Document",
    "document_endpoint",
    "send_mappings",
    "send_vocabulary",
    "shorten_iri",
    "version_endpoint",
]

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
_ALL: Final = "vocabularies"
_PREFIXES: Final = {**terms.PREFIXES, "owl": "http://www.w3.org/2002/07/owl#", "schema": "https://schema.org/"}


@dataclass(frozen=True, slots=True)
class Document:
    """Turtle files that are a page as well: the page's handler, and the files."""

    page: Handler
    paths: tuple[Path, ...]


def document_endpoint(site: Site, document: Document) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a document, as its page or as RDF by the suffix or the Accept header.

    A browser gets the page, and so does a client that does not care.
    """

    async def send(form: str, _site: Site, _request: Request) -> RenderedPage:
        return rdf_page(_serialize(document.paths, form), form)

    handlers: dict[str, Handler] = {"html": document.page, **{form: partial(send, form) for form in RDF_TYPES}}
    return negotiated_endpoint(site, handlers, lambda request: request.path_params.get("form"), "html")


def version_endpoint(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of the ontology's versions, of which this site has one: that of its owl:versionIRI."""
    current = document_endpoint(site, DOCUMENT)

    async def send(request: Request) -> Response:
        version = read_ontology().about["versionInfo"]
        if request.path_params["version"] != version:
            return site.failure(request, 404, f"This site has version {version} of the ontology, and no other.")
        return await current(request)

    return send


async def send_mappings(_site: Site, _request: Request) -> Response:
    """Send the mappings of the vocabularies to public ones, as SSSOM."""
    body = (resources.ontology() / MAPPINGS).read_bytes()
    return Response(body, 200, {"cache-control": "no-cache"}, "text/tab-separated-values; charset=utf-8")


async def send_vocabulary(_site: Site, request: Request) -> RenderedPage:
    """Send the Turtle file of one vocabulary, or all of them with what follows from the files."""
    if request.path_params["name"] == _ALL:
        return rdf_page(
            ox.serialize(vocabulary_triples(), format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES) or b"", "ttl"
        )
    path = resources.ontology() / f"{request.path_params['name']}.ttl"
    if path not in resources.vocabulary_files():
        raise PageNotFoundError("There is no such vocabulary: the page of the ontology lists them.")
    return rdf_page(path.read_bytes(), "ttl")


def _serialize(paths: tuple[Path, ...], form: str) -> bytes:
    """Return files of Turtle as one document in a form of RDF; Turtle of one file stays as it was written."""
    if form == "ttl" and len(paths) == 1:
        return paths[0].read_bytes()
    prefixes: dict[str, str] = {}
    triples: list[ox.Triple] = []
    for path in paths:
        parser = ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        triples += [quad.triple for quad in parser]
        prefixes |= parser.prefixes
    format = ox.RdfFormat.from_media_type(RDF_TYPES[form])
    return ox.serialize(triples, format=format, prefixes=prefixes) or b""


def _local_name(iri: str) -> str:
    """Return what a term of the ontology is called in it; nothing for other terms."""
    return iri.removeprefix(terms.IMR) if iri.startswith(terms.IMR) else ""


@dataclass(frozen=True, slots=True)
class OntologyView:
    """The documentation of the ontology: `users` are the properties of each class by its IRI."""

    about: Mapping[str, str]
    groups: Sequence[tuple[str, str, tuple[Term, ...]]]
    users: Mapping[str, list[Term]]
    schemes: tuple[VocabularyInfo, ...]
    parts: Sequence[tuple[str, ...]]
    aligned: Mapping[str, str] = field(default_factory=lambda: _ALIGNED)
    namespace_iri: str = terms.IMR
    short: Callable[[str], str] = field(default_factory=lambda: shorten_iri)
    local: Callable[[str], str] = field(default_factory=lambda: _local_name)
    title: str = "The ontology"


async def _show_ontology(_site: Site, _request: Request) -> Page:
    ontology = read_ontology()
    order = list(KINDS.values())
    listed = sorted(ontology.terms, key=lambda term: order.index(term.kind))
    groups = [(kind, _HEADINGS[kind], tuple(found)) for kind, found in groupby(listed, key=lambda term: term.kind)]
    parts = [
        ("Vocabularies", "vocabularies"),
        *((name, f"kind-{kind}", str(len(found))) for kind, name, found in groups),
    ]
    return Page("ontology.html", OntologyView(ontology.about, groups, _users(ontology.terms), read_schemes(), parts))


def shorten_iri(iri: str) -> str:
    """Return an IRI with the prefix of its vocabulary.

    >>> shorten_iri("http://www.w3.org/ns/prov#Entity")
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


DOCUMENT: Final = Document(_show_ontology, (resources.ontology() / "imr.ttl",))
"""The ontology itself."""
