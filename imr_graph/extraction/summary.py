"""The clinical case summary, and what it says of the patient: age, sex and, in letters without header, the injury.

Nothing else about a person is read; see the privacy statement in the documentation.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from imr_graph.extraction.dates import DATE, parse_date
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.passages import Reading, alternatives, clean, trim
from imr_graph.model import Patient, Sex, Span

__all__ = ["read_injury_date", "read_patient", "read_summary"]

# "48 year old", "53-year old", "55-year-old", "62 yr. old", "46 y/o", "30 y.o.", "aged 48", "48 years of age"
_AGE = re.compile(
    r"\b(?P<age>\d{1,3})[\s-]*(?:years?|yrs?\.?)[\s-]+(?:old\b|of\s+age\b)"
    r"|\b(?P<age_short>\d{1,3})[\s-]*(?:y/o|y\.o\.|yo)(?!\w)"
    r"|\b(?:aged|age\s+of)\s+(?P<age_of>\d{1,3})\b"
)
_OLDEST = 110

# The noun that names the patient; "female" before "male" is not needed, since words are matched whole.
_NOUN = re.compile(r"\b(?:(?P<female>female|woman|lady)|(?P<male>male|man|gentleman))\b", re.IGNORECASE)
# Titles in their usual spelling only: "MS Contin" and "MR arthrogram" are no persons.
_TITLE = re.compile(
    r"\b(?:(?P<female>(?i:she|her|hers|herself)|Ms|Mrs)|(?P<male>(?i:he|his|him|himself)|Mr))\b(?!/)"
)
# How far behind (or before) the age the noun may stand: "a 58 year old right-hand dominant female", "a male, 46 years old".
_NOUN_REACH = 60

# "date of injury of 11/1/00", "injured on June 14, 1999", "an injury that took place on 10-12-16": the date follows
# within the same clause.
_INJURY = re.compile(r"\b(?:injur(?:y|ed)|hurt|accident)\b[^.,;\d]{0,40}?(?P<date>" + DATE + ")", re.IGNORECASE)


def read_summary(text: str, part: Span) -> Reading[str | None]:
    """Read the summary: the part without the sentence that introduces it (or the disclaimer of 2013)."""
    start = part.start
    introduction = _introduction().match(text, start, part.end)
    if introduction:
        start = introduction.end()
    span = trim(text, start, part.end)
    value = clean(text[span.start : span.end])
    return Reading(value, {"": span}) if value else Reading(None)


def read_patient(text: str, summary: Span) -> Reading[Patient]:
    """Read age (years) and sex from the summary; contradictions and silence give None.

    The sex comes from the noun by the age, else from a title or pronoun that the whole summary uses consistently.
    """
    spans: dict[str, Span] = {}
    age: int | None = None
    match = _AGE.search(text, summary.start, summary.end)
    if match:
        group = match.lastgroup or "age"
        number = int(match[group])
        if 0 < number <= _OLDEST:
            age = number
            spans["/age"] = Span(*match.span(group))
    noun = _noun(text, summary, match)
    sex, span = noun if noun else _consistent(text, summary)
    if sex and span:
        spans["/sex"] = span
    return Reading(Patient(age, sex), spans)


def read_injury_date(text: str, summary: Span) -> tuple[date, Span] | None:
    """Read the date of injury from the summary, for letters whose header is missing."""
    match = _INJURY.search(text, summary.start, summary.end)
    value = parse_date(match["date"]) if match else None
    return (value, Span(*match.span("date"))) if match and value else None


def _noun(text: str, summary: Span, age: re.Match[str] | None) -> tuple[Sex, Span] | None:
    """Find the noun for the patient: behind the age, just before it, or in the summary's first sentence."""
    if age:
        places = [(age.end(), age.end() + _NOUN_REACH), (max(summary.start, age.start() - _NOUN_REACH), age.start())]
    else:
        places = [(summary.start, summary.start + 2 * _NOUN_REACH)]
    for start, end in places:
        end = min(end, summary.end)
        stop = re.compile(r"\.\s").search(text, start, end)
        match = _NOUN.search(text, start, stop.start() if stop else end)
        if match:
            return _sex_of(match)
    return None


def _consistent(text: str, summary: Span) -> tuple[Sex | None, Span | None]:
    found = [_sex_of(match) for match in _TITLE.finditer(text, summary.start, summary.end)]
    if found and len({sex for sex, _ in found}) == 1:
        return found[0]
    return None, None


def _sex_of(match: re.Match[str]) -> tuple[Sex, Span]:
    return ("female" if match["female"] else "male"), Span(*match.span())


@cache
def _introduction() -> re.Pattern[str]:
    """The introductory sentence; a disclaimer ends with its first full stop."""
    summary = settings().summary
    disclaimer = alternatives(summary["disclaimers"]) + r"[^.]{0,400}\."
    return re.compile(rf"\s*(?:{alternatives(summary['introductions'])}|{disclaimer})\s*")
