"""The example letters: fictional, complete, reproducible, and read as their README says."""

from __future__ import annotations

import re
import runpy
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from imr_graph.extraction import extract
from imr_graph.letters import read_letter, read_letters
from imr_graph.model import Determination

U, O = "upheld", "overturned"  # noqa: E741

# What each letter decides, in the order of its items.
EXPECTED = {
    "CM13-9990001": ("L0", [U]),
    "CM13-9990002": ("L1", [O, U]),
    "CM14-9990003": ("L2", [U, U, O]),
    "CM14-9990004": ("L3", [U, U, O]),
    "CM14-9990005": ("L3", [O, U, U]),
    "CM15-9990006": ("L4", [O, U, O]),
    "CM16-9990007": ("L5", [U]),
    "CM16-9990008": ("L5", [O, U, O]),
    "CM16-9990009": ("L5", [O, O, U, O, U, O]),
    "CM16-9990010": ("L5", [O, O, U, U, U]),
    "CM16-9990011": ("L5", [U, U, O, U]),
    "CM17-9990012": ("L5", [O, O, U]),
    "CM17-9990013": ("L5", [O, O, U, U]),
    "CM18-9990014": ("L6", [O, U, U]),
    "CM18-9990015": ("L6", [U, O, U]),
}


@cache
def determinations(folder: Path) -> dict[str, Determination]:
    return {Path(letter.source).stem: extract(letter) for letter in read_letters(folder, failed=lambda _: None)}


@pytest.fixture
def records(project: Path) -> dict[str, Determination]:
    """Read every example letter."""
    return determinations(project / "examples" / "letters")


def test_every_example_is_described_and_every_description_has_its_example(project: Path) -> None:
    folder = project / "examples" / "letters"
    described = re.findall(r"^\| `([^`]+)` \|", (folder / "README.md").read_text(), re.MULTILINE)
    assert described == sorted(path.name for path in folder.iterdir() if path.name != "README.md")
    assert [Path(name).stem for name in described] == list(EXPECTED)


def test_the_pdfs_are_set_from_the_manuscripts(project: Path, tmp_path: Path) -> None:
    """Setting them anew gives the letters that are checked in, page for page."""
    make = runpy.run_path(str(project / "examples" / "make_pdfs.py"))["make_pdf"]
    manuscripts = sorted((project / "examples" / "manuscripts").glob("*.txt"))
    assert [path.stem for path in manuscripts] == sorted(p.stem for p in (project / "examples/letters").glob("*.pdf"))
    for manuscript in manuscripts:
        again = read_letter(make(manuscript, tmp_path))
        assert again.text == read_letter(project / "examples" / "letters" / f"{manuscript.stem}.pdf").text


def test_case_numbers_are_fictional_and_are_the_files_names(records: dict[str, Determination]) -> None:
    assert {stem: record.case_number for stem, record in records.items()} == {stem: stem for stem in EXPECTED}
    assert all(stem[5:].startswith("999") for stem in EXPECTED)


@pytest.mark.parametrize("stem", EXPECTED)
def test_each_example_shows_its_layout_and_its_decisions(records: dict[str, Determination], stem: str) -> None:
    record = records[stem]
    assert (record.layout, [item.decision for item in record.items]) == EXPECTED[stem]


def test_each_example_is_whole(records: dict[str, Determination]) -> None:
    """Header, reviewer, patient, summary and rationales are there; only why a guideline was used (L0) is left over."""
    for stem, record in records.items():
        dates = record.dates
        assert dates.injured < dates.ur_denied <= dates.received <= dates.assigned < dates.decided, stem  # type: ignore[operator]
        assert record.reviewer.specialties, stem
        assert record.reviewer.states, stem
        assert record.patient.age, stem
        assert record.patient.sex, stem
        assert record.summary, stem
        assert all(item.rationale and item.treatments for item in record.items), stem
        assert [passage.where for passage in record.unparsed] == ["/items/0/reviewer"] * (record.layout == "L0"), stem


def test_lumbar_mri_is_decided_both_ways_on_one_section(records: dict[str, Determination]) -> None:
    decisions = Counter(
        item.decision
        for record in records.values()
        for item in record.items
        if item.treatments == ("mri",) and "lumbar-spine" in item.body_regions
        for citation in item.reviewer.citations
        if citation.guideline == "acoem-low-back-complaints-2004" and "Special Studies" in citation.sections
    )
    assert decisions == {U: 2, O: 2}


def test_benzodiazepines_rest_on_page_24(records: dict[str, Determination]) -> None:
    found = {
        treatment: item.decision
        for record in records.values()
        for item in record.items
        for treatment in item.treatments
        for citation in item.reviewer.citations
        if citation.guideline == "mtus-chronic-pain-2009" and 24 in citation.pages
    }
    assert found == {"diazepam": U, "lorazepam": U, "alprazolam": U, "clonazepam": O}


def test_partial_certifications_name_all_three_quantities(records: dict[str, Determination]) -> None:
    parts = [(i.requested, i.authorized, i.service) for r in records.values() for i in r.items if i.requested]
    assert len(parts) == 6
    assert ("Percocet 5/325mg #90", "Percocet 5/325mg #60", "Percocet 5/325mg #30") in parts


def test_combinations_and_compounds_give_every_ingredient(records: dict[str, Determination]) -> None:
    items = {item.service: set(item.treatments) for record in records.values() for item in record.items}
    assert items["Percocet 5/325mg #30"] == {"oxycodone", "acetaminophen"}
    assert items["Flurbiprofen 20%/Baclofen 5%/Lidocaine 4% cream 180gm with 2 refills"] == {
        "flurbiprofen",
        "baclofen",
        "lidocaine",
    }


def test_a_reason_after_a_citation_is_no_section(records: dict[str, Determination]) -> None:
    """The earliest layout gives guideline and reason under one heading."""
    (citation,) = records["CM13-9990001"].items[0].reviewer.citations
    assert (citation.guideline, citation.sections, citation.pages) == (
        "mtus-chronic-pain-2009",
        ("Exercise",),
        (46, 47),
    )
