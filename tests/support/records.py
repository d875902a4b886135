"""One-line factories of fictional determinations for tests; every value can be given, the rest is plausible."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
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
    outcome_of,
)
from imr_graph.records import from_record, to_record

CHRONIC_PAIN = "mtus-chronic-pain-2009"
LOW_BACK = "acoem-low-back-complaints-2004"
DATES = Dates(date(2020, 1, 7), date(2020, 2, 3), date(2020, 2, 20), date(2020, 3, 2), date(2020, 3, 30))


def citation(guideline: str = CHRONIC_PAIN, *sections: str, pages: tuple[int, ...] = (), **fields: Any) -> Citation:
    """Return a citation of the MTUS, in words that name what it cites."""
    fields.setdefault("basis", "mtus")
    words = [guideline, fields.get("chapter"), *sections, *(f"page {page}" for page in pages)]
    fields.setdefault("text", ", ".join(word for word in words if word))
    return Citation(guideline=guideline, sections=sections, pages=pages, **fields)


def party(*citations: Citation, stance: Any = None) -> Party:
    """Return one side's grounds."""
    return Party(stance, citations)


def item(heading: str = "Acupuncture, 6 visits", decision: Any = "upheld", **fields: Any) -> DisputedItem:
    """Return a disputed item whose expert reviewer cites a page and a section."""
    fields.setdefault("service", heading)
    fields.setdefault("treatments", ("acupuncture",))
    fields.setdefault("rationale", f"The request for {heading} goes beyond what the guideline recommends.")
    fields.setdefault("reviewer", party(citation(CHRONIC_PAIN, "Functional goals", pages=(12,))))
    fields.setdefault("claims_administrator", party(stance="no evidence cited"))
    return DisputedItem(heading=heading, decision=decision, **fields)


def determination(case_number: str | None = "CM20-0000001", *items: DisputedItem, **fields: Any) -> Determination:
    """Return a determination; its digest follows from its content unless it is given."""
    items = items or (item(),)
    fields.setdefault("outcome", outcome_of(tuple(i.decision for i in items)))
    fields.setdefault("source", f"letters/{case_number or 'fragment'}.txt")
    made = Determination(
        case_number=case_number,
        items=items,
        sha256=fields.pop("sha256", ""),
        layout=fields.pop("layout", "L5"),
        priority=fields.pop("priority", "standard"),
        dates=fields.pop("dates", DATES),
        patient=fields.pop("patient", Patient(44, "female")),
        reviewer=fields.pop("reviewer", Reviewer(("Orthopedic Surgery",), ("US-CA", "US-NV"))),
        summary=fields.pop("summary", "The patient is a 44 year old packer with pain in the low back."),
        **fields,
    )
    content = json.dumps({**to_record(made), "source": ""}, sort_keys=True)
    return replace(made, sha256=made.sha256 or hashlib.sha256(content.encode()).hexdigest())


def spanned(made: Determination) -> Determination:
    """Return the same determination with a span for every value, each of its own place."""
    spans: dict[str, Span] = {}

    def walk(value: Any, pointer: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, f"{pointer}/{name}")
        elif isinstance(value, list | tuple):
            for index, inner in enumerate(value):
                walk(inner, f"{pointer}/{index}")
        elif value is not None:
            spans[pointer] = Span(10 * len(spans), 10 * len(spans) + 7)

    record = to_record(made)
    for name in ("case_number", "priority", "dates", "outcome", "patient", "reviewer", "summary", "items"):
        walk(record[name], f"/{name}")
    return replace(made, spans=spans)


def gold(shared: Path) -> list[Determination]:
    """Return the expected records of the real letters, with the fields that gold files leave out."""
    found = []
    for path in sorted((shared / "gold").glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        for entry in record["items"]:
            entry["amounts"] = {**(entry.get("amounts") or {})}
            for side in ("claims_administrator", "reviewer"):
                for cited in entry[side]["citations"]:
                    cited.pop("ambiguous", None)
        digest = hashlib.sha256(path.stem.encode()).hexdigest()
        found.append(replace(from_record(record), source=path.stem, sha256=digest, layout="L5"))
    return found
