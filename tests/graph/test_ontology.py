"""The ontology and its users: every term that is used is defined, and every term that is defined is used."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.fields import LEVELS
from imr_graph.graph import mapping
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.model import Amounts, Reason, Reviewer, Unparsed
from support.records import citation, determination, item, party, spanned

_TERM = re.compile(r"(?<![\w-])imr:([A-Za-z]\w*)")
_INVERSE = ox.NamedNode("http://www.w3.org/2002/07/owl#inverseOf")
_DEFINED_BY = ox.NamedNode(f"{terms.RDFS}isDefinedBy")

# A letter that has something for every property.
_FULL = spanned(
    determination(
        "CM20-0000001",
        item(
            requested="Two",
            authorized="One",
            body_regions=("knee",),
            laterality="bilateral",
            reasons=(Reason("lacks-red-flags", "There are no red flags."),),
            amounts=Amounts(("5%",), 60, 1, 12, 2, 6, ("L4-5",), ("97110",), 30, 6),
            topical=True,
            administrator_action="modified",
            claims_administrator=party(
                citation("odg", "MRI", chapter="Knee", basis="non-mtus", pages=(3,)), stance="outside the MTUS"
            ),
            reviewer=party(citation("odg", "Quiet corners", pages=(3,)), stance="no evidence cited"),
        ),
        reviewer=Reviewer(("Dowsing",), ("US-CA",)),
        unparsed=(Unparsed(1, 2, "x", "/summary"),),
        recognized_by="Tesseract 5.3.0 (page 2)",
    )
)


def defined() -> set[str]:
    found = {
        t.subject.value
        for t in vocabulary_triples()
        if t.predicate == _DEFINED_BY and isinstance(t.subject, ox.NamedNode)
    }
    return {iri.removeprefix(terms.IMR) for iri in found if iri.startswith(terms.IMR)}


def in_triples(triples: list[ox.Triple]) -> set[str]:
    nodes = [node for t in triples for node in (t.predicate, t.object, getattr(t.object, "datatype", None))]
    iris = {node.value for node in nodes if isinstance(node, ox.NamedNode)}
    return {iri.removeprefix(terms.IMR) for iri in iris if iri.startswith(terms.IMR)}


def in_files(folder: Path, pattern: str) -> set[str]:
    return {name for path in folder.glob(pattern) for name in _TERM.findall(path.read_text(encoding="utf-8"))}


def used() -> set[str]:
    """Terms that letters, shapes, queries and the vocabularies' own concepts use."""
    individuals = {name for level in LEVELS for field in level.fields for name in (field.codes or {}).values()}
    concepts = [t for t in vocabulary_triples() if not str(t.subject).startswith(f"<{terms.IMR}")]
    return (
        individuals
        | in_triples(list(mapping.triples(_FULL)))
        | in_triples(concepts)
        | in_files(resources.shapes(), "*.ttl")
        | in_files(resources.queries(), "*.rq")
    )


def test_every_term_that_is_used_is_defined() -> None:
    assert used() - defined() == set()


def test_every_term_that_is_defined_is_used() -> None:
    """But for the classes of individuals, which are used by their members, and inverses, which SPARQL asks by `^`."""
    classes = {
        t.object.value.removeprefix(terms.IMR)
        for t in vocabulary_triples()
        if t.predicate.value == f"{terms.RDF}type" and isinstance(t.object, ox.NamedNode)
    }
    inverses = {t.subject.value.removeprefix(terms.IMR) for t in vocabulary_triples() if t.predicate == _INVERSE}
    assert len(inverses) == 5
    assert defined() - used() - classes == inverses


def test_neither_the_ontology_nor_its_vocabularies_have_blank_nodes() -> None:
    """A blank node gets another name with each reading, and the same input would not give the same bytes."""
    for triple in vocabulary_triples():
        assert not isinstance(triple.subject, ox.BlankNode), triple
        assert not isinstance(triple.object, ox.BlankNode), triple
