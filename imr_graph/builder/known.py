"""What earlier builds found out: `DIR/sources.sqlite`.

Which place held which content when it had a stamp, what each content became under which versions, and which corrections
concerned it then. These are facts, true whichever generation is current; the file can be lost at the cost of reading
everything once more. The one thing that belongs to a generation is which texts gave way to another letter of their
case: each such note carries the number of its generation and counts only once that one was published.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

__all__ = [
    "FILE",
    "attach",
    "forget_places",
    "forget_unpublished",
    "remember_contents",
    "remember_places",
    "remember_superseded",
]

FILE = "sources.sqlite"

_SCHEMA = """
create table if not exists known.place (
  place text not null, digest text not null, stamp text not null, primary key (place, digest)
) without rowid;
create index if not exists known.place_digest on place (digest);
create table if not exists known.content (
  digest text primary key, sha256 text not null, reason text not null, incomplete text not null,
  software text not null, vocabulary text not null
) without rowid;
create index if not exists known.content_text on content (sha256);
create table if not exists known.superseded (
  sha256 text not null, key text not null, came integer not null, primary key (sha256, came)
) without rowid;
create table if not exists known.corrected (
  sha256 text primary key, number text, fingerprint text not null, applied integer not null, stale text not null
) without rowid;
"""


def attach(connection: sqlite3.Connection, store: Path, *, writable: bool) -> None:
    """Make what is known available to a connection as the tables `known.place`, `known.content`, `known.superseded`.

    What is known of corrections is the view `remembered`. The connection is opened with `uri`. Where nothing may be
    written and there is no file yet, nothing is known.
    """
    file = store / FILE
    read = not writable and file.exists()
    if writable:
        connection.execute("attach database ? as known", (str(file),))
    elif read:
        connection.execute("attach database ? as known", (f"{file.resolve().as_uri()}?mode=ro",))
    else:
        connection.execute("attach database '' as known")
    if not read:
        connection.executescript(_SCHEMA)
    if connection.execute("select 1 from known.sqlite_master where name = 'corrected'").fetchone():
        connection.execute("create temp view remembered as select * from known.corrected")
    else:  # a file of a version that knew no corrections
        connection.execute("create temp table remembered (sha256, number, fingerprint, applied, stale)")


def forget_unpublished(connection: sqlite3.Connection, generation: int) -> None:
    """Take back the notes of a build that was stopped before its generation was published."""
    connection.execute("delete from known.superseded where came > ?", (generation,))


def remember_places(connection: sqlite3.Connection) -> None:
    """Write down which content each listed place holds; a stamp tells later whether it still does."""
    connection.execute(
        "insert into known.place (place, digest, stamp) select place, digest, stamp from input "
        "where digest is not null "
        "on conflict (place, digest) do update set stamp = excluded.stamp where stamp <> excluded.stamp"
    )


def remember_contents(connection: sqlite3.Connection, software: str, vocabulary: str) -> None:
    """Write down what these versions made of the contents that this build read."""
    for table, columns in (("letter", "sha256, '', incomplete"), ("failed", "'', reason, ''")):
        lasting = " where kind = 'content'" if table == "failed" else ""
        connection.execute(
            f"insert or replace into known.content select digest, {columns}, ?, ? from main.{table}{lasting}",
            (software, vocabulary),
        )
    _remember_corrected(connection)
    # A text that is in the store has not given way any more; of several times that a text did, the last one counts.
    connection.execute(
        "delete from known.superseded where exists (select 1 from main.letter l where l.fate = 'load' "
        "and l.sha256 = known.superseded.sha256) or exists (select 1 from known.superseded n "
        "where n.sha256 = known.superseded.sha256 and n.came > known.superseded.came)"
    )


def _remember_corrected(connection: sqlite3.Connection) -> None:
    """Write down which corrections concerned the letters that this build read, and which letters have none any more."""
    read = "exists (select 1 from main.letter l where l.sha256 = known.corrected.sha256)"
    connection.execute(
        f"insert into taken_back select sha256 from known.corrected where applied > 0 and {read} and not exists "
        "(select 1 from main.corrected c where c.sha256 = known.corrected.sha256)"
    )
    connection.execute(f"delete from known.corrected where {read}")
    connection.execute("insert or replace into known.corrected select * from main.corrected")


def remember_superseded(connection: sqlite3.Connection, generation: int) -> None:
    """Write down which texts give way to others with a generation that is about to be published."""
    connection.execute(
        "insert or ignore into known.superseded select sha256, key, :now from main.letter where fate = 'lost' "
        "union all select sha256, key, :now from gone where why = 'replaced'",
        {"now": generation},
    )


def forget_places(connection: sqlite3.Connection) -> None:
    """Forget the places that are gone, once their letters are."""
    connection.execute(
        "delete from known.place where exists (select 1 from vanished v where v.place = place.place "
        "and v.digest = place.digest)"
    )
