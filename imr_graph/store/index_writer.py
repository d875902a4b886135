"""Writing the full-text index (`search_index`): entries come, go, and are taken back, generation by generation.

What is entered counts for nothing until the generation is published, so letters can be indexed while others are still
being read, and the few that give way in the end are taken out again. It is one transaction: a build that is killed
leaves nothing in an index that is being read, where the words of letters would count for the rank of others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from imr_graph.store import table_manifest as manifests
from imr_graph.store.generations import depart, roll_back
from imr_graph.store.search_index import FIELDS, mark_values, passage_of, translate_index_errors
from imr_graph.store.sqlite_files import WAIT, truncate_log
from imr_graph.table.rows import Row
from imr_graph.vocabulary import load_version

__all__ = ["IndexWriter", "begin_index", "erase_departed", "open_writer"]

_SCHEMA = f"""
create table if not exists entry (
  id integer primary key, key text not null, position integer, decision text, decided text,
  came integer not null, went integer
);
create index if not exists entry_key on entry (key);
create index if not exists entry_came on entry (came);
create index if not exists entry_went on entry (went) where went is not null;
create table if not exists passage (id integer primary key, {" text, ".join(FIELDS)} text, marks text);
create table if not exists mark (
  id integer primary key, dimension text not null, value text not null, unique (dimension, value)
);
create virtual table if not exists words using fts5 (
  {", ".join(FIELDS)}, marks, content='passage', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
"""
_COLUMNS = ", ".join((*FIELDS, "marks"))
_NAMED = ", ".join(f":{name}" for name in (*FIELDS, "marks"))
_BATCH: Final = 2_000  # entries that are sent to the database together
_GATHERED: Final = 32 << 20  # bytes of index that are gathered before they are written


@dataclass(frozen=True)
class IndexWriter:
    """An index that entries of a generation are added to; one thread at a time may use it."""

    file: Path
    generation: int
    connection: sqlite3.Connection
    known_marks: dict[tuple[str, str], int]

    def add(self, rows: Iterable[Row]) -> None:
        """Index rows of the table as entries that come with the generation."""
        with translate_index_errors(self.file):
            last = self.connection.execute("select coalesce(max(id), 0) from entry").fetchone()[0]
            entries = (self._entry(id, row) for id, row in enumerate(rows, last + 1))
            while batch := list(islice(entries, _BATCH)):
                self._insert(batch)

    def drop(self, keys: Iterable[str]) -> None:
        """Take cases out that were added, by their keys."""
        with translate_index_errors(self.file):
            for key in keys:
                _delete(self.connection, "came = ? and key = ?", (self.generation, key))

    def depart(self, keys: Iterable[str]) -> None:
        """Let cases of generations before go, by their keys."""
        with translate_index_errors(self.file):
            depart(self.connection, "entry", self.generation, keys)

    def _entry(self, id: int, row: Row) -> dict[str, Any]:
        return {
            "id": id,
            "key": row["case_key"],
            "position": row["position"],
            "decision": row["decision"],
            "decided": row["decision_date"],
            "came": self.generation,
            **passage_of(row),
            "marks": " ".join(f"x{self._mark(*named)}" for named in mark_values(row)),
        }

    def _mark(self, dimension: str, value: str) -> int:
        """Return the number that a dimension's value has, with an `x` before it, as a word of the index."""
        id = self.known_marks.get((dimension, value))
        if id is None:
            sql = "insert into mark (dimension, value) values (?, ?) returning id"
            (id,) = self.connection.execute(sql, (dimension, value)).fetchone()
            self.known_marks[dimension, value] = id
        return id

    def _insert(self, batch: list[dict[str, Any]]) -> None:
        connection = self.connection
        sql = "insert into entry values (:id, :key, :position, :decision, :decided, :came, null)"
        connection.executemany(sql, batch)
        connection.executemany(f"insert into passage values (:id, {_NAMED})", batch)
        connection.executemany(f"insert into words (rowid, {_COLUMNS}) values (:id, {_NAMED})", batch)


@contextmanager
def open_writer(file: Path, generation: int) -> Iterator[IndexWriter]:
    """Open an index, made where there is none, for the entries of a generation that is not published yet.

    What was never published is taken back before, and what no reader sees any more is dropped. Readers go on
    meanwhile (the write-ahead log). Raises StoreError where it cannot be written.
    """
    with _open_index(file) as connection:
        _delete(connection, "came >= ?", (generation,))
        roll_back(connection, "entry", generation)
        _delete(connection, "went < ?", (generation - 1,))
        connection.commit()
        marks = connection.execute("select dimension, value, id from mark")
        yield IndexWriter(file, generation, connection, {(dimension, value): id for dimension, value, id in marks})


@contextmanager
def begin_index(path: Path, generation: int, *, anew: bool = False) -> Iterator[IndexWriter | None]:
    """Begin the index of a store's next generation, and close it when the block ends.

    `anew` says that the generation starts empty. Yields None where all of the index has to be made once it is known
    what the generation holds: the one before has none, or another vocabulary grouped it.
    """
    manifests.folder_of(path).mkdir(exist_ok=True)
    before = None if anew else manifests.read(path, generation - 1)
    file = None
    if before is None and (anew or generation == 1):
        file = manifests.fresh(path, f"search-{generation}", ".sqlite")
    elif before is not None and before.vocabulary == load_version():
        file = manifests.folder_of(path) / before.search
    with open_writer(file, generation) if file else nullcontext() as index:
        yield index


def erase_departed(file: Path, generation: int) -> bool:
    """Erase the entries that went with a generation or before from the bytes of an index, also for its readers.

    Returns False where somebody has been reading for so long that the write-ahead log keeps their words.
    """
    with _open_index(file) as connection:
        connection.execute("pragma secure_delete = on")
        _delete(connection, "went <= ?", (generation,))
        connection.execute("insert into words (words) values ('optimize')")
        connection.commit()
        connection.execute("vacuum")
        return truncate_log(connection)


@contextmanager
def _open_index(file: Path) -> Iterator[sqlite3.Connection]:
    new = not file.exists()
    with (
        translate_index_errors(file),
        closing(sqlite3.connect(file, timeout=WAIT, check_same_thread=False)) as connection,
    ):
        # No reader knows of a new file, and if its making fails it is thrown away: it needs no journal.
        connection.execute(f"pragma journal_mode = {'off' if new else 'wal'}")
        connection.execute(f"pragma synchronous = {'off' if new else 'normal'}")
        connection.executescript(_SCHEMA)
        connection.execute("insert into words (words, rank) values ('hashsize', ?)", (_GATHERED,))
        with connection:
            yield connection
        connection.execute("pragma journal_mode = wal")
        truncate_log(connection)


def _delete(connection: sqlite3.Connection, condition: str, values: tuple[int | str, ...]) -> None:
    """Take entries out; the index has to be told the very words that it indexed."""
    which = f"(select id from entry where {condition})"
    connection.execute(
        f"insert into words (words, rowid, {_COLUMNS}) "
        f"select 'delete', id, {_COLUMNS} from passage where id in {which}",
        values,
    )
    connection.execute(f"delete from passage where id in {which}", values)
    connection.execute(f"delete from entry where {condition}", values)
