"""Citations of the Medical Treatment Utilization Schedule: "Decision based on MTUS <guideline> <year>, Section(s): ..."

One citation per guideline named. Guidelines are parted by ", and ", which also stands inside their names, so a new
citation begins only where a guideline is named again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from imr_graph.extraction.citing import Cited, cite
from imr_graph.extraction.mentions import Mention, find_mention
from imr_graph.extraction.pages import PAGES, Pages, expand
from imr_graph.extraction.passages import trim
from imr_graph.extraction.sections import read_sections
from imr_graph.model import Basis, Span

__all__ = ["read_guideline", "read_mtus"]

_JOINT = re.compile(r",\s*(?:and\s+)?|;\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)
_SECTION_LABEL = re.compile(r"[\s,;:]*Section\(?s?\)?\s*:\s*", re.IGNORECASE)
_COMMA = re.compile(r"[,;]")
_EDGE = re.compile(r"[\s,;:.\-–—]*")


def read_mtus(text: str, place: Span, basis: Basis, decided: date | None) -> tuple[list[Cited], list[Span]]:
    """Read the guidelines cited between two places; also return what names no known guideline."""
    first = find_mention(text, place.start, place.end, decided)
    if first is None:
        return [], ([place] if place.end > place.start else [])
    mentions = [first, *_further(text, first, place.end, decided)]
    stops = [mention.start for mention in mentions[1:]] + [place.end]
    return [read_guideline(text, m, stop, basis) for m, stop in zip(mentions, stops, strict=True)], []


def _further(text: str, first: Mention, end: int, decided: date | None) -> Iterator[Mention]:
    """Yield the guidelines named behind the first.

    Behind "Section(s):" a name counts only with its year, since sections have the same names as guidelines.
    """
    position = first.end
    for joint in _JOINT.finditer(text, first.end, end):
        if joint.start() < position:
            continue
        listing = bool(_SECTION_LABEL.search(text, first.end, joint.start()))
        mention = find_mention(text, joint.end(), end, decided, with_year=listing)
        if mention and mention.explicit:
            yield mention
            position = mention.end


def read_guideline(text: str, mention: Mention, stop: int, basis: Basis) -> Cited:
    """Read one citation from the mention of its guideline to where the next begins."""
    whole = _without_joint(text, Span(mention.start, stop))
    body = Span(mention.end, whole.end)
    if mention.guideline == "acoem" and mention.name:
        body = Span(mention.name.start, whole.end)  # an edition outside the MTUS: its name is the first topic
    sections, pages = _sections_and_pages(text, body, mention.guideline)
    return cite(text, whole, basis, mention.guideline, Span(mention.start, mention.end), sections=sections, pages=pages)


def _sections_and_pages(text: str, body: Span, guideline: str) -> tuple[list[Span], Pages]:
    """Read "Section(s): a, b", "topic Page(s): 24", or both in turns."""
    sections: list[Span] = []
    pages: Pages = []
    start = body.start
    for match in [*PAGES.finditer(text, body.start, body.end), None]:
        stop = match.start() if match else body.end
        label = _SECTION_LABEL.match(text, start, stop) or _EDGE.match(text, start, stop)
        named, numbers = read_sections(
            text, trim(text, label.end() if label else start, stop, ".,;:"), guideline, _COMMA
        )
        sections += named
        pages += numbers
        if match:
            pages += expand(text, match.start("numbers"), match.end("numbers"))
            start = match.end()
    return sections, pages


def _without_joint(text: str, span: Span) -> Span:
    """Drop the ", and" that leads over to the next citation."""
    trimmed = trim(text, span.start, span.end, drop=".,;:")
    if text[: trimmed.end].endswith(("and", "AND")) and text[trimmed.end - 4].isspace():
        trimmed = trim(text, trimmed.start, trimmed.end - 3, drop=".,;:")
    return trimmed
