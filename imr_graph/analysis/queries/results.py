"""What an answer looks like: a frozen table, triples or a truth value, and the formats that they are written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, Final, TypeAlias

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.data_table import Cell, Iri, Tabular, format_grid
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.record_files import stream_csv

__all__ = [
    "FORMATS",
    "Answer",
    "Look",
    "Raw",
    "ResultTable",
    "Term",
    "Writer",
    "format_answer",
    "plain_value",
    "read_answer",
    "to_python",
    "write_answer",
]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Raw: TypeAlias = ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean

_NUMBERS: Final = frozenset(f"{terms.XSD}{name}" for name in ("integer", "decimal", "double", "float"))
_LETTERS: Final = re.compile("[A-HJ-MO-Za-hj-mo-z]")  # how no number begins ("INF" and "NaN" are numbers)
_VALUES: Final[Mapping[str, Callable[[str], Cell]]] = {
    f"{terms.XSD}integer": int,
    f"{terms.XSD}decimal": Decimal,
    f"{terms.XSD}double": float,
    f"{terms.XSD}float": float,
    f"{terms.XSD}boolean": lambda text: text in ("true", "1"),
    f"{terms.XSD}date": date.fromisoformat,
    f"{terms.XSD}dateTime": datetime.fromisoformat,
    f"{terms.XSD}gYear": int,
}


@dataclass(frozen=True, slots=True, repr=False)
class ResultTable(Tabular):
    """Rows of an answer: `rows` as Python values, `terms` as RDF terms; a cell without a value is None.

    A column `x` that holds nodes often has a companion `xLabel` with their names.
    """

    columns: tuple[str, ...]
    terms: tuple[tuple[Term | None, ...], ...]

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows as Python values: int, Decimal, float, bool, date, datetime, str, and `Iri` for nodes."""
        return tuple(tuple(map(to_python, row)) for row in self.terms)

    def _format(self, most: int | None) -> str:
        return format_answer(self, most=most)


Answer: TypeAlias = ResultTable | tuple[ox.Triple, ...] | bool


@dataclass(frozen=True, slots=True)
class Look:
    """How an answer is shown: the base that IRIs are shortened by, the terminal's width (None: as wide as needed)."""

    base: str = terms.BASE
    width: int | None = None


Writer: TypeAlias = Callable[[Raw, BinaryIO, Look], None]


def read_answer(raw: Raw) -> Answer:
    """Return a streamed answer as a whole: a table, the triples sorted, or a truth value."""
    if isinstance(raw, ox.QueryBoolean):
        return bool(raw)
    if isinstance(raw, ox.QueryTriples):
        return tuple(sorted(set(raw), key=str))
    columns = tuple(variable.value for variable in raw.variables)
    return ResultTable(columns, tuple(tuple(solution[name] for name in columns) for solution in raw))


def write_answer(raw: Raw, format: str, stream: BinaryIO, *, base: str = terms.BASE, width: int | None = None) -> None:
    """Write an answer to a binary stream in a format of `FORMATS`.

    `base` shortens the IRIs of the data; `width` is the terminal's in columns, None for as wide as the rows need.
    Raises UnknownNameError for an unknown format, UsageError where the format cannot hold this kind of answer.
    """
    if format not in FORMATS:
        raise UnknownNameError("format of answers", format, FORMATS)
    FORMATS[format](raw, stream, Look(base, width))


def _table(raw: Raw, stream: BinaryIO, look: Look) -> None:
    stream.write(format_answer(read_answer(raw), base=look.base, width=look.width).encode("utf-8", "replace"))


def _solutions(format: ox.QueryResultsFormat) -> Writer:
    def write_solutions(raw: Raw, stream: BinaryIO, _look: Look) -> None:
        if isinstance(raw, ox.QueryTriples):
            raise UsageError("This answer is a graph, not a table: ask for the format 'turtle' or 'table'.")
        raw.serialize(stream, format=format)

    return write_solutions


def _spreadsheet(raw: Raw, stream: BinaryIO, _look: Look) -> None:
    if not isinstance(raw, ox.QuerySolutions):
        raise UsageError("This answer has no rows for a spreadsheet: ask for the format 'table' or 'turtle'.")
    names = [variable.value for variable in raw.variables]
    for piece in stream_csv(names, (tuple(map(plain_value, solution)) for solution in raw)):
        stream.write(piece.encode("utf-8", "replace"))


def plain_value(term: Term | None) -> str | float | None:
    """Return a term as spreadsheets and JSON have it: numbers as numbers, other literals and IRIs as text.

    >>> plain_value(ox.Literal(-3)), plain_value(ox.Literal("-3"))
    (-3, '-3')
    """
    if term is None or isinstance(term, ox.Triple):
        return None if term is None else str(term)
    text = term.value
    if isinstance(term, ox.Literal) and not _LETTERS.match(text) and _is_number(term):
        with suppress(ValueError):
            number = float(text)
            return int(text) if number.is_integer() and text.lstrip("+-").isdigit() else number
    return text


def _turtle(raw: Raw, stream: BinaryIO, look: Look) -> None:
    if not isinstance(raw, ox.QueryTriples):
        raise UsageError("Turtle holds graphs (CONSTRUCT, DESCRIBE): ask for the format 'table', 'json' or 'csv'.")
    triples = sorted(set(raw), key=str)
    ox.serialize(triples, stream, format=ox.RdfFormat.TURTLE, prefixes={**terms.PREFIXES, "id": look.base})


FORMATS: Final[Mapping[str, Writer]] = {
    "table": _table,
    "json": _solutions(ox.QueryResultsFormat.JSON),
    "xml": _solutions(ox.QueryResultsFormat.XML),
    "csv": _solutions(ox.QueryResultsFormat.CSV),
    "tsv": _solutions(ox.QueryResultsFormat.TSV),
    "turtle": _turtle,
    "spreadsheet": _spreadsheet,
}
"""How answers are written. `csv` is SPARQL's own and exact; `spreadsheet` is CSV whose cells no spreadsheet runs."""


def format_answer(answer: Answer, *, base: str = terms.BASE, width: int | None = None, most: int | None = None) -> str:
    """Return an answer for reading in a terminal: aligned columns, names instead of IRIs where the answer has them.

    `most` is the number of rows to show; all without it.
    """
    if isinstance(answer, bool):
        return "yes\n" if answer else "no\n"
    if isinstance(answer, tuple):
        answer = ResultTable(
            ("subject", "property", "value"), tuple((t.subject, t.predicate, t.object) for t in answer)
        )
    shown = [i for i, name in enumerate(answer.columns) if f"{name}Label" not in answer.columns]
    prefixes = {**terms.PREFIXES, "id": base}
    return format_grid(
        [answer.columns[i].removesuffix("Label") for i in shown],
        [[_short(row[i], prefixes) for i in shown] for row in answer.terms],
        [bool(answer.terms) and all(_is_number(row[i]) for row in answer.terms) for i in shown],
        most,
        width=width,
    )


def to_python(term: Term | None) -> Cell:
    """Return the Python value of a term; a literal of another type, or one that breaks its own, is its text."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if not isinstance(term, ox.Literal):
        return str(term)
    convert = _VALUES.get(term.datatype.value, str)
    try:
        return convert(term.value)
    except (ValueError, ArithmeticError):
        return term.value


def _is_number(term: Term | None) -> bool:
    return term is None or (isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS)


def _plain(term: Term) -> str:
    return str(term) if isinstance(term, ox.Triple) else term.value


def _short(term: Term | None, prefixes: Mapping[str, str]) -> str:
    """Return a term for reading: a literal's text, an IRI by its prefix where it has one."""
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        for prefix, start in prefixes.items():
            if term.value.startswith(start):
                return f"{prefix}:{term.value.removeprefix(start)}"
    return _plain(term)
