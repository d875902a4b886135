"""The determination record as JSON: what `imr-graph extract --format jsonl` prints, one object per letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from imr_graph.model import (
    Citation,
    Dates,
    Determination,
    DisputedItem,
    Party,
    Patient,
    Reviewer,
    Span,
    Unparsed,
)

__all__ = ["from_record", "to_record"]

_DATE_FIELDS = ("injured", "ur_denied", "received", "assigned", "decided")


def to_record(determination: Determination) -> dict[str, Any]:
    """Return the JSON object of a determination: dates as ISO strings, spans as `[start, end]`."""
    record = asdict(determination)
    record["dates"] = {name: value and value.isoformat() for name, value in record["dates"].items()}
    record["spans"] = {pointer: [s.start, s.end] for pointer, s in determination.spans.items()}
    return record


def from_record(record: Mapping[str, Any]) -> Determination:
    """Return the determination of a JSON object, as `to_record` makes it.

    Raises KeyError or ValueError where the object is not such a record.
    """
    dates = record["dates"]
    return Determination(
        source=record.get("source", ""),
        sha256=record.get("sha256", ""),
        layout=record.get("layout", ""),
        case_number=record["case_number"],
        priority=record["priority"],
        dates=Dates(**{f: date.fromisoformat(dates[f]) if dates.get(f) else None for f in _DATE_FIELDS}),
        outcome=record["outcome"],
        patient=Patient(**record["patient"]),
        reviewer=Reviewer(tuple(record["reviewer"]["specialties"]), tuple(record["reviewer"]["states"])),
        summary=record["summary"],
        items=tuple(_item(item) for item in record["items"]),
        spans={pointer: Span(*span) for pointer, span in record.get("spans", {}).items()},
        unparsed=tuple(Unparsed(**passage) for passage in record.get("unparsed", ())),
        incomplete=tuple(record.get("incomplete", ())),
    )


def _item(item: Mapping[str, Any]) -> DisputedItem:
    return DisputedItem(
        heading=item["heading"],
        decision=item["decision"],
        service=item["service"],
        requested=item["requested"],
        authorized=item["authorized"],
        retrospective=item["retrospective"],
        surgical_adjunct=item["surgical_adjunct"],
        treatments=tuple(item["treatments"]),
        body_regions=tuple(item["body_regions"]),
        laterality=item["laterality"],
        claims_administrator=_party(item["claims_administrator"]),
        reviewer=_party(item["reviewer"]),
        rationale=item["rationale"],
    )


def _party(party: Mapping[str, Any]) -> Party:
    return Party(
        party["stance"],
        tuple(
            Citation(c["basis"], c["guideline"], c["text"], c["chapter"], tuple(c["sections"]), tuple(c["pages"]))
            for c in party["citations"]
        ),
    )
