"""The validation report of the W3C's SHACL as Turtle: every result with its node, shape, value and component.

Source of the form: Shapes Constraint Language (W3C, 2017), section 3.6. There warnings and information are results
too, and a graph with any result does not conform; `ValidationReport.conforms` looks at violations alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import BinaryIO

import rdflib
from rdflib import RDF, SH, BNode, Literal, URIRef

from imr_graph.graph.readable import GraphStore
from imr_graph.validation.chunks import iter_chunks
from imr_graph.validation.engines import Faults, collect_faults, find_results, read_graph
from imr_graph.validation.lines import Line
from imr_graph.validation.report import ValidationReport, merge_reports
from imr_graph.validation.validate import CHUNK, empty_report, validate_triples

__all__ = ["write_report"]

_PARTS = (
    SH.focusNode,
    SH.resultPath,
    SH.value,
    SH.sourceShape,
    SH.sourceConstraintComponent,
    SH.resultSeverity,
    SH.resultMessage,
)
_Result = tuple[rdflib.term.Node | None, ...]


def write_report(store: GraphStore, stream: BinaryIO) -> ValidationReport:
    """Validate a store with pyshacl, write the W3C's report to a stream as Turtle, and return ours."""
    found = set[_Result]()
    reports = [
        validate_triples(piece.triples, skip=piece.skip, engine=partial(_collect, found, piece.skip))
        for piece in iter_chunks(store.graph, CHUNK)
    ]
    _report_graph(found).serialize(stream, format="turtle", encoding="utf-8")
    return merge_reports((empty_report(), *reports))


def _collect(found: set[_Result], skip: set[str], lines: Sequence[Line]) -> Faults:
    """Note the results of one piece; what another piece reports on is left to it."""
    results = find_results(read_graph(lines))
    for result in results.objects(None, SH.result):
        parts = tuple(results.value(result, part) for part in _PARTS)
        if str(parts[0]) not in skip:
            # A path of several steps is a structure of blank nodes: the shape has it.
            found.add(tuple(None if isinstance(part, BNode) else part for part in parts))
    return collect_faults(results)


def _report_graph(found: Iterable[_Result]) -> rdflib.Graph:
    graph, report = rdflib.Graph(), BNode("report")
    graph.bind("sh", SH)
    graph.add((report, RDF.type, SH.ValidationReport))
    ordered = sorted(found, key=lambda parts: [str(part) for part in parts])
    graph.add((report, SH.conforms, Literal(not ordered)))
    for number, parts in enumerate(ordered):
        result = BNode(f"result{number:09}")
        graph.add((report, SH.result, result))
        graph.add((result, RDF.type, URIRef(SH.ValidationResult)))
        for part, value in zip(_PARTS, parts, strict=True):
            if value is not None:
                graph.add((result, part, value))
    return graph
