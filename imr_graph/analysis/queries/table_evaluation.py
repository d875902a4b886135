"""A second way to answer some questions: SQL over the table of disputed items, where SPARQL takes long.

A question means what its SPARQL says. A file of the same name that ends in `.sql` gives the same rows from the table
of a large store on this machine; tests compare the two. External stores and the endpoint always get the SPARQL.

The header of such a file says what its columns are and how rows are ordered:

    -- columns: treatment treatment, decisions integer, share thousandths
    -- order: decisions desc, treatmentLabel

The type of a column is a kind of concept (whose ids it holds), or another of `_TYPES`; columns of nodes get a companion
with their names. A parameter `x` is `$x`, null where it is left out; beside a category there are its
`$x_treatments`, beside a guideline those whose ids begin like its own, `$x_longer`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias
from urllib.parse import unquote

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import resources, vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.dimensions.values import DIMENSIONS, make_values
from imr_graph.analysis.queries.library import Parameter, Question, find_question
from imr_graph.analysis.queries.parameters import CHOICES, ParameterValue, Value, parse_parameters
from imr_graph.errors import ToolError
from imr_graph.fields import DECISIONS, OUTCOMES, STANCES
from imr_graph.graph.literals import date_literal, english_literal, integer, string
from imr_graph.graph.readable import GraphStore
from imr_graph.store import table_manifest

if TYPE_CHECKING:
    from imr_graph.store.table import Table

__all__ = ["Order", "TableQuestion", "answer_from_table", "find_table_answer", "find_table_question"]

Order: TypeAlias = tuple[tuple[str, bool], ...]
"""Columns that rows are ordered by, the first one first, each with whether downwards."""

_HEADER: Final = re.compile(r"-- columns: (?P<columns>.+)\n-- order: (?P<order>.+)\n")
_PARAMETER: Final = re.compile(r"\$(\w+)")
_ALL: Final = slice(None)
_LARGE: Final = 10_000  # disputed items: some 5,000 letters


@dataclass(frozen=True)
class TableQuestion:
    """The SQL of a question, its columns with their types, and what rows are ordered by."""

    sql: str
    columns: tuple[tuple[str, str], ...]
    order: Order

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what the SQL selects: the columns, and behind them what rows are only ordered by."""
        shown = [name for name, _ in self.columns]
        return (*shown, *(name for name, _ in self.order if name.removesuffix("Label") not in shown))


@cache
def find_table_question(name: str, folder: Path | None = None) -> TableQuestion | None:
    """Return the SQL of a question of the library, None where it has none; raises ToolError for a wrong header."""
    file = (folder or resources.queries()) / f"{name}.sql"
    if not file.is_file():
        return None
    text = file.read_text("utf-8")
    found = _HEADER.match(text)
    columns = [each.split() for each in found["columns"].split(", ")] if found else []
    if not found or not all(len(pair) == 2 and pair[1] in _TYPES for pair in columns):
        raise ToolError(f"{file.name}: it has to begin with '-- columns: NAME TYPE, ...' and '-- order: NAME, ...'.")
    order = tuple((each.removesuffix(" desc"), each.endswith(" desc")) for each in found["order"].split(", "))
    return TableQuestion(text, tuple((name, type) for name, type in columns), order)


def find_table_answer(
    question: Question,
    values: Mapping[str, ParameterValue],
    store: GraphStore,
    table: Callable[[], Table] | None = None,
    *,
    order: Order = (),
    part: slice = _ALL,
) -> ox.QuerySolutions | None:
    """Return what the table answers to a question of the library, None where it has to be asked by SPARQL.

    All that answers questions on this machine decides here which way they go. The table answers where the question has
    SQL and the store is a large one: on a small one SPARQL is as quick, and DuckDB takes longer to start. A table that
    another version of the vocabulary named is left alone. `values` are what the user wrote, `table` opens the store's
    where it is not open yet; `order` and `part` are those of `answer_from_table`. Raises as `parse_parameters`.
    """
    if store.path is None or find_table_question(question.name) is None or question != find_question(question.name):
        return None
    manifest = table_manifest.read(store.path, store.generation)
    if manifest is None or manifest.rows <= _LARGE or manifest.vocabulary != vocabulary.load_version():
        return None
    from imr_graph.store.table import open_table  # here, as few stores are so large

    terms_of = parse_parameters(question, values, store)
    with nullcontext(table()) if table else open_table(store) as opened:
        return answer_from_table(question, terms_of, opened, order=order, part=part)


def answer_from_table(
    question: Question,
    values: Mapping[Parameter, Value | None],
    table: Table,
    *,
    order: Order = (),
    part: slice = _ALL,
) -> ox.QuerySolutions | None:
    """Return the rows that answer a question of the library, as Oxigraph would give them.

    `values` are the terms of all of the question's parameters (None: left out). `order` are the columns that rows are
    ordered by in place of the question's own order, `part` is which of them are returned. None where the question has
    no SQL, or the table cannot look for a value: a node that it cannot have, or words that DuckDB lowers otherwise.
    """
    found = find_table_question(question.name)
    try:
        parameters = dict(pair for each, value in values.items() for pair in _to_sql(each, value, table.store.base))
    except KeyError:
        return None
    if found is None:
        return None
    # Columns as lists: a tuple for each of many rows would be work for the garbage collector.
    columns = f"select {', '.join(f'list({name})' for name in found.names)} from ({found.sql})"
    (lists,) = table.rows(columns, {name: parameters[name] for name in set(_PARAMETER.findall(found.sql))})
    values_of = {name: values or [] for name, values in zip(found.names, lists, strict=True)}
    writers = {name: _writer_of(type, values_of[name], table) for name, type in found.columns}
    places = _sort_rows(values_of, writers, order or found.order)[part]
    head = (f"?{name}" if of.label_term is None else f"?{name}\t?{name}Label" for name, of in writers.items())
    cells = [of.write(list(map(values_of[name].__getitem__, places))) for name, of in writers.items()]
    text = "\n".join(map("\t".join, chain([head], zip(*cells, strict=True))))
    solutions = ox.parse_query_results(f"{text}\n", format=ox.QueryResultsFormat.TSV)
    assert isinstance(solutions, ox.QuerySolutions)
    return solutions


def _sort_rows(values_of: Mapping[str, Sequence[Any]], writers: Mapping[str, _Writer], order: Order) -> list[int]:
    """Return the places of rows in an order, by their values and the names of nodes; what is not stated comes first."""
    places = list(range(len(next(iter(values_of.values())))))
    for name, downwards in reversed(order):
        node = name.removesuffix("Label")
        label = writers[node].label if name not in values_of else None
        keys = [value if label is None or value is None else label(value) for value in values_of[node]]
        known = [(key is not None, key) for key in keys] if None in keys else keys
        places.sort(key=known.__getitem__, reverse=downwards)
    return places


def _is_lowered_alike(text: str) -> bool:
    """Whether DuckDB finds a text in lower case where SPARQL does: they lower some letters beyond ASCII differently."""
    return all(character.isascii() or character.lower() == character.upper() for character in text)


def _to_sql(parameter: Parameter, value: Value | None, base: str) -> Iterator[tuple[str, object]]:
    """Yield what stands for a parameter in SQL; raises KeyError for a node that is none of its type."""
    written: object = None
    if parameter.type == "text" and isinstance(value, ox.Literal) and not _is_lowered_alike(value.value):
        raise KeyError(value.value)
    if isinstance(value, ox.Literal):
        written = int(value.value) if parameter.type in ("integer", "year") else value.value
    elif value is not None and parameter.type == "case":
        start = f"{base}case-"
        if not value.value.startswith(start):
            raise KeyError(value.value)
        written = unquote(value.value.removeprefix(start))
    elif value is not None and parameter.type in KINDS:
        written = KINDS[parameter.type].id_of(value.value)
        if KINDS[parameter.type].iri(written, base) != value.value:
            raise KeyError(value.value)
    elif value is not None:
        written = {terms.term(name): choice for choice, name in CHOICES[parameter.type].items()}[value.value]
    yield parameter.name, written
    if parameter.type == "guideline":
        ids = (each.id for each in vocabulary.load().guidelines)
        yield f"{parameter.name}_longer", [id for id in ids if written and id.startswith(f"{written}-")]
    if parameter.type == "category":
        known = vocabulary.load()
        within = (t.id for t in known.treatments if written in {above.id for above in known.categories_of(t.id)})
        yield f"{parameter.name}_treatments", list(within)


class _Writer(NamedTuple):
    """How the values of a column are written: as terms; of nodes, their names as texts and as terms as well."""

    term: Callable[[Any], str]
    label: Callable[[Any], str] | None = None
    label_term: Callable[[Any], str] | None = None

    def write(self, values: Sequence[Any]) -> Iterator[str]:
        """Return what stands for each value in a row: a cell, of nodes two. Values recur, and are written once."""
        term, label, different = self.term, self.label_term, set(values) - {None}
        if label is None:
            cells = {None: "", **{value: term(value) for value in different}}
        else:
            cells = {None: "\t", **{value: f"{term(value)}\t{label(value)}" for value in different}}
        return map(cells.__getitem__, values)


def _writer_of(type: str, values: Iterable[Any], table: Table) -> _Writer:
    """Return how a column of a type is written, of which these are the values."""
    start = f"{table.store.base}case-"
    if type in KINDS:
        return _concept_writer(type, values, table)
    if type == "case":  # keys as they stand in names of the graph, where nothing has to be escaped
        return _Writer(lambda key: f"<{start}{key}>", str, '"{}"'.format)
    if type == "item":  # `KEY item POSITION`
        return _Writer(lambda name: f"<{start}{name.replace(' item ', '-item-')}>", str, '"{}"'.format)
    if type in _INDIVIDUALS:
        known = {word: word.replace("-", " ") for word in _INDIVIDUALS[type]}
        iris = {word: f"<{terms.term(name)}>" for word, name in _INDIVIDUALS[type].items()}
        return _Writer(iris.__getitem__, known.__getitem__, lambda word: string(known[word]))
    return _Writer(_LITERALS[type])


def _concept_writer(kind: str, ids: Iterable[str], table: Table) -> _Writer:
    """Return how concepts are written; a section is called after its guideline too, and such a name is plain text."""
    of = make_values(DIMENSIONS[kind], ids, table)
    literal = string if kind == "section" else english_literal
    labels = {id: value.label for id, value in of.items()}
    return _Writer(lambda id: f"<{of[id].iri}>", labels.__getitem__, lambda id: literal(labels[id]))


def _decimal(parts: int, value: int) -> str:
    """Write a number that is given in tenths or thousandths as Oxigraph writes decimals.

    >>> _decimal(1000, 250), _decimal(10, 10)
    ('"0.25"^^<http://www.w3.org/2001/XMLSchema#decimal>', '"1"^^<http://www.w3.org/2001/XMLSchema#decimal>')
    """
    return f'"{Decimal(value) / parts if value % parts else value // parts}"^^<{terms.XSD}decimal>'


_INDIVIDUALS: Final[Mapping[str, Mapping[str, str]]] = {
    "outcome": OUTCOMES,
    "decision": DECISIONS,
    "party": CHOICES["side"],
    "stance": STANCES,
}
_LITERALS: Final[Mapping[str, Callable[[Any], str]]] = {
    "date": lambda day: date_literal(day.isoformat()),
    "integer": integer,
    "text": string,
    "tenths": partial(_decimal, 10),
    "thousandths": partial(_decimal, 1000),
}
_TYPES: Final = frozenset(("case", "item", *KINDS, *_INDIVIDUALS, *_LITERALS))
"""What the values of a column can be."""
