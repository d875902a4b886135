"""Naming a guideline: "Low Back Complaints 2004", "ACOEM Chapter 12 Low Back Complaints", "Opioids Guidelines".

A name without a year may belong to several editions. Where the vocabulary knows since when each has been in force, the
day of the decision tells them apart; else the name without a year is all that the letter says. An edition or a name
that the vocabulary does not list has an id of the same form: its name, and its year if one is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from imr_graph import iris
from imr_graph.extraction.text import clean, first_word, phrase
from imr_graph.model import Span
from imr_graph.vocabulary import Guideline, load, normalise

__all__ = ["ACOEM", "Mention", "day_in_force", "find_mention", "find_unlisted", "is_listed"]

ACOEM = "acoem"  # the id for an ACOEM guideline whose chapter or edition is not stated or not in the MTUS
_NOT_NAMED_HERE = ("odg", "other")

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# "2016", "(May 2009)", ", June 30, 2017", "(2009 edition)"
_DATED = rf"""
    [\s,]{{0,9}} \(? (?: (?:dated|effective|revised)\s+ )?
    (?: (?:{_MONTHS}),?\s+ (?: \d{{1,2}},?\s+ )? )?
    (?P<year> (?:19|20)\d{{2}} ) (?: \s+ed(?:ition\b|\.) )? \)? (?! [\w/-] )
"""
_YEAR = re.compile(r"\s*\b(?:19|20)\d{2}$")
_YEAR_OF_ID = re.compile(r"-(?:19|20)\d{2}$")
# Names that no section has.
_EXPLICIT_NAME = re.compile(r"\b(?:Guidelines?|Complaints?|Disorders)\s*$", re.IGNORECASE)
# Words that letters leave out of a name where its year tells what is meant: "Low Back 2019".
_LEFT_OUT = re.compile(r"\s*\b(?:Disorders?|Complaints?|(?:Medical\s+)?Treatment)\s*$", re.IGNORECASE)

# A name that the vocabulary does not list: capital words with a year, with "Guideline", or with sections or pages.
_UNLISTED = re.compile(
    rf"""
    (?P<name> (?-i: [A-Z][\w'’/-]*+
        (?: \s{{1,9}} (?: (?:and|of|the|for|to|in|on|with|&) \s{{1,9}} )?+ [A-Z][\w'’/-]*+ ){{0,9}} ) )
    (?: {_DATED} (?: \s+Guidelines?\b )?
      | (?: (?<=\sGuideline) | (?<=\sGuidelines) ) (?= \s* (?: [,;.] | \Z ) )
      | (?= [\s,;]{{0,9}} (?:Section|Page) \s?\(s\) )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NO_NAME = re.compile(
    rf"(?:The|MTUS|CA|California|Medical|Guidelines?|Effective|Revised|Updated|Edition|Table|Chapter|Title|Part|Sections?|Pages?|Decision)\b|.*\b(?:{_MONTHS})$",
    re.IGNORECASE | re.DOTALL,
)
# A name goes on behind one that the vocabulary has: "Chronic Pain Medica1 Treatment 2016" is not "Chronic Pain".
_FURTHER_NAME = re.compile(
    rf"""
    (?: \s{{1,9}} (?! (?:Guidelines?|Chapter|Section|Page|ACOEM|ODG|MTUS) \b ) [A-Z][\w'’]*+ ){{1,3}}
    (?: {_DATED} | \s{{1,9}}Guidelines?\b )
    """,
    re.VERBOSE,
)
_GUIDELINE = re.compile(r"(?:\s+(?:Medical\s+)?Treatment)?\s+Guidelines?$", re.IGNORECASE)
_SHORTEST_NAME = 4  # letters; what is shorter is an abbreviation that may mean anything


class Mention(NamedTuple):
    """A guideline named at a place.

    `guideline` is its id, `name` where its name without ACOEM, chapter and year stands (None where only ACOEM is
    named), `explicit` whether the words could not be anything but a guideline's name (a section may be called
    "Opioids", too), `certain` whether they also could not be a topic of ACOEM, `mtus` whether the words say that it is
    part of the MTUS, `dated` whether they give the year.
    """

    guideline: str
    start: int
    end: int
    name: Span | None
    explicit: bool
    certain: bool
    mtus: bool
    dated: bool


def day_in_force(decided: date | None) -> date | None:
    """Return the latest day, up to that of a decision, on which an edition came into force, as far as that is known.

    >>> day_in_force(date(2017, 1, 20)), day_in_force(date(2016, 7, 1))
    (datetime.date(2016, 7, 28), datetime.date(2009, 7, 18))
    """
    days = (day for day in _days_in_force() if decided and day <= decided)
    return max(days, default=None)


@cache
def _days_in_force() -> tuple[date, ...]:
    return tuple(sorted({guideline.in_force for guideline in load().guidelines if guideline.in_force}))


def find_mention(text: str, start: int, end: int, in_force: date | None) -> Mention | None:
    """Return the guideline that is named right at `start`, or None.

    `in_force` (see `day_in_force`) chooses the edition where no year is printed; None chooses the earliest.
    """
    if first_word(text, start, end) not in _first_words():
        return None
    match = _mention().match(text, start, end)
    if not match or not (match["acoem"] or match["name"] or (match["chapter"] and match["mtus"])):
        return None
    if match["name"] and not match["year"] and _FURTHER_NAME.match(text, match.end("name"), end):
        return None
    if _names_two(text, match):
        return Mention(ACOEM, match.start(), match.end("acoem"), None, True, True, bool(match["mtus"]), False)
    guideline = _identify(match, in_force)
    name = Span(*match.span("name")) if match["name"] else None
    dressing = _dressing().match(text, match.end(), end) if name else None
    certain = bool(match["acoem"] or match["year"] or match["mtus"])
    explicit = certain or bool(match["chapter"] or match["suffix"] or _EXPLICIT_NAME.search(match["name"] or ""))
    stop = match.end()
    if name and match["chapter"] and load().guideline(guideline).chapters and not _names_edition(match, guideline):
        name, stop = None, match.end("chapter")  # the name is that of a chapter within the guideline: its section
    if dressing:
        stop, explicit, certain = dressing.end(), True, True
    return Mention(guideline, match.start(), stop, name, explicit, certain, bool(match["mtus"]), bool(match["year"]))


def is_listed(guideline: str) -> bool:
    """Return whether the vocabulary has a guideline of an id, or another edition of it.

    >>> is_listed("acoem-knee-disorders-2033"), is_listed("voice-strain-2031")
    (True, False)
    """
    return guideline in load().guidelines or _YEAR_OF_ID.sub("", guideline) in _ids_without_year()


@cache
def _ids_without_year() -> frozenset[str]:
    return frozenset(_YEAR_OF_ID.sub("", guideline.id) for guideline in load().guidelines)


def find_unlisted(text: str, start: int, end: int) -> Mention | None:
    """Return the name right at `start` that can only be a guideline's although the vocabulary lists none of it."""
    match = _UNLISTED.match(text, start, end)
    name = _GUIDELINE.sub("", clean(match["name"])) if match else ""
    if match is None or len(name) < _SHORTEST_NAME or _NO_NAME.match(name):
        return None
    identifier = iris.fold_name(f"{name} {match['year'] or ''}")
    if identifier in load().guidelines:
        return None
    return Mention(identifier, start, match.end(), Span(*match.span("name")), True, True, False, bool(match["year"]))


def _names_two(text: str, match: re.Match[str]) -> bool:
    """Tell whether ACOEM and a guideline of others stand side by side: "ACOEM,Chronic Pain Treatment Guidelines"."""
    if not match["acoem"] or not match["name"] or "," not in text[match.end("acoem") : match.start("name")]:
        return False
    return not any(ACOEM in guideline.id for guideline in _owners(match["name"]))


def _identify(match: re.Match[str], in_force: date | None) -> str:
    chapter = int(match["chapter"]) if match["chapter"] else None
    editions = tuple(g for g in _owners(match["name"]) if g.id != ACOEM)
    by_chapter = [g for g in load().guidelines if chapter in g.chapters] if chapter else []
    if not editions or (by_chapter and by_chapter[0] not in editions):
        return by_chapter[0].id if by_chapter else ACOEM
    return _edition_of_year(editions, int(match["year"])) if match["year"] else _edition_in_force(editions, in_force)


def _names_edition(match: re.Match[str], guideline: str) -> bool:
    return any(g.id == guideline for g in _owners(match["name"]))


def _edition_of_year(editions: tuple[Guideline, ...], year: int) -> str:
    """Return the id of the edition of a year, listed under this or a longer name, or else the id it would have."""
    for edition in editions:
        if edition.year == year:
            return edition.id
    short = {_short_name(edition.label) for edition in editions}
    longer = (g.id for g in load().guidelines if g.year == year and _short_name(g.label) in short)
    return next(longer, f"{_YEAR_OF_ID.sub('', editions[-1].id)}-{year}")


def _edition_in_force(editions: tuple[Guideline, ...], day: date | None) -> str:
    """Return the id of the one edition, of the latest in force on a day (the earliest without a day), or of none."""
    if len(editions) == 1:
        return editions[0].id
    if not all(edition.in_force for edition in editions):
        return _YEAR_OF_ID.sub("", editions[-1].id)
    dated = sorted(editions, key=lambda edition: edition.in_force or date.max)
    in_force = [edition for edition in dated if day and edition.in_force and edition.in_force <= day]
    return (in_force or dated[:1])[-1].id


@lru_cache(maxsize=1024)
def _owners(name: str | None) -> tuple[Guideline, ...]:
    return _names().get(normalise(clean(name)), ()) if name else ()


@cache
def _names() -> dict[str, tuple[Guideline, ...]]:
    names: dict[str, list[Guideline]] = {}
    for guideline in load().guidelines:
        if guideline.id in _NOT_NAMED_HERE:
            continue
        for label in guideline.labels:
            owners = names.setdefault(normalise(_YEAR.sub("", label)), [])
            if guideline not in owners:
                owners.append(guideline)
    for guideline in load().guidelines:
        if guideline.year and (short := normalise(_short_name(guideline.label))) not in names:
            names[short] = [g for g in load().guidelines if g.year and normalise(_short_name(g.label)) == short]
    return {name: tuple(sorted(owners, key=lambda g: g.year or 0)) for name, owners in names.items()}


def _short_name(label: str) -> str:
    """Return a name without its year and what letters may leave out of it."""
    return _LEFT_OUT.sub("", _YEAR.sub("", label))


@cache
def _first_words() -> frozenset[str]:
    labels = (label for guideline in load().guidelines for label in guideline.labels)
    return frozenset(("the", "8", "ca", "california", "mtus", "medical", "chapter", "ch", *map(first_word, labels)))


@cache
def _dressing() -> re.Pattern[str]:
    """Return the pattern of the words behind a guideline's name that say whose chapter it is.

    "Chapter (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 13)": the brackets may hold others.
    """
    acoem = _either(load().guidelines[ACOEM].labels)
    inner = r"[^()]{0,90}(?:\([^()]{0,30}\)[^()]{0,60})?"
    return re.compile(rf"(?:\s+Chapter\b)?\s*\(\s*(?:the\s+)?(?:{acoem})\b{inner}\)", re.IGNORECASE)


@cache
def _mention() -> re.Pattern[str]:
    """Return the pattern of a mention.

    Gaps are bounded so that a long run of blanks or commas is not walked over again and again.
    """
    guidelines = [g for g in load().guidelines if g.id not in _NOT_NAMED_HERE and g.id != ACOEM]
    labels = {_YEAR.sub("", label) for guideline in guidelines for label in guideline.labels}
    short = {_short_name(guideline.label) for guideline in guidelines} - labels
    gap = r"[\s,:;()\-–—]{0,9}"
    return re.compile(
        rf"""
        (?: the\s+ )?
        (?: 8\s+C\.?C\.?R\.?\s+ (?: §\s* )? 9792[\d.]{{1,9}} [\s,:–-]{{1,9}} )?
        (?: (?:CA|California)\s+ )?
        (?: (?P<mtus> MTUS\b | Medical\s+Treatment\s+Utilization\s+Schedule\b (?: \s*\(MTUS\) )? )
            (?: \s+Guidelines?\b )? )?
        {gap} (?P<acoem> (?: {_either(load().guidelines[ACOEM].labels)} ) \b (?: \s*\(ACOEM\) )? )?
        (?: \s+ (?: Occupational\s+Medicine\s+ )? (?: Practice\s+ )? Guidelines?\b )?
        (?: {gap} 2nd\s+Ed(?:ition|\.)? (?: {gap} 2004\b )? )?
        (?: {gap} (?:Chapter|Ch\.) \s* (?P<chapter>\d{{1,2}}) \b )?
        (?: {gap} (?P<name> (?: {_either(labels)} ) (?!\w)
                          | (?: {_either(short)} ) (?= \s{{1,9}}\(?(?:19|20)\d\d\b ) ) )?
        (?P<suffix> (?: \s+Medical )? (?: \s+Treatment )? \s+Guidelines?\b )?
        (?: {_DATED} )? (?: \s+Guidelines?\b )?
        """,
        re.IGNORECASE | re.VERBOSE,
    )


def _either(labels: Iterable[str]) -> str:
    """Return the pattern source of names, the longest first; their commas may be left out."""
    return "|".join(phrase(label).replace(",", ",?") for label in sorted(labels, key=lambda name: (-len(name), name)))
