"""Precedents: earlier decisions like a request, how they went, what they rest on, and the words that carry them.

>>> from imr_graph.store.graph_store import memory_store
>>> precedents(memory_store(), "Norco 10/325 #60").as_lines()[0]
'Norco 10/325 #60: hydrocodone + acetaminophen'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from imr_graph.analysis.dimensions.filters import Filters, resolve_filters
from imr_graph.analysis.dimensions.values import parse_value
from imr_graph.analysis.precedents import evidence as telling
from imr_graph.analysis.precedents.associations import Association, find_associations
from imr_graph.analysis.precedents.contrasts import contrasts
from imr_graph.analysis.precedents.evidence import Contrast, Precedent, read_contrast, read_precedent
from imr_graph.analysis.precedents.request import Request, read_request
from imr_graph.analysis.precedents.similarity import Candidates, ScoredItem, open_candidates, rank_candidates
from imr_graph.analysis.precedents.tiers import TIERS, Tier, count_tiers
from imr_graph.analysis.precedents.words import ranked_by_words
from imr_graph.errors import UsageError
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table import Table, open_table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["Precedents", "precedents"]

_MOST: Final = 200  # precedents in one answer
_CONTRASTS: Final = 5
_COMPARED: Final = 300  # decisions whose words are compared with those of the request

Wanted = str | Iterable[str] | None


@dataclass(frozen=True, slots=True)
class Precedents:
    """Decisions like a request; `dataclasses.asdict` gives what JSON can hold.

    `steps` are the circles around the request, from near to far; `step` is the name of the narrowest that holds any
    decision (None where none does): `grounds` and `contrasts` are about it. `found` are the precedents, the nearest
    circle first. `compared` is how many guidelines, sections, pages and specialties `grounds` were chosen from.
    `remarks` are sentences to show with the figures.
    """

    request: Request
    filters: Filters
    step: str | None
    steps: tuple[Tier, ...]
    found: tuple[Precedent, ...]
    grounds: tuple[Association, ...]
    compared: int
    contrasts: tuple[Contrast, ...]
    remarks: tuple[str, ...]

    @property
    def figures(self) -> Tier | None:
        """The counts and the overturned share of the narrowest circle that holds any decision."""
        return next((step for step in self.steps if step.name == self.step), None)

    def as_lines(self, *, width: int = 96) -> list[str]:
        """Return the answer for reading in a terminal of so many columns."""
        lines = telling.head(self.request, self.steps, self.figures, self.remarks, width)
        lines += telling.of_grounds(self.grounds, self.compared, width)
        lines += telling.of_precedents(self.found, width)
        return lines + telling.of_contrasts(self.contrasts, width)


def precedents(
    store: GraphStore | Table | Path | str,
    text: str | Request,
    *,
    region: Wanted = None,
    laterality: Wanted = None,
    guideline: Wanted = None,
    specialty: Wanted = None,
    state: Wanted = None,
    decision: str | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
    limit: int = 20,
    leave_out: Wanted = None,
) -> Precedents:
    """Return the decisions of a store (or of its open table) that are most like a request in free text.

    Region, laterality, guideline (of the expert reviewer), specialty, state and dates decide which decisions count at
    all, by names as `filters.resolve_filters` takes them; `decision` ("upheld", "overturned") only which are listed, so
    that the shares stay those of all. `leave_out` are cases that do not count, by number. `limit` is 1 to 200.

    Raises UnknownNameError, with near names, for a treatment or value that does not exist, UsageError for what
    contradicts itself.

    >>> from imr_graph.store.graph_store import memory_store
    >>> precedents(memory_store(), "MRI of the knee").found
    ()
    """
    if not 1 <= limit <= _MOST:
        raise UsageError(f"An answer has 1 to {_MOST} precedents: change the limit {limit}.")
    request = read_request(text) if isinstance(text, str) else text
    opened = _store(store)
    given = {"region": region, "laterality": laterality, "guideline": guideline, "specialty": specialty, "state": state}
    filters = resolve_filters(opened, {k: v for k, v in given.items() if v is not None}, since=since, until=until)
    _refuse_contradictions(request, filters)
    listed = None if decision is None else parse_value(DIMENSIONS["decision"], decision, opened)
    left_out = (leave_out,) if isinstance(leave_out, str) else tuple(leave_out or ())
    with nullcontext(store) if isinstance(store, Table) else open_table(opened) as table:
        circles = count_tiers(table, request, filters, left_out)
        nearest = next((step for step in circles if step.decisions), None)
        if nearest is None:
            return Precedents(request, filters, None, circles, (), (), 0, (), telling.remarks(circles, None))
        widest = _widest(circles, listed, limit)
        with open_candidates(table, request, filters, left_out, widest.name) as near:
            return _answer(opened, near, filters, circles, nearest, listed, limit)


def _store(source: GraphStore | Table | Path | str) -> GraphStore:
    if isinstance(source, Table):
        return source.store
    return source if isinstance(source, GraphStore) else open_store(source)


def _answer(
    store: GraphStore,
    near: Candidates,
    filters: Filters,
    circles: tuple[Tier, ...],
    nearest: Tier,
    decision: str | None,
    limit: int,
) -> Precedents:
    request = near.request
    ranked = rank_candidates(near, max(limit, _COMPARED) if request.words else limit, decision=decision)
    best = ranked_by_words(store, request.words, ranked)[:limit]
    circle = list(TIERS).index(nearest.name)
    remarks = telling.remarks(circles, nearest)
    return Precedents(
        request,
        filters,
        nearest.name,
        circles,
        tuple(read_precedent(store, one) for one in best),
        *find_associations(near, store, circle),
        _contrasts(store, near, circle),
        remarks if best else (*remarks, f"None of the decisions was {decision}: nothing is listed."),
    )


def _contrasts(store: GraphStore, near: Candidates, circle: int) -> tuple[Contrast, ...]:
    pairs = contrasts(near, circle, _CONTRASTS)
    items = [item for pair in pairs for item in (pair.overturned, pair.upheld)]
    known: Mapping[tuple[str, int], ScoredItem] = {
        (a.case, a.position): a for a in rank_candidates(near, len(items), only=items)
    }
    return tuple(read_contrast(store, known[p.overturned], known[p.upheld], p.places) for p in pairs)


def _widest(circles: tuple[Tier, ...], decision: str | None, limit: int) -> Tier:
    """Return the first circle that holds as many decisions as are to be listed, else the last."""
    for step in circles:
        listed = {None: step.decisions, "overturned": step.overturned}.get(decision, step.decisions - step.overturned)
        if listed >= limit:
            return step
    return circles[-1]


def _refuse_contradictions(request: Request, filters: Filters) -> None:
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
            f"The text names {_names('region', request.regions)}, the filter {_names('region', regions)}: leave the "
            "filter out, or change the text."
        )


def _names(dimension: str, ids: Iterable[str | None]) -> str:
    return " and ".join(telling.name_of(dimension, id) for id in ids)
