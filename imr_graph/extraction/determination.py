"""From a letter to its determination."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from imr_graph.errors import LetterError, NotALetterError
from imr_graph.extraction.administrator_actions import add_actions
from imr_graph.extraction.amounts import read_all_amounts, read_topical
from imr_graph.extraction.citations.guideline_names import day_in_force
from imr_graph.extraction.citations.party import read_party
from imr_graph.extraction.damage import find_gaps, undo_damage
from imr_graph.extraction.header import read_header
from imr_graph.extraction.item_heading import ItemHeading, read_heading
from imr_graph.extraction.item_places import FoundItems, ItemPlace, unfold
from imr_graph.extraction.items import find_items
from imr_graph.extraction.layouts import Layout, Sections, detect, marks
from imr_graph.extraction.numbered import (
    find_damaged_verdicts,
    find_determined_items,
    find_numbered_items,
    find_single_item,
)
from imr_graph.extraction.plain_text import PlainText
from imr_graph.extraction.reasons import find_reasons
from imr_graph.extraction.requests import read_treatments
from imr_graph.extraction.reviewer import read_reviewer
from imr_graph.extraction.summary import read_injury_date, read_patient, read_summary
from imr_graph.extraction.text import Findings, Reading, clean, find_uncovered
from imr_graph.letters.limits import Limits, limit_reading
from imr_graph.letters.read import list_sources, raise_first, read_letter
from imr_graph.letters.source import Source
from imr_graph.model import (
    Dates,
    Determination,
    DisputedItem,
    Letter,
    Party,
    Patient,
    Reason,
    Reviewer,
    Span,
    Unparsed,
    outcome_of,
)
from imr_graph.vocabulary import load

__all__ = ["extract", "extract_all", "incompleteness"]

# How items are found, by the style that a layout names.
_STYLES = {
    "labelled": find_items,
    "numbered": find_numbered_items,
    "determined": find_determined_items,
    "single": find_single_item,
}
# Headings recur in many letters; a longer one is not kept in memory.
_KEPT, _LONGEST_KEPT = 4096, 1000


def extract(letter: Letter) -> Determination:
    """Read the determination that a letter states.

    What a letter does not give is None or empty, never guessed; what no rule understood is in `unparsed`. Where an
    item may be missing, `incomplete` says why, and the outcome is not stated.
    Raises NotALetterError where the text is no IMR determination, or breaks off before its first decision.

    >>> extract(Letter("Dear Sir", "note.txt"))
    Traceback (most recent call last):
        ...
    imr_graph.errors.NotALetterError: note.txt: this is not an IMR determination: none of the known layouts fits
    """
    plain, lost_pages = undo_damage(letter)
    present = marks(plain.text)
    layout = detect(present)
    if layout is None:
        raise NotALetterError(letter.source, "this is not an IMR determination: none of the known layouts fits")
    text, parts, found = _find(plain.text, layout)
    if layout.style in ("numbered", "determined") and (
        found.doubts or not all(map(_has_sides, found.places or [None]))
    ):
        mended = plain.apply_edits(find_damaged_verdicts(plain.text))
        again = _find(mended.text, layout)
        if len(again[2].places) >= len(found.places):
            plain, (text, parts, found) = mended, again
    parts, behind = _up_to_lost_pages(text, parts, found)
    if not found.places:
        raise NotALetterError(
            letter.source, "the letter holds no decision; it seems to be cut off, so get it again from its source"
        )
    findings = Findings()
    header = findings.add(read_header(text, parts["header"]))
    layout = detect(present, header.dates.decided) or layout
    summary, patient, injured = _read_summary(text, parts, findings, header.dates)
    items = add_actions(text, _read_items(text, found, findings, header.dates.decided), findings)
    findings.unparsed.extend(Unparsed(s.start, s.end, clean(text[s.start : s.end]), "/items") for s in behind)
    reviewer = Reviewer()
    if "reviewer" in parts:
        part = parts["reviewer"]
        reviewer = findings.add(read_reviewer(text[part.start : part.end]), "/reviewer", at=part.start)
    incomplete = tuple(sorted({*lost_pages, *found.doubts, *_lacks_at_the_end(found.places[-1], layout)}))
    return Determination(
        source=letter.source,
        sha256=letter.sha256,
        layout=layout.id,
        case_number=header.case_number,
        priority=header.priority,
        dates=replace(header.dates, injured=injured) if injured else header.dates,
        outcome=None if incomplete else outcome_of(tuple(item.decision for item in items)),
        patient=patient,
        reviewer=reviewer,
        summary=summary,
        items=items,
        spans={pointer: place for pointer, span in findings.spans.items() if (place := plain.find_printed(span))},
        unparsed=tuple(u for unparsed in findings.unparsed for u in _place_unparsed(unparsed, plain)),
        incomplete=incomplete,
        recognized_by=letter.recognized_by,
    )


def extract_all(
    sources: str | os.PathLike[str] | Iterable[Source | str | os.PathLike[str]],
    failed: Callable[[LetterError], object] | None = None,
    limits: Limits | None = None,
) -> Iterator[Determination]:
    """Yield the determination of each letter, in the order of the sources.

    `sources` are what `read_letters` takes. `failed` is called with the error of each input that is unreadable or no
    determination, such as `print`. Without it, the first error is raised after the last determination. `limits` say
    how much time and memory one letter may take (`Limits()` without them).
    """
    failures: list[LetterError] = []
    tell = failed or failures.append
    for source in list_sources(sources):
        try:
            with limit_reading(source.name, limits or Limits()):
                determination = extract(read_letter(source, limits))
        except LetterError as error:
            tell(error)
        else:
            yield determination
    raise_first(failures)


def _has_sides(place: ItemPlace | None) -> bool:
    """Tell whether an item was found that gives the reviewer's side where it gives the claims administrator's."""
    return place is not None and (place.reviewer is not None or place.claims_administrator is None)


def _find(text: str, layout: Layout) -> tuple[str, Sections, FoundItems]:
    """Find the parts of a letter and its items; where there are none, its line ends may have been lost."""
    parts = layout.cut(text)
    found = _STYLES[layout.style](text, parts, layout)
    if not found.places and layout.style == "labelled":
        text = unfold(text, layout)
        parts = layout.cut(text)
        found = find_items(text, parts, layout)
    if found.places and "items" not in parts and layout.style == "labelled":
        parts = {name: Span(min(p.start, found.part.start), min(p.end, found.part.start)) for name, p in parts.items()}
    return text, parts, found


def _up_to_lost_pages(text: str, parts: Sections, found: FoundItems) -> tuple[Sections, list[Span]]:
    """Let no part but that of the items reach over a page whose text is missing; also return what stands behind it."""
    gaps = find_gaps(text)
    kept, behind = dict(parts), []
    for name, part in parts.items() if gaps else ():
        gap = next((place for place in gaps if part.start <= place < part.end), None)
        if gap is not None and name != "items":
            kept[name] = Span(part.start, gap)
            behind += list(find_uncovered(text, Span(gap, part.end), [found.part]))
    return kept, behind


def _place_unparsed(unparsed: Unparsed, plain: PlainText) -> Iterator[Unparsed]:
    place = plain.find_printed(Span(unparsed.start, unparsed.end))
    if place:
        yield replace(unparsed, start=place.start, end=place.end)


def _lacks_at_the_end(last: ItemPlace, layout: Layout) -> Iterator[str]:
    """Yield a sentence on what the end of a letter lacks that breaks off: further items may have followed."""
    if last.rationale is None or last.rationale.start == last.rationale.end:
        yield "The last item has no rationale; the letter seems to be cut off."
    elif layout.id != "L0" and not (last.claims_administrator and last.reviewer):
        yield "The last item has no guidelines of one side; part of the letter seems to be missing."


def incompleteness(determination: Determination) -> str | None:
    """Return in one line why an item of a letter may be missing, or None where it seems whole."""
    return " ".join(determination.incomplete) or None


def _read_summary(
    text: str, parts: Sections, findings: Findings, dates: Dates
) -> tuple[str | None, Patient, date | None]:
    """Read the summary, the patient and, where the header is missing, the date of injury."""
    if "summary" not in parts:
        return None, Patient(), None
    summary = findings.add(read_summary(text, parts["summary"]), "/summary")
    place = findings.spans.get("/summary", Span(0, 0))
    patient = findings.add(read_patient(text, place), "/patient")
    injured = None
    if dates == Dates():
        injured = findings.add(read_injury_date(text, place), "/dates/injured")
    return summary, patient, injured


def _read_items(text: str, found: FoundItems, findings: Findings, decided: date | None) -> tuple[DisputedItem, ...]:
    in_force = day_in_force(decided)
    items = tuple(
        _read_item(text, place, in_force, findings, f"/items/{index}") for index, place in enumerate(found.places)
    )
    covered = [*found.known, *(span for place in found.places for span in place.spans)]
    unread = sorted([*found.unread, *find_uncovered(text, found.part, covered)])
    findings.unparsed.extend(Unparsed(s.start, s.end, clean(text[s.start : s.end]), "/items") for s in unread)
    return items


def _read_item(text: str, place: ItemPlace, in_force: date | None, findings: Findings, pointer: str) -> DisputedItem:
    """Read an item that stands at a pointer of the record."""
    findings.spans[f"{pointer}/decision"] = place.decided
    words = text[place.heading.start : place.heading.end]
    known = _read_request if len(words) <= _LONGEST_KEPT else _read_request.__wrapped__
    heading, requested = findings.add(known(words), pointer, at=place.heading.start)
    sides = {}
    for name, side in (("claims_administrator", place.claims_administrator), ("reviewer", place.reviewer)):
        if side:
            reading = read_party(text[side.start : side.end], in_force)
            sides[name] = findings.add(reading, f"{pointer}/{name}", at=side.start)
    rationale = clean(text[place.rationale.start : place.rationale.end]) if place.rationale else ""
    reasons: tuple[Reason, ...] = ()
    if rationale and place.rationale:
        findings.spans[f"{pointer}/rationale"] = place.rationale
        treatments = requested["treatments"]
        reasons = _read_reasons(text, place, heading.heading, treatments, findings, f"{pointer}/reasons")
    return DisputedItem(
        heading=heading.heading,
        decision=place.decision,
        service=heading.service,
        requested=heading.requested,
        authorized=heading.authorized,
        retrospective=heading.retrospective,
        surgical_adjunct=heading.surgical_adjunct,
        **requested,
        claims_administrator=sides.get("claims_administrator", Party()),
        reviewer=sides.get("reviewer", Party()),
        rationale=rationale or None,
        reasons=reasons,
    )


def _read_reasons(
    text: str, place: ItemPlace, heading: str, treatments: tuple[str, ...], findings: Findings, pointer: str
) -> tuple[Reason, ...]:
    """Read why the reviewer decided so; `pointer` is that of the reasons."""
    assert place.rationale is not None
    at = place.rationale.start
    reasons = []
    rationale = text[at : place.rationale.end]
    for index, found in enumerate(find_reasons(rationale, place.decision, heading, treatments)):
        span = Span(at + found.span.start, at + found.span.end)
        findings.spans.update({f"{pointer}/{index}/reason": span, f"{pointer}/{index}/text": span})
        reasons.append(Reason(found.reason, clean(text[span.start : span.end])))
    return tuple(reasons)


@lru_cache(maxsize=_KEPT)
def _read_request(words: str) -> Reading[tuple[ItemHeading, dict[str, Any]]]:
    """Read a heading and what it requests; the values of the latter are those of the item's fields."""
    findings = Findings()
    heading = findings.add(read_heading(words))
    found = read_treatments(words, heading.disputed)
    for field, concepts in (("treatments", found.treatments), ("body_regions", found.body_regions)):
        findings.spans.update({f"/{field}/{index}": concept.span for index, concept in enumerate(concepts)})
    if found.laterality:
        findings.spans["/laterality"] = found.laterality.span
    requested: dict[str, Any] = {
        "treatments": tuple(concept.id for concept in found.treatments),
        "body_regions": tuple(concept.id for concept in found.body_regions),
        "laterality": found.laterality.id if found.laterality else None,
    }
    disputed = findings.spans.get("/requested", heading.disputed)
    categories = [category.id for id in requested["treatments"] for category in load().categories_of(id)]
    amounts = read_all_amounts(words, disputed, findings.spans.get("/authorized"), categories)
    requested["amounts"] = findings.add(amounts, "/amounts")
    skin = read_topical(words[disputed.start : disputed.end], categories)
    if skin:
        findings.spans["/topical"] = Span(disputed.start + skin.start, disputed.start + skin.end)
    return findings.reading((heading, {**requested, "topical": skin is not None}))
