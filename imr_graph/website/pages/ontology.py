"""The ontology and its vocabularies: documentation for people at /ontology, Turtle and other forms for programs.

The page is ours rather than pyLODE's, whose pages carry their style and scripts inside, which the site's
Content-Security-Policy refuses (docs/decisions/front-end.md). Anchors are the local names of the terms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
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
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.resources import Document, document_endpoint, rdf_page
from imr_graph.website.site import Page, PageNotFoundError, PageRequest, Site

__all__ = [
    "DOCUMENT",
    "Ontology",
    "Term",
    "VocabularyInfo",
    "read_ontology",
    "read_schemes",
    "send_mappings",
    "send_vocabulary",
    "shorten_iri",
    "version_endpoint",
]

_OWL: Final = "http://www.w3.org/2002/07/owl#"
_RANGE_INCLUDES: Final = "https://schema.org/rangeIncludes"  # where OWL 2 lacks the datatype
# The kinds of terms in the order of the page, by their class; what has another class is an individual of it.
KINDS: Final[Mapping[str, str]] = {
    f"{_OWL}Class": "class",
    f"{_OWL}ObjectProperty": "relation",
    f"{_OWL}DatatypeProperty": "attribute",
    f"{_OWL}AnnotationProperty": "label",
    f"{terms.RDFS}Datatype": "datatype",
    "": "individual",
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
_ALL: Final = "vocabularies"
_PREFIXES: Final = {**terms.PREFIXES, "owl": "http://www.w3.org/2002/07/owl#", "schema": "https://schema.org/"}


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the ontology; `aligned` are terms of other vocabularies with the kind of alignment, as IRIs.

    `types` are the classes of an individual, `parents` what a class or a property is a kind of. `inverse` is what the
    graph holds in the place of this property.
    """

    iri: str
    name: str
    kind: str
    label: str
    comment: str
    examples: tuple[str, ...]
    types: tuple[str, ...]
    parents: tuple[str, ...]
    domains: tuple[str, ...]
    ranges: tuple[str, ...]
    aligned: tuple[tuple[str, str], ...]
    inverse: str = ""


@dataclass(frozen=True, slots=True)
class Ontology:
    """The ontology: what it says of itself by local names, and its terms in the order of the file."""

    about: Mapping[str, str]
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class VocabularyInfo:
    """A vocabulary: its id, title, description, the number of its concepts, and the files of `ontology/` it is in."""

    name: str
    title: str
    description: str
    concepts: int
    files: tuple[str, ...]


@cache
def read_ontology() -> Ontology:
    """Return the ontology of `ontology/imr.ttl`."""
    facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in _triples(resources.ontology() / "imr.ttl"):
        facts[subject][predicate].append(value)
    own = facts.pop(terms.IMR.removesuffix("#"))
    about = {terms.local_name(predicate): values[0] for predicate, values in own.items()}
    return Ontology(about, tuple(_term(iri, said) for iri, said in facts.items() if iri.startswith(terms.IMR)))


@cache
def read_schemes() -> tuple[VocabularyInfo, ...]:
    """Return the vocabularies, by their titles."""
    titles: dict[str, dict[str, str]] = defaultdict(dict)
    concepts: dict[str, int] = defaultdict(int)
    files: dict[str, set[str]] = defaultdict(set)
    for path in resources.vocabulary_files():
        for subject, predicate, value in _triples(path):
            if predicate == f"{terms.SKOS}inScheme":
                concepts[value] += 1
                files[value].add(path.name)
            elif predicate.startswith(terms.DCTERMS) and "/id/scheme-" in subject:
                titles[subject][terms.local_name(predicate)] = value
    found = (
        VocabularyInfo(
            terms.local_name(iri), said["title"], said["description"], concepts[iri], tuple(sorted(files[iri]))
        )
        for iri, said in titles.items()
    )
    return tuple(sorted(found, key=lambda scheme: scheme.title))


def _triples(path: Path) -> Iterator[tuple[str, str, str]]:
    for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            yield subject.value, quad.predicate.value, value.value


def _term(iri: str, said: Mapping[str, list[str]]) -> Term:
    types = said.get(f"{terms.RDF}type", [])
    kind = next((KINDS[one] for one in types if one in KINDS), "individual")
    parents = said.get(f"{terms.RDFS}subClassOf", []) + said.get(f"{terms.RDFS}subPropertyOf", [])
    matches = [(p, v) for p, values in said.items() if p.endswith("Match") for v in values]
    return Term(
        iri=iri,
        name=iri.removeprefix(terms.IMR),
        kind=kind,
        label=said.get(f"{terms.RDFS}label", [""])[0],
        comment=" ".join(said.get(f"{terms.RDFS}comment", [])),
        examples=tuple(said.get(f"{terms.SKOS}example", ())),
        types=tuple(one for one in types if one.startswith(terms.IMR)),
        parents=tuple(parents),
        domains=tuple(said.get(f"{terms.RDFS}domain", ())),
        ranges=tuple(said.get(_RANGE_INCLUDES, said.get(f"{terms.RDFS}range", ()))),
        inverse=next(iter(said.get(f"{_OWL}inverseOf", ())), ""),
        aligned=tuple((terms.local_name(predicate), value) for predicate, value in matches),
    )


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
