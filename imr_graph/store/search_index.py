"""The full-text index: an SQLite FTS5 database of what letters say, one entry for each row of the table.

Each entry says in which generation it came and went, as the catalog does: readers count what their generation holds,
and what was never published counts for nothing and is taken back by the next writer. What filters ask for (decision,
treatments, states ...) is indexed as marks beside the text, so that a filter costs no more than a word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from imr_graph.errors import StoreError
from imr_graph.store.catalog import truncate_log
from imr_graph.store.generations import roll_back
from imr_graph.table.dimensions import INDEXED
from imr_graph.table.rows import Row

__all__ = [
    "EVERY",
    "FIELDS",
    "NOT_STATED",
    "PRESENT",
    "Marks",
    "begin",
    "erase_departed",
    "has_unpublished",
    "load",
    "mark_values",
    "open_index",
    "open_reading",
    "passage_of",
    "take_back",
    "translate_errors",
]

FIELDS: Final = ("heading", "rationale", "summary", "citations")
"""What is searched, in the order in which the index holds it."""

PRESENT: Final = (
    "words.rowid not in (select id from entry where came > :now union all select id from entry where went <= :now)"
)
"""The condition that a row of `words` belongs to the generation `:now`: the few that do not are looked up once."""

EVERY: Final = "every"
"""The dimension of the mark that each entry has."""

NOT_STATED: Final = ""
"""The value of a dimension where a row has none."""

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
_BATCH: Final = 2_000  # entries that are sent to the database together
_GATHERED: Final = 32 << 20  # bytes of index that are gathered before they are written
_WAIT: Final = 30.0  # seconds


@contextmanager
def open_index(file: Path) -> Iterator[sqlite3.Connection]:
    """Open an index for writing; it is made where there is none.

    Readers go on meanwhile (the write-ahead log). What is written in pieces still counts for nothing until the
    generation is published. One thread at a time may use it. Raises StoreError where it cannot be written.
    """
    new = not file.exists()
    with translate_errors(file), closing(sqlite3.connect(file, timeout=_WAIT, check_same_thread=False)) as connection:
        # No reader knows of a new file, and if its making fails it is thrown away: it needs no journal.
        connection.execute(f"pragma journal_mode = {'off' if new else 'wal'}")
        connection.execute(f"pragma synchronous = {'off' if new else 'normal'}")
        connection.executescript(_SCHEMA)
        connection.execute("insert into words (words, rank) values ('hashsize', ?)", (_GATHERED,))
        with connection:
            yield connection
        connection.execute("pragma journal_mode = wal")
        truncate_log(connection)


@contextmanager
def open_reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open an index without writing to it, also on a disk that cannot be written.

    Raises StoreError where it cannot be read.
    """
    with translate_errors(file), closing(_readable(file)) as connection:
        connection.execute("pragma query_only = on")
        yield connection


def _readable(file: Path) -> sqlite3.Connection:
    uri = file.resolve().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=_WAIT, check_same_thread=False)
    try:
        connection.execute("select 1 from mark limit 1")
    except sqlite3.OperationalError:
        connection.close()
        # The write-ahead log cannot be set up beside the file: nobody can write there, so the file does not change.
        connection = sqlite3.connect(f"{uri}?immutable=1", uri=True, check_same_thread=False)
    return connection


def begin(connection: sqlite3.Connection, generation: int) -> None:
    """Prepare for a generation: take back what was never published, and drop what no reader sees any more."""
    _delete(connection, "came >= ?", (generation,))
    roll_back(connection, "entry", generation)
    _delete(connection, "went < ?", (generation - 1,))


def has_unpublished(connection: sqlite3.Connection, generation: int) -> bool:
    """Say whether an index holds entries of generations after the published one."""
    sql = "select exists (select 1 from entry where came > ?)"
    return bool(connection.execute(sql, (generation,)).fetchone()[0])


def erase_departed(file: Path, generation: int) -> bool:
    """Erase the entries that went with a generation or before from the bytes of an index, also for its readers.

    Returns False where somebody has been reading for so long that the write-ahead log keeps their words.
    """
    with open_index(file) as connection:
        connection.execute("pragma secure_delete = on")
        _delete(connection, "went <= ?", (generation,))
        connection.execute("insert into words (words) values ('optimize')")
        connection.commit()
        connection.execute("vacuum")
        return truncate_log(connection)


def load(connection: sqlite3.Connection, generation: int, rows: Iterable[Row], marks: Marks | None = None) -> None:
    """Index rows of the table as entries that come with a generation."""
    last = connection.execute("select coalesce(max(id), 0) from entry").fetchone()[0]
    marks = marks or Marks(connection)
    batch: list[dict[str, Any]] = []
    for id, row in enumerate(rows, last + 1):
        batch.append(_entry(id, row, generation, marks))
        if len(batch) == _BATCH:
            _insert(connection, batch)
            batch.clear()
    _insert(connection, batch)


def take_back(connection: sqlite3.Connection, generation: int, keys: Iterable[str]) -> None:
    """Take out cases that came with a generation that is not published yet, by their keys."""
    for key in keys:
        _delete(connection, "came = ? and key = ?", (generation, key))


def _entry(id: int, row: Row, generation: int, marks: Marks) -> dict[str, Any]:
    return {
        "id": id,
        "key": row["case_key"],
        "position": row["position"],
        "decision": row["decision"],
        "decided": row["decision_date"],
        "came": generation,
        **passage_of(row),
        "marks": marks.of(row),
    }


def _insert(connection: sqlite3.Connection, batch: list[dict[str, Any]]) -> None:
    named = ", ".join(f":{name}" for name in (*FIELDS, "marks"))
    connection.executemany("insert into entry values (:id, :key, :position, :decision, :decided, :came, null)", batch)
    connection.executemany(f"insert into passage values (:id, {named})", batch)
    connection.executemany(f"insert into words (rowid, {_COLUMNS}) values (:id, {named})", batch)


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


class Marks:
    """The marks of rows as words of the index: `x` and the number of a dimension's value."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        found = connection.execute("select dimension, value, id from mark")
        self.known: dict[tuple[str, str], int] = {(dimension, value): id for dimension, value, id in found}

    def of(self, row: Row) -> str:
        """Return the marks of a row, joined by spaces."""
        return " ".join(self.mark(dimension, value) for dimension, value in mark_values(row))

    def mark(self, dimension: str, value: str) -> str:
        """Return the mark of a dimension's value."""
        id = self.known.get((dimension, value))
        if id is None:
            sql = "insert into mark (dimension, value) values (?, ?) returning id"
            (id,) = self.connection.execute(sql, (dimension, value)).fetchone()
            self.known[dimension, value] = id
        return f"x{id}"


def mark_values(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the dimensions and values by which a row is found."""
    yield EVERY, ""
    for dimension, of in INDEXED.items():
        held = [row[column] for column in of.indexed]
        if of.index_value:
            values = [of.index_value(value) for value in held if value is not None]
        else:
            values = [each for value in held for each in _values(dimension, value)]
        yield from ((dimension, value) for value in values or (NOT_STATED,))


def passage_of(row: Row) -> dict[str, str | None]:
    """Return what is searched of a row, by the names of `FIELDS`."""
    citations = [*(row["administrator_citations"] or ()), *(row["reviewer_citations"] or ())]
    said = {"heading": row["heading"], "rationale": row["rationale"], "summary": row["summary"]}
    return {**said, "citations": "\n".join(citations) or None}


def _values(dimension: str, value: object) -> list[str]:
    """Return the values of a column as the dimension writes them: years for dates, yes and no."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(value)[:4] if dimension == "year" else str(value)]


@contextmanager
def translate_errors(file: Path) -> Iterator[None]:
    """Turn the database's refusals into a sentence about the index."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"The index {file} cannot be used ({error}): check space and permissions, or make it anew with imr-graph "
            f"reindex --store {file.parent.parent}."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"The index {file} is damaged ({error}): make it anew with imr-graph reindex --store {file.parent.parent}."
        ) from error
