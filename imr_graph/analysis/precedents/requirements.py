"""Requirements: what decisions on such requests say has to be documented, criterion by criterion.

A criterion is a reason of the group "what the records lack"; what speaks for a request is its counterpart. How often
its absence upheld a denial and its presence overturned one is counted over the decisions that are like the request.

>>> from imr_graph.store.graph_store import memory_store
>>> requirements(memory_store(), "MRI of the lumbar spine").criteria
()
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

from imr_graph import iris, vocabulary
from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, FilterValues, resolve_filters
from imr_graph.analysis.dimensions.values import Value, label_value, make_value
from imr_graph.analysis.precedents.evidence import quote_reason
from imr_graph.analysis.precedents.request import Request, read_request
from imr_graph.analysis.precedents.tiers import (
    Sql,
    Tier,
    TierRule,
    count_tiers,
    filter_expression,
    tier_expression,
    tier_rules,
)
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE, CaseSums, share_interval
from imr_graph.store.graph_store import GraphStore, StoreSource, as_store
from imr_graph.store.table import Table, open_table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["Criterion", "CriterionSide", "ReasonQuotation", "Requirements", "requirements"]

GROUP: Final = f"{iris.BASE}reason-group-records-lack"

_LOOKED_AT: Final = 40  # of the latest decisions that give a reason, for a sentence of their own


@dataclass(frozen=True, slots=True)
class ReasonQuotation:
    """The sentence by which a decision states a reason; `start` and `end` are its place in the letter's text."""

    case: str
    position: int
    decided: str | None
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class CriterionSide:
    """How often decisions of one direction give a reason.

    `given` of `decisions` give it; `share` is given / decisions, `low` and `high` the bounds of its 95% interval
    by case; `small` marks fewer than 30 cases.
    """

    reason: Value
    given: int
    decisions: int
    cases: int
    share: float
    low: float
    high: float
    small: bool
    quotation: ReasonQuotation | None


@dataclass(frozen=True, slots=True)
class Criterion:
    """What has to be documented: how its absence counts against a request, how its presence counts for it.

    `absent` is of the upheld decisions, `present` of the overturned ones (None where nothing speaks for it or where no
    decision says so). `section` is the section of a guideline that decisions with either cite most, `cited` how many.
    """

    absent: CriterionSide
    present: CriterionSide | None
    section: Value | None
    cited: int


@dataclass(frozen=True, slots=True)
class Requirements:
    """What decisions like a request say has to be there, the most frequent criterion first.

    `step` is the similarity tier that is counted (None where no decision is like the request): the nearest whose
    decisions give any reason. `remarks` are sentences to show with the figures.
    """

    request: Request
    filters: Filters
    step: Tier | None
    criteria: tuple[Criterion, ...]
    remarks: tuple[str, ...]


class _Decision(NamedTuple):
    case: str
    position: int
    decision: str
    decided: date | None
    reasons: Sequence[str]
    sections: Sequence[str]


def requirements(
    store: StoreSource | Table,
    text: str | Request,
    *,
    filters: Filters | FilterValues = NO_FILTERS,
    since: str | date | None = None,
    until: str | date | None = None,
) -> Requirements:
    """Return what the decisions of a store (or of its open table) on requests like a free text say has to be there.

    `filters` choose the decisions that count, as `filters.resolve_filters` takes them: `{"derivative": "no"}` leaves
    out those that follow from the denial of another service. Raises UnknownNameError, with near names, for a treatment
    or value that does not exist, UsageError for a malformed request.
    """
    request = read_request(text) if isinstance(text, str) else text
    request = replace(request, visits=None, quantity=None)  # what has to be there is the same for any amount
    opened = store.store if isinstance(store, Table) else as_store(store)
    if not isinstance(filters, Filters):
        filters = resolve_filters(opened, filters, since=since, until=until)
    with nullcontext(store) if isinstance(store, Table) else open_table(opened) as table:
        tiers = [tier for tier in count_tiers(table, request, filters) if tier.decisions]
        for tier in tiers:
            found = tuple(_read_decisions(table, request, filters, tier))
            if any(each.reasons for each in found):
                criteria = tuple(_criteria(opened, found))
                return Requirements(request, filters, tier, criteria, tuple(_remarks(tier, tiers[0], criteria)))
    step = tiers[0] if tiers else None
    return Requirements(request, filters, step, (), ("No decision like it states a reason that could be counted.",))


def _read_decisions(table: Table, request: Request, filters: Filters, tier: Tier) -> Iterator[_Decision]:
    """Yield the decisions of a tier, the latest first."""
    sql = Sql("select case_key, position, decision, decision_date, reasons, reviewer_section_ids from items where ")
    sql += tier_expression(_rules_up_to(request, tier)) + " is not null and decision is not null and "
    sql = sql + filter_expression(filters) + " order by decision_date desc nulls last, case_key, position"
    yield from (_Decision(*row) for row in table.rows(sql.text, sql.values))


def _rules_up_to(request: Request, tier: Tier) -> tuple[TierRule, ...]:
    rules = tier_rules(request)
    return rules[: 1 + next(number for number, rule in enumerate(rules) if rule.name == tier.name)]


def _criteria(store: GraphStore, found: Sequence[_Decision]) -> Iterator[Criterion]:
    """Yield the criteria that upheld decisions name, the most frequent first."""
    by_reason: dict[str, list[_Decision]] = {}
    for each in found:
        for reason in each.reasons:
            by_reason.setdefault(reason, []).append(each)
    ends: dict[str, Counter[str]] = {}
    for each in found:
        ends.setdefault(each.decision, Counter())[each.case] += 1
    lacking = {reason.id: reason.counterpart or "" for reason in vocabulary.load().reasons if GROUP in reason.broader}
    sides = {id: _side(store, id, by_reason[id], ends) for id in (*lacking, *lacking.values()) if id in by_reason}
    for id in sorted((id for id in lacking if id in by_reason), key=lambda id: -len(by_reason[id])):
        counterpart = lacking[id]
        both = {(each.case, each.position): each for name in (id, counterpart) for each in by_reason.get(name, ())}
        cited = Counter(section for each in both.values() for section in each.sections)
        section, count = min(cited.items(), key=lambda pair: (-pair[1], pair[0])) if cited else (None, 0)
        value = label_value("section", section, store) if section else None
        yield Criterion(sides[id], sides.get(counterpart), value, count)


def _side(
    store: GraphStore, reason: str, given: Sequence[_Decision], ends: Mapping[str, Counter[str]]
) -> CriterionSide:
    sizes, hits = ends[given[0].decision], Counter(each.case for each in given)
    decisions = sizes.total()
    sums = CaseSums(
        len(sizes),
        sum(size * size for size in sizes.values()),
        sum(sizes[case] * hit for case, hit in hits.items()),
        sum(hit * hit for hit in hits.values()),
    )
    low, high = share_interval(len(given), decisions, sums)
    value = make_value(DIMENSIONS["reason"], reason, store.base)
    small = len(sizes) < SMALL_SAMPLE
    quotation = _choose_quotation(store, reason, given)
    return CriterionSide(value, len(given), decisions, len(sizes), len(given) / decisions, low, high, small, quotation)


def _choose_quotation(store: GraphStore, reason: str, given: Sequence[_Decision]) -> ReasonQuotation | None:
    """Return the latest sentence that states a reason in words of its own: one that recurs is a text of the shelf."""
    quoted = [found for each in given[:_LOOKED_AT] if (found := _quote(store, reason, each))]
    times = Counter(" ".join(each.text.split()) for each in quoted)
    return next((each for each in quoted if times[" ".join(each.text.split())] == 1), None) or next(iter(quoted), None)


def _quote(store: GraphStore, reason: str, of: _Decision) -> ReasonQuotation | None:
    """Return the sentence by which an item states a reason."""
    said = quote_reason(store, iris.item_iri(iris.case_iri(of.case, store.base), of.position), reason)
    decided = of.decided.isoformat() if of.decided else None
    return ReasonQuotation(of.case, of.position, decided, *said) if said else None


def _remarks(tier: Tier, nearest: Tier, criteria: Sequence[Criterion]) -> Iterator[str]:
    if tier is not nearest:
        yield f"No decision on {' or '.join(nearest.shared)} states a reason; the figures are of the {tier.name}."
    if not criteria:
        yield "No upheld decision like it says that the records lack something."
    if tier.small:
        yield f"Fewer than {SMALL_SAMPLE} cases: the shares say little."
    yield (
        "What expert reviewers wrote in disputes that reached review: it is neither complete nor advice. Decisions "
        "that follow from the denial of another service count unless a filter leaves them out."
    )
