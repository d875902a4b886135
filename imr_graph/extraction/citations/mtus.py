"""Citations of the MTUS: "Decision based on MTUS <guideline> <year>, Section(s): <section>, <section>".

One citation per guideline named. Guidelines are parted by ", and ", which also stands inside their names, so a new
citation begins only where a guideline is named again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from imr_graph.extraction.citations.citation import Cited, cite, without_joint
from imr_graph.extraction.citations.guideline_names import Mention, find_mention, find_unlisted
from imr_graph.extraction.citations.odg import names_odg
from imr_graph.extraction.citations.pages import PAGES, Pages, find_pages
from imr_graph.extraction.citations.sections import read_sections
from imr_graph.extraction.text import trim
from imr_graph.model import Basis, Span

__all__ = ["read_guideline", "read_mtus"]

# What may stand between two guidelines, or end their list: a full stop, but not that of "vs." or of a section's number
# ("3. Opioids", "3.2. Opioids").
_STOP = r"(?:(?<=[a-z)\]])(?<!\bvs)|(?<=\d)(?<!\.\d)(?<![,:;]\s\d))\.\s+(?=(?-i:[A-Z]))"
_JOINT = re.compile(rf"[,;]\s{{0,9}}(?P<full>and\s+)?|(?<=\s)and\s+|(?P<stop>{_STOP})", re.IGNORECASE)
# The label may be cut off with the letter.
_SECTION_LABEL = re.compile(r"[\s,;:]{0,9}\bSection\s?(?:\(?s?\)?\s*:|\(?s?\)?\s*\Z)\s*", re.IGNORECASE)
# The number of a section behind its label or a comma ("Section(s): 3. Opioids"), and the end of a sentence.
_SECTION_NUMBER = re.compile(r"[:,;]\s{0,9}\d{1,2}(?:\.\d{1,2})*\Z")
_LONGEST_NUMBER = 24
_STOPPED = re.compile(rf"{_STOP}", re.IGNORECASE)
_COMMA = re.compile(r"[,;]")
_EDGE = re.compile(r"[\s,;:.\-–—]*")


def read_mtus(text: str, place: Span, basis: Basis, in_force: date | None) -> tuple[list[Cited], list[Span]]:
    """Read the guidelines cited between two places; also return what names no known guideline.

    `in_force` chooses the edition where no year is printed (see `day_in_force`).
    """
    found = list(_starts(text, place, in_force))
    citations: list[Cited] = []
    unknown: list[Span] = []
    for (start, mention), stop in zip(found, [*(start for start, _ in found[1:]), place.end], strict=True):
        whole = without_joint(text, Span(start, stop))
        if mention:
            citations.append(read_guideline(text, mention, whole.end, basis))
        elif whole.end > whole.start:
            unknown.append(whole)
    return citations, unknown


def _starts(text: str, place: Span, in_force: date | None) -> Iterator[tuple[int, Mention | None]]:
    """Yield where citations begin, with the guideline named there, or None for what names no known one.

    Behind "Section(s):" a name counts only with its year, since sections have the same names as guidelines; where the
    letter gives no years, behind ", and". What follows the end of a sentence and names nothing is no citation.
    """
    current = find_mention(text, place.start, place.end, in_force) or _read_unlisted(text, place.start, place.end)
    yield place.start, current
    position = current.end if current else place.start
    label = _SECTION_LABEL.search(text, position, place.end)
    listing = label.start() if label else place.end
    for joint in _JOINT.finditer(text, position, place.end):
        if joint.start() < position:
            continue
        mention = find_mention(text, joint.end(), place.end, in_force)
        behind_label = joint.start() > listing
        undated = behind_label and joint["full"] and current is not None and not current.dated
        if mention and (mention.dated or undated or (mention.explicit and not behind_label)):
            current, position = mention, mention.end
            yield mention.start, mention
        elif joint["stop"]:
            if _goes_on(text, joint, place.end):
                continue
            yield joint.end(), None
            return
        elif joint["full"] and (unlisted := _read_unlisted(text, joint.end(), place.end)):
            current, position = unlisted, unlisted.end
            yield unlisted.start, unlisted


def _read_unlisted(text: str, start: int, end: int) -> Mention | None:
    return None if names_odg(text, start, end) else find_unlisted(text, start, end)


def _goes_on(text: str, stop: re.Match[str], end: int) -> bool:
    """Tell whether a full stop is that of a section's number, or a topic with pages of its own follows it."""
    behind = _STOPPED.search(text, stop.end(), end)
    numbered = _SECTION_NUMBER.search(text, max(0, stop.start() - _LONGEST_NUMBER), stop.start())
    return bool(numbered) or PAGES.search(text, stop.end(), behind.start() if behind else end) is not None


def read_guideline(text: str, mention: Mention, stop: int, basis: Basis) -> Cited:
    """Read one citation from the mention of its guideline to where it ends."""
    whole = Span(mention.start, stop)
    sections, pages = _sections_and_pages(text, Span(mention.end, stop), mention.guideline)
    return cite(text, whole, basis, mention.guideline, Span(mention.start, mention.end), sections=sections, pages=pages)


def _sections_and_pages(text: str, body: Span, guideline: str) -> tuple[list[Span], Pages]:
    """Read "Section(s): a, b", "topic Page(s): 24", or both in turns."""
    sections: list[Span] = []
    pages: Pages = []
    start = body.start
    for mention, numbers in [*find_pages(text, body), (Span(body.end, body.end), [])]:
        label = _SECTION_LABEL.match(text, start, mention.start) or _EDGE.match(text, start, mention.start)
        listed = trim(text, label.end() if label else start, mention.start, ".,;:")
        named, bare = read_sections(text, listed, guideline, _COMMA)
        sections += named
        pages += [*bare, *numbers]
        start = mention.end
    return sections, pages
