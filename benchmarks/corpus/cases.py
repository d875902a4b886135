"""One invented case: the dates, the reviewer, the summary and the items, before any layout prints them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .chance import Chance, cumulative
from .citations import administrator_line, reviewer_line
from .forms import Heading
from .headings import requests
from .rationales import Rationale, ancillary, rationale
from .summaries import summary
from .tables import cells, names, rows

__all__ = ["Case", "Item", "case_of", "record_of"]


@dataclass(frozen=True)
class Item:
    """One disputed item: its heading, decision, both sides' printed lines with their records, and the rationale."""

    heading: Heading
    decision: str
    administrator: tuple[str, dict[str, Any]]
    reviewer: tuple[str, dict[str, Any]]
    why: Rationale

    @property
    def rationale(self) -> list[str]:
        """The paragraphs of the rationale."""
        return self.why.paragraphs


@dataclass(frozen=True)
class Case:
    """What one letter states."""

    number: str
    priority: str
    dates: dict[str, date]
    specialties: tuple[str, ...]
    states: tuple[str, ...]
    summary: str
    patient: dict[str, Any]
    items: list[Item]


# First and last day on which letters of a layout were decided.
_DECIDED = {
    "L0": (date(2013, 3, 1), date(2013, 6, 30)),
    "L1": (date(2013, 7, 1), date(2013, 11, 30)),
    "L2": (date(2013, 12, 1), date(2014, 3, 31)),
    "L3": (date(2014, 2, 1), date(2014, 12, 31)),
    "L4": (date(2015, 1, 5), date(2015, 6, 30)),
    "L5": (date(2016, 9, 1), date(2017, 11, 30)),
    "L6": (date(2018, 1, 10), date(2024, 12, 20)),
}
_ITEM_COUNTS = cumulative(
    (
        (115, 1),
        (34, 2),
        (12, 3),
        (10, 4),
        (7, 5),
        (5, 6),
        (3, 7),
        (3, 8),
        (2, 9),
        (1, 10),
        (0.5, 11),
        (0.5, 13),
        (1, 15),
        (0.3, 17),
        (0.3, 19),
        (1, 21),
    )
)
_SPECIALTIES = cumulative(
    [
        (float(weight), names(specialties))
        for weight, specialties in map(
            cells,
            rows("""
45 | Preventive Medicine; Occupational Medicine
43 | Family Practice
17 | Physical Medicine & Rehabilitation; Pain Management
15 | Physical Medicine & Rehabilitation
10 | Internal Medicine
9 | Orthopedic Surgery
6 | Anesthesiology; Pain Management
4 | Orthopedic Surgery; Sports Medicine
4 | Neurology; Pain Management
4 | Emergency Medicine
3 | Anesthesiology; Pain Management; Hospice & Palliative Medicine
3 | Occupational Medicine; Public Health & General Preventive Medicine
3 | Chiropractic
3 | Psychiatry
2 | Psychology
2 | Neurological Surgery
2 | Hand Surgery; Plastic Surgery
2 | Surgery; Surgical Critical Care
1 | Podiatric Surgery
1 | Dentist
1 | Ophthalmology
1 | Urology
1 | Medical Toxicology; Occupational Medicine
1 | Rheumatology; Internal Medicine
1 | Otolaryngology
"""),
        )
    ]
)
STATES = {
    "California": "CA", "Texas": "TX", "Florida": "FL", "New York": "NY", "North Carolina": "NC", "Pennsylvania": "PA",
    "Ohio": "OH", "Arizona": "AZ", "Iowa": "IA", "Montana": "MT", "Washington": "WA", "West Virginia": "WV",
    "New Jersey": "NJ", "Maryland": "MD", "Connecticut": "CT", "Virginia": "VA", "Colorado": "CO", "Illinois": "IL",
    "Massachusetts": "MA", "Tennessee": "TN", "Missouri": "MO", "Hawaii": "HI", "Oklahoma": "OK", "Nevada": "NV",
    "Kansas": "KS", "Oregon": "OR", "New Mexico": "NM", "Georgia": "GA", "Michigan": "MI", "New Hampshire": "NH",
    "South Carolina": "SC", "District of Columbia": "DC", "Minnesota": "MN", "Utah": "UT", "Arkansas": "AR",
}  # fmt: skip
_STATE_NAMES = tuple(STATES)


def case_of(chance: Chance, index: int, layout: str, with_header: bool) -> Case:
    """Return the case of one letter; its number is unique for each index below ten million.

    Where there is a header block, the summary of one letter in a hundred gives another date of injury: the header
    is the authority.
    """
    dates = _dates(chance, layout)
    count = 1 if layout == "L0" else chance.weighted(_ITEM_COUNTS)
    headings = requests(chance, count, acute=layout == "L5" and chance.happens(0.5), plain=layout in ("L0", "L1", "L2"))
    items = _items(chance, headings, layout, dates["decided"].year)
    told = dates["injured"]
    if with_header and layout != "L0" and chance.happens(0.01):
        told -= timedelta(days=chance.between(1, 12))
    words, patient = summary(chance, told, dates["ur_denied"], [h.service for h in headings])
    year = (dates["received"] if chance.happens(0.97) else dates["assigned"]).year % 100
    serial = (index * 7919 + 13) % 10_000_000
    return Case(
        number=f"IMR {year}-{serial % 1_000_000:06}" if layout == "L0" else f"CM{year}-{serial:07}",
        priority="standard" if chance.happens(0.985) else "expedited",
        dates=dates,
        specialties=chance.weighted(_SPECIALTIES),
        states=_states(chance),
        summary=words,
        patient=patient,
        items=items,
    )


def _states(chance: Chance) -> tuple[str, ...]:
    states = ["California"] if chance.happens(0.63) else []
    states += [s for s in chance.several(_STATE_NAMES, chance.between(0 if states else 1, 2)) if s not in states]
    return tuple(chance.several(states, len(states)))


def _dates(chance: Chance, layout: str) -> dict[str, date]:
    first, last = _DECIDED[layout]
    decided = chance.between(first.toordinal(), last.toordinal())
    assigned = decided - chance.between(21, 39)
    received = assigned - chance.between(3, 30)
    denied = received - chance.between(0, 25)
    injured = denied - (chance.between(5, 400) if chance.happens(0.5) else chance.between(200, 5500))
    days = {"injured": injured, "ur_denied": denied, "received": received, "assigned": assigned, "decided": decided}
    return {name: date.fromordinal(day) for name, day in days.items()}


def _items(chance: Chance, headings: list[Heading], layout: str, year: int) -> list[Item]:
    tendency = chance.random()  # most letters are all upheld, some all overturned, few mixed
    share = 0.0 if tendency < 0.84 else 1.0 if tendency < 0.935 else 0.5
    shared: dict[str, Rationale] = {}
    items = []
    for heading in headings:
        decision = "overturned" if chance.happens(share) else "upheld"
        if heading.surgical_adjunct:
            why = shared.setdefault(decision, ancillary(chance, decision))
        else:
            why = rationale(chance, heading, decision)
        administrator = administrator_line(chance, heading, layout, year)
        items.append(Item(heading, decision, administrator, reviewer_line(chance, heading, layout, year), why))
    return items


def collapsed(text: str) -> str:
    """Return the text with runs of white space as one space and unbreakable spaces as plain ones."""
    return " ".join(text.replace("\u0001", " ").split())


def record_of(case: Case, with_header: bool) -> dict[str, Any]:
    """Return the expected record; without the header block only the injury date of the summary is known."""
    decisions = {item.decision for item in case.items}
    days = {name: day.isoformat() for name, day in case.dates.items()}
    if not with_header:
        days = {name: day if name == "injured" else None for name, day in days.items()}  # type: ignore[misc]
    return {
        "case_number": case.number if with_header else None,
        "priority": case.priority if with_header else None,
        "dates": days,
        "outcome": decisions.pop() if len(decisions) == 1 else "partially overturned",
        "patient": case.patient,
        "reviewer": {
            "specialties": sorted(case.specialties),
            "states": sorted(f"US-{STATES[state]}" for state in case.states),
        },
        "summary": collapsed(case.summary),
        "items": [_item_record(item) for item in case.items],
    }


def _item_record(item: Item) -> dict[str, Any]:
    heading = item.heading
    return {
        "heading": heading.text,
        "decision": item.decision,
        "service": heading.service,
        "requested": heading.requested,
        "authorized": heading.authorized,
        "retrospective": heading.retrospective,
        "surgical_adjunct": heading.surgical_adjunct,
        "treatments": list(heading.treatments),
        "body_regions": list(heading.regions),
        "laterality": heading.laterality,
        "claims_administrator": item.administrator[1],
        "reviewer": item.reviewer[1],
        "rationale": collapsed(" ".join(item.rationale)),
        "reasons": [{"reason": reason, "text": collapsed(words)} for reason, words in item.why.reasons],
        "ambiguous_reasons": item.why.ambiguous,
    }
