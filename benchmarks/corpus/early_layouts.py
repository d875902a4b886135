"""L0, L1 and L2, the letters of 2013: known by a fragment, by headings and by recollection only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from .cases import Case, Item, record_of
from .chance import Chance
from .cited import Cited, cited, expand_pages
from .forms import Heading
from .guidelines import ACOEM_2004
from .layouts import Block, reviewer_sentence
from .non_mtus import other_work
from .topics import TOPICS

__all__ = ["EARLY", "Composed"]

Composed = tuple[list[Block], dict[str, Any]]
_EMPTY_PARTY: dict[str, Any] = {"stance": None, "citations": []}
_DOCUMENTS = (
    "Application for Independent Medical Review",
    "Utilization review determination",
    "Employee medical records",
    "Medical Treatment Utilization Schedule",
)


def _slashed(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _authority(chance: Chance, heading: Heading) -> tuple[str, dict[str, Any]]:
    """One authority with the words that say whether it is part of the MTUS, and its citation."""
    region = heading.regions[0] if heading.regions else "lumbar-spine"
    if chance.happens(0.2):
        work = other_work(chance)
        return f"{work['text']}, which is not part of the MTUS", work
    if heading.topic in ("imaging", "surgery", "adjunct", "visit") and region in ACOEM_2004:
        chapter = ACOEM_2004[region]
        pages = chance.pick(chapter.pages)
        text = f"ACOEM Guidelines, Chapter {chapter.number}, {chapter.name}, page {pages}"
        return f"{text}, part of the MTUS", cited("mtus", chapter.id, text, (), expand_pages(pages))
    topic, pages = TOPICS[heading.topic].pages_2009[0]
    text = f"Chronic Pain Medical Treatment Guidelines (2009), {topic + ', ' if topic else ''}page {pages}"
    return f"{text}, part of the MTUS", cited(
        "mtus", "mtus-chronic-pain-2009", text, (topic,) if topic else (), expand_pages(pages)
    )


def _party(citation: Cited) -> dict[str, Any]:
    return {"stance": None, "citations": [citation]}


def _item(item: Item, administrator: dict[str, Any], reviewer: dict[str, Any]) -> Item:
    return replace(item, administrator=("", administrator), reviewer=("", reviewer))


def _verdict(item: Item) -> str:
    return "" if item.decision == "overturned" else "not "


def compose_l1(chance: Chance, case: Case) -> Composed:
    """L1: numbered decisions, given twice; dates in sentences; sometimes "notmedically" without a space."""
    days = case.dates
    decisions = []
    for number, item in enumerate(case.items, 1):
        verdict = _verdict(item)
        verdict = "not" if verdict and chance.happens(0.5) else verdict
        decisions.append(
            Block(
                "body",
                "",
                f"{number}) MAXIMUS Federal Services, Inc. has determined the request for {item.heading.service} is {verdict}medically necessary and appropriate.",
            )
        )
    blocks = [
        Block(
            "line",
            "",
            f"MAXIMUS FEDERAL SERVICES, INC. Notice of Independent Medical Review Determination Dated: {_slashed(days['decided'])}",
        ),
        Block("line", "", f"MAXIMUS Case Number: {case.number}"),
        Block("line", "", f"Date of Injury: {_slashed(days['injured'])}"),
        *decisions,
        Block("title", "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE"),
        Block(
            "body",
            "",
            f"An application for Independent Medical Review was filed on {_slashed(days['received'])} disputing the Utilization Review Denial dated "
            f"{_slashed(days['ur_denied'])}. A Notice of Assignment and Request for Information was provided to the above parties on "
            f"{_slashed(days['assigned'])}. A decision has been made for each of the treatment and/or services that were in dispute:",
        ),
        *decisions,
        Block("body", "Medical Qualifications of the Expert Reviewer:"),
        Block(
            "body",
            "",
            "The independent Medical Doctor who made the decision has no affiliation with the employer, employee, providers or the claims administrator. "
            + reviewer_sentence(chance, case).replace("expert reviewer", "physician reviewer")
            + "He/she has been in active clinical practice for more than five years.",
        ),
        Block("body", "Case Summary:"),
        Block("body", "", case.summary),
        Block("body", "Documents Reviewed for Determination:"),
        Block("body", "", "The following relevant documents were considered: " + "; ".join(_DOCUMENTS) + "."),
    ]
    items = []
    for number, item in enumerate(case.items, 1):
        says, administrator = _authority(chance, item.heading)
        relies, reviewer = _authority(chance, item.heading)
        blocks += [
            Block("body", f"{number}) Regarding the request for {item.heading.service}:"),
            Block(
                "body", "Medical Treatment Guideline(s) Relied Upon by the Expert Reviewer to Make His/Her Decision:"
            ),
            Block("body", "", f"The Claims Administrator based its decision on the {says}."),
            Block("body", "", f"The Expert Reviewer based his/her decision on the {relies}."),
            Block("label", "Rationale for the Decision:", " " + item.rationale[0]),
            *(Block("body", "", more) for more in item.rationale[1:]),
        ]
        items.append(_item(item, _party(administrator), _party(reviewer)))
    blocks.append(Block("body", "Effect of the Decision:"))
    blocks.append(
        Block(
            "body",
            "",
            "This determination is deemed to be the Final Determination of the Administrative Director and is binding on all parties.",
        )
    )
    record = record_of(replace(case, items=items), with_header=True)
    record["priority"] = None
    return blocks, record


def compose_l2(chance: Chance, case: Case) -> Composed:
    """L2: the header block, documents reviewed, numbered items in capitals with the verdict in the heading."""
    blocks = [
        Block("title", "MAXIMUS FEDERAL SERVICES, INC."),
        Block("line", "", "Independent Medical Review"),
        Block("header", ""),
        Block("title", "HOW THE IMR FINAL DETERMINATION WAS MADE"),
        Block(
            "body",
            "",
            "MAXIMUS Federal Services sent the complete case file to a physician reviewer. "
            + reviewer_sentence(chance, case).replace("expert reviewer", "physician reviewer").rstrip(),
        ),
        Block("title", "DOCUMENTS REVIEWED"),
        Block("body", "", "The following relevant documents were reviewed: " + "; ".join(_DOCUMENTS) + "."),
        Block("title", "CLINICAL CASE SUMMARY"),
        Block(
            "body",
            "",
            "The physician reviewer developed the following clinical case summary based on a review of the case file, including all medical records:",
        ),
        Block("body", "", case.summary),
        Block("title", "IMR DECISION(S) AND RATIONALE(S)"),
        Block(
            "body",
            "",
            "The Final Determination was based on decisions for the disputed items/services set forth below:",
        ),
    ]
    items = []
    for number, item in enumerate(case.items, 1):
        words = item.heading.service.upper()
        item = replace(item, heading=replace(item.heading, text=words, service=words))
        says, administrator = _authority(chance, item.heading)
        relies, reviewer = _authority(chance, item.heading)
        blocks += [
            Block("item", f"{number}. {words} IS {_verdict(item).upper()}MEDICALLY NECESSARY AND APPROPRIATE", "."),
            Block("body", "", f"The Claims Administrator based its decision on the {says}."),
            Block("body", "", f"The Physician Reviewer based his/her decision on the {relies}."),
            Block("label", "The Physician Reviewer's decision rationale:", " " + item.rationale[0]),
            *(Block("body", "", more) for more in item.rationale[1:]),
        ]
        items.append(_item(item, _party(administrator), _party(reviewer)))
    return blocks, record_of(replace(case, items=items), with_header=True)


def compose_l0(chance: Chance, case: Case) -> Composed:
    """L0: one issue; the decision is the verdict in the label and at the end of the rationale."""
    item = case.items[0]
    relies, reviewer = _authority(chance, item.heading)
    blocks = [
        Block("title", "MEDICAL PROFESSIONAL REVIEWER DETERMINATION"),
        Block("line", "", case.number),
        Block("label", "ISSUE AT DISPUTE:", " " + item.heading.service),
        Block("label", "CASE SUMMARY:", " " + case.summary),
        Block("label", "DOCUMENTS REVIEWED FOR DETERMINATION:", " " + "; ".join(_DOCUMENTS) + "."),
        Block(
            "label",
            "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:",
            f" The reviewer relied upon the {relies}.",
        ),
        Block(
            "label",
            f"RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS {_verdict(item).upper()}MEDICALLY NECESSARY:",
            " " + item.rationale[0],
        ),
        *(Block("body", "", more) for more in item.rationale[1:]),
        Block(
            "label",
            "MEDICAL REVIEWER QUALIFICATIONS:",
            " " + reviewer_sentence(chance, case).replace("expert reviewer", "medical reviewer").rstrip(),
        ),
    ]
    record = record_of(replace(case, items=[_item(item, _EMPTY_PARTY, _party(reviewer))]), with_header=False)
    record["case_number"] = case.number
    return blocks, record


EARLY: dict[str, Callable[[Chance, Case], Composed]] = {"L0": compose_l0, "L1": compose_l1, "L2": compose_l2}
