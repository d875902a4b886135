"""Page furniture, typing errors and other characters are undone before a letter is read; spans stay as printed."""

from __future__ import annotations

from functools import cache

import pytest

from imr_graph.extraction import extract
from imr_graph.extraction.damage import decision_of, undo_damage
from imr_graph.extraction.fixed_words import FixedWords, is_near
from imr_graph.model import Determination, Letter, Span
from support.letters import item, letter, read

WALKER = item(
    "A walker with two wheels", "Overturned", rationale="He cannot stand without it. It is medically necessary."
)
SPLINT = item("A thumb splint", rationale="The joint is stable. The splint is not medically necessary.")
TAPE = item("Elastic tape, six rolls")


@cache
def read_whole() -> Determination:
    """Return what an undamaged letter says."""
    return read(letter(WALKER, SPLINT, TAPE))


def assert_same(determination: Determination, other: Determination | None = None) -> None:
    whole = other or read_whole()
    assert determination.items == whole.items
    assert determination.outcome == whole.outcome
    assert (determination.summary, determination.reviewer) == (whole.summary, whole.reviewer)
    assert determination.incomplete == ()


FEET = {
    "page of pages": "Page {page} of 9",
    "page": "Page {page}",
    "dashes": "- {page} -",
    "a number alone": "{page}",
    "indented": "                                   Page {page} of 9",
    "recognised badly": "Page {page} 0f 9",
    "the case number and the page": "IMR Determination for Case CM16-9990301   {page}",
    "the case number alone": "CM16-9990301",
    "a running foot": "Bureau of Reviews - sheet {page}",
}


@pytest.mark.parametrize("foot", FEET.values(), ids=FEET.keys())
@pytest.mark.parametrize("gap", ["\n\n{}\n\n", "\n\n{}\n\f", "\n\f{}\n\n"], ids=["blank lines", "foot", "head"])
@pytest.mark.parametrize("lines", [7, 11, 17])
def test_furniture_between_any_lines_is_passed_over(foot: str, gap: str, lines: int) -> None:
    if "Bureau" in foot and "\f" not in gap:
        pytest.skip("a foot of unknown words shows itself only by page breaks")
    text = letter(WALKER, SPLINT, TAPE)
    rows = text.split("\n")
    pages = ["\n".join(rows[at : at + lines]) for at in range(0, len(rows), lines)]
    torn = pages[0]
    for number, page in enumerate(pages[1:], 1):
        torn += gap.format(foot.format(page=number)) + page
    assert_same(read(torn))


def test_spans_lead_to_the_text_as_printed_around_furniture() -> None:
    text = letter(WALKER, SPLINT, TAPE).replace("stable. The", "stable.\n\nPage 2 of 3\n\nThe")
    determination = extract(Letter(text, "torn.txt"))
    for pointer, words in (
        ("/items/1/rationale", "The joint"),
        ("/items/2/heading", "Elastic"),
        ("/items/2/decision", "Upheld"),
    ):
        span = determination.spans[pointer]
        assert text[span.start : span.end].startswith(words)
    span = determination.spans["/items/1/rationale"]
    assert "Page 2 of 3" in text[span.start : span.end]
    assert "Page" not in (determination.items[1].rationale or "")


def test_numbers_that_belong_to_the_text_stay() -> None:
    rationale = (
        "Two questions were left open.\nPage 3 of the report answers the first: flexion is\n40 degrees.\n- 3 - 5 visits"
    )
    assert read(letter(item("A cane", rationale=rationale))).items[0].rationale == " ".join(rationale.split())


SLIPS = {
    "a letter missing": ("Claims Administrator guideline:", "Claims Adminstrator guideline:"),
    "a plural": ("Claims Administrator guideline:", "Claims Administrator guidelines:"),
    "a letter wrong": ("MAXIMUS guideline:", "MAXINUS guideline:"),
    "a letter too many": ("MAXIMUS guideline:", "MAXIMUS guiddeline:"),
    "two letters missing": ("Decision rationale:", "Decison rational:"),
    "two slips at the beginning": ("Decision rationale:", "Dcisoin rationale:"),
    "two slips, one in each word": ("Claims Administrator guideline:", "Clamis Administrator guidelnie:"),
    "a slip among letters that scanners confuse": ("CLINICAL CASE SUMMARY", "CILNICAL CASE SUMMARY"),
    "other words": ("Decision rationale:", "Rationale for the Decision:"),
    "one word": ("Decision rationale:", "Rationale:"),
    "no colon": ("Decision rationale:", "Decision rationale"),
    "a semicolon": ("MAXIMUS guideline:", "MAXIMUS guideline;"),
    "an article": ("Claims Administrator guideline:", "The Claims Administrator guideline:"),
    "a blank inside": ("MAXIMUS guideline:", "MAX IMUS guide line:"),
    "no blank": ("Decision rationale:", "Decisionrationale:"),
    "a heading with digits": ("CLINICAL CASE SUMMARY", "CL1NICAL CASE SUMMARY"),
    "a heading with bars": ("HOW THE IMR FINAL DETERMINATION WAS MADE", "HOW THE |MR F|NAL DETERM|NATION WAS MADE"),
    "a heading with a slip": ("IMR ISSUES, DECISIONS AND RATIONALES", "IMR ISSUES, DECISI0NS AND RATIONALE"),
    "credentials": ("Certification(s)/Specialty:", "Certificatlon(s)/Speciaity:"),
    "states": ("State(s) of Licensure:", "State(s) of Licensure :"),
    "upheld in small letters": (": Upheld", ": upheld"),
    "a dash": (": Upheld", " - Upheld"),
    "another dash": (": Overturned", " – Overturned"),
    "a semicolon before a decision": (": Upheld", "; Upheld"),
    "no mark": (": Overturned", " Overturned"),
    "a decision without an end": (": Overturned", ": Overturn"),
    "a decision with a slip": (": Overturned", ": Overtuned"),
    "a decision with a digit": (": Overturned", ": 0verturned"),
    "a decision with a bar": (": Upheld", ": Uphe|d"),
    "a full stop": (": Upheld", ": Upheld ."),
}


@pytest.mark.parametrize(("right", "wrong"), SLIPS.values(), ids=SLIPS.keys())
@pytest.mark.parametrize("times", [1, 9])
def test_fixed_words_are_found_with_slips(right: str, wrong: str, times: int) -> None:
    text = letter(WALKER, SPLINT, TAPE)
    assert right in text
    assert_same(read(text.replace(right, wrong, times)))


def test_a_word_at_a_lines_end_that_is_no_decision_stays_a_word() -> None:
    rationale = "The film shows one thing only - uphill\nwork. The claim says: overturning\ncars. It is not necessary."
    determination = read(letter(item("A cane", rationale=rationale), item("A cast")))
    assert determination.items[0].rationale == " ".join(rationale.split())
    assert determination.outcome == "upheld"


LOST = {
    "another decision word": (": Overturned", ": Modified"),
    "a decision beyond reading": (": Overturned", ": Ovxxxxxed"),
    "no decision": (": Overturned\n", "\n"),
    "no heading and no decision": ("A walker with two wheels: Overturned\n", ""),
}


@pytest.mark.parametrize(("there", "left"), LOST.values(), ids=LOST.keys())
def test_no_outcome_where_an_item_may_be_missing(there: str, left: str) -> None:
    text = letter(SPLINT, WALKER, TAPE)
    assert there in text
    determination = read(text.replace(there, left))
    assert len(determination.items) == 2
    assert determination.outcome is None
    assert determination.incomplete


def test_no_outcome_where_labels_and_decision_are_all_beyond_reading() -> None:
    broken = WALKER.replace("Claims Administrator guideline:", "Cxxxxs Axxxxxxxor:").replace("MAXIMUS guideline:", "M:")
    broken = broken.replace("Decision rationale:", "D:").replace(": Overturned", "; Overtumed")
    determination = read(letter(SPLINT, broken, TAPE))
    assert determination.outcome is None
    assert "no item's decision" in determination.incomplete[0]


@pytest.mark.parametrize("blank", ["\f\n\f", "\n\f \n \n\f", "\f\nPage 2 of 3\n\f"])
@pytest.mark.parametrize(
    "where", ["A thumb", "The joint", "Decision rationale: The joint", "Claims Administrator guideline"]
)
def test_a_page_without_text_is_named_and_parts_its_neighbors(blank: str, where: str) -> None:
    before, _, behind = letter(WALKER, SPLINT, TAPE).rpartition(where)
    determination = read(before + blank + where + behind)
    assert "Page 2 of 3 holds no text." in determination.incomplete
    assert determination.outcome is None
    for found in determination.items:
        assert found.heading in [known.heading for known in read_whole().items]
        assert found.rationale is None or any(
            found.rationale in (known.rationale or "") for known in read_whole().items
        )


def test_a_blank_page_at_the_end_is_no_lost_page() -> None:
    assert read(letter(WALKER, SPLINT, TAPE) + "\f\n").outcome == "partially overturned"


CHARACTERS = {
    "ligatures": [("fi", "\ufb01"), ("ff", "\ufb00")],
    "a private character": [("fi", "\ue123")],
    "the replacement character": [("fi", "\ufffd")],
    "hyphens that do not break": [("-", "\u2011")],
    "hyphens": [("-", "\u2010")],
    "soft hyphens": [("ss", "s\u00ads")],
    "blanks without a width": [("ti", "t\u200bi")],
    "full-width letters": [("A", "\uff21"), (":", "\uff1a")],
}


@pytest.mark.parametrize("pairs", CHARACTERS.values(), ids=CHARACTERS.keys())
def test_other_characters_are_read_as_plain_ones(pairs: list[tuple[str, str]]) -> None:
    text = letter(WALKER, SPLINT, TAPE)
    for plain, other in pairs:
        assert plain in text
        text = text.replace(plain, other)
    determination = extract(Letter(text, "other.txt"))
    assert determination.items == read_whole().items
    assert (determination.dates, determination.reviewer) == (read_whole().dates, read_whole().reviewer)
    assert determination.case_number == read_whole().case_number
    span = determination.spans["/items/1/heading"]
    assert plain_letters(text[span.start : span.end], pairs) == "A thumb splint"


def plain_letters(words: str, pairs: list[tuple[str, str]]) -> str:
    for plain, other in pairs:
        words = words.replace(other, plain)
    return words


def test_words_of_names_that_a_line_end_breaks_are_joined_and_others_are_not() -> None:
    plain, _ = undo_damage(Letter("Official Disabi-\nlity Guide- \nlines, a long-\nterm plan", "x"))
    assert plain.text == "Official Disability\n Guidelines,\n a long-\nterm plan"
    assert plain.find_printed(Span(9, 19)) == Span(9, 21)


def test_fixed_words_keep_their_distance() -> None:
    words = FixedWords.of(["Claims Administrator guideline:", "Decision rationale:"])
    for other in (
        "Claims and guidelines",
        "Decision tree",
        "Clams are bivalves",
        "Rationale",
        "Decision based on MTUS",
    ):
        assert words.find(other, 0, len(other)) is None


def test_letters_that_look_like_two_others_are_one_slip_and_exchanged_ones_too() -> None:
    read = [decision_of(word) for word in ("Uphcld", "Uphled", "Overturried", "0verfurned")]
    assert read == ["upheld", "upheld", "overturned", "overturned"]


def test_a_page_number_right_before_a_page_break_is_taken_out() -> None:
    plain, _ = undo_damage(Letter("A cane: Upheld\nPage 1 of 2\fClaims Adminstrator guiedline: x\n", "x"))
    assert plain.text == "A cane: Upheld\n\fClaims Administrator guideline: x\n"


@pytest.mark.parametrize("word", ["Upheld", "UPHELD", "upheld", "Uphold", "Uphel", "Upheid", "Upheldd"])
def test_decision_words_in_other_forms(word: str) -> None:
    assert decision_of(word) == "upheld"
    assert decision_of("Withheld") is decision_of("Overruled") is decision_of("Modified") is None
    assert is_near(word.lower(), "upheld", 1)


@pytest.mark.parametrize("times", [2_000, pytest.param(100_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("label", ["Claims Adminstrator guidline", "MAXIMUS guideline", "Dcisoin rationale"])
def test_repeated_labels_are_read_in_linear_steps(label: str, times: int) -> None:
    """A letter of a label repeated comes to its end: each step that looked at all others would take hours."""
    determination = read(letter(WALKER) + f"{label}: x\n" * times)
    assert determination.outcome is None
    assert len(determination.items) == 1
