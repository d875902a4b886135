"""What one side based its decision on: its stance and its citations, also where words are damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache

from imr_graph.extraction.citations.guideline_names import is_listed
from imr_graph.extraction.citations.scanner import scan
from imr_graph.extraction.citations.statements import PartyStatement, split_statements
from imr_graph.extraction.fixed_words import DIGITS, FixedWords
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.plain_text import Edit, PlainText
from imr_graph.extraction.text import Findings, Reading, clean, find_uncovered
from imr_graph.model import Citation, Party, Span, Stance, Unparsed
from imr_graph.vocabulary import load

__all__ = ["read_party"]

_LABELS = ("Section(s):", "Page(s):")
# "201S", "2O16"; "Chapfer 3"
_DAMAGED_YEAR = re.compile(r"[12lIZz](?<!\w.)[09OoQg][\dOolISsBZz]{2}\b(?<!\d{4})")
_DAMAGED_CHAPTER = re.compile(r"[Cc](?<!\w.)\w{5}r(?<!(?i:chapter))(?=\s{1,3}\d{1,2}\b)")
_SHORTEST_NAME = 10  # letters of a guideline's name in which one may be wrong
_YEAR = re.compile(r"\s*\b(?:19|20)\d{2}$")  # of its digits none may

# The same citations recur in many letters; a side longer than this is not kept in memory.
_KEPT, _LONGEST_KEPT = 4096, 2000


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
    for statement in _of_one_side(split_statements(text, in_force)):
        covered += [statement.said, statement.body]
        unread += statement.unread
        if statement.stance:
            stance = stance or statement.stance
            findings.spans.setdefault("/stance", statement.said)
        for passage, form in statement.passages:
            cited, unknown = scan(text, passage, form, in_force)
            unread += unknown
            for reading in cited:
                citations.append(findings.add(reading, f"/citations/{len(citations)}"))
    unread += find_uncovered(text, Span(0, len(text)), covered)
    findings.unparsed.extend(Unparsed(s.start, s.end, clean(text[s.start : s.end]), "") for s in sorted(unread))
    return findings.reading(Party(stance, tuple(citations)))


def _of_one_side(statements: Iterator[PartyStatement]) -> Iterator[PartyStatement]:
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


@cache
def _fixed_words() -> FixedWords:
    """Return stances, introductions and the names of guidelines, to be found with a letter wrong."""
    stances = (words for phrases in settings().stances.values() for words in phrases)
    introductions = (words for kind in ("mtus", "non-mtus") for words in settings().introductions[kind])
    labels = (_YEAR.sub("", label) for guideline in load().guidelines for label in guideline.labels)
    names = (name for name in labels if len(name) >= _SHORTEST_NAME)
    return FixedWords.of([*introductions, *_LABELS, *stances, *names])
