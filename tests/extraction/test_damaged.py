"""Letters that are not whole: cut, with a page twice, with lines lost. What is whole is kept, the rest is reported."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract, incompleteness
from imr_graph.extraction.page_breaks import find_repeated_pages
from imr_graph.extraction.plain_text import Edit, PlainText
from imr_graph.model import Letter, Span
from support.letters import ISSUES, RATIONALE, item, letter, read

A, B, C = item("A cane"), item("A brace", "Overturned"), item("A cast")


@pytest.mark.parametrize("text", ["", "Dear Sir", "Minutes of the garden club\n\nPresent were 12 members.", "\f\n\f"])
def test_what_is_no_determination_says_so(text: str) -> None:
    with pytest.raises(NotALetterError, match=r"note\.txt: this is not an IMR determination"):
        extract(Letter(text, "note.txt"))


def test_a_letter_cut_before_its_first_decision_says_so() -> None:
    with pytest.raises(NotALetterError, match="cut off"):
        read(letter().partition(ISSUES)[0] + ISSUES)


CUTS = {
    "inside the rationale": ("nothing has", 1),
    "before the rationale": ("Decision rationale:", 1),
    "inside its label": ("ision rationale:", 1),
    "inside a citation": ("Complaints 2004", 1),
    "inside a label": ("US guideline:", 1),
    "behind the decision word": ("\nClaims Administrator", 1),
    "inside the first label": ("ms Administrator guideline", 1),
    "inside the decision word": ("turned", 0),
}


@pytest.mark.parametrize(("words", "whole"), CUTS.values(), ids=CUTS.keys())
def test_a_cut_letter_keeps_its_decisions(words: str, whole: int) -> None:
    before, _, last = letter(A, B).rpartition("A brace")
    determination = read(before + "A brace" + last.partition(words)[0])
    assert [i.heading for i in determination.items] == ["A cane", "A brace"][: 1 + whole]
    assert determination.items[0].rationale == RATIONALE
    assert "guideline" not in str(determination.items[-1].reviewer.citations).replace("guideline=", "")
    lacks = incompleteness(determination)
    assert (lacks is None) == (words == "nothing has")
    assert (determination.outcome is None) == (lacks is not None)


def test_incompleteness_names_what_the_end_of_a_letter_lacks() -> None:
    assert incompleteness(read(letter(A, B))) is None
    text = letter(A, B)
    cut = read(text[: text.rindex("Decision rationale")])
    assert incompleteness(cut) == "The last item has no rationale; the letter seems to be cut off."
    lost = read(letter(A, B.replace("MAXIMUS guideline:", "")))
    assert (
        incompleteness(lost) == "The last item has no guidelines of one side; part of the letter seems to be missing."
    )


def test_a_missing_label_gives_its_words_to_nobody() -> None:
    without = read(letter(A, B.replace("MAXIMUS guideline: ", ""), C))
    assert [i.heading for i in without.items] == ["A cane", "A brace", "A cast"]
    assert without.items[1].claims_administrator.citations == without.items[1].reviewer.citations == ()
    assert without.unparsed[0].text.startswith("Decision based on MTUS Knee Complaints")
    silent = read(letter(A, B.replace("Decision rationale: ", ""), C))
    assert silent.items[1].rationale is None
    assert silent.items[1].reviewer.citations[0].sections == ("Special Studies",)
    assert silent.unparsed[0].text.startswith("The records show")


def test_a_missing_heading_gives_its_item_to_nobody() -> None:
    determination = read(letter(A, B.replace("A brace: Overturned\n", ""), C))
    assert [i.heading for i in determination.items] == ["A cane", "A cast"]
    assert determination.items[0].rationale == RATIONALE
    assert determination.unparsed[0].text.startswith("Claims Administrator guideline:")


@pytest.fixture(scope="module")
def pages() -> list[str]:
    names = [f"Service {number} for the left ankle" for number in range(12)]
    lines = letter(*map(item, names)).split("\n")
    return ["\n".join(lines[start : start + 30]) for start in range(0, len(lines) - 12, 30)]


@pytest.mark.parametrize("page_end", ["\n\f", "\f", "\n"], ids=["form feed on its line", "form feed", "none"])
def test_a_page_that_stands_twice_is_read_once(pages: list[str], page_end: str) -> None:
    whole = read(page_end.join(pages))
    for again in range(len(pages) - 1):
        text = page_end.join([*pages[: again + 1], *pages[again:]])
        determination = read(text)
        assert (determination.items, determination.summary) == (whole.items, whole.summary)
        assert (determination.dates, determination.reviewer) == (whole.dates, whole.reviewer)
        for pointer in ("/items/0/heading", "/items/11/heading"):
            span = determination.spans[pointer]
            assert text[span.start : span.end].startswith("Service")


def test_services_with_the_same_words_are_not_taken_for_a_page() -> None:
    text = letter(A, A, A)
    assert find_repeated_pages(text) == []
    assert len(read(text).items) == 3


def test_spans_over_a_cut_have_no_single_place() -> None:
    plain = PlainText.of("ab" + "..." + "cde" + "." + "f").apply_edits([Edit(2, 5, page=True), Edit(8, 9, page=True)])
    assert plain.text == "abcdef"
    assert plain.find_printed(Span(0, 2)) == Span(0, 2)
    assert plain.find_printed(Span(2, 5)) == Span(5, 8)
    assert plain.find_printed(Span(5, 6)) == Span(9, 10)
    assert plain.find_printed(Span(1, 3)) is None


@given(length=st.integers(15, 60), times=st.integers(2, 12), before=st.integers(0, 40), behind=st.integers(0, 40))
@settings(max_examples=80, deadline=None)
def test_a_page_that_stands_many_times_in_a_row_is_read_once(length: int, times: int, before: int, behind: int) -> None:
    page, head, tail = (
        [f"Line {number} of {name}" for number in range(lines)]
        for name, lines in (("the page", length), ("the head", before), ("the tail", behind))
    )
    text = "\n".join([*head, *page * times, *tail, ""])
    cuts = find_repeated_pages(text)
    assert PlainText.of(text).apply_edits(cuts).text == "\n".join([*head, *page, *tail, ""])
    assert all(cut.end == after.start for cut, after in pairwise(cuts))


@given(st.lists(st.sampled_from(["one", "two", "three " * 40, ""]), max_size=30), st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_what_is_passed_over_goes_forwards(lines: list[str], times: int) -> None:
    cuts = find_repeated_pages("\n".join(lines * times))
    assert all(0 <= cut.start < cut.end for cut in cuts)
    assert all(cut.end <= after.start for cut, after in pairwise(cuts))


@pytest.mark.parametrize("times", [2, 3, 4, 7, 12])
def test_a_letter_that_stands_many_times_in_its_file_is_read_once(times: int) -> None:
    once = read(letter(A, B, C))
    many = read(letter(A, B, C) * times)
    assert many.items == once.items
    assert many.summary == once.summary
