"""The ontology and its vocabularies: documentation for people at /ontology, Turtle and other forms for programs.

The page is ours rather than pyLODE's, whose pages carry their style and scripts inside, which the site's
Content-Security-Policy refuses (docs/decisions/front-end.md). Anchors are the local names of the terms.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.vocabulary.mappings import FILE as MAPPINGS
from imr_graph.website.ontology_terms import KINDS, Term, read_ontology, read_schemes
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.resources import Document, document_endpoint, rdf_page
from imr_graph.website.site import Page, PageNotFoundError, PageRequest, Site

__all__ = ["DOCUMENT", "send_mappings", "send_vocabulary", "shorten_iri", "version_endpoint"]

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


def version_endpoint(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of the ontology's versions, of which this site has one: that of its owl:versionIRI."""
    current = document_endpoint(site, DOCUMENT)

    async def send(request: Request) -> Response:
        version = read_ontology().about["versionInfo"]
        if request.path_params["version"] != version:
            return site.failure(request, 404, f"This site has version {version} of the ontology, and no other.")
        return await current(request)

    return send


async def send_mappings(_asked: PageRequest) -> Response:
    """Send the mappings of the vocabularies to public ones, as SSSOM."""
    body = (resources.ontology() / MAPPINGS).read_bytes()
    return Response(body, 200, {"cache-control": "no-cache"}, "text/tab-separated-values; charset=utf-8")


async def send_vocabulary(asked: PageRequest) -> RenderedPage:
    """Send the Turtle file of one vocabulary, or all of them with what follows from the files."""
    if asked.name == _ALL:
        whole = ox.serialize(vocabulary_triples(), format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)
        return rdf_page(whole or b"", "ttl")
    path = resources.ontology() / f"{asked.name}.ttl"
    if path not in resources.vocabulary_files():
        raise PageNotFoundError("There is no such vocabulary: the page of the ontology lists them.")
    return rdf_page(path.read_bytes(), "ttl")


def _local_name(iri: str) -> str:
    """Return what a term of the ontology is called in it; nothing for other terms."""
    return iri.removeprefix(terms.IMR) if iri.startswith(terms.IMR) else ""


async def _show_ontology(_asked: PageRequest) -> Page:
    ontology = read_ontology()
    order = list(KINDS.values())
    listed = sorted(ontology.terms, key=lambda term: order.index(term.kind))
    groups = [(kind, _HEADINGS[kind], tuple(found)) for kind, found in groupby(listed, key=lambda term: term.kind)]
    parts = [
        ("Vocabularies", "vocabularies"),
        *((name, f"kind-{kind}", str(len(found))) for kind, name, found in groups),
    ]
    return Page(
        "ontology.html",
        title="The ontology",
        about=ontology.about,
        groups=groups,
        users=_users(ontology.terms),
        schemes=read_schemes(),
        parts=parts,
        aligned=_ALIGNED,
        namespace_iri=terms.IMR,
        short=shorten_iri,
        local=_local_name,
    )


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
