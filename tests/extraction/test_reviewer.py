"""Reading the reviewer's profile, from the labelled list (2015 on) and from a sentence (before)."""

from __future__ import annotations

import pytest

from imr_graph.model import Reviewer
from support.letters import CREDENTIALS, MADE, letter, read

LISTS = {
    "commas without blanks": ("California,Texas", "Family Practice", ["Family Practice"], ["CA", "TX"]),
    "a comma and a blank": ("Texas, California", "Neurology", ["Neurology"], ["CA", "TX"]),
    "several specialties": (
        "Iowa",
        "Preventive Medicine, Occupational Medicine",
        ["Occupational Medicine", "Preventive Medicine"],
        ["IA"],
    ),
    "wrapped in the middle of a name": (
        "Ohio,North\nDakota",
        "Physical Medicine & Rehabilitation, Pain\nManagement",
        ["Pain Management", "Physical Medicine & Rehabilitation"],
        ["ND", "OH"],
    ),
    "& is part of names": (
        "New York",
        "Public Health & General Preventive Medicine, Hospice & Palliative Medicine",
        ["Hospice & Palliative Medicine", "Public Health & General Preventive Medicine"],
        ["NY"],
    ),
    "a slip of the pen": ("Utah", "Sports Medicinea", ["Sports Medicine"], ["UT"]),
    "another name": ("Utah", "Chiropractor", ["Chiropractic"], ["UT"]),
    "codes of states": ("CA, NV", "Urology", ["Urology"], ["CA", "NV"]),
    "and, full stops": ("Maine and Ohio.", "Urology / Neurology.", ["Neurology", "Urology"], ["ME", "OH"]),
    "unknown specialties stay as printed": ("Maine", "Underwater Basketry", ["Underwater Basketry"], ["ME"]),
    "nothing given": ("", "Urology", ["Urology"], []),
}


@pytest.mark.parametrize(("states", "specialties", "labels", "codes"), LISTS.values(), ids=LISTS.keys())
def test_lists_of_credentials(states: str, specialties: str, labels: list[str], codes: list[str]) -> None:
    made = (
        MADE
        + "The Expert Reviewer has the following credentials:\n"
        + f"State(s) of Licensure: {states}\nCertification(s)/Specialty: {specialties}\n"
    )
    determination = read(letter(made=made))
    assert determination.reviewer == Reviewer(tuple(labels), tuple(f"US-{code}" for code in codes))
    assert determination.unparsed == ()


def test_an_unknown_state_is_left_out_and_reported() -> None:
    determination = read(letter(made=MADE + CREDENTIALS.replace("Texas,Ohio", "Ohio,Ruritania")))
    assert determination.reviewer.states == ("US-OH",)
    assert [(u.text, u.where) for u in determination.unparsed] == [("Ruritania", "/reviewer/states")]


SENTENCES = {
    "is Board Certified in Orthopedic Surgery and is\nlicensed to practice in California": (
        ["Orthopedic Surgery"],
        ["CA"],
    ),
    "is Board Certified in Physical Medicine & Rehabilitation, has a subspecialty in Pain Medicine and is licensed to "
    "practice in Georgia and Nevada": (["Pain Management", "Physical Medicine & Rehabilitation"], ["GA", "NV"]),
    "is Board Certified in Orthopedic Surgery and Hand Surgery, has a subspecialty in Sports Medicine and is licensed "
    "to practice in Texas, Ohio, and New York": (
        ["Hand Surgery", "Orthopedic Surgery", "Sports Medicine"],
        ["NY", "OH", "TX"],
    ),
    "is Board Certified in Physical Medicine and Rehabilitation and is licensed to practice in Iowa": (
        ["Physical Medicine & Rehabilitation"],
        ["IA"],
    ),
    "is a licensed Doctor of Chiropractic and is licensed to practice in California": (["Chiropractic"], ["CA"]),
    "is a Doctor of Chiropractic and is licensed to practice in California": (["Chiropractic"], ["CA"]),
    "is Licensed in Psychology and is licensed to practice in California": (["Psychology"], ["CA"]),
    "is Board Certified in Spine Surgery and is licensed to practice in the state of Texas and the District of "
    "Columbia": (["Spine Surgery"], ["DC", "TX"]),
    "is Board Certified in Urology and is licensed in the state of Maine": (["Urology"], ["ME"]),
    "is Board Certified in and is licensed to practice in Maine": ([], ["ME"]),
}


@pytest.mark.parametrize(("words", "profile"), SENTENCES.items())
def test_reviewers_in_prose(words: str, profile: tuple[list[str], list[str]]) -> None:
    made = f"{MADE}The expert reviewer {words}. He/she has been in active clinical practice for years.\n"
    determination = read(letter(made=made))
    assert determination.reviewer == Reviewer(tuple(profile[0]), tuple(f"US-{code}" for code in profile[1]))
    assert determination.unparsed == ()


def test_a_missing_full_stop_ends_the_list_where_the_next_sentence_begins() -> None:
    made = (
        MADE + "The expert reviewer is Board Certified in Urology and is licensed to practice in Ohio He/she rests.\n"
    )
    assert read(letter(made=made)).reviewer == Reviewer(("Urology",), ("US-OH",))


def test_the_layout_tells_prose_from_lists() -> None:
    prose = MADE + "The expert reviewer is Board Certified in Urology and is licensed to practice in Ohio. He/she.\n"
    assert (read(letter(made=prose)).layout, read(letter()).layout) == ("L3", "L5")
