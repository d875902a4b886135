"""The clinical case summary, and what it says of the patient: age, sex and, in letters without header, the injury.

Nothing else about a person is read; see the privacy statement in the documentation.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from imr_graph.extraction.dates import DATE, parse_date
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.text import Reading, alternatives, clean, trim
from imr_graph.model import Patient, Sex, Span

__all__ = ["read_injury_date", "read_patient", "read_summary"]

# "48 year old", "53-year old", "55-year-old", "62 yr. old", "46 y/o", "30 y.o.", "aged 48", "48 years of age",
# "Age: 48"; but not a "2 year old injury", and the age "at the time of" something only where there is no other.
_AGE = re.compile(
    r"(?<![\d.])\b(?:(?P<age>\d{1,3})[\s-]{0,3}(?:years?|yrs?\.?)[\s-]{1,3}(?:old\b|of\s+age\b)"
    r"|(?P<age_short>\d{1,3})[\s-]{0,3}(?:y/o|y\.o\.|yo)(?!\w)"
    r"|(?:aged?|age\s+of)\s*:?\s*(?P<age_of>\d{1,3})\b)(?:\s+(?P<letter>(?-i:[FM]))\b(?!\.\w))?"
    r"(?!\s+(?:injury|claim|fractur|surg|lesion|wound|scar|accident|MRI|x-ray|histor))"
    r"(?P<then>\s+at\s+the\s+time\b)?",
    re.IGNORECASE,
)
_YOUNGEST, _OLDEST = 12, 110

# The noun that names the patient; "female" before "male" is not needed, since words are matched whole.
_NOUN = re.compile(r"\b(?:(?P<female>female|woman|lady)|(?P<male>male|man|gentleman))\b", re.IGNORECASE)
# Titles in their usual spelling only: "MS Contin" and "MR arthrogram" are no persons. "He/she" says nothing.
_TITLE = re.compile(
    r"(?<!/)\b(?:(?P<female>(?i:she|her|hers|herself)|Ms|Mrs)|(?P<male>(?i:he|his|him|himself)|Mr))\b(?!/)"
)
# How far behind (or before) the age the noun may stand: "a 58 year old right-hand dominant female", "a male, 46 years
# old".
_NOUN_REACH = 60
# Behind these words another person or thing is spoken of: "a 41 year old worker hit by a man".
_SENTENCE_END = re.compile(
    r"\.\s|\b(?:by|with|of|at|from|for|to|in|on|under|against|whose|that|which)\b|\bwho\b(?!\s+is)"
)

# "date of injury of 11/1/00", "injured on June 14, 1999", "an injury that took place on 10-12-16": the date follows
# within the same clause. A span of time (cumulative trauma) is no date.
_INJURY = re.compile(
    r"\b(?:injur(?:y|ed)|hurt|accident|DOI)\b[^.,;\d]{0,40}?(?P<date>" + DATE + r")(?!\s*(?:to|through|-|–)\s*\d)",
    re.IGNORECASE,
)


def read_summary(text: str, part: Span) -> Reading[str | None]:
    """Read the summary: the part without the sentence that introduces it (or the disclaimer of 2013)."""
    introduction = _introduction().match(text, part.start, part.end)
    span = trim(text, introduction.end() if introduction else part.start, part.end)
    value = clean(text[span.start : span.end])
    return Reading(value, {"": span}) if value else Reading(None)


def read_patient(text: str, summary: Span) -> Reading[Patient]:
    """Read age (years) and sex from the summary; contradictions and silence give None.

    The sex comes from the noun by the age, else from a title or pronoun that the whole summary uses consistently.
    """
    spans: dict[str, Span] = {}
    age: int | None = None
    match = _find_age(text, summary)
    if match:
        place = _age_place(match)
        age = int(text[place.start : place.end])
        spans["/age"] = place
    found = _noun(text, summary, match) or _consistent(text, summary)
    if found:
        spans["/sex"] = found[1]
    return Reading(Patient(age, found[0] if found else None), spans)


def read_injury_date(text: str, summary: Span) -> Reading[date | None]:
    """Read the date of injury from the summary, for letters whose header is missing."""
    match = _INJURY.search(text, summary.start, summary.end)
    value = parse_date(match["date"]) if match else None
    return Reading(value, {"": Span(*match.span("date"))} if match and value else {})


def _find_age(text: str, summary: Span) -> re.Match[str] | None:
    past = None
    for match in _AGE.finditer(text, summary.start, summary.end):
        place = _age_place(match)
        if _YOUNGEST <= int(text[place.start : place.end]) <= _OLDEST:
            if not match["then"]:
                return match
            past = past or match
    return past


def _age_place(match: re.Match[str]) -> Span:
    return Span(*next(match.span(name) for name in ("age", "age_short", "age_of") if match[name]))


def _noun(text: str, summary: Span, age: re.Match[str] | None) -> tuple[Sex, Span] | None:
    """Find the noun for the patient: behind the age, just before it, or in the summary's first sentence."""
    if age is None:
        places = [(summary.start, summary.start + 2 * _NOUN_REACH)]
    elif age["letter"]:
        return ("female" if age["letter"] == "F" else "male"), Span(*age.span("letter"))
    else:
        places = [(age.end(), age.end() + _NOUN_REACH), (max(summary.start, age.start() - _NOUN_REACH), age.start())]
    for start, end in places:
        stop = _SENTENCE_END.search(text, start, min(end, summary.end))
        match = _NOUN.search(text, start, stop.start() if stop else min(end, summary.end))
        if match:
            return _sex_of(match)
    return None


def _consistent(text: str, summary: Span) -> tuple[Sex, Span] | None:
    found = [_sex_of(match) for match in _TITLE.finditer(text, summary.start, summary.end)]
    return found[0] if len({sex for sex, _ in found}) == 1 else None


def _sex_of(match: re.Match[str]) -> tuple[Sex, Span]:
    return ("female" if match["female"] else "male"), Span(*match.span())


@cache
def _introduction() -> re.Pattern[str]:
    """Return the pattern of the introductory sentence; a disclaimer ends with its first full stop."""
    summary = settings().summary
    disclaimer = alternatives(summary["disclaimers"]) + r"[^.]{0,400}\."
    return re.compile(rf"\s*(?:{alternatives(summary['introductions'])}|{disclaimer})\s*")
