"""What one side based its decision on: its stance and its citations.

From 2014 on the words that introduce a citation say its basis: "Decision based on MTUS ...", "Decision based on
Non-MTUS Citation ...", "... and Other Medical Treatment Guidelines ...". Letters of 2013 say it in prose: see `prose`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import Literal

from imr_graph.extraction.citations.guideline_names import is_listed
from imr_graph.extraction.citations.mtus import read_mtus
from imr_graph.extraction.citations.prose_statements import read_prose
from imr_graph.extraction.citations.publications import names_publication, read_publications
from imr_graph.extraction.fixed_words import DIGITS, FixedWords
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.plain_text import Edit, PlainText
from imr_graph.extraction.text import Findings, Reading, alternatives, clean, find_uncovered, phrase, trim
from imr_graph.model import Citation, Party, Span, Stance, Unparsed
from imr_graph.vocabulary import load

__all__ = ["read_party"]

_Kind = Literal["stance", "mtus", "non_mtus", "other", "prose"]

# What introduces a citation, or closes the statement before it.
_NON_MTUS = phrase("Decision based on Non-MTUS") + r"(?:\s+Citations?\b)?[\s:]*"
_MTUS = phrase("Decision based on MTUS") + r"\b[\s:,]*"
_OTHER = r"\band\s+" + phrase("Other Medical Treatment Guidelines") + r"?[\s:,]*"
_PROSE = (
    r"\b(?:based\s+(?:its|their|his/her|his|her)\s+decision\s+(?:up)?on|relied\s+(?:up)?on)\s+(?:the\s+)?"
    r"(?!recommendation)"
)
# Who says it; stands before what introduces a statement, and belongs to it.
_SUBJECT = re.compile(
    r"(?:The\s+)?(?:Claims\s+Administrator|(?:(?:Expert|Physician|Professional)\s+)?Reviewer|MAXIMUS)\s+(?:also\s+)?\Z",
    re.IGNORECASE,
)
_LONGEST_SUBJECT = 60
# How all introductions begin.
_FIRST_WORD = re.compile(r"Decision\s|decision\s|DECISION\s|did\s|DID\s|based\s|BASED\s|relied\s|and\s+O|found\s")

_INTRODUCTIONS = ("Decision based on MTUS", "Decision based on Non-MTUS Citation", "Section(s):", "Page(s):")
# "201S", "2O16"; "Chapfer 3"
_DAMAGED_YEAR = re.compile(r"\b(?!\d{4}\b)[12lIZz][09OoQg][\dOolISsBZz]{2}\b")
_DAMAGED_CHAPTER = re.compile(r"\b(?!(?i:chapter|color)\b)[Cc]\w{5}r(?=\s{1,3}\d{1,2}\b)")
_SHORTEST_NAME = 10  # letters of a guideline's name in which one may be wrong
_YEAR = re.compile(r"\s*\b(?:19|20)\d{2}$")  # of its digits none may

# The same citations recur in many letters; a side longer than this is not kept in memory.
_KEPT, _LONGEST_KEPT = 4096, 2000


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement: `said` is where the words that introduce it stand, `body` what follows them."""

    kind: _Kind
    said: Span
    body: Span
    stance: Stance | None = None


def read_party(words: str, in_force: date | None) -> Reading[Party]:
    """Read stance and citations from what one side says; spans count from its beginning.

    `in_force` chooses between editions of a guideline (see `day_in_force`).

    >>> party = read_party("Decision based on MTUS Low Back Complaints 2004, Section(s): Special Studies.", 2016)
    >>> party.value.citations[0].guideline, party.value.citations[0].sections
    ('acoem-low-back-complaints-2004', ('Special Studies',))
    """
    return (_read_plain if len(words) <= _LONGEST_KEPT else _read_plain.__wrapped__)(words, in_force)


@lru_cache(maxsize=_KEPT)
def _read_plain(words: str, in_force: date | None) -> Reading[Party]:
    """Read what one side says; where something is not understood, also with fixed words that have a letter wrong.

    Not understood is also what names no guideline of the vocabulary: its name may be damaged.
    """
    reading = _read(words, in_force)
    doubtful = reading.unparsed or _count_known(reading) < len(reading.value.citations) or _has_slip(words)
    edits = _find_slips(words) if doubtful else []
    if not edits:
        return reading
    plain = PlainText.of(words).apply_edits(edits)
    mended = _read(plain.text, in_force)
    if not _is_better(mended, reading, _has_slip(words)):
        return reading
    spans = {pointer: place for pointer, span in mended.spans.items() if (place := plain.find_printed(span))}
    places = ((u, plain.find_printed(Span(u.start, u.end))) for u in mended.unparsed)
    unparsed = tuple(replace(u, start=place.start, end=place.end) for u, place in places if place)
    return Reading(mended.value, spans, unparsed)


def _find_slips(words: str) -> list[Edit]:
    """Find fixed words with a letter wrong, and years in which letters stand for digits."""
    names = _fixed_words().find_damaged(words, 0, len(words))
    sure = [Edit(*m.span(), m[0].translate(DIGITS)) for m in _DAMAGED_YEAR.finditer(words)]
    sure += [Edit(*m.span(), "Chapter") for m in _DAMAGED_CHAPTER.finditer(words)]
    apart = [edit for edit in sure if not any(edit.start < name.end and name.start < edit.end for name in names)]
    return sorted([*names, *apart])


def _has_slip(words: str) -> bool:
    """Whether letters stand for digits in a year, or the word before a chapter's number is damaged."""
    return bool(_DAMAGED_YEAR.search(words) or _DAMAGED_CHAPTER.search(words))


def _is_better(mended: Reading[Party], reading: Reading[Party], has_slip: bool) -> bool:
    """Tell whether a reading names more known guidelines, then fewer unknown ones; then, whether it reads more."""
    known, before = _count_known(mended), _count_known(reading)
    better = (known, known - len(mended.value.citations)), (before, before - len(reading.value.citations))
    if better[0] != better[1]:
        return better[0] > better[1]
    return has_slip or (bool(reading.unparsed) and len(mended.spans) > len(reading.spans))


def _count_known(reading: Reading[Party]) -> int:
    """Return how many citations name a guideline of the vocabulary, of whatever year."""
    return sum(cited.guideline != "other" and is_listed(cited.guideline) for cited in reading.value.citations)


def _read(text: str, in_force: date | None) -> Reading[Party]:
    findings = Findings()
    unread: list[Span] = []
    covered: list[Span] = []
    citations: list[Citation] = []
    stance: Stance | None = None
    for statement in _of_one_side(_statements(text)):
        covered += [statement.said, statement.body]
        body = statement.body
        if statement.kind == "stance":
            stance = stance or statement.stance
            findings.spans.setdefault("/stance", statement.said)
        elif statement.kind == "mtus":
            cited, unknown = read_mtus(text, body, "mtus", in_force)
        elif statement.kind == "prose":
            cited, unknown = read_prose(text, body, in_force)
        else:
            cited, unknown = read_publications(text, body, in_force), []
        if statement.kind != "stance":
            unread += unknown
            for reading in cited:
                citations.append(findings.add(reading, f"/citations/{len(citations)}"))
    unread += find_uncovered(text, Span(0, len(text)), covered)
    findings.unparsed.extend(Unparsed(s.start, s.end, clean(text[s.start : s.end]), "") for s in sorted(unread))
    return findings.reading(Party(stance, tuple(citations)))


def _of_one_side(statements: Iterator[_Statement]) -> Iterator[_Statement]:
    """Yield statements until one that the same side cannot make: there, the label of the other side is missing.

    A side says once that it cites nothing, or once what it cites of the MTUS, and takes its stance first.
    """
    said: set[str] = set()
    for statement in statements:
        kind = statement.stance or statement.kind
        again = "no evidence cited" in said or (kind == "mtus" and kind in said) or (statement.stance and said)
        if again and kind != "prose":
            return
        said.add(kind)
        yield statement


def _openings(text: str) -> Iterator[re.Match[str]]:
    """Yield what introduces statements; places that cannot are passed over by their first word, which is faster."""
    end = 0
    for anchor in _FIRST_WORD.finditer(text):
        opening = _introductions().match(text, anchor.start()) if anchor.start() >= end else None
        if opening:
            end = opening.end()
            yield opening


def _statements(text: str) -> Iterator[_Statement]:
    """Cut what a side says into its statements."""
    openings = list(_openings(text))
    if not openings:
        whole = trim(text, 0, len(text), drop=".")
        if whole.end > whole.start and names_publication(text, whole):  # one guideline and no more (2013)
            yield _Statement("prose", Span(0, 0), whole)
        return
    starts: list[int] = []
    for opening in openings:
        starts.append(_said_from(text, starts[-1] if starts else 0, opening.start()))
    for opening, start, stop in zip(openings, starts, [*starts[1:], len(text)], strict=True):
        group = opening.lastgroup or ""
        said = Span(start, opening.end())
        body = trim(text, opening.end(), stop, drop=".,;")
        if group.startswith("stance_"):
            yield _Statement("stance", said, Span(said.end, said.end), _stances()[int(group.removeprefix("stance_"))])
        elif group == "mtus":
            yield _Statement("mtus", said, body)
        elif group == "prose":
            yield _Statement("prose", said, body)
        else:
            yield _Statement("non_mtus" if group == "non_mtus" else "other", said, body)


def _said_from(text: str, floor: int, position: int) -> int:
    subject = _SUBJECT.search(text, max(floor, position - _LONGEST_SUBJECT), position)
    return subject.start() if subject else position


@cache
def _fixed_words() -> FixedWords:
    """Return stances, introductions and the names of guidelines, to be found with a letter wrong."""
    stances = (words for phrases in settings().stances.values() for words in phrases)
    labels = (_YEAR.sub("", label) for guideline in load().guidelines for label in guideline.labels)
    return FixedWords.of([*_INTRODUCTIONS, *stances, *(name for name in labels if len(name) >= _SHORTEST_NAME)])


@cache
def _stances() -> tuple[Stance, ...]:
    return tuple(settings().stances)


@cache
def _introductions() -> re.Pattern[str]:
    stances = "|".join(
        rf"(?P<stance_{index}>\b{alternatives(words)}\b\.?)" for index, words in enumerate(settings().stances.values())
    )
    return re.compile(
        rf"{stances}|(?P<non_mtus>{_NON_MTUS})|(?P<mtus>{_MTUS})|(?P<other>{_OTHER})|(?P<prose>{_PROSE})", re.IGNORECASE
    )
