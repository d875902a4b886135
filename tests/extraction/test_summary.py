"""Reading the clinical summary and what it says of the patient; contradictions and silence give nothing."""

from __future__ import annotations

from datetime import date

import pytest

from imr_graph.extraction.summary import read_injury_date
from imr_graph.model import Patient, Span
from support.letters import SUMMARY, letter, read


def patient(words: str) -> Patient:
    return read(letter(summary=words)).patient


def test_the_summary_leaves_out_the_sentence_that_introduces_it() -> None:
    assert read(letter()).summary == SUMMARY


def test_a_summary_without_its_heading_begins_with_that_sentence() -> None:
    text = letter().replace("CLINICAL CASE SUMMARY\n", "")
    determination = read(text)
    assert determination.summary == SUMMARY
    assert determination.reviewer.specialties == ("Family Practice",)


def test_several_paragraphs_and_redaction_gaps_stay() -> None:
    words = "The man, aged 30, was hurt while employed by  / .\n\nRequest under consideration: a brace."
    text = letter(summary="@").replace("@", words)
    assert read(text).summary == " ".join(words.split())


AGES = {
    "This is a 48 year old male.": (48, "male"),
    "The patient is a 58-year-old right-hand-dominant female who fell.": (58, "female"),
    "This case involves a now 58-year-old": (58, None),
    "This 62-year-old injured worker, a woman, fell.": (62, "female"),
    "The applicant is 38 y/o F.": (38, "female"),
    "The applicant is a 38 yo M with pain.": (38, "male"),
    "The claimant, aged 39, is male.": (39, "male"),
    "The patient is a male born in autumn, 55 years of age.": (55, "male"),
    "The IW is a 57-year-\nold gentleman.": (57, "male"),
    "He is forty-four.": (None, "male"),
    "A forty-four-year-old man fell.": (44, "male"),
    "The worker is a seventy (70) year old female.": (70, "female"),
    "48yo LHD F with wrist pain.": (48, "female"),
    "36 male with wrist pain.": (36, "male"),
    "She was 28 at the time of the fall and is now 37.": (37, "female"),
    "The claimant, whose 15-year-old niece drives her, is a 46-year-old woman.": (46, "female"),
    "A 13-year-old girl threw a ball. The injured worker is a 29 year-old man.": (29, "male"),
    "He was struck by a 31-year-old man.": (None, "male"),
    "She lives with her husband, age 66.": (None, "female"),
    "Her mother is 80 years old. She is 52 years old.": (52, "female"),
    "The worker is a 61 y/o bus driver. Her van was hit by a truck whose driver, a 23-year-old, slept.": (61, "female"),
}


@pytest.mark.parametrize(("words", "expected"), AGES.items())
def test_age_and_sex_in_all_spellings(words: str, expected: tuple[int | None, str | None]) -> None:
    assert patient(words) == Patient(*expected)  # type: ignore[arg-type]


RULES = {
    "the noun by the age wins over pronouns": ("The worker is a 33-year-old male. She reports pain.", 33, "male"),
    "another person's noun does not count": ("This 41 year-old was hit by a female coworker. He fell.", 41, "male"),
    "a consistent pronoun counts": ("The patient is a 45-year-old. Her pain is 6/10.", 45, "female"),
    "pronouns that contradict each other do not": ("A 52-year-old employee. His knee hurts. She fell.", 52, None),
    "he/she says nothing": ("The worker is 46 years old; he/she rests.", 46, None),
    "MS is a drug's name, not a title": ("A 50-year-old on MS Contin. He rests.", 50, "male"),
    "a two-digit thing is no age": ("The patient has a 10 year old injury. She is 50 years old.", 50, "female"),
    "the age at the time of something is the last resort": ("He was 45 years old at the time of injury.", 45, "male"),
    "the present age is preferred": ("He was 45 years old at the time of injury and is 52 years old.", 52, "male"),
    "nobody is 120": ("The patient is a 120 year old male.", None, "male"),
    "nothing said": ("The records are silent on this.", None, None),
}


@pytest.mark.parametrize(("words", "age", "sex"), RULES.values(), ids=RULES.keys())
def test_rules_for_age_and_sex(words: str, age: int | None, sex: str | None) -> None:
    assert (patient(words).age, patient(words).sex) == (age, sex)


INJURIES = {
    "with an industrial injury date of October 30, 1999.": date(1999, 10, 30),
    "who was injured on 3/4/2012.": date(2012, 3, 4),
    "date of injury: 1/2/13": date(2013, 1, 2),
    "DOI 4/5/2011": date(2011, 4, 5),
    "an injury that took place on 10-12-16.": date(2016, 10, 12),
    "The film of 1/2/2010 is normal. The injury of 3/3/2008 healed.": date(2008, 3, 3),
    "injured on or about June 2011": None,
    "a cumulative trauma injury from 1/1/10 to 2/2/12": None,
    "born on 1/1/1960": None,
}


@pytest.mark.parametrize(("words", "day"), INJURIES.items())
def test_dates_of_injury_in_summaries(words: str, day: date | None) -> None:
    reading = read_injury_date(words, Span(0, len(words)))
    assert reading.value == day
    assert (reading.spans == {}) == (day is None)
