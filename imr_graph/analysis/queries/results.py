"""What an answer looks like: a frozen table, triples or a truth value, and the formats that they are written in."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError, UsageError

__all__ = [
    "FORMATS",
    "Answer",
    "Look",
    "Raw",
    "ResultTable",
    "Term",
    "Writer",
    "format_answer",
    "read_answer",
    "write_answer",
]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Raw: TypeAlias = ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean

_NUMBERS: Final = frozenset(f"{terms.XSD}{name}" for name in ("integer", "decimal", "double", "float"))
_WIDEST_CELL = 72


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Rows of RDF terms; a cell without a value is None.

    A column `x` that holds nodes often has a companion `xLabel` with their names.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def values(self) -> list[dict[str, str | None]]:
        """Return the rows as dictionaries of plain text, IRIs included."""
        return [
            {name: None if cell is None else _plain(cell) for name, cell in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]


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
}


def format_answer(answer: Answer, *, base: str = terms.BASE, width: int | None = None) -> str:
    """Return an answer for reading in a terminal: aligned columns, names instead of IRIs where the answer has them."""
    from rich.box import SIMPLE_HEAD  # here, as other formats do not need it
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    if isinstance(answer, bool):
        return "yes\n" if answer else "no\n"
    if isinstance(answer, tuple):
        answer = ResultTable(
            ("subject", "property", "value"), tuple((t.subject, t.predicate, t.object) for t in answer)
        )
    shown = [i for i, name in enumerate(answer.columns) if f"{name}Label" not in answer.columns]
    grid = RichTable(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for i in shown:
        numeric = bool(answer.rows) and all(_is_number(row[i]) for row in answer.rows)
        grid.add_column(
            Text(answer.columns[i].removesuffix("Label")),
            justify="right" if numeric else "left",
            max_width=_WIDEST_CELL,
            overflow="fold",
        )
    prefixes = {**terms.PREFIXES, "id": base}
    for row in answer.rows:
        grid.add_row(*(Text(_short(row[i], prefixes)) for i in shown))
    out = io.StringIO()
    console = Console(
        file=out, width=width or (_WIDEST_CELL + 3) * max(len(shown), 1), color_system=None, legacy_windows=False
    )
    console.print(grid)
    count = len(answer.rows)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join([*lines, f"({count} row{'' if count == 1 else 's'})"]) + "\n"


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
