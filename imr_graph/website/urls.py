"""Every address of the site: the paths of its routes, and the addresses of pages with their parameters.

Neither Python nor a template writes an address by hand; templates find this module as `urls`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.endpoint.http import ENDPOINT
from imr_graph.record_files import FORMATS

__all__ = [
    "add_format",
    "answer",
    "answers",
    "as_file",
    "as_files",
    "case",
    "compare",
    "concepts",
    "editor",
    "embed",
    "example",
    "facts",
    "file",
    "letter_text",
    "network",
    "precedents",
    "queries",
    "query",
    "requirements",
    "resource",
    "resource_named",
    "search",
    "static",
    "statistics",
    "suggest",
    "term",
    "treatments",
    "with_query",
]

HOME: Final = "/"
SEARCH: Final = "/search"
SUGGEST: Final = "/suggest"
PRECEDENTS: Final = "/precedents"
REQUIREMENTS: Final = "/requirements"
STATISTICS: Final = "/statistics"
COMPARE: Final = "/compare"
EMBED: Final = "/embed"
QUERIES: Final = "/questions"
SPARQL: Final = ENDPOINT
EDITOR_WORDS: Final = f"{ENDPOINT}/words.json"
EDITOR_EXAMPLES: Final = f"{ENDPOINT}/examples"
NETWORK: Final = "/network"
DATA: Final = "/data"
DESCRIPTION: Final = "/data/description.ttl"
CROISSANT: Final = "/data/croissant.json"
COLUMNS: Final = "/data/columns"
FILES: Final = "/data/files"
DIGESTS: Final = "/data/files/SHA256SUMS"
QUALITY: Final = "/quality"
ONTOLOGY: Final = "/ontology"
VERSION: Final = f"{ONTOLOGY}/{{version}}"
MAPPINGS: Final = f"{ONTOLOGY}/mappings.sssom.tsv"
SHAPES: Final = "/shapes"
VOID: Final = "/.well-known/void"
RESOURCES: Final = "/id"
STATIC: Final = "/static"
ROBOTS: Final = "/robots.txt"
SITEMAP: Final = "/sitemap.xml"
OPEN_SEARCH: Final = "/opensearch.xml"
PATTERNS: Final = "/patterns"
ABOUT: Final = "/about"
GLOSSARY: Final = "/glossary"
HELP: Final = "/help"
API: Final = "/api"
OPENAPI: Final = "/openapi.json"
GETTING_LETTERS: Final = "/letters"

MAIN_PAGES: Final = (
    (SEARCH, "Search"),
    (PRECEDENTS, "Precedents"),
    (STATISTICS, "Statistics"),
    (COMPARE, "Compare"),
    (QUERIES, "Questions"),
    (SPARQL, "SPARQL"),
    (DATA, "Data"),
)
"""The pages of the navigation, with their names."""

INFO_PAGES: Final = (
    (ABOUT, "About and methods"),
    (GLOSSARY, "Glossary"),
    (HELP, "Help with searching"),
    (GETTING_LETTERS, "Getting letters"),
)
"""The pages that the foot of each page leads to, with their names."""

RDF_TYPES: Final[Mapping[str, str]] = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
"""Media types of RDF by suffix, in the order that is preferred where the client does not care."""

_ONTOLOGY_IRI: Final = terms.IMR.rstrip("#")


def with_query(path: str, pairs: Iterable[tuple[str, str]] = (), fragment: str = "") -> str:
    """Return a path with parameters and a fragment, each only where there is one.

    >>> with_query(SEARCH, [("q", "MRI knee")]), with_query(SEARCH)
    ('/search?q=MRI+knee', '/search')
    """
    query = urlencode(list(pairs))
    return f"{path}{'?' if query else ''}{query}{'#' if fragment else ''}{fragment}"


def search(text: str = "", *filters: tuple[str, str]) -> str:
    """Return the address of a search for words, filters, or both."""
    return with_query(SEARCH, [*([("q", text)] if text else []), *filters])


def treatments(ids: Iterable[str]) -> str:
    """Return the address of a search for treatments."""
    return search("", *(("treatment", id) for id in ids))


def as_file(address: str, format: str) -> str:
    """Return the address of the same as a file, by its suffix.

    >>> as_file("/search?q=knee", "csv"), as_file("/search", "json")
    ('/search.csv?q=knee', '/search.json')
    """
    path, mark, query = address.partition("?")
    return f"{path}.{format}{mark}{query}"


def as_files(address: str) -> list[tuple[str, str]]:
    """Return the addresses of the same as a file in each format of records, with the formats' names."""
    return [(format.upper(), as_file(address, format)) for format in FORMATS]


def suggest(dimension: str) -> str:
    """Return the address of suggestions that are values of one dimension."""
    return with_query(SUGGEST, [("dimension", dimension)])


def add_format(address: str, format: str) -> str:
    """Return the address of the same as a file of a format."""
    return f"{address}{'&' if '?' in address else '?'}format={format}"


def concepts(kind: str) -> str:
    """Return the address of the list of a kind of concept.

    >>> concepts("treatment")
    '/treatments'
    """
    return KINDS[kind].listing.path


def requirements(request: str) -> str:
    """Return the address of what has to be documented for a request in free text."""
    return with_query(REQUIREMENTS, [("q", request)])


def precedents(request: str) -> str:
    """Return the address of the precedents for a request in free text."""
    return with_query(PRECEDENTS, [("q", request)])


def statistics(**parameters: str) -> str:
    """Return the address of a figure of statistics."""
    return with_query(STATISTICS, parameters.items())


def compare(dimension: str, *values: str) -> str:
    """Return the address of values of a dimension beside each other.

    >>> compare("treatment", "mri", "acupuncture")
    '/compare?treatment=mri&treatment=acupuncture'
    """
    return with_query(COMPARE, [(dimension, value) for value in values])


def embed(address: str) -> str:
    """Return the address of a figure as other sites may show it within their pages."""
    return f"{EMBED}{address}"


def query(name: str, pairs: Iterable[tuple[str, str]] = ()) -> str:
    """Return the address of a query of the library, with values for its parameters."""
    return with_query(f"{QUERIES}/{name}", pairs)


def queries(tag: str) -> str:
    """Return the address of the list of queries with a tag."""
    return with_query(QUERIES, [("tag", tag)])


def answer(sparql: str, format: str) -> str:
    """Return the address of the endpoint's answer to a query, in one of the endpoint's formats."""
    return f"{SPARQL}?query={quote(sparql, safe='')}&format={format}"


def answers(sparql: str, formats: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the addresses of the endpoint's answer in several formats, given by name and title, with their titles."""
    return [(title, answer(sparql, name)) for name, title in formats]


def editor(sparql: str) -> str:
    """Return the address of the editor with a query, which browsers keep to themselves."""
    return f"{SPARQL}#query={quote(sparql, safe='')}"


def example(name: str) -> str:
    """Return the address of the editor with a query of the library."""
    return f"{EDITOR_EXAMPLES}/{name}"


def resource_named(name: str, form: str = "") -> str:
    """Return the address of a resource by what its IRI ends in, or of one of its forms (`RDF_TYPES`).

    >>> resource_named("treatment-mri", "ttl")
    '/id/treatment-mri.ttl'
    """
    return f"{RESOURCES}/{quote(name, safe='%')}{f'.{form}' if form else ''}"


def resource(iri: str, base: str = terms.BASE) -> str:
    """Return the address of the page of a resource of the graph; other IRIs are their own address.

    `base` starts the IRIs of the data. What is no web address leads to a place within the page.

    >>> resource("https://w3id.org/imr-graph/id/treatment-diazepam"), resource(terms.term("Case")), resource("data:x")
    ('/id/treatment-diazepam', '/ontology#Case', '#')
    """
    for start in (base, terms.BASE):
        if iri.startswith(start):
            return resource_named(iri.removeprefix(start))
    if iri == _ONTOLOGY_IRI or iri.startswith(terms.IMR):
        return iri.replace(_ONTOLOGY_IRI, ONTOLOGY, 1)
    return iri if iri.startswith(("https://", "http://")) else "#"


def case(key: str, item: int | None = None) -> str:
    """Return the address of a case by its key, or of one of its items by its number.

    >>> case("CM16-0000001", 2)
    '/id/case-CM16-0000001#item-2'
    """
    return resource_named(terms.local_name(terms.case_iri(key))) + (f"#item-{item}" if item else "")


def letter_text(name: str) -> str:
    """Return the address of a case's letter as plain text, by what the IRI of the case ends in."""
    return f"{resource_named(name)}/letter.txt"


def facts(name: str, format: str) -> str:
    """Return the address of the figures of a concept as a file."""
    return with_query(resource_named(name), [("format", format)])


def network(around: str, page: str = NETWORK) -> str:
    """Return the address of a page that shows the network around a node."""
    return with_query(page, [("around", around)], "network")


def term(name: str) -> str:
    """Return the address of a term in the documentation of the ontology."""
    return f"{ONTOLOGY}#{name}"


def file(name: str) -> str:
    """Return the address of a file for download."""
    return f"{FILES}/{name}"


def static(name: str) -> str:
    """Return the address of a style sheet, script or picture of the site."""
    return f"{STATIC}/{name}"
