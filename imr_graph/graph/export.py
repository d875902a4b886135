"""The graph as files: Turtle, N-Triples, JSON-LD, RDF/XML; the same graph gives the same bytes.

Also its description for catalogs: VoID and DCAT, with counts taken from the graph.

Triples are sorted outside memory where there are many, so an export of any size needs the room of one run.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import IO, BinaryIO

import pyoxigraph as ox

from imr_graph import dataset as dataset_facts
from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph import jsonld
from imr_graph.graph.cases import data_triples
from imr_graph.graph.readable import GraphStore
from imr_graph.resources import software_version

__all__ = ["FORMATS", "Format", "counts", "description", "export", "fit_for_xml", "sorted_lines"]

_RUN = 500_000  # triples that are sorted at a time: about 150 MB


@dataclass(frozen=True)
class Format:
    """A way of writing the graph: its media type, the ending of its files, and the function that writes it."""

    media_type: str
    suffix: str
    write: Callable[[GraphStore, Iterable[ox.Triple], BinaryIO], None]


def export(store: GraphStore, format: str, stream: BinaryIO, *, include_vocabulary: bool = False) -> None:
    """Write a store's graph to a stream of bytes.

    `format` is a name in `FORMATS`. By default what letters say is written; `include_vocabulary` adds the ontology and
    its vocabularies, so that the file stands alone. Raises UnknownNameError for another format.
    """
    found = FORMATS.get(format)
    if found is None:
        raise UnknownNameError("export format", format, FORMATS)
    triples = _everything(store) if include_vocabulary else data_triples(store)
    found.write(store, triples, stream)


def sorted_lines(
    triples: Iterable[ox.Triple], key: Callable[[bytes], bytes] | None = None, run: int = _RUN
) -> Iterator[bytes]:
    """Yield triples as lines of N-Triples, each once, in the order of their bytes or of `key`.

    `run` is the number of lines that are sorted in memory at a time; more than one run goes through temporary files.
    """
    lines = iter(_lines(triples))
    with ExitStack() as stack:
        runs: list[Iterable[bytes]] = []
        while some := sorted(set(islice(lines, run)), key=key):
            if len(some) < run and not runs:
                yield from some
                return
            file = stack.enter_context(tempfile.TemporaryFile())
            file.writelines(some)
            file.seek(0)
            runs.append(file)
        before = b""
        for line in heapq.merge(*runs, key=key):
            if line != before:
                yield line
            before = line


def _lines(triples: Iterable[ox.Triple]) -> Iterator[bytes]:
    iterator = iter(triples)
    while some := list(islice(iterator, 10_000)):
        yield from (ox.serialize(some, format=ox.RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True)


def _everything(store: GraphStore) -> Iterator[ox.Triple]:
    return (quad.triple for quad in store.graph.quads_for_pattern(None, None, None, ox.DefaultGraph()))


def _reading_order(line: bytes) -> bytes:
    """Sort a case before its reviewer and items: an IRI that another one continues comes first."""
    return line.replace(b">", b" ", 1)


def _sort_for_reading(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    lines = sorted_lines(triples, _reading_order)
    while some := b"".join(islice(lines, 10_000)):
        for quad in ox.parse(some, format=ox.RdfFormat.N_TRIPLES):
            yield quad.triple


def _write_ntriples(_store: GraphStore, triples: Iterable[ox.Triple], stream: BinaryIO) -> None:
    stream.writelines(sorted_lines(triples))


def _write_turtle(store: GraphStore, triples: Iterable[ox.Triple], stream: BinaryIO) -> None:
    _serialize(_sort_for_reading(triples), stream, ox.RdfFormat.TURTLE, store)


def _write_rdfxml(store: GraphStore, triples: Iterable[ox.Triple], stream: BinaryIO) -> None:
    _serialize(map(fit_for_xml, _sort_for_reading(triples)), stream, ox.RdfFormat.RDF_XML, store)


def _write_jsonld(store: GraphStore, triples: Iterable[ox.Triple], stream: BinaryIO) -> None:
    jsonld.write(_sort_for_reading(triples), stream, base=store.base)


def _serialize(triples: Iterable[ox.Triple], stream: IO[bytes], format: ox.RdfFormat, store: GraphStore) -> None:
    prefixes = dict(terms.PREFIXES)
    if store.base != terms.BASE:
        prefixes["data"] = store.base
    ox.serialize(triples, stream, format, prefixes=prefixes)


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
    "turtle": Format("text/turtle", ".ttl", _write_turtle),
    "ntriples": Format("application/n-triples", ".nt", _write_ntriples),
    "jsonld": Format("application/ld+json", ".jsonld", _write_jsonld),
    "rdfxml": Format("application/rdf+xml", ".rdf", _write_rdfxml),
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
