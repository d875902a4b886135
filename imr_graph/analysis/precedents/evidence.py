"""The words behind a decision: read straight from its item in the graph, for precedents, pages and assistants.

The words that carry a decision are the sentences that state its reasons. Where none was read from a rationale, they are
the sentences that name the criterion, what stands right before the verdict, and the verdict.

>>> found = select_quotations("The MTUS recommends six visits. He had ten. The request is not medically necessary.")
>>> [(quotation.role, quotation.text) for quotation in found[1:]]
[('reason', 'He had ten.'), ('verdict', 'The request is not medically necessary.')]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import count
from typing import Final, Literal

from imr_graph import iris, vocabulary
from imr_graph.analysis.dimensions.lookup import literals_of
from imr_graph.analysis.dimensions.values import label_value
from imr_graph.analysis.precedents.similarity import ScoredItem
from imr_graph.errors import StoreError
from imr_graph.graph.literals import read_spans
from imr_graph.model import Span
from imr_graph.store.graph_store import GraphStore

__all__ = [
    "ItemEvidence",
    "Precedent",
    "Quotation",
    "Shared",
    "make_precedent",
    "quote_reason",
    "quote_reasons",
    "read_evidence",
    "select_quotations",
    "split_sentences",
]

Role = Literal["criterion", "reason", "verdict"]

_LONGEST: Final = 320  # characters of one quotation
# The end of a sentence: a stop, perhaps a closing mark, white space, and what can begin the next sentence.
_STOP = re.compile(r"[.!?][\"”’')\]]?\s+(?=[\"“‘'(\[]?[A-Z0-9])")
# A stop that ends no sentence stands behind one of these, or behind one capital letter.
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|St|vs|cf|pp?|pgs?|No|Nos|Fig|approx|etc|e\.g|i\.e|al|Ch|Sec|Ed|[A-Z])|^\d{1,2})\.$"
)
_CRITERION = re.compile(
    r"\b(?:MTUS|ACOEM|ODG|Official Disability|guidelines?|criteria|criterion|recommend(?:s|ed|ation|ations)?)\b", re.I
)
_VERDICT = re.compile(
    r"\bmedical(?:ly)? (?:necess|appropriate)|\b(?:is|are|was|were|has|have)(?: not| been)* "
    r"(?:established|supported|warranted|indicated|appropriate|certified|approved|upheld|overturned|justified)\b",
    re.I,
)
_LOOKED_BEFORE: Final = 12  # characters before a stop that can make it an abbreviation's


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a rationale.

    `role` says what they are for. `start` and `end` are their place in the letter's text, in code points; where the
    text broke lines otherwise than the quotation does, they are the place of the whole rationale and `exact` is
    False. They are None where the graph has no place. `reasons` names those that the words state.
    """

    role: Role
    text: str
    start: int | None = None
    end: int | None = None
    exact: bool = False
    reasons: tuple[str, ...] = ()


def select_quotations(rationale: str | None, place: Span | None = None) -> tuple[Quotation, ...]:
    """Return the sentences of a rationale that carry its decision, in their order.

    These are the first that names a guideline or a criterion, the last verdict, and what stands right before the
    verdict. `place` is where the rationale stands in the letter's text.
    """
    found = list(split_sentences(rationale or ""))
    if not rationale or not found:
        return ()
    said = [rationale[span.start : span.end] for span in found]
    last = len(found) - 1
    verdict = next((n for n in range(last, -1, -1) if _VERDICT.search(said[n])), last)
    criterion = next((n for n in range(verdict) if _CRITERION.search(said[n])), None)
    reason = verdict - 1 if verdict else (1 if last else None)
    roles: dict[int, Role] = {} if reason is None else {reason: "reason"}
    roles[verdict] = "verdict"
    if criterion is not None:
        roles[criterion] = "criterion"
    return tuple(_quote(rationale, found[n], roles[n], place) for n in sorted(roles))


def split_sentences(text: str) -> Iterator[Span]:
    """Yield the sentences of a text, by their places.

    >>> [span.end for span in split_sentences("Dr. A saw him on p. 4. He agrees.")]
    [22, 33]
    """
    start = 0
    for stop in _STOP.finditer(text):
        if not _ABBREVIATION.search(text[max(start, stop.start() - _LOOKED_BEFORE) : stop.start() + 1]):
            yield Span(start, len(text[: stop.end()].rstrip()))
            start = stop.end()
    end = len(text.rstrip())
    if start < end:
        yield Span(start, end)


def _quote(rationale: str, span: Span, role: Role, place: Span | None) -> Quotation:
    end = span.end
    if end - span.start > _LONGEST:
        end = rationale.rfind(" ", span.start, span.start + _LONGEST)
        end = end if end > span.start else span.start + _LONGEST
    text = rationale[span.start : end] + (" …" if end < span.end else "")
    if place is None:
        return Quotation(role, text)
    if place.end - place.start == len(rationale):  # white space stood one for one
        return Quotation(role, text, place.start + span.start, place.start + end, True)
    return Quotation(role, text, place.start, place.end)


@dataclass(frozen=True, slots=True)
class ItemEvidence:
    """A decided item with the words that carry its decision.

    `case` is what `show` takes, `service` the treatment in dispute, `decision` "upheld" or "overturned", `decided` an
    ISO date.
    """

    case: str
    position: int
    iri: str
    service: str
    decision: str
    decided: str | None
    quotations: tuple[Quotation, ...]


def read_evidence(store: GraphStore, case: str, position: int) -> ItemEvidence | None:
    """Return the words behind a decision; None where the store has no such item, or none that was decided."""
    node = iris.case_iri(case, store.base)
    item = iris.item_iri(node, position)
    decision = _first(store, item, "decision")
    if decision is None:
        return None
    said = quote_reasons(store, item)
    if not said:
        spans = (span.span for span in read_spans(_first(store, item, "spans") or "") if span.property == "rationale")
        said = select_quotations(_first(store, item, "rationale"), next(spans, None))
    service = _first(store, item, "service") or ""
    decided = _first(store, node, "decisionDate")
    return ItemEvidence(case, position, item, service, iris.local_name(decision).lower(), decided, said)


_DIMENSION_OF: Final[Mapping[str, str]] = {"drug class": "drug-class"}  # kinds whose dimension has another name


@dataclass(frozen=True, slots=True)
class Shared:
    """Something that a decision shares with the request, by names, and the points it gives."""

    kind: str
    values: tuple[str, ...]
    points: float


@dataclass(frozen=True, slots=True)
class Precedent(ItemEvidence):
    """One decision like the request, with the words that carry it.

    `step` is the narrowest similarity tier that it is in. `shared` says why it ranks where it does and `score` is the
    sum of its points; `reason` says the same in words.
    """

    step: str
    score: float
    shared: tuple[Shared, ...]
    reason: str


def make_precedent(store: GraphStore, found: ScoredItem) -> Precedent:
    """Return a decision with the words that carry it; raises StoreError where the graph does not have it."""
    evidence = read_evidence(store, found.case, found.position)
    if evidence is None:
        raise StoreError(f"The table has {found.case} item {found.position} and the graph has not: build it anew.")
    shared = tuple(
        Shared(kind, tuple(_name(store, kind, id) for id in ids), round(found.points[kind], 3))
        for kind, ids in found.shared.items()
    )
    known = {each.name: getattr(evidence, each.name) for each in fields(ItemEvidence)}
    return Precedent(
        **known, step=found.step, score=round(found.score, 3), shared=shared, reason=_reason(found.step, shared)
    )


def _name(store: GraphStore, kind: str, id: str) -> str:
    named = kind not in ("words", "laterality", "amount")
    return label_value(_DIMENSION_OF.get(kind, kind), id, store).label if named else id


def _reason(tier: str, shared: Sequence[Shared]) -> str:
    parts = [f"{each.kind} ({', '.join(each.values)}) {round(each.points, 1):g}" for each in shared]
    return f"{tier}: shares {', '.join(parts)}" if parts else tier


def quote_reasons(store: GraphStore, item: str) -> tuple[Quotation, ...]:
    """Return the sentences by which an item states its reasons, in the order of the letter, each once."""
    found: dict[tuple[str, int | None, int | None], list[str]] = {}
    for node, reason in _reasons(store, item):
        found.setdefault(_read_sentence(store, node), []).append(reason)
    known = vocabulary.load().reasons
    return tuple(
        Quotation("reason", *said, said[1] is not None, tuple(known[id].label for id in ids if id in known))
        for said, ids in sorted(found.items(), key=lambda pair: pair[0][1] or 0)
    )


def quote_reason(store: GraphStore, item: str, reason: str) -> tuple[str, int | None, int | None] | None:
    """Return the first sentence by which an item states a reason, and its place; None where it does not state it."""
    said = [_read_sentence(store, node) for node, id in _reasons(store, item) if id == reason]
    return min(said, key=lambda sentence: sentence[1] or 0, default=None)


def _reasons(store: GraphStore, item: str) -> Iterator[tuple[str, str]]:
    """Yield the nodes of an item's reasons, and the reason that each states."""
    for number in count(1):
        node = iris.reason_iri(item, number)
        kind = _first(store, node, "reasonType")
        if kind is None:
            break
        yield node, iris.local_name(kind).removeprefix("reason-")


def _read_sentence(store: GraphStore, node: str) -> tuple[str, int | None, int | None]:
    start, end = (_first(store, node, name) for name in ("textStart", "textEnd"))
    place = (int(start), int(end)) if start and end else (None, None)
    return _shorten(_first(store, node, "reasonText") or ""), *place


def _shorten(text: str) -> str:
    """Return a text with single spaces, cut at a word where it is longer than a quotation."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: text.rfind(' ', 0, _LONGEST)]} …"


def _first(store: GraphStore, node: str, name: str) -> str | None:
    return next(iter(literals_of(store.graph, node, iris.term(name))), None)
