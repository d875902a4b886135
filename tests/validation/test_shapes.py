"""Every shape has a graph that passes and graphs that fail; the report finds each planted fault and nothing else."""

from __future__ import annotations

import pytest

from imr_graph import resources
from imr_graph.validation.report import as_record
from imr_graph.validation.shapes import read_shapes
from imr_graph.validation.validate import validate_graph
from support.planted_faults import (
    PLANTED,
    PLANTED_WITH,
    graph,
)


def found(update: str) -> dict[str, tuple[str, ...]]:
    """Return the nodes that each shape finds at fault, by local names."""
    report = validate_graph(graph(update))
    return {shape.name: tuple(e.rsplit("/", 1)[-1] for e in tally.examples) for shape, tally in report.faults()}


def test_the_sound_graph_passes_and_every_shape_looked_at_it() -> None:
    record = as_record(validate_graph(graph()))
    assert (record["conforms"], record["findings"]) == (True, [])
    assert [name for name, count in record["looked_at"].items() if count == 0] == []


@pytest.mark.parametrize(
    ("shape", "node", "update"), [(shape, *fault) for shape, faults in PLANTED.items() for fault in faults]
)
def test_a_planted_fault_is_found_and_nothing_else(shape: str, node: str, update: str) -> None:
    assert found(update) == {shape: (node,)}


@pytest.mark.parametrize(("update", "expected"), PLANTED_WITH)
def test_a_fault_that_shows_in_several_places_is_found_in_each(update: str, expected: dict[str, str]) -> None:
    assert found(update) == {shape: (node,) for shape, node in expected.items()}


def test_every_shape_has_a_planted_fault() -> None:
    """A shape that no test makes fail might never fail."""
    planted = {*PLANTED, *(shape for _, expected in PLANTED_WITH for shape in expected)}
    assert set(read_shapes().infos) == planted


def test_shapes_say_what_to_do_and_use_the_core_alone() -> None:
    """Each message is a sentence with a way out; a SPARQL constraint would halve the validator's speed."""
    for shape in read_shapes().infos.values():
        what, separator, way_out = shape.message.partition(": ")
        assert separator, shape.name
        assert what[0].isupper(), shape.name
        assert way_out.endswith("."), shape.name
    for path in resources.shapes().glob("*.ttl"):
        assert "sparql" not in path.read_text(encoding="utf-8").lower(), path.name


def test_severities_are_those_that_users_were_promised() -> None:
    """Structure and consistency are violations; unmatched vocabulary warns; no page or section given informs."""
    severity = {shape.name: shape.severity for shape in read_shapes().infos.values()}
    assert severity["Item-decision"] == severity["CaseOutcome"] == severity["CitationBasis"] == "violation"
    assert severity["ItemTerms-requestsTreatment"] == severity["Specialty-inScheme"] == "warning"
    assert severity["CitationPlaces-given"] == "info"
