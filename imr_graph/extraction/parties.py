"""What one side based its decision on: its stance and its citations.

From 2014 on the words that introduce a citation say its basis: "Decision based on MTUS ...", "Decision based on
Non-MTUS Citation ...", "... and Other Medical Treatment Guidelines ...". Letters of 2013 put it the other way round:
"based its decision on ..., which is (not) part of the MTUS."
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import zip_longest

from imr_graph.extraction.citing import Cited
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.mentions import find_mention
from imr_graph.extraction.mtus import read_mtus
from imr_graph.extraction.passages import Reading, alternatives, phrase, trim
from imr_graph.extraction.publications import names_guideline, read_publications
from imr_graph.model import Basis, Party, Span, Stance, Unparsed

__all__ = ["read_party"]

# What introduces a citation, or closes the statement before it.
_NON_MTUS = phrase("Decision based on Non-MTUS") + r"(?:\s+Citations?)?[\s:]*"
_MTUS = phrase("Decision based on MTUS") + r"[\s:,]*"
_OTHER = r"[,;.]?\s*\band\s+" + phrase("Other Medical Treatment Guidelines") + r"?[\s:,]*"
_BASED_ON = r"\b(?:based\s+(?:its|their|his/her|his|her)\s+decision\s+(?:up)?on|relied\s+(?:up)?on)\s+(?:the\s+)?(?!recommendation)"
_SUBJECT = (
    r"(?:The\s+)?(?:Claims\s+Administrator|(?:(?:Expert|Physician|Professional)\s+)?Reviewer|MAXIMUS)\s+(?:also\s+)?"
)

# "which is part of the MTUS", "not part of the MTUS"
_PART_OF_MTUS = re.compile(
    r",?\s*\b(?:which\s+(?:is|are)\s+)?(?P<no>not\s+)?(?:a\s+)?part\s+of\s+(?:the\s+)?(?:California\s+)?"
    r"(?:MTUS|Medical\s+Treatment\s+Utilization\s+Schedule(?:\s*\(MTUS\))?)",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"[\s.,;:]*")


def read_party(text: str, place: Span, pointer: str, decided: date | None) -> Reading[Party]:
    """Read stance and citations of one side.

    `pointer` is the JSON pointer of the side, for what was not understood; `decided` chooses between editions.
    """
    spans: dict[str, Span] = {}
    unread: list[Span] = []
    citations: list[Cited] = []
    stance: Stance | None = None
    for kind, body in _statements(text, place):
        if kind.startswith("stance"):
            stance = stance or _stance_names()[int(kind.removeprefix("stance_"))]
            spans.setdefault("/stance", body)
        elif kind == "mtus":
            cited, unknown = read_mtus(text, body, "mtus", decided)
            citations += cited
            unread += unknown
        elif kind == "non_mtus":
            citations += read_publications(text, body, decided)
        elif kind == "based_on":
            cited, unknown = _read_prose(text, body, decided)
            citations += cited
            unread += unknown
        else:
            unread.append(body)
    for index, cited_one in enumerate(citations):
        spans.update(cited_one.under(f"/citations/{index}"))
    return Reading(
        Party(stance, tuple(c.value for c in citations)),
        spans,
        tuple(Unparsed(s.start, s.end, text[s.start : s.end], pointer) for s in unread),
    )


def _statements(text: str, place: Span) -> Iterator[tuple[str, Span]]:
    """Cut what a side says into statements: (kind, where its body stands); "unread" for what is none."""
    marks = list(_introductions().finditer(text, place.start, place.end))
    before = trim(text, place.start, marks[0].start() if marks else place.end, drop=".")
    if before.end > before.start:
        yield ("based_on" if not marks and names_guideline(text, before) else "unread"), before
    for mark, behind in zip_longest(marks, marks[1:]):
        stop = behind.start() if behind else place.end
        kind = mark.lastgroup or ""
        if kind.startswith("stance"):
            yield kind, Span(*mark.span(kind))
            rest = trim(text, mark.end(), stop, drop=".")
            if not _EMPTY.fullmatch(text, rest.start, rest.end):
                yield "unread", rest
        else:
            yield ("non_mtus" if kind == "other" else kind), trim(text, mark.end(), stop, drop=".,;")


def _read_prose(text: str, body: Span, decided: date | None) -> tuple[list[Cited], list[Span]]:
    """Read "<guideline>, which is (not) part of the MTUS"; without that clause the guideline itself decides."""
    clause = _PART_OF_MTUS.search(text, body.start, body.end)
    place = trim(text, body.start, clause.start() if clause else body.end, drop=".,;")
    mention = find_mention(text, place.start, place.end, decided)
    if clause:
        basis: Basis = "non-mtus" if clause["no"] else "mtus"
    else:
        basis = "mtus" if mention and mention.explicit else "non-mtus"
    if mention and basis == "mtus":
        return read_mtus(text, place, basis, decided)
    return [_with_basis(cited, basis) for cited in read_publications(text, place, decided)], []


def _with_basis(cited: Cited, basis: Basis) -> Cited:
    return replace(cited, value=replace(cited.value, basis=basis))


@cache
def _stance_names() -> tuple[Stance, ...]:
    return tuple(settings().stances)


@cache
def _introductions() -> re.Pattern[str]:
    stances = "|".join(
        rf"(?:{_SUBJECT})(?P<stance_{index}>{alternatives(words)})\b\.?"
        for index, words in enumerate(settings().stances.values())
    )
    return re.compile(
        rf"{stances}|(?P<non_mtus>{_NON_MTUS})|(?P<mtus>{_MTUS})|(?P<other>{_OTHER})|(?:{_SUBJECT})?(?P<based_on>{_BASED_ON})",
        re.IGNORECASE,
    )
