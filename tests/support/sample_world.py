"""Fictional determinations for the tests of questions, and a world: records beside the store that holds them."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from imr_graph import iris as terms
from imr_graph.analysis.queries.ask import ask
from imr_graph.analysis.queries.results import ResultTable
from imr_graph.extraction.reasons import find_reasons
from imr_graph.model import (
    Citation,
    Dates,
    Determination,
    DisputedItem,
    Party,
    Reason,
    Reviewer,
)
from imr_graph.store.changes import add
from imr_graph.store.graph_store import GraphStore, memory_store
from support.records import citation, determination, item, party

CHRONIC_2009, CHRONIC_2016 = "mtus-chronic-pain-2009", "mtus-chronic-pain-2016"
LOW_BACK, SHOULDER = "acoem-low-back-complaints-2004", "acoem-shoulder-complaints-2004"
BOILERPLATE = "Since the main request is refused, what comes with it is refused too."


@dataclass(frozen=True)
class World:
    """Records and the store built from them: what a question says is compared with a count over the records."""

    records: tuple[Determination, ...]
    store: GraphStore

    def rows(self, question: str, **values: str) -> list[dict[str, str | None]]:
        """Return the rows of a question's table as plain text."""
        answer = ask(self.store, question, values)
        assert isinstance(answer, ResultTable)
        return [
            {name: None if cell is None else str(getattr(cell, "value", cell)) for name, cell in cells}
            for cells in (zip(answer.columns, row, strict=True) for row in answer.terms)
        ]

    def items(self) -> Iterator[tuple[Determination, int, DisputedItem]]:
        """Yield each disputed item with its determination and its position from 1."""
        for record in self.records:
            for position, one in enumerate(record.items, 1):
                yield record, position, one


def world_of(records: tuple[Determination, ...], base: str = terms.BASE) -> World:
    """Return the world of some records, in memory."""
    store = memory_store(base=base)
    add(store, records)
    return World(records, store)


_SKIN = re.compile(r"\b(?:topical|cream|gel|ointment|patch(?:es)?)\b", re.I)


def with_reasons(record: Determination) -> Determination:
    """Return a determination whose items have the reasons that their rationales state, and say what is topical."""
    return dataclasses.replace(record, items=tuple(map(_give_reasons, record.items)))


def _give_reasons(of: DisputedItem) -> DisputedItem:
    text = of.rationale or ""
    found = find_reasons(text, of.decision, of.heading) if of.decision else []
    reasons = tuple(Reason(one.reason, text[one.span.start : one.span.end]) for one in found)
    return dataclasses.replace(of, reasons=of.reasons or reasons, topical=bool(_SKIN.search(of.heading)))


def _outside(guideline: str, *sections: str, chapter: str | None = None) -> Citation:
    """Return a citation of a guideline outside the MTUS."""
    return citation(guideline, *sections, basis="non-mtus", chapter=chapter)


def _item(service: str, decision: str, treatments: tuple[str, ...], ca: Party, er: Party, **more: Any) -> DisputedItem:
    """Return a disputed item with the grounds of both sides; its rationale is its own unless given."""
    more.setdefault("rationale", f"The records give no functional improvement from {service}.")
    return item(service, decision, treatments=treatments, claims_administrator=ca, reviewer=er, **more)


def _case(
    number: str | None, decided: str | None, denied: str | None, reviewer: Reviewer, *items: DisputedItem
) -> Determination:
    """Return a determination; its digest is that of its number, or of its items where it has none."""
    return determination(
        number,
        *items,
        source=f"{number}.txt",
        sha256=hashlib.sha256((number or repr(items)).encode()).hexdigest(),
        priority="standard" if number else None,
        dates=Dates(
            decided=date.fromisoformat(decided) if decided else None,
            ur_denied=date.fromisoformat(denied) if denied else None,
        ),
        reviewer=reviewer,
        summary="A worker whose back has hurt since a fall.",
    )


_BACK = ("lumbar-spine",)
_PHYSIATRIST = Reviewer(("Physical Medicine & Rehabilitation",), ("US-AZ", "US-CA"))
_SURGEON = Reviewer(("Orthopedic Surgery", "Sports Medicine"), ("US-TX",))
_SILENT = party(stance="no evidence cited")
_ODG_THERAPY = _outside("odg", "Physical therapy", chapter="Low Back")
_SPECIAL_STUDIES = citation(LOW_BACK, "Special Studies", pages=(303, 304))

_FICTIONAL = (
    _case(
        "EX16-0000001",
        "2016-12-30",
        "2016-11-29",
        _PHYSIATRIST,
        _item(
            "MRI of the lumbar spine",
            "upheld",
            ("mri",),
            party(_SPECIAL_STUDIES),
            party(_SPECIAL_STUDIES),
            body_regions=_BACK,
            reasons=(Reason("lacks-functional-improvement", "The records give no functional improvement."),),
        ),
        _item("Diazepam 5 mg #30", "upheld", ("diazepam",), _SILENT, party(citation(CHRONIC_2009, pages=(24,)))),
        _item(
            "Physical therapy, 6 visits",
            "overturned",
            ("physical-therapy",),
            party(_ODG_THERAPY),
            party(citation(CHRONIC_2016, "Physical medicine treatment"), _ODG_THERAPY),
            requested="Physical therapy, 12 visits",
            authorized="Physical therapy, 6 visits",
            body_regions=_BACK,
        ),
    ),
    _case(
        "EX17-0000002",
        "2017-01-03",
        "2016-12-01",
        _SURGEON,
        _item(
            "Repeat MRI of the lumbar spine",
            "overturned",
            ("mri",),
            party(citation(CHRONIC_2016)),
            party(_SPECIAL_STUDIES),
            body_regions=_BACK,
        ),
        _item(
            "Cold therapy unit",
            "upheld",
            ("cold-therapy-unit",),
            _SILENT,
            party(stance="outside the MTUS"),
            rationale=BOILERPLATE,
            surgical_adjunct=True,
        ),
        _item("Sling", "upheld", ("sling",), _SILENT, _SILENT, rationale=BOILERPLATE, surgical_adjunct=True),
    ),
    _case(
        "EX17-0000003",
        "2017-03-01",
        "2017-02-27",
        _SURGEON,
        _item(
            "Retrospective diazepam 5 mg #30",
            "upheld",
            ("diazepam",),
            party(citation(CHRONIC_2009, pages=(24, 25))),
            party(citation(CHRONIC_2009, pages=(24,))),
            retrospective=True,
        ),
        _item(
            "Sling",
            "upheld",
            ("sling",),
            _SILENT,
            party(citation(SHOULDER, "A topic of no vocabulary")),
            rationale=BOILERPLATE,
        ),
        _item("A thing of no vocabulary", "upheld", (), party(), party(), rationale=None),
    ),
    _case(
        None,
        None,
        None,
        Reviewer(("Orthopedic Surgery",), ()),
        _item(
            "Physical therapy, 9 visits",
            "upheld",
            ("physical-therapy", "acupuncture"),
            party(citation(CHRONIC_2016)),
            party(citation(CHRONIC_2016, "Physical medicine treatment"), _outside("other")),
            body_regions=("shoulder",),
            laterality="left",
        ),
        _item(
            "Norco 5/325 #60",
            "upheld",
            ("hydrocodone", "acetaminophen"),
            party(citation(CHRONIC_2016)),
            party(_outside("odg")),
        ),
    ),
)

FICTIONAL = tuple(map(with_reasons, _FICTIONAL))
