"""The property graph: what KGX and Neo4j read, held against the triples that it is made of."""

from __future__ import annotations

import csv
import io

import pyoxigraph as ox
import pytest

from imr_graph import api
from imr_graph.extraction import extract_all
from imr_graph.resources import examples
from imr_graph.store.changes import add
from imr_graph.store.graph_store import GraphStore, memory_store

A = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


@pytest.fixture(scope="module")
def store() -> GraphStore:
    store = memory_store()
    add(store, extract_all([str(examples())]))
    return store


def rows(store: GraphStore, format: str) -> list[dict[str, str]]:
    """Return the rows of a file, each with a cell for each column."""
    text = api.export(store, format).decode("utf-8")
    if format.startswith("kgx"):
        head, *lines = (line.split("\t") for line in text.splitlines())
        return [dict(zip(head, line, strict=True)) for line in lines]
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_every_edge_joins_two_nodes_and_every_node_is_there_once(store: GraphStore) -> None:
    for nodes, edges, id, ends in (
        ("kgx-nodes", "kgx-edges", "id", ("subject", "object")),
        ("neo4j-nodes", "neo4j-edges", "iri:ID", (":START_ID", ":END_ID")),
    ):
        ids = [row[id] for row in rows(store, nodes)]
        assert len(ids) == len(set(ids))
        found = rows(store, edges)
        assert {row[end] for row in found for end in ends} <= set(ids)
        assert len(found) > 5_000


def test_edges_are_the_joins_of_the_graph(store: GraphStore) -> None:
    counted = store.graph.query(
        "SELECT (COUNT(*) AS ?n) { ?item <https://w3id.org/imr-graph/ontology#requestsTreatment> ?treatment }"
    )
    assert isinstance(counted, ox.QuerySolutions)
    [solution] = counted
    relations = [row["relation"] for row in rows(store, "kgx-edges")]
    assert relations.count("imr:requestsTreatment") == int(solution["n"].value)
    assert [row[":TYPE"] for row in rows(store, "neo4j-edges")].count("requestsTreatment") == int(solution["n"].value)


def test_nodes_have_what_the_graph_says_of_them(store: GraphStore) -> None:
    by_id = {row["id"]: row for row in rows(store, "kgx-nodes")}
    case, mri = by_id["id:case-CM16-9990008"], by_id["id:treatment-mri"]
    assert (case["category"], case["caseNumber"]) == ("biolink:InformationContentEntity", "CM16-9990008")
    assert (mri["category"], mri["name"]) == ("biolink:Treatment", "Magnetic resonance imaging")
    assert "MRI" in mri["skos_altLabel"].split("|")
    other = {row["iri:ID"]: row for row in rows(store, "neo4j-nodes")}
    item = other["https://w3id.org/imr-graph/id/case-CM16-9990008-item-1"]
    assert (item[":LABEL"], item["position:long"], item["topical:boolean"]) == ("DisputedItem", "1", "false")
    assert "https://w3id.org/imr-graph/ontology#DisputedItem" not in other


def test_the_same_graph_gives_the_same_bytes(store: GraphStore) -> None:
    again = memory_store()
    add(again, reversed(list(extract_all([str(examples())]))))
    for format in ("kgx-nodes", "kgx-edges", "neo4j-nodes", "neo4j-edges"):
        assert api.export(store, format) == api.export(again, format)
