"""The table as one file for pandas, polars, DuckDB, R or a spreadsheet."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from imr_graph.errors import UnknownNameError
from imr_graph.record_files import FORMULA_STARTS, LIST_SEPARATOR
from imr_graph.store.graph_store import StoreSource, as_store
from imr_graph.store.parquet import connect, living_sql, quote, translate_errors
from imr_graph.store.table import sidecars
from imr_graph.table.columns import COLUMNS, NAMES, TableColumn, format_dictionary

__all__ = ["FORMATS", "export_table"]

FORMATS: Final[Mapping[str, str]] = {
    "parquet": "(format parquet, compression zstd, row_group_size 20480, kv_metadata {'imr-graph:columns': {meaning}})",
    "csv": "(format csv, header true)",
}

_APOSTROPHE: Final = "'"


def export_table(store: StoreSource, format: str, to: BinaryIO | Path | str) -> int:
    """Write the table of disputed items to a file or binary stream, ordered by case and position; return its rows.

    `format` is one of `FORMATS`: Parquet keeps types (dates, lists) and says in its metadata what each column means, as
    JSON under `imr-graph:columns`; CSV has dates in ISO form, lists joined by
    `LIST_SEPARATOR`, and an apostrophe before a text that a spreadsheet would run. Raises UnknownNameError for another
    format, StoreError where the table cannot be read.
    """
    if format not in FORMATS:
        raise UnknownNameError("format of tables", format, FORMATS)
    opened = as_store(store)
    columns = ", ".join(NAMES if format == "parquet" else map(_plain, COLUMNS))
    with sidecars(opened) as (folder, manifest), tempfile.TemporaryDirectory(prefix="imr-graph-") as temporary:
        file = Path(temporary) / f"items.{format}"
        rows = f"select {columns} from ({living_sql(folder, manifest)}) where position is not null"
        with translate_errors(opened.path or folder), connect(preserve_insertion_order="true", threads="1") as db:
            # Set down first: else the file's dictionaries would depend on the parts that the table is made of.
            db.execute(f"create temp table ordered as {rows} order by case_key, position")
            form = FORMATS[format].replace("{meaning}", quote(format_dictionary("json")))
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
