"""Citations outside the MTUS: the free text behind "Decision based on Non-MTUS Citation".

Mostly the Official Disability Guidelines with a chapter and topics in many spellings, also ACOEM's later editions,
journals, web pages. One citation per publication (and per chapter of the ODG) named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Literal

from imr_graph.extraction.citing import Cited, cite
from imr_graph.extraction.dates import DATE
from imr_graph.extraction.mentions import ACOEM, find_mention
from imr_graph.extraction.mtus import read_guideline
from imr_graph.extraction.odg import chapter_reach, read_odg, starts_chapter
from imr_graph.extraction.pages import PAGES, Pages, expand
from imr_graph.extraction.passages import trim
from imr_graph.extraction.sections import read_sections
from imr_graph.model import Basis, Span

__all__ = ["names_guideline", "read_publications"]

_Kind = Literal["odg", "acoem", "guideline", "other"]
_BASIS: Basis = "non-mtus"

_ODG = (
    r"(?:the\s+)?(?:Work\s+Loss\s+Data\s+Institute[,.]?\s+)?"
    r"(?:Official\s+Disability\s+Guidelines?(?:\s*[,-]?\s*\(?\bODG\b\)?)?|ODG\b)"
    r"(?:\s+guidelines?(?=\s*(?:[,:;.\-–—]|\Z)))?(?:[\s-]*TWC\b)?(?:[\s,]+Treatment\s+in\s+Workers['’]?\s+Comp(?:ensation)?)?"
)
_ODG_MENTION = re.compile(_ODG, re.IGNORECASE)
# Where another publication may begin: behind a separator, or run together with the name of the ODG.
_JOINT = re.compile(r"[,;.]\s*(?:and\s+)?|\s+and\s+|(?<=Guidelines)(?=[A-Z])|\)\s*(?=ODG\b)")
# The day on which a web page was read ends a reference.
_ACCESSED = re.compile(r"\b(?:accessed|retrieved)\s+(?:on\s+)?" + DATE + r"\s*,\s*(?=[A-Z])")
_RUN_TOGETHER = re.compile(r"(?<=Guidelines)(?=[A-Z])")

# Words about ACOEM's edition, which are no topics.
_EDITION = re.compile(
    r"[\s,:;(]*(?:\d+(?:st|nd|rd|th)\s+ed(?:ition|\.)?|\((?:19|20)\d{2}\)|(?:19|20)\d{2}\b(?!\s*[,-]\s*\d)|guidelines?\b"
    r"|practice\b|occupational\s+medicine\b|chapter\s+\d+\b|updated?\b)[\s)]*",
    re.IGNORECASE,
)
_EDGE = re.compile(r"[\s,;:.\-–—]*")
_REMARK = re.compile(r"\(\s*electronically\s+cited\s*\)", re.IGNORECASE)
_TOPICS = re.compile(r"[,;:]|\s+[-–—]\s*|[-–—]\s+")


def read_publications(text: str, place: Span, decided: date | None) -> list[Cited]:
    """Read the publications cited between two places."""
    starts = list(_starts(text, place, decided))
    if not starts:
        return []
    stops = [start for start, _ in starts[1:]] + [place.end]
    citations: list[Cited] = []
    for (start, kind), stop in zip(starts, stops, strict=True):
        whole = _without_joint(text, Span(start, stop))
        if whole.end > whole.start:
            citations.extend(_read(text, whole, kind, decided))
    return citations


def names_guideline(text: str, place: Span) -> bool:
    """Tell whether a passage opens with the unmistakable name of a guideline or of the ODG."""
    return _kind(text, place.start, place.end, None, later=True) is not None


def _starts(text: str, place: Span, decided: date | None) -> Iterator[tuple[int, _Kind]]:
    """Yield where references begin and what they are, the first one included."""
    first = trim(text, place.start, place.end, drop=".,;")
    if first.end <= first.start:
        return
    kind = _kind(text, first.start, first.end, decided) or "other"
    yield first.start, kind
    reach = _reach(text, first.start, first.end, kind)
    for start, joint in _joints(text, first):
        if start <= reach:
            continue
        fresh = bool(_RUN_TOGETHER.match(text, joint)) or (
            kind == "other" and _accessed_before(text, first.start, start)
        )
        named = _kind(text, start, first.end, decided, later=not fresh) or ("other" if fresh else None)
        if named == "odg" and kind == "odg" and reach == _NO_CHAPTER and not _ODG_MENTION.match(text, start):
            continue  # "physical therapy, elbow chapter": the chapter of the reference that is being read
        if named:
            kind = named
            reach = _reach(text, start, first.end, kind)
            yield start, kind


_NO_CHAPTER = -1


def _reach(text: str, start: int, end: int, kind: _Kind) -> int:
    """Where the first topic of a reference begins, or the leading chapter of the ODG ends: nothing new begins before."""
    if kind == "acoem":
        return _acoem_body(text, Span(start, end))
    if kind != "odg":
        return _NO_CHAPTER
    mention = _ODG_MENTION.match(text, start, end)
    reach = chapter_reach(text, mention.end() if mention else start, end)
    return _NO_CHAPTER if reach is None else reach


def _joints(text: str, place: Span) -> Iterator[tuple[int, int]]:
    """Yield where something new may begin, with where its separator stands; not inside brackets."""
    depth, cursor = 0, place.start
    for match in _JOINT.finditer(text, place.start, place.end):
        depth += text.count("(", cursor, match.start()) - text.count(")", cursor, match.start())
        cursor = match.start()
        if depth <= 0:
            yield match.end(), match.start()


def _accessed_before(text: str, start: int, position: int) -> bool:
    return any(m.end() == position for m in _ACCESSED.finditer(text, start, position + 1))


def _kind(text: str, start: int, end: int, decided: date | None, *, later: bool = False) -> _Kind | None:
    """Tell what is named at a place; `later`, behind a first reference, only what is unmistakable counts."""
    if _ODG_MENTION.match(text, start, end):
        return "odg"
    mention = find_mention(text, start, end, decided)
    if mention and mention.explicit and (not later or mention.certain or _is_special_topic(mention.guideline)):
        return (
            "guideline"
            if mention.mtus or mention.guideline != ACOEM and _is_special_topic(mention.guideline)
            else "acoem"
        )
    if starts_chapter(text, start, end, certain=later):
        return "odg"
    return None


def _is_special_topic(guideline: str) -> bool:
    return not guideline.startswith(ACOEM)


def _read(text: str, whole: Span, kind: _Kind, decided: date | None) -> Iterator[Cited]:
    if kind == "odg":
        mention = _ODG_MENTION.match(text, whole.start, whole.end)
        yield read_odg(text, whole, Span(*mention.span()) if mention else None)
    elif kind == "guideline":
        named = find_mention(text, whole.start, whole.end, decided)
        if named:
            yield read_guideline(text, named, whole.end, _BASIS)
    elif kind == "acoem":
        yield _read_acoem(text, whole)
    else:
        yield cite(text, whole, _BASIS, "other", None, pages=_pages(text, whole))


def _read_acoem(text: str, whole: Span) -> Cited:
    """Read a citation of an ACOEM edition outside the MTUS: its chapter and topics are sections."""
    named = _acoem_name().match(text, whole.start, whole.end)
    body = _acoem_body(text, whole)
    sections: list[Span] = []
    pages: Pages = []
    remark = _REMARK.search(text, body, whole.end)
    end = remark.start() if remark else whole.end
    for match in [*PAGES.finditer(text, body, end), None]:
        stop = match.start() if match else end
        named_there, numbers = read_sections(
            text, trim(text, body, stop, ".,;:-"), ACOEM, _TOPICS, lower_case_continues=False
        )
        sections += named_there
        pages += numbers
        if match:
            pages += expand(text, match.start("numbers"), match.end("numbers"))
            body = match.end()
    return cite(text, whole, _BASIS, ACOEM, Span(*named.span()) if named else None, sections=sections, pages=pages)


def _acoem_body(text: str, whole: Span) -> int:
    """Where the topics begin: behind ACOEM's name and the words about its edition."""
    named = _acoem_name().match(text, whole.start, whole.end)
    body = named.end() if named else whole.start
    while edition := _EDITION.match(text, body, whole.end):
        body = edition.end()
    edge = _EDGE.match(text, body, whole.end)
    return edge.end() if edge else body


def _pages(text: str, whole: Span) -> Pages:
    return [
        page
        for match in PAGES.finditer(text, whole.start, whole.end)
        for page in expand(text, match.start("numbers"), match.end("numbers"))
    ]


def _without_joint(text: str, span: Span) -> Span:
    trimmed = trim(text, span.start, span.end, drop=".,;:")
    if text[: trimmed.end].endswith(" and"):
        trimmed = trim(text, trimmed.start, trimmed.end - 3, drop=".,;:")
    return trimmed


@cache
def _acoem_name() -> re.Pattern[str]:
    return re.compile(
        r"(?:the\s+)?(?:American\s+College\s+of\s+Occupational\s+(?:and|&)\s+Environmental\s+Medicine(?:\s*\(ACOEM\))?"
        r"|ACOEM)(?:['’]s)?",
        re.IGNORECASE,
    )
