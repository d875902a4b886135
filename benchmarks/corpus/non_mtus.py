"""Citations outside the MTUS: the Official Disability Guidelines in their many spellings, ACOEM, other works."""

from __future__ import annotations

from .chance import Chance
from .cited import Cited, cited
from .forms import Heading
from .guidelines import ACOEM_TOPICS, ODG_CHAPTERS, OTHER_WORKS, chapter_for
from .topics import TOPICS

__all__ = ["non_mtus", "other_work"]


def non_mtus(chance: Chance, heading: Heading, early: bool) -> tuple[str, list[Cited]]:
    """Return the words after "Decision based on Non-MTUS Citation" and the citations they hold."""
    kind = chance.random()
    if kind < 0.86:
        first = _odg(chance, heading)
    elif kind < 0.91:
        work = chance.pick(ACOEM_TOPICS)
        first = cited("non-mtus", work.guideline, work.words, work.sections, work.pages)
    elif kind < 0.93 and early:
        chapter = chapter_for(heading.main_region)
        page = chance.between(40, 340)
        first = cited("non-mtus", chapter.id, f"MTUS: ACOEM GUIDELINES, CHAPTER {chapter.number}, {page}", (), (page,))
    else:
        first = other_work(chance)
    if early and first["text"] == "Official Disability Guidelines" and chance.happens(0.5):
        journal = OTHER_WORKS[chance.pick((4, 6))]
        second = cited("non-mtus", "other", journal.words, (), journal.pages)
        return first["text"] + second["text"], [first, second]  # run together, as some letters print it
    if not early and first["guideline"] == "odg" and chance.happens(0.04):
        work = chance.pick(ACOEM_TOPICS[1:4])
        second = (
            other_work(chance)
            if chance.happens(0.5)
            else cited("non-mtus", "acoem", work.words, work.sections, work.pages)
        )
        return f"{first['text']} and Other Medical Treatment Guidelines {second['text']}", [first, second]
    return first["text"], [first]


def other_work(chance: Chance) -> Cited:
    """Return a citation of a journal, a web page or a payer's policy."""
    work = chance.pick(OTHER_WORKS)
    words = work.words
    if "{" in words:
        words = words.format(slug=f"monograph-{chance.between(100, 999)}", number=chance.between(10000, 99999))
    return cited("non-mtus", "other", words, (), work.pages)


def _odg(chance: Chance, heading: Heading) -> Cited:
    """One citation of the Official Disability Guidelines in one of its many spellings."""
    topic = TOPICS[heading.topic]
    subject = chance.pick(topic.odg)
    by_region = ODG_CHAPTERS.get(heading.regions[0]) if heading.regions else None
    chapter = topic.odg_chapter or (chance.pick(by_region) if by_region else chance.pick(("Low Back", "Pain")))
    kind = chance.random()
    if kind < 0.10:
        text = chance.pick(("Official Disability Guidelines (ODG)", "Official Disability Guidelines"))
        return cited("non-mtus", "odg", text)
    if kind < 0.14:
        name = chance.pick(("Physical Therapy Guidelines", "Physical Medicine Guidelines"))
        return cited("non-mtus", "odg", f"Official Disability Guidelines (ODG), {name}", (name,))
    chronic = "Chronic" if chapter == "Pain" else chance.pick(("Acute & Chronic", "Acute and Chronic"))
    if kind < 0.24:
        form = chance.pick(_ODG_CHAPTER_ONLY)
        return cited("non-mtus", "odg", form.format(c=chapter, chronic=chronic), (), (), chapter)
    if kind < 0.27 and topic is not TOPICS["imaging"]:
        text = f"Official Disability Guidelines (ODG) {subject}, {chapter} chapter"
        return cited("non-mtus", "odg", text, (subject,), (), chapter)
    others = [other for other in topic.odg if other.lower() != subject.lower()]
    if kind < 0.33 and others:
        text = f"Official Disability Guidelines (ODG) {chapter} Chapter, {subject}, {others[0]}"
        return cited("non-mtus", "odg", text, (subject, others[0]), (), chapter)
    return cited(
        "non-mtus",
        "odg",
        chance.pick(_ODG_FORMS).format(c=chapter, s=subject, chronic=chronic),
        (subject,),
        (),
        chapter,
    )


_ODG_CHAPTER_ONLY = (
    "Official Disability Guidelines (ODG), {c}",
    "Official Disability Guidelines (ODG) {c}",
    "Official Disability Guidelines, {c} Chapter",
    "ODG {c}",
    "Official Disability Guidelines (ODG), {c} ({chronic})",
)
_ODG_FORMS = (
    "Official Disability Guidelines (ODG), {c} Chapter, {s}",
    "Official Disability Guidelines (ODG), {c}, {s}",
    "Official Disability Guidelines (ODG) {c} Chapter, {s}",
    "Official Disability Guidelines (ODG) {c}, {s}",
    "Official Disability Guidelines, {c} Chapter, {s}",
    "Official Disability Guidelines, {c}, {s}",
    "Official Disability Guidelines (ODG), {c} ({chronic}), {s}",
    "Official Disability Guidelines (ODG) {c} ({chronic}), {s}",
    "Official Disability Guidelines, {c} - {s}",
    "ODG guidelines, {c}, {s}",
    "Official Disability Guidelines (ODG) 2016 {c} Chapter: {s}",
    "Official Disability Guidelines (ODG), {c} (updated 11/16/16), {s}",
    "Official Disability Guidelines (ODG) {c} section, {s}",
)
