"""From a letter to its determination."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from imr_graph.errors import NotALetterError
from imr_graph.extraction.header import Header, read_header
from imr_graph.extraction.headings import read_heading
from imr_graph.extraction.items import ItemPlace, find_items
from imr_graph.extraction.layouts import Layout, Sections, detect
from imr_graph.extraction.numbered import find_numbered_items, find_single_item
from imr_graph.extraction.parties import read_party
from imr_graph.extraction.passages import Reading, clean
from imr_graph.extraction.reviewer import read_reviewer
from imr_graph.extraction.summary import read_injury_date, read_patient, read_summary
from imr_graph.extraction.treatments import read_treatments
from imr_graph.model import Dates, Determination, DisputedItem, Letter, Party, Reviewer, Span, Unparsed, outcome_of

__all__ = ["extract"]

# How an item is found, by the style that its layout names.
_STYLES = {"labelled": find_items, "numbered": find_numbered_items, "single": find_single_item}


def extract(letter: Letter) -> Determination:
    """Read the determination that a letter states.

    What a letter does not give is None or empty, never guessed; what no rule understood is in `unparsed`.
    Raises NotALetterError where the text is no IMR determination, or breaks off before its first decision.

    >>> extract(Letter("Dear Sir", "note.txt"))
    Traceback (most recent call last):
        ...
    imr_graph.errors.NotALetterError: note.txt: this is not an IMR determination: none of the known layouts fits
    """
    text = letter.text
    layout = detect(text)
    if layout is None:
        raise NotALetterError(letter.source, "this is not an IMR determination: none of the known layouts fits")
    parts = layout.cut(text)
    header = read_header(text, parts["header"])
    decided = header.value.dates.decided
    layout = detect(text, decided) or layout
    items = [_read_item(text, place, index, decided) for index, place in enumerate(_places(text, parts, layout))]
    if not items:
        raise NotALetterError(
            letter.source, "the letter holds no decision; it seems to be cut off, so get it again from its source"
        )
    return _assemble(letter, layout, header, parts, items)


def _places(text: str, parts: Sections, layout: Layout) -> list[ItemPlace]:
    return list(_STYLES[layout.style](text, parts, layout))


def _assemble(
    letter: Letter, layout: Layout, header: Reading[Header], parts: Sections, items: list[Reading[DisputedItem]]
) -> Determination:
    text = letter.text
    spans = dict(header.spans)
    unparsed = [*header.unparsed]
    reviewer = read_reviewer(text, parts["reviewer"]) if "reviewer" in parts else Reading(Reviewer())
    spans.update(reviewer.under("/reviewer"))
    unparsed += reviewer.unparsed
    summary: Reading[str | None] = read_summary(text, parts["summary"]) if "summary" in parts else Reading(None)
    spans.update(summary.under("/summary"))
    patient = read_patient(text, summary.spans.get("", Span(0, 0)))
    spans.update(patient.under("/patient"))
    dates = header.value.dates
    if dates == Dates() and "" in summary.spans:
        injury = read_injury_date(text, summary.spans[""])
        if injury:
            dates = replace(dates, injured=injury[0])
            spans["/dates/injured"] = injury[1]
    for index, item in enumerate(items):
        spans.update(item.under(f"/items/{index}"))
        unparsed += item.unparsed
    return Determination(
        source=letter.source,
        sha256=letter.sha256,
        layout=layout.id,
        case_number=header.value.case_number,
        priority=header.value.priority,
        dates=dates,
        outcome=outcome_of(tuple(item.value.decision for item in items)),
        patient=patient.value,
        reviewer=reviewer.value,
        summary=summary.value,
        items=tuple(item.value for item in items),
        spans=spans,
        unparsed=tuple(unparsed),
    )


def _read_item(text: str, place: ItemPlace, index: int, decided: date | None) -> Reading[DisputedItem]:
    pointer = f"/items/{index}"
    heading = read_heading(text, place.heading)
    treatments = _read_treatments(text, place.heading, heading.value.disputed)
    administrator = _read_side(text, place.claims_administrator, f"{pointer}/claims_administrator", decided)
    reviewer = _read_side(text, place.reviewer, f"{pointer}/reviewer", decided)
    rationale = clean(text[place.rationale.start : place.rationale.end]) if place.rationale else None
    spans = {**heading.spans, **treatments.spans, "/decision": place.decided}
    spans.update(administrator.under("/claims_administrator"))
    spans.update(reviewer.under("/reviewer"))
    if rationale and place.rationale:
        spans["/rationale"] = place.rationale
    unread = tuple(Unparsed(s.start, s.end, text[s.start : s.end], pointer) for s in place.unread)
    item = DisputedItem(
        heading=heading.value.heading,
        decision=place.decision,
        service=heading.value.service,
        requested=heading.value.requested,
        authorized=heading.value.authorized,
        retrospective=heading.value.retrospective,
        surgical_adjunct=heading.value.surgical_adjunct,
        **treatments.value,
        claims_administrator=administrator.value,
        reviewer=reviewer.value,
        rationale=rationale or None,
    )
    return Reading(item, spans, (*unread, *administrator.unparsed, *reviewer.unparsed))


def _read_treatments(text: str, heading: Span, disputed: Span) -> Reading[dict[str, Any]]:
    """Read what a heading requests; the values are those of the item's fields."""
    start = heading.start
    found = read_treatments(text[start : heading.end], Span(disputed.start - start, disputed.end - start))
    spans: dict[str, Span] = {}
    for field, concepts in (("treatments", found.treatments), ("body_regions", found.body_regions)):
        for index, concept in enumerate(concepts):
            spans[f"/{field}/{index}"] = _shifted(concept.span, start)
    if found.laterality:
        spans["/laterality"] = _shifted(found.laterality.span, start)
    values = {
        "treatments": tuple(concept.id for concept in found.treatments),
        "body_regions": tuple(concept.id for concept in found.body_regions),
        "laterality": found.laterality.id if found.laterality else None,
    }
    return Reading(values, spans)


def _shifted(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _read_side(text: str, place: Span | None, pointer: str, decided: date | None) -> Reading[Party]:
    return read_party(text, place, pointer, decided) if place else Reading(Party())
