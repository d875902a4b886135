"""What opens a citation, as rows that the scanner tries in their order, and how each kind is read.

`MTUS` are statements behind "Decision based on MTUS": guidelines parted by ", and", which also stands inside their
names, so a citation begins only where a guideline is named again. `PUBLICATIONS` are statements behind "Decision based
on Non-MTUS Citation": mostly the Official Disability Guidelines with a chapter and topics, also ACOEM's later editions,
journals, web pages. A new kind of citation is a row of its own.
"""

from __future__ import annotations

import re
from functools import cache

from imr_graph.extraction.citations.citation import PAGES, Cited, cite, find_pages, read_listed
from imr_graph.extraction.citations.guideline_names import ACOEM, find_mention, find_unlisted
from imr_graph.extraction.citations.odg import leading_chapter, names_odg, read_odg, starts_chapter
from imr_graph.extraction.citations.scanner import Form, Opener, OpeningPlace, Sighting, find_opening
from imr_graph.extraction.dates import DATE
from imr_graph.extraction.text import phrase
from imr_graph.model import Basis, Span
from imr_graph.vocabulary import load

__all__ = ["MTUS", "PUBLICATIONS", "names_publication"]

# A full stop at the end of a sentence, but not that of "vs.", "2nd ed." or of a section's number ("3. Opioids", "3.2.
# Opioids").
_STOP = r"""
    (?: (?<=[a-z)\]]) (?<!\bvs) (?<!\bed) | (?<=\d) (?<!\.\d) (?<![,:;]\s\d) ) \. \s+ (?=(?-i:[A-Z]))
"""
# What may stand between two guidelines, or end their list.
_MTUS_JOINT = re.compile(
    rf"[,;] \s{{0,9}} (?P<and>and\s+)? | (?<=\s) and\s+ | (?P<stop>{_STOP})", re.IGNORECASE | re.VERBOSE
)
_STOPPED = re.compile(_STOP, re.IGNORECASE | re.VERBOSE)
# The label may be cut off with the letter.
_SECTION_LABEL = re.compile(r"[\s,;:]{0,9}\bSection\s?(?:\(?s?\)?\s*:|\(?s?\)?\s*\Z)\s*", re.IGNORECASE)
# The number of a section behind its label or a comma, at the end of what is looked at: "Section(s): 3" of "3. Opioids".
_SECTION_NUMBER = re.compile(r"[:,;]\s{0,9}\d{1,2}(?:\.\d{1,2}){0,3}\Z")
_LONGEST_NUMBER = 21  # characters of such a number with what stands before it
_COMMA = re.compile(r"[,;]")

# Where another publication may begin: behind a separator (before it, the day on which a web page was read may end a
# reference), run together with the name of the ODG, or behind a bracket.
_PUBLICATION_JOINT = re.compile(
    rf"""
    (?P<accessed> \b(?:accessed|retrieved)\s+(?:on\s+)? {DATE} \s* )?
    (?: [,;] | (?<!www) \. (?! (?:com|org|gov|net)\b ) ) \s{{0,9}} (?:and\s+)?
    | (?<=\s) and\s+
    | (?P<together> (?<=Guidelines) (?=[A-Z]) )
    | \) (?: (?P<closed> (?=[A-Z][a-z]) ) | \s{{0,9}} (?=ODG\b) )
    """,
    re.VERBOSE,
)
# A journal's article begins like a chapter of the ODG: "Pain Medicine 2013; 14: 1023-1035", with or without a day.
_JOURNAL = re.compile(
    r"""
    [^;:()]{0,120}? \b(?:19|20)\d\d (?: \s+[A-Z][a-z]{2,8}\.? (?: \s+\d{1,2} )? )? \s*
    [;:,] \s* (?: vol(?:ume|\.)?\s* )? \d+ \s* [(:]
    """,
    re.IGNORECASE | re.VERBOSE,
)
# "Title 8, California Code of Regulations, section 9792.20", "8 CCR 9792.20": a regulation, not a topic.
_REGULATION = re.compile(
    r"(?:Title\s+\d+\b|\d+\s+C\.?C\.?R\b|California\s+Code\s+of\s+Regulations\b|Labor\s+Code\b)", re.IGNORECASE
)
# Words about ACOEM's edition, which are no topics.
_EDITION = re.compile(
    r"""
    [\s,:;(]{0,9}
    (?: \d+(?:st|nd|rd|th) \s+ ed(?:ition|\.)? | V(?:ersion|\.)?\s?\d(?:\.\d)?\b | guidelines?\b | practice\b
      | \( (?:revised\s+)? (?:19|20)\d{2} \) | (?:19|20)\d{2}\b (?! \s*[,-]\s*\d ) | occupational\s+medicine\b
      | chapter\s+\d+\b | updated?\b )
    [\s)]{0,9}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_EDGE = re.compile(r"[\s,;:.\-–—]*")
# What stands behind the topics and is none of them.
_REMARK = re.compile(r"\(\s*(?:electronically\s+cited|(?:revised|updated)\s+(?:19|20)\d{2})\s*\)", re.IGNORECASE)
_TOPICS = re.compile(r"[,;:]|(?<!\s)\s{1,9}[-–—]\s{0,9}|[-–—]\s{1,9}")


def names_publication(text: str, place: Span) -> bool:
    """Tell whether a passage opens with the unmistakable name of a guideline or of the ODG."""
    return find_opening(OpeningPlace(text, place.start, place.end, only_certain=True), PUBLICATIONS) is not None


# Statements of the MTUS.


def _find_guideline(spot: OpeningPlace) -> Sighting | None:
    """Find a guideline of the vocabulary.

    Behind "Section(s):" a name counts only with its year, since sections have the same names as guidelines; where the
    letter gives no years, behind ", and".
    """
    mention = find_mention(spot.text, spot.at, spot.end, spot.in_force)
    if not mention:
        return None
    current = spot.current.found.mention if spot.current else None
    undated = spot.is_listed and spot.is_behind("and") and current is not None and not current.dated
    if spot.joint and not (mention.dated or undated or (mention.explicit and not spot.is_listed)):
        return None
    return Sighting(mention.end, Span(mention.start, mention.end), mention)


def _find_end(spot: OpeningPlace) -> Sighting | None:
    """Find the end of the sentence, behind which nothing is a citation.

    A full stop that is part of a section's number, or that a topic with pages of its own follows, is none.
    """
    if spot.joint is None or spot.joint["stop"] is None:
        return None
    stop = spot.joint.start()
    behind = _STOPPED.search(spot.text, spot.at, spot.end)
    if _SECTION_NUMBER.search(spot.text, max(0, stop - _LONGEST_NUMBER), stop) or PAGES.search(
        spot.text, spot.at, behind.start() if behind else spot.end
    ):
        return None
    return Sighting(reach=spot.end + 1)


def _find_unlisted(spot: OpeningPlace) -> Sighting | None:
    """Find a name that can only be a guideline's although the vocabulary lists none of it."""
    if (spot.joint and not spot.is_behind("and")) or names_odg(spot.text, spot.at, spot.end):
        return None
    mention = find_unlisted(spot.text, spot.at, spot.end)
    return Sighting(mention.end, Span(mention.start, mention.end), mention) if mention else None


def _find_start(spot: OpeningPlace) -> Sighting | None:
    """Find the beginning of a statement, whatever it names."""
    return None if spot.joint else Sighting()


def _read_guideline(text: str, whole: Span, found: Sighting, basis: Basis) -> Cited:
    """Read the citation of a guideline by its name: its sections, its pages, or both in turns."""
    assert found.mention is not None
    guideline = found.mention.guideline
    body = Span(found.mention.end, whole.end)
    sections, pages = read_listed(text, body, guideline, _COMMA, _SECTION_LABEL)
    return cite(text, whole, basis, guideline, found.named, sections=sections, pages=pages)


MTUS = Form(
    "mtus",
    _MTUS_JOINT,
    (
        Opener("guideline", _find_guideline, _read_guideline),
        Opener("end", _find_end),
        Opener("unlisted", _find_unlisted, _read_guideline),
        Opener("unknown", _find_start),
    ),
    listing=_SECTION_LABEL,
)


# Statements of other publications. Behind the first, only what is unmistakable counts, but for spots at which something
# new begins for sure.


def _is_new(spot: OpeningPlace) -> bool:
    """Return whether something begins at a spot for sure, and be it an unknown work."""
    if spot.joint is None:
        return not spot.only_certain
    if spot.is_behind("together") or spot.is_behind("closed"):
        return True
    if spot.continues("odg"):
        return spot.text[spot.joint.start()] == ";" and bool(_REGULATION.match(spot.text, spot.at, spot.end))
    return spot.continues("other") and spot.is_behind("accessed") and spot.text[spot.at : spot.at + 1].isupper()


def _find_odg(spot: OpeningPlace) -> Sighting | None:
    """Find the name of the ODG; nothing new begins before the end of the chapter that leads, if one does."""
    named = names_odg(spot.text, spot.at, spot.end)
    return _with_chapter(spot, named.end, named) if named else None


def _with_chapter(spot: OpeningPlace, position: int, named: Span | None = None) -> Sighting:
    _, chapter = leading_chapter(spot.text, position, spot.end)
    return Sighting(chapter.end + 1 if chapter else 0, named, lacks_chapter=chapter is None)


def _find_special_topic(spot: OpeningPlace) -> Sighting | None:
    """Find a guideline that is none of ACOEM's, or that is said to be of the MTUS."""
    mention = find_mention(spot.text, spot.at, spot.end, spot.in_force)
    if not mention or not mention.explicit:
        return None
    if mention.guideline.startswith(ACOEM) and not mention.mtus:
        return None
    return Sighting(0, Span(mention.start, mention.end), mention)


def _find_acoem(spot: OpeningPlace) -> Sighting | None:
    """Find ACOEM, or a guideline of ACOEM's; nothing new begins before its topics."""
    mention = find_mention(spot.text, spot.at, spot.end, spot.in_force)
    if not mention or not mention.explicit or not (mention.certain or _is_new(spot)):
        return None
    return Sighting(_acoem_body(spot.text, Span(spot.at, spot.end)) + 1)


def _find_chapter(spot: OpeningPlace) -> Sighting | None:
    """Find a chapter of the ODG without its name, or the chapter of the ODG's reference that is being read.

    "Official Disability GuidelinesElbow", "ODG, physical therapy, elbow chapter": these are of the same reference.
    """
    if not starts_chapter(spot.text, spot.at, spot.end, certain=not _is_new(spot)):
        return None
    odg = spot.current if spot.continues("odg") else None
    if odg and spot.is_behind("together"):
        return Sighting(begins=False)
    if _JOURNAL.match(spot.text, spot.at, spot.end):
        return None
    if odg and odg.found.lacks_chapter:
        return Sighting(begins=False)
    return _with_chapter(spot, spot.at)


def _find_other(spot: OpeningPlace) -> Sighting | None:
    return Sighting() if _is_new(spot) else None


def _read_odg(text: str, whole: Span, found: Sighting, basis: Basis) -> Cited:
    return read_odg(text, whole, found.named, basis)


def _read_acoem(text: str, whole: Span, _: Sighting, basis: Basis) -> Cited:
    """Read a citation of an ACOEM edition outside the MTUS: its chapter and topics are sections."""
    named = _acoem_name().match(text, whole.start, whole.end)
    remark = _REMARK.search(text, _acoem_body(text, whole), whole.end)
    body = Span(_acoem_body(text, whole), remark.start() if remark else whole.end)
    sections, pages = read_listed(text, body, ACOEM, _TOPICS, lower_case_continues=False)
    return cite(text, whole, basis, ACOEM, Span(*named.span()) if named else None, sections=sections, pages=pages)


def _read_other(text: str, whole: Span, _: Sighting, basis: Basis) -> Cited:
    pages = [page for _, numbers in find_pages(text, whole) for page in numbers]
    return cite(text, whole, basis, "other", None, pages=pages)


def _acoem_body(text: str, whole: Span) -> int:
    """Where the topics begin: behind ACOEM's name and the words about its edition."""
    named = _acoem_name().match(text, whole.start, whole.end)
    body = named.end() if named else whole.start
    while edition := _EDITION.match(text, body, whole.end):
        body = edition.end()
    edge = _EDGE.match(text, body, whole.end)
    return edge.end() if edge else body


@cache
def _acoem_name() -> re.Pattern[str]:
    labels = load().guidelines[ACOEM].labels
    names = "|".join(phrase(label) for label in sorted(labels, key=lambda label: (-len(label), label)))
    return re.compile(rf"(?:the\s+)?(?:{names})\b(?:\s*\(ACOEM\))?(?:['’]s)?", re.IGNORECASE)


PUBLICATIONS = Form(
    "non-mtus",
    _PUBLICATION_JOINT,
    (
        Opener("odg", _find_odg, _read_odg),
        Opener("guideline", _find_special_topic, _read_guideline),
        Opener("acoem", _find_acoem, _read_acoem),
        Opener("odg", _find_chapter, _read_odg),
        Opener("other", _find_other, _read_other),
    ),
    skips_brackets=True,
)
