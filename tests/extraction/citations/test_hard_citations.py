"""Citations that look like others: numbered sections, journals, the dressing of the ODG and of ACOEM, slips."""

from __future__ import annotations

import pytest

from support.letters import cited, facts, side

MTUS, OTHER = "Decision based on MTUS ", "Decision based on Non-MTUS Citation "

CITATIONS = {
    "a numbered section on a line of its own": (
        MTUS + "Chronic Pain Medical Treatment 2016, Section(s):\n4. Anticonvulsants for nerves.",
        [("mtus-chronic-pain-2016", None, ("4. Anticonvulsants for nerves",), ())],
    ),
    "a numbered section behind two blanks": (
        MTUS + "Chronic Pain Medical Treatment 2016, Section(s):  12. Braces, 14. Canes.",
        [("mtus-chronic-pain-2016", None, ("12. Braces", "14. Canes"), ())],
    ),
    "numbers that are pages": (
        MTUS + "Elbow Complaints 2007, Section(s): 31, 33.",
        [("acoem-elbow-complaints-2007", None, (), (31, 33))],
    ),
    "two places": (
        MTUS + "Chronic Pain Medical Treatment 2016 Page(s): 12. Canes and walkers Page(s): 14.",
        [("mtus-chronic-pain-2016", None, ("Canes and walkers",), (12, 14))],
    ),
    "a page in brackets": (
        MTUS + "Chronic Pain Medical Treatment 2016 Canes (page 12).",
        [("mtus-chronic-pain-2016", None, ("Canes",), (12,))],
    ),
    "a page behind one letter": (
        MTUS + "Chronic Pain Medical Treatment 2016 Canes p 12.",
        [("mtus-chronic-pain-2016", None, ("Canes",), (12,))],
    ),
    "a journal that begins like a chapter": (
        OTHER + "Shoulder and Elbow Review 2010; 7: 201-209.",
        [("other", None, (), ())],
    ),
    "a journal with a day": (OTHER + "Knee Letters. 2014 May 3; 22(1): 5-9.", [("other", None, (), ())]),
    "a journal with pages of a supplement": (OTHER + "Pain Notes 2011; 4:S12-S19.", [("other", None, (), ())]),
    "the ODG's publisher and address": (
        OTHER
        + "Work Loss Data Institute, LLC; Corpus Christi, TX; www.odg-twc.com; Section: Shoulder (Chronic), Slings.",
        [("odg", "Shoulder", ("Slings",), ())],
    ),
    "the ODG's edition": (
        OTHER + "Official Disability Guidelines (19th Annual Edition) 2014 Knee & Leg Chapter, Slings.",
        [("odg", "Knee & Leg", ("Slings",), ())],
    ),
    "a chapter that runs together with the name": (
        OTHER + "Official Disability GuidelinesShoulder, Slings.",
        [("odg", "Shoulder", ("Slings",), ())],
    ),
    "a chapter with a further word": (
        OTHER + "ODG Shoulder & Scapula chapter, Slings (soft [padded (both sides)]).",
        [("odg", "Shoulder & Scapula", ("Slings (soft [padded (both sides)])",), ())],
    ),
    "a day of review": (
        OTHER + "ODG by MCG, Knee (Last review/update date: May 2, 2021), Slings.",
        [("odg", "Knee", ("Slings",), ())],
    ),
    "a day of review behind the topic": (
        OTHER + "ODG by MCG, Knee, Slings (Last review/update date: May 2, 2021), (updated 5/2/21), Braces.",
        [("odg", "Knee", ("Slings", "Braces"), ())],
    ),
    "two chapters": (
        OTHER + "ODG, Pain Chapter, Slings; Shoulder Chapter, Braces.",
        [("odg", "Pain", ("Slings",), ()), ("odg", "Shoulder", ("Braces",), ())],
    ),
    "the ODG twice": (
        OTHER + "Official Disability Guidelines Pain, Slings, Official Disability Guidelines Knee, Braces.",
        [("odg", "Pain", ("Slings",), ()), ("odg", "Knee", ("Braces",), ())],
    ),
    "a regulation behind the ODG": (
        OTHER + "ODG Pain, Slings; Title 8, California Code of Regulations, section 9999.",
        [("odg", "Pain", ("Slings",), ()), ("other", None, (), ())],
    ),
    "a section of the regulations before the name": (
        MTUS + "8 CCR 9792.23.5 Low Back Disorders 2019.",
        [("acoem-low-back-disorders-2019", None, (), ())],
    ),
    "an edition with a day": (
        MTUS + "Initial Approaches to Treatment Guidelines, June 30, 2017.",
        [("acoem-initial-approaches-to-treatment-2017", None, (), ())],
    ),
    "ACOEM's dressing in prose": (
        "The Claims Administrator based its decision on the Shoulder Complaints Chapter (ACOEM Practice Guidelines, "
        "2nd Edition (2004), Chapter 9), page 201, which is part of the Medical Treatment Utilization Schedule (MTUS).",
        [("acoem-shoulder-complaints-2004", None, (), (201,))],
    ),
    "slips in introductions and names": (
        "Decison based on MTUS Shuolder Complaints 2004, Sectlon(s): Slings.",
        [("acoem-shoulder-complaints-2004", None, ("Slings",), ())],
    ),
    "a name that a line end breaks": (
        OTHER + "Official Disability Guidelines, Shoulder, Slings.",
        [("odg", "Shoulder", ("Slings",), ())],
    ),
}


@pytest.mark.parametrize(("words", "expected"), CITATIONS.values(), ids=CITATIONS.keys())
def test_citations_that_look_like_others(words: str, expected: list[tuple[object, ...]]) -> None:
    assert [facts(one) for one in cited(words)] == expected


DAMAGED = {
    "letters for others in a name": ("Chronic Pain Medica1 Treafment 2016", "mtus-chronic-pain-2016"),
    "one letter for two": ("Hand, Wrist, and Foreann Disorders 2019", "acoem-hand-wrist-and-forearm-disorders-2019"),
    "two letters for one": ("Initial Approaches to Treatmerit 2017", "acoem-initial-approaches-to-treatment-2017"),
    "letters for digits of the year": ("Knee Disorders 2O15", "acoem-knee-disorders-2015"),
    "the word before a chapter's number": ("ACOEM Chapfer 12 Low Back Complaints", "acoem-low-back-complaints-2004"),
    "another year than any edition's": ("Knee Disordcrs 2033", "acoem-knee-disorders-2033"),
    "a name that goes on is another's": ("Chronic Pain Voice Program 2031", "chronic-pain-voice-program-2031"),
}


@pytest.mark.parametrize(("words", "guideline"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_name_is_the_guideline_and_never_another_edition(words: str, guideline: str) -> None:
    found = side(f"{MTUS}{words}, Section(s): Exercise.").value.citations
    assert [citation.guideline for citation in found] == [guideline]


def test_a_stance_with_a_slip_is_read_where_it_stands() -> None:
    words = "The Claims Administrator did not cite any medlcal evidense for its decision."
    reading = side(words)
    assert reading.value.stance == "no evidence cited"
    span = reading.spans["/stance"]
    assert words[span.start : span.end].startswith("The Claims Administrator did not cite any medlcal")
