"""Reading citations outside the MTUS: the ODG in its many spellings, ACOEM's other editions, other works."""

from __future__ import annotations

import pytest

from support.letters import cited, facts

NON = "Decision based on Non-MTUS Citation "
Fact = tuple[str, str | None, tuple[str, ...], tuple[int, ...]]


def odg(chapter: str | None, *sections: str, pages: tuple[int, ...] = ()) -> Fact:
    return "odg", chapter, sections, pages


def acoem(*sections: str, pages: tuple[int, ...] = ()) -> Fact:
    return "acoem", None, sections, pages


def other(*pages: int) -> Fact:
    return "other", None, (), pages


ODG: dict[str, Fact] = {
    "Official Disability Guidelines (ODG).": odg(None),
    "ODG Low Back.": odg("Low Back"),
    "Official Disability Guidelines (ODG) Low Back Chapter, Blood tests.": odg("Low Back", "Blood tests"),
    "Official Disability Guidelines, Head, CT.": odg("Head", "CT"),
    "ODG guidelines, Neck and Upper back, MRI.": odg("Neck and Upper back", "MRI"),
    "ODG Neck/MRI.": odg("Neck", "MRI"),
    "ODG, stretching, elbow chapter.": odg("elbow", "stretching"),
    "ODG-TWC, Shoulder, Slings.": odg("Shoulder", "Slings"),
    "ODG Pain (Chronic), Opioids, criteria for use.": odg("Pain", "Opioids, criteria for use"),
    "ODG Ankle & Foot (Acute & Chronic) Chapter, Bracing (rigid).": odg("Ankle & Foot", "Bracing (rigid)"),
    "ODG, Knee & Leg (updated 11/22/16): Injections; Braces.": odg("Knee & Leg", "Injections", "Braces"),
    "ODG Low Back -Lumbar & Thoracic (Acute & Chronic) 12/20/2016 MRIs.": odg("Low Back -Lumbar & Thoracic", "MRIs"),
    "ODG, Treatment Index, 11th Edition (web), 2013, Low Back, Discography.": odg("Low Back", "Discography"),
    "ODG 2016 Online Edition.": odg(None),
    "ODG Section: Shoulder, Topic: Ultrasound.": odg("Shoulder", "Ultrasound"),
    "Official Disability Guidelines Treatment in Workers Compensation (ODG-TWC), Online Edition, Hernia, Mesh.": odg(
        "Hernia", "Mesh"
    ),
    "Offical Disability Guidelines, Pain, Sleep.": odg("Pain", "Sleep"),
    "ODG, 14th Edition (2009) Knee Chapter, page 33.": odg("Knee", pages=(33,)),
    "Official Disability Guidelines Physical Medicine Guidelines.": odg(None, "Physical Medicine Guidelines"),
    "Low Back (Acute & Chronic), Traction.": odg("Low Back", "Traction"),
    "ODG Shoulder (Manipulation).": odg("Shoulder", "Manipulation"),
}


@pytest.mark.parametrize(("words", "expected"), ODG.items())
def test_the_odg_in_all_spellings(words: str, expected: Fact) -> None:
    found = cited(NON + words)
    assert [facts(one) for one in found] == [expected]
    assert found[0].basis == "non-mtus"
    assert found[0].text == words.rstrip(".")


ACOEM: dict[str, Fact] = {
    "ACOEM Occupational Medicine Practice Guidelines, 3rd ed., Elbow Disorders, pg. 607.": acoem(
        "Elbow Disorders", pages=(607,)
    ),
    "ACOEM Guidelines, Chapter 7, Consultations, page 137.": acoem("Consultations", pages=(137,)),
    "American College of Occupational and Environmental Medicine (ACOEM), 2nd Edition, (2004) - Knee Disorders- "
    "Films - MRI (electronically cited).": acoem("Knee Disorders", "Films", "MRI"),
    "ACOEM V.3 Shoulder Disorders, Films.": acoem("Shoulder Disorders", "Films"),
    "ACOEM Shoulder Disorders (revised 2015).": acoem("Shoulder Disorders"),
    "ACOEM: Low back disorders, testing, MRI.": acoem("Low back disorders", "testing", "MRI"),
}


@pytest.mark.parametrize(("words", "expected"), ACOEM.items())
def test_acoem_outside_the_mtus(words: str, expected: Fact) -> None:
    assert [facts(one) for one in cited(NON + words)] == [expected]


def test_a_chapter_of_the_mtus_is_known_also_outside_of_it() -> None:
    found = cited(NON + "MTUS: ACOEM GUIDELINES, CHAPTER 12, 66")
    assert [facts(one) for one in found] == [("acoem-low-back-complaints-2004", None, (), (66,))]


OTHERS: dict[str, Fact] = {
    "UpToDate: Evaluation of knee pain. http://www.example.org/knee, section 2.": other(),
    "Smith AB, Jones C. Outcome of rest. J Rest. 2012 Mar;13(3):200-10.": other(),
    "Guides to the Evaluation of Impairment, 5th Edition, pages 382-383.": other(382, 383),
    "A Textbook of Hands, 6th ed Chapter 17: Fractures, Chapter 30: Nerves.": other(),
}


@pytest.mark.parametrize(("words", "expected"), OTHERS.items())
def test_other_works_are_one_citation_whatever_commas_they_hold(words: str, expected: Fact) -> None:
    assert [facts(one) for one in cited(NON + words)] == [expected]


SEVERAL: dict[str, list[Fact]] = {
    "ODG, Low Back; ODG, Pain; ACOEM Low Back Disorders.": [odg("Low Back"), odg("Pain"), acoem("Low Back Disorders")],
    "ODG Low Back, Traction. Official Disability Guidelines (ODG) Traction Guidelines.": [
        odg("Low Back", "Traction"),
        odg(None, "Traction Guidelines"),
    ],
    "Shoulder Chapter, Hand Chapter, Rest.": [odg("Shoulder"), odg("Hand", "Rest")],
    # run together
    "Official Disability GuidelinesPractical Rest Management; pages 72-73.": [odg(None), other(72, 73)],
    "Official Disability Guidelines (ODG)UpToDate.": [odg(None), other()],
    "A Payer's Policy and ODG Low Back.": [other(), odg("Low Back")],
    "What is rest? http://www.example.org/rest, accessed 02/18/2017, Another Work on rest.": [other(), other()],
    "ODG Hips and Pelvis (Acute and Chronic), Films and Other Medical Treatment Guidelines ACOEM Hip and Groin "
    "Disorders, Films.": [odg("Hips and Pelvis", "Films"), acoem("Hip and Groin Disorders", "Films")],
}


@pytest.mark.parametrize(("words", "expected"), SEVERAL.items())
def test_several_works(words: str, expected: list[Fact]) -> None:
    assert [facts(one) for one in cited(NON + words)] == expected


LINE_BREAKS = ["Decision based on Non-\nMTUS Citation ODG, Pain.", "Decision based on Non- MTUS\nCitation ODG, Pain."]


@pytest.mark.parametrize("words", [*LINE_BREAKS, "Decision based on Non-MTUS Official Disability Guidelines, Pain."])
def test_the_introduction_may_break_and_lack_its_last_word(words: str) -> None:
    assert [facts(one) for one in cited(words)] == [odg("Pain")]


def test_both_bases_in_one_side() -> None:
    found = cited(f"Decision based on MTUS Knee Complaints 2004, Section(s): Summary. {NON}ODG, Knee Chapter, Braces.")
    assert [(one.basis, one.guideline) for one in found] == [
        ("mtus", "acoem-knee-complaints-2004"),
        ("non-mtus", "odg"),
    ]


@pytest.mark.parametrize("end", ["", ".", " ."])
def test_other_guidelines_that_are_not_named_make_no_citation(end: str) -> None:
    words = f"Decision based on MTUS Knee Complaints 2004 and Other Medical Treatment Guidelines{end}"
    assert [one.guideline for one in cited(words)] == ["acoem-knee-complaints-2004"]
    assert cited(NON + end) == ()
