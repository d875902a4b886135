"""The vocabularies as SKOS: what a thesaurus tool, a reasoner over schemes and the shapes for them expect."""

from __future__ import annotations

import logging
import subprocess
from functools import cache
from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SKOS, URIRef

from imr_graph import resources, vocabulary
from imr_graph.graph.resolver import vocabulary_text
from imr_graph.iris import BASE, IMR
from imr_graph.vocabulary import mappings
from support.components import require_module, require_program

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


def test_the_validator_of_sssom_takes_the_mappings() -> None:
    done = subprocess.run(
        [require_program("sssom"), "validate", resources.ontology() / mappings.FILE], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_every_mapping_is_in_the_graph_of_the_vocabularies() -> None:
    graph, rows = concepts(), list(mappings.read_mappings(resources.ontology()))
    assert len(rows) > 500
    prefixes = mappings.read_prefixes(resources.ontology())
    assert {row.object.partition(":")[0] for row in rows} == set(mappings.CODES)
    for row in rows:
        ends = [URIRef(prefixes[name.partition(":")[0]] + name.partition(":")[2]) for name in (row.subject, row.object)]
        assert (ends[0], SKOS[row.predicate.partition(":")[2]], ends[1]) in graph
    exact = [row for row in rows if row.predicate == "skos:exactMatch"]
    assert len({row.object for row in exact}) == len(exact)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("id:treatment-oxycodon\toxycodone", "There is no concept 'id:treatment-oxycodon'. Did you mean"),
        ("id:treatment-oxycodone\tOxy", "is called 'oxycodone', not 'Oxy'"),
        ("RXNORM:78o4", "'78o4' has not the form of a code of RXNORM"),
        ("RxNorm:7804", "There is no vocabulary 'RxNorm'"),
        ("skos:exactmatch", "'skos:exactmatch' is no mapping of SKOS"),
        ("semapv:Guess", "'semapv:Guess' justifies nothing"),
    ],
)
def test_check_names_what_is_wrong_in_a_mapping(tmp_path: Path, wrong: str, message: str) -> None:
    right = "id:treatment-oxycodone\toxycodone\tskos:exactMatch\tRXNORM:7804\toxycodone\tsemapv:ManualMappingCuration"
    text = (resources.ontology() / mappings.FILE).read_text(encoding="utf-8")
    parts = right.split("\t")
    place = next(n for n, part in enumerate(parts) if part.partition(":")[0].lower() == wrong.partition(":")[0].lower())
    if "\t" in wrong:
        parts[:2] = wrong.split("\t")
    else:
        parts[place] = wrong
    assert right in text
    (tmp_path / mappings.FILE).write_text(text.replace(right, "\t".join(parts)), encoding="utf-8")
    found = [str(one) for one in mappings.check_mappings(tmp_path, {"id:treatment-oxycodone": "oxycodone"})]
    assert any(message in one for one in found), found
