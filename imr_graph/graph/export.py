"""The graph as files: Turtle, N-Triples, JSON-LD, RDF/XML; the same graph gives the same bytes.

Also its description for catalogs: VoID and DCAT, with counts taken from the graph.

Triples are read, sorted and written range by range (`sorting`), so an export of any size needs the memory of a few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final

import pyoxigraph as ox

from imr_graph import dataset as dataset_facts
from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph import jsonld
from imr_graph.graph.readable import GraphStore
from imr_graph.graph.sorting import RANGE, Progress, convert_ranges
from imr_graph.graph.turtle import begin_turtle, format_turtle
from imr_graph.resources import software_version

__all__ = ["FORMATS", "Format", "counts", "description", "export", "fit_for_xml"]


@dataclass(frozen=True)
class Format:
    """A way of writing the graph: its media type, the ending of its files, and how it is written.

    `begin` returns what stands before all, by the prefixes, `convert(lines, prefixes=prefixes)` what the sorted lines
    of a range become. Where the graph is empty, `begin` is left out unless there is an `end`. `for_reading` is that of
    `sorting.convert_ranges`.
    """

    media_type: str
    suffix: str
    begin: Callable[[Mapping[str, str]], bytes]
    convert: Callable[..., bytes]
    between: bytes = b""
    end: bytes = b""
    for_reading: bool = True


def export(
    store: GraphStore,
    format: str,
    stream: BinaryIO,
    *,
    include_vocabulary: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
    size: int = RANGE,
) -> None:
    """Write a store's graph to a stream of bytes.

    `format` is a name in `FORMATS`. By default what letters say is written; `include_vocabulary` adds the ontology and
    its vocabularies, so that the file stands alone. `jobs` is how many processes work, each of which sorts some
    `size` triples in memory; with more than one, a script has to guard what it does by
    `if __name__ == "__main__"`. Raises UnknownNameError for another format.
    """
    found = FORMATS.get(format)
    if found is None:
        raise UnknownNameError("export format", format, FORMATS)
    prefixes = jsonld.prefixes_of(store.base)
    before, wanting = found.begin(prefixes), bool(found.end)
    for text in convert_ranges(
        store,
        partial(found.convert, prefixes=prefixes),
        for_reading=found.for_reading,
        include_vocabulary=include_vocabulary,
        size=size,
        jobs=jobs,
        progress=progress,
    ):
        if text:
            stream.write(before)
            stream.write(text)
            before, wanting = found.between, False
    stream.write((before if wanting else b"") + found.end)


def _begin_nothing(prefixes: Mapping[str, str]) -> bytes:  # noqa: ARG001 - the signature of all formats
    return b""


def _join(lines: list[bytes], prefixes: Mapping[str, str]) -> bytes:  # noqa: ARG001 - as above
    return b"".join(lines)


def _parse(lines: list[bytes]) -> Iterator[ox.Triple]:
    return (quad.triple for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES))


def _convert_to_jsonld(lines: list[bytes], prefixes: Mapping[str, str]) -> bytes:
    return jsonld.format_nodes(_parse(lines), prefixes)


_END_OF_XML: Final = b"</rdf:RDF>"


def _begin_rdfxml(prefixes: Mapping[str, str]) -> bytes:
    return _serialize_rdfxml((), prefixes).removesuffix(_END_OF_XML)


def _convert_to_rdfxml(lines: list[bytes], prefixes: Mapping[str, str]) -> bytes:
    text = _serialize_rdfxml(map(fit_for_xml, _parse(lines)), prefixes)
    return text.removeprefix(_begin_rdfxml(prefixes)).removesuffix(_END_OF_XML)


def _serialize_rdfxml(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    return ox.serialize(triples, format=ox.RdfFormat.RDF_XML, prefixes=dict(prefixes)) or b""


def fit_for_xml(triple: ox.Triple) -> ox.Triple:
    """Return a triple whose text XML 1.0 can hold: other control characters become U+FFFD."""
    text = triple.object
    if not isinstance(text, ox.Literal) or text.value.isprintable():
        return triple
    fit = text.value.translate(_UNFIT)
    if text.language:
        return ox.Triple(triple.subject, triple.predicate, ox.Literal(fit, language=text.language))
    return ox.Triple(triple.subject, triple.predicate, ox.Literal(fit, datatype=text.datatype))


# XML 1.0, section 2.2: tab, line feed and carriage return are the only control characters; U+FFFE and U+FFFF are out.
_UNFIT = dict.fromkeys((*(c for c in range(32) if c not in (9, 10, 13)), 65534, 65535), "�")

FORMATS: Mapping[str, Format] = {
    "turtle": Format("text/turtle", ".ttl", begin_turtle, format_turtle),
    "ntriples": Format("application/n-triples", ".nt", _begin_nothing, _join, for_reading=False),
    "jsonld": Format(
        "application/ld+json",
        ".jsonld",
        jsonld.begin,
        _convert_to_jsonld,
        between=b",",
        end=jsonld.END,
    ),
    "rdfxml": Format("application/rdf+xml", ".rdf", _begin_rdfxml, _convert_to_rdfxml, end=_END_OF_XML),
}


_VOID = "http://rdfs.org/ns/void#"
_DCAT = "http://www.w3.org/ns/dcat#"
_DCTERMS = "http://purl.org/dc/terms/"
_CLASSES = ("Case", "Letter", "Reviewer", "DisputedItem", "Citation", "Guideline", "Section", "Page", "Treatment")
_DEFAULT = ox.DefaultGraph()


def counts(store: GraphStore) -> dict[str, int]:
    """Return how many nodes of each class a store holds, vocabularies included."""
    return {name: sum(1 for _ in _instances(store, name)) for name in _CLASSES}


def description(store: GraphStore) -> bytes:
    """Return the description of a store's dataset as Turtle: title, formats, number of triples, nodes by class."""
    return (
        ox.serialize(
            sorted(_triples(store), key=str),
            format=ox.RdfFormat.TURTLE,
            prefixes={**terms.PREFIXES, "void": _VOID, "dcat": _DCAT, "dcterms": _DCTERMS},
        )
        or b""
    )


def _triples(store: GraphStore) -> Iterator[ox.Triple]:
    dataset = ox.NamedNode(f"{store.base}dataset")
    a = ox.NamedNode(f"{terms.RDF}type")

    def about(prop: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(dataset, ox.NamedNode(prop), value)

    yield about(a.value, ox.NamedNode(f"{_VOID}Dataset"))
    yield about(a.value, ox.NamedNode(f"{_DCAT}Dataset"))
    yield about(f"{_DCTERMS}title", ox.Literal(dataset_facts.TITLE, language="en"))
    yield about(f"{_DCTERMS}description", ox.Literal(dataset_facts.DESCRIPTION, language="en"))
    yield about(f"{_DCTERMS}creator", ox.Literal(f"imr-graph {software_version()}"))
    yield about(f"{_DCTERMS}publisher", ox.Literal(dataset_facts.PUBLISHER))
    yield about(f"{_DCTERMS}license", ox.NamedNode(dataset_facts.LICENSE))
    yield about(f"{_DCAT}landingPage", ox.NamedNode(dataset_facts.HOMEPAGE))
    for word in dataset_facts.KEYWORDS:
        yield about(f"{_DCAT}keyword", ox.Literal(word, language="en"))
    if store.path is not None:
        built = ox.Literal(str(dataset_facts.built_on(store.path)), datatype=ox.NamedNode(f"{terms.XSD}date"))
        yield about(f"{_DCTERMS}issued", built)
        yield about(f"{_DCTERMS}modified", built)
    yield about(f"{_VOID}uriSpace", ox.Literal(store.base))
    yield about(f"{_VOID}vocabulary", ox.NamedNode(terms.IMR.removesuffix("#")))
    yield about(f"{_VOID}triples", ox.Literal(len(store.graph)))
    yield about(f"{_VOID}entities", ox.Literal(sum(1 for _ in _instances(store, "Case"))))
    for name, count in counts(store).items():
        part = ox.NamedNode(f"{dataset.value}-class-{name}")
        yield about(f"{_VOID}classPartition", part)
        yield ox.Triple(part, ox.NamedNode(f"{_VOID}class"), ox.NamedNode(terms.term(name)))
        yield ox.Triple(part, ox.NamedNode(f"{_VOID}entities"), ox.Literal(count))


def _instances(store: GraphStore, name: str) -> Iterator[ox.Quad]:
    pattern = (None, ox.NamedNode(f"{terms.RDF}type"), ox.NamedNode(terms.term(name)), _DEFAULT)
    yield from store.graph.quads_for_pattern(*pattern)
