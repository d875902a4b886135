"""Naming a guideline: "Low Back Complaints 2004", "ACOEM Chapter 12 Low Back Complaints", "Chronic Pain Treatment Guidelines".

A name without a year may belong to several editions; the day of the decision then says which was in force.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from imr_graph.extraction.passages import clean, phrase
from imr_graph.model import Span
from imr_graph.vocabulary import Guideline, load, normalise

__all__ = ["ACOEM", "Mention", "find_mention"]

ACOEM = "acoem"  # the id for an ACOEM guideline whose chapter or edition is not stated or not in the MTUS
_NOT_NAMED_HERE = ("odg", "other")

_YEAR = re.compile(r"\s*\b(?:19|20)\d{2}$")

# An edition is in force some months after its year begins; a letter decided before August cites the one before.
_MONTH_IN_FORCE = 8


@dataclass(frozen=True, slots=True)
class Mention:
    """A guideline named at a place.

    `guideline` is its id, `name` where its name without ACOEM, chapter and year stands (None where only ACOEM is
    named), `explicit` whether the words could not be anything but a guideline's name (a section may be called
    "Opioids", too), `certain` whether they also could not be a topic of ACOEM, `mtus` whether the words say that it is part of the MTUS.
    """

    guideline: str
    start: int
    end: int
    name: Span | None
    explicit: bool
    certain: bool
    mtus: bool


def find_mention(text: str, start: int, end: int, decided: date | None, *, with_year: bool = False) -> Mention | None:
    """Return the guideline that is named right at `start`, or None.

    With `with_year`, only a name with its year counts. `decided` chooses the edition where no year is printed.
    """
    match = _mention().match(text, start, end)
    if not match or not (match["acoem"] or match["name"] or match["chapter"]):
        return None
    if match["chapter"] and not match["acoem"] and not match["name"] and not match["mtus"]:
        return None
    if match["acoem"] and match["name"] and "," in text[match.end("acoem") : match.start("name")]:
        owners = _names().get(normalise(clean(match["name"])), ())
        if not any(ACOEM in g.id for g in owners):  # "ACOEM,Chronic Pain Treatment Guidelines" names two
            return Mention(ACOEM, match.start(), match.end("acoem"), None, True, True, bool(match["mtus"]))
    if with_year and not match["year"]:
        return None
    guideline = _identify(match, decided)
    if guideline is None:
        return None
    name = Span(*match.span("name")) if match["name"] else None
    certain = bool(match["acoem"] or match["year"] or match["mtus"])
    explicit = (
        certain
        or bool(match["chapter"] or match["suffix"])
        or bool(name and _EXPLICIT_NAME.search(text, name.start, name.end))
    )
    stop = match.end()
    if name and match["chapter"] and load().guidelines[guideline].chapters and not _names_edition(match, guideline):
        name, stop = None, match.end("chapter")  # the name is that of a chapter within the guideline: its section
    return Mention(guideline, match.start(), stop, name, explicit, certain, bool(match["mtus"]))


_EXPLICIT_NAME = re.compile(r"\b(?:Guidelines?|Complaints?|Disorders)\s*$", re.IGNORECASE)


def _identify(match: re.Match[str], decided: date | None) -> str | None:
    chapter = int(match["chapter"]) if match["chapter"] else None
    year = int(match["year"]) if match["year"] else None
    editions = _names().get(normalise(clean(match["name"])), ()) if match["name"] else ()
    editions = tuple(g for g in editions if g.id != ACOEM)
    by_chapter = [g for g in load().guidelines if chapter in g.chapters] if chapter else []
    if not editions or (by_chapter and by_chapter[0] not in editions):
        return by_chapter[0].id if by_chapter else ACOEM
    if year:
        exact = [g for g in editions if g.year == year]
        if exact:
            return exact[0].id
        if any(ACOEM in iri for g in editions for iri in g.broader):
            return ACOEM
    return _edition(editions, year, decided)


def _names_edition(match: re.Match[str], guideline: str) -> bool:
    return any(g.id == guideline for g in _names().get(normalise(clean(match["name"])), ()))


def _edition(editions: tuple[Guideline, ...], year: int | None, decided: date | None) -> str:
    """Choose the edition: the latest that was in force; the earliest where nothing is known."""
    dated = sorted(editions, key=lambda g: g.year or 0)
    if year is None and decided is not None:
        year = decided.year if decided.month >= _MONTH_IN_FORCE else decided.year - 1
    if year is None:
        return dated[0].id
    in_force = [g for g in dated if (g.year or 0) <= year]
    return (in_force or dated[:1])[-1].id


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
def _mention() -> re.Pattern[str]:
    """The pattern of a mention: [MTUS] [ACOEM] [Chapter n] [name] [Guidelines] [year] [Guidelines]."""
    labels = {
        _YEAR.sub("", label)
        for guideline in load().guidelines
        if guideline.id not in _NOT_NAMED_HERE and guideline.id != ACOEM
        for label in guideline.labels
    }
    names = "|".join(phrase(label).replace(",", ",?") for label in sorted(labels, key=len, reverse=True))
    acoem = "|".join(phrase(label) for label in sorted(load().guidelines[ACOEM].labels, key=len, reverse=True))
    gap = r"[\s,:;()\-–—]*"
    return re.compile(
        r"(?:the\s+)?(?:(?:CA|California)\s+)?(?P<mtus>MTUS\b)?" + gap + rf"(?P<acoem>(?:{acoem})\b(?:\s*\(ACOEM\))?)?"
        r"(?:\s+(?:Occupational\s+Medicine\s+)?(?:Practice\s+)?Guidelines?\b)?"
        rf"(?:{gap}(?:Chapter|Ch\.)\s*(?P<chapter>\d{{1,2}})\b)?"
        rf"(?:{gap}(?P<name>{names})(?!\w))?"
        r"(?P<suffix>(?:\s+Medical)?(?:\s+Treatment)?\s+Guidelines?\b)?"
        r"(?:[\s,]*\(?(?P<year>(?:19|20)\d{2})\)?(?![\w/-]))?(?:\s+Guidelines?\b)?",
        re.IGNORECASE,
    )
