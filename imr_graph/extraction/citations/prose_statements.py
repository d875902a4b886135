"""Citations in the prose of 2013: "based its decision on <guideline>, part of the MTUS"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from imr_graph.extraction.citations.citation import Cited, without_joint
from imr_graph.extraction.citations.guideline_names import find_mention
from imr_graph.extraction.citations.mtus import read_mtus
from imr_graph.extraction.citations.odg import names_odg
from imr_graph.extraction.citations.publications import read_publications
from imr_graph.extraction.text import trim
from imr_graph.model import Span

__all__ = ["read_prose"]

_THE_MTUS = r"(?:California\s+)?(?:MTUS\b|Medical\s+Treatment\s+Utilization\s+Schedule\b(?:\s*\(MTUS\))?)"
# "which is part of the MTUS", "which is a Medical Treatment Guideline (MTG), not part of the MTUS"
_PART_OF_MTUS = re.compile(
    r"\b(?:which\s+(?:is|are)\s+)?(?:a\s+Medical\s+Treatment\s+Guideline\s*(?:\(MTG\))?,?\s*)?"
    rf"(?P<no>(?:but\s+|and\s+)?(?:is\s+|are\s+)?not\s+)?(?:a\s+)?part\s+of\s+(?:the\s+)?{_THE_MTUS}",
    re.IGNORECASE,
)
# Where the sentence that names the guidelines ends; the next one explains them.
_SENTENCE_END = re.compile(r"(?<=[a-zA-Z)\]\d])\.\s+(?=(?:The|They|Th[eio]se|This|Per|It|In|No|As|However)\b)")
_LEAD = re.compile(
    rf"[\s,;]*(?:\band\s+)?(?:also\s+)?(?:on\s+)?(?:the\s+)?(?:{_THE_MTUS}[\s,:]+(?=\w))?", re.IGNORECASE
)
_NON_MTUS = re.compile(r"Non-\s*MTUS\s+", re.IGNORECASE)
_JOINT = re.compile(r"[,;]\s{0,9}(?:and\s+)?(?:the\s+)?|(?<=\s)and\s+(?:the\s+)?", re.IGNORECASE)
_ONLY_MTUS = re.compile(rf"(?:the\s+)?{_THE_MTUS}(?:\s+Guidelines?)?[\s.]*\Z", re.IGNORECASE)


def read_prose(text: str, body: Span, in_force: date | None) -> tuple[list[Cited], list[Span]]:
    """Read the guidelines named behind "based its decision on"; also return what names none.

    The clause behind a guideline says whether it is part of the MTUS; without one, the guideline itself does.
    """
    sentence = _SENTENCE_END.search(text, body.start, body.end)
    end = sentence.start() if sentence else body.end
    citations: list[Cited] = []
    unread = [trim(text, sentence.end(), body.end)] if sentence else []
    for place, in_mtus in _pieces(text, Span(body.start, end)):
        inside, outside, unknown = _by_basis(text, place, in_mtus, in_force)
        if inside:
            cited, unnamed = read_mtus(text, without_joint(text, inside), "mtus", in_force)
            citations += cited
            unread += unnamed
        if outside:
            citations += read_publications(text, outside, in_force)
        unread += unknown
    return citations, unread


def _by_basis(
    text: str, place: Span, in_mtus: bool | None, in_force: date | None
) -> tuple[Span | None, Span | None, list[Span]]:
    """Part what is cited of the MTUS from what is not; "the MTUS" alone names no guideline."""
    foreign = _NON_MTUS.match(text, place.start, place.end)
    if foreign or in_mtus is False:
        return None, Span(foreign.end() if foreign else place.start, place.end), []
    if _ONLY_MTUS.match(text, place.start, place.end):
        return None, None, [place]
    if in_mtus:
        return place, None, []
    mention = find_mention(text, place.start, place.end, in_force)
    if not mention or not mention.explicit:
        return None, place, []
    for joint in _JOINT.finditer(text, mention.end, place.end):
        if names_odg(text, joint.end(), place.end):
            return Span(place.start, joint.start()), Span(joint.end(), place.end), []
    return place, None, []


def _pieces(text: str, body: Span) -> Iterator[tuple[Span, bool | None]]:
    """Cut at the clauses that say what is part of the MTUS: what stands before each, and what the clause says."""
    start = body.start
    for clause in _PART_OF_MTUS.finditer(text, body.start, body.end):
        yield _without_lead(text, start, clause.start()), not clause["no"]
        start = clause.end()
    rest = _without_lead(text, start, body.end)
    if rest.end > rest.start:
        yield rest, None


def _without_lead(text: str, start: int, end: int) -> Span:
    lead = _LEAD.match(text, start, end)
    return trim(text, lead.end() if lead else start, end, drop=".,;")
