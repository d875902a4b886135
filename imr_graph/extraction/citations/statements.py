"""The statements of one side: what introduces each says its basis.

From 2014 on these are "Decision based on MTUS ...", "Decision based on Non-MTUS Citation ...", "... and Other Medical
Treatment Guidelines ...". Letters of 2013 say in prose "based its decision on <guideline>, part of the MTUS". The
introductions are data, `ontology/layouts.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple, TypeAlias

from imr_graph.extraction.citations.guideline_names import find_mention
from imr_graph.extraction.citations.odg import names_odg
from imr_graph.extraction.citations.openers import MTUS, PUBLICATIONS, names_publication
from imr_graph.extraction.citations.scanner import Form
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.text import alternatives, first_word, trim
from imr_graph.model import Span, Stance

__all__ = ["PartyStatement", "split_statements"]

Passages: TypeAlias = list[tuple[Span, Form]]

_FORMS = {"mtus": MTUS, "non-mtus": PUBLICATIONS}
# What may stand behind an introduction and belongs to it.
_BEHIND = {"mtus": r"\b[\s:,]*", "non-mtus": r"[\s:,]*", "prose": r"\s+(?:the\s+)?(?!recommendation)"}

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


class PartyStatement(NamedTuple):
    """One statement of a side.

    `said` is where the words that introduce it stand, `body` what follows them: `passages` to be scanned, each by its
    form, and what is `unread`. `kind` is a key of the introductions, or "stance".
    """

    kind: str
    said: Span
    body: Span
    passages: Passages
    unread: list[Span]
    stance: Stance | None = None


def split_statements(text: str, in_force: date | None) -> Iterator[PartyStatement]:
    """Yield the statements that a side makes; `in_force` as for `find_mention`."""
    openings = list(_find_openings(text))
    if not openings:
        whole = trim(text, 0, len(text), drop=".")
        if whole.end > whole.start and names_publication(text, whole):  # one guideline and no more (2013)
            yield PartyStatement("prose", Span(0, 0), whole, *_split_prose(text, whole, in_force))
        return
    starts: list[int] = []
    for opening in openings:
        starts.append(_subject_start(text, starts[-1] if starts else 0, opening.start()))
    for opening, start, stop in zip(openings, starts, [*starts[1:], len(text)], strict=True):
        kind, stance = _introductions().meanings[opening.lastgroup or ""]
        said = Span(start, opening.end())
        body = trim(text, opening.end(), stop, drop=".,;")
        if stance:
            yield PartyStatement("stance", said, Span(said.end, said.end), [], [], stance)
        elif kind == "prose":
            yield PartyStatement(kind, said, body, *_split_prose(text, body, in_force))
        else:
            yield PartyStatement(kind, said, body, [(body, _FORMS[kind])], [])


def _find_openings(text: str) -> Iterator[re.Match[str]]:
    """Yield what introduces statements; places that cannot are passed over by their first word, which is faster."""
    end = 0
    for anchor in _introductions().first_words.finditer(text):
        opening = _introductions().pattern.match(text, anchor.start()) if anchor.start() >= end else None
        if opening:
            end = opening.end()
            yield opening


def _subject_start(text: str, floor: int, position: int) -> int:
    """Return where the words begin that say who makes a statement; they belong to it."""
    introductions = _introductions()
    subject = introductions.subject.search(text, max(floor, position - introductions.reach), position)
    return subject.start() if subject else position


class _Introductions(NamedTuple):
    """What `ontology/layouts.toml` says of how statements begin, as patterns, and what their groups mean."""

    pattern: re.Pattern[str]
    first_words: re.Pattern[str]
    meanings: dict[str, tuple[str, Stance | None]]
    subject: re.Pattern[str]
    reach: int  # characters before an introduction in which its subject stands


@cache
def _introductions() -> _Introductions:
    known = settings()
    kinds = {kind: words for kind, words in known.introductions.items() if kind != "subjects"}
    rows: list[tuple[str, str, Stance | None]] = [
        (rf"{alternatives(words)}\b\.?", "stance", stance) for stance, words in known.stances.items()
    ]
    rows += [(rf"{alternatives(words)}{_BEHIND[kind]}", kind, None) for kind, words in kinds.items()]
    first = {first_word(phrase) for words in (*known.stances.values(), *kinds.values()) for phrase in words}
    subjects = known.introductions["subjects"]
    return _Introductions(
        re.compile("|".join(rf"(?P<row_{n}>\b{row[0]})" for n, row in enumerate(rows)), re.IGNORECASE),
        re.compile(rf"\b(?:{'|'.join(sorted(first))})\s", re.IGNORECASE),
        {f"row_{n}": row[1:] for n, row in enumerate(rows)},
        re.compile(rf"(?:The\s+)?{alternatives(subjects)}\s+(?:also\s+)?\Z", re.IGNORECASE),
        2 * max(map(len, subjects)) + len("The also"),  # with line ends and page margins
    )


def _split_prose(text: str, body: Span, in_force: date | None) -> tuple[Passages, list[Span]]:
    """Part what is named behind "based its decision on"; also return what is not understood.

    The clause behind a guideline says whether it is part of the MTUS; without one, the guideline itself does.
    """
    sentence = _SENTENCE_END.search(text, body.start, body.end)
    unread = [trim(text, sentence.end(), body.end)] if sentence else []
    passages: Passages = []
    for place, in_mtus in _split_at_clauses(text, Span(body.start, sentence.start() if sentence else body.end)):
        foreign = _NON_MTUS.match(text, place.start, place.end)
        if foreign or in_mtus is False:
            passages.append((Span(foreign.end() if foreign else place.start, place.end), PUBLICATIONS))
        elif _ONLY_MTUS.match(text, place.start, place.end):  # names no guideline
            unread.append(place)
        elif in_mtus:
            passages.append((place, MTUS))
        else:
            passages += _split_by_names(text, place, in_force)
    return passages, unread


def _split_at_clauses(text: str, body: Span) -> Iterator[tuple[Span, bool | None]]:
    """Cut at the clauses that say what is part of the MTUS: what stands before each, and what the clause says."""
    start = body.start
    for clause in _PART_OF_MTUS.finditer(text, body.start, body.end):
        yield _without_lead(text, start, clause.start()), not clause["no"]
        start = clause.end()
    rest = _without_lead(text, start, body.end)
    if rest.end > rest.start:
        yield rest, None


def _split_by_names(text: str, place: Span, in_force: date | None) -> Passages:
    """Part guidelines of the MTUS, if the first is one, from what is named behind them of the ODG."""
    mention = find_mention(text, place.start, place.end, in_force)
    if not mention or not mention.explicit:
        return [(place, PUBLICATIONS)]
    for joint in _JOINT.finditer(text, mention.end, place.end):
        if names_odg(text, joint.end(), place.end):
            return [(Span(place.start, joint.start()), MTUS), (Span(joint.end(), place.end), PUBLICATIONS)]
    return [(place, MTUS)]


def _without_lead(text: str, start: int, end: int) -> Span:
    lead = _LEAD.match(text, start, end)
    return trim(text, lead.end() if lead else start, end, drop=".,;")
