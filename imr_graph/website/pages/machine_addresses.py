"""The addresses for programs, one row each: what it answers, in which forms, with which parameters; an example.

Parameters and formats come from the registries that the pages read them by, so that a new filter, question or format is
described by itself. A test sees to it that every route for programs is here and that each example answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.queries.library import Parameter, list_questions
from imr_graph.analysis.search.search import SORTS
from imr_graph.analysis.statistics.figures import FIGURES
from imr_graph.endpoint.formats import FORMATS as ANSWER_FORMATS
from imr_graph.endpoint.observability import ALIVE, METRICS, READY
from imr_graph.record_files import FORMATS
from imr_graph.table.dimensions import DIMENSIONS, INDEXED, Dimension
from imr_graph.website import urls
from imr_graph.website.pages.figures import FIGURE_FORMATS
from imr_graph.website.search_request import LITERAL
from imr_graph.website.urls import RDF_TYPES

__all__ = ["AddressParameter", "MachineAddress", "machine_addresses"]


@dataclass(frozen=True, slots=True)
class AddressParameter:
    """A parameter of an address: in its path (in braces) or behind it.

    `type` is one of JSON Schema, with "date" for a day in ISO form; `choices` are its values where they are known.
    """

    name: str
    description: str
    type: str = "string"
    choices: tuple[str, ...] = ()
    required: bool = False
    several: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class MachineAddress:
    """An address for programs: the path with names in braces, what it answers, in which media types.

    `example` is an address that answers, in any store that has decisions; empty where that depends on the store.
    """

    path: str
    group: str
    summary: str
    media_types: tuple[str, ...]
    parameters: tuple[AddressParameter, ...] = ()
    example: str = ""


_DATES: Final = (
    AddressParameter("since", "Decided on this day or later.", "date"),
    AddressParameter("until", "Decided on this day or earlier.", "date"),
)
_BOM: Final = AddressParameter("bom", "1: CSV begins with a byte order mark, for spreadsheets.", choices=("1",))
_PRECEDENT_FILTERS: Final = ("region", "guideline", "specialty", "state")
_ENDS: Final = ("upheld", "overturned")
_TEXT: Final = "text/plain; charset=utf-8"
_TYPES: Final = {"integer": "integer", "year": "integer", "date": "date"}


def machine_addresses() -> tuple[MachineAddress, ...]:
    """Return every address for programs, in the order in which it is listed."""
    return (*_searches(), *_precedents(), *_figures(), *_questions(), *_graph(), *_files())


def _filter(of: Dimension) -> AddressParameter:
    words = f"{of.title}; again for more." + (f" For example {of.form[1]}." if of.form else "")
    return AddressParameter(of.name, words, choices=of.choices, several=True)


def _as_files(
    group: str, path: str, summary: str, parameters: tuple[AddressParameter, ...], example: str
) -> Iterator[MachineAddress]:
    """Yield the addresses of a page as a file, one for each format of records; `example` is an address of the page."""
    for name, media_type in FORMATS.items():
        more = (*parameters, _BOM) if name == "csv" else parameters
        sample = urls.as_file(example, name) if example else ""
        yield MachineAddress(urls.as_file(path, name), group, summary, (media_type,), more, sample)


def _searches() -> Iterator[MachineAddress]:
    words = AddressParameter("q", "Words and names, as in the search box.")
    literal = AddressParameter(LITERAL, "only: words are looked for as words.", choices=("only",))
    sort = AddressParameter("sort", "Order of the hits.", choices=SORTS, default=SORTS[0])
    filters = (words, *map(_filter, INDEXED.values()), *_DATES, literal)
    summary = "All hits of a search, with what is known of each decision"
    example = urls.search("MRI", ("decision", "upheld"))
    yield from _as_files("Search", urls.SEARCH, summary, (*filters, sort), example)
    feed = urls.as_file(urls.SEARCH, "atom")
    summary = "The newest decisions that a search finds, as a feed"
    yield MachineAddress(feed, "Search", summary, ("application/atom+xml",), filters, f"{feed}?q=MRI")
    typed = AddressParameter("q", "What was typed so far.", required=True)
    dimension = AddressParameter("dimension", "Only values of this dimension.", choices=tuple(INDEXED))
    summary = "What words that are typed may become (OpenSearch)"
    media_types = ("application/x-suggestions+json",)
    yield MachineAddress(urls.SUGGEST, "Search", summary, media_types, (typed, dimension), f"{urls.SUGGEST}?q=acu")


def _precedents() -> Iterator[MachineAddress]:
    more = (
        AddressParameter("q", "The request, as letters write it.", required=True),
        *(_filter(DIMENSIONS[name]) for name in _PRECEDENT_FILTERS),
        *_DATES,
        AddressParameter("visits", "Requests for up to so many visits are nearest.", "integer"),
        AddressParameter("quantity", "Requests for up to so many units are nearest.", "integer"),
        AddressParameter("decision", "Only decisions of this kind.", choices=_ENDS),
        AddressParameter("first", "Decisions of this kind before the others.", choices=_ENDS),
    )
    summary = "All decisions like a request, the nearest first"
    yield from _as_files("Precedents", urls.PRECEDENTS, summary, more, urls.precedents("MRI"))


def _figures() -> Iterator[MachineAddress]:
    names = tuple(DIMENSIONS)
    format = AddressParameter("format", "Form of the figure; without it the page.", choices=tuple(FIGURE_FORMATS))
    level = AddressParameter("level", "What is counted.", choices=("item", "case"), default="item")
    minimum = AddressParameter("minimum", "Groups with fewer decisions are left out.", "integer", default="1")
    filters = tuple(map(_filter, DIMENSIONS.values()))
    parameters = (
        AddressParameter("figure", "What is counted.", choices=tuple(FIGURES), default="shares"),
        AddressParameter("by", "The dimension of the groups.", choices=names),
        AddressParameter("then", "A second dimension.", choices=names),
        level, minimum, *filters, *_DATES, format, _BOM,
    )  # fmt: skip
    media_types = tuple(FIGURE_FORMATS.values())
    example = urls.add_format(urls.statistics(by="category"), "json")
    yield MachineAddress(urls.STATISTICS, "Figures", "A figure of statistics", media_types, parameters, example)
    compared = (
        AddressParameter("of", "The dimension whose values are compared.", choices=names),
        AddressParameter("value", "A value; again for more.", several=True),
        AddressParameter("by", "The dimension that divides each.", choices=("", *names)),
        level, minimum, *filters, *_DATES, format, _BOM,
    )  # fmt: skip
    yield MachineAddress(urls.COMPARE, "Figures", "Values beside each other", media_types, compared)


def _questions() -> Iterator[MachineAddress]:
    for question in list_questions():
        if question.columns:
            needed = [each for each in question.parameters if each.required]
            pairs = [(each.name, each.example) for each in needed if each.example]
            example = urls.query(question.name, pairs) if all(each.type in KINDS for each in needed) else ""
            parameters = tuple(map(_question_parameter, question.parameters))
            yield from _as_files("Questions", urls.query(question.name), question.title, parameters, example)


def _question_parameter(of: Parameter) -> AddressParameter:
    words = f"{of.description[:1].upper()}{of.description[1:]}."
    return AddressParameter(of.name, words, _TYPES.get(of.type, "string"), required=of.required, default=of.default)


def _graph() -> Iterator[MachineAddress]:
    rdf = tuple(RDF_TYPES.values())
    names = tuple(format.name for format in ANSWER_FORMATS)
    sparql = (
        AddressParameter("query", "SPARQL 1.1; without it the description of the service.", required=False),
        AddressParameter("format", "Form of the answer; else by the Accept header.", choices=names),
    )
    media_types = tuple(dict.fromkeys((*(format.media_types[0] for format in ANSWER_FORMATS), *rdf)))
    example = urls.answer("ASK {}", "json")
    yield MachineAddress(urls.SPARQL, "Graph", "The SPARQL endpoint (GET and POST)", media_types, sparql, example)
    name = AddressParameter("name", "What the IRI ends in: case-CM16-0000001, treatment-mri.", required=True)
    form = AddressParameter("form", "Form of RDF.", choices=tuple(RDF_TYPES), required=True)
    resource = f"{urls.RESOURCES}/{{name}}"
    summary = "What the graph says of a resource, by content negotiation"
    kept = ("text/html", *rdf)
    yield MachineAddress(resource, "Graph", summary, kept, (name,), urls.resource_named("scheme-specialties"))
    example = urls.resource_named("scheme-specialties", "ttl")
    yield MachineAddress(f"{resource}.{{form}}", "Graph", "The same in one form", rdf, (name, form), example)
    summary = "The text of a case's letter, where it is kept"
    yield MachineAddress(f"{resource}/letter.txt", "Graph", summary, (_TEXT,), (name,))
    for path, what in ((urls.ONTOLOGY, "The ontology"), (urls.SHAPES, "The shapes")):
        yield MachineAddress(f"{path}.{{form}}", "Graph", what, rdf, (form,), urls.as_file(path, "ttl"))
    vocabulary = AddressParameter("name", "Name of a vocabulary's file.", required=True)
    yield MachineAddress(f"{urls.ONTOLOGY}/{{name}}.ttl", "Graph", "A vocabulary", (RDF_TYPES["ttl"],), (vocabulary,),
                         f"{urls.ONTOLOGY}/guidelines.ttl")  # fmt: skip
    version = AddressParameter("version", "The version of the ontology: that of its owl:versionIRI.", required=True)
    yield MachineAddress(urls.VERSION, "Graph", "The ontology in its version, by content negotiation", kept, (version,))
    table = ("text/tab-separated-values; charset=utf-8",)
    yield MachineAddress(urls.MAPPINGS, "Graph", "Mappings to public vocabularies (SSSOM)", table, (), urls.MAPPINGS)


def _files() -> Iterator[MachineAddress]:
    name = AddressParameter("name", "Name of the file, as the page of the data lists it.", required=True)
    kinds = ("application/gzip", "application/vnd.apache.parquet", FORMATS["csv"])
    yield MachineAddress(f"{urls.FILES}/{{name}}", "Files", "A file of all data, where it is made", kinds, (name,))
    format = AddressParameter("format", "Form of the dictionary.", choices=("csv", "json", "md"), required=True)
    summary, example = "What the columns of the table mean", urls.as_file(urls.COLUMNS, "json")
    dictionaries = (*FORMATS.values(), "text/markdown")
    yield MachineAddress(f"{urls.COLUMNS}.{{format}}", "Files", summary, dictionaries, (format,), example)
    for group, path, summary, media_type in _PLAIN:
        yield MachineAddress(path, group, summary, (media_type,), (), path)


# Addresses without parameters.
_PLAIN: Final = (
    ("Files", urls.DIGESTS, "SHA-256 of each file", _TEXT),
    ("Files", urls.DESCRIPTION, "VoID, DCAT, service", RDF_TYPES["ttl"]),
    ("Files", urls.CROISSANT, "The files and the table's columns (Croissant)", "application/ld+json"),
    ("Server", urls.OPENAPI, "This description", "application/json"),
    ("Server", urls.EDITOR_WORDS, "What the query editor completes", "application/json"),
    ("Server", urls.ROBOTS, "Rules for crawlers", _TEXT),
    ("Server", urls.SITEMAP, "The list of pages", "application/xml"),
    ("Server", urls.OPEN_SEARCH, "The search, for browsers", "application/opensearchdescription+xml"),
    ("Server", ALIVE, "Whether the server runs", _TEXT),
    ("Server", READY, "Whether it can answer", _TEXT),
    ("Server", METRICS, "Metrics, where they are on", "text/plain; version=0.0.4; charset=utf-8"),
)
