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

_DOCUMENTS = (
    "Application for Independent Medical Review; Utilization review determination; Employee medical records; "
    "Medical Treatment Utilization Schedule."
)
_NOTICE = "MAXIMUS FEDERAL SERVICES, INC. Notice of Independent Medical Review Determination Dated: {decided}"
_FILED = (
    "An application for Independent Medical Review was filed on {received} disputing the Utilization Review Denial "
    "dated {ur_denied}. A Notice of Assignment and Request for Information was provided to the above parties on "
    "{assigned}. A decision has been made for each of the treatment and/or services that were in dispute:"
)
_NO_AFFILIATION = (
    "The independent Medical Doctor who made the decision has no affiliation with the employer, employee, providers "
    "or the claims administrator. "
)
_RELIED_UPON = "Medical Treatment Guideline(s) Relied Upon by the Expert Reviewer to Make His/Her Decision:"
_EFFECT = (
    "This determination is deemed to be the Final Determination of the Administrative Director and is binding on all "
    "parties."
)
_DEVELOPED = (
    "The physician reviewer developed the following clinical case summary based on a review of the case file, "
    "including all medical records:"
)
_SET_FORTH = "The Final Determination was based on decisions for the disputed items/services set forth below:"
_GUIDELINES_L0 = "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:"
_RATIONALE_L0 = "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS {verdict}MEDICALLY NECESSARY:"


def _slashed(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _verdict(item: Item) -> str:
    return "" if item.decision == "overturned" else "not "


def _reviewer(chance: Chance, case: Case, name: str) -> str:
    return reviewer_sentence(chance, case).replace("expert reviewer", name).rstrip()


def _authority(chance: Chance, heading: Heading) -> tuple[str, Cited]:
    """One authority with the words that say whether it is part of the MTUS, and its citation."""
    if chance.happens(0.2):
        work = other_work(chance)
        return f"{work['text']}, which is not part of the MTUS", work
    if heading.topic in ("imaging", "surgery", "adjunct", "visit") and heading.main_region in ACOEM_2004:
        chapter = ACOEM_2004[heading.main_region]
        pages = chance.pick(chapter.pages)
        text = f"ACOEM Guidelines, Chapter {chapter.number}, {chapter.name}, page {pages}"
        return f"{text}, part of the MTUS", cited("mtus", chapter.id, text, (), expand_pages(pages))
    topic, pages = TOPICS[heading.topic].pages_2009[0]
    text = f"Chronic Pain Medical Treatment Guidelines (2009), {topic + ', ' if topic else ''}page {pages}"
    sections = (topic,) if topic else ()
    return f"{text}, part of the MTUS", cited("mtus", "mtus-chronic-pain-2009", text, sections, expand_pages(pages))


def _both_sides(chance: Chance, item: Item, reviewer: str) -> tuple[list[Block], Item]:
    """Return the sentences that say on what each side based its decision, and the item with their citations."""
    says, administrators = _authority(chance, item.heading)
    relies, reviewers = _authority(chance, item.heading)
    blocks = [
        Block("body", "", f"The Claims Administrator based its decision on the {says}."),
        Block("body", "", f"The {reviewer} based his/her decision on the {relies}."),
    ]
    return blocks, _with_citations(item, [administrators], [reviewers])


def _with_citations(item: Item, administrators: list[Cited], reviewers: list[Cited]) -> Item:
    return replace(
        item,
        administrator=("", {"stance": None, "citations": administrators}),
        reviewer=("", {"stance": None, "citations": reviewers}),
    )


def _rationale(label: str, item: Item) -> list[Block]:
    first, *more = item.rationale
    return [Block("label", label, f" {first}"), *(Block("body", "", paragraph) for paragraph in more)]


def compose_l1(chance: Chance, case: Case) -> Composed:
    """L1: numbered decisions, given twice; dates in sentences; sometimes "notmedically" without a space."""
    days = {name: _slashed(day) for name, day in case.dates.items()}
    decisions = [_decision_l1(chance, number, item) for number, item in enumerate(case.items, 1)]
    blocks = [
        Block("line", "", _NOTICE.format_map(days)),
        Block("line", "", f"MAXIMUS Case Number: {case.number}"),
        Block("line", "", f"Date of Injury: {days['injured']}"),
        *decisions,
        Block("title", "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE"),
        Block("body", "", _FILED.format_map(days)),
        *decisions,
        Block("body", "Medical Qualifications of the Expert Reviewer:"),
        Block("body", "", _NO_AFFILIATION + _reviewer(chance, case, "physician reviewer")),
        Block("body", "Case Summary:"),
        Block("body", "", case.summary),
        Block("body", "Documents Reviewed for Determination:"),
        Block("body", "", _DOCUMENTS),
    ]
    items = []
    for number, item in enumerate(case.items, 1):
        sides, item_with_citations = _both_sides(chance, item, "Expert Reviewer")
        blocks += [
            Block("body", f"{number}) Regarding the request for {item.heading.service}:"),
            Block("body", _RELIED_UPON),
            *sides,
            *_rationale("Rationale for the Decision:", item),
        ]
        items.append(item_with_citations)
    blocks += [Block("body", "Effect of the Decision:"), Block("body", "", _EFFECT)]
    record = record_of(replace(case, items=items), with_header=True)
    record["priority"] = None
    return blocks, record


def _decision_l1(chance: Chance, number: int, item: Item) -> Block:
    verdict = _verdict(item)
    if verdict and chance.happens(0.5):
        verdict = "not"  # the underlined word of the original loses the space after it
    return Block(
        "body",
        "",
        f"{number}) MAXIMUS Federal Services, Inc. has determined the request for {item.heading.service} is "
        f"{verdict}medically necessary and appropriate.",
    )


def compose_l2(chance: Chance, case: Case) -> Composed:
    """L2: the header block, documents reviewed, numbered items in capitals with the verdict in the heading."""
    sent = "MAXIMUS Federal Services sent the complete case file to a physician reviewer. "
    blocks = [
        Block("title", "MAXIMUS FEDERAL SERVICES, INC."),
        Block("line", "", "Independent Medical Review"),
        Block("header", ""),
        Block("title", "HOW THE IMR FINAL DETERMINATION WAS MADE"),
        Block("body", "", sent + _reviewer(chance, case, "physician reviewer")),
        Block("title", "DOCUMENTS REVIEWED"),
        Block("body", "", _DOCUMENTS),
        Block("title", "CLINICAL CASE SUMMARY"),
        Block("body", "", _DEVELOPED),
        Block("body", "", case.summary),
        Block("title", "IMR DECISION(S) AND RATIONALE(S)"),
        Block("body", "", _SET_FORTH),
    ]
    items = []
    for number, item in enumerate(case.items, 1):
        words = item.heading.service.upper()
        in_capitals = replace(item, heading=replace(item.heading, text=words, service=words))
        sides, item_with_citations = _both_sides(chance, in_capitals, "Physician Reviewer")
        verdict = f"{number}. {words} IS {_verdict(item).upper()}MEDICALLY NECESSARY AND APPROPRIATE"
        blocks += [
            Block("item", verdict, "."),
            *sides,
            *_rationale("The Physician Reviewer's decision rationale:", item),
        ]
        items.append(item_with_citations)
    return blocks, record_of(replace(case, items=items), with_header=True)


def compose_l0(chance: Chance, case: Case) -> Composed:
    """L0: one issue; the decision is the verdict in the label and at the end of the rationale."""
    item = case.items[0]
    relies, reviewers = _authority(chance, item.heading)
    label = _RATIONALE_L0.format(verdict=_verdict(item).upper())
    blocks = [
        Block("title", "MEDICAL PROFESSIONAL REVIEWER DETERMINATION"),
        Block("line", "", case.number),
        Block("label", "ISSUE AT DISPUTE:", f" {item.heading.service}"),
        Block("label", "CASE SUMMARY:", f" {case.summary}"),
        Block("label", "DOCUMENTS REVIEWED FOR DETERMINATION:", f" {_DOCUMENTS}"),
        Block("label", _GUIDELINES_L0, f" The reviewer relied upon the {relies}."),
        *_rationale(label, item),
        Block("label", "MEDICAL REVIEWER QUALIFICATIONS:", f" {_reviewer(chance, case, 'medical reviewer')}"),
    ]
    record = record_of(replace(case, items=[_with_citations(item, [], [reviewers])]), with_header=False)
    record["case_number"] = case.number
    return blocks, record


EARLY: dict[str, Callable[[Chance, Case], Composed]] = {"L0": compose_l0, "L1": compose_l1, "L2": compose_l2}
