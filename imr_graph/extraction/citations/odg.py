"""Citations of the Official Disability Guidelines: a chapter, in many spellings, and topics.

The chapter comes first ("ODG, Low Back Chapter, MRIs"), or is marked as one behind its topic ("ODG, physical therapy,
elbow chapter"; "Physical therapy/Preface"). Words about editions and updates belong to neither.
"""

from __future__ import annotations

import re
from functools import cache

from imr_graph.extraction.citations.citation import Cited, Pages, cite, find_pages, read_sections
from imr_graph.extraction.text import first_word, phrase, trim
from imr_graph.model import Basis, Span
from imr_graph.vocabulary import load, split

__all__ = ["leading_chapter", "names_odg", "read_odg", "starts_chapter"]

_ID = "odg"

# Between the parts of a reference; bounded, so that a long run of blanks is not walked over again and again.
_GAP = r"[\s,:;./\-–—]{0,9}"
# "(Last review/update date: May 2, 2021)"
_REVIEW = r"\(\s*(?:last\s+)?(?:review|updat)\w*(?:\s*[/&]\s*\w+)?(?:\s+dated?)?\s*[:;]?\s*[^()]{0,40}\)"
# "(Acute & Chronic)", "(Chronic)", "(updated 11/22/16)", "(Online Version)", "(web version)", "Online Edition", "(web)"
_REMARK = (
    r"\((?:(?:sub-?)?acute|chronic)(?:\s*(?:&|and|/|or)\s*(?:acute|chronic))?\)"
    r"|\(?(?:last\s+)?(?:updated?|accessed)\s*:?\s*\d{1,2}/\d{1,2}/\d{2,4}\)?"
    rf"|{_REVIEW}"
    r"|\(?(?:online|web)\s+(?:version|edition)\)?|\(web\)|\(ODG(?:[\s-]TWC)?\)"
)
_BARE_DATE = r"\(?\b\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})\b\)?"
_YEAR = r"\(?\b(?:19|20)\d{2}\b\)?"
_EDITION = (
    r"\(?\d+(?:st|nd|rd|th)\s+(?:Annual\s+)?ed(?:ition|\.)?\)?|Treatment\s+(?:Index|Guidelines)\b|Guidelines?\b(?!\s+for\b)"
    r"|\b(?:LLC|Inc)\b\.?|\(?Work\s+Loss\s+Data\s+Institute\b(?:,?\s+(?:LLC|Inc)\b\.?)?\)?|Corpus\s+Christi,?\s+T(?:X|exas)\b|(?:https?://)?www\.[\w.-]+(?:/\S*)?"
    r"|Integrated\s+Treatment[\w/\s]{0,40}?Guidelines\b"
)
_CHAPTER_WORD = r"\b(?:Chapters?|Sections?|Topics?)\b|\bProcedure\s+Summary\b"
_LABEL_BEFORE = r"(?:Chapter|Section)\b"

_BEFORE_CHAPTER = re.compile(
    rf"(?:{_GAP}(?:{_REMARK}|{_BARE_DATE}|{_YEAR}|{_EDITION}|{_LABEL_BEFORE}))*{_GAP}", re.IGNORECASE
)
_BEHIND_CHAPTER = re.compile(rf"(?:{_GAP}(?:{_REMARK}|{_BARE_DATE}|{_CHAPTER_WORD}))*{_GAP}", re.IGNORECASE)
# What makes words a chapter beyond doubt, also in the middle of a reference.
_CERTAIN = re.compile(rf"\s*(?:{_REMARK}|{_CHAPTER_WORD}|/)", re.IGNORECASE)
_CHAPTER_ENDS = rf"\s*(?:\Z|[,;:(/.\d]|[-–—]|(?<=\s)(?-i:[A-Z])|{_CHAPTER_WORD})"
_LABELLED = re.compile(r"\s*\b(?:Chapter|Section)\b", re.IGNORECASE)
_ONLY_MARKS = re.compile(r"[\s.]*\Z")

_REVIEWED = re.compile(rf"{_REVIEW}\s*\Z", re.IGNORECASE)

# Topics are parted by these; a hyphen without blanks is part of a name, "&" joins two names where both are long.
_TOPICS = re.compile(r"[,;:]|\s[-–—]\s*|(?<=\w{4}) & (?=[A-Z]\w+ \w+ )")


def names_odg(text: str, start: int, end: int) -> Span | None:
    """Return where the Official Disability Guidelines are named, if that is right at `start`."""
    match = _name().match(text, start, end) if first_word(text, start, end) in _name_words() else None
    return Span(*match.span()) if match else None


def read_odg(text: str, whole: Span, named: Span | None, basis: Basis) -> Cited:
    """Read one citation of the ODG that stands at `whole`; `named` is where the ODG itself is named."""
    start, chapter = leading_chapter(text, named.end if named else whole.start, whole.end)
    if chapter:
        behind = _BEHIND_CHAPTER.match(text, chapter.end, whole.end)
        topics = Span(behind.end() if behind else chapter.end, whole.end)
    else:
        chapter, topics = _chapter_behind(text, Span(start, whole.end))
    pages: Pages = []
    mention = next(find_pages(text, topics), None)
    if mention:
        pages = mention[1]
        topics = trim(text, topics.start, mention[0].start, drop=".,;:-")
    named_there, numbers = read_sections(text, _strip_brackets(text, topics), _ID, _TOPICS)
    sections = [topic for each in named_there if (topic := _without_review(text, each)).end > topic.start]
    return cite(text, whole, basis, _ID, named, chapter=chapter, sections=sections, pages=pages + numbers)


def leading_chapter(text: str, start: int, end: int) -> tuple[int, Span | None]:
    """Return where a reference goes on behind the ODG's name and edition, and the chapter if one stands there."""
    before = _BEFORE_CHAPTER.match(text, start, end)
    start = before.end() if before else start
    return start, _chapter_at(text, start, end)


def starts_chapter(text: str, start: int, end: int, *, certain: bool) -> bool:
    """Tell whether a chapter of the ODG is named at a place; with `certain`, only if its form leaves no doubt."""
    chapter = _chapter_at(text, start, end)
    return bool(chapter and (not certain or _CERTAIN.match(text, chapter.end, end)))


def _chapter_at(text: str, start: int, end: int) -> Span | None:
    if first_word(text, start, end) not in _chapter_words():
        return None
    match = _leading_chapters().match(text, start, end) or _longer_chapter().match(text, start, end)
    return Span(*match.span()) if match else None


def _chapter_behind(text: str, body: Span) -> tuple[Span | None, Span]:
    """Find a chapter that stands behind its topics, and is marked as one; also return where the topics stand."""
    for match in _chapters().finditer(text, body.start, body.end):
        before = trim(text, body.start, match.start())
        slash = text.endswith("/", before.start, before.end) and _ONLY_MARKS.match(text, match.end(), body.end)
        if before.end > before.start and (slash or _LABELLED.match(text, match.end(), body.end)):
            return Span(*match.span()), trim(text, before.start, before.end, drop="/,;:-")
    return None, trim(text, body.start, body.end, drop=".,;")


def _strip_brackets(text: str, place: Span) -> Span:
    """Take the brackets off a topic that stands wholly in them behind its chapter: "Low Back (Shock wave therapy)"."""
    place = trim(text, place.start, place.end, drop=".,;")
    bracketed = text.startswith("(", place.start, place.end) and text.endswith(")", place.start, place.end)
    if bracketed and text.count("(", place.start, place.end) == 1:
        return trim(text, place.start + 1, place.end - 1)
    return place


def _without_review(text: str, topic: Span) -> Span:
    """Return a topic without the day of the last review behind it; nothing where only that stands there."""
    remark = _REVIEWED.search(text, topic.start, topic.end)
    return trim(text, topic.start, remark.start(), drop=".,;:-") if remark else topic


@cache
def _name_words() -> frozenset[str]:
    return frozenset(("the", "work", *map(first_word, load().guidelines[_ID].labels)))


@cache
def _chapter_words() -> frozenset[str]:
    return frozenset(split(label).words[0] for chapter in load().odg_chapters for label in chapter.labels)


@cache
def _name() -> re.Pattern[str]:
    """Return the ODG's name in all spellings of the vocabulary, with the words that may stand around it."""
    labels = load().guidelines[_ID].labels
    names = "|".join(phrase(label) for label in sorted(labels, key=lambda label: (-len(label), label)))
    return re.compile(
        rf"(?:the\s+)?(?:Work\s+Loss\s+Data\s+Institute[,.]?\s+)?(?:{names})(?-i:(?![a-z]))"
        r"(?:\s*[,-]?\s*\(?\bODG(?:[\s-]TWC)?\b\)?)?(?:\s+guidelines?(?=\s*(?:[,:;.\-–—]|\Z)))?(?:[\s-]?\bTWC\b)?"
        r"(?:[\s,]{1,9}Treatment\s+in\s+Workers['’]?\s+Comp(?:ensation)?\b)?",
        re.IGNORECASE,
    )


@cache
def _chapters() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_chapter_names()})\b", re.IGNORECASE)


@cache
def _leading_chapters() -> re.Pattern[str]:
    """Return the pattern of a chapter that no word of a topic follows ("Pain, Chronic pain programs" is of "Pain")."""
    begins = r"(?:\b|(?-i:(?<=[a-z])(?=[A-Z])))"  # or run together with the word before: "GuidelinesLow Back"
    return re.compile(rf"{begins}(?:{_chapter_names()})\b(?={_CHAPTER_ENDS})", re.IGNORECASE)


@cache
def _longer_chapter() -> re.Pattern[str]:
    """Return the pattern of a chapter with further words, marked as one: "Low Back & Thoracic chapter"."""
    return re.compile(rf"\b(?:{_chapter_names()})\b(?:\s+(?:&|and)\s+\w+){{1,3}}(?=\s+chapter\b)", re.IGNORECASE)


def _chapter_names() -> str:
    """Return the chapters' names, the longest first; blanks, commas, "&", "and", hyphens may part their words."""
    joint = r"(?:[\s,&\-–—/]|\band\b)+"
    names = {tuple(split(label).words) for chapter in load().odg_chapters for label in chapter.labels}
    words = {tuple(word for word in name if word != "and") for name in names}
    ordered = sorted(words, key=lambda name: (-len(name), name))
    return "|".join(joint.join(map(re.escape, name)) for name in ordered if name)
