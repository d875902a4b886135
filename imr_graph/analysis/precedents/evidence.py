"""Precedents and contrasts with the words that carry them, and how all of it reads in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.store_facts import literals_of
from imr_graph.analysis.dimensions.values import Value, make_value
from imr_graph.analysis.precedents.associations import Association, label_value
from imr_graph.analysis.precedents.quotations import Quotation, select_quotations
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.precedents.similarity import ScoredItem
from imr_graph.analysis.precedents.tiers import Tier
from imr_graph.analysis.statistics.overturn_rates import SMALL_SAMPLE
from imr_graph.graph.spans import read_spans
from imr_graph.model import Span
from imr_graph.store.graph_store import GraphStore
from imr_graph.table.dimensions import DIMENSIONS

__all__ = [
    "Contrast",
    "Precedent",
    "Shared",
    "head",
    "name_of",
    "of_contrasts",
    "of_grounds",
    "of_precedents",
    "read_contrast",
    "read_precedent",
    "remarks",
]

_DIMENSION: Final[Mapping[str, str]] = {"drug class": "drug-class"}  # kinds whose dimension has another name
_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Shared:
    """Something that a decision shares with the request, by names, and the points it gives."""

    kind: str
    values: tuple[str, ...]
    points: float


@dataclass(frozen=True, slots=True)
class Precedent:
    """One decision like the request.

    `case` is what `show` takes, `service` the treatment in dispute, `decided` an ISO date. `shared` says why it ranks
    where it does and `score` is the sum of its points; `reason` says the same in words. `quotations` are the words that
    carry the decision.
    """

    case: str
    position: int
    iri: str
    service: str
    decision: str
    decided: str | None
    step: str
    score: float
    shared: tuple[Shared, ...]
    reason: str
    quotations: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two decisions on the same treatments that rest on the same `places` (pages, sections) and went different ways."""

    places: tuple[Value, ...]
    overturned: Precedent
    upheld: Precedent


def read_precedent(store: GraphStore, found: ScoredItem) -> Precedent:
    """Return a decision with its names and the words that carry it, read from its node in the graph."""
    iri = terms.item_iri(terms.case_iri(found.case, store.base), found.position)
    service, rationale, spans = (_one(store, iri, name) for name in ("service", "rationale", "spans"))
    places = [place.span for place in read_spans(spans or "") if place.property == "rationale"]
    shared = tuple(
        Shared(kind, tuple(_name(store, kind, id) for id in ids), round(found.points[kind], 3))
        for kind, ids in found.shared.items()
    )
    return Precedent(
        found.case,
        found.position,
        iri,
        service or "",
        found.decision,
        found.decided.isoformat() if found.decided else None,
        found.step,
        round(found.score, 3),
        shared,
        _reason(found.step, shared),
        select_quotations(rationale, places[0] if places else None),
    )


def read_contrast(
    store: GraphStore, overturned: ScoredItem, upheld: ScoredItem, places: Mapping[str, Sequence[str]]
) -> Contrast:
    """Return a pair of decisions with what both rest on, pages and sections by their names."""
    values = tuple(label_value(kind, id, store) for kind, ids in places.items() for id in ids)
    return Contrast(values, read_precedent(store, overturned), read_precedent(store, upheld))


def name_of(dimension: str, id: str | None) -> str:
    """Return what the vocabulary calls a value of a dimension."""
    return make_value(DIMENSIONS[dimension], id, terms.BASE).label


def remarks(circles: Sequence[Tier], nearest: Tier | None) -> tuple[str, ...]:
    """Return the sentences that belong to the figures: what is not there, and how far they can be trusted."""
    if nearest is None:
        return ("No decision in the store has this treatment, its class or its category with these filters.",)
    said = []
    if nearest is not circles[0]:
        said.append(f"No decision on {_either(circles[0].shared)} counts here; the figures are of the {nearest.name}.")
    if nearest.small:
        said.append(f"Fewer than {SMALL_SAMPLE} decisions: the share says little.")
    said.append("These are disputes that reached review, not all requests; what is shown is no advice.")
    return tuple(said)


def head(
    request: Request, circles: Sequence[Tier], figures: Tier | None, remarks: Sequence[str], width: int
) -> list[str]:
    """Return the lines of what was understood, the figures, and the circles."""
    lines = textwrap.wrap(f"{request.text}: {'; '.join(_understood(request, circles))}", width, subsequent_indent="  ")
    if figures:
        line = (
            f"{_decisions(figures)} on the {figures.name}, {figures.overturned:,} overturned: {figures.share:.1%} "
            f"(95 % interval {figures.low:.1%} to {figures.high:.1%})"
        )
        lines += ["", *textwrap.wrap(line, width)]
    for remark in remarks:
        lines += textwrap.wrap(remark, width)
    if figures and len(circles) > 1:
        lines.append("")
        for step in circles:
            interval = f"{step.share:6.1%} ({step.low:.1%} to {step.high:.1%})" if step.decisions else ""
            lines.append(f"{step.name:17}{_decisions(step):>19}  {interval:26}{'; '.join(step.shared)}"[:width])
    return lines


def of_grounds(found: Sequence[Association], compared: int, width: int) -> list[str]:
    """Return the lines of what overturned and upheld decisions rest on."""
    lines: list[str] = []
    for towards in ("overturned", "upheld"):
        chosen = [ground for ground in found if ground.towards == towards]
        if chosen:
            weak = " (nothing clear; weak signs)" if all(ground.weak for ground in chosen) else ""
            lines += ["", f"What {towards} decisions rest on more often{weak}:"]
        for g in chosen:
            counts = f"{g.overturned:,} of {g.all_overturned:,} overturned, {g.upheld:,} of {g.all_upheld:,} upheld"
            line = f"{g.log_odds:+.2f} ({g.low:+.2f} to {g.high:+.2f}) {g.kind} {g.value.label}: {counts}"
            lines += textwrap.wrap(line, width, initial_indent="  ", subsequent_indent=_INDENT)
    if lines:
        note = f"Log odds ratios with 95 % intervals; of {compared:,} compared, one in twenty looks clear by chance."
        lines += textwrap.wrap(note, width)
    return lines


def of_precedents(found: Sequence[Precedent], width: int) -> list[str]:
    """Return the lines of the precedents, numbered."""
    lines: list[str] = ["", f"Precedents ({len(found)} shown):"] if found else []
    for number, one in enumerate(found, 1):
        lines += _block(one, f"{number:3}. ", width)
        lines += textwrap.wrap(one.reason, width, initial_indent="     ", subsequent_indent="     ")
        lines += _words(one, width)
    return lines


def of_contrasts(found: Sequence[Contrast], width: int) -> list[str]:
    """Return the lines of the pairs that were decided differently."""
    lines: list[str] = ["", "Decided differently on the same treatment and the same page or section:"] if found else []
    for pair in found:
        places = "; ".join(value.label for value in pair.places)
        lines += textwrap.wrap(places, width, initial_indent="  on ", subsequent_indent=_INDENT)
        for one in (pair.overturned, pair.upheld):
            lines += [*_block(one, _INDENT, width), *_words(one, width)]
    return lines


def _block(one: Precedent, indent: str, width: int) -> list[str]:
    line = f"{one.case} item {one.position}, {one.decided or 'no date'}: {one.decision.upper()}: {one.service}"
    return textwrap.wrap(line, width, initial_indent=indent, subsequent_indent="     ")


def _words(one: Precedent, width: int) -> list[str]:
    if not one.quotations:
        return []
    quoted = " ".join(quotation.text for quotation in one.quotations)
    return textwrap.wrap(
        f'"{quoted}"{_place(one.quotations)}', width, initial_indent="     ", subsequent_indent="     "
    )


def _place(quoted: Sequence[Quotation]) -> str:
    spans = [Span(q.start, q.end) for q in quoted if q.start is not None and q.end is not None]
    unique = list(dict.fromkeys(spans))
    return f" [{', '.join(f'{span.start}-{span.end}' for span in unique)}]" if unique else ""


def _understood(request: Request, circles: Sequence[Tier]) -> Iterator[str]:
    """Yield what was understood of a request."""
    if circles:
        yield _either(circles[0].shared)
    for kind, ids in (("region", request.regions), ("guideline", request.guidelines), ("page", request.pages)):
        if ids:
            yield ", ".join(name_of(kind, id) for id in ids)
    if request.laterality:
        yield request.laterality
    if request.words:
        yield f"words {', '.join(request.words)}"


def _reason(step: str, shared: Sequence[Shared]) -> str:
    parts = [f"{each.kind} ({', '.join(each.values)}) {round(each.points, 1):g}" for each in shared]
    return f"{step}: shares {', '.join(parts)}" if parts else step


def _name(store: GraphStore, kind: str, id: str) -> str:
    if kind in ("words", "laterality"):
        return id
    return label_value(_DIMENSION.get(kind, kind), id, store).label


def _one(store: GraphStore, iri: str, name: str) -> str | None:
    return next(iter(literals_of(store.graph, iri, terms.term(name))), None)


def _either(names: Sequence[str]) -> str:
    return " or ".join(names)


def _decisions(step: Tier) -> str:
    return f"{step.decisions:,} decision{'' if step.decisions == 1 else 's'}"
