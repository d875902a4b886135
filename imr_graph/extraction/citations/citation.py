"""What a citation holds: the guideline, the sections and pages that it lists, and the places that they stand in.

Pages are "Page(s): 304-305", "pages 72-73", "pg. 607", or bare numbers where pages stand.

Names of sections are parted by commas, and contain commas ("NSAIDs, GI symptoms & cardiovascular risk"). So the pieces
between commas are joined again wherever the vocabulary knows the joined name; a piece that cannot begin a name (lower
case, or unnumbered where names are numbered) continues the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from imr_graph.extraction.text import Reading, clean, trim
from imr_graph.model import Basis, Citation, Span
from imr_graph.vocabulary import load

__all__ = ["PAGES", "Cited", "Pages", "cite", "expand", "find_pages", "read_listed", "read_sections", "without_joint"]

Cited: TypeAlias = Reading[Citation]
Pages = list[tuple[int, Span]]

_TRAILING_AND = re.compile(r"(?:^|(?<=[\s,;]))and\Z", re.IGNORECASE)

_NUMBERS = r"\d{1,4}(?:\s{0,9}(?:-|–|—|to|through|,|;|and|&)\s{0,9}\d{1,4}(?![\w.]{0,9}\d))*(?![\w/])"

# A word for pages, then numbers, ranges and lists of them; the number of all pages may follow ("page 24 of 127"). The
# whole may stand in brackets.
PAGES = re.compile(
    rf"""
    (?= [(Pp] )
    (?P<bracket> \( \s{{0,3}} )?
    \b (?: Page\s?\(s\) | Pages? | pgs? | pp?\. | pp?(?=\s\d) ) (?= \W | \d ) \.? \s{{0,9}}
    (?: \(s\) )? \s{{0,9}} [:\#]? \s{{0,9}}
    (?P<numbers> {_NUMBERS} ) (?: \s+ of \s+ \d{{1,4}} \b )?
    (?(bracket) \s{{0,3}} \) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Nothing but numbers in a slot for sections: the letter means pages ("Section(s): 326"), unless it is a year.
_BARE_PAGES = re.compile(rf"\s*(?!(?:19|20)\d\d\s*\Z)(?P<numbers>{_NUMBERS})\s*\Z")

_RANGE = re.compile(r"(?P<first>\d+)(?:\s*(?:-|–|—|to|through)\s*(?P<last>\d+))?")
_LONGEST_RANGE = 300  # pages; a longer one is a misprint
# "3.2.1. Opioids", "3. Opioids": a number followed by words is a numbered section.
_NUMBERED = re.compile(r"\d+(?:(?:\.\d+)+\.?|\.)\s+(?=[^\W\d_])")
_LONGEST_NAME = 8  # pieces that one name may have
_EDGE = re.compile(r"[\s,;:.\-–—]*")


def cite(
    text: str,
    whole: Span,
    basis: Basis,
    guideline: str,
    named: Span | None,
    *,
    chapter: Span | None = None,
    sections: Sequence[Span] = (),
    pages: Pages | None = None,
) -> Cited:
    """Return the citation that stands at `whole`; `named` is where the guideline itself is named, if it is."""
    spans = {"/text": whole}
    if named:
        spans["/guideline"] = named
    if chapter:
        spans["/chapter"] = chapter
    places: dict[int, Span] = {}
    for page, place in pages or ():
        places.setdefault(page, place)
    spans.update({f"/sections/{k}": place for k, place in enumerate(sections)})
    spans.update({f"/pages/{k}": place for k, place in enumerate(places.values())})
    value = Citation(
        basis=basis,
        guideline=guideline,
        text=clean(text[whole.start : whole.end]),
        chapter=clean(text[chapter.start : chapter.end]) if chapter else None,
        sections=tuple(clean(text[s.start : s.end]) for s in sections),
        pages=tuple(places),
    )
    return Reading(value, spans)


def without_joint(text: str, span: Span) -> Span:
    """Return the span of a citation without the ", and" that leads over to the next one.

    >>> without_joint("ODG, Pain, and", Span(0, 14))
    Span(start=0, end=9)
    """
    span = trim(text, span.start, span.end, drop=".,;:")
    joint = _TRAILING_AND.search(text, max(span.start, span.end - 3), span.end)
    return trim(text, span.start, joint.start(), drop=".,;:") if joint else span


def expand(text: str, start: int, end: int) -> Iterator[tuple[int, Span]]:
    """Yield the page numbers between two places, ranges expanded, each with the span that names it.

    A shortened end is completed ("304-5" is 304, 305); a range that runs backwards or is absurdly long gives its
    first page only.

    >>> [n for n, _ in expand("67-69, 72", 0, 9)]
    [67, 68, 69, 72]
    """
    for match in _RANGE.finditer(text, start, end):
        first, last = match["first"], match["last"] or match["first"]
        if len(last) < len(first):
            last = first[: len(first) - len(last)] + last
        stop = int(last) if int(first) <= int(last) < int(first) + _LONGEST_RANGE else int(first)
        for number in range(int(first), stop + 1):
            yield number, Span(*match.span())


def find_pages(text: str, place: Span) -> Iterator[tuple[Span, Pages]]:
    """Yield the mentions of pages in a place: where each stands with its word, and the numbers it gives.

    >>> [n for _, pages in find_pages("pg. 607; pages 10-11", Span(0, 20)) for n, _ in pages]
    [607, 10, 11]
    """
    for match in PAGES.finditer(text, place.start, place.end):
        yield Span(*match.span()), list(expand(text, *match.span("numbers")))


def read_listed(
    text: str,
    body: Span,
    guideline: str,
    separator: re.Pattern[str],
    label: re.Pattern[str] = _EDGE,
    *,
    lower_case_continues: bool = True,
) -> tuple[list[Span], Pages]:
    """Return the sections and pages of "Section(s): a, b", of "topic Page(s): 24", or of both in turns.

    `label` is what may stand in front of a list; the other arguments are those of `read_sections`.
    """
    sections: list[Span] = []
    pages: Pages = []
    start = body.start
    for mention, numbers in [*find_pages(text, body), (Span(body.end, body.end), [])]:
        lead = label.match(text, start, mention.start) or _EDGE.match(text, start, mention.start)
        listed = trim(text, lead.end() if lead else start, mention.start, ".,;:-")
        named, bare = read_sections(text, listed, guideline, separator, lower_case_continues=lower_case_continues)
        sections += named
        pages += [*bare, *numbers]
        start = mention.end
    return sections, pages


def read_sections(
    text: str, place: Span, guideline: str, separator: re.Pattern[str], *, lower_case_continues: bool = True
) -> tuple[list[Span], Pages]:
    """Return the sections named between two places, in order, and the pages where numbers stand in their slot.

    `guideline` is the id of the guideline, whose known section names decide which commas part; `separator` is what
    parts names in this kind of citation.
    """
    pieces = list(_split_outside_brackets(text, place, separator))
    numbered = bool(pieces) and bool(_NUMBERED.match(text, pieces[0].start))
    sections: list[Span] = []
    pages: Pages = []
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        numbers = _BARE_PAGES.match(text, piece.start, piece.end)
        if numbers:
            pages.extend(expand(text, *numbers.span("numbers")))
            index += 1
            continue
        last = _longest_known(text, pieces, index, guideline)
        if numbered:
            continues = not _NUMBERED.match(text, piece.start)
        else:
            continues = lower_case_continues and text[piece.start].islower()
        if sections and continues and last == index:
            sections[-1] = Span(sections[-1].start, piece.end)
        else:
            sections.append(Span(piece.start, pieces[last].end))
        index = last + 1
    return sections, pages


def _longest_known(text: str, pieces: list[Span], index: int, guideline: str) -> int:
    """Return the last of the pieces, from `index` on, that together are a name the vocabulary has; else `index`."""
    for last in range(min(len(pieces), index + _LONGEST_NAME) - 1, index, -1):
        if _has_comma(guideline, text[pieces[index].start : pieces[last].end]):
            return last
    return index


@lru_cache(maxsize=8192)
def _has_comma(guideline: str, name: str) -> bool:
    """Tell whether words are the name of a known section that has a comma in it."""
    return any("," in label for section in load().sections(guideline).by_label(name) for label in section.labels)


def _split_outside_brackets(text: str, place: Span, separator: re.Pattern[str]) -> Iterator[Span]:
    """Yield the pieces between separators that stand outside brackets, trimmed; empty pieces are left out."""
    depth, cursor, start = 0, place.start, place.start
    for match in separator.finditer(text, place.start, place.end):
        depth += text.count("(", cursor, match.start()) - text.count(")", cursor, match.start())
        depth += text.count("[", cursor, match.start()) - text.count("]", cursor, match.start())
        depth = max(0, depth)
        cursor = match.start()
        if depth == 0:
            piece = trim(text, start, match.start())
            if piece.end > piece.start:
                yield piece
            start = match.end()
    piece = trim(text, start, place.end, drop=".,;")
    if piece.end > piece.start:
        yield piece
