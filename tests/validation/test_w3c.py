"""The W3C's validation report of a store: every result, and what is one in that sense."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH

from imr_graph import resources
from imr_graph.graph import mapping
from imr_graph.graph.readable import GraphStore
from imr_graph.graph.resolver import vocabulary_text
from imr_graph.validation.report import as_record
from imr_graph.validation.validate import validate
from imr_graph.validation.w3c import write_report
from support.built_stores import built
from support.records import citation, determination, item, party


def store(*more: str) -> GraphStore:
    graph = ox.Store()
    graph.load(vocabulary_text(), format=ox.RdfFormat.N_TRIPLES)
    cited = party(citation("acoem-hearing-loss-2033", "Quiet corners"))
    graph.extend(ox.Quad(*triple) for triple in mapping.triples(determination("CM20-0000001", item(reviewer=cited))))
    for update in more:
        graph.update(f"PREFIX imr: <https://w3id.org/imr-graph/ontology#> {update}")
    return GraphStore(graph)


def results(of: GraphStore) -> tuple[bool, set[tuple[str, str, str]]]:
    stream = io.BytesIO()
    assert as_record(write_report(of, stream)) == as_record(validate(of))
    graph = rdflib.Graph().parse(stream.getvalue(), format="turtle")
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    found = set()
    for node in graph.objects(report, SH.result):
        assert graph.value(node, SH.sourceConstraintComponent) is not None
        parts = (graph.value(node, part) for part in (SH.resultSeverity, SH.sourceShape, SH.focusNode))
        found.add(tuple(str(part).rpartition("#" if "#" in str(part) else "/")[2] for part in parts))
    return graph.value(report, SH.conforms).toPython(), found


def test_warnings_are_results_and_a_graph_with_one_does_not_conform_there() -> None:
    of = store()
    conforms, found = results(of)
    assert ("Warning", "Guideline-inScheme", "guideline-acoem-hearing-loss-2033") in found
    assert not conforms
    assert validate(of).conforms


def test_violations_are_in_it_with_their_nodes() -> None:
    of = store("DELETE WHERE { ?item imr:decision ?decision }")
    _, found = results(of)
    assert ("Violation", "case-CM20-0000001-item-1") in {(severity, node) for severity, _, node in found}
    assert not validate(of).conforms


def test_the_command_writes_it_and_says_that_warnings_are_results(tmp_path: Path) -> None:
    file = tmp_path / "report.ttl"
    built([resources.examples()], tmp_path / "store")
    command = [sys.executable, "-m", "imr_graph", "validate", "--store", tmp_path / "store", "--report", file]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Warnings and information are results too" in done.stdout
    assert (None, SH.conforms, rdflib.Literal(False)) in rdflib.Graph().parse(file)
