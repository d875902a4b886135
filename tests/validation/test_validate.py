"""Validation of letters: chunks find what one run finds, and nothing to check is no pass."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from imr_graph import corrections
from imr_graph import iris as terms
from imr_graph.errors import ToolError
from imr_graph.graph import mapping
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.model import Dates, Determination, Reviewer
from imr_graph.store.changes import add
from imr_graph.store.graph_store import GraphStore, data_triples, memory_store
from imr_graph.validation.report import ValidationReport, as_record, as_text, merge_reports
from imr_graph.validation.shapes import read_shapes
from imr_graph.validation.validate import validate, validate_graph, validate_ntriples, validate_triples
from support.records import CHRONIC_PAIN, citation, determination, gold, item, party, spanned


def found(report: ValidationReport) -> dict[str, int]:
    return {shape.name: tally.count for shape, tally in report.faults()}


def test_a_sound_letter_conforms() -> None:
    report = validate([spanned(determination())])
    assert (report.conforms, report.exit_code, found(report)) == (True, 0, {})


def test_nothing_to_check_is_no_pass() -> None:
    """No letters, or a graph without any: the report says what is missing and does not conform."""
    for report in (validate([]), validate(memory_store()), validate_ntriples("")):
        assert (report.conforms, report.exit_code, report.count("violation")) == (False, 1, 0)
        assert "there is no Case and no DisputedItem and no Letter and no Reviewer" in as_text(report)
        assert "Case-documentedIn" in as_record(report)["unchecked"]
    assert not ValidationReport().conforms


def test_letters_that_cite_nothing_conform() -> None:
    """Citations, pages and sections are not in every graph: that there are none is reported, not a failure."""
    report = validate([determination("CM20-0000001", item(reviewer=party(stance="no evidence cited")))])
    assert report.conforms
    assert as_record(report)["looked_at"]["Citation-basis"] == 0


def test_faults_of_letters_are_found() -> None:
    """Each kind of severity, from records as extraction could give them."""
    swapped = Dates(*(getattr(determination().dates, name) for name in ("decided", "ur_denied")))
    report = validate(
        [
            determination("CM20-0000001", dates=swapped),
            determination("CM20-0000002", item(), item(decision="overturned"), outcome="upheld"),
            determination("CM20-0000003", item(reviewer=party(citation("odg", "MRI")))),
            determination("CM20-0000004", item(reviewer=party(citation(CHRONIC_PAIN)), treatments=("snake-oil",))),
            determination("CM20-0000005", reviewer=Reviewer(("Dowsing",), ("US-CA",))),
            determination("CM20-0000006", item(reviewer=party(citation(CHRONIC_PAIN, pages=(2009, 7))))),
        ]
    )
    assert found(report) == {
        "CaseDates-dateOfInjury": 1,
        "CaseOutcome": 1,
        "CitationBasis": 1,
        "CitationPlaces-given": 1,
        "ItemTerms-requestsTreatment": 1,
        "Page-pageNumber": 1,
        "Specialty-inScheme": 1,
        "CaseHeader-decisionDate": 1,
    }
    assert (report.count("violation"), report.count("warning"), report.count("info")) == (4, 3, 1)


def test_a_shared_fault_counts_once_however_it_is_cut() -> None:
    """One unknown specialty in ten letters is one node at fault."""
    letters = [determination(f"CM20-{n:07}", reviewer=Reviewer(("Dowsing",), ("US-CA",))) for n in range(10)]
    reports = [as_record(validate(letters, chunk=size)) for size in (1, 3, 100)]
    assert reports[0] == reports[1] == reports[2]
    assert [(f["shape"], f["nodes"]) for f in reports[0]["findings"]] == [("Specialty-inScheme", 1)]


def test_reports_of_chunks_add_up_in_any_order() -> None:
    letters = [determination(f"CM20-{n:07}", item(treatments=("snake-oil",))) for n in range(9)]
    parts = [validate_ntriples("".join(map(mapping.ntriples, letters[n : n + 3]))) for n in (0, 3, 6)]
    whole = as_record(validate(letters))
    assert as_record(merge_reports(parts)) == as_record(merge_reports(parts[::-1])) == whole
    assert whole["findings"][0]["nodes"] == 9
    assert whole["findings"][0]["examples"] == [f"{terms.case_iri(f'CM20-{n:07}')}-item-1" for n in range(5)]


def test_the_report_reads_the_same_every_time(shared: Path) -> None:
    """Text and JSON of the real letters, whatever the order of the letters."""
    letters = gold(shared)
    one, other = validate(letters), validate(letters[::-1], chunk=40)
    assert as_text(one) == as_text(other)
    assert json.dumps(as_record(one)) == json.dumps(as_record(other))


def test_the_real_letters_conform(shared: Path) -> None:
    """What is found is in the letters: five fragments without a header, citations without section or page."""
    report = validate(gold(shared))
    assert report.conforms
    shapes = {shape.name for shape, _ in report.faults()}
    assert shapes <= {"CaseHeader-caseNumber", "CaseHeader-decisionDate", "CitationPlaces-given"}
    assert found(report)["CaseHeader-caseNumber"] == 5
    assert as_record(report)["looked_at"]["Case-outcome"] == 99


def test_the_text_says_what_where_and_how_often() -> None:
    letters = [determination(f"CM20-{n:07}", item(treatments=("snake-oil",))) for n in range(7)]
    text = as_text(validate(letters))
    assert text.startswith("Conforms: 0 violations, 7 warnings, 0 infos.\n")
    assert "warning ItemTerms-requestsTreatment (requestsTreatment): 7 of 7 nodes\n  No treatment" in text
    assert f"  {terms.case_iri('CM20-0000000')}-item-1\n" in text
    assert "  and 2 more\n" in text
    assert "        7  Case-outcome\n" in text
    assert "Nodes looked at" not in as_text(validate(letters), every_shape=False)


def test_paths_read_as_in_a_query() -> None:
    paths = {shape.name: shape.path for shape in read_shapes().infos.values()}
    assert paths["Item-case"] == "^hasDisputedItem"
    assert paths["CitationPlaces-given"] == "citesSection|citesPage"
    assert paths["CitationPlaces-citesPage"] == "citesPage/pageOf"
    assert paths["CaseOutcome"] == ""


def test_the_vocabularies_themselves_conform() -> None:
    """Every concept that ships has its label and scheme, not only those that the letters at hand use."""
    report = validate_triples([*vocabulary_triples(), *mapping.triples(determination())])
    assert found(report) == {}
    assert as_record(report)["looked_at"]["Concept-inScheme"] > 500


def test_a_failing_validator_is_told_apart_from_failing_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyshacl.validate", lambda *_args, **_options: (False, "too deep", ""))
    with pytest.raises(ToolError, match="The validator failed"):
        validate([determination()])


# A failing example costs several validations, so it is shown as found rather than made smaller.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
LETTERS = (
    spanned(determination("CM20-0000001", item("MRI", "overturned"), item("CT"))),
    determination("CM20-0000002", item(reviewer=party(citation("odg", "MRI", chapter="Knee", basis="non-mtus")))),
    determination(None, reviewer=Reviewer(("Dowsing",), ())),
)

CORRECTED = corrections.apply(
    LETTERS[0],
    corrections.Corrections(
        tuple(
            corrections.Correction(
                "CM20-0000001", None, field, was, now, "A. Reader", "So it says.", date(2026, 11, 20)
            )
            for field, was, now in (("/items/1/decision", "upheld", "overturned"), ("/patient/age", 44, 45))
        )
    ),
)


def damaged(draw_triple: Any, draw_other: Any, kinds: list[str]) -> GraphStore:
    """Return a store of letters with triples taken out, bent to another node, or added."""
    store = memory_store()
    add(store, (CORRECTED.determination, *LETTERS[1:]))
    store.graph.load(corrections.ntriples(CORRECTED.applied, CORRECTED.determination), format=ox.RdfFormat.N_TRIPLES)
    triples = sorted(data_triples(store), key=str)
    nodes = sorted({t.subject for t in triples}, key=str)
    for kind in kinds:
        triple = triples[draw_triple(len(triples))]
        other = nodes[draw_other(len(nodes))]
        if kind != "added":
            store.graph.remove(ox.Quad(triple.subject, triple.predicate, triple.object))
        if kind == "bent":
            store.graph.add(ox.Quad(triple.subject, triple.predicate, other))
        if kind == "added":
            store.graph.add(ox.Quad(other, triple.predicate, triple.object))
    return store


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)
@given(st.data(), st.lists(st.sampled_from(("taken out", "bent", "added")), min_size=1, max_size=4))
def test_a_damaged_store_by_chunks_gives_the_report_of_the_whole(data: st.DataObject, kinds: list[str]) -> None:
    """Differential: one case at a time, and all triples in one graph; also where cases share what they must not."""

    def drawn(count: int) -> int:
        return data.draw(st.integers(0, count - 1))

    store = damaged(drawn, drawn, kinds)
    whole = validate_triples(data_triples(store))
    assert as_record(validate(store, chunk=1)) == as_record(whole)
    assert whole.looked_at


def test_nodes_astray_are_looked_at() -> None:
    """An item whose case is gone belongs to no chunk of cases, and is found all the same."""
    store = memory_store()
    made = determination("CM20-0000001")
    add(store, [made])
    case = terms.case_iri("CM20-0000001")
    item_node, has_item = ox.NamedNode(f"{case}-item-1"), ox.NamedNode(terms.term("hasDisputedItem"))
    store.graph.remove(ox.Quad(ox.NamedNode(case), has_item, item_node))
    assert set(found(validate(store))) == {"Case-hasDisputedItem", "CaseOutcome", "Item-case"}


def test_validation_can_start_from_any_rdflib_graph() -> None:
    """A user's own graph is validated as it stands."""
    import rdflib

    graph = rdflib.Graph().parse(data=mapping.ntriples(determination()), format="nt")
    names = set(found(validate_graph(graph)))
    assert "Reviewer-licensedIn" in names  # the vocabularies are not in this graph


def test_determinations_may_come_one_by_one() -> None:
    """A generator is enough: only a chunk of letters is held at a time."""
    alive: list[int] = []

    def letters() -> Any:
        for n in range(6):
            alive.append(n)
            yield determination(f"CM20-{n:07}")

    assert validate(letters(), chunk=2).conforms
    assert alive == list(range(6))
    assert isinstance(next(iter(LETTERS)), Determination)
