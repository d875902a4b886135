"""The places of facts as Web Annotations: each selects the words of the letter that its statement was read from."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import rdflib
from rdflib import RDF

from imr_graph import resources
from imr_graph.graph.annotations import write_annotations
from imr_graph.graph.cases import cases, owned_nodes, text_of
from imr_graph.graph.literals import read_spans
from imr_graph.iris import IMR, case_iri
from imr_graph.store.graph_store import GraphStore, open_store
from support.built_stores import built
from support.once import build_once

OA = rdflib.Namespace("http://www.w3.org/ns/oa#")
IMR_TERM = rdflib.Namespace(IMR)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GraphStore:
    return open_store(
        build_once(tmp_path_factory, "annotated", lambda folder: built([resources.examples()], folder / "store"))
        / "store"
    )


def annotated(store: GraphStore) -> rdflib.Graph:
    stream = io.BytesIO()
    write_annotations(store, stream)
    again = io.BytesIO()
    write_annotations(store, again)
    assert stream.getvalue() == again.getvalue()
    return rdflib.Graph().parse(stream.getvalue(), format="turtle")


def test_every_place_of_the_graph_is_an_annotation_of_its_letter(store: GraphStore) -> None:
    graph = annotated(store)
    found = set()
    for annotation in graph.subjects(RDF.type, OA.Annotation):
        body, target = graph.value(annotation, OA.hasBody), graph.value(annotation, OA.hasTarget)
        selector = graph.value(target, OA.hasSelector)
        assert (selector, RDF.type, OA.TextPositionSelector) in graph
        start, end = (graph.value(selector, part) for part in (OA.start, OA.end))
        parts = (graph.value(body, RDF.subject), graph.value(body, RDF.predicate), graph.value(target, OA.hasSource))
        found.add((*map(str, parts), int(start), int(end)))
    expected = set()
    for key in cases(store):
        case = case_iri(key, store.base)
        letter = text_of(store.graph, case, "documentedIn")
        for node in owned_nodes(store.graph, case):
            for entry in read_spans(text_of(store.graph, node, "spans") or ""):
                expected.add((node, IMR + entry.property, letter, entry.span.start, entry.span.end))
    assert found == expected
    assert len(found) > 500


def test_a_case_number_is_found_where_its_annotation_says(store: GraphStore) -> None:
    graph, looked_at = annotated(store), 0
    letters = {path.stem: path.read_text(encoding="utf-8") for path in Path(resources.examples()).glob("*.txt")}
    for body in graph.subjects(RDF.predicate, IMR_TERM.caseNumber):
        number = str(graph.value(body, RDF.object))
        (annotation,) = graph.subjects(OA.hasBody, body)
        selector = graph.value(graph.value(annotation, OA.hasTarget), OA.hasSelector)
        if number in letters:
            start, end = (int(graph.value(selector, part)) for part in (OA.start, OA.end))
            assert letters[number][start:end] == number
            looked_at += 1
    assert looked_at > 5
