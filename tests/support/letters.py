"""Fictional letters for the tests of extraction, put together part by part; all words are invented."""

from __future__ import annotations

import textwrap
from datetime import date

from imr_graph.extraction import extract
from imr_graph.extraction.citations.guideline_names import day_in_force
from imr_graph.extraction.citations.party import read_party
from imr_graph.extraction.text import Reading
from imr_graph.letters.text import clean, squeeze
from imr_graph.model import Citation, Determination, DisputedItem, Letter, Party

HEADER = """\
Case Number: CM16-9990301
Date Assigned: 12/08/2016 Date of Injury: 10/25/2016
Decision Date: 01/12/2017 UR Denial Date: 11/29/2016
Priority: Standard Application 12/02/2016
Received:
"""
MADE = """\
HOW THE IMR FINAL DETERMINATION WAS MADE
MAXIMUS Federal Services sent the complete case file to an expert reviewer. He/she has no
affiliation with the employer, employee, providers or the claims administrator.
"""
CREDENTIALS = """\
The Expert Reviewer has the following credentials:
State(s) of Licensure: Texas,Ohio
Certification(s)/Specialty: Family Practice
"""
DEVELOPED = """\
CLINICAL CASE SUMMARY
The expert reviewer developed the following clinical case summary based on a review of the
case file, including all medical records:
"""
SUMMARY = "This 44-year-old man slipped on a loading ramp. On 11-29-16, utilization review denied the request."
ISSUES = "IMR ISSUES, DECISIONS AND RATIONALES\n"
SET_FORTH = "The Final Determination was based on decisions for the disputed items/services set forth below:\n"

NOTHING_CITED = "The Claims Administrator did not cite any medical evidence for its decision."
KNEE = "Decision based on MTUS Knee Complaints 2004, Section(s): Special Studies."
RATIONALE = (
    "The records show neither locking nor an effusion, and nothing has changed since the film of last month. "
    "As such, the request is not medically necessary."
)
WIDTH = 95


def item(
    heading: str = "MRI of the left knee",
    decision: str = "Upheld",
    administrator: str = NOTHING_CITED,
    reviewer: str = KNEE,
    rationale: str = RATIONALE,
    *,
    gap: str = "\n",
) -> str:
    """Return an item's text; `gap` parts its paragraphs, lines are wrapped where the words have no line ends."""
    parts = (
        f"{heading}: {decision}",
        f"Claims Administrator guideline: {administrator}",
        f"MAXIMUS guideline: {reviewer}",
        f"Decision rationale: {rationale}",
    )
    return "".join((part if "\n" in part else textwrap.fill(part, WIDTH)) + gap for part in parts)


def letter(
    *items: str,
    header: str = HEADER,
    made: str = MADE + CREDENTIALS,
    summary: str = SUMMARY,
    issues: str = ISSUES + SET_FORTH,
) -> str:
    """Return the text of a letter of 2017."""
    return header + made + DEVELOPED + textwrap.fill(summary, WIDTH) + "\n" + issues + "".join(items or (item(),))


def read(text: str) -> Determination:
    """Return the determination of a text, read as a file of this text would be."""
    return extract(Letter(squeeze(clean(text)), "letter.txt"))


def read_items(*items: str) -> tuple[DisputedItem, ...]:
    """Return the items of a letter that has these."""
    return read(letter(*items)).items


def side(words: str, decided: tuple[int, int] = (2017, 1)) -> Reading[Party]:
    """Return what one side says, in a letter decided in a year and month."""
    return read_party(words, day_in_force(date(*decided, 20)))


def cited(words: str, decided: tuple[int, int] = (2017, 1)) -> tuple[Citation, ...]:
    """Return the citations of one side; all of its words must be understood."""
    reading = side(words, decided)
    assert reading.unparsed == ()
    return reading.value.citations


def facts(citation: Citation) -> tuple[object, ...]:
    """Return what a citation names: guideline, chapter, sections, pages."""
    return citation.guideline, citation.chapter, citation.sections, citation.pages


def squeezed(text: str) -> str:
    """Return a text without white space, hyphens and case."""
    return "".join(c for c in text if not c.isspace() and c not in "-‐‑–—").lower()
