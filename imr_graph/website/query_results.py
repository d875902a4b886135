"""The answer to a query of the library as a page shows it: a piece of its rows in an order, with names for IRIs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.analysis.queries.library import Question
from imr_graph.analysis.queries.results import Term, plain_value
from imr_graph.analysis.queries.table_evaluation import Order, find_table_answer
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import RecordFile
from imr_graph.website.forms import title_of
from imr_graph.website.rendering import percent
from imr_graph.website.site import PageRequest, Site

__all__ = [
    "PAGE",
    "WINDOW",
    "AnswerCell",
    "AnswerColumn",
    "AnswerGraph",
    "AnswerRows",
    "fetch_graph",
    "fetch_records",
    "fetch_rows",
]

PAGE: Final = 100
"""Rows that are shown at a time."""

WINDOW: Final = 1000
"""Rows that are looked at, so that it can be said how many there are."""

_NUMBERS: Final = frozenset(f"{terms.XSD}{name}" for name in ("integer", "decimal", "double", "float"))
_SELECT: Final = re.compile(r"^SELECT\b", re.MULTILINE)
_ITEM: Final = re.compile(r"(\S+) item (\d+)")
_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """A column that is shown: its name in the query, its title, what it means, and whether it has numbers.

    `order` is "ascending" or "descending" where the rows are sorted by it.
    """

    name: str
    title: str
    meaning: str
    number: bool
    order: str | None


@dataclass(frozen=True, slots=True)
class AnswerCell:
    """One value: its text, the IRI of the node it names, and the number it is."""

    text: str
    iri: str | None = None
    number: float | None = None

    @property
    def decision(self) -> bool:
        """Whether it is a decision."""
        return self.iri in (terms.term("Upheld"), terms.term("Overturned"))

    @property
    def linked(self) -> bool:
        """Whether it leads to a page; the terms of the ontology only say what they are called."""
        return self.iri is not None and not self.iri.startswith(terms.IMR)


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """A piece of an answer: `rows` from `offset` on, of `total` (None: more than were looked at).

    `cut` names the limit of the server that ended the answer, if one did.
    """

    columns: tuple[AnswerColumn, ...]
    rows: tuple[tuple[AnswerCell, ...], ...]
    offset: int
    total: int | None
    cut: str | None

    @property
    def after(self) -> int | None:
        """Where the next piece begins."""
        end = self.offset + len(self.rows)
        return end if self.rows and (self.total is None or end < self.total) else None


@dataclass(frozen=True, slots=True)
class AnswerGraph:
    """An answer that is a graph, as Turtle: its first lines, and how many lines there are."""

    text: str
    lines: int
    cut: str | None

    @property
    def whole(self) -> bool:
        """Whether all lines are there."""
        return self.lines <= _LINES


async def fetch_rows(
    asked: PageRequest, question: Question, sparql: str, values: Mapping[str, str], sort: str, offset: int
) -> AnswerRows:
    """Return the rows of a question from a place on; `sort` is a column, with a hyphen before it for descending.

    `sparql` has the `values` of the parameters set. Raises ImrGraphError where the server cannot answer.
    """
    start = offset // WINDOW * WINDOW
    name = sort.removeprefix("-")
    known = {column.name for column in question.columns}
    order = ((_sort_column(sparql, name), sort.startswith("-")),) if name in known else ()
    piece = await _read_table(asked.site, question, values, order, slice(start, start + WINDOW + 1))
    cut = None
    if piece is None:
        fetched = await asked.fetch(_write_piece(sparql, order, WINDOW + 1, start), "json")
        piece, cut = _read_rows(question, fetched.body), fetched.cut
    names, found = piece
    total = start + len(found) if len(found) <= WINDOW and not cut else None
    shown = found[offset - start : offset - start + PAGE]
    types = {column.name: column.type for column in question.columns}
    columns = tuple(_columns(question, names, found, sort))
    rows = tuple(tuple(_cell(column.name, types.get(column.name), row) for column in columns) for row in shown)
    return AnswerRows(columns, rows, offset, total, cut)


async def fetch_records(asked: PageRequest, question: Question, sparql: str, values: Mapping[str, str]) -> RecordFile:
    """Return all rows of the answer to a question as records of a file, as many as an answer of the server may have.

    `values` are those of its parameters. Raises ImrGraphError where the server cannot answer.
    """
    most = asked.site.settings.rows
    piece = await _read_table(asked.site, question, values, (), slice(most + 1))
    if piece is None:
        fetched = await asked.fetch(sparql, "json")
        piece, cut = _read_rows(question, fetched.body), fetched.cut
    else:
        cut = "rows" if len(piece[1]) > most else None
    names, found = piece
    rows = [[plain_value(row[name]) for name in names] for row in found[:most]]
    head = {
        "question": question.name,
        "title": question.title,
        "parameters": dict(values),
        "columns": {column.name: column.description for column in question.columns},
        "total": len(rows),
        "complete": cut is None,
    }
    return RecordFile(names, rows, "rows", head | ({"limit": cut} if cut else {}))


async def _read_table(
    site: Site, question: Question, values: Mapping[str, str], order: Order, part: slice
) -> _Piece | None:
    """Return rows that the table answers, None where SPARQL has to: an external store always gets it."""

    def read(snapshot: StoreSnapshot) -> _Piece | None:
        found = find_table_answer(question, values, snapshot.store, lambda: snapshot.table, order=order, part=part)
        return None if found is None else _list_rows(found)

    return None if site.settings.endpoint else await site.run_in_thread(read)


# The names of columns, and rows by them.
_Piece: TypeAlias = tuple[list[str], list[dict[str, Term | None]]]


def _read_rows(question: Question, body: bytes) -> _Piece:
    """Return the names of the columns and the rows of an answer in SPARQL's JSON."""
    solutions = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise TypeError(f"{question.name} is no query that rows answer")
    return _list_rows(solutions)


def _list_rows(solutions: ox.QuerySolutions) -> _Piece:
    names = [variable.value for variable in solutions.variables]
    return names, [{name: solution[name] for name in names} for solution in solutions]


async def fetch_graph(asked: PageRequest, sparql: str) -> AnswerGraph:
    """Return the graph that answers a question, as Turtle; raises ImrGraphError where the server cannot answer."""
    fetched = await asked.fetch(sparql, "turtle")
    lines = fetched.body.decode(errors="replace").splitlines()
    return AnswerGraph("\n".join(lines[:_LINES]), len(lines), fetched.cut)


def _write_piece(sparql: str, order: Order, limit: int, offset: int) -> str:
    """Return the query for a piece of an answer, in an order of its own or in the query's."""
    text = sparql.rstrip()
    if order:
        start = _SELECT.search(text)
        at = start.start() if start else 0
        by = " ".join(f"{'DESC' if downwards else 'ASC'}(?{name})" for name, downwards in order)
        text = f"{text[:at]}SELECT * WHERE {{ {{\n{text[at:]}\n}} }}\nORDER BY {by}"
    return f"{text}\nLIMIT {limit}\nOFFSET {offset}\n"


def _sort_column(sparql: str, name: str) -> str:
    return f"{name}Label" if re.search(rf"\?{name}Label\b", sparql) else name


def _columns(
    question: Question, names: Sequence[str], found: Sequence[dict[str, Term | None]], sort: str
) -> list[AnswerColumn]:
    """Return the columns for people, in the question's order: a node and its name are one."""
    meanings = {column.name: column.description for column in question.columns}
    shown = [name for name in names if not (name.endswith("Label") and name.removesuffix("Label") in names)]
    places = {name: place for place, name in enumerate(meanings)}
    shown.sort(key=lambda name: places.get(name, len(places)))
    orders = {sort.removeprefix("-"): "descending" if sort.startswith("-") else "ascending"}
    return [
        AnswerColumn(
            name,
            title_of(name),
            meanings.get(name, ""),
            bool(found) and all(row[name] is None or _number(row[name]) is not None for row in found),
            orders.get(name),
        )
        for name in shown
    ]


def _cell(name: str, type: str | None, row: dict[str, Term | None]) -> AnswerCell:
    term, label = row[name], row.get(f"{name}Label")
    if term is None:
        return AnswerCell("")
    text = label.value if isinstance(label, ox.Literal) else ""
    if isinstance(term, ox.NamedNode):
        return AnswerCell(text or terms.local_name(term.value), term.value)
    written = term.value if isinstance(term, ox.Literal | ox.BlankNode) else str(term)
    number = _number(term)
    if type == "share" and number is not None:
        return AnswerCell(percent(number), number=number)
    return AnswerCell(written, _iri_of(type, written), number)


def _iri_of(type: str | None, written: str) -> str | None:
    """Return the IRI that a text stands for: a case by its number, an item by its case's and its place."""
    if type == "case":
        return terms.case_iri(written)
    item = _ITEM.fullmatch(written) if type == "item" else None
    return terms.item_iri(terms.case_iri(item[1]), int(item[2])) if item else None


def _number(term: object) -> float | None:
    if isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS:
        try:
            return float(term.value)
        except ValueError:
            return None
    return None
