"""The formats of answers: names, media types, what each can hold, and how a cut is told in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

__all__ = ["BOOLEAN", "BY_NAME", "FORMATS", "GRAPH", "KINDS", "SOLUTIONS", "Format"]

SOLUTIONS, BOOLEAN, GRAPH = "solutions", "boolean", "graph"
KINDS: Final = (SOLUTIONS, BOOLEAN, GRAPH)


@dataclass(frozen=True, slots=True)
class Format:
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
    Format("json", _TABLES, ("application/sparql-results+json", "application/json"), ox.QueryResultsFormat.JSON),
    Format(
        "xml",
        _TABLES,
        ("application/sparql-results+xml", "application/xml", "text/xml"),
        ox.QueryResultsFormat.XML,
        _XML,
    ),
    Format("csv", _TABLES, ("text/csv",), ox.QueryResultsFormat.CSV),
    Format("tsv", _TABLES, ("text/tab-separated-values",), ox.QueryResultsFormat.TSV),
    Format("turtle", (GRAPH,), ("text/turtle", "application/x-turtle"), ox.RdfFormat.TURTLE, _HASH),
    Format("ntriples", (GRAPH,), ("application/n-triples",), ox.RdfFormat.N_TRIPLES, _HASH),
    Format("rdfxml", (GRAPH,), ("application/rdf+xml", "application/xml", "text/xml"), ox.RdfFormat.RDF_XML, _XML),
    Format("jsonld", (GRAPH,), ("application/ld+json", "application/json"), ox.RdfFormat.JSON_LD),
)
BY_NAME: Final = {one.name: one for one in FORMATS}
