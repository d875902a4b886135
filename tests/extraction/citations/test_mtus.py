"""Reading citations of the MTUS: guidelines joined by ", and", sections with commas, pages, stances."""

from __future__ import annotations

import pytest

from support.letters import NOTHING_CITED, cited, facts, side

LOW_BACK, KNEE, ELBOW = "acoem-low-back-complaints-2004", "acoem-knee-complaints-2004", "acoem-elbow-complaints-2007"
HAND, ANKLE = "acoem-forearm-wrist-and-hand-complaints-2004", "acoem-ankle-and-foot-complaints-2004"
CHRONIC, OPIOIDS, SURGERY = "mtus-chronic-pain-2016", "mtus-opioids-2016", "mtus-postsurgical-2009"
Fact = tuple[str, None, tuple[str, ...], tuple[int, ...]]


def fact(guideline: str, *sections: str, pages: tuple[int, ...] = ()) -> Fact:
    return guideline, None, sections, pages


WITH_SECTIONS: dict[str, list[Fact]] = {
    "Low Back Complaints 2004.": [fact(LOW_BACK)],
    "Low Back Complaints 2004, Section(s): Special Studies, Summary.": [fact(LOW_BACK, "Special Studies", "Summary")],
    # ", and" joins guidelines, and is part of their names
    "Forearm, Wrist, and Hand Complaints 2004, Section(s): Initial Care, and Knee Complaints 2004, Section(s): "
    "Summary.": [
        fact(HAND, "Initial Care"),
        fact(KNEE, "Summary"),
    ],
    "Knee Complaints 2004, and Forearm, Wrist, and Hand Complaints 2004.": [fact(KNEE), fact(HAND)],
    "Knee Complaints 2004, and Postsurgical Treatment 2009, Section(s): Knee, and Opioid Treatment 2016.": [
        fact(KNEE),
        fact(SURGERY, "Knee"),
        fact(OPIOIDS),
    ],
    # section names contain commas
    "Chronic Pain Medical Treatment 2016, Section(s): NSAIDs, GI symptoms & cardiovascular risk, Opioids.": [
        fact(CHRONIC, "NSAIDs, GI symptoms & cardiovascular risk", "Opioids")
    ],
    "Chronic Pain Medical Treatment 2016, Section(s): TENS, chronic pain (transcutaneous electrical nerve "
    "stimulation).": [fact(CHRONIC, "TENS, chronic pain (transcutaneous electrical nerve stimulation)")],
    "Postsurgical Treatment 2009, Section(s): Forearm, Wrist, & Hand.": [fact(SURGERY, "Forearm, Wrist, & Hand")],
    # a section may be called as a guideline is
    "Postsurgical Treatment 2009, Section(s): Low Back, Knee, and Knee Complaints 2004.": [
        fact(SURGERY, "Low Back", "Knee"),
        fact(KNEE),
    ],
    # pages in the slot of sections, alone and beside sections; a year is no page
    "Elbow Complaints 2007, Section(s): 326.": [fact(ELBOW, pages=(326,))],
    "Elbow Complaints 2007, Section(s): Special Studies, 326-328.": [
        fact(ELBOW, "Special Studies", pages=(326, 327, 328))
    ],
    "Elbow Complaints 2007, Section(s): 12, 14, and Ankle and Foot Complaints 2004, Section(s): 31.": [
        fact(ELBOW, pages=(12, 14)),
        fact(ANKLE, pages=(31,)),
    ],
    # "2016 Guidelines," for "2016,"; other labels
    "Chronic Pain Medical Treatment 2016 Guidelines, Section(s): Opioids.": [fact(CHRONIC, "Opioids")],
    "Ankle and Foot Complaints 2004 Sections: Special Studies.": [fact(ANKLE, "Special Studies")],
    # misspellings stay as printed
    "Low Back Complaints 2004, Section(s): Inital Care, Diagnositc Criteria.": [
        fact(LOW_BACK, "Inital Care", "Diagnositc Criteria")
    ],
    # numbered sections have commas and colons
    "Opioid Treatment 2016, Section(s): 1.2 Opioids for Short, Planned Use: Dosage, 3. Opioids for Others.": [
        fact(OPIOIDS, "1.2 Opioids for Short, Planned Use: Dosage", "3. Opioids for Others")
    ],
    # editions from December 2017 on
    "Cervical and Thoracic Spine Disorders 2018, Section(s): Injections, and Chronic Pain 2017, Section(s): Topical "
    "NSAIDs, Lidocaine patches.": [
        fact("acoem-cervical-and-thoracic-spine-disorders-2018", "Injections"),
        fact("acoem-chronic-pain-2017", "Topical NSAIDs", "Lidocaine patches"),
    ],
    # an edition, a name and a wording that the vocabulary does not list
    "Knee Disorders 2003, Section(s): Injections.": [fact("acoem-knee-disorders-2003", "Injections")],
    "ACOEM Knee Disorders 2031, Section(s): Injections.": [fact("acoem-knee-disorders-2031", "Injections")],
    "Chronic Pain Medical Treatment Guidelines 2012.": [fact("mtus-chronic-pain-2012")],
    "Voice Strain 2031, Section(s): Rest.": [fact("voice-strain-2031", "Rest")],
    "Voice Strain Guideline, Section(s): Rest.": [fact("voice-strain", "Rest")],
    "Knee Complaints 2004, and Voice Strain (May 2031), Section(s): Rest.": [
        fact(KNEE),
        fact("voice-strain-2031", "Rest"),
    ],
    "Knee 2019, Section(s): Injections.": [fact("acoem-knee-disorders-2019", "Injections")],
}


@pytest.mark.parametrize(("words", "expected"), WITH_SECTIONS.items())
def test_citations_with_sections(words: str, expected: list[Fact]) -> None:
    found = cited("Decision based on MTUS " + words)
    assert [facts(one) for one in found] == expected
    assert {one.basis for one in found} == {"mtus"}


def test_the_text_of_each_citation_is_its_own() -> None:
    words = "Decision based on MTUS Knee Complaints 2004, Section(s): Summary, and Low Back\nComplaints 2004."
    assert [one.text for one in cited(words)] == [
        "Knee Complaints 2004, Section(s): Summary",
        "Low Back Complaints 2004",
    ]


WITH_PAGES: dict[str, list[Fact]] = {
    "ACOEM Chapter 12 Low Back Complaints Page(s): 304-305.": [fact(LOW_BACK, pages=(304, 305))],
    "ACOEM Chapter 12 Low Back Complaints Page(s): 303, 304-5, 308.": [fact(LOW_BACK, pages=(303, 304, 305, 308))],
    "Chronic Pain Treatment Guidelines Page(s): 24.": [fact("mtus-chronic-pain-2009", pages=(24,))],
    "Chronic Pain Treatment Guidelines Benzodiazepines Page(s): 24 of 127.": [
        fact("mtus-chronic-pain-2009", "Benzodiazepines", pages=(24,))
    ],
    "Chronic Pain Treatment Guidelines Opioids, criteria for use Page(s): 76-78, Weaning of Medications Page(s): "
    "124.": [
        fact("mtus-chronic-pain-2009", "Opioids, criteria for use", "Weaning of Medications", pages=(76, 77, 78, 124))
    ],
    "Chronic Pain Treatment Guidelines ESI's.": [fact("mtus-chronic-pain-2009", "ESI's")],
    "Acupuncture Treatment Guidelines.": [fact("mtus-acupuncture-2007")],
    # a comma without a blank between two guidelines
    "ACOEM,Chronic Pain Treatment Guidelines.": [fact("acoem"), fact("mtus-chronic-pain-2009")],
    "ACOEM Chapter 13 Knee Complaints Page(s): 343,Postsurgical Treatment Guidelines.": [
        fact(KNEE, pages=(343,)),
        fact(SURGERY),
    ],
    # a chapter of the general approaches is a section
    "ACOEM Chapter 5 Cornerstones of Disability Prevention and Management,Chronic Pain Treatment Guidelines.": [
        fact("acoem-general-approaches-2004", "Cornerstones of Disability Prevention and Management"),
        fact("mtus-chronic-pain-2009"),
    ],
    "ACOEM Chapter 7 Page(s): 127.": [fact("acoem", pages=(127,))],
    "ACOEM 2nd Edition (2004), Chapter 13 Knee Complaints Page(s): 340.": [fact(KNEE, pages=(340,))],
}


@pytest.mark.parametrize(("words", "expected"), WITH_PAGES.items())
def test_citations_with_pages(words: str, expected: list[Fact]) -> None:
    assert [facts(one) for one in cited("Decision based on MTUS " + words, decided=(2014, 11))] == expected


@pytest.mark.parametrize(
    ("decided", "guideline"),
    [
        ((2014, 11), "mtus-chronic-pain-2009"),
        ((2016, 7), "mtus-chronic-pain-2009"),
        ((2016, 8), "mtus-chronic-pain-2016"),
        ((2017, 1), "mtus-chronic-pain-2016"),
    ],
)
def test_the_day_of_the_decision_chooses_the_edition(decided: tuple[int, int], guideline: str) -> None:
    assert cited("Decision based on MTUS Chronic Pain Treatment Guidelines.", decided)[0].guideline == guideline


def test_names_without_years_behind_a_section_list_are_guidelines_behind_and() -> None:
    words = "Decision based on MTUS Low Back Disorders, Section(s): Injections, Opioids, and Opioids."
    assert [facts(one) for one in cited(words, (2019, 3))] == [
        fact("acoem-low-back-disorders", "Injections", "Opioids"),
        fact("acoem-opioids-2017"),
    ]


@pytest.mark.parametrize("words", ["(May 2009)", "May, 2009", "(2009 edition)", ", July 18, 2009", "dated May 2009"])
def test_an_edition_named_in_words_counts_more_than_the_day_of_the_decision(words: str) -> None:
    found = cited(f"Decision based on MTUS Chronic Pain Medical Treatment Guidelines {words}, page 7.", (2017, 3))
    assert [facts(one) for one in found] == [fact("mtus-chronic-pain-2009", pages=(7,))]


@pytest.mark.parametrize(
    ("words", "unread"),
    [
        ("Foo Guidelines 2016, Section(s): Bar.", "Foo Guidelines 2016, Section(s): Bar"),
        ("MTUS Guidelines, Section(s): Bar.", "MTUS Guidelines, Section(s): Bar"),
        ("Effective January 2016.", "Effective January 2016"),
        ("Knee Complaints 2004, Section(s): Summary. The worker fell again.", "The worker fell again"),
    ],
)
def test_what_names_no_guideline_is_reported(words: str, unread: str) -> None:
    reading = side("Decision based on MTUS " + words)
    assert [u.text for u in reading.unparsed] == [unread]
    assert [one.guideline for one in reading.value.citations] in ([], [KNEE])
    assert all("Foo" not in one.text and "fell" not in one.text for one in reading.value.citations)


def test_a_citation_that_is_cut_off_keeps_what_is_whole() -> None:
    assert [facts(one) for one in cited("Decision based on MTUS Knee Complaints 2004,\nSection(s")] == [fact(KNEE)]


STANCES = {
    "The Expert Reviewer based their decision on recommendation(s) outside of the MTUS Guidelines.": "outside the MTUS",
    "The Claims Administrator did not base their decision on the MTUS.": "outside the MTUS",
    "The Claims Administrator did not cite any medical evidence for its\ndecision.": "no evidence cited",
    "The Expert Reviewer did not cite any evidence-based criteria.": "no evidence cited",
    "Decision based on MTUS Knee Complaints 2004.": None,
}


@pytest.mark.parametrize(("words", "stance"), STANCES.items())
def test_stances(words: str, stance: str | None) -> None:
    assert side(words).value.stance == stance


def test_a_side_that_says_two_sides_words_has_lost_a_label() -> None:
    both = f"{NOTHING_CITED} Decision based on MTUS Knee Complaints 2004."
    reading = side(both)
    assert (reading.value.stance, reading.value.citations) == ("no evidence cited", ())
    assert [u.text for u in reading.unparsed] == ["Decision based on MTUS Knee Complaints 2004"]
    twice = side("Decision based on MTUS Knee Complaints 2004. Decision based on MTUS Low Back Complaints 2004.")
    assert [one.guideline for one in twice.value.citations] == [KNEE]
    assert len(twice.unparsed) == 1
