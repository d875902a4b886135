"""The Parquet files of the table: adding one, and joining small or outdated ones so that reading stays fast.

Files grow as a log-structured tree does: each change adds one, and when eight of a size have come together they
become one of the next size. So a row is rewritten a few times in its life however large the table is, and a change of
a thousand rows costs what a thousand rows cost.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imr_graph.store import table_manifest as manifests
from imr_graph.store.failures import translate_table_errors
from imr_graph.store.table_manifest import Gone, Part, TableManifest
from imr_graph.table.columns import NAMES, TYPES
from imr_graph.table.jsonlines import compression
from imr_graph.table.rows import groups_of_item

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "MEMORY",
    "append",
    "compact",
    "connect",
    "depart",
    "living_sql",
    "quote",
    "regroup",
    "rewrite_all",
]

MEMORY: Final = "512MB"
"""What DuckDB may hold in memory; beyond it, it works on disk."""

_THREADS: Final = 4  # each needs memory of its own
_TOGETHER: Final = 8  # files of one size that become one
_SMALLEST: Final = 1_000  # rows; smaller files are of one size
_ROW_GROUP: Final = 20_480  # rows that are compressed together: what a reader or writer holds of a text column
_FEW_DEAD, _SHARE_DEAD = 1_000, 10  # all files are joined when more keys than this, and than a tenth of the rows, went
_LONGEST_ROW: Final = 32 << 20  # bytes of one JSON line; DuckDB sets aside twice as much for each thread
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
    target = manifests.fresh(store, str(generation), ".parquet")
    # Which files are compressed is said and not left to their names, whose signs DuckDB may take for something else.
    kinds = {way: [file for file in files if compression(file) == way] for way in ("gzip", "zstd", "none")}
    read = " union all ".join(f"select * from {_json(some, way)}" for way, some in kinds.items() if some)
    rows = _copy_rows(store, f"select {', '.join(NAMES)}, {generation}::integer as came from ({read})", target)
    if not rows:
        target.unlink()
        return None
    return Part(target.name, rows, generation)


def _json(files: Sequence[Path], compression: str) -> str:
    listed = ", ".join(quote(file) for file in files)
    columns = ", ".join(f"{name}: {quote(type)}" for name, type in TYPES.items())
    form = f"format='newline_delimited', compression='{compression}', maximum_object_size={_LONGEST_ROW}"
    return f"read_json([{listed}], columns={{{columns}}}, {form})"


def depart(store: Path, keys: Iterable[str], generation: int) -> Gone | None:
    """Write down keys of cases that go with a generation; None where there are none."""
    lines = [json.dumps({"key": key, "went": generation}) + "\n" for key in sorted(set(keys))]
    if not lines:
        return None
    target = manifests.fresh(store, f"gone-{generation}", ".jsonl")
    target.write_text("".join(lines), encoding="utf-8")
    return Gone(target.name, len(lines), generation)


def living_sql(folder: Path, manifest: TableManifest, parts: Sequence[Part] | None = None) -> str:
    """Return the SQL that yields the rows of some parts (of all, without them) that have not gone, `came` included."""
    files = [quote(folder / part.file) for part in (manifest.parts if parts is None else parts)]
    if not files:
        empty = ", ".join(f"null::{type} as {name}" for name, type in TYPES.items())
        return f"select {empty}, 0 as came where false"
    rows = f"select * from read_parquet([{', '.join(files)}])"
    if not manifest.gone:
        return rows
    listed = ", ".join(quote(folder / gone.file) for gone in manifest.gone)
    gone = f"read_json([{listed}], format='newline_delimited', columns={{key: 'VARCHAR', went: 'INTEGER'}})"
    return f"select r.* from ({rows}) r anti join {gone} g on g.key = r.case_key and g.went > r.came"


def compact(store: Path, manifest: TableManifest) -> TableManifest:
    """Return the manifest after joining what has become too small, too many, or too much gone."""
    if manifest.dead > max(_FEW_DEAD, manifest.rows // _SHARE_DEAD):
        return _join_parts(store, manifest, manifest.parts)
    while due := _due(manifest.parts):
        manifest = _join_parts(store, manifest, due)
    if len(manifest.gone) > _TOGETHER:
        manifest = _one_list(store, manifest)
    return manifest


def rewrite_all(store: Path, manifest: TableManifest) -> TableManifest:
    """Return the manifest after writing all living rows anew, so that no file holds any that went."""
    return _join_parts(store, manifest, manifest.parts) if manifest.gone else manifest


def regroup(store: Path, manifest: TableManifest) -> TableManifest:
    """Return the manifest after putting the treatments of all rows into the groups of the vocabulary of today."""
    folder = manifests.folder_of(store)
    rows = living_sql(folder, manifest)
    with translate_table_errors(store), connect() as db, tempfile.TemporaryDirectory(prefix="imr-graph-") as temporary:
        found = db.execute(f"select distinct treatments, topical from ({rows}) where treatments is not null").fetchall()
        groups = Path(temporary) / "groups.jsonl"
        groups.write_text("".join(_groups_line(treatments, topical) for treatments, topical in found), encoding="utf-8")
        lists = ("treatments", "drug_classes", "categories", "subcategories")
        columns = ", ".join([*(f"{name}: 'VARCHAR[]'" for name in lists), "topical: 'BOOLEAN'"])
        new = ", ".join(f"g.{name} as {name}" for name in lists[1:])
        return _join_parts(
            store,
            manifest,
            manifest.parts,
            f"select r.* replace ({new}) from ({rows}) r left join "
            f"read_json({quote(groups)}, format='newline_delimited', columns={{{columns}}}) g "
            "using (treatments, topical)",
        )


def _groups_line(treatments: list[str], topical: bool) -> str:
    groups = groups_of_item(treatments, topical=topical)
    return json.dumps({"treatments": treatments, "topical": topical, **groups._asdict()}) + "\n"


def _due(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts that are to become one: those of a size of which there are enough, with all smaller ones."""
    sizes = [_size(part) for part in parts]
    for size in sorted(set(sizes)):
        if sizes.count(size) >= _TOGETHER:
            return tuple(part for part in parts if _size(part) <= size)
    return ()


def _size(part: Part) -> int:
    return 0 if part.rows < _SMALLEST else 1 + int(math.log(part.rows / _SMALLEST, _TOGETHER))


def _join_parts(store: Path, manifest: TableManifest, parts: Sequence[Part], rows: str | None = None) -> TableManifest:
    """Write the living rows of some parts as one; lists of keys that no part needs any more fall away."""
    target = manifests.fresh(store, str(manifest.generation), ".parquet")
    rows = rows or living_sql(manifests.folder_of(store), manifest, parts)
    count = _copy_rows(store, f"select * replace ({manifest.generation}::integer as came) from ({rows})", target)
    kept = tuple(part for part in manifest.parts if part not in parts)
    new = (Part(target.name, count, manifest.generation),) if count else ()
    if not count:
        target.unlink()
    still = tuple(gone for gone in manifest.gone if any(part.came < gone.went for part in (*kept, *new)))
    return replace(manifest, parts=(*kept, *new), gone=still)


def _one_list(store: Path, manifest: TableManifest) -> TableManifest:
    folder = manifests.folder_of(store)
    target = manifests.fresh(store, f"gone-{manifest.generation}", ".jsonl")
    with target.open("wb") as stream:
        for gone in manifest.gone:
            stream.write((folder / gone.file).read_bytes())
    one = Gone(target.name, manifest.dead, max(gone.went for gone in manifest.gone))
    return replace(manifest, gone=(one,))


def _copy_rows(store: Path, rows: str, target: Path) -> int:
    with translate_table_errors(store), connect() as db:
        found = db.execute(f"copy ({rows}) to {quote(target)} {_COPY}").fetchone()
        return int(found[0]) if found else 0
