"""What each side cites for an item: the printed line and the party's part of the record, per layout."""

from __future__ import annotations

from typing import Any

from .chance import Chance, cumulative
from .guidelines import (
    ACOEM_2004,
    ACOEM_TODAY,
    ACOEM_TOPICS,
    GENERAL_APPROACHES,
    ODG_CHAPTERS,
    OPIOIDS_2016,
    OTHER_WORKS,
    POSTSURGICAL,
    SECTIONS_2004,
    SECTIONS_TODAY,
    TOPICS,
    Chapter,
)
from .headings import Heading

__all__ = ["Cited", "administrator_line", "expand_pages", "other_work", "reviewer_line"]

Cited = dict[str, Any]  # one citation of a record
Line = tuple[str, dict[str, Any]]  # the words after the label, and the party of the record

# mtus, both, outside, none: how often each side of an item has which kind of line.
_REVIEWER = cumulative(((289, "mtus"), (51, "both"), (69, "outside"), (29, "none")))
_ADMINISTRATOR = cumulative(((164, "mtus"), (109, "both"), (87, "outside"), (79, "none")))
_OUTSIDE_2015 = "did not base their decision on the MTUS."
_OUTSIDE_2017 = "based their decision on recommendation(s) outside of the MTUS Guidelines."


def reviewer_line(chance: Chance, heading: Heading, layout: str, year: int) -> Line:
    """Return what follows "MAXIMUS guideline:" and the record of it."""
    return _line(chance, heading, layout, year, "The Expert Reviewer", chance.weighted(_REVIEWER))


def administrator_line(chance: Chance, heading: Heading, layout: str, year: int) -> Line:
    """Return what follows "Claims Administrator guideline:" and the record of it."""
    return _line(chance, heading, layout, year, "The Claims Administrator", chance.weighted(_ADMINISTRATOR))


def _line(chance: Chance, heading: Heading, layout: str, year: int, who: str, kind: str) -> Line:
    if kind == "none":
        return f"{who} did not cite any medical evidence for its decision.", {"stance": "no evidence cited", "citations": []}
    early = layout in ("L3", "L4")
    gap = "  " if early else " "
    if kind == "outside":
        words, cited = _non_mtus(chance, heading, early)
        stance = _OUTSIDE_2015 if early else _OUTSIDE_2017
        return (
            f"{who} {stance}{gap}Decision based on Non-MTUS Citation {words}{_stop(chance, early)}",
            {"stance": "outside the MTUS", "citations": cited},
        )
    words, cited = _mtus(chance, heading, layout, year)
    line = f"Decision based on MTUS {words}."
    if kind == "both":
        more, also = _non_mtus(chance, heading, early)
        line += f"{gap}Decision based on Non-MTUS Citation {more}{_stop(chance, early)}"
        cited = cited + also
    return line, {"stance": None, "citations": cited}


def _stop(chance: Chance, early: bool) -> str:
    return "" if early and chance.happens(0.5) else "."


def _cited(basis: str, guideline: str, text: str, sections: Any = (), pages: Any = (), chapter: str | None = None) -> Cited:
    return {
        "basis": basis,
        "guideline": guideline,
        "chapter": chapter,
        "sections": list(sections),
        "pages": list(pages),
        "text": text,
    }


def _mtus(chance: Chance, heading: Heading, layout: str, year: int) -> tuple[str, list[Cited]]:
    if layout in ("L3", "L4"):
        return _mtus_with_pages(chance, heading, layout)
    makers = [_mtus_today] if layout == "L6" else [_mtus_with_sections]
    count = 1 if chance.happens(0.84) else chance.pick((2, 2, 2, 3))
    cited: list[Cited] = []
    for _ in range(count):
        one = makers[0](chance, heading, year)
        if all(one["guideline"] != other["guideline"] for other in cited):
            cited.append(one)
    return ", and ".join(one["text"] for one in cited), cited


def _with_sections(name: str, guideline: str, sections: list[str]) -> Cited:
    text = f"{name}, Section(s): {', '.join(sections)}" if sections else name
    return _cited("mtus", guideline, text, sections)


def _region(heading: Heading) -> str:
    return heading.regions[0] if heading.regions else "lumbar-spine"


def _mtus_with_sections(chance: Chance, heading: Heading, _year: int) -> Cited:
    """One guideline with a year and sections, as printed from mid-2015 to 2017."""
    topic = TOPICS[heading.topic]
    kind = chance.random()
    chapter = ACOEM_2004.get(_region(heading), ACOEM_2004["lumbar-spine"])
    if heading.topic == "acupuncture" and kind < 0.8:
        return _cited("mtus", "mtus-acupuncture-2007", "Acupuncture Treatment 2007")
    if heading.topic == "opioid" or (heading.topic == "drug-test" and kind < 0.7):
        sections = chance.several(OPIOIDS_2016, chance.pick((1, 1, 1, 2)))
        return _with_sections("Opioid Treatment 2016", "mtus-opioids-2016", sections)
    if heading.topic in ("imaging", "surgery", "adjunct", "equipment") or kind < 0.12:
        return _chapter_with_sections(chance, chapter)
    if kind < 0.16:
        return _with_sections("General Approaches 2004", "acoem-general-approaches-2004", [chance.pick(GENERAL_APPROACHES)[1]])
    if kind < 0.19 and _region(heading) in POSTSURGICAL and heading.topic == "therapy":
        return _with_sections("Postsurgical Treatment 2009", "mtus-postsurgical-2009", [POSTSURGICAL[_region(heading)]])
    if kind < 0.22 and topic.pages_2009[0][0]:
        return _with_sections("Chronic Pain Medical Treatment 2009", "mtus-chronic-pain-2009", [topic.pages_2009[0][0]])
    name = "Chronic Pain Medical Treatment 2016" + (" Guidelines" if chance.happens(0.025) else "")
    sections = [] if kind > 0.93 else chance.several(topic.sections, chance.pick((1, 1, 1, 2, 3)))
    return _with_sections(name, "mtus-chronic-pain-2016", sections)


def _chapter_with_sections(chance: Chance, chapter: Chapter) -> Cited:
    name = f"{chapter.name} {chapter.year}"
    if chapter.number == 10 and chance.happens(0.15):  # a page number in the place of a section
        return _cited("mtus", chapter.id, f"{name}, Section(s): 326", (), (326,))
    sections = [] if chance.happens(0.25) else chance.several(sorted(set(SECTIONS_2004)), chance.pick((1, 1, 1, 1, 2, 3)))
    if sections and chance.happens(0.6):
        sections = ["Special Studies"] + [s for s in sections[1:] if s != "Special Studies"]
    return _with_sections(name, chapter.id, sections)


_TODAY_BY_TOPIC = {
    "opioid": ("opioids", "pain"), "drug-test": ("opioids",), "mental-health": ("mind", "anxiety", "pain"), "topical": ("pain",),
    "compound": ("pain", "initial"), "nsaid": ("initial", "pain"), "ppi": ("initial", "pain"), "relaxant": ("pain",),
    "benzodiazepine": ("pain",), "anticonvulsant": ("pain",), "antidepressant": ("pain", "mind"), "hypnotic": ("pain",),
    "antiemetic": ("opioids",), "other-drug": ("pain", "lungs"), "barbiturate": ("pain",), "program": ("pain",), "visit": ("initial",),
}  # fmt: skip
_TODAY_BY_REGION = {
    "thoracic-spine": "neck", "upper-extremity": "neck", "lower-extremity": "lumbar-spine", "wrist": "hand", "forearm": "hand",
    "foot": "ankle", "pelvis": "hip", "chest": "initial", "abdomen": "initial",
}  # fmt: skip


def _mtus_today(chance: Chance, heading: Heading, year: int) -> Cited:
    """One guideline of the MTUS since December 2017, in an edition that stood in the decision's year."""
    names = _TODAY_BY_TOPIC.get(heading.topic)
    if names is None or (heading.regions and chance.happens(0.4)):
        region = _region(heading)
        key = _TODAY_BY_REGION.get(region, region)
    else:
        key = chance.pick(names)
    name, editions = ACOEM_TODAY[key]
    standing = [edition for edition in editions if edition[1] <= year]
    if not standing:
        name, standing = "Chronic Pain", [(2017, 2018, "acoem-chronic-pain-2017")]
    edition = chance.pick(standing)
    sections = [] if chance.happens(0.2) else chance.several(SECTIONS_TODAY, chance.pick((1, 1, 1, 2)))
    return _with_sections(f"{name} {edition[0]}", edition[2], sections)


def expand_pages(printed: str) -> list[int]:
    """Return the pages of a printed list: "76, 78-80" is 76, 78, 79, 80."""
    pages: list[int] = []
    for part in printed.split(", "):
        first, _, last = part.partition("-")
        pages.extend(range(int(first), int(last or first) + 1))
    return pages


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
        return _cited("mtus", "mtus-acupuncture-2007", "Acupuncture Treatment Guidelines")
    if heading.topic in ("imaging", "surgery", "adjunct", "nerve-study", "visit", "equipment") and kind < 0.85:
        chapter = ACOEM_2004.get(_region(heading), ACOEM_2004["lumbar-spine"])
        name = f"ACOEM Chapter {chapter.number} {chapter.name}"
        return _with_pages(chance, name, chapter.id, (), chance.pick(chapter.pages))
    if kind > 0.96:
        return _cited("mtus", "acoem", "ACOEM")
    if kind > 0.93:
        number, title = chance.pick(GENERAL_APPROACHES)
        return _cited("mtus", "acoem-general-approaches-2004", f"ACOEM Chapter {number} {title}", (title,))
    return _chronic_pain_2009(chance, heading, layout)


def _chronic_pain_2009(chance: Chance, heading: Heading, layout: str) -> Cited:
    topic, pages = chance.pick(TOPICS[heading.topic].pages_2009)
    if layout == "L3" and chance.happens(0.4):
        topic = ""
    name = f"Chronic Pain Treatment Guidelines {topic}".rstrip()
    return _with_pages(chance, name, "mtus-chronic-pain-2009", (topic,) if topic else (), pages)


def _with_pages(chance: Chance, name: str, guideline: str, sections: tuple[str, ...], pages: str) -> Cited:
    if chance.happens(0.22):
        return _cited("mtus", guideline, name, sections)
    return _cited("mtus", guideline, f"{name} Page(s): {pages}", sections, expand_pages(pages))


def _non_mtus(chance: Chance, heading: Heading, early: bool) -> tuple[str, list[Cited]]:
    kind = chance.random()
    if kind < 0.86:
        first = _odg(chance, heading)
    elif kind < 0.91:
        work = chance.pick(ACOEM_TOPICS)
        first = _cited("non-mtus", work.guideline, work.words, work.sections, work.pages)
    elif kind < 0.93 and early:
        chapter = ACOEM_2004.get(_region(heading), ACOEM_2004["lumbar-spine"])
        page = chance.between(40, 340)
        first = _cited("non-mtus", chapter.id, f"MTUS: ACOEM GUIDELINES, CHAPTER {chapter.number}, {page}", (), (page,))
    else:
        first = other_work(chance)
    if early and first["text"] == "Official Disability Guidelines" and chance.happens(0.5):
        journal = OTHER_WORKS[chance.pick((4, 6))]
        second = _cited("non-mtus", "other", journal.words, (), journal.pages)
        return first["text"] + second["text"], [first, second]  # run together, as some letters print it
    if not early and first["guideline"] == "odg" and chance.happens(0.04):
        work = chance.pick(ACOEM_TOPICS[1:4])
        second = other_work(chance) if chance.happens(0.5) else _cited("non-mtus", "acoem", work.words, work.sections, work.pages)
        return f"{first['text']} and Other Medical Treatment Guidelines {second['text']}", [first, second]
    return first["text"], [first]


def other_work(chance: Chance) -> Cited:
    """Return a citation of a journal, a web page or a payer's policy."""
    work = chance.pick(OTHER_WORKS)
    words = work.words
    if "{" in words:
        words = words.format(slug=f"monograph-{chance.between(100, 999)}", number=chance.between(10000, 99999))
    return _cited("non-mtus", "other", words, (), work.pages)


def _odg(chance: Chance, heading: Heading) -> Cited:
    """One citation of the Official Disability Guidelines in one of its many spellings."""
    topic = TOPICS[heading.topic]
    subject = chance.pick(topic.odg)
    by_region = ODG_CHAPTERS.get(heading.regions[0]) if heading.regions else None
    chapter = topic.odg_chapter or (chance.pick(by_region) if by_region else chance.pick(("Low Back", "Pain")))
    kind = chance.random()
    if kind < 0.10:
        text = chance.pick(("Official Disability Guidelines (ODG)", "Official Disability Guidelines"))
        return _cited("non-mtus", "odg", text)
    if kind < 0.14:
        name = chance.pick(("Physical Therapy Guidelines", "Physical Medicine Guidelines"))
        return _cited("non-mtus", "odg", f"Official Disability Guidelines (ODG), {name}", (name,))
    if kind < 0.24:
        form = chance.pick(_ODG_CHAPTER_ONLY)
        return _cited("non-mtus", "odg", form.format(c=chapter), (), (), chapter)
    if kind < 0.27 and topic is not TOPICS["imaging"]:
        text = f"Official Disability Guidelines (ODG) {subject}, {chapter} chapter"
        return _cited("non-mtus", "odg", text, (subject,), (), chapter)
    return _cited("non-mtus", "odg", chance.pick(_ODG_FORMS).format(c=chapter, s=subject), (subject,), (), chapter)


_ODG_CHAPTER_ONLY = (
    "Official Disability Guidelines (ODG), {c}",
    "Official Disability Guidelines (ODG) {c}",
    "Official Disability Guidelines, {c} Chapter",
    "ODG {c}",
    "Official Disability Guidelines (ODG), {c} (Acute & Chronic)",
)
_ODG_FORMS = (
    "Official Disability Guidelines (ODG), {c} Chapter, {s}",
    "Official Disability Guidelines (ODG), {c}, {s}",
    "Official Disability Guidelines (ODG) {c} Chapter, {s}",
    "Official Disability Guidelines (ODG) {c}, {s}",
    "Official Disability Guidelines, {c} Chapter, {s}",
    "Official Disability Guidelines, {c}, {s}",
    "Official Disability Guidelines (ODG), {c} (Acute & Chronic), {s}",
    "Official Disability Guidelines (ODG) {c} (Acute and Chronic), {s}",
    "Official Disability Guidelines, {c} - {s}",
    "ODG guidelines, {c}, {s}",
    "Official Disability Guidelines (ODG) 2016 {c} Chapter: {s}",
    "Official Disability Guidelines (ODG), {c} (updated 11/16/16), {s}",
    "Official Disability Guidelines (ODG) {c} section, {s}",
)
