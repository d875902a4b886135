"""Lists of sections or topics in a citation.

Names are parted by commas, and contain commas ("NSAIDs, GI symptoms & cardiovascular risk"). So the pieces between
commas are joined again wherever the vocabulary knows the joined name; a piece that cannot begin a name (lower case,
or unnumbered where names are numbered) continues the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from imr_graph.extraction.citations.pages import BARE_PAGES, Pages, expand
from imr_graph.extraction.text import trim
from imr_graph.model import Span
from imr_graph.vocabulary import load

__all__ = ["read_sections"]

# "3.2.1. Opioids", "3. Opioids": a number followed by words is a numbered section.
_NUMBERED = re.compile(r"\d+(?:(?:\.\d+)+\.?|\.)\s+(?=[^\W\d_])")
_LONGEST_NAME = 8  # pieces that one name may have


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
        numbers = BARE_PAGES.match(text, piece.start, piece.end)
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
