"""The catalog of a store, `DIR/catalog.sqlite`: its letters, what they were read from, and their texts.

The graph says nothing of folders and source bytes; the catalog does, so that the next build can pass over what it
knows. Table `letter` says of each letter in which generation it came and went; the table of disputed items asks it, and
so a letter that went stays here until no file of the table has its rows. `superseded` says which texts gave way to
another letter of their case, `text` has the letters' texts, `triples` what the graph says of each (`letter_triples`).
`place`, `content` and `corrected` are facts that are true whichever generation is current: which place held which
content, what each content became under which versions, and which corrections concerned a text when it was last read.
`removed` has what `store.changes` took out for good.

What belongs to a generation that was never published counts for nothing and is taken back by the next writer, so the
catalog needs no step of its own in the store's atomic change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Final

from imr_graph.errors import StoreError
from imr_graph.store.generations import PRESENT, depart, roll_back
from imr_graph.store.sqlite_files import WAIT, connect_reading, readable_address, translate_sqlite_errors

__all__ = [
    "COVERED",
    "FILE",
    "Entry",
    "attach",
    "create",
    "delete_unused",
    "departures",
    "entries",
    "insert_letters",
    "near_keys",
    "reading",
    "record",
    "restore_sentence",
    "roll_back_superseded",
    "tidy",
    "writing",
]

FILE: Final = "catalog.sqlite"

_PAGE: Final = 16_384  # bytes; of SQLite's usual 4,096 each letter's text would leave a third empty


@dataclass(frozen=True, slots=True)
class Entry:
    """One letter in the store.

    `key` names its case in the graph, `sha256` is the digest of its text, `source_sha256` of the bytes it was read
    from (empty where they were not seen), `source` the input as the user named it. `number` is its case number, and
    `decided` the ISO date of its decision, empty where it states none.
    """

    key: str
    sha256: str
    source: str
    source_sha256: str
    software: str
    vocabulary: str
    number: str | None = None
    decided: str = ""


# A million entries pass here: `astuple`, which copies, took an eighth of the time of loading them.
_values = attrgetter(*(field.name for field in fields(Entry)))
_NEAR_KEYS: Final = " union all ".join(
    f"select * from (select key from letter where {PRESENT} and {which} limit 200)"
    for which in ("key < :key order by key desc", "key >= :key order by key", "key like '%' || :digits")
)
_COLUMNS: Final = ", ".join(field.name for field in fields(Entry))
_SCHEMA: Final = """
create table if not exists {0}.letter (
  key text not null, sha256 text not null, source text not null, source_sha256 text not null,
  software text not null, vocabulary text not null, number text, decided text not null,
  came integer not null, went integer
);
create index if not exists {0}.letter_key on letter (key);
create index if not exists {0}.letter_number on letter (number);
create index if not exists {0}.letter_source on letter (source_sha256);
create index if not exists {0}.letter_text on letter (sha256);
create index if not exists {0}.letter_went on letter (went) where went is not null;
create table if not exists {0}.superseded (
  sha256 text not null, number text not null, came integer not null, primary key (sha256, came)
) without rowid;
create index if not exists {0}.superseded_number on superseded (number);
create table if not exists {0}.text (sha256 text not null unique, packed blob not null);
create table if not exists {0}.triples (key text, came integer, packed blob not null, unique (key, came));
create table if not exists {0}.place (
  place text not null, digest text not null, stamp text not null, primary key (place, digest)
) without rowid;
create index if not exists {0}.place_digest on place (digest);
create table if not exists {0}.content (
  digest text primary key, sha256 text not null, reason text not null, incomplete text not null,
  software text not null, vocabulary text not null
) without rowid;
create index if not exists {0}.content_text on content (sha256);
create table if not exists {0}.corrected (
  sha256 text primary key, number text, fingerprint text not null, applied integer not null, stale text not null
) without rowid;
create table if not exists {0}.removed (
  sha256 text not null, digest text not null, number text, key text not null, came integer not null,
  erased integer not null, primary key (sha256, digest)
) without rowid;
create table if not exists {0}.seal (digest text not null);
"""
COVERED: Final = {
    "letter": "* from letter order by rowid",
    "superseded": "* from superseded order by sha256, came",
    "place": "* from place order by place, digest",
    "content": "* from content order by digest",
    "corrected": "* from corrected order by sha256",
    "removed": "* from removed order by sha256, digest",
    "text": "sha256 from text order by sha256",
}
"""What the catalog's seal covers of each table (`digests`), in an order that no rewriting of the file changes."""
# By indexes alone: neither the texts and triples, hundreds of megabytes, nor all letters are read for this.
_UNUSED_TEXTS: Final = """
delete from text where rowid in (
  select rowid from text where sha256 not in (select sha256 from letter) or sha256 in (
    select l.sha256 from letter l where l.went < ?1 and not exists (
      select 1 from letter o where o.sha256 = l.sha256 and (o.went is null or o.went >= ?1))))
"""
_UNUSED_TRIPLES: Final = """
delete from triples where rowid in (select t.rowid from triples t where not exists (
  select 1 from letter l where l.key = t.key and l.came = t.came and (l.went is null or l.went >= ?)))
"""
# Triggers of a connection: what is written through another, by hand perhaps, does not agree with the seal.
_BREAK_SEAL: Final = "".join(
    f"create temp trigger {table}_{change} after {change} on {{0}}.{table} begin delete from seal; end;\n"
    for table in COVERED
    for change in ("insert", "update", "delete")
)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables of a catalog where they are not there."""
    connection.execute(f"pragma page_size = {_PAGE}")
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")  # what was committed is safe before a generation is published
    connection.executescript(_SCHEMA.format("main"))


@contextmanager
def writing(store: Path) -> Iterator[sqlite3.Connection]:
    """Open a store's catalog for writing; it is made where there is none, and what is written is safe when it closes.

    Readers go on meanwhile (the write-ahead log). Raises StoreError where it cannot be written.
    """
    file = store / FILE
    with (
        _name_errors(file),
        closing(sqlite3.connect(file.resolve().as_uri(), uri=True, timeout=WAIT)) as connection,
    ):
        create(connection)
        connection.executescript(_BREAK_SEAL.format("main"))
        yield connection
        connection.execute("pragma wal_checkpoint(passive)")  # waits for no reader


@contextmanager
def reading(store: Path) -> Iterator[sqlite3.Connection | None]:
    """Open a store's catalog without writing to it, also on a disk that cannot be written; None where there is none.

    Raises StoreError where it cannot be read.
    """
    file = store / FILE
    if not file.is_file():
        yield None
        return
    with _name_errors(file), closing(connect_reading(file)) as connection:
        yield connection


def attach(connection: sqlite3.Connection, store: Path, generation: int, *, writable: bool) -> None:
    """Make a catalog available to a connection (opened with `uri`) as the schema `catalog`.

    The view `stored` has the letters of a generation, with the fields of `Entry` as its columns, `removed` those that
    were removed and have to stay away. Where nothing may be
    written and there is no catalog yet, nothing is known and nothing is stored.
    """
    file = store / FILE
    if writable:
        with writing(store):  # makes it
            pass
    there = file.is_file()
    with _name_errors(file):
        connection.execute("attach database ? as catalog", (readable_address(file) if there else "",))
        if not there:
            connection.executescript(_SCHEMA.format("catalog"))
        elif writable:
            connection.executescript(_BREAK_SEAL.format("catalog"))
        present = PRESENT.replace(":now", str(int(generation)))
        connection.execute(
            f"create temp view removed as select sha256, digest, number, key from catalog.removed "
            f"where came <= {int(generation)}"
        )
        connection.execute(f"create temp view stored as select {_COLUMNS} from catalog.letter where {present}")


def record(
    store: Path, generation: int, came: Iterable[Entry] = (), went: Iterable[str] = (), *, anew: bool = False
) -> None:
    """Write down which letters come with and which cases (by key) go with a generation that is about to be published.

    `anew` says that the generation starts empty, so that all that was there goes.
    """
    with writing(store) as connection, connection:
        roll_back(connection, "letter", generation)
        if anew:
            connection.execute("update letter set went = ? where went is null", (generation,))
        depart(connection, "letter", generation, went)
        insert_letters(connection, generation, came)


def insert_letters(connection: sqlite3.Connection, generation: int, came: Iterable[Entry]) -> None:
    """Enter letters that come with a generation."""
    marks = ", ".join("?" for _ in fields(Entry))
    sql = f"insert into letter ({_COLUMNS}, came) values ({marks}, ?)"
    connection.executemany(sql, ((*_values(entry), generation) for entry in came))


def roll_back_superseded(connection: sqlite3.Connection, generation: int) -> None:
    """Take back, through `attach`, which texts gave way in a generation after this one that was never published."""
    connection.execute("delete from catalog.superseded where came > ?", (generation,))


def entries(store: Path, generation: int) -> Iterator[Entry]:
    """Yield the letters of a generation by their keys."""
    with reading(store) as connection:
        if connection:
            sql = f"select {_COLUMNS} from letter where {PRESENT} order by key, sha256"
            for row in connection.execute(sql, {"now": generation}):
                yield Entry(*row)


def departures(store: Path, after: int, until: int) -> list[tuple[str, int]]:
    """Return the keys of the cases that went after a generation and until another, each with the generation.

    Raises StoreError where there is no catalog that could say so.
    """
    if after >= until:
        return []
    with reading(store) as connection:
        if connection is None:
            raise StoreError(f"The catalog {store / FILE} is missing: {restore_sentence(store)}.")
        sql = "select key, went from letter where went > ? and went <= ?"
        return connection.execute(sql, (after, until)).fetchall()


def restore_sentence(store: Path) -> str:
    """Return what helps where a catalog is missing or damaged, as the end of a sentence."""
    return f"restore it from a copy; or imr-graph verify --repair --store {store} derives again what the graph knows"


def tidy(store: Path, generation: int, cleaned: int | None) -> int:
    """Delete letters that the table does not ask for, and texts that neither this generation nor the last speaks of.

    No file of the table has rows of what went with generation `cleaned` or before; None: there is no table. Those who
    opened the generation before still read its texts. Returns how many texts went.
    """
    if not (store / FILE).is_file():
        return 0
    before = generation if cleaned is None else min(generation, cleaned + 1)
    with writing(store) as connection, connection:
        connection.execute("delete from letter where went < ?", (before,))
        return delete_unused(connection, generation)


def delete_unused(connection: sqlite3.Connection, generation: int) -> int:
    """Delete texts and triples of letters that went before a generation; return how many texts went."""
    connection.execute(_UNUSED_TRIPLES, (generation,))
    return connection.execute(_UNUSED_TEXTS, (generation,)).rowcount


def near_keys(store: Path, generation: int, key: str) -> tuple[str, ...]:
    """Return keys that may be meant by one that is not there: those beside it in order, those with its last digits."""
    with reading(store) as connection:
        if connection is None:
            return ()
        rows = connection.execute(_NEAR_KEYS, {"now": generation, "key": key, "digits": key[-6:]})
        return tuple(dict.fromkeys(found for (found,) in rows))


def _name_errors(file: Path) -> AbstractContextManager[None]:
    return translate_sqlite_errors(
        f"catalog {file}",
        f"check space and permissions; imr-graph verify --store {file.parent} looks whether it is damaged",
        f"imr-graph verify --repair --store {file.parent} derives again what the graph knows",
    )
