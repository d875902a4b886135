"""The vocabularies as SKOS: what a thesaurus tool, a reasoner over schemes and the shapes for them expect."""

from __future__ import annotations

import logging
from functools import cache

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SKOS, URIRef

from imr_graph import resources, vocabulary
from imr_graph.graph.resolver import vocabulary_text
from imr_graph.iris import BASE, IMR
from support.components import require_module

ID = rdflib.Namespace(BASE)


@cache
def concepts() -> rdflib.Graph:
    """Return the ontology and all vocabularies, with what follows from them."""
    return rdflib.Graph().parse(data=vocabulary_text(), format="nt")


def test_the_shapes_of_vocabularies_find_nothing() -> None:
    shapes = rdflib.Graph().parse(resources.shapes() / "vocabularies" / "skos.ttl")
    conforms, _, text = pyshacl.validate(concepts(), shacl_graph=shapes)
    assert conforms, text


@pytest.mark.parametrize(
    "spoil",
    [
        (SKOS.narrower, SKOS.broader),
        (SKOS.inScheme, SKOS.related),
        (SKOS.prefLabel, SKOS.note),
        (SKOS.definition, SKOS.note),
    ],
    ids=lambda pair: rdflib.URIRef(pair[0]).fragment,
)
def test_the_shapes_of_vocabularies_find_what_is_missing(spoil: tuple[URIRef, URIRef]) -> None:
    spoiled = rdflib.Graph()
    for node in (ID["category-injection"], ID["category-injection-facet"], ID["scheme-categories"]):
        for _, prop, value in concepts().triples((node, None, None)):
            spoiled.add((node, spoil[1] if prop == spoil[0] else prop, value))
    shapes = rdflib.Graph().parse(resources.shapes() / "vocabularies" / "skos.ttl")
    assert not pyshacl.validate(spoiled, shacl_graph=shapes)[0]


def test_skosify_has_nothing_to_mend(caplog: pytest.LogCaptureFixture) -> None:
    """Checked are loose concepts, labels, overlaps of relations, cycles and top concepts."""
    require_module("skosify", "dev")
    import skosify

    before = rdflib.Graph() + concepts()
    given = rdflib.Graph() + concepts()
    with caplog.at_level(logging.WARNING):
        after = skosify.skosify(given, label="Vocabularies", cleanup_classes=False, cleanup_properties=False)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert said[0].startswith("Multiple concept schemes found."), said
    assert set(before) - set(after) == set()


def test_every_concept_is_one_explicitly_with_its_hierarchy_said_both_ways() -> None:
    graph = concepts()
    classes = {node for node in graph.subjects(rdflib.RDFS.subClassOf, SKOS.Concept) if str(node).startswith(IMR)}
    members = {node for each in classes for node in graph.subjects(RDF.type, each)}
    assert members == set(graph.subjects(RDF.type, SKOS.Concept))
    assert len(members) > 3_000
    assert {(a, b) for a, b in graph.subject_objects(SKOS.broader)} == {
        (b, a) for a, b in graph.subject_objects(SKOS.narrower)
    }


def test_the_tree_of_treatments_begins_with_the_categories() -> None:
    graph, scheme = concepts(), ID["scheme-treatments"]
    tops = set(graph.objects(scheme, SKOS.hasTopConcept))
    assert ID["category-diagnostic-testing"] in tops
    assert not [node for node in tops if str(node).startswith(ID["treatment-"])]
    assert scheme in set(graph.objects(ID["category-diagnostic-testing-imaging"], SKOS.inScheme))


def test_every_treatment_that_is_no_drug_is_defined() -> None:
    graph, known = concepts(), vocabulary.load()
    procedures = [
        treatment
        for treatment in known.treatments
        if "pharmaceuticals" not in {category.id for category in known.categories_of(treatment.id)}
    ]
    assert len(procedures) > 100
    assert [one.id for one in procedures if (URIRef(one.iri), SKOS.definition, None) not in graph] == []


@pytest.mark.parametrize(("name", "kind", "whole"), [("MRCP", "mrcp", "mri"), ("CT angiogram", "ct-angiography", "ct")])
def test_a_kind_of_a_treatment_is_a_concept_of_its_own_whose_names_mean_the_whole(
    name: str, kind: str, whole: str
) -> None:
    graph, known = concepts(), vocabulary.load()
    assert (ID[f"treatment-{kind}"], SKOS.broader, ID[f"treatment-{whole}"]) in graph
    assert name not in {str(label) for label in graph.objects(ID[f"treatment-{whole}"], SKOS.altLabel)}
    found = known.treatments.unique_by_label(name)
    assert found is not None
    assert found.id == whole
    assert known.kinds_of[f"{BASE}treatment-{kind}"] == f"{BASE}treatment-{whole}"
