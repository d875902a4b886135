"""Reading the table: SQL over the rows of one generation of the store, and all rows as one file for other programs.

>>> from imr_graph.store.graph_store import memory_store
>>> with open_table(memory_store()) as table:
...     table.rows("select count(*) from items")
[(0,)]
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from imr_graph.errors import StoreError, UnknownNameError
from imr_graph.record_files import FORMULA_STARTS, LIST_SEPARATOR
from imr_graph.store import table_manifest as manifests
from imr_graph.store.failures import translate_table_errors
from imr_graph.store.follow import sidecars
from imr_graph.store.graph_store import GraphStore, StoreSource, as_store
from imr_graph.store.parquet import open_rows, quote
from imr_graph.store.table_manifest import TableManifest
from imr_graph.table.columns import CASE_COLUMNS, COLUMNS, NAMES, TableColumn, format_dictionary

if TYPE_CHECKING:
    import duckdb

__all__ = ["TABLE_FORMATS", "Table", "export_table", "open_table"]

TABLE_FORMATS: Final[Mapping[str, str]] = {
    "parquet": "(format parquet, compression zstd, row_group_size 20480, kv_metadata {'imr-graph:columns': {meaning}})",
    "csv": "(format csv, header true)",
}
"""How DuckDB writes the files that the table is exported to, by the names of their forms."""

_APOSTROPHE: Final = "'"
_READ_AT_ONCE: Final = 32 << 20  # bytes of table, some 20 milliseconds; verify compares larger ones


@dataclass(frozen=True)
class Table:
    """The table of one generation of a store, open for reading.

    `connection` is DuckDB's, with the views `items` (a row for each disputed item) and `cases` (a row for each case,
    with the columns that belong to cases). It can read the table and nothing else, and writes nothing.
    """

    store: GraphStore
    connection: duckdb.DuckDBPyConnection

    def rows(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows that an SQL query yields; values of users go into `parameters`, never into the text."""
        with translate_table_errors(self.store.path or Path("in memory")):
            # A cursor of its own for each question, so that several threads may ask.
            return self.connection.cursor().execute(sql, parameters).fetchall()


@contextmanager
def open_table(store: StoreSource) -> Iterator[Table]:
    """Open the table of a store (or of the current generation of the store at a path).

    Where the table is missing it is made first; for a store in memory it is made each time. Writers do not disturb
    it. Raises StoreError where it cannot be made or read.
    """
    opened = as_store(store)
    with sidecars(opened) as (folder, manifest):
        _check_files(folder.parent, manifest)
        with open_rows(folder.parent, manifest) as connection:
            _views(connection)
            _confine(connection, [folder / file for file in sorted(manifest.files)])
            yield Table(opened, connection)


def _check_files(store: Path, manifest: TableManifest) -> None:
    """Compare the content of a table's files with their digests, where they are small enough to be read at once."""
    if sum(part.size for part in manifest.parts) > _READ_AT_ONCE:
        return
    for file, wrong in manifests.damages(store, manifest, whole=True):
        raise StoreError(f"{file} {wrong}: imr-graph reindex --store {store} derives the table again from the graph.")


def _confine(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """Let the connection read these files and no others, and write none."""
    connection.execute(f"set allowed_paths = [{', '.join(map(quote, files))}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _views(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create view items as select {', '.join(NAMES)} from living where position is not null")
    once = "position = 1 or position is null"
    connection.execute(f"create view cases as select {', '.join(CASE_COLUMNS)} from living where {once}")


def export_table(store: StoreSource, format: str, to: BinaryIO | Path | str) -> int:
    """Write the table of disputed items to a file or binary stream, ordered by case and position; return its rows.

    `format` is one of `TABLE_FORMATS`: Parquet keeps types (dates, lists) and says in its metadata what each column
    means, as JSON under `imr-graph:columns`; CSV has dates in ISO form, lists joined by `LIST_SEPARATOR`, and an
    apostrophe before a text that a spreadsheet would run. Raises UnknownNameError for another format, StoreError where
    the table cannot be read.
    """
    if format not in TABLE_FORMATS:
        raise UnknownNameError("format of tables", format, TABLE_FORMATS)
    opened = as_store(store)
    columns = ", ".join(NAMES if format == "parquet" else map(_plain, COLUMNS))
    with sidecars(opened) as (folder, manifest), tempfile.TemporaryDirectory(prefix="imr-graph-") as temporary:
        file = Path(temporary) / f"items.{format}"
        rows = f"select {columns} from living where position is not null"
        with open_rows(folder.parent, manifest, preserve_insertion_order="true", threads="1") as db:
            # Set down first: else the file's dictionaries would depend on the parts that the table is made of.
            db.execute(f"create temp table ordered as {rows} order by case_key, position")
            form = TABLE_FORMATS[format].replace("{meaning}", quote(format_dictionary("json")))
            found = db.execute(f"copy (select * from ordered) to {quote(file)} {form}").fetchone()
        if isinstance(to, str | Path):
            shutil.copyfile(file, to)
        else:
            with file.open("rb") as stream:
                shutil.copyfileobj(stream, to, 1 << 20)
    return int(found[0]) if found else 0


def _plain(column: TableColumn) -> str:
    name, type = column.name, column.type
    if type not in ("VARCHAR", "VARCHAR[]"):
        return name
    text = f"array_to_string({name}, {quote(LIST_SEPARATOR)})" if type == "VARCHAR[]" else name
    starts = ", ".join(map(quote, FORMULA_STARTS))
    return f"case when left({text}, 1) in ({starts}) then {quote(_APOSTROPHE)} || {text} else {text} end as {name}"
