"""The formats of answers, and which of them answers an Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import pyoxigraph as ox

__all__ = [
    "BOOLEAN",
    "BY_NAME",
    "FORMATS",
    "GRAPH",
    "KINDS",
    "SOLUTIONS",
    "AnswerFormat",
    "Choice",
    "accepts_gzip",
    "best",
    "choose_formats",
    "prefers_html",
    "quality",
]

SOLUTIONS, BOOLEAN, GRAPH = "solutions", "boolean", "graph"
KINDS: Final = (SOLUTIONS, BOOLEAN, GRAPH)


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """One way to write an answer.

    `kinds` are the kinds of answers it can hold. `media_types` begin with its own; the others are general types by
    which clients also ask for it. `comment` is how a remark ends the document, in two pieces around the remark; empty
    where the format has no place for one. The names a client may give as `format` are `name` and the media types.
    """

    name: str
    kinds: tuple[str, ...]
    media_types: tuple[str, ...]
    writer: ox.QueryResultsFormat | ox.RdfFormat
    comment: tuple[bytes, bytes] | tuple[()] = ()

    @property
    def is_xml(self) -> bool:
        """Whether the text must keep to the characters of XML."""
        return self.media_types[0].endswith("+xml")


_TABLES = (SOLUTIONS, BOOLEAN)
_XML, _HASH = (b"<!-- ", b" -->"), (b"# ", b"\n")

# In the order that the server prefers where the client does not care.
FORMATS: Final = (
    AnswerFormat("json", _TABLES, ("application/sparql-results+json", "application/json"), ox.QueryResultsFormat.JSON),
    AnswerFormat(
        "xml",
        _TABLES,
        ("application/sparql-results+xml", "application/xml", "text/xml"),
        ox.QueryResultsFormat.XML,
        _XML,
    ),
    AnswerFormat("csv", _TABLES, ("text/csv",), ox.QueryResultsFormat.CSV),
    AnswerFormat("tsv", _TABLES, ("text/tab-separated-values",), ox.QueryResultsFormat.TSV),
    AnswerFormat("turtle", (GRAPH,), ("text/turtle", "application/x-turtle"), ox.RdfFormat.TURTLE, _HASH),
    AnswerFormat("ntriples", (GRAPH,), ("application/n-triples",), ox.RdfFormat.N_TRIPLES, _HASH),
    AnswerFormat(
        "rdfxml", (GRAPH,), ("application/rdf+xml", "application/xml", "text/xml"), ox.RdfFormat.RDF_XML, _XML
    ),
    AnswerFormat("jsonld", (GRAPH,), ("application/ld+json", "application/json"), ox.RdfFormat.JSON_LD),
)
BY_NAME: Final = {one.name: one for one in FORMATS}

Choice: TypeAlias = tuple[str, str]
"""The name of a format and the media type that the answer is labelled with."""

_EVERYTHING = "*/*"


@lru_cache(maxsize=512)
def choose_formats(accept: str) -> Mapping[str, Choice | None]:
    """Return, for each kind of answer, the format that suits an Accept header best, None where none is acceptable.

    >>> choose_formats("text/csv;q=0.5, application/sparql-results+xml")["solutions"]
    ('xml', 'application/sparql-results+xml')
    >>> choose_formats("application/*;q=0, text/*")["graph"]
    ('turtle', 'text/turtle')
    """
    found: dict[str, Choice | None] = {}
    for kind in KINDS:
        own = [(one.name, one.media_types[0]) for one in FORMATS if kind in one.kinds]
        general = [(one.name, name) for one in FORMATS if kind in one.kinds for name in one.media_types[1:]]
        found[kind] = best(accept, (*own, *general))
    return found


@lru_cache(maxsize=512)
def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether an Accept-Encoding header asks for gzip.

    >>> accepts_gzip("br, gzip;q=0.5"), accepts_gzip("gzip;q=0, *")
    (True, False)
    """
    ranges = dict(_ranges(accept_encoding))
    return ranges.get("gzip", ranges.get("x-gzip", ranges.get("*", 0.0))) > 0


@lru_cache(maxsize=512)
def prefers_html(accept: str) -> bool:
    """Return whether a client wants a page rather than a graph; one that does not care gets the graph.

    >>> prefers_html("text/html,application/xhtml+xml,*/*;q=0.8"), prefers_html("text/turtle, text/html;q=0.5")
    (True, False)
    """
    graphs = [(one.name, name) for one in FORMATS if GRAPH in one.kinds for name in one.media_types]
    found = best(accept, (*graphs, ("html", "text/html")))
    return found is not None and found[0] == "html"


@lru_cache(maxsize=2048)
def best(accept: str, offers: tuple[Choice, ...]) -> Choice | None:
    """Return the offer with the highest quality, the first of equals; None where every one is unacceptable."""
    ranges = dict(_ranges(accept)) or {_EVERYTHING: 1.0}
    chosen, highest = None, 0.0
    for offer in offers:
        found = quality(offer[1], ranges)
        if found > highest:
            chosen, highest = offer, found
    return chosen


def quality(media_type: str, ranges: Mapping[str, float]) -> float:
    """Return the quality of a media type: that of the most specific range which covers it, 0 where none does."""
    major = media_type.partition("/")[0]
    for name in (media_type, f"{major}/*", _EVERYTHING):
        if name in ranges:
            return ranges[name]
    return 0.0


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Yield each range of a header with its quality; parameters other than `q` do not matter, nor do broken pieces."""
    for piece in header.split(","):
        name, *parameters = piece.lower().split(";")
        if not name.strip():
            continue
        q = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                q = _q(value.strip())
        yield name.strip(), q


def _q(value: str) -> float:
    try:
        q = float(value)
    except ValueError:
        return 0.0
    return q if 0 <= q <= 1 else 0.0
