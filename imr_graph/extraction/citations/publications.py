"""Citations outside the MTUS: the free text behind "Decision based on Non-MTUS Citation".

Mostly the Official Disability Guidelines with a chapter and topics in many spellings, also ACOEM's later editions,
journals, web pages. One citation per publication (and per chapter of the ODG) named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from imr_graph.extraction.citations.citation import Cited, cite, without_joint
from imr_graph.extraction.citations.guideline_names import ACOEM, find_mention
from imr_graph.extraction.citations.mtus import read_guideline
from imr_graph.extraction.citations.odg import leading_chapter, names_odg, read_odg, starts_chapter
from imr_graph.extraction.citations.pages import Pages, find_pages
from imr_graph.extraction.citations.sections import read_sections
from imr_graph.extraction.dates import DATE
from imr_graph.extraction.text import phrase, trim
from imr_graph.model import Basis, Span
from imr_graph.vocabulary import load

__all__ = ["names_publication", "read_publications"]

_Kind = Literal["odg", "acoem", "guideline", "other"]
_BASIS: Basis = "non-mtus"

# The day on which a web page was read ends a reference.
_ACCESSED = rf"\b(?:accessed|retrieved)\s+(?:on\s+)?{DATE}\s*"
# Where another publication may begin: behind a separator, or run together with the name of the ODG.
_JOINT = re.compile(
    rf"(?P<accessed>{_ACCESSED})?(?:[,;]|(?<!www)\.(?!(?:com|org|gov|net)\b))\s{{0,9}}(?:and\s+)?|(?<=\s)and\s+|(?P<together>(?<=Guidelines)(?=[A-Z]))"
    r"|\)(?:(?P<closed>(?=[A-Z][a-z]))|\s{0,9}(?=ODG\b))"
)

# A journal's article begins like a chapter of the ODG: "Pain Medicine 2013; 14: 1023-1035", with or without a day.
_JOURNAL = re.compile(
    r"[^;:()]{0,120}?\b(?:19|20)\d\d(?:\s+[A-Z][a-z]{2,8}\.?(?:\s+\d{1,2})?)?\s*[;:,]\s*(?:vol(?:ume|\.)?\s*)?\d+\s*[(:]",
    re.IGNORECASE,
)
# "Title 8, California Code of Regulations, section 9792.20", "8 CCR 9792.20": a regulation, not a topic.
_REGULATION = re.compile(
    r"(?:Title\s+\d+\b|\d+\s+C\.?C\.?R\b|California\s+Code\s+of\s+Regulations\b|Labor\s+Code\b)", re.IGNORECASE
)

# Words about ACOEM's edition, which are no topics.
_EDITION = re.compile(
    r"[\s,:;(]{0,9}(?:\d+(?:st|nd|rd|th)\s+ed(?:ition|\.)?|V(?:ersion|\.)?\s?\d(?:\.\d)?\b|guidelines?\b|practice\b"
    r"|\((?:revised\s+)?(?:19|20)\d{2}\)|(?:19|20)\d{2}\b(?!\s*[,-]\s*\d)|occupational\s+medicine\b|chapter\s+\d+\b"
    r"|updated?\b)[\s)]{0,9}",
    re.IGNORECASE,
)
_EDGE = re.compile(r"[\s,;:.\-–—]*")
# What stands behind the topics and is none of them.
_REMARK = re.compile(r"\(\s*(?:electronically\s+cited|(?:revised|updated)\s+(?:19|20)\d{2})\s*\)", re.IGNORECASE)
_TOPICS = re.compile(r"[,;:]|(?<!\s)\s{1,9}[-–—]\s{0,9}|[-–—]\s{1,9}")


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a reference begins and what it is; nothing new begins before `reach`, if it has one.

    The reach of the ODG is the end of its leading chapter, that of ACOEM the beginning of its topics.
    """

    at: int
    kind: _Kind
    reach: int | None


def read_publications(text: str, place: Span, in_force: date | None) -> list[Cited]:
    """Read the publications cited between two places; `in_force` as for `find_mention`."""
    first = trim(text, place.start, place.end, drop=".,;")
    if first.end <= first.start:
        return []
    starts = list(_starts(text, first, in_force))
    citations: list[Cited] = []
    for start, stop in zip(starts, [*(start.at for start in starts[1:]), place.end], strict=True):
        whole = without_joint(text, Span(start.at, stop))
        if whole.end > whole.start:
            citations.extend(_read(text, whole, start.kind, in_force))
    return citations


def names_publication(text: str, place: Span) -> bool:
    """Tell whether a passage opens with the unmistakable name of a guideline or of the ODG."""
    return _kind(text, place.start, place.end, None, later=True) is not None


def _starts(text: str, place: Span, in_force: date | None) -> Iterator[_Start]:
    """Yield where references begin, the first one included."""
    current = _start(text, place.start, place.end, _kind(text, place.start, place.end, in_force) or "other")
    yield current
    for joint in _joints(text, place):
        at = joint.end()
        if at <= (current.reach if current.reach is not None else -1):
            continue
        if (
            joint["together"] is not None
            and current.kind == "odg"
            and starts_chapter(text, at, place.end, certain=False)
        ):
            continue  # the chapter runs together with the name before it
        fresh = bool(joint["together"] is not None or joint["closed"] is not None)
        fresh = fresh or (
            current.kind == "odg" and text[joint.start()] == ";" and bool(_REGULATION.match(text, at, place.end))
        )
        fresh = fresh or (current.kind == "other" and bool(joint["accessed"]) and text[at : at + 1].isupper())
        kind = _kind(text, at, place.end, in_force, later=not fresh) or ("other" if fresh else None)
        if kind == "odg" and current.kind == "odg" and current.reach is None and not names_odg(text, at, place.end):
            continue  # "physical therapy, elbow chapter": the chapter of the reference that is being read
        if kind:
            current = _start(text, at, place.end, kind)
            yield current


def _start(text: str, at: int, end: int, kind: _Kind) -> _Start:
    if kind == "acoem":
        return _Start(at, kind, _acoem_body(text, Span(at, end)))
    if kind == "odg":
        named = names_odg(text, at, end)
        _, chapter = leading_chapter(text, named.end if named else at, end)
        return _Start(at, kind, chapter.end if chapter else None)
    return _Start(at, kind, None)


def _joints(text: str, place: Span) -> Iterator[re.Match[str]]:
    """Yield where something new may begin; not inside brackets."""
    depth, cursor = 0, place.start
    for match in _JOINT.finditer(text, place.start, place.end):
        depth += text.count("(", cursor, match.end()) - text.count(")", cursor, match.end())
        cursor = match.end()
        if depth <= 0:
            yield match


def _kind(text: str, start: int, end: int, in_force: date | None, *, later: bool = False) -> _Kind | None:
    """Tell what is named at a place; `later`, behind a first reference, only what is unmistakable counts."""
    if names_odg(text, start, end):
        return "odg"
    mention = find_mention(text, start, end, in_force)
    if mention and mention.explicit:
        special_topic = not mention.guideline.startswith(ACOEM)
        if not later or mention.certain or special_topic:
            return "guideline" if mention.mtus or special_topic else "acoem"
    is_chapter = starts_chapter(text, start, end, certain=later) and not _JOURNAL.match(text, start, end)
    return "odg" if is_chapter else None


def _read(text: str, whole: Span, kind: _Kind, in_force: date | None) -> Iterator[Cited]:
    if kind == "odg":
        yield read_odg(text, whole, names_odg(text, whole.start, whole.end))
    elif kind == "guideline":
        named = find_mention(text, whole.start, whole.end, in_force)
        if named:
            yield read_guideline(text, named, whole.end, _BASIS)
    elif kind == "acoem":
        yield _read_acoem(text, whole)
    else:
        pages = [page for _, numbers in find_pages(text, whole) for page in numbers]
        yield cite(text, whole, _BASIS, "other", None, pages=pages)


def _read_acoem(text: str, whole: Span) -> Cited:
    """Read a citation of an ACOEM edition outside the MTUS: its chapter and topics are sections."""
    named = _acoem_name().match(text, whole.start, whole.end)
    body = _acoem_body(text, whole)
    sections: list[Span] = []
    pages: Pages = []
    remark = _REMARK.search(text, body, whole.end)
    end = remark.start() if remark else whole.end
    for mention, numbers in [*find_pages(text, Span(body, end)), (Span(end, end), [])]:
        topics = trim(text, body, mention.start, ".,;:-")
        named_there, bare = read_sections(text, topics, ACOEM, _TOPICS, lower_case_continues=False)
        sections += named_there
        pages += [*bare, *numbers]
        body = mention.end
    return cite(text, whole, _BASIS, ACOEM, Span(*named.span()) if named else None, sections=sections, pages=pages)


def _acoem_body(text: str, whole: Span) -> int:
    """Where the topics begin: behind ACOEM's name and the words about its edition."""
    named = _acoem_name().match(text, whole.start, whole.end)
    body = named.end() if named else whole.start
    while edition := _EDITION.match(text, body, whole.end):
        body = edition.end()
    edge = _EDGE.match(text, body, whole.end)
    return edge.end() if edge else body


@cache
def _acoem_name() -> re.Pattern[str]:
    labels = load().guidelines[ACOEM].labels
    names = "|".join(phrase(label) for label in sorted(labels, key=lambda label: (-len(label), label)))
    return re.compile(rf"(?:the\s+)?(?:{names})\b(?:\s*\(ACOEM\))?(?:['’]s)?", re.IGNORECASE)
