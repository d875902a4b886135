"""Reasons are found in what speaks of the case, and in nothing else; each sentence here is ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_graph.extraction.reasons import find_reasons
from imr_graph.extraction.requests import read_treatments

# Each line: the decision, the one reason that the sentence states (or none), the sentence, the heading if it matters.
LINES = (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()[1:]

# Whole rationales, some of which state what no phrase of the file knows.
RATIONALES = (Path(__file__).parent / "rationales.txt").read_text(encoding="utf-8").splitlines()[1:]


def reasons_of(sentence: str, decision: str, heading: str = "", treatments: tuple[str, ...] = ()) -> list[str]:
    assert decision in ("upheld", "overturned")
    return [found.reason for found in find_reasons(sentence, decision, heading, treatments)]  # type: ignore[arg-type]


@pytest.mark.parametrize("line", LINES)
def test_a_sentence_says_why_an_item_was_decided_so(line: str) -> None:
    decision, reason, sentence, *heading = line.split(" | ")
    assert reasons_of(sentence, decision, *heading) == ([] if reason == "none" else [reason])


@pytest.mark.parametrize("line", LINES)
def test_what_speaks_for_the_other_decision_is_no_reason(line: str) -> None:
    decision, reason, sentence, *heading = line.split(" | ")
    assert reason not in reasons_of(sentence, "upheld" if decision == "overturned" else "overturned", *heading)


def test_one_sentence_states_several_reasons() -> None:
    text = "There are no red flags, neurological deficits, or planned surgery."
    assert {found.reason for found in find_reasons(text, "upheld")} == {
        "lacks-red-flags",
        "lacks-neurological-findings",
        "lacks-planned-procedure",
    }


def test_what_a_topic_is_for_is_not_absent() -> None:
    """A rationale for imaging is a rationale; only what is listed with the first topic is absent as well."""
    text = "There is no rationale provided for the requested imaging studies."
    assert [found.reason for found in find_reasons(text, "upheld")] == ["lacks-rationale"]


def test_a_double_negation_is_read_as_it_is_meant() -> None:
    text = "The patient has not failed to improve with conservative treatment."
    assert [found.reason for found in find_reasons(text, "upheld")] == ["lacks-failed-conservative-care"]


def test_a_reason_is_quoted_by_its_sentence() -> None:
    text = "Pain is chronic. There is no evidence of functional improvement. The request is not medically necessary."
    [found] = find_reasons(text, "upheld")
    assert text[found.span.start : found.span.end] == "There is no evidence of functional improvement."


def test_a_flat_rule_counts_only_for_what_was_requested() -> None:
    text = "Cyclobenzaprine is not recommended as a topical agent."
    assert [found.reason for found in find_reasons(text, "upheld", "Cyclobenzaprine cream")] == ["not-recommended"]
    assert find_reasons(text, "upheld", "Lidocaine patch") == []


def test_a_flat_rule_may_name_the_class_of_what_was_requested() -> None:
    text = "MTUS states that benzodiazepines are not recommended."
    assert reasons_of(text, "upheld", "Xanax 1mg #60", ("alprazolam",)) == ["not-recommended"]
    assert reasons_of(text, "upheld", "Norco 10/325", ("hydrocodone", "acetaminophen")) == []


def test_what_a_heading_requests_is_no_missing_monitoring() -> None:
    text = "There is no documentation of aberrant behavior."
    assert reasons_of(text, "upheld", "Urine drug screen") == ["lacks-indication"]
    assert reasons_of(text, "upheld", "Norco 10/325 #60") == ["lacks-monitoring"]


def test_copied_sentences_state_nothing_and_a_place_is_no_topic() -> None:
    assert reasons_of("The overall false positive rate is 30% in those who do not have symptoms.", "upheld") == []
    text = "Sleep hygiene was not described in the progress notes."
    assert "lacks-records" not in reasons_of(text, "upheld")


def test_the_rule_on_compounds_says_nothing_of_a_single_drug() -> None:
    text = "Any compounded product that contains one drug that is not recommended is not recommended."
    assert reasons_of(text, "upheld", "Lidocaine 5% patch", ("lidocaine",)) == []
    several = ("lidocaine", "menthol")
    assert reasons_of(text, "upheld", "Terocin patch", several) == ["compound-ingredient"]


def test_line_ends_and_capitals_do_not_matter() -> None:
    text = "There is\nNO EVIDENCE of any functional\nimprovement."
    assert [found.reason for found in find_reasons(text, "upheld")] == ["lacks-functional-improvement"]


def test_nearly_all_reasons_of_rationales_are_found_and_hardly_any_others() -> None:
    right = wrong = missed = 0
    for line in RATIONALES:
        decision, heading, expected, rationale = line.split(" | ", 3)
        stated = {each for each in expected.split() if not each.startswith("?")}
        doubted = {each[1:] for each in expected.split() if each.startswith("?")}
        treatments = tuple(each.id for each in read_treatments(heading).treatments)
        found = set(reasons_of(rationale, decision, heading, treatments)) - doubted
        right += len(found & stated)
        wrong += len(found - stated)
        missed += len(stated - found)
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.85


def test_a_rule_of_duration_and_long_use_may_stand_in_two_sentences() -> None:
    rule = "Guidelines recommend short-term use only. "
    use = "The patient has been taking this medication for several years."
    assert reasons_of(rule + use, "upheld") == ["exceeds-recommended-duration"]
    assert reasons_of(use, "upheld") == []
