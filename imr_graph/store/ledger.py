"""Which letters a store holds and what they were read from: `DIR/ledger.sqlite`.

The graph says nothing of folders and source bytes; the ledger does, so that the next build can pass over what it
knows. Each entry says in which generation it came and went. An entry of a generation that was never published counts
for nothing and is taken back by the next writer, so the ledger needs no step of its own in the store's atomic change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

from imr_graph.errors import StoreError

__all__ = ["Entry", "attach", "entries", "entry_of", "known_sources", "near_keys", "note"]

_NAME = "ledger.sqlite"


@dataclass(frozen=True, slots=True)
class Entry:
    """One letter in the store.

    `key` names its case in the graph, `sha256` is the digest of its text, `source_sha256` of the bytes it was read
    from (empty where they were not seen), `source` the input as the user named it.
    """

    key: str
    sha256: str
    source: str
    source_sha256: str
    software: str
    vocabulary: str


# A million entries pass here: `astuple`, which copies, took an eighth of the time of loading them.
_values = attrgetter(*(field.name for field in fields(Entry)))
_COLUMNS = ", ".join(field.name for field in fields(Entry))
_SCHEMA = f"""
create table if not exists letter (
  {", ".join(f"{field.name} text not null" for field in fields(Entry))},
  came integer not null, went integer
);
create index if not exists letter_key on letter (key);
create index if not exists letter_source on letter (source_sha256);
create index if not exists letter_text on letter (sha256);
"""
_PRESENT = "came <= :now and (went is null or went > :now)"


@contextmanager
def _open(folder: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(folder / _NAME)) as connection, connection:
            connection.executescript(_SCHEMA)
            yield connection
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"The ledger {folder / _NAME} cannot be used ({error}): check space and permissions."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"The ledger {folder / _NAME} is damaged ({error}): build the store anew.") from error


@contextmanager
def _read(folder: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the ledger without writing to it; None where a store has none yet."""
    file = folder / _NAME
    if not file.exists():
        yield None
        return
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        raise StoreError(f"The ledger {file} cannot be read ({error}): build the store anew.") from error


def note(
    folder: Path, generation: int, came: Iterable[Entry] = (), went: Iterable[str] = (), *, anew: bool = False
) -> None:
    """Write down which letters come with and which cases (by key) go with a generation that is about to be published.

    `anew` says that the generation starts empty, so that all that was there goes.
    """
    with _open(folder) as connection:
        connection.execute("delete from letter where came >= ?", (generation,))
        connection.execute("update letter set went = null where went >= ?", (generation,))
        connection.execute("delete from letter where went < ?", (generation - 1,))
        if anew:
            connection.execute("update letter set went = ? where went is null", (generation,))
        connection.executemany(
            "update letter set went = ? where key = ? and went is null", ((generation, key) for key in went)
        )
        marks = ", ".join("?" for _ in fields(Entry))
        connection.executemany(
            f"insert into letter ({_COLUMNS}, came) values ({marks}, ?)",
            ((*_values(entry), generation) for entry in came),
        )


def entries(folder: Path, generation: int) -> Iterator[Entry]:
    """Yield the letters of a generation by their keys."""
    with _read(folder) as connection:
        if connection:
            sql = f"select {_COLUMNS} from letter where {_PRESENT} order by key, sha256"
            for row in connection.execute(sql, {"now": generation}):
                yield Entry(*row)


def entry_of(folder: Path, generation: int, key: str) -> Entry | None:
    """Return the letter of a case, or None."""
    with _read(folder) as connection:
        if connection is None:
            return None
        sql = f"select {_COLUMNS} from letter where key = :key and {_PRESENT}"
        row = connection.execute(sql, {"now": generation, "key": key}).fetchone()
        return Entry(*row) if row else None


def known_sources(folder: Path, generation: int) -> frozenset[str]:
    """Return the digests of all source bytes that the store has letters of."""
    with _read(folder) as connection:
        if connection is None:
            return frozenset()
        sql = f"select source_sha256 from letter where {_PRESENT} and source_sha256 <> ''"
        return frozenset(digest for (digest,) in connection.execute(sql, {"now": generation}))


def attach(connection: sqlite3.Connection, folder: Path, generation: int) -> None:
    """Make the letters of a generation available to a connection (opened with `uri`) as the view `stored`.

    The view has the fields of `Entry` as its columns. A store without a ledger has no letters.
    """
    file = folder / _NAME
    if not file.exists():
        connection.execute(f"create temp table stored ({', '.join(f'{field.name} text' for field in fields(Entry))})")
        return
    connection.execute("attach database ? as ledger", (f"{file.resolve().as_uri()}?mode=ro",))
    present = _PRESENT.replace(":now", str(int(generation)))
    connection.execute(f"create temp view stored as select {_COLUMNS} from ledger.letter where {present}")


def near_keys(folder: Path, generation: int, key: str, limit: int = 500) -> tuple[str, ...]:
    """Return keys that start as the given one does, for a "did you mean"."""
    with _read(folder) as connection:
        if connection is None:
            return ()
        low = key[: max(1, len(key) - 3)]
        sql = f"select key from letter where key >= :low and key < :high and {_PRESENT} order by key limit :limit"
        rows = connection.execute(sql, {"now": generation, "low": low, "high": low + "\U0010ffff", "limit": limit})
        return tuple(found for (found,) in rows)
