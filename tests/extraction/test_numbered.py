"""Reading the letters of 2013 and early 2014: verdicts in prose, one issue a letter, guidelines in sentences."""

from __future__ import annotations

from datetime import date

import pytest

from imr_graph.errors import NotALetterError
from imr_graph.model import Determination, Reviewer
from support.letters import cited, facts, read, side

DECISIONS = """\
1) MAXIMUS Federal Services, Inc. has determined the request for a 30 day
trial of a traction device is notmedically necessary and appropriate.

2) MAXIMUS Federal Services, Inc. has determined the request for one knee film, views: 3, is medically necessary and
appropriate.
"""
NOTICE = f"""\
MAXIMUS FEDERAL SERVICES, INC. Notice of Independent Medical Review Determination Dated: 9/26/2013

{DECISIONS}
INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE
An application for Independent Medical Review was filed on 9/6/2013 disputing the
Utilization Review Denial dated 8/30/2013. A Notice of Assignment and Request for
Information was provided to the above parties on 9/23/2013.

{DECISIONS}
Medical Qualifications of the Expert Reviewer:
The physician reviewer is Board Certified in Occupational Medicine and is licensed to practice in California.

Case Summary:
Disclaimer: The following case summary was taken directly from the utilization review
denial/modification dated August 30, 2013.
The patient is a 44 year old female who fell.

Documents Reviewed for Determination:
Application for IMR

1) Regarding the request for a 30 day trial of a traction device:
Medical Treatment Guideline(s) Relied Upon by the Expert Reviewer to Make His/Her Decision
The Claims Administrator did not cite any evidence based criteria.
The Expert Reviewer based his/her decision on the Chronic Pain Medical Treatment Guidelines, page 30, part of the MTUS.
Rationale for the Decision:
Traction is a passive aid. The request is not medically necessary and appropriate.

2) Regarding the request for one knee film, views: 3:
Medical Treatment Guideline(s) Relied Upon by the Expert Reviewer to Make His/Her Decision
The Claims Administrator based its decision on the ODG, Knee Chapter, Films, not part of the MTUS.
The Expert Reviewer based his/her decision on the ACOEM Guidelines, Chapter 13, page 341, which is part of the MTUS.
Rationale for the Decision:
The knee locks. The request is medically necessary.

Effect of the Decision:
The determination is final.
"""


def test_decisions_given_twice_are_one_item_each() -> None:
    determination = read(NOTICE)
    assert determination.layout == "L1"
    assert [(i.heading, i.decision) for i in determination.items] == [
        ("a 30 day trial of a traction device", "upheld"),
        ("one knee film, views: 3,", "overturned"),
    ]
    assert determination.items[1].rationale == "The knee locks. The request is medically necessary."
    assert determination.items[0].claims_administrator.stance == "no evidence cited"
    assert facts(determination.items[1].reviewer.citations[0]) == ("acoem-knee-complaints-2004", None, (), (341,))
    assert determination.unparsed == ()


def test_dates_come_from_sentences_and_the_disclaimer_is_no_summary() -> None:
    determination = read(NOTICE)
    dates = determination.dates
    assert (dates.decided, dates.received) == (date(2013, 9, 26), date(2013, 9, 6))
    assert (dates.ur_denied, dates.assigned, dates.injured) == (date(2013, 8, 30), date(2013, 9, 23), None)
    assert determination.summary == "The patient is a 44 year old female who fell."
    assert determination.reviewer == Reviewer(("Occupational Medicine",), ("US-CA",))


def test_two_decisions_that_contradict_each_other_are_none() -> None:
    first, rest = NOTICE.split("notmedically", 1)
    determination = read(f"{first}medically{rest}")
    assert [i.heading for i in determination.items] == ["one knee film, views: 3,"]
    assert "a 30 day trial of a traction device is medically necessary" in determination.unparsed[0].text


def test_decisions_without_their_reasons_are_kept() -> None:
    determination = read(NOTICE.partition("Medical Qualifications")[0])
    assert [i.decision for i in determination.items] == ["upheld", "overturned"]
    assert [i.rationale for i in determination.items] == [None, None]


REASONS = """\
The Claims Administrator based its decision on the ODG Pain Chapter, not part of the MTUS.
The Physician Reviewer based his/her decision on the MTUS Acupuncture Medical Treatment Guidelines.
The Physician Reviewer's decision rationale: """
BEFORE = """\
MAXIMUS FEDERAL SERVICES, INC.
Independent Medical Review
Case Number: CM13-9990302
Decision Date: 02/20/2014
HOW THE IMR FINAL DETERMINATION WAS MADE
The physician reviewer is Board Certified in Neurology and is licensed to practice in Texas. He/she rests.
DOCUMENTS REVIEWED
The file.
CLINICAL CASE SUMMARY
The patient is a 39-year-old male.
IMR DECISION(S) AND RATIONALE(S)
"""


def numbered(*items: str) -> Determination:
    return read(BEFORE + "\n".join(items))


VERDICTS = {
    "1. ACUPUNCTURE 2X6 IS NOT MEDICALLY NECESSARY AND APPROPRIATE.": ("ACUPUNCTURE 2X6", "upheld"),
    "1. 12 SESSIONS OF THERAPY ARE MEDICALLY NECESSARY AND APPROPRIATE": ("12 SESSIONS OF THERAPY", "overturned"),
    "1. The request for one (1) film of the knee is not medically\nnecessary and appropriate.": (
        "one (1) film of the knee",
        "upheld",
    ),
    "1) A BRACE FOR THE LEFT\nKNEE WAS NOTMEDICALLY NECESSARY.": ("A BRACE FOR THE LEFT KNEE", "upheld"),
    "A BRACE IS MEDICALLY NECESSARY AND APPROPRIATE.": ("A BRACE", "overturned"),
}


@pytest.mark.parametrize(("words", "expected"), VERDICTS.items())
def test_verdicts_in_headings(words: str, expected: tuple[str, str]) -> None:
    determination = numbered(words, REASONS + "It helps.")
    assert [(i.heading, i.decision) for i in determination.items] == [expected]
    assert determination.items[0].rationale == "It helps."
    assert determination.unparsed == ()


def test_a_numbered_list_and_a_verdict_in_a_rationale_start_no_item() -> None:
    listed = "Needed are:\n1. relief\n2. the drug is medically necessary\n3. tests.\nIt is not medically necessary."
    determination = numbered(
        "1. A DRUG IS NOT MEDICALLY NECESSARY.",
        REASONS + listed,
        "2. A BRACE IS MEDICALLY NECESSARY.",
        REASONS + "Yes.",
    )
    assert [i.heading for i in determination.items] == ["A DRUG", "A BRACE"]
    assert determination.items[0].rationale == " ".join(listed.split())


def test_text_before_the_first_verdict_is_reported() -> None:
    determination = numbered("An odd paragraph.\n", "1. A BRACE IS MEDICALLY NECESSARY.", REASONS + "It helps.")
    assert [u.text for u in determination.unparsed] == ["An odd paragraph"]


SINGLE = """\
MEDICAL PROFESSIONAL REVIEWER DETERMINATION
IMR 13-000301
ISSUE AT DISPUTE: A gym membership, six months.
CASE SUMMARY:
The patient is a 51-year-old male.
DOCUMENTS REVIEWED FOR DETERMINATION:
The file.
MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL
REVIEWER AND WHY:
Chronic Pain Medical Treatment Guidelines (2009), Exercise, pages 46-47. They name no place.
RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE WAS {}MEDICALLY NECESSARY:
A home program works.
MEDICAL REVIEWER QUALIFICATIONS:
The reviewer is Board Certified in Urology and is licensed to practice in Ohio.
"""


@pytest.mark.parametrize(("word", "decision"), [("NOT ", "upheld"), ("NOT\n", "upheld"), ("", "overturned")])
def test_one_issue_with_the_verdict_in_a_heading(word: str, decision: str) -> None:
    determination = read(SINGLE.format(word))
    assert (determination.layout, determination.case_number) == ("L0", "IMR 13-000301")
    found = determination.items[0]
    assert (found.heading, found.decision, found.rationale) == (
        "A gym membership, six months",
        decision,
        "A home program works.",
    )
    assert facts(found.reviewer.citations[0]) == ("mtus-chronic-pain-2009", None, ("Exercise",), (46, 47))
    assert [u.text for u in determination.unparsed] == ["They name no place"]


def test_an_issue_without_a_verdict_is_no_determination() -> None:
    with pytest.raises(NotALetterError, match="no decision"):
        read(SINGLE.partition("RATIONALE")[0])


CHRONIC, SHOULDER = "mtus-chronic-pain-2009", "acoem-shoulder-complaints-2004"
PROSE = {
    "based its decision on the Chronic Pain Medical Treatment Guidelines, (2009), Rest, pg 99, part of the MTUS.": [
        ("mtus", (CHRONIC, None, ("Rest",), (99,)))
    ],
    "based its decision on the Medical Treatment Utilization Schedule (MTUS), Chronic Pain Medical Treatment "
    "Guidelines, Opioids, criteria for use, pages 76-77.": [
        ("mtus", (CHRONIC, None, ("Opioids, criteria for use",), (76, 77)))
    ],
    "based its decision on the Official Disability Guidelines (ODG), Pain Chapter, which is a Medical Treatment "
    "Guideline (MTG), not part of the MTUS.": [("non-mtus", ("odg", "Pain", (), ()))],
    "based its decision on the Non-MTUS Official Disability Guidelines.": [("non-mtus", ("odg", None, (), ()))],
    "based its decision on the ACOEM Guidelines, 2nd Edition, (2004), Chapter 9, Shoulder Complaints, page 203, part "
    "of the MTUS.": [("mtus", (SHOULDER, None, (), (203,)))],
    "based its decision on the ACOEM, 2nd Edition, (2004) Shoulder Complaints, pages 203-204 and the Official "
    "Disability Guidelines (ODG), Shoulder Chapter.": [
        ("mtus", (SHOULDER, None, (), (203, 204))),
        ("non-mtus", ("odg", "Shoulder", (), ())),
    ],
    "based its decision on the Postsurgical Treatment Guidelines which is part of the MTUS, and the ODG, which is not "
    "part of the MTUS.": [
        ("mtus", ("mtus-postsurgical-2009", None, (), ())),
        ("non-mtus", ("odg", None, (), ())),
    ],
    "relied upon UpToDate.": [("non-mtus", ("other", None, (), ()))],
}


@pytest.mark.parametrize(("words", "expected"), PROSE.items())
def test_guidelines_in_prose(words: str, expected: list[tuple[str, tuple[object, ...]]]) -> None:
    found = cited(f"The Claims Administrator {words}", decided=(2013, 11))
    assert [(one.basis, facts(one)) for one in found] == expected


def test_the_mtus_alone_names_no_guideline() -> None:
    reading = side("The Claims Administrator based its decision on the MTUS. The provider did not dispute it.")
    assert reading.value.citations == ()
    assert [u.text for u in reading.unparsed] == ["MTUS", "The provider did not dispute it"]


LIST = """\
MAXIMUS FEDERAL SERVICES, INC.
This means we decided that {stated} of the disputed items/services are medically necessary and appropriate.
HOW THE IMR FINAL DETERMINATION WAS MADE
The physician reviewer is Board Certified in Surgery and is licensed to practice in the States of Oregon and Idaho.
CLINICAL CASE SUMMARY
The patient is a 48 year-old male.
IMR DECISION(S) AND RATIONALE(S)
The Final Determination was based on decisions for the disputed items/services set forth below:

1. The request for a cane is not medically necessary and appropriate.

The Claims Administrator did not cite any evidence-based criteria.

The Physician Reviewer based his/her decision on the Knee Complaints Chapter, which is part of the MTUS.

The Physician Reviewer's decision rationale: He walks without one.

{number}. The request for a cast is medically necessary and appropriate.

The Claims Administrator did not cite any medical evidence for its decision.

The Physician Reviewer based his/her decision on the Knee Complaints Chapter, which is part of the MTUS.

The Physician Reviewer's decision rationale: The bone is broken.
"""


@pytest.mark.parametrize(
    ("stated", "number", "outcome"),
    [
        ("some (but not all)", 2, "partially overturned"),
        ("none", 2, None),
        ("all", 2, None),
        ("some (but not all)", 3, None),
    ],
)
def test_no_outcome_where_the_notice_or_the_numbers_say_otherwise(
    stated: str, number: int, outcome: str | None
) -> None:
    determination = read(LIST.format(stated=stated, number=number))
    assert [one.heading for one in determination.items] == ["a cane", "a cast"]
    assert determination.outcome == outcome
    assert (determination.incomplete == ()) == (outcome is not None)
    assert determination.reviewer == Reviewer(("Surgery",), ("US-ID", "US-OR"))


def test_a_verdict_with_a_slip_is_read() -> None:
    text = LIST.format(stated="some (but not all)", number=2).replace("cast is medically", "cast is medicolly")
    determination = read(text)
    assert [one.decision for one in determination.items] == ["upheld", "overturned"]


def test_a_list_and_reasons_of_other_items_give_no_outcome() -> None:
    assert read(NOTICE).outcome == "partially overturned"
    assert read(NOTICE.replace("2) Regarding the request for", "3) Regarding the request for")).outcome is None


def test_the_summary_of_2013_may_be_the_expert_reviewers_and_what_he_was_trained_in_is_no_specialty() -> None:
    text = NOTICE.replace("Case Summary:", "Expert Reviewer Case Summary:").replace(
        "Board Certified in Occupational Medicine and",
        "Board Certified in Occupational Medicine, has a subspecialty in Fellowship Trained in Hand Surgery and",
    )
    determination = read(text)
    assert determination.summary == read(NOTICE).summary
    assert determination.reviewer.specialties == ("Occupational Medicine",)
