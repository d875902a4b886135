"""The Parquet files of the table: adding one, and joining small or outdated ones so that reading stays fast.

Each change adds a file. When there are many, all but the largest become one, and the largest as well once the others
are no longer small beside it. So a change of a thousand rows costs what a few thousand rows cost.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imr_graph.store import table_manifest as manifests
from imr_graph.store.catalog import departures
from imr_graph.store.failures import translate_table_errors
from imr_graph.store.table_manifest import Part, TableManifest
from imr_graph.table.columns import NAMES, TYPES
from imr_graph.table.jsonlines import compression
from imr_graph.table.rows import Groups, groups_of_item
from imr_graph.vocabulary import load_version

if TYPE_CHECKING:
    import duckdb

__all__ = ["MEMORY", "all_rows", "append", "compact", "connect", "open_rows", "quote", "regroup", "rewrite_all"]

MEMORY: Final = "512MB"
"""What DuckDB may hold in memory; beyond it, it works on disk."""

_THREADS: Final = 4  # each needs memory of its own
_MOST_PARTS: Final = 8
_SMALL_SHARE: Final = 8  # what the other files have together is small up to this part of what the largest has
_ROW_GROUP: Final = 20_480  # rows that are compressed together: what a reader or writer holds of a text column
_FEW_GONE, _SHARE_GONE = 1_000, 10  # all files are joined when more keys than this, and than a tenth of the rows, went
_LONGEST_ROW: Final = 32 << 20  # bytes of one JSON line; DuckDB sets aside twice as much for each thread
_NO_ROW: Final = ", ".join(f"null::{type} as {name}" for name, type in TYPES.items())
_GROUPED: Final = ("treatments", "topical", *Groups._fields)
_GROUPS: Final = "'[{" + ", ".join(f'"{name}": "{TYPES[name]}"' for name in _GROUPED) + "}]'"
_COPY = f"(format parquet, compression zstd, row_group_size {_ROW_GROUP})"


@contextmanager
def connect(**settings: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB within the limits of memory; it spills to a folder of its own, which goes with it."""
    import duckdb  # here, as it takes longer to import than most commands need

    with tempfile.TemporaryDirectory(prefix="imr-graph-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": spill,
            "threads": str(min(_THREADS, os.cpu_count() or 1)),
            "preserve_insertion_order": "false",
            # Nothing is ever fetched from elsewhere: Parquet and JSON are built in.
            "autoinstall_known_extensions": "false",
            **settings,
        }
        with closing(duckdb.connect(config=config)) as connection:
            yield connection


def quote(text: object) -> str:
    """Return a path or name of the product's own as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def append(store: Path, files: Sequence[Path], generation: int) -> Part | None:
    """Write the rows of files of JSON lines as a new part; None where they hold none."""
    if not files:
        return None
    # Which files are compressed is said and not left to their names, whose signs DuckDB may take for something else.
    kinds = {way: [file for file in files if compression(file) == way] for way in ("gzip", "zstd", "none")}
    read = " union all ".join(f"select * from {_json(some, way)}" for way, some in kinds.items() if some)
    with translate_table_errors(store), connect() as db:
        rows = f"select {', '.join(NAMES)}, {generation}::integer as came from ({read})"
        return _write_part(db, rows, manifests.fresh(store, str(generation), ".parquet"))


def _json(files: Sequence[Path], compression: str) -> str:
    listed = ", ".join(quote(file) for file in files)
    columns = ", ".join(f"{name}: {quote(type)}" for name, type in TYPES.items())
    form = f"format='newline_delimited', compression='{compression}', maximum_object_size={_LONGEST_ROW}"
    return f"read_json([{listed}], columns={{{columns}}}, {form})"


def all_rows(store: Path, manifest: TableManifest) -> str:
    """Return the SQL that yields the rows of a table, those that went included."""
    files = ", ".join(quote(manifests.folder_of(store) / part.file) for part in manifest.parts)
    return f"select * from read_parquet([{files}])" if files else f"select {_NO_ROW}, 0 as came where false"


@contextmanager
def open_rows(store: Path, manifest: TableManifest, **settings: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB with the view `living`: the rows of a generation's table that have not gone.

    A row has gone where its case went after the generation `came` that brought the row. Raises StoreError where the
    catalog or the table cannot be read.
    """
    gone, rows = departures(store, manifest.cleaned, manifest.generation), all_rows(store, manifest)
    with translate_table_errors(store), connect(**settings) as db:
        if gone:
            db.execute("create table gone (key varchar, went integer)")
            db.execute("insert into gone select unnest($1), unnest($2)", list(map(list, zip(*gone, strict=True))))
            rows = f"select r.* from ({rows}) r anti join gone g on g.key = r.case_key and g.went > r.came"
        db.execute(f"create view living as {rows}")
        yield db


def compact(store: Path, manifest: TableManifest) -> TableManifest:
    """Return the manifest of a published generation after joining what has become too many or too much gone."""
    parts = manifest.parts
    if len(departures(store, manifest.cleaned, manifest.generation)) > max(_FEW_GONE, manifest.rows // _SHARE_GONE):
        return _join_parts(store, manifest, parts)
    if len(parts) < _MOST_PARTS:
        return manifest
    largest = max(parts, key=lambda part: part.rows)
    others = tuple(part for part in parts if part != largest)
    small = sum(part.rows for part in others) <= largest.rows // _SMALL_SHARE
    return _join_parts(store, manifest, others if small else parts)


def rewrite_all(store: Path, manifest: TableManifest) -> TableManifest:
    """Return the manifest of a published generation after writing its rows anew, so that no file holds any that went.

    It is the same manifest where none did.
    """
    gone = departures(store, manifest.cleaned, manifest.generation)
    return _join_parts(store, manifest, manifest.parts) if gone else manifest


def regroup(store: Path, manifest: TableManifest) -> TableManifest:
    """Return the manifest of a published generation with all rows in the groups of the vocabulary of today."""
    with open_rows(store, manifest) as db:
        requests = "select distinct treatments, topical from living where treatments is not null"
        groups = [
            {"treatments": treatments, "topical": topical, **groups_of_item(treatments, topical=topical)._asdict()}
            for treatments, topical in db.execute(requests).fetchall()
        ]
        db.execute(f"create table groups ({', '.join(f'{name} {TYPES[name]}' for name in _GROUPED)})")
        db.execute(
            f"insert into groups select unnest(from_json($1, {_GROUPS}), recursive := true)", [json.dumps(groups)]
        )
        new = ", ".join(f"g.{name} as {name}" for name in _GROUPED[2:])
        rows = f"select r.* replace ({new}) from living r left join groups g using (treatments, topical)"
        part = _write_part(db, rows, manifests.fresh(store, str(manifest.generation), ".parquet"))
    parts = (part,) if part else ()
    return replace(manifest, parts=parts, cleaned=manifest.generation, vocabulary=load_version())


def _join_parts(store: Path, manifest: TableManifest, parts: tuple[Part, ...]) -> TableManifest:
    """Write the rows of some parts that have not gone as one part."""
    with open_rows(store, replace(manifest, parts=parts)) as db:
        joined = _write_part(db, "from living", manifests.fresh(store, str(manifest.generation), ".parquet"))
    kept = tuple(part for part in manifest.parts if part not in parts)
    cleaned = manifest.cleaned if kept else manifest.generation
    return replace(manifest, parts=(*kept, joined) if joined else kept, cleaned=cleaned)


def _write_part(db: duckdb.DuckDBPyConnection, rows: str, target: Path) -> Part | None:
    """Write the rows of a query as a new part; None where there are none."""
    found = db.execute(f"copy ({rows}) to {quote(target)} {_COPY}").fetchone()
    if found and found[0]:
        return manifests.describe_part(target, int(found[0]))
    target.unlink()
    return None
