"""The ontology in OWL 2: reasoners load it and find it consistent; of properties it says what the shapes say."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import OWL, RDF, SH, URIRef

from imr_graph import resources
from imr_graph.graph import mapping
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.iris import IMR
from support.components import report_missing, require_module
from support.records import determination, item, spanned


@cache
def ontology() -> rdflib.Graph:
    return rdflib.Graph().parse(resources.ontology() / "imr.ttl")


def unsatisfiable_classes(triples: Iterable[ox.Triple], folder: Path, *, lenient: bool = False) -> list[str]:
    """Return the classes that the reasoner HermiT finds empty; it raises where it cannot load the triples."""
    require_module("owlready2", "dev")
    if shutil.which("java") is None:
        report_missing("Java is not on this machine: install the package default-jre-headless")
    import owlready2

    path = folder / "ontology.nt"
    path.write_bytes(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")
    world = owlready2.World()
    with world.get_ontology(path.as_uri()).load():
        owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=lenient)
    return [str(each) for each in world.inconsistent_classes()]


@pytest.mark.slow
def test_hermit_loads_ontology_and_vocabularies_and_finds_them_consistent(tmp_path: Path) -> None:
    assert unsatisfiable_classes(vocabulary_triples(), tmp_path) == []


@pytest.mark.slow
def test_hermit_finds_a_case_consistent_where_it_may_pass_over_dates(tmp_path: Path) -> None:
    """OWL 2 has no xsd:date, which SPARQL and SHACL need."""
    case = list(mapping.triples(spanned(determination("CM20-0000001", item()))))
    parsed = [quad.triple for quad in ox.parse(path=resources.ontology() / "imr.ttl", format=ox.RdfFormat.TURTLE)]
    assert unsatisfiable_classes([*parsed, *case], tmp_path, lenient=True) == []


@pytest.mark.slow
def test_hermit_finds_a_case_with_two_outcomes_inconsistent(tmp_path: Path) -> None:
    import owlready2

    parsed = [quad.triple for quad in ox.parse(path=resources.ontology() / "imr.ttl", format=ox.RdfFormat.TURTLE)]
    case, outcome = ox.NamedNode("urn:case"), ox.NamedNode(f"{IMR}outcome")
    wrong = [ox.Triple(case, outcome, ox.NamedNode(IMR + name)) for name in ("Upheld", "Overturned")]
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        unsatisfiable_classes([*parsed, *wrong], tmp_path)


def test_functional_properties_are_those_of_which_the_shapes_admit_one_value() -> None:
    shapes = rdflib.Graph()
    for path in resources.shapes().glob("*.ttl"):
        shapes.parse(path)
    once = {
        shapes.value(shape, SH.path)
        for shape, count in shapes.subject_objects(SH.maxCount)
        if int(str(count)) == 1 and str(shapes.value(shape, SH.path)).startswith(IMR)
    }
    assert set(ontology().subjects(RDF.type, OWL.FunctionalProperty)) == once


def test_no_range_is_a_datatype_that_owl_2_lacks() -> None:
    ranges = {str(each) for each in ontology().objects(None, rdflib.RDFS.range) if "XMLSchema" in str(each)}
    assert ranges == {str(rdflib.XSD[name]) for name in ("string", "integer", "boolean")}


def test_every_term_of_another_vocabulary_that_owl_needs_is_declared() -> None:
    graph = ontology()
    used: set[rdflib.term.Node] = set()
    for prop in (rdflib.RDFS.subClassOf, rdflib.RDFS.subPropertyOf):
        used |= {node for node in graph.objects(None, prop) if not str(node).startswith(IMR)}
    assert len(used) > 10
    assert {node for node in used if (node, RDF.type, None) not in graph} == set()


@pytest.mark.parametrize(
    "name",
    ["title", "description", "creator", "publisher", "created", "issued", "modified", "license"],
)
def test_the_ontology_says_who_made_it_when_and_under_which_terms(name: str) -> None:
    assert ontology().value(URIRef(IMR.rstrip("#")), rdflib.DCTERMS[name]) is not None
