"""Answers as tables of Python values: rows for programs, text for terminals, HTML for notebooks, frames for analysis.

A table has real types: whole numbers, decimals, dates, truth values, IRIs (`Iri`) and texts; a cell without a value is
None. pandas, polars and pyarrow are imported when a frame is asked for; `pip install 'imr-graph[frames]'` brings them.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from importlib import import_module
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from imr_graph.errors import UsageError

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["Cell", "DataTable", "Iri", "Tabular", "format_grid"]


class Iri(str):
    """An IRI of the graph: a text, told from other texts by its type."""

    __slots__ = ()


Cell: TypeAlias = str | int | float | bool | Decimal | date | datetime | None

_WIDEST_CELL: Final = 72  # columns of a terminal
_SHOWN: Final = 20  # rows that a console or a notebook shows of a longer table
_SMALLEST, _GREATEST = -(1 << 63), (1 << 63) - 1  # what the whole numbers of frames can be


class Tabular(ABC):
    """Something with named columns and rows of Python values, and the forms in which programs take it."""

    __slots__ = ()

    columns: tuple[str, ...]

    @property
    @abstractmethod
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows; a cell without a value is None."""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return iter(self.rows)

    def column(self, name: str) -> tuple[Cell, ...]:
        """Return the values of a column; raises UsageError where there is none of this name."""
        if name not in self.columns:
            raise UsageError(f"There is no column {name!r}: there are {', '.join(self.columns)}.")
        return tuple(row[self.columns.index(name)] for row in self.rows)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_pandas(self) -> pandas.DataFrame:
        """Return a pandas frame: nullable whole numbers, decimals as floating-point numbers, dates, texts.

        Raises UsageError where pandas is not installed.
        """
        library = _import_frames("pandas")
        columns = {name: library.Series(cells, dtype=_PANDAS[kind]) for name, kind, cells in _typed_columns(self)}
        frame: pandas.DataFrame = library.DataFrame(columns, columns=list(self.columns))
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Return a polars frame, with the types of `to_arrow`; raises UsageError where polars is not installed."""
        library = _import_frames("polars")
        types = {name: getattr(library, _POLARS[kind]) for name, kind, _ in _typed_columns(self)}
        columns = {name: cells for name, _, cells in _typed_columns(self)}
        frame: polars.DataFrame = library.DataFrame(columns, schema=types)
        return frame

    def to_arrow(self) -> pyarrow.Table:
        """Return an Arrow table: int64, float64 (decimals too), date32, timestamp, bool, string.

        Raises UsageError where pyarrow is not installed.
        """
        library = _import_frames("pyarrow")
        types = {kind: library.type_for_alias(name) for kind, name in _ARROW.items()}
        columns = {name: library.array(cells, type=types[kind]) for name, kind, cells in _typed_columns(self)}
        table: pyarrow.Table = library.table(columns)
        return table

    def __str__(self) -> str:
        return self._format(None)

    def __repr__(self) -> str:
        return self._format(_SHOWN).rstrip("\n")

    def _format(self, most: int | None) -> str:
        return format_grid(self.columns, [[_show(cell) for cell in row] for row in self.rows], self._numeric(), most)

    def _numeric(self) -> list[bool]:
        return [kind in ("integer", "number") for _, kind, _ in _typed_columns(self)]

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        sides = ["right" if numeric else "left" for numeric in self._numeric()]
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align:{side}">{_show_html(cell)}</td>' for side, cell in zip(sides, row, strict=True)
            )
            + "</tr>"
            for row in self.rows[:_SHOWN]
        )
        note = escape(_count_rows(len(self.rows), _SHOWN))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{note}</p>"


@dataclass(frozen=True, slots=True, repr=False)
class DataTable(Tabular):
    """Rows of Python values under named columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def format_grid(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    most: int | None = None,
    *,
    width: int | None = None,
) -> str:
    """Return aligned columns for a terminal of a `width` (as wide as needed without), numbers to the right.

    `most` is the number of rows to show; the last line says how many there are.
    """
    wide = width or (_WIDEST_CELL + 3) * max(len(columns), 1)
    shown = [columns, *rows[:most]]
    widths = [max(map(_width_of, cells)) for cells in zip(*shown, strict=True)]
    if not columns or 0 in widths or sum(widths) + 3 * (len(widths) - 1) > wide:
        lines = _format_in_narrow_columns(shown, numeric, wide)
    else:
        head, *below = (line for row in shown for line in _format_row(row, widths, numeric))
        lines = [head, "\u2500" * (sum(widths) + 3 * (len(widths) - 1)), *below]
    return "\n".join([*lines, _count_rows(len(rows), most)]) + "\n"


def _is_plain(cell: str) -> bool:
    """Whether a cell takes one line, each of whose characters takes one column."""
    return cell.isascii() and cell.isprintable() and len(cell) <= _WIDEST_CELL and cell == cell.strip()


def _width_of(cell: str) -> int:
    if _is_plain(cell):
        return len(cell)
    from rich.cells import cell_len  # here, as most cells are plain

    return min(max(map(cell_len, cell.splitlines()), default=0), _WIDEST_CELL)


def _format_row(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> Iterator[str]:
    """Yield the lines of a row, of which there is one where its cells are plain."""
    parts = [_format_cell(*each) for each in zip(row, widths, numeric, strict=True)]
    for line in zip_longest(*parts):
        yield "   ".join([text or " " * wide for text, wide in zip(line, widths, strict=True)]).rstrip()


def _format_cell(cell: str, wide: int, to_the_right: bool) -> list[str]:
    """Return the lines of a cell, each as wide as its column."""
    if _is_plain(cell):
        return [cell.rjust(wide) if to_the_right else cell.ljust(wide)]
    from rich.console import Console
    from rich.text import Text

    text = Text(cell, justify="right" if to_the_right else "left", overflow="fold")
    lines = Console(width=wide, color_system=None, legacy_windows=False).render_lines(text)
    return ["".join(segment.text for segment in line) for line in lines]


def _format_in_narrow_columns(rows: Sequence[Sequence[str]], numeric: Sequence[bool], wide: int) -> list[str]:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, to_the_right in zip(rows[0], numeric, strict=True):
        side: Any = "right" if to_the_right else "left"
        grid.add_column(Text(name), justify=side, max_width=_WIDEST_CELL, overflow="fold")
    for row in rows[1:]:
        grid.add_row(*map(Text, row))
    out = io.StringIO()
    Console(file=out, width=wide, color_system=None, legacy_windows=False).print(grid)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def _count_rows(count: int, most: int | None) -> str:
    shown = f", {most} shown" if most is not None and count > most else ""
    return f"({count} row{'' if count == 1 else 's'}{shown})"


def _show(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def _show_html(cell: Cell) -> str:
    text = escape(_show(cell))
    is_link = isinstance(cell, Iri) and cell.startswith(("http:", "https:"))
    return f'<a href="{text}">{text}</a>' if is_link else text


# What a column holds -> its type in each library
_PANDAS: Final = {
    "integer": "Int64",
    "number": "float64",
    "flag": "boolean",
    "date": "datetime64[s]",
    "time": None,
    "text": "object",
}
_POLARS: Final = {
    "integer": "Int64",
    "number": "Float64",
    "flag": "Boolean",
    "date": "Date",
    "time": "Datetime",
    "text": "String",
}
_ARROW: Final = {
    "integer": "int64",
    "number": "float64",
    "flag": "bool",
    "date": "date32",
    "time": "timestamp[us]",
    "text": "string",
}
_CONVERSIONS: Final[Mapping[str, Callable[[Any], Any]]] = {"number": float, "text": str}


def _typed_columns(table: Tabular) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield name, kind and values of each column; one of several kinds is a column of texts."""
    rows = table.rows
    for place, name in enumerate(table.columns):
        values = [row[place] for row in rows]
        kind = _kind_of(values)
        convert = _CONVERSIONS.get(kind)
        yield name, kind, [None if value is None else convert(value) if convert else value for value in values]


def _kind_of(values: Sequence[Cell]) -> str:
    kinds = {_KINDS.get(type(value), "text") for value in values if value is not None}
    if kinds == {"integer"} and not all(_SMALLEST <= value <= _GREATEST for value in values if isinstance(value, int)):
        return "number"
    if kinds and kinds <= {"integer", "number"}:
        return "number" if "number" in kinds else "integer"
    return kinds.pop() if len(kinds) == 1 else "text"


_KINDS: Final[Mapping[type, str]] = {
    int: "integer",
    float: "number",
    Decimal: "number",
    bool: "flag",
    date: "date",
    datetime: "time",
}


def _import_frames(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise UsageError(f"This needs {name}: pip install {name}, or 'imr-graph[frames]'.") from None
