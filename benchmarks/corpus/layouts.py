"""The layouts of letters, L0 to L6: a case as a list of blocks (headings, paragraphs) with its expected record.

L3 to L6 follow evidence. L1 follows a fragment, L0 and L2 only headings and recollection; the package's docstring
lists what was decided where those leave a choice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .cases import Case, Item
from .chance import Chance, cumulative

__all__ = ["LAYOUT_SHARES", "Block", "modern_blocks", "record_with_capitals", "reviewer_sentence"]

# How many letters of a corpus have each layout.
LAYOUT_SHARES: tuple[tuple[float, str], ...] = (
    (0.01, "L0"),
    (0.02, "L1"),
    (0.02, "L2"),
    (0.14, "L3"),
    (0.10, "L4"),
    (0.43, "L5"),
    (0.28, "L6"),
)


class Block(NamedTuple):
    """One block of a letter: "header", "title", "body", "item" or "label"; `bold` stands before `text`."""

    kind: str
    bold: str
    text: str = ""


_MADE = "HOW THE IMR FINAL DETERMINATION WAS MADE"
_SUMMARY = "CLINICAL CASE SUMMARY"
_ISSUES = "IMR ISSUES, DECISIONS AND RATIONALES"
_SENT = (
    "MAXIMUS Federal Services sent the complete case file to an expert reviewer. He/she has no affiliation with the "
    "employer, employee, providers or the claims administrator. "
)
_PRACTICE = (
    "He/she has been in active clinical practice for more than five years and is currently working at least 24 hours a "
    "week in active practice. The expert reviewer was selected based on his/her clinical experience, training and "
    "knowledge in the same or similar fields that evaluate and/or treat the medical condition and disputed "
    "items/{service}. He/she knows the laws, regulations and the ranking of evidence that govern Independent Medical "
    "Review."
)
_DEVELOPED = (
    "The expert reviewer developed the following clinical case summary based on a review of the case file, including "
    "all medical records:"
)
_BASED = "The Final Determination was based on decisions for the disputed items/services set forth below:"
_CERTIFIED = "The expert reviewer is Board Certified in {specialties} and is licensed to practice in {states}. "
_PROSE_REVIEWER = cumulative(
    (
        (8, _CERTIFIED),
        (
            1,
            "The expert reviewer is Board Certified in {first}, has a subspecialty in {rest} and is licensed to "
            "practice in {states}. ",
        ),
    )
)


def _joined(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def reviewer_sentence(chance: Chance, case: Case) -> str:
    """Return the reviewer in prose, as letters of 2013 and 2014 have it."""
    specialties, states = case.specialties, _joined(case.states)
    if specialties == ("Chiropractic",):
        return f"The expert reviewer is a licensed Doctor of Chiropractic and is licensed to practice in {states}. "
    if specialties == ("Psychology",):
        return f"The expert reviewer is Licensed in Psychology and is licensed to practice in {states}. "
    if len(specialties) == 1 and chance.happens(0.3):
        specialties = (specialties[0].replace(" & ", " and "),)
    form = chance.weighted(_PROSE_REVIEWER) if len(specialties) > 1 else _CERTIFIED
    rest = _joined(specialties[1:]) if len(specialties) > 1 else ""
    return form.format(specialties=_joined(specialties), first=specialties[0], rest=rest, states=states)


def _made_in_prose(chance: Chance, case: Case) -> list[Block]:
    service = chance.pick(("services", "services", "Service"))
    return [Block("body", "", _SENT + reviewer_sentence(chance, case) + _PRACTICE.format(service=service))]


def _made_with_credentials(chance: Chance, case: Case) -> list[Block]:
    comma = chance.pick((",", ", "))
    specialties = [
        "Chiropractor" if name == "Chiropractic" and chance.happens(0.5) else name for name in case.specialties
    ]
    return [
        Block("body", "", _SENT + _PRACTICE.format(service="Service")),
        Block("body", "", "The Expert Reviewer has the following credentials:"),
        Block("line", "", f"State(s) of Licensure: {comma.join(case.states)}"),
        Block("line", "", f"Certification(s)/Specialty: {', '.join(specialties)}"),
    ]


def modern_blocks(chance: Chance, case: Case, layout: str, with_header: bool) -> list[Block]:
    """Return the blocks of an L3 to L6 letter: three sections, then heading, citations and rationale per item."""
    made = _made_in_prose if layout == "L3" else _made_with_credentials
    blocks = [Block("header", "")] if with_header else []
    blocks += [Block("title", _MADE), *made(chance, case), Block("title", _SUMMARY), Block("body", "", _DEVELOPED)]
    blocks += [Block("body", "", case.summary), Block("title", _ISSUES), Block("body", "", _BASED)]
    early = layout in ("L3", "L4")
    for item in case.items:
        blocks.extend(_item_blocks(chance, item, early))
    return blocks


def _item_blocks(chance: Chance, item: Item, early: bool) -> list[Block]:
    gap = "  " if early and chance.happens(0.5) else " "
    blocks = [
        Block("item", item.heading.text, f":{gap}{item.decision.capitalize()}"),
        Block("label", "Claims Administrator guideline:", " " + item.administrator[0]),
        Block("label", "MAXIMUS guideline:", " " + item.reviewer[0]),
        Block("label", "Decision rationale:", " " + item.rationale[0]),
    ]
    blocks.extend(Block("body", "", paragraph) for paragraph in item.rationale[1:])
    return blocks


def record_with_capitals(record: dict[str, Any]) -> None:
    """Change a record's headings as a letter that prints them in capitals has them (L3)."""
    for item in record["items"]:
        for field in ("heading", "service", "requested", "authorized"):
            item[field] = item[field] and item[field].upper()
