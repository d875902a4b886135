"""Naming a guideline: "Low Back Complaints 2004", "ACOEM Chapter 12 Low Back Complaints", "Opioids Guidelines".

A name without a year may belong to several editions; the day of the decision then says which was in force.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from imr_graph.extraction.text import clean, first_word, phrase
from imr_graph.model import Span
from imr_graph.vocabulary import Guideline, load, normalise

__all__ = ["ACOEM", "Mention", "find_mention", "year_in_force"]

ACOEM = "acoem"  # the id for an ACOEM guideline whose chapter or edition is not stated or not in the MTUS
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_NOT_NAMED_HERE = ("odg", "other")

_YEAR = re.compile(r"\s*\b(?:19|20)\d{2}$")
# Names that no section has.
_EXPLICIT_NAME = re.compile(r"\b(?:Guidelines?|Complaints?|Disorders)\s*$", re.IGNORECASE)

# An edition is in force some months after its year begins: those of 2016 (8 CCR 9792.24.2 and 9792.24.4) since 28 July,
# those of 2017 since 1 December. A letter decided before August cites the one before.
_MONTH_IN_FORCE = 8


@dataclass(frozen=True, slots=True)
class Mention:
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


def year_in_force(decided: date | None) -> int | None:
    """Return the latest year whose editions were in force on the day of a decision.

    >>> year_in_force(date(2017, 1, 20)), year_in_force(date(2016, 9, 1))
    (2016, 2016)
    """
    if decided is None:
        return None
    return decided.year if decided.month >= _MONTH_IN_FORCE else decided.year - 1


def find_mention(text: str, start: int, end: int, in_force: int | None) -> Mention | None:
    """Return the guideline that is named right at `start`, or None.

    `in_force` (see `year_in_force`) chooses the edition where no year is printed; None chooses the earliest.
    """
    if first_word(text, start, end) not in _first_words():
        return None
    match = _mention().match(text, start, end)
    if not match or not (match["acoem"] or match["name"] or (match["chapter"] and match["mtus"])):
        return None
    if _names_two(text, match):
        return Mention(ACOEM, match.start(), match.end("acoem"), None, True, True, bool(match["mtus"]), False)
    guideline = _identify(match, in_force)
    name = Span(*match.span("name")) if match["name"] else None
    dressing = _dressing().match(text, match.end(), end) if name else None
    certain = bool(match["acoem"] or match["year"] or match["mtus"])
    explicit = certain or bool(match["chapter"] or match["suffix"] or _EXPLICIT_NAME.search(match["name"] or ""))
    stop = match.end()
    if name and match["chapter"] and load().guidelines[guideline].chapters and not _names_edition(match, guideline):
        name, stop = None, match.end("chapter")  # the name is that of a chapter within the guideline: its section
    if dressing:
        stop, explicit, certain = dressing.end(), True, True
    return Mention(guideline, match.start(), stop, name, explicit, certain, bool(match["mtus"]), bool(match["year"]))


def _names_two(text: str, match: re.Match[str]) -> bool:
    """Tell whether ACOEM and a guideline of others stand side by side: "ACOEM,Chronic Pain Treatment Guidelines"."""
    if not match["acoem"] or not match["name"] or "," not in text[match.end("acoem") : match.start("name")]:
        return False
    return not any(ACOEM in guideline.id for guideline in _owners(match["name"]))


def _identify(match: re.Match[str], in_force: int | None) -> str:
    chapter = int(match["chapter"]) if match["chapter"] else None
    year = int(match["year"]) if match["year"] else None
    editions = tuple(g for g in _owners(match["name"]) if g.id != ACOEM)
    by_chapter = [g for g in load().guidelines if chapter in g.chapters] if chapter else []
    if not editions or (by_chapter and by_chapter[0] not in editions):
        return by_chapter[0].id if by_chapter else ACOEM
    if year:
        exact = [g for g in editions if g.year == year]
        if exact:
            return exact[0].id
        if any(ACOEM in iri for g in editions for iri in g.broader):
            return ACOEM
    return _edition(editions, year or in_force)


def _names_edition(match: re.Match[str], guideline: str) -> bool:
    return any(g.id == guideline for g in _owners(match["name"]))


def _edition(editions: tuple[Guideline, ...], year: int | None) -> str:
    """Choose the edition: the latest that was in force; the earliest where nothing is known."""
    dated = sorted(editions, key=lambda g: g.year or 0)
    in_force = [g for g in dated if year is not None and (g.year or 0) <= year]
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
    return {name: tuple(owners) for name, owners in names.items()}


@cache
def _first_words() -> frozenset[str]:
    labels = (label for guideline in load().guidelines for label in guideline.labels)
    return frozenset(("the", "8", "ca", "california", "mtus", "medical", "chapter", "ch", *map(first_word, labels)))


@cache
def _dressing() -> re.Pattern[str]:
    """Return the pattern of the words behind a guideline's name that say whose chapter it is.

    "Chapter (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 13)": the brackets may hold others.
    """
    acoem = "|".join(phrase(label) for label in sorted(load().guidelines[ACOEM].labels, key=len, reverse=True))
    inner = r"[^()]{0,90}(?:\([^()]{0,30}\)[^()]{0,60})?"
    return re.compile(rf"(?:\s+Chapter\b)?\s*\(\s*(?:the\s+)?(?:{acoem})\b{inner}\)", re.IGNORECASE)


@cache
def _mention() -> re.Pattern[str]:
    """Return the pattern of a mention: [MTUS] [ACOEM] [edition] [Chapter n] [name] [Guidelines] [year] [Guidelines].

    Gaps are bounded so that a long run of blanks or commas is not walked over again and again.
    """
    labels = {
        _YEAR.sub("", label)
        for guideline in load().guidelines
        if guideline.id not in _NOT_NAMED_HERE and guideline.id != ACOEM
        for label in guideline.labels
    }
    names = "|".join(phrase(label).replace(",", ",?") for label in sorted(labels, key=len, reverse=True))
    acoem = "|".join(phrase(label) for label in sorted(load().guidelines[ACOEM].labels, key=len, reverse=True))
    gap = r"[\s,:;()\-–—]{0,9}"
    return re.compile(
        r"(?:the\s+)?(?:8\s+C\.?C\.?R\.?\s+(?:§\s*)?9792[\d.]{1,9}[\s,:–-]{1,9})?(?:(?:CA|California)\s+)?"
        r"(?:(?P<mtus>MTUS\b|Medical\s+Treatment\s+Utilization\s+Schedule\b(?:\s*\(MTUS\))?)(?:\s+Guidelines?\b)?)?"
        rf"{gap}(?P<acoem>(?:{acoem})\b(?:\s*\(ACOEM\))?)?"
        r"(?:\s+(?:Occupational\s+Medicine\s+)?(?:Practice\s+)?Guidelines?\b)?"
        rf"(?:{gap}2nd\s+Ed(?:ition|\.)?(?:{gap}2004\b)?)?"
        rf"(?:{gap}(?:Chapter|Ch\.)\s*(?P<chapter>\d{{1,2}})\b)?"
        rf"(?:{gap}(?P<name>{names})(?!\w))?"
        r"(?P<suffix>(?:\s+Medical)?(?:\s+Treatment)?\s+Guidelines?\b)?"
        rf"(?:[\s,]{{0,9}}\(?(?:{_MONTH}\s+(?:\d{{1,2}},?\s+)?)?(?P<year>(?:19|20)\d{{2}})\)?(?![\w/-]))?(?:\s+Guidelines?\b)?",
        re.IGNORECASE,
    )
