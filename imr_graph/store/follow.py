"""Keeping the table and the index in step with the store's generations.

Writers call `record` (or `record_rows`) just before they publish a generation. What is written then is named by that
generation's manifest alone, so that without the publication it counts for nothing. Where the manifest of a generation
is missing, `ensure` derives it again from the graph.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from imr_graph.errors import StoreError
from imr_graph.graph.reading import determination_of
from imr_graph.model import Determination
from imr_graph.store import catalog
from imr_graph.store import parquet as parts
from imr_graph.store import table_manifest as manifests
from imr_graph.store.failures import translate_errors
from imr_graph.store.generations import manifest_of, writer
from imr_graph.store.graph_store import GraphStore, cases, open_store
from imr_graph.store.index_writer import IndexWriter, begin_index, open_writer
from imr_graph.store.search_index import has_unpublished, open_reading
from imr_graph.store.table_manifest import TableManifest
from imr_graph.table.columns import NAMES
from imr_graph.table.jsonlines import encode_rows, suffix, write_lines
from imr_graph.table.rows import Row, item_rows
from imr_graph.vocabulary import load_version

__all__ = [
    "derive",
    "ensure",
    "living_rows",
    "open_index",
    "rebuild",
    "record",
    "record_rows",
    "sidecars",
    "tidy",
]

_FOR_OTHERS: Final = 10.0  # seconds; who needs the tables of a store waits so long for another who makes them


def record(
    path: Path,
    generation: int,
    came: Iterable[tuple[str, Determination]] = (),
    went: Iterable[str] = (),
    *,
    anew: bool = False,
) -> TableManifest | None:
    """Write down which determinations come with and which cases go with a generation that is about to be published.

    `path` is the store's folder; `came` pairs the key of each case with its determination, `went` are keys; a case
    that is replaced is in both. `anew` says that the generation starts empty. Returns the table's manifest, None where
    the generation before has no table to go on from: `ensure` then makes one. Raises StoreError where the table cannot
    be written.
    """
    with translate_errors(path), ExitStack() as index_open:
        index = index_open.enter_context(begin_index(path, generation, anew=anew))
        if index:
            index.depart(went)
        with _gather_rows(path, _encode(came, index)) as files:
            index_open.close()
            return record_rows(path, generation, files, went, anew=anew, indexed=index.file if index else None)


def _encode(came: Iterable[tuple[str, Determination]], index: IndexWriter | None) -> Iterator[bytes]:
    """Yield the rows of determinations as lines, after they have come into the index, if there is one."""
    for key, determination in came:
        rows = item_rows(determination, key)
        if index:
            index.add(rows)
        yield encode_rows(rows)


def record_rows(
    path: Path,
    generation: int,
    chunks: Iterable[bytes | Path],
    went: Iterable[str] = (),
    *,
    anew: bool = False,
    indexed: Path | None = None,
) -> TableManifest | None:
    """Do what `record` does with rows that workers prepared.

    `chunks` are whole JSON lines, or files of them, plain or compressed (`.gz`, `.zst`). The caller sees to it that
    they hold just the cases that come, under the keys that the graph gives them (`jsonlines.select_rows` picks them).
    `indexed` is the index that `index_writer` began for this generation and that holds all of this already; without
    it, one of all rows is made.
    """
    with translate_errors(path), _gather_rows(path, chunks) as files:
        before = None if anew else manifests.read(path, generation - 1)
        if before is None and not anew and generation > 1:
            return None
        manifest = _next_table(path, before, generation, files, frozenset(went), indexed)
        manifests.write(path, manifest)
        return manifest


def tidy(path: Path, generation: int) -> None:
    """Delete what neither a generation that was published nor the one before needs: files, letters that went, texts."""
    catalog.tidy(path, generation, manifests.tidy(path, (generation, generation - 1)))


def rebuild(path: Path) -> None:
    """Derive the table and the index of a store's current generation from its graph.

    Raises StoreError where there is no store, where another process writes it, or where it cannot be written.
    """
    open_store(path)  # a folder without a store gets none
    with writer(path), translate_errors(path):
        derive(open_store(path), path)


def ensure(store: GraphStore) -> TableManifest:
    """Return the manifest of a store's generation, after deriving what is missing.

    Raises StoreError where that cannot be done: the disk is read-only, a build runs, the store has moved on.
    """
    if store.path is None:
        raise StoreError("A store in memory has no files beside it: open its table.")
    found = manifests.read(store.path, store.generation)
    if found is not None:
        return found
    current = manifest_of(store.path)
    if current is None or current.generation != store.generation:
        raise StoreError(f"The store {store.path} has changed since it was opened: open it again.")
    try:
        _derive_missing(store.path, store.generation)
    except StoreError as error:
        raise StoreError(
            f"The store {store.path} has no table and no index of its letters, and they cannot be made now ({error}) "
            f"Run imr-graph reindex --store {store.path} where the store can be written."
        ) from error
    made = manifests.read(store.path, store.generation)
    if made is None:
        raise StoreError(f"The store {store.path} has changed since it was opened: open it again.")
    return made


def _derive_missing(path: Path, generation: int) -> None:
    """Derive table and index of a generation; another process that does so meanwhile is waited for, and has done it."""
    with writer(path, _FOR_OTHERS), translate_errors(path):
        if manifests.read(path, generation) is None:
            derive(open_store(path), path)


@contextmanager
def sidecars(store: GraphStore) -> Iterator[tuple[Path, TableManifest]]:
    """Yield the folder and the manifest of a store's table and index; for a store in memory both are made for now."""
    if store.path is not None:
        manifest = ensure(store)
        yield manifests.folder_of(store.path), manifest
        return
    with tempfile.TemporaryDirectory(prefix="imr-graph-") as folder:
        manifest = derive(store, Path(folder))
        yield manifests.folder_of(Path(folder)), manifest


@contextmanager
def open_index(store: GraphStore) -> Iterator[sqlite3.Connection]:
    """Open the index of a store's generation for reading, made first where it is missing; raises as `ensure`."""
    with sidecars(store) as (folder, manifest):
        file = folder / manifest.search
        with open_reading(file) as index:
            if has_unpublished(index, store.generation):
                _take_back_unpublished(store, file)
            yield index


def _take_back_unpublished(store: GraphStore, index: Path) -> None:
    """Take out of an index what a killed build left in it, unless a build runs or nothing can be written.

    A reader that lags behind sees entries of the generation that was published meanwhile; they are nobody's leavings.
    """
    published = manifest_of(store.path) if store.path is not None else None
    if store.path is not None and published is not None and published.generation == store.generation:
        with suppress(StoreError), writer(store.path):
            current = manifest_of(store.path)
            if current is not None and current.generation == store.generation:
                with open_writer(index, store.generation + 1):
                    pass  # opening it takes back what is there of later generations


def derive(store: GraphStore, path: Path) -> TableManifest:
    """Write table and index of a graph into a folder, as those of the graph's generation; return the manifest."""
    came = ((key, determination_of(store, key)) for key in cases(store))
    manifest = record(path, store.generation, came, anew=True)
    assert manifest is not None
    manifests.tidy(path, (store.generation, store.generation - 1))
    return manifest


def _next_table(
    path: Path,
    before: TableManifest | None,
    generation: int,
    files: Sequence[Path],
    went: Collection[str],
    indexed: Path | None,
) -> TableManifest:
    """Make the table of a generation from that of the one before and files of rows; without one, of these alone."""
    if before is None:
        old = TableManifest(generation, load_version(), "", (), cleaned=generation)
    else:
        old = (parts.compact if before.vocabulary == load_version() else parts.regroup)(path, before)
    part = parts.append(path, files, generation)
    came = (part,) if part else ()
    index = indexed or manifests.fresh(path, f"search-{generation}", ".sqlite")
    if indexed is None:
        with open_writer(index, generation) as writer:
            writer.add(row for row in living_rows(path, old) if row["case_key"] not in went)
            writer.add(living_rows(path, replace(old, parts=came)))
    return replace(old, generation=generation, search=index.name, parts=(*old.parts, *came))


def living_rows(path: Path, manifest: TableManifest) -> Iterator[Row]:
    """Yield the rows of a table as they were given to it."""
    columns = ", ".join(f"{name}::varchar as {name}" if name == "decision_date" else name for name in NAMES)
    with parts.open_rows(path, manifest) as db:
        found = db.execute(f"select {columns} from living")
        while batch := found.fetchmany(2_000):
            yield from (dict(zip(NAMES, row, strict=True)) for row in batch)


@contextmanager
def _gather_rows(path: Path, rows: Iterable[bytes | Path]) -> Iterator[tuple[Path, ...]]:
    """Yield the files of some rows; what is in none comes into one, on the store's disk, which has to have the room."""
    manifests.folder_of(path).mkdir(parents=True, exist_ok=True)
    file, others = manifests.fresh(path, "coming", suffix()), list[Path]()

    def chunks() -> Iterator[bytes]:
        for some in rows:
            if isinstance(some, bytes):
                yield some
            else:
                others.append(some)

    try:
        write_lines(file, chunks())
        yield (file, *others)
    finally:
        file.unlink(missing_ok=True)
