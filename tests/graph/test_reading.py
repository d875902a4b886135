"""From the graph back to the record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph.errors import UnknownNameError
from imr_graph.graph.reading import determination_of
from imr_graph.model import Determination, Patient, Reviewer, Span, Unparsed
from imr_graph.records import to_record
from imr_graph.store.changes import add, remove
from imr_graph.store.graph_store import memory_store
from support.records import CHRONIC_PAIN, citation, determination, gold, item, party, spanned

STORE = memory_store()


def back(made: Determination) -> Determination:
    """Put a determination into a store and read it from there."""
    add(STORE, [made])
    try:
        return determination_of(STORE, made.key)
    finally:
        remove(STORE, made.key)


def record(made: Determination) -> dict[str, Any]:
    """Return a record with its sets sorted and its file named as the graph gives them."""
    found = to_record(made)
    found["source"] = made.file_name or made.sha256
    for entry in found["items"]:
        entry["treatments"], entry["body_regions"] = sorted(entry["treatments"]), sorted(entry["body_regions"])
    del found["spans"]
    return found


def test_a_record_comes_back_from_the_graph() -> None:
    """Every field, spans and unparsed passages included."""
    made = spanned(
        determination(
            "CM20-0000001",
            item(
                "Left knee brace",
                "overturned",
                requested="Two braces",
                authorized="One brace",
                retrospective=True,
                surgical_adjunct=True,
                treatments=("acupuncture", "massage"),
                body_regions=("knee",),
                laterality="left",
                claims_administrator=party(
                    citation("odg", "Braces", "Aids", chapter="Knee", basis="non-mtus"), stance="outside the MTUS"
                ),
                reviewer=party(citation(CHRONIC_PAIN, "Functional goals", pages=(9, 10, 111))),
            ),
            item("Second brace", rationale=None),
            source="CM20-0000001.txt",
            unparsed=(Unparsed(3, 9, "a  b", "/items/0/heading"), Unparsed(20, 21, "", "/summary")),
            patient=Patient(None, "male"),
        )
    )
    read = back(made)
    assert read == replace(made, spans=read.spans)
    assert {pointer: span for pointer, span in read.spans.items() if pointer in made.spans} == dict(made.spans)
    assert set(read.spans) - set(made.spans) == {
        "/items/0",
        "/items/1",
        "/reviewer",
        "/items/0/reviewer/citations/0",
        "/items/1/reviewer/citations/0",
        "/items/0/claims_administrator/citations/0",
    }


def test_the_real_records_come_back(shared: Path) -> None:
    """All 99, but for the order within sets; with their places, since a strength may stand twice in a heading."""
    for made in map(spanned, gold(shared)):
        assert record(back(made)) == record(made)


def test_an_unknown_specialty_comes_back_as_printed() -> None:
    read = back(determination(reviewer=Reviewer(("DOWSING, advanced", "Orthopedic Surgery"), ("US-NV",))))
    assert read.reviewer == Reviewer(("DOWSING, advanced", "Orthopedic Surgery"), ("US-NV",))


@pytest.mark.parametrize("guideline", ["acoem-low-back-disorders-2033", "acoem-low-back-disorders", "voice-strain"])
def test_a_guideline_that_is_not_listed_comes_back(guideline: str) -> None:
    made = determination("CM20-0000001", item(reviewer=party(citation(guideline, "Imaging", pages=(3,)))))
    assert record(back(made)) == record(made)


def test_a_case_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownNameError, match="There is no case 'CM20-0000001'"):
        determination_of(memory_store(), "CM20-0000001")


_TEXT = st.text(min_size=1, max_size=20)


@given(_TEXT, _TEXT, st.lists(_TEXT, max_size=3, unique=True), st.lists(st.integers(1, 2000), max_size=3, unique=True))
def test_any_text_comes_back(heading: str, words: str, names: list[str], pages: list[int]) -> None:
    """Quotes, line ends, other scripts: what stands in a letter stands in the graph."""
    cited = citation("other", *names, pages=tuple(sorted(pages)), text=words, basis="non-mtus")
    made = determination("CM20-0000001", item(heading, reviewer=party(cited), rationale=words), source="a.txt")
    read = back(made)
    grounds = read.items[0].reviewer.citations[0]
    assert (read.items[0].heading, read.items[0].rationale, grounds.text) == (heading, words, words)
    assert sorted(grounds.sections) == sorted(names)
    assert grounds.pages == cited.pages


@pytest.mark.parametrize("names", [("Functional goals", "functional goals"), ("functional goals", "Functional goals")])
def test_two_names_of_one_section_keep_their_places(names: tuple[str, str]) -> None:
    """A citation may print one section twice, in two ways; each name is where it stands."""
    cited = citation(CHRONIC_PAIN, *names)
    cited = replace(cited, text=f"Chronic Pain, {names[0]}; {names[1]}")
    made = determination("CM20-0000008", item("Brace", "upheld", reviewer=party(cited)))
    at = "/items/0/reviewer/citations/0/sections"
    made = replace(made, spans={f"{at}/0": Span(14, 30), f"{at}/1": Span(32, 48)})
    found = back(made)
    assert found.items[0].reviewer.citations[0].sections == names
    assert (found.spans[f"{at}/0"], found.spans[f"{at}/1"]) == (Span(14, 30), Span(32, 48))
