"""The clinical case summary, and what it says of the patient: age, sex and, in letters without header, the injury.

Nothing else about a person is read; see the privacy statement in the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from imr_graph.extraction.dates import DATE, parse_date
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.text import Reading, alternatives, clean, trim
from imr_graph.model import Patient, Sex, Span

__all__ = ["read_injury_date", "read_patient", "read_summary"]

_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_IN_WORDS = {
    **{word: 12 + index for index, word in enumerate(_TEENS)},
    **{ten: 20 + 10 * index for index, ten in enumerate(_TENS)},
    **{f"{ten} {unit}": 20 + 10 * i + j for i, ten in enumerate(_TENS) for j, unit in enumerate(_UNITS, 1)},
}
# Two or three digits behind a word of `_SAID_BEFORE`, or before a word of `_AGE`, by their first or last letters. The
# digit comes first and what stands before it second: so the engine of patterns passes over all else quickly.
_FIGURES = re.compile(
    r"""
    [0-9] (?<! [\w./] [0-9] )
    (?: (?<= [defwyDEFWY:] [\s:] [0-9] ) | (?= [0-9]{1,2} (?: \s*\(\d{1,3}\) )? [\s-]{0,3} [yYmMfF] ) )
    [0-9]{1,2}+ (?! \d )
    """,
    re.VERBOSE,
)
_WORDS = re.compile(
    rf"(?<![\w./])(?:(?:{'|'.join(_TENS)})(?:[\s-]+(?:{'|'.join(_UNITS)}))?|{'|'.join(_TEENS)})\b", re.IGNORECASE
)
# What makes a number an age; but not a "2 year old injury", and the age "at the time of" something only where there is
# no other.
_AGE = re.compile(
    r"""
    (?: \s*\(\d{1,3}\) )?
    (?: [\s-]{0,3} (?: years? | yrs?\.? ) [\s-]{1,3} (?: old\b | of\s+age\b )   # 48 year old, sixty (60) years of age
      | [\s-]{0,3} (?: y/o | y\.o\. | yo ) (?!\w)                              # 46 y/o, 30 y.o., 45yo
      | (?= [\s-] (?: male | female ) \b )                                     # 57 male
      | (?P<said> (?! [\w/%] | -\d ) )                                          # aged 48; is now 41,
    )
    (?: \s+ (?: (?-i: [RL]HD | [A-Z]{2,3} ) \s+ )? (?P<letter> (?-i: [FM] ) ) \b (?! \.\w ) )?    # 45yo RHD M
    (?! \s+ (?: injury | claim | fractur | surg | lesion | wound | scar | accident | MRI | x-ray | histor ) )
    (?P<then> \s+ (?: at\s+the\s+time | when ) \b )?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SAID_BEFORE = re.compile(
    r"\b(?:aged?\s*:?|age\s+of\s*:?|(?P<now>now|currently|presently))\s+\Z|\bage:\Z", re.IGNORECASE
)
_LAST_LETTERS = "defwyDEFWY:"  # of these words, which tell cheaply whether one may stand there
_SAID_REACH = 20  # characters: "currently" or "at the age of" with blanks
_YOUNGEST, _OLDEST = 12, 110

# People in a summary who are not the patient. A noun of these behind an age, or the last one before it in its
# sentence, says whose age it is; what is closed between commas ("whose son helps her,") is passed over.
_RELATIVE = (
    r"son|daughter|boy|girl|child|kid|infant|baby|toddler|wife|husband|spouse|partner|mother|father|parent|brother|sister"
    r"|sibling|grand(?:son|daughter|child|mother|father)|uncle|aunt|cousin|niece|nephew|friend|neighbou?r|roommate"
    r"|co-?worker|colleague"
)
_OTHER = rf"{_RELATIVE}|driver|passenger|pedestrian|cyclist|inmate|customer|assailant|robber|thief"
_RELATIVE_BEHIND = re.compile(rf"(?:[\s-]+\w+)?[\s-]+(?:{_RELATIVE})s?\b", re.IGNORECASE)
_PERSON = re.compile(
    rf"\b(?:(?P<other>{_OTHER})s?|(?P<own>patient|applicant|claimant|employee|worker|IW|individual|s?he|this))\b(?!['’]s)",
    re.IGNORECASE,
)
_CLOSED_CLAUSE = re.compile(r",\s*(?:whose|who|which|with)\b[^,.]*,", re.IGNORECASE)
_DONE_BY = re.compile(r"\b(?:by|with|against|behind|struck|hit)\s+(?:an?|another|the)\s*\Z", re.IGNORECASE)
_NOW = re.compile(r"\b(?:now|currently|presently)\s+(?:an?\s+)?\Z", re.IGNORECASE)
_FULL_STOP = re.compile(r"[.!?]\s")
_SENTENCE_REACH = 120  # characters of a sentence before an age; from 40 to 400 no letter is read otherwise

# The noun that names the patient; "female" before "male" is not needed, since words are matched whole.
_NOUN = re.compile(r"\b(?:(?P<female>female|woman|lady)|(?P<male>male|man|gentleman))\b", re.IGNORECASE)
# Titles in their usual spelling only: "MS Contin" and "MR arthrogram" are no persons. "He/she" says nothing.
_TITLE = re.compile(
    r"(?<!/)\b(?:(?P<female>(?i:she|her|hers|herself)|Ms|Mrs)|(?P<male>(?i:he|his|him|himself)|Mr))\b(?!/)"
)
# How far behind (or before) the age the noun may stand: "a 58 year old right-hand dominant female", "a male, 46 years
# old". From 60 to 200 no letter of 119 is read otherwise, with 20 one is.
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
    age = _find_age(text, summary)
    if age:
        spans["/age"] = age.place
    found = _noun(text, summary, age) or _consistent(text, summary)
    if found:
        spans["/sex"] = found[1]
    return Reading(Patient(age.years if age else None, found[0] if found else None), spans)


def read_injury_date(text: str, summary: Span) -> Reading[date | None]:
    """Read the date of injury from the summary, for letters whose header is missing."""
    match = _INJURY.search(text, summary.start, summary.end)
    value = parse_date(match["date"]) if match else None
    return Reading(value, {"": Span(*match.span("date"))} if match and value else {})


class _Age(NamedTuple):
    """An age: its number, where the number stands and what follows it."""

    years: int
    place: Span
    match: re.Match[str]
    is_now: bool

    @property
    def start(self) -> int:
        return self.place.start

    @property
    def end(self) -> int:
        return self.match.end()


def _find_age(text: str, summary: Span) -> _Age | None:
    """Find the patient's own age: as it is said to be now, or else the first, or as it was at some time."""
    for numbers in (_FIGURES, _WORDS):
        found: dict[str, _Age] = {}
        for age in _ages(text, summary, numbers):
            if _is_own(text, summary, age):
                found.setdefault("past" if age.match["then"] else "now" if age.is_now else "first", age)
        if found:
            return found.get("now") or found.get("first") or found["past"]
    return None


def _ages(text: str, summary: Span, numbers: re.Pattern[str]) -> Iterator[_Age]:
    for number in numbers.finditer(text, summary.start, summary.end):
        start, years = number.start(), _years(number[0])
        if not _YOUNGEST <= years <= _OLDEST:
            continue
        match = _AGE.match(text, number.end(), summary.end)
        if match is None or (match["said"] is not None and text[max(0, start - 2) : start - 1] not in _LAST_LETTERS):
            continue
        said = _SAID_BEFORE.search(text, max(summary.start, start - _SAID_REACH), start)
        if said or match["said"] is None:
            is_now = bool(said and said["now"]) or bool(
                _NOW.search(text, max(summary.start, start - _SAID_REACH), start)
            )
            yield _Age(years, Span(*number.span()), match, is_now)


def _is_own(text: str, summary: Span, age: _Age) -> bool:
    """Tell whether an age is the patient's, not that of somebody else in the same sentence."""
    if _RELATIVE_BEHIND.match(text, age.end, summary.end):
        return False
    before = text[max(summary.start, age.start - _SENTENCE_REACH) : age.start]
    before = _FULL_STOP.split(before)[-1]
    if _DONE_BY.search(before):
        return False
    people = list(_PERSON.finditer(_CLOSED_CLAUSE.sub(" ", before)))
    return not people or not people[-1]["other"]


def _years(words: str) -> int:
    return int(words) if words.isdigit() else _IN_WORDS[" ".join(words.lower().replace("-", " ").split())]


def _noun(text: str, summary: Span, age: _Age | None) -> tuple[Sex, Span] | None:
    """Find the noun for the patient: behind the age, just before it, or in the summary's first sentence."""
    if age is None:
        places = [(summary.start, summary.start + 2 * _NOUN_REACH)]
    elif age.match["letter"]:
        return ("female" if age.match["letter"] == "F" else "male"), Span(*age.match.span("letter"))
    else:
        places = [(age.end, age.end + _NOUN_REACH), (max(summary.start, age.start - _NOUN_REACH), age.start)]
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
