"""Finding items: which decision words are decisions, where an item's parts stand, what is left over."""

from __future__ import annotations

import pytest

from imr_graph.model import Determination
from support.letters import HEADER, ISSUES, NOTHING_CITED, RATIONALE, SET_FORTH, item, letter, read, read_items

A, B, C = (
    item("A cane"),
    item("A brace", "Overturned", rationale="The ankle gives way. It is medically necessary."),
    item("A cast"),
)


def headings(determination: Determination) -> list[str]:
    return [found.heading for found in determination.items]


def test_each_part_is_cut_at_its_label() -> None:
    found = read_items(B)[0]
    assert (found.decision, found.rationale) == ("overturned", "The ankle gives way. It is medically necessary.")
    assert found.claims_administrator.stance == "no evidence cited"
    assert found.reviewer.citations[0].guideline == "acoem-knee-complaints-2004"


QUOTATIONS = {
    "a decision word at a line end": "The denial says the decision was: Upheld\nwhich is right. It is not necessary.",
    "a decision word that ends a paragraph": "The letter said: Upheld\n\nThat is right. It is not necessary.",
    "a decision word in the middle": "In the file it says: Upheld, and nothing more. It is not necessary.",
    "a label at a line's beginning": 'The denial says "see the\nDecision rationale: none". It is not necessary.',
    "another label at a line's beginning": "The denial says only:\nClaims Administrator guideline: none. No.",
    "a section's heading at a line's beginning": "The file has a\nCLINICAL CASE SUMMARY\nof two pages. No.",
    "a weaning paragraph behind the verdict": "It is not necessary.\n\nSee the guideline, and if necessary, others, on "
    "how to taper this medicine.",
    "several paragraphs and a list": "First.\n\nSecond\n\n- bullet: Upheld in full\n- other\n\nIt is not necessary",
}


@pytest.mark.parametrize("rationale", QUOTATIONS.values(), ids=QUOTATIONS.keys())
@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["lines", "blank lines"])
def test_a_rationale_keeps_what_looks_like_the_letters_own_words(rationale: str, gap: str) -> None:
    determination = read(letter(item("A cane", rationale=rationale, gap=gap), item("A brace", gap=gap)))
    assert headings(determination) == ["A cane", "A brace"]
    assert determination.items[0].rationale == " ".join(rationale.split())
    assert determination.unparsed == ()


def test_a_decision_word_in_the_last_rationale_is_no_item() -> None:
    rationale = "The denial says the decision was: Upheld\nwhich is right."
    determination = read(letter(A, item("A brace", rationale=rationale)))
    assert headings(determination) == ["A cane", "A brace"]
    assert determination.items[1].rationale == " ".join(rationale.split())


def test_a_last_rationale_that_ends_with_a_decision_word_is_no_item() -> None:
    determination = read(letter(A, item("A brace", rationale="It is refused, and the decision is: Upheld")))
    assert headings(determination) == ["A cane", "A brace"]


def test_twenty_one_items_in_the_order_of_the_letter() -> None:
    names = [f"Service {number} of twenty-one" for number in range(21)]
    determination = read(letter(*map(item, names)))
    assert headings(determination) == names
    assert determination.outcome == "upheld"


def test_one_rationale_for_several_services_stays_with_each() -> None:
    same = "As the operation is not medically necessary, neither is this."
    services = [item(f"Associated surgical service: {name}", rationale=same) for name in ("Crutches", "Sling", "Labs")]
    assert [found.rationale for found in read_items(*services)] == [same] * 3


@pytest.mark.parametrize("change", [str.upper, str.title, str.lower])
def test_labels_in_other_letters_and_with_a_blank_before_the_colon(change: object) -> None:
    text = letter(A, B)
    for label in ("Claims Administrator guideline:", "MAXIMUS guideline:", "Decision rationale:"):
        text = text.replace(label, change(label).replace(":", " :"))  # type: ignore[operator]
    assert read(text).items == read(letter(A, B)).items


@pytest.mark.parametrize("issues", [ISSUES, SET_FORTH, ""], ids=["no sentence", "no heading", "neither"])
def test_items_are_found_without_their_introduction(issues: str) -> None:
    determination = read(letter(A, B, issues=issues))
    assert headings(determination) == ["A cane", "A brace"]
    assert determination.summary == read(letter(A, B)).summary
    assert determination.unparsed == ()


def test_form_feeds_without_line_ends_and_carriage_returns() -> None:
    text = letter(A, B, C).replace("\nMAXIMUS g", "\fMAXIMUS g").replace("\nA brace", "\fA brace").replace("\n", "\r\n")
    assert read(text).items == read(letter(A, B, C)).items


def test_a_letter_whose_every_other_line_is_blank() -> None:
    assert read(letter(A, B, C).replace("\n", "\n\n")).items == read(letter(A, B, C)).items


def test_a_letter_whose_line_ends_were_lost() -> None:
    whole = read(letter(A, B, C))
    flat = read(letter(A, B, C).replace("\n", " "))
    assert flat.items == whole.items
    assert (flat.summary, flat.reviewer, flat.dates) == (whole.summary, whole.reviewer, whole.dates)


def test_an_unknown_decision_word_makes_no_item_and_is_reported() -> None:
    for decision in ("Modified", "Partially Overturned"):
        determination = read(letter(A, item("A brace", decision), C))
        assert headings(determination) == ["A cane", "A cast"]
        assert determination.items[0].rationale == RATIONALE
        assert determination.unparsed[0].text.startswith(f"A brace: {decision} Claims Administrator guideline:")


def test_text_between_a_decision_and_its_first_label_is_reported() -> None:
    text = letter(A, B).replace("Claims Administrator guideline: ", "", 1)
    determination = read(text)
    assert headings(determination) == ["A cane", "A brace"]
    assert [(u.text, u.where) for u in determination.unparsed] == [(NOTHING_CITED.rstrip("."), "/items")]


def test_text_before_the_first_heading_is_reported() -> None:
    determination = read(letter("A stray sentence of the printer.\n\n", A))
    assert headings(determination) == ["A cane"]
    assert [u.text for u in determination.unparsed] == ["A stray sentence of the printer"]


def test_fragments_of_items_alone_are_read() -> None:
    determination = read(A + B)
    assert headings(determination) == ["A cane", "A brace"]
    assert (determination.case_number, determination.summary) == (None, None)
    assert HEADER not in A + B
