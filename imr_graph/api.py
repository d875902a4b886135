"""The verbs that join several rooms: exports of every kind, validation of a folder, statistics as a table.

`imr_graph` offers them beside the verbs of the rooms themselves. Wherever a store is asked for, its folder will do.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias, overload

from imr_graph.analysis.dimensions.filters import FilterValues, resolve_filters
from imr_graph.data_table import Cell, DataTable
from imr_graph.errors import UnknownNameError
from imr_graph.graph import export as graph_files
from imr_graph.graph import property_graph
from imr_graph.graph.annotations import write_annotations
from imr_graph.graph.readable import GraphStore
from imr_graph.model import Determination
from imr_graph.store.graph_store import StoreSource, as_store
from imr_graph.store.table import TABLE_FORMATS, export_table, open_table
from imr_graph.table.columns import format_dictionary
from imr_graph.validation.report import ValidationReport

if TYPE_CHECKING:
    from imr_graph.analysis.statistics.overturn_rates import Level

__all__ = ["EXPORTS", "export", "stats", "validate"]

_Writer: TypeAlias = Callable[[GraphStore, BinaryIO], object]


def _write_graph(format: str, include_vocabulary: bool, store: GraphStore, stream: BinaryIO) -> None:
    graph_files.export(store, format, stream, include_vocabulary=include_vocabulary)


def _write_table(format: str, store: GraphStore, stream: BinaryIO) -> None:
    export_table(store, format, stream)


def _write_dictionary(_store: GraphStore, stream: BinaryIO) -> None:
    stream.write(format_dictionary("markdown").encode())


_BESIDE_THE_GRAPH: Final[Mapping[str, _Writer]] = {
    **{name: partial(_write_table, name) for name in TABLE_FORMATS},
    **property_graph.FORMATS,
    "annotations": write_annotations,
    "dictionary": _write_dictionary,
}

EXPORTS: Final = (*graph_files.FORMATS, *_BESIDE_THE_GRAPH)
"""What `export` can write, by format: the graph, the table, the property graph, the places of facts in their letters as
Web Annotations, the meaning of the table's columns."""


@overload
def export(store: StoreSource, format: str, to: None = None, *, include_vocabulary: bool = False) -> bytes: ...
@overload
def export(store: StoreSource, format: str, to: BinaryIO | Path | str, *, include_vocabulary: bool = False) -> None: ...
def export(
    store: StoreSource, format: str, to: BinaryIO | Path | str | None = None, *, include_vocabulary: bool = False
) -> bytes | None:
    """Write a store to a file or binary stream in a format of `EXPORTS`; without one, return the bytes.

    The same store gives the same bytes. `include_vocabulary` adds the ontology and its vocabularies to a format of the
    graph, so that the file stands alone. A file appears whole or not at all. Raises UnknownNameError for another
    format, StoreError where the store cannot be read.

    >>> from imr_graph.store.graph_store import memory_store
    >>> export(memory_store(), "csv").decode()[:21]
    'case_key,case_number,'
    """
    if format not in EXPORTS:
        raise UnknownNameError("export format", format, EXPORTS)
    if format in graph_files.FORMATS:
        write: _Writer = partial(_write_graph, format, include_vocabulary)
    else:
        write = _BESIDE_THE_GRAPH[format]
    opened = as_store(store)
    if to is None:
        held = io.BytesIO()
        write(opened, held)
        return held.getvalue()
    if not isinstance(to, str | Path):
        write(opened, to)
        return None
    part = Path(f"{to}.part")
    try:
        with part.open("wb") as stream:
            write(opened, stream)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return None


def validate(source: StoreSource | Iterable[Determination], *, engine: str | None = None) -> ValidationReport:
    """Validate a store, or determinations before they go into one; `engine` is a name of `validation.engines.ENGINES`.

    Raises UnknownNameError for another engine, StoreError where there is no store.

    >>> validate([]).conforms
    False
    """
    from imr_graph.validation import validate as validation  # here, as exports need no rdflib

    found = as_store(source) if isinstance(source, GraphStore | Path | str) else source
    return validation.validate(found, engine=engine or validation.DEFAULT_ENGINE)


def stats(
    store: StoreSource,
    by: str | Iterable[str] = (),
    *,
    figure: str | None = None,
    level: Level = "item",
    filters: FilterValues | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
    values: Iterable[str] = (),
    minimum: int = 1,
) -> DataTable:
    """Return a figure of statistics as a table, a row for each group: counts, cases, the share and its 95 % interval.

    `by` are none, one or two dimensions (`table.dimensions.DIMENSIONS`), `figure` a name of
    `statistics.figures.FIGURES` ("shares" without it). `filters`, `since` and `until` choose decisions, `values` what
    the figure "comparison" compares; `minimum` leaves smaller groups out. The letters are disputes that reached
    review, not all requests. Raises UnknownNameError, with near names, for what does not exist.

    >>> from imr_graph.store.graph_store import memory_store
    >>> stats(memory_store(), "treatment").rows
    ()
    """
    from imr_graph.analysis.statistics.figures import FigureRequest, choose_figure  # here, as exports need no DuckDB

    of, dimensions = choose_figure(figure, (by,) if isinstance(by, str) else tuple(by))
    with open_table(store) as table:
        chosen = resolve_filters(table.store, filters, since=since, until=until)
        request = FigureRequest(
            dimensions or of.default_by, level, filters=chosen, minimum=minimum, values=tuple(values)
        )
        rows = list(of.rows(of.compute(table, request)))
    return DataTable(tuple(rows[0]) if rows else (), tuple(tuple(map(_as_cell, row.values())) for row in rows))


def _as_cell(value: object) -> Cell:
    return value if isinstance(value, Cell) else str(value)
