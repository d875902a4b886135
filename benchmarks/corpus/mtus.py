"""Citations of the Medical Treatment Utilization Schedule (MTUS) as each layout prints them."""

from __future__ import annotations

from .chance import Chance
from .cited import Cited, cited, expand_pages
from .forms import Heading
from .guidelines import (
    ACOEM_TODAY,
    ACOEM_TODAY_RARE,
    GENERAL_APPROACHES,
    OPIOIDS_2016,
    POSTSURGICAL,
    SECTIONS_2004,
    SECTIONS_TODAY,
    TODAY_BY_REGION,
    TODAY_BY_TOPIC,
    Chapter,
    chapter_for,
)
from .topics import TOPICS

__all__ = ["mtus"]


def mtus(chance: Chance, heading: Heading, layout: str, year: int) -> tuple[str, list[Cited]]:
    """Return the words after "Decision based on MTUS" and the citations they hold."""
    if layout in ("L3", "L4"):
        return _mtus_with_pages(chance, heading, layout)
    make = _mtus_today if layout == "L6" else _mtus_with_sections
    count = 1 if chance.happens(0.84) else chance.pick((2, 2, 2, 3))
    found: list[Cited] = []
    for _ in range(count):
        one = make(chance, heading, year)
        if all(one["guideline"] != other["guideline"] for other in found):
            found.append(one)
    return ", and ".join(one["text"] for one in found), found


def _with_sections(name: str, guideline: str, sections: list[str]) -> Cited:
    text = f"{name}, Section(s): {', '.join(sections)}" if sections else name
    return cited("mtus", guideline, text, sections)


def _mtus_with_sections(chance: Chance, heading: Heading, _year: int) -> Cited:
    """One guideline with a year and sections, as printed from mid-2015 to 2017."""
    topic = TOPICS[heading.topic]
    kind = chance.random()
    chapter = chapter_for(heading.main_region)
    if heading.topic == "acupuncture" and kind < 0.8:
        return cited("mtus", "mtus-acupuncture-2007", "Acupuncture Treatment 2007")
    if heading.topic == "opioid" or (heading.topic == "drug-test" and kind < 0.7):
        sections = chance.several(OPIOIDS_2016, chance.pick((1, 1, 1, 2)))
        return _with_sections("Opioid Treatment 2016", "mtus-opioids-2016", sections)
    if heading.topic in ("imaging", "surgery", "adjunct", "equipment") or kind < 0.12:
        return _chapter_with_sections(chance, chapter)
    if kind < 0.16:
        return _with_sections(
            "General Approaches 2004", "acoem-general-approaches-2004", [chance.pick(GENERAL_APPROACHES)[1]]
        )
    if kind < 0.19 and heading.main_region in POSTSURGICAL and heading.topic == "therapy":
        return _with_sections(
            "Postsurgical Treatment 2009", "mtus-postsurgical-2009", [POSTSURGICAL[heading.main_region]]
        )
    if kind < 0.22 and topic.pages_2009[0][0]:
        return _with_sections("Chronic Pain Medical Treatment 2009", "mtus-chronic-pain-2009", [topic.pages_2009[0][0]])
    name = "Chronic Pain Medical Treatment 2016" + (" Guidelines" if chance.happens(0.025) else "")
    sections = [] if kind > 0.93 else chance.several(topic.sections, chance.pick((1, 1, 1, 2, 3)))
    return _with_sections(name, "mtus-chronic-pain-2016", sections)


def _chapter_with_sections(chance: Chance, chapter: Chapter) -> Cited:
    name = f"{chapter.name} {chapter.year}"
    if chapter.number == 10 and chance.happens(0.15):  # a page number in the place of a section
        return cited("mtus", chapter.id, f"{name}, Section(s): 326", (), (326,))
    sections = [] if chance.happens(0.25) else chance.several(SECTIONS_2004, chance.pick((1, 1, 1, 1, 2, 3)))
    if sections and chance.happens(0.6):
        sections = ["Special Studies"] + [s for s in sections[1:] if s != "Special Studies"]
    return _with_sections(name, chapter.id, sections)


def _mtus_today(chance: Chance, heading: Heading, year: int) -> Cited:
    """One guideline of the MTUS since December 2017, in an edition that stood in the decision's year."""
    names = TODAY_BY_TOPIC.get(heading.topic)
    if chance.happens(0.02):
        key = chance.pick(ACOEM_TODAY_RARE)
    elif names is None or (heading.regions and chance.happens(0.4)):
        region = heading.main_region
        key = TODAY_BY_REGION.get(region, region)
    else:
        key = chance.pick(names)
    name, editions = ACOEM_TODAY[key]
    standing = [edition for edition in editions if edition[1] <= year]
    if not standing:
        name, standing = "Chronic Pain", [("2017", 2018, "acoem-chronic-pain-2017")]
    edition = chance.pick(standing)
    sections = [] if chance.happens(0.2) else chance.several(SECTIONS_TODAY, chance.pick((1, 1, 1, 2)))
    return _with_sections(f"{name} {edition[0]}", edition[2], sections)


def _mtus_with_pages(chance: Chance, heading: Heading, layout: str) -> tuple[str, list[Cited]]:
    """One or two guidelines as printed until mid-2015: chapter numbers, topics, Page(s); joined by a bare comma."""
    first = _one_with_pages(chance, heading, layout)
    if chance.happens(0.85) or first["guideline"] == "mtus-chronic-pain-2009":
        return first["text"], [first]
    second = _chronic_pain_2009(chance, heading, layout)
    return f"{first['text']},{second['text']}", [first, second]


def _one_with_pages(chance: Chance, heading: Heading, layout: str) -> Cited:
    kind = chance.random()
    if heading.topic == "acupuncture" and kind < 0.85:
        return cited("mtus", "mtus-acupuncture-2007", "Acupuncture Treatment Guidelines")
    if heading.topic in ("imaging", "surgery", "adjunct", "nerve-study", "visit", "equipment") and kind < 0.85:
        chapter = chapter_for(heading.main_region)
        name = f"ACOEM Chapter {chapter.number} {chapter.name}"
        return _with_pages(chance, name, chapter.id, (), chance.pick(chapter.pages))
    if kind > 0.96:
        return cited("mtus", "acoem", "ACOEM")
    if kind > 0.93:
        number, title = chance.pick(GENERAL_APPROACHES)
        return cited("mtus", "acoem-general-approaches-2004", f"ACOEM Chapter {number} {title}", (title,))
    return _chronic_pain_2009(chance, heading, layout)


def _chronic_pain_2009(chance: Chance, heading: Heading, layout: str) -> Cited:
    topic, pages = chance.pick(TOPICS[heading.topic].pages_2009)
    if layout == "L3" and chance.happens(0.4):
        topic = ""
    name = f"Chronic Pain Treatment Guidelines {topic}".rstrip()
    return _with_pages(chance, name, "mtus-chronic-pain-2009", (topic,) if topic else (), pages)


def _with_pages(chance: Chance, name: str, guideline: str, sections: tuple[str, ...], pages: str) -> Cited:
    if chance.happens(0.22):
        return cited("mtus", guideline, name, sections)
    return cited("mtus", guideline, f"{name} Page(s): {pages}", sections, expand_pages(pages))
