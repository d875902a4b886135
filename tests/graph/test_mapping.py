"""From a determination to its triples."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph import iris as terms
from imr_graph.graph import mapping
from imr_graph.graph.literals import read_spans
from imr_graph.graph.resolver import default_resolver
from imr_graph.model import Reviewer, Span, Unparsed
from imr_graph.table.rows import item_rows
from imr_graph.validation.validate import validate
from support.paths import TESTS
from support.records import CHRONIC_PAIN, LOW_BACK, citation, determination, gold, item, party, spanned

CASE = terms.case_iri("CM20-0000001")


def objects(triples: list[ox.Triple], subject: str, name: str) -> set[str]:
    return {
        t.object.value
        for t in triples
        if t.subject == ox.NamedNode(subject) and t.predicate.value in (terms.term(name), terms.SKOS + name)
    }


def test_a_case_says_what_its_record_says() -> None:
    """One value each, typed as the ontology says."""
    text = mapping.ntriples(determination())
    assert f'<{CASE}> <{terms.IMR}decisionDate> "2020-03-30"^^<{terms.XSD}date> .\n' in text
    assert f'<{CASE}> <{terms.IMR}patientAge> "44"^^<{terms.XSD}integer> .\n' in text
    assert f"<{CASE}> <{terms.IMR}outcome> <{terms.IMR}Upheld> .\n" in text
    assert f'<{CASE}-item-1> <{terms.IMR}retrospective> "false"^^<{terms.XSD}boolean> .\n' in text


def test_what_a_letter_does_not_give_is_not_said() -> None:
    bare = determination(None, summary=None, priority=None, outcome=None, reviewer=Reviewer())
    triples = list(mapping.triples(bare))
    said = {terms.local_name(t.predicate.value) for t in triples}
    assert not said & {"caseNumber", "clinicalSummary", "priority", "outcome", "hasSpecialty", "licensedIn", "spans"}
    assert objects(triples, terms.case_iri(bare.sha256[:16]), "documentedIn") == {terms.letter_iri(bare.sha256)}


def test_lines_are_sorted_and_stand_once() -> None:
    same = citation(CHRONIC_PAIN, "Goals", "Goals", pages=(3, 3))
    text = mapping.ntriples(determination("A", item(reviewer=party(same, same)), item(reviewer=party(same))))
    lines = text.splitlines()
    assert lines == sorted(set(lines))


def test_triples_are_the_text_parsed() -> None:
    """One truth: the text is what gets parsed, so the two cannot differ."""
    made = spanned(determination())
    triples = list(mapping.triples(made))
    assert ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) == mapping.ntriples(made).encode()


def test_citations_count_from_the_claims_administrator_on() -> None:
    """Positions run over both sides; each side's shortcuts lead to its own authorities."""
    made = determination(
        "CM20-0000001",
        item(
            claims_administrator=party(citation(LOW_BACK, pages=(304,)), citation("other", basis="non-mtus")),
            reviewer=party(citation(CHRONIC_PAIN, "Goals", pages=(12,))),
        ),
    )
    triples = list(mapping.triples(made))
    node = f"{CASE}-item-1"
    sides = [objects(triples, f"{node}-citation-{n}", "citedBy") for n in (1, 2, 3)]
    assert sides == [{terms.term("ClaimsAdministrator")}] * 2 + [{terms.term("ExpertReviewer")}]
    assert objects(triples, node, "basedOnGuideline") == {terms.guideline_iri(CHRONIC_PAIN)}
    assert objects(triples, node, "denialBasedOnPage") == {terms.page_iri(LOW_BACK, 304)}
    assert objects(triples, node, "denialBasedOnSection") == set()


def test_a_known_section_keeps_its_node_and_another_is_minted() -> None:
    """The vocabulary is asked without regard to case; the name as printed stays on the citation."""
    made = determination("CM20-0000001", item(reviewer=party(citation(LOW_BACK, "special studies", "Quiet corners"))))
    triples = list(mapping.triples(made))
    cited = f"{CASE}-item-1-citation-1"
    minted = terms.section_iri(LOW_BACK, "Quiet corners")
    assert objects(triples, cited, "citesSection") == {f"{terms.BASE}section-{LOW_BACK}-special-studies", minted}
    assert objects(triples, cited, "sectionName") == {"special studies", "Quiet corners"}
    assert objects(triples, minted, "prefLabel") == {"Quiet corners"}
    assert objects(triples, minted, "sectionOf") == {terms.guideline_iri(LOW_BACK)}


def test_an_odg_topic_is_a_section_of_its_chapter() -> None:
    """The chapter's name is settled by the vocabulary, so two spellings of it lead to one node."""
    cited = [citation("odg", "Quiet corners", chapter=name) for name in ("Ankle & Foot", "Ankle and Foot", "Elsewhere")]
    made = determination("CM20-0000001", item(reviewer=party(*cited)))
    found = objects(list(mapping.triples(made)), f"{CASE}-item-1", "basedOnSection")
    assert found == {
        f"{terms.BASE}section-odg-ankle-foot-quiet-corners",
        f"{terms.BASE}section-odg-elsewhere-quiet-corners",
    }


@pytest.mark.parametrize(
    ("guideline", "label", "year", "above"),
    [
        ("acoem-low-back-disorders-2033", "Low Back Disorders 2033", {"2033"}, {terms.guideline_iri("acoem")}),
        ("acoem-low-back-disorders", "Low Back Disorders", set(), {terms.guideline_iri("acoem")}),
        ("voice-strain-and-rest-2031", "Voice Strain and Rest 2031", {"2031"}, set()),
    ],
)
def test_a_guideline_that_is_not_listed_is_a_node_of_its_name_and_year(
    guideline: str, label: str, year: set[str], above: set[str]
) -> None:
    base = "https://example.org/imr/"
    node = terms.guideline_iri(guideline, base)
    cited = determination("CM20-0000001", item(reviewer=party(citation(guideline, "Imaging", pages=(3,)))))
    triples = list(mapping.triples(cited, base=base))
    case = terms.case_iri("CM20-0000001", base)
    assert objects(triples, f"{case}-item-1-citation-1", "citesGuideline") == {node}
    assert objects(triples, f"{base}section-{guideline}--imaging", "sectionOf") == {node}
    assert (objects(triples, node, "prefLabel"), objects(triples, node, "year")) == ({label}, year)
    assert objects(triples, node, "broader") == above
    assert objects(triples, f"{base}page-{guideline}-3", "prefLabel") == {f"{label}, page 3"}
    report = validate([cited])
    assert report.conforms
    assert "Guideline-inScheme" in {shape.name for shape, _ in report.faults()}


def test_an_unknown_specialty_is_minted_without_a_scheme() -> None:
    """Validation warns of it; the known one beside it is not minted."""
    triples = list(mapping.triples(determination(reviewer=Reviewer(("Orthopedic Surgery", "Dowsing"), ()))))
    dowsing = terms.specialty_iri("Dowsing")
    assert objects(triples, dowsing, "prefLabel") == {"Dowsing"}
    assert not objects(triples, dowsing, "inScheme")
    assert objects(triples, f"{CASE}-reviewer", "specialtyName") == {"Dowsing"}


@pytest.mark.parametrize("printed", ["Quiet corners", "QUIET CORNERS", "quiet  corners", "Quiet, corners"])
def test_a_minted_label_does_not_depend_on_how_a_letter_prints_the_name(printed: str) -> None:
    """Names that differ in case, white space and punctuation are one section; the citation keeps what is printed."""
    made = determination("A", item(reviewer=party(citation(CHRONIC_PAIN, printed))))
    triples = list(mapping.triples(made))
    assert objects(triples, terms.section_iri(CHRONIC_PAIN, "Quiet corners"), "prefLabel") == {"Quiet corners"}
    assert objects(triples, f"{terms.BASE}case-A-item-1-citation-1", "sectionName") == {printed}


@given(
    st.sampled_from([CHRONIC_PAIN, "odg", "acoem"]),
    st.sampled_from([None, "Low Back", "Elsewhere", "low"]),
    st.text("ab Bβ-.", max_size=6).map(lambda end: "Low back complaints 2004 " + end),
    st.integers(0, 90),
    st.sampled_from([str.upper, str.lower, lambda name: f" {name.replace(' ', '  ')}."]),
)
def test_a_minted_node_has_one_label_however_letters_print_it(
    guideline: str, chapter: str | None, name: str, more: int, rewritten: Callable[[str], str]
) -> None:
    """Its IRI and the vocabulary give the label; another name, or one of another guideline, is another node."""
    names = default_resolver()
    name += "x" * more
    of = chapter if guideline == "odg" else None
    first = names.section(guideline, of, name, terms.BASE)
    assert names.section(guideline, of, rewritten(name), terms.BASE) == first
    assert names.section(guideline, of, f"{name} y", terms.BASE).iri != first.iri
    assert names.section("acoem-low-back-complaints-2004", None, name[25:] or "x", terms.BASE).iri != first.iri


def test_a_topic_after_its_chapter_is_the_topic_of_the_chapter() -> None:
    """Told apart or not, chapter and topic lead to one node, with the label that the vocabulary has for the topic."""
    names = default_resolver()
    apart = names.section("odg", "Low Back", "ct (computed tomography)", terms.BASE)
    assert apart == names.section("odg", None, "Low Back CT (Computed Tomography)", terms.BASE)
    assert apart == (f"{terms.BASE}section-odg-low-back-ct-computed-tomography", "CT (computed tomography)")


def test_abbreviations_in_minted_labels_are_written_as_in_the_vocabulary() -> None:
    named = default_resolver().section(LOW_BACK, None, "quiet mri of nsaids", terms.BASE)
    assert named.label == "Quiet MRI of NSAIDs"


def test_a_file_s_name_is_published_where_it_is_a_case_number_and_never_its_folders() -> None:
    """Folders and other names may tell more than a reader should know."""
    name = "CM20-0000001.txt"
    for source in (f"/home/someone/{name}", rf"C:\cases\{name}", f"jan.zip!x/{name}", f"jan.zip!{name}", name):
        assert published_names(source) == {name}
    for source in ("DOE_JANE_ssn123-45-6789.pdf", "CM20-0000001/doe.pdf", "CM20-0000001 Doe.txt", "CM20-0000001", ""):
        assert published_names(source) == set()


def published_names(source: str) -> set[str]:
    made = determination(source=source, sha256="ab" * 32)
    triples = list(mapping.triples(made))
    assert item_rows(made)[0]["source_name"] == made.file_name
    return objects(triples, terms.letter_iri("ab" * 32), "sourceName")


def test_every_span_is_in_the_graph() -> None:
    """Each value's place stands on the node that has the value, and names the value where there may be several."""
    made = spanned(determination("CM20-0000001", item(treatments=("acupuncture", "massage"), laterality="left")))
    triples = list(mapping.triples(made))
    found = {
        (terms.local_name(t.subject.value), place.property, place.value, place.span)
        for t in triples
        if t.predicate.value == terms.term("spans")
        for place in read_spans(t.object.value)
    }
    spans = made.spans
    assert (terms.local_name(CASE), "caseNumber", None, spans["/case_number"]) in found
    node = f"{terms.local_name(CASE)}-item-1"
    assert (node, "requestsTreatment", "treatment-massage", spans["/items/0/treatments/1"]) in found
    page = f"page-{CHRONIC_PAIN}-12"
    assert (f"{node}-citation-1", "citesPage", page, spans["/items/0/reviewer/citations/0/pages/0"]) in found
    assert len(found) == len(spans)


def test_a_node_reaches_from_its_first_to_its_last_value() -> None:
    """Its own span counts where the record has one."""
    made = determination()
    spans = {"/items/0/heading": Span(50, 60), "/items/0/reviewer/citations/0/text": Span(70, 90)}
    for own, expected in (({}, ("50", "90")), ({"/items/0": Span(40, 200)}, ("40", "200"))):
        triples = list(mapping.triples(replace(made, spans={**spans, **own})))
        node = f"{CASE}-item-1"
        assert (objects(triples, node, "textStart"), objects(triples, node, "textEnd")) == tuple({e} for e in expected)


def test_what_was_not_understood_is_kept() -> None:
    triples = list(mapping.triples(determination(unparsed=(Unparsed(5, 9, 'an "odd" line\n', "/items/0/heading"),))))
    assert objects(triples, CASE, "unparsedPassage") == {'5-9 /items/0/heading an "odd" line\n'}


def test_no_blank_nodes(shared: Path) -> None:
    for made in gold(shared):
        assert not [t for t in mapping.triples(made) if isinstance(t.subject, ox.BlankNode)]
        assert "_:" not in {line[:2] for line in mapping.ntriples(made).splitlines()}


def test_the_base_is_a_setting() -> None:
    text = mapping.ntriples(determination(), base="https://example.org/imr/")
    assert text.startswith("<https://example.org/imr/case-CM20-0000001-item-1")
    assert "<https://example.org/imr/guideline" not in text


def test_bytes_do_not_hang_on_the_hash_seed(tmp_path: Path) -> None:
    """Two processes with different seeds write the same text."""
    script = (
        "from support import records as f; from imr_graph.graph import mapping\n"
        "print(mapping.ntriples(f.spanned(f.determination())))"
    )
    written = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(TESTS)},
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(written) == 1


def test_half_a_surrogate_pair_in_any_text_does_no_harm() -> None:
    odd = "half \ud800 a pair"
    cited = citation("odg", odd, chapter=odd, basis="non-mtus")
    one = item(odd, reviewer=party(cited), rationale=odd)
    made = determination(odd, one, summary=odd, source=f"{odd}.txt", reviewer=Reviewer((odd,), ()))
    text = mapping.ntriples(replace(made, unparsed=(Unparsed(0, 4, odd, ""),)))
    assert text.encode().decode() == text
    assert '"half \ufffd a pair' in text
    assert list(mapping.triples(made))
