"""How alike decisions are to a request: points for what they share, within the tiers that widen around it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb

from imr_graph import iris
from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.dimensions.lookup import literals_of
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.precedents.tiers import (
    Sql,
    TierRule,
    filter_expression,
    format_amount,
    tier_expression,
    tier_rules,
)
from imr_graph.analysis.search.words import number_forms
from imr_graph.store.failures import translate_table_errors
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import Table

__all__ = ["WEIGHTS", "Candidates", "ScoredItem", "open_candidates", "rank_candidates", "rerank_by_terms"]

WEIGHTS: Final[Mapping[str, float]] = {
    "treatment": 8.0,  # times the shared treatments among all that both have
    "region": 3.0,  # times the part of the regions asked for
    "words": 3.0,  # times the part of the words asked for, rare words weighing more
    "reason": 4.0,  # times the part of the reasons asked for
    "drug class": 4.0,  # times the part of the classes asked for
    "subcategory": 2.0,  # so, too
    "section": 2.0,
    "page": 2.0,
    "category": 1.0,  # so, too
    "guideline": 1.0,
    "laterality": 1.0,
    "amount": 1.0,  # times its part of the amount asked for, where it is not more
}
"""The points for what is shared. A cited name may mean several editions: one of them has all the points."""

# what is shared -> the column, and the attribute of a request
_LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "treatment": ("treatments", "treatment_ids"),
    "drug class": ("drug_classes", "drug_classes"),
    "subcategory": ("subcategories", "subcategories"),
    "category": ("categories", "categories"),
    "region": ("body_regions", "regions"),
    "reason": ("reasons", "reasons"),
    "guideline": ("reviewer_guidelines", "guidelines"),
    "section": ("reviewer_section_ids", "sections"),
    "page": ("reviewer_pages", "pages"),
}
_ALTERNATIVES: Final = ("guideline", "section", "page")  # a name may mean several editions: one of them is enough
_GROUPS: Final = ("drug class", "subcategory", "category")  # go without saying where the treatment is the same
# What other questions ask of the candidates; other lists are read only where the request asks for them.
_RESTS: Final = (
    "body_regions",
    "treatments",
    "reviewer_guidelines",
    "reviewer_section_ids",
    "reviewer_pages",
    "reviewer_specialty_ids",
)
_ORDER: Final = "tier, score desc, decision_date desc nulls last, case_key, position"


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """A decision that is like the request: its tier, what it shares (ids by kind), and the points of each.

    `step` is the name of the tier. The kinds are those of `WEIGHTS`.
    """

    case: str
    position: int
    decision: str
    decided: date | None
    tier: int
    step: str
    shared: Mapping[str, tuple[str, ...]]
    points: Mapping[str, float]

    @property
    def score(self) -> float:
        """The points of all that is shared."""
        return sum(self.points.values())


@dataclass(frozen=True)
class Candidates:
    """The decisions of some tiers around a request: the table `candidate` of a connection.

    It has the columns of `items` that are asked for, `overturned`, `tier` (a number of `tiers`), `score`, and for
    each of `kinds` its points.
    """

    request: Request
    tiers: tuple[TierRule, ...]
    kinds: tuple[str, ...]
    connection: duckdb.DuckDBPyConnection

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that an SQL query over `candidate` yields."""
        return self.connection.execute(sql, values).fetchall()


@contextmanager
def open_candidates(
    table: Table, request: Request, filters: Filters, leave_out: Sequence[str], widest: int
) -> Iterator[Candidates]:
    """Gather the decisions of the tiers up to a number, which filters let through, for further questions."""
    rules = tier_rules(request)
    points = _points(request, rules, widest)
    columns = dict.fromkeys((*_RESTS, *_columns(points)))
    sql = Sql("create temp table candidate as select *, ") + " + ".join(map(_points_column, points))
    sql += f" as score from (select case_key, position, decision, decision_date, {', '.join(columns)}, "
    sql += Sql("decision = 'overturned' as overturned, ") + tier_expression(rules[: widest + 1]) + " as tier"
    for kind, expression in points.items():
        sql += Sql(", ") + expression + f" as {_points_column(kind)}"
    sql += Sql(" from items where ") + filter_expression(filters, leave_out) + ") where tier is not null"
    with translate_table_errors(table.store.path or Path("in memory")), closing(table.connection.cursor()) as cursor:
        cursor.execute(sql.text, sql.values)
        yield Candidates(request, rules, tuple(points), cursor)


def rank_candidates(
    found: Candidates,
    limit: int,
    *,
    decision: str | None = None,
    first: str | None = None,
    only: Sequence[tuple[str, int]] = (),
) -> tuple[ScoredItem, ...]:
    """Return the decisions that are most like the request, the nearest tier first and then by points.

    Equals come by date, newest first. `first` puts the decisions that ended so before the others. `only`
    asks for these items (case, position) and no others.
    """
    condition = "true"
    values: list[object] = []
    if decision is not None:
        condition += " and decision = ?"
        values.append(decision)
    if only:
        condition += f" and (case_key, position) in ({', '.join('(?, ?)' for _ in only)})"
        values += [value for item in only for value in item]
    ahead = "" if first is None else "decision <> ?, "
    values += [] if first is None else [first]
    columns = ["case_key", "position", "decision", "decision_date", "tier", *_columns(found.kinds)]
    columns += map(_points_column, found.kinds)
    sql = f"select {', '.join(columns)} from candidate where {condition} order by {ahead}{_ORDER} limit {int(limit)}"
    return tuple(_alike(dict(zip(columns, row, strict=True)), found) for row in found.rows(sql, values))


def rerank_by_terms(
    store: GraphStore, words: Sequence[str], found: Sequence[ScoredItem], first: str | None = None
) -> list[ScoredItem]:
    """Return decisions in the order of their points, the points for shared words of the rationale included.

    A word weighs as much as it is rare among the rationales given: the logarithm of the share that has it (inverse
    document frequency); singular and plural are one word. Equals keep their order.
    """
    if not words:
        return list(found)
    word_of: dict[str, str] = {}
    for word in words:
        known = word_of.get(word, word)
        word_of |= {form: known for form in (word, *number_forms(word)) if form not in word_of}
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, word_of))})\b")
    shared = [{word_of[form] for form in pattern.findall(_rationale(store, one).lower())} for one in found]
    rarity = {
        word: math.log((1 + len(found)) / (1 + sum(word in has for has in shared)))
        for word in dict.fromkeys(word_of.values())
    }
    whole = sum(rarity.values())
    ranked = [
        _with_terms(one, {word: weight / whole for word, weight in rarity.items() if word in has and weight > 0})
        for one, has in zip(found, shared, strict=True)
    ]
    return sorted(ranked, key=lambda one: (bool(first) and one.decision != first, one.tier, -one.score))


def _rationale(store: GraphStore, one: ScoredItem) -> str:
    item = iris.item_iri(iris.case_iri(one.case, store.base), one.position)
    return "\n".join(literals_of(store.graph, item, iris.term("rationale")))


def _with_terms(found: ScoredItem, terms: Mapping[str, float]) -> ScoredItem:
    if not terms:
        return found
    return replace(
        found,
        shared={**found.shared, "words": tuple(terms)},
        points={**found.points, "words": WEIGHTS["words"] * sum(terms.values())},
    )


def _points(request: Request, rules: Sequence[TierRule], widest: int) -> dict[str, Sql]:
    """Return the expression of the points for each kind of thing that a request asks for, within some tiers."""
    found = {}
    nearest = next((number for number, rule in enumerate(rules) if rule.name == "same treatment"), -1)
    for kind, (column, attribute) in _LISTS.items():
        wanted = list(getattr(request, attribute))
        if not wanted or (kind in _GROUPS and widest <= nearest):
            continue
        shared = Sql(f"len(list_intersect({column}, ?::varchar[]))", (wanted,))
        if kind == "treatment":
            part = shared + f" / (len({column}) + {len(wanted)} - " + shared + ")"
        elif kind in _ALTERNATIVES:
            part = Sql("least(1, ") + shared + ")"
        else:
            part = shared + f" / {len(wanted)}"
        if kind in _GROUPS:
            part = Sql(f"if(tier <= {nearest}, 0, ") + part + ")"
        found[kind] = Sql(f"{WEIGHTS[kind]} * ") + part
    if request.laterality:
        found["laterality"] = Sql(f"if(laterality = ?, {WEIGHTS['laterality']}, 0)", (request.laterality,))
    if request.amount:
        column, most = request.amount
        found["amount"] = Sql(f"if({column} <= ?, {WEIGHTS['amount']} * {column} / ?, 0)", (most, most))
    return found


def _columns(kinds: Iterable[str]) -> list[str]:
    of_amount = {"amount": ("visits", "quantity")}
    return [column for kind in kinds for column in of_amount.get(kind, (_LISTS.get(kind, (kind,))[0],))]


def _points_column(kind: str) -> str:
    return f"points_{kind.replace(' ', '_')}"


def _alike(row: Mapping[str, Any], found: Candidates) -> ScoredItem:
    points = {kind: float(row[_points_column(kind)] or 0) for kind in found.kinds}
    points = {kind: given for kind, given in points.items() if given}
    shared = {}
    for kind in points:
        if kind == "laterality":
            shared[kind] = (row[kind],)
        elif kind == "amount":
            column, _ = found.request.amount or ("visits", 0)
            shared[kind] = (format_amount(column, row[column]),)
        else:
            column, attribute = _LISTS[kind]
            shared[kind] = tuple(id for id in getattr(found.request, attribute) if id in row[column])
    tier = row["tier"]
    name = found.tiers[tier].name
    return ScoredItem(
        row["case_key"], row["position"], row["decision"], row["decision_date"], tier, name, shared, points
    )
