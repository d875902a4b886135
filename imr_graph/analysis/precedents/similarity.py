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
from imr_graph.analysis.precedents.tiers import TIERS, Sql, filter_expression, tier_expression
from imr_graph.analysis.search.query_syntax import number_forms
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.parquet import told
from imr_graph.store.table import Table

__all__ = ["WEIGHTS", "Candidates", "ScoredItem", "open_candidates", "rank_candidates", "rerank_by_terms"]

WEIGHTS: Final[Mapping[str, float]] = {
    "treatment": 8.0,  # times the shared treatments among all that both have
    "region": 3.0,  # times the part of the regions asked for
    "words": 3.0,  # times the part of the words asked for, rare words weighing more
    "drug class": 4.0,  # times the part of the classes asked for
    "subcategory": 2.0,  # so, too
    "section": 2.0,
    "page": 2.0,
    "category": 1.0,  # so, too
    "guideline": 1.0,
    "laterality": 1.0,
}
"""The points for what is shared. A cited name may mean several editions: one of them has all the points."""

# what is shared -> the column, and the attribute of a request
_LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "treatment": ("treatments", "treatment_ids"),
    "drug class": ("drug_classes", "drug_classes"),
    "subcategory": ("subcategories", "subcategories"),
    "category": ("categories", "categories"),
    "region": ("body_regions", "regions"),
    "guideline": ("reviewer_guidelines", "guidelines"),
    "section": ("reviewer_section_ids", "sections"),
    "page": ("reviewer_pages", "pages"),
}
_ALTERNATIVES: Final = ("guideline", "section", "page")  # a name may mean several editions: one of them is enough
_GROUPS: Final = ("drug class", "subcategory", "category")  # go without saying where the treatment is the same
# What other questions ask of the candidates; other lists are read only where the request asks for them.
_RESTS: Final = (
    "treatments",
    "reviewer_guidelines",
    "reviewer_section_ids",
    "reviewer_pages",
    "reviewer_specialty_ids",
)
_ORDER: Final = "tier, score desc, decision_date desc nulls last, case_key, position"


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """A decision that is like the request: its tier (`step`), what it shares (ids by kind), and the points of each.

    The kinds are those of `WEIGHTS`.
    """

    case: str
    position: int
    decision: str
    decided: date | None
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

    It has the columns of `items` that are asked for, `overturned`, `tier` (a number of `STEPS`), `score`, and for
    each of `kinds` its points.
    """

    request: Request
    kinds: tuple[str, ...]
    connection: duckdb.DuckDBPyConnection

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that an SQL query over `candidate` yields."""
        return self.connection.execute(sql, values).fetchall()


@contextmanager
def open_candidates(
    table: Table, request: Request, filters: Filters, leave_out: Sequence[str], widest: str
) -> Iterator[Candidates]:
    """Gather the decisions of the tiers up to a step of `STEPS`, which filters let through, for further questions."""
    last = list(TIERS).index(widest)
    points = _points(request, last)
    columns = dict.fromkeys((*_RESTS, *_columns(points)))
    sql = Sql("create temp table candidate as select *, ") + " + ".join(map(_points_column, points))
    sql += f" as score from (select case_key, position, decision, decision_date, {', '.join(columns)}, "
    sql += Sql("decision = 'overturned' as overturned, ") + tier_expression(request, last) + " as tier"
    for kind, expression in points.items():
        sql += Sql(", ") + expression + f" as {_points_column(kind)}"
    sql += Sql(" from items where ") + filter_expression(filters, leave_out) + ") where tier is not null"
    with told(table.store.path or Path("in memory")), closing(table.connection.cursor()) as cursor:
        cursor.execute(sql.text, sql.values)
        yield Candidates(request, tuple(points), cursor)


def rank_candidates(
    found: Candidates, limit: int, *, decision: str | None = None, only: Sequence[tuple[str, int]] = ()
) -> tuple[ScoredItem, ...]:
    """Return the decisions that are most like the request, the nearest tier first and then by points.

    Equals come by date, newest first. `only` asks for these items (case, position) and no others.
    """
    condition = "true"
    values: list[object] = []
    if decision is not None:
        condition += " and decision = ?"
        values.append(decision)
    if only:
        condition += f" and (case_key, position) in ({', '.join('(?, ?)' for _ in only)})"
        values += [value for item in only for value in item]
    columns = ["case_key", "position", "decision", "decision_date", "tier", *_columns(found.kinds)]
    columns += map(_points_column, found.kinds)
    sql = f"select {', '.join(columns)} from candidate where {condition} order by {_ORDER} limit {int(limit)}"
    return tuple(_alike(dict(zip(columns, row, strict=True)), found) for row in found.rows(sql, values))


def rerank_by_terms(store: GraphStore, words: Sequence[str], found: Sequence[ScoredItem]) -> list[ScoredItem]:
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
    tiers = list(TIERS)
    return sorted(ranked, key=lambda one: (tiers.index(one.step), -one.score))


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


def _points(request: Request, widest: int) -> dict[str, Sql]:
    """Return the expression of the points for each kind of thing that a request asks for, within some tiers."""
    found = {}
    for kind, (column, attribute) in _LISTS.items():
        wanted = list(getattr(request, attribute))
        if not wanted or (kind in _GROUPS and not widest):
            continue
        shared = Sql(f"len(list_intersect({column}, ?::varchar[]))", (wanted,))
        if kind == "treatment":
            part = shared + f" / (len({column}) + {len(wanted)} - " + shared + ")"
        elif kind in _ALTERNATIVES:
            part = Sql("least(1, ") + shared + ")"
        else:
            part = shared + f" / {len(wanted)}"
        if kind in _GROUPS:
            part = Sql("if(tier = 0, 0, ") + part + ")"
        found[kind] = Sql(f"{WEIGHTS[kind]} * ") + part
    if request.laterality:
        found["laterality"] = Sql(f"if(laterality = ?, {WEIGHTS['laterality']}, 0)", (request.laterality,))
    return found


def _columns(kinds: Iterable[str]) -> list[str]:
    return [_LISTS[kind][0] if kind in _LISTS else kind for kind in kinds]


def _points_column(kind: str) -> str:
    return f"points_{kind.replace(' ', '_')}"


def _alike(row: Mapping[str, Any], found: Candidates) -> ScoredItem:
    points = {kind: float(row[_points_column(kind)] or 0) for kind in found.kinds}
    points = {kind: given for kind, given in points.items() if given}
    shared = {}
    for kind in points:
        if kind == "laterality":
            shared[kind] = (row[kind],)
        else:
            column, attribute = _LISTS[kind]
            shared[kind] = tuple(id for id in getattr(found.request, attribute) if id in row[column])
    step = list(TIERS)[row["tier"]]
    return ScoredItem(row["case_key"], row["position"], row["decision"], row["decision_date"], step, shared, points)
