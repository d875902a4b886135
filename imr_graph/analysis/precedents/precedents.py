"""Precedents: earlier decisions like a request, how they went, what they rest on, and the words that carry them.

>>> from imr_graph.store.graph_store import memory_store
>>> precedents(memory_store(), "Norco 10/325 #60").steps[0].shared
('hydrocodone + acetaminophen, up to #60',)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from imr_graph import iris
from imr_graph.analysis.dimensions import decision_records
from imr_graph.analysis.dimensions.decision_records import batches, read_details
from imr_graph.analysis.dimensions.filters import Filters, resolve_filters
from imr_graph.analysis.dimensions.values import Value, label_value, make_value, parse_value
from imr_graph.analysis.precedents.associations import Association, find_associations
from imr_graph.analysis.precedents.contrasts import ContrastingPair, find_contrasting_pairs
from imr_graph.analysis.precedents.evidence import Precedent, Shared, make_precedent
from imr_graph.analysis.precedents.request import Request, read_request
from imr_graph.analysis.precedents.similarity import (
    Candidates,
    ScoredItem,
    open_candidates,
    rank_candidates,
    rerank_by_terms,
)
from imr_graph.analysis.precedents.tiers import TIERS, Tier, count_tiers, read_back, with_amount
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE
from imr_graph.errors import UsageError
from imr_graph.record_files import RecordFile
from imr_graph.store.graph_store import GraphStore, StoreSource, as_store
from imr_graph.store.table import Table, open_table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["FILTERS", "Contrast", "Precedent", "Precedents", "Shared", "open_precedent_records", "precedents"]

FILTERS: Final = ("region", "laterality", "guideline", "specialty", "state")
"""The dimensions that choose which decisions count, as arguments of `precedents`."""

_COMPARED: Final = 300  # decisions whose words are compared with those of the request
_MOST: Final = 200  # precedents in one answer
_MOST_RECORDS: Final = 20_000  # decisions that a file has at most, the nearest; `total` counts those of all levels
_CONTRASTS: Final = 5
# The columns of a file: `similarity` is the narrowest level that a decision is in, `words` carry it.
_COLUMNS: Final = (
    "case", "item", "iri", "decision", "decided", "similarity", "points", "in_common", *decision_records.COLUMNS,
    "words",
)  # fmt: skip

Wanted = str | Iterable[str] | None


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two decisions on the same treatments that rest on the same `places` (pages, sections) and went different ways."""

    places: tuple[Value, ...]
    overturned: Precedent
    upheld: Precedent


@dataclass(frozen=True, slots=True)
class Precedents:
    """Decisions like a request; `dataclasses.asdict` gives what JSON can hold.

    `read_as` says how the request was understood. `steps` are the similarity tiers around it, from near to far; `step`
    is the name of the narrowest that holds any decision (None where none does): `grounds` (what its decisions rest on)
    and `contrasts` are about it.
    `found` are the precedents, the nearest tier first. `compared` is how many guidelines, sections, pages and
    specialties `grounds` were chosen from. `remarks` are sentences to show with the figures.
    """

    request: Request
    filters: Filters
    step: str | None
    steps: tuple[Tier, ...]
    read_as: str
    found: tuple[Precedent, ...]
    grounds: tuple[Association, ...]
    compared: int
    contrasts: tuple[Contrast, ...]
    remarks: tuple[str, ...]

    @property
    def figures(self) -> Tier | None:
        """The counts and the overturned share of the narrowest tier that holds any decision."""
        return next((tier for tier in self.steps if tier.name == self.step), None)


def precedents(
    store: StoreSource | Table,
    text: str | Request,
    *,
    region: Wanted = None,
    laterality: Wanted = None,
    guideline: Wanted = None,
    specialty: Wanted = None,
    state: Wanted = None,
    decision: str | None = None,
    first: str | None = None,
    visits: int | None = None,
    quantity: int | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
    limit: int = 20,
    leave_out: Wanted = None,
) -> Precedents:
    """Return the decisions of a store (or of its open table) that are most like a request in free text.

    Region, laterality, guideline (of the expert reviewer), specialty, state and dates decide which decisions count at
    all, by names as `filters.resolve_filters` takes them; `decision` ("upheld", "overturned") only which are listed, so
    that the shares stay those of all, and `first` which of them come first. `visits` or `quantity` say how much is
    asked for, as the text may ("12 visits", "#60"): requests for up to as much are nearest. `leave_out` are cases that
    do not count, by number. `limit` is 1 to 200.

    Raises UnknownNameError, with near names, for a treatment or value that does not exist, UsageError for what
    contradicts itself.

    >>> from imr_graph.store.graph_store import memory_store
    >>> precedents(memory_store(), "MRI of the knee").found
    ()
    """
    if not 1 <= limit <= _MOST:
        raise UsageError(f"An answer has 1 to {_MOST} precedents: change the limit {limit}.")
    request = with_amount(read_request(text) if isinstance(text, str) else text, visits, quantity)
    opened = store.store if isinstance(store, Table) else as_store(store)
    given = dict(zip(FILTERS, (region, laterality, guideline, specialty, state), strict=True))
    filters = resolve_filters(opened, {k: v for k, v in given.items() if v is not None}, since=since, until=until)
    _reject_contradictions(request, filters)
    ends = _parse_decision(decision, opened), _parse_decision(first, opened)
    left_out = (leave_out,) if isinstance(leave_out, str) else tuple(leave_out or ())
    with nullcontext(store) if isinstance(store, Table) else open_table(opened) as table:
        tiers = count_tiers(table, request, filters, left_out)
        nearest = next((number for number, tier in enumerate(tiers) if tier.decisions), None)
        if nearest is None:
            remarks = _remarks(tiers, None)
            return Precedents(request, filters, None, tiers, read_back(request, tiers), (), (), 0, (), remarks)
        widest = _widest(tiers, ends[0], limit)
        with open_candidates(table, request, filters, left_out, widest) as candidates:
            return _answer(opened, candidates, filters, tiers, nearest, ends, limit)


def _parse_decision(written: str | None, store: GraphStore) -> str | None:
    return None if written is None else parse_value(DIMENSIONS["decision"], written, store)


def _answer(
    store: GraphStore,
    candidates: Candidates,
    filters: Filters,
    tiers: tuple[Tier, ...],
    nearest: int,
    ends: tuple[str | None, str | None],
    limit: int,
) -> Precedents:
    """Return the answer; `ends` are the decision that is listed and the one that comes first."""
    request, (decision, first) = candidates.request, ends
    looked_at = max(limit, _COMPARED) if request.words else limit
    ranked = rank_candidates(candidates, looked_at, decision=decision, first=first)
    best = rerank_by_terms(store, request.words, ranked, first)[:limit]
    remarks = _remarks(tiers, nearest)
    return Precedents(
        request,
        filters,
        tiers[nearest].name,
        tiers,
        read_back(request, tiers),
        tuple(make_precedent(store, one) for one in best),
        *find_associations(candidates, store, nearest),
        _contrasts(store, candidates, nearest),
        remarks if best else (*remarks, f"None of the decisions was {decision}: nothing is listed."),
    )


def _contrasts(store: GraphStore, candidates: Candidates, tier: int) -> tuple[Contrast, ...]:
    pairs = find_contrasting_pairs(candidates, tier, _CONTRASTS)
    items = [(item.case, item.position) for pair in pairs for item in (pair.overturned, pair.upheld)]
    known = {(one.case, one.position): one for one in rank_candidates(candidates, len(items), only=items)}

    def contrast(pair: ContrastingPair) -> Contrast:
        sides = (known[item.case, item.position] for item in (pair.overturned, pair.upheld))
        values = tuple(label_value(kind, id, store) for kind, id in pair.places)
        return Contrast(values, *(make_precedent(store, side) for side in sides))

    return tuple(map(contrast, pairs))


def _widest(tiers: tuple[Tier, ...], decision: str | None, limit: int) -> int:
    """Return the number of the first tier that holds as many decisions as are to be listed, else the last."""
    for number, tier in enumerate(tiers):
        listed = {None: tier.decisions, "overturned": tier.overturned}.get(decision, tier.decisions - tier.overturned)
        if listed >= limit:
            return number
    return len(tiers) - 1


def _remarks(tiers: Sequence[Tier], number: int | None) -> tuple[str, ...]:
    """Return the sentences that belong to the figures: what is not there, and how far they can be trusted."""
    if number is None:
        return ("No decision in the store has this treatment, its class or its category with these filters.",)
    remarks, nearest = [], tiers[number]
    if number:
        # The widest of those on what is asked for: who has no decision on a treatment need not hear of its regions.
        base = next(n for n, tier in enumerate(tiers) if tier.name in TIERS)
        asked = " or ".join(tiers[min(number - 1, base)].shared)
        of = " or ".join(nearest.shared)
        remarks.append(f"None decided on {asked}. The figures are of the {nearest.name} ({of}).")
    if nearest.small:
        remarks.append(f"Fewer than {SMALL_SAMPLE} cases: the share says little.")
    remarks.append("These are disputes that reached review, not all requests; what is shown is no advice.")
    return tuple(remarks)


def _reject_contradictions(request: Request, filters: Filters) -> None:
    """Refuse filters that leave out what the text itself asks for."""
    wanted = dict(filters.values)
    sides = wanted.get("laterality")
    if sides and request.laterality and {request.laterality, *sides} == {"left", "right"}:
        raise UsageError(
            f"The text says {request.laterality}, the filter {sides[0]}: leave the filter out, or change the text."
        )
    regions = wanted.get("region")
    if regions and request.regions and not {*regions} & {*request.regions}:
        raise UsageError(
            f"The text names {_regions(request.regions)}, the filter {_regions(regions)}: leave the "
            "filter out, or change the text."
        )


def _regions(ids: Iterable[str | None]) -> str:
    return " and ".join(make_value(DIMENSIONS["region"], id, iris.BASE).label for id in ids)


@contextmanager
def open_precedent_records(
    table: Table,
    text: str | Request,
    *,
    decision: str | None = None,
    first: str | None = None,
    leave_out: Sequence[str] = (),
    **chosen: Any,
) -> Iterator[RecordFile]:
    """Yield all decisions like a request as records of a file, the nearest first, to be read while they are open.

    The arguments and errors are those of `precedents`, without a limit.
    """
    found = precedents(table, text, decision=decision, first=first, leave_out=leave_out, limit=1, **chosen)
    listed, ahead = _parse_decision(decision, table.store), _parse_decision(first, table.store)
    head = {
        "request": found.request.text,
        "read_as": found.read_as,
        "filters": asdict(found.filters),
        "levels": [asdict(step) for step in found.steps],
        "remarks": list(found.remarks),
    }
    if found.step is None:
        yield RecordFile(_COLUMNS, (), "precedents", {**head, "total": 0, "complete": True})
        return
    request, widest = found.request, len(found.steps) - 1
    with open_candidates(table, request, found.filters, tuple(leave_out), widest) as candidates:
        ranked = rank_candidates(candidates, _MOST_RECORDS, decision=listed, first=ahead)
        where, values = ("", []) if listed is None else (" where decision = ?", [listed])
        total = candidates.rows(f"select count(*) from candidate{where}", values)[0][0]
    best = [*rerank_by_terms(table.store, request.words, ranked[:_COMPARED], ahead), *ranked[_COMPARED:]]
    counts = {"total": total, "complete": total == len(best)}
    yield RecordFile(_COLUMNS, _record_rows(table, best), "precedents", {**head, **counts})


def _record_rows(table: Table, best: Sequence[ScoredItem]) -> Iterator[tuple[object, ...]]:
    for some in batches(best):
        details = read_details(table, ((one.case, one.position) for one in some))
        for one in (make_precedent(table.store, each) for each in some):
            common = [f"{each.kind}: {', '.join(each.values)}" for each in one.shared]
            words = " ".join(quotation.text for quotation in one.quotations)
            known = details[one.case, one.position]
            yield (
                one.case, one.position, one.iri, one.decision, one.decided, one.step, one.score, common, *known, words,
            )  # fmt: skip
