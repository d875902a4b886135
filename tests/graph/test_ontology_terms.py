"""The ontology and vocabularies: well-formed, complete, unambiguous, and each of their terms defined and described."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from imr_graph import resources
from imr_graph.vocabulary import Concept, Scheme, Vocabulary, load, split

IMR = "https://w3id.org/imr-graph/ontology#"
ID = "https://w3id.org/imr-graph/id/"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
FILES = resources.vocabulary_files()
STATES = 50 + 1 + 3  # states, federal district, Guam, Puerto Rico, Virgin Islands


@pytest.fixture(scope="module")
def quads() -> dict[str, list[ox.Quad]]:
    return {path.name: list(ox.parse(path=path, format=ox.RdfFormat.TURTLE)) for path in FILES}


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    return load()


def test_every_file_parses_and_holds_no_blank_node(quads: dict[str, list[ox.Quad]]) -> None:
    assert len(quads) >= 8
    for name, triples in quads.items():
        assert triples, name
        assert not [q for q in triples if ox.BlankNode in (type(q.subject), type(q.object))], name


def test_every_imr_term_used_is_defined(quads: dict[str, list[ox.Quad]]) -> None:
    defined = {q.subject.value for q in quads["imr.ttl"] if q.predicate == RDF_TYPE}
    used = {
        node.value
        for triples in quads.values()
        for q in triples
        for node in (q.subject, q.predicate, q.object, getattr(q.object, "datatype", None))
        if isinstance(node, ox.NamedNode) and node.value.startswith(IMR)
    }
    assert used - defined == set()


@pytest.mark.parametrize(
    "required", [RDFS + "label", RDFS + "comment", RDFS + "isDefinedBy", SKOS + "example"], ids=lambda p: p[-11:]
)
def test_every_term_is_described(quads: dict[str, list[ox.Quad]], required: str) -> None:
    described: dict[str, int] = defaultdict(int)
    for q in quads["imr.ttl"]:
        described[q.subject.value] += q.predicate.value == required
    assert {term: n for term, n in described.items() if term.startswith(IMR) and n != 1} == {}


def test_every_property_has_a_range_and_a_domain_or_says_why_not(quads: dict[str, list[ox.Quad]]) -> None:
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    properties: dict[str, dict[str, str]] = {}
    for q in quads["imr.ttl"]:
        facts[q.subject.value][q.predicate.value] = q.object.value
        if q.subject.value.startswith(IMR) and q.object.value in (OWL + "ObjectProperty", OWL + "DatatypeProperty"):
            properties[q.subject.value] = facts[q.subject.value]
    assert len(properties) > 50
    for term, stated in properties.items():
        assert RDFS + "range" in stated or "It has no range, as" in stated[RDFS + "comment"], term
        assert RDFS + "domain" in stated or "Stands on" in stated[RDFS + "comment"], term


def test_every_node_pointed_to_is_described(quads: dict[str, list[ox.Quad]]) -> None:
    """A link between vocabulary nodes (broader, scheme, guideline, ingredient, region) never ends in nothing."""
    subjects = {q.subject.value for triples in quads.values() for q in triples}
    ends = {
        q.object.value
        for triples in quads.values()
        for q in triples
        if isinstance(q.object, ox.NamedNode) and q.object.value.startswith(ID)
    }
    assert ends - subjects == set()


def test_no_node_is_described_in_two_files(quads: dict[str, list[ox.Quad]]) -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for name, triples in quads.items():
        for q in triples:
            places[q.subject.value].add(name)
    assert {node: files for node, files in places.items() if len(files) > 1} == {}


def clashes(schemes: list[Scheme], *, hidden: bool) -> dict[str, set[str]]:
    """Names that belong to several concepts; with `hidden`, hidden labels count as names too."""
    owners: dict[str, set[str]] = defaultdict(set)
    for scheme in schemes:
        for concept in scheme:
            for label in concept.labels if hidden else (concept.label, *concept.alternatives):
                owners[split(label).squeezed].add(concept.id)
    return {name: ids for name, ids in owners.items() if len(ids) > 1}


def test_names_are_unambiguous_within_a_scheme(known: Vocabulary) -> None:
    """Nothing is shared but names of a guideline's editions, and hidden labels that name two treatments or regions."""
    assert clashes([known.treatments, known.products], hidden=False) == {}
    for scheme in (known.specialties, known.states, known.categories, known.lateralities):
        assert clashes([scheme], hidden=True) == {}, scheme.name
    assert clashes([known.body_regions], hidden=False) == {}
    for guideline in known.guidelines:
        assert clashes([known.sections(guideline.id)], hidden=True) == {}, guideline.id
    labels = [guideline.label for guideline in known.guidelines]
    assert len(labels) == len(set(labels))


def test_a_shared_guideline_name_belongs_to_editions_of_one_guideline(known: Vocabulary) -> None:
    for name, ids in clashes([known.guidelines], hidden=True).items():
        stems = {known.guidelines[id].label.rstrip("0123456789 ") for id in ids}
        regulations = {known.guidelines[id].regulation for id in ids}
        assert len(stems) == 1 or len(regulations) == 1, (name, ids)


def test_states_are_complete(known: Vocabulary) -> None:
    assert len(known.states) == STATES
    assert all(state.id.startswith("US-") and len(state.id) == 5 for state in known.states)


def rows(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "vocabulary" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def has_names(concept: Concept, *names: str) -> bool:
    folded = {split(label).squeezed for label in concept.labels}
    return all(split(name).squeezed in folded for name in names)


def test_every_guideline_row_is_present(shared: Path, known: Vocabulary) -> None:
    for row in rows(shared, "guidelines.csv"):
        guideline = known.guidelines[row["id"]]
        assert has_names(guideline, row["label"])
        assert guideline.year == (int(row["year"]) if row["year"] else None)
        assert guideline.regulation == (row["mtus_section"] or None)
        assert guideline.chapters == tuple(int(c) for c in row["acoem_chapter"].split(",") if c)
        assert [known.concept(iri).id for iri in guideline.broader] == ([row["part_of"]] if row["part_of"] else [])


def test_every_procedure_row_is_present(shared: Path, known: Vocabulary) -> None:
    for row in rows(shared, "procedures.csv"):
        treatment = known.treatments[row["id"]]
        assert treatment.label == row["label"].replace("behavioural", "behavioral")  # American spelling is shown
        assert known.categories_of(row["id"])[0].id == row["category"]


def test_every_category_row_is_present(shared: Path, known: Vocabulary) -> None:
    for row in rows(shared, "categories.csv"):
        category = known.categories[row["id"]]
        assert category.label == row["label"]
        assert [c.id for c in known.ancestors(category)] == ([row["broader"]] if row["broader"] else [])


def test_every_specialty_row_is_present(shared: Path, known: Vocabulary) -> None:
    for row in rows(shared, "specialties.csv"):
        specialty = known.specialties[row["id"]]
        assert specialty.label == row["label"]
        assert has_names(specialty, *filter(None, row["aliases"].split(";")))


def test_no_long_heading_of_a_real_letter_is_a_name(shared: Path, known: Vocabulary) -> None:
    """Names are general: no heading of five words or more from the expected records stands in the vocabulary."""
    headings = {
        split(item["heading"]).squeezed
        for path in (shared / "gold").glob("*.json")
        for item in json.loads(path.read_text())["items"]
        if len(split(item["heading"])) >= 5
    }
    names = {
        split(label).squeezed
        for scheme in (known.treatments, known.products, known.phrases, known.body_regions)
        for concept in scheme
        for label in concept.labels
    }
    assert len(headings) > 100
    assert headings & names == set()
