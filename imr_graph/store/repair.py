"""Deriving again what damage took from a store: `verify --repair`.

The graph is what all else can be derived from; where it is damaged itself, nothing is repaired. Of the catalog, the
graph knows the letters but not their files, nor which letters were removed for good.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from imr_graph.store import catalog, digests, follow, letter_triples, parquet, verify
from imr_graph.store import table_manifest as manifests
from imr_graph.store.failures import translate_errors
from imr_graph.store.generations import no_store, publish, required_manifest, writer
from imr_graph.store.graph_store import keep_vocabulary, open_store
from imr_graph.store.verify import Damage, Verification

__all__ = ["repair"]

# In the order in which one needs the other; the table is made last, as it may be derived under another manifest.
_ORDER: Final = (verify.MANIFEST, verify.DIGESTS, verify.VOCABULARY, verify.TABLE, verify.CATALOG, verify.TEXTS,
                 verify.TRIPLES)  # fmt: skip
_SALVAGED: Final = ("removed", "superseded", "text")


def repair(store: Path | str) -> Verification:
    """Derive again what is damaged in a store and can be derived, and return what was done and what is left.

    Raises StoreError where there is no store, where another process writes it, or where it cannot be written.
    """
    path = Path(store)
    if not path.is_dir():
        raise no_store(path)
    done: list[str] = []
    with writer(path), translate_errors(path):
        found = verify.examine(path)
        for _ in _ORDER:  # what was repaired may show what else is damaged
            damage = next(_repairable(found), None)
            if damage is None:
                break
            sentence = _REPAIRS[damage.repair](path)
            if sentence is None:
                break
            done.append(f"{damage.file} {damage.wrong}; {sentence}")
            found = verify.examine(path)
    return replace(found, repaired=tuple(done))


def _repairable(found: Verification) -> Iterator[Damage]:
    """Yield what can be repaired now: nothing can where a damage has to be met by other means first."""
    if all(damage.repair or "generations" not in damage.file for damage in found.damages):
        yield from sorted(
            (damage for damage in found.damages if damage.repair), key=lambda damage: _ORDER.index(damage.repair)
        )


def _write_manifest(path: Path) -> str | None:
    numbers = sorted((int(f.name) for f in path.glob("generations/*") if f.name.isdigit()), reverse=True)
    for number in numbers:
        found = digests.read_digests(path, number)
        if found and not any(digests.damage(path / name, of) for name, of in found[1].items()):
            publish(path, replace(found[0], digests=digests.measure(digests.file_of(path, number)).sha256))
            return f"it was written again for generation {number}"
    return None


def _write_digests(path: Path) -> str | None:
    """List the files anew, where what the graph says is what the table says, which has digests of its own."""
    manifest = required_manifest(path)
    found = manifests.read(path, manifest.generation)
    if found is None or any(manifests.damages(path, found, whole=True)):
        return None
    publish(path, replace(manifest, digests=""))  # without a list the graph can be opened
    graph = open_store(path)
    with tempfile.TemporaryDirectory(prefix="imr-graph-") as folder, parquet.open_rows(path, found) as db:
        derived = follow.derive(graph, Path(folder))
        one = "select * exclude (came) from living"
        other = f"select * exclude (came) from ({parquet.all_rows(Path(folder), derived)})"
        both = f"(({one}) except all ({other})) union all (({other}) except all ({one}))"
        counted = db.execute(f"select count(*) from ({both})").fetchone()
    if not counted or counted[0]:
        publish(path, manifest)
        return None
    publish(path, digests.record(path, manifest))
    return "it was written again, as graph and table agree"


def _write_vocabulary(path: Path) -> str | None:
    manifest = required_manifest(path)
    for file in path.glob(f"vocabularies/{manifest.vocabulary}.nt.gz"):
        file.unlink()
    keep_vocabulary(path, manifest.vocabulary)
    publish(path, digests.record(path, manifest))
    return "it was written again"


def _derive_table(path: Path) -> str | None:
    follow.derive(open_store(path), path)
    return "table and index were derived again from the graph"


def _derive_catalog(path: Path) -> str | None:
    """Make a catalog of what the graph says, with what can still be read of the texts and of what was removed."""
    manifest = required_manifest(path)
    letters = verify.graph_letters(open_store(path))
    new, old = path / f"{catalog.FILE}.new", path / catalog.FILE
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(new)) as connection:
        catalog.create(connection)
        entries = (
            catalog.Entry(key, sha256, "", "", "", "", number, decided)
            for key, (sha256, number, decided) in sorted(letters.items())
        )
        with connection:
            catalog.insert_letters(connection, manifest.generation, entries)
        lost = [table for table in _SALVAGED if not _salvage(connection, old, table)]
        with connection:
            bad = list(verify.damaged_texts(connection))
            connection.executemany("delete from text where sha256 = ?", ((sha256,) for sha256 in bad))
    follow.derive(open_store(path), path)  # which rows of the old table have gone only the old catalog knows
    manifests.tidy(path, (manifest.generation,))
    for more in ("-wal", "-shm", "-journal"):
        Path(f"{new}{more}").unlink(missing_ok=True)
        Path(f"{old}{more}").unlink(missing_ok=True)
    os.replace(new, old)
    digests.seal_catalog(path)
    sentence = "it was derived from the graph, and the next build reads all letters again, which brings their texts"
    if "removed" in lost:
        sentence += "; which letters were removed for good is lost: remove again those that a build brings back"
    return sentence


def _salvage(connection: sqlite3.Connection, old: Path, table: str) -> bool:
    """Copy the rows of a table as far as they can be read; return whether all could."""
    if not old.is_file():
        return False
    with suppress(sqlite3.DatabaseError, UnicodeDecodeError), closing(sqlite3.connect(old)) as damaged:
        for row in damaged.execute(f"select * from {table}"):
            marks = ", ".join("?" for _ in row)
            with suppress(sqlite3.DatabaseError), connection:
                connection.execute(f"insert or ignore into {table} values ({marks})", row)
        return True
    return False


def _drop_texts(path: Path) -> str | None:
    """Take damaged texts out, and let the next build read their letters again."""
    with catalog.writing(path) as connection, connection:
        bad = [(sha256,) for sha256 in verify.damaged_texts(connection)]
        connection.executemany("delete from text where sha256 = ?", bad)
        connection.executemany("delete from content where sha256 = ?", bad)
        connection.executemany("update letter set software = '' where sha256 = ?", bad)
    digests.seal_catalog(path)
    return "they were taken out, and the next build of the letters reads them again"


def _drop_triples(path: Path) -> str | None:
    """Take triples that are damaged out of the catalog; all of them where they are others than the graph's."""
    generation = required_manifest(path).generation
    letter_triples.drop(path, list(letter_triples.list_damaged(path, generation)))
    return "they were taken out, and exports ask the graph instead"


_REPAIRS: Final[dict[str, Callable[[Path], str | None]]] = {
    verify.MANIFEST: _write_manifest,
    verify.DIGESTS: _write_digests,
    verify.VOCABULARY: _write_vocabulary,
    verify.TABLE: _derive_table,
    verify.CATALOG: _derive_catalog,
    verify.TEXTS: _drop_texts,
    verify.TRIPLES: _drop_triples,
}
