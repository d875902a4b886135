"""A search as the full-text index takes it: what fits, counted, in an order, with snippets and facets."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations, islice
from typing import Any, Final

from imr_graph import iris
from imr_graph.analysis.dimensions.filters import Filters, resolve_filters
from imr_graph.analysis.dimensions.lookup import literals_of
from imr_graph.analysis.dimensions.values import make_value
from imr_graph.analysis.search.index_expressions import NOTHING, filter_expression, find_mark, name_concepts
from imr_graph.analysis.search.meaning import SearchTerm
from imr_graph.analysis.search.query_syntax import Expression, Query, join_expressions, parse_query
from imr_graph.analysis.search.results import RANKED, Facet, Hit, Snippet
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.search_index import EVERY, FIELDS, PRESENT
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["CompiledSearch", "compile_search", "relax"]

_FEW: Final = 10_000  # hits whose marks are read one by one, at 6 microseconds each
_AFFORDED: Final = 200_000  # values times hits that are counted unasked, at 10 to 70 nanoseconds each
_AT_ONCE, _AT_ONCE_BY_PREFIX = 500, 5_000  # hits that are read together
_WORDS: Final = 28  # of a snippet
_SMALL_WORD: Final = 3  # letters: "no" and "the" are passed over where nothing has all words
_MOST_RELAXED: Final = 12  # words: of more there are too many ways to leave some out
_BEGIN, _END = "\x02", "\x03"
# What a word is worth in each field, in the order of the index; marks are no words.
_WEIGHTS: Final = "4.0, 2.0, 1.0, 1.0, 0.0"


@dataclass(frozen=True)
class CompiledSearch:
    """A search put to the index: its expressions, what is filtered by, and the generation that is read."""

    index: sqlite3.Connection
    store: GraphStore
    query: Query | None
    found: Expression
    filtered: str
    terms: tuple[SearchTerm, ...]
    values: Mapping[str, Any]

    @property
    def worded(self) -> bool:
        """Whether there are words to look for."""
        return self.query is not None

    @property
    def match(self) -> str:
        """The expression that finds what fits."""
        return f"({self.found.match}){self.filtered}"

    @cached_property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """What fits in the order in which it is shown: the requests, then what mentions; each with its number."""
        if self.found.asked == self.found.match:
            return ((self.match, self.total),)
        mentions, requests = f"{self.match} NOT ({self.found.asked})", f"{self.match} AND ({self.found.asked})"
        first = self._count(requests)
        return (requests, first), (mentions, self.total - first)

    def is_complete(self, sort: str) -> bool:
        """Return whether all that fits is put in order, and not only the last `RANKED`."""
        return self.total <= RANKED or (sort == "relevance" and not self.worded)

    @property
    def requests(self) -> int:
        """How many of what fits ask for what the words name."""
        return self.parts[0][1] if len(self.parts) > 1 else 0

    @property
    def tables(self) -> str:
        """What is read: for dates the entries as well, found from the words and not the other way round."""
        dated = self.values["since"] or self.values["until"]
        return f"words{' cross join entry on entry.id = words.rowid' if dated else ''}"

    @property
    def condition(self) -> str:
        """The condition of SQL that an entry fits."""
        said = ["words match :match", PRESENT]
        said += ["entry.decided >= :since"] if self.values["since"] else []
        said += ["entry.decided <= :until"] if self.values["until"] else []
        return " and ".join(said)

    def rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        """Return the rows that an SQL query of the index yields."""
        return self.index.execute(sql, {**self.values, "match": self.match, **more}).fetchall()

    @cached_property
    def total(self) -> int:
        """How many entries fit."""
        return self._count(self.match)

    def _count(self, match: str) -> int:
        sql = f"select count(*) from {self.tables} where {self.condition}"
        return int(self.rows(sql, match=match)[0][0])

    def hits(self, total: int, limit: int, offset: int, sort: str) -> tuple[Hit, ...]:
        """Return a page of hits in an order of `search.SORTS`."""
        found: list[int] = []
        for match, number in self.parts if sort == "relevance" else ((self.match, total),):
            if offset < number and len(found) < limit:
                found += self._order(match, number, limit - len(found), offset, sort)
            offset = max(offset - number, 0)
        return self._read_hits(found)

    def all_hits(self, sort: str) -> Iterator[Hit]:
        """Yield all hits: those that are ranked in their order, then the others, those that came last first."""
        ids = self._all_ids(sort)
        at_once = _AT_ONCE_BY_PREFIX if "*" in self.match else _AT_ONCE
        while some := list(islice(ids, at_once)):
            yield from self._read_hits(some)

    def _all_ids(self, sort: str) -> Iterator[int]:
        for match, number in self.parts if sort == "relevance" else ((self.match, self.total),):
            ranked = min(number, RANKED) if self.worded or sort != "relevance" else 0
            if ranked:
                yield from self._order(match, number, ranked, 0, sort)
            last = f"select words.rowid from {self.tables} where {self.condition} order by words.rowid desc"
            others = self.index.execute(last, {**self.values, "match": match})
            yield from (id for (id,) in islice(others, ranked, None))

    def _order(self, match: str, total: int, limit: int, offset: int, sort: str) -> list[int]:
        """Return a page of what an expression finds, `total` of them, in an order."""
        fitting = f"select words.rowid from {self.tables} where {self.condition}"
        page = {"limit": limit, "offset": offset, "match": match}
        if sort == "relevance" and not self.worded:
            ids = self.rows(f"{fitting} order by words.rowid desc limit :limit offset :offset", **page)
        else:
            first = 0
            if total > RANKED:
                last = f"{fitting} order by words.rowid desc limit 1 offset {RANKED - 1}"
                first = self.rows(last, match=match)[0][0]
            tables, order = self._order_by(sort)
            ranked = f"select words.rowid from {tables} where {self.condition} and words.rowid >= :first"
            ids = self.rows(f"{ranked} order by {order}, words.rowid limit :limit offset :offset", first=first, **page)
        return [id for (id,) in ids]

    def _order_by(self, sort: str) -> tuple[str, str]:
        """Return what is read for an order and what orders it: of equal ones the newest first, without a date last."""
        best = f"bm25(words, {_WEIGHTS}), " if sort == "relevance" else ""
        down = "" if sort == "oldest" else " desc"
        return "words cross join entry on entry.id = words.rowid", f"{best}entry.decided is null, entry.decided{down}"

    def _read_hits(self, ids: Sequence[int]) -> tuple[Hit, ...]:
        """Return the hits with these ids, in this order."""
        snippets = ", ".join(f"snippet(words, {n}, '{_BEGIN}', '{_END}', '…', {_WORDS})" for n, _ in enumerate(FIELDS))
        # Looked up one by one, a prefix would be spelled out for each; so then all that fits is gone through, once.
        rowid = "+words.rowid" if "*" in self.match else "words.rowid"
        sql = (
            f"select words.rowid, key, position, words.heading, decision, decided, {snippets} from words "
            f"cross join entry on entry.id = words.rowid where words match :match and {rowid} in "
            "(select value from json_each(:ids))"
        )
        hits = {}
        for id, key, position, heading, decision, decided, *texts in self.rows(sql, ids=json.dumps(ids)):
            hits[id] = Hit(key, position, heading, decision, decided, _snippets(texts), self._service(key, position))
        return tuple(hits[id] for id in ids)

    def _service(self, key: str, position: int | None) -> str | None:
        """Return what of an item is in dispute, as its letter words it."""
        if position is None:
            return None
        item = iris.item_iri(iris.case_iri(key, self.store.base), position)
        return next(iter(literals_of(self.store.graph, item, iris.term("service"))), None)

    def affordable(self, names: Sequence[str], total: int) -> list[str]:
        """Return the dimensions that can be counted by at little cost: values times hits, where hits are many."""
        if total <= _FEW:
            return list(names)
        values = dict(self.rows("select dimension, count(*) from mark group by dimension"))
        left, found = _AFFORDED, []
        for name in names:
            cost = values.get(name, 0) * total
            if cost <= left:
                found.append(name)
                left -= cost
        return found

    def facets(self, names: Sequence[str], total: int, base: str) -> dict[str, tuple[Facet, ...]]:
        """Return how many of the hits have each value of some dimensions, the most first."""
        # Few hits are counted by reading their marks, many by asking the index for each mark.
        few = self._marks() if names and total <= _FEW else None
        found = {}
        for name in names:
            known = self.rows("select value, id from mark where dimension = :name", name=name)
            counts = [
                (value or None, self._count(f"({self.match}) AND marks : x{id}") if few is None else few[f"x{id}"])
                for value, id in known
            ]
            facets = [Facet(make_value(DIMENSIONS[name], value, base), count) for value, count in counts if count]
            found[name] = tuple(sorted(facets, key=lambda facet: (-facet.count, facet.value.label)))
        return found

    def _marks(self) -> Counter[str]:
        sql = f"select passage.marks from {self.tables} cross join passage on passage.id = words.rowid"
        return Counter(mark for (marks,) in self.rows(f"{sql} where {self.condition}") for mark in marks.split())


def compile_search(
    index: sqlite3.Connection, store: GraphStore, text: str, filters: Filters, *, literal: bool
) -> CompiledSearch | None:
    """Return what to ask of the index; None where nothing can fit."""
    every = find_mark(index, EVERY, "")
    if every is None:  # the index is empty
        return None
    terms: list[SearchTerm] = []
    query = parse_query(
        text,
        every=every,
        understand=None if literal else partial(name_concepts, index, terms),
        mark=lambda name, value: filter_expression(index, resolve_filters(store, {name: value})) or NOTHING,
    )
    filtered = filter_expression(index, filters)
    if filtered is None:
        return None
    since, until = filters.since, filters.until
    values = {
        "now": store.generation,
        "since": None if since and since.endswith("-01-01") else since,
        "until": None if until and until.endswith("-12-31") else until,
    }
    found = query.found if query else Expression(*2 * (f"marks : {every}",))
    return CompiledSearch(index, store, query, found, f" AND {filtered}" if filtered else "", tuple(terms), values)


def relax(asked: CompiledSearch) -> tuple[CompiledSearch, tuple[str, ...]]:
    """Return a search that finds something, and the words that it passes over: as few as need be, and no names."""
    units = asked.query.units if asked.query else ()
    words = [unit for unit in units if not unit.named and len(unit.written) > _SMALL_WORD]
    named = [unit for unit in units if unit.named]
    if len(named) + len(words) < 2 or len(words) > _MOST_RELAXED or asked.total:
        return asked, ()
    for kept in range(len(words) - (len(words) == len(units)), -1 if named else 0, -1):
        some = [join_expressions([unit.found for unit in (*named, *chosen)]) for chosen in combinations(words, kept)]
        relaxed = replace(asked, found=join_expressions(some, "OR"))
        if relaxed.total:
            return relaxed, tuple(unit.written for unit in words) if kept < len(words) else ()
    return asked, ()


def _snippets(texts: Sequence[str | None]) -> tuple[Snippet, ...]:
    found = ((field, text) for field, text in zip(FIELDS, texts, strict=True) if text and _BEGIN in text)
    return tuple(_snippet(field, text) for field, text in found)


def _snippet(field: str, text: str) -> Snippet:
    before, *marked = text.split(_BEGIN)
    pieces = [(before, False)]
    for piece in marked:
        found, _, after = piece.partition(_END)
        pieces += [(found, True), (after, False)]
    return Snippet(field, tuple(piece for piece in pieces if piece[0]))
