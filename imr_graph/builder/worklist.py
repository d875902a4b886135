"""The work list of a build: `DIR/work/plan.sqlite`, so that a million inputs are never a million objects.

Table `input` has a row for each source as it was listed, `asked` those of them that are to be read now, in the order of
their places; `todo` one for each content that is new or has to be read again, `letter` one for each letter that was
read, with its place in a shard and its fate, `corrected` one for each text that corrections concern. `recorrect` has
the texts that corrections make a build read again. The list is made anew by each build.
"""

from __future__ import annotations

import os
import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import KnownDigests, Outcome, ShardManifest, Versions, file_of
from imr_graph.errors import StoreError
from imr_graph.letters import Source
from imr_graph.store import catalog
from imr_graph.store.sqlite_files import WAIT

if TYPE_CHECKING:
    from imr_graph.builder.worker import Input

__all__ = [
    "FILE",
    "ask_for_chosen",
    "ask_for_unknown",
    "batch_asked",
    "choose_contents",
    "count",
    "enter_outcomes",
    "fetch_known",
    "list_inputs",
    "name_first_sources",
    "open_list",
    "order_by_digest",
    "place_of",
    "remember_left",
    "write_known",
]

FILE = "plan.sqlite"
_BATCH = 256
_BYTES = 64_000_000  # of letters that travel with their tasks, of which there are a few for each worker
# Shards of a small build, so that its workers end at about the same time and letters are loaded while others are read;
# and the letters that one is worth making for.
_SHARDS, _SMALL = 16, 64

_SCHEMA = """
create table input (
  id integer primary key, place text not null, name text not null, file text not null, stamp text not null,
  source blob not null, digest text, reason text not null default ''
);
create table asked (rank integer primary key, input integer not null, size integer not null);
create table todo (digest text primary key, input integer, state text not null default '') without rowid;
create table left_behind (digest text primary key) without rowid;
create table failed (digest text primary key, source text not null, reason text not null, kind text not null);
create table letter (
  digest text not null, sha256 text not null, key text not null, number text, decided text not null,
  source text not null, start integer not null, length integer not null, unparsed integer not null,
  incomplete text not null, shard text not null, fate text not null default 'load', own_key text,
  early integer not null default 0
);
create table shard (name text primary key, data text not null, held integer not null);
create table seen (key text primary key) without rowid;
create table corrected (
  sha256 text primary key, number text, fingerprint text not null, applied integer not null, stale text not null
) without rowid;
create table deserted (key text primary key) without rowid;
create table recorrect (sha256 text primary key) without rowid;
create table taken_back (sha256 text primary key) without rowid;
create table gone (
  key text primary key, sha256 text not null, number text, decided text not null, why text not null
) without rowid;
"""


@contextmanager
def open_list(work: Path | None, store: Path, generation: int) -> Iterator[sqlite3.Connection]:
    """Open a new work list in a folder (None: one that vanishes), with what is known and what is stored attached.

    `store` is the store's folder and `generation` its current one. The view `stored` has the letters that are there.
    Raises StoreError where the disk is full or the file cannot be written.
    """
    if work is not None:
        for left in (work / FILE, work / f"{FILE}-journal"):
            left.unlink(missing_ok=True)
    try:
        connection = sqlite3.connect(work / FILE if work else "", isolation_level=None, uri=True, timeout=WAIT)
        try:
            # The list lasts as long as the build: nothing of it has to survive a crash.
            connection.executescript("pragma journal_mode = off; pragma synchronous = off; pragma temp_store = file;")
            connection.executescript(_SCHEMA)
            connection.create_function("file_of", 1, file_of, deterministic=True)
            catalog.attach(connection, store, generation, writable=work is not None)
            yield connection
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"The work list of the store {store} cannot be written ({error}): free space or change permissions, and "
            "build again; nothing is lost."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{store / catalog.FILE} is damaged ({error}): restore it from a copy, or build the store anew elsewhere."
        ) from error


def place_of(name: str) -> str:
    """Return what a source is remembered by: its path from the root, its URL, or for a stream its name."""
    scheme, mark, path = name.partition("://")
    if mark:
        return f"{scheme}://{path.lstrip('/')}"  # file systems differ in how they write the root
    return name if name == "standard input" else os.path.abspath(name)


def list_inputs(plan: sqlite3.Connection, sources: Iterable[Source], tick: Callable[[int], object]) -> int:
    """Write the sources down and return their number; `tick` is told how many there are so far."""
    count = 0

    def rows() -> Iterator[tuple[str, str, str, str, bytes]]:  # one at a time: some carry their letter's bytes
        nonlocal count
        for source in sources:
            yield _row(source)
            count += 1
            if count % _BATCH == 0:
                tick(count)

    plan.execute("begin")
    plan.executemany("insert into input (place, name, file, stamp, source) values (?, ?, ?, ?, ?)", rows())
    tick(count)
    plan.execute("commit")
    return count


def _row(source: Source) -> tuple[str, str, str, str, bytes]:
    return place_of(source.name), source.name, file_of(source.name), source.stamp, pickle.dumps(source)


def remember_left(plan: sqlite3.Connection, manifest: ShardManifest) -> None:
    """Write down what a shard that an earlier build left says of places, and the contents that are in it."""
    plan.execute("begin")
    places = ((place, digest, stamp) for place, stamp, digest, _ in manifest.outcomes if stamp and digest)
    plan.executemany("insert or replace into catalog.place (place, digest, stamp) values (?, ?, ?)", places)
    digests = (outcome.digest for outcome in manifest.outcomes if outcome.digest)
    plan.executemany("insert or ignore into left_behind values (?)", ((digest,) for digest in digests))
    plan.execute("commit")


def fetch_known(plan: sqlite3.Connection) -> None:
    """Give each input the digest that an earlier build found, where its stamp is still the same."""
    plan.execute(
        "update input set digest = (select p.digest from catalog.place p where p.place = input.place and "
        "p.stamp = input.stamp) where stamp <> '' and digest is null"
    )


def ask_for_unknown(plan: sqlite3.Connection) -> int:
    """Ask for the inputs whose digests nobody knows, each place once, and return their number."""
    plan.execute("create index if not exists input_place on input (place)")
    again = "select 1 from input o where o.place = input.place and o.stamp = input.stamp and o.id < input.id"
    return _ask(plan, f"input where digest is null and (stamp = '' or not exists ({again}))")


def ask_for_chosen(plan: sqlite3.Connection) -> int:
    """Ask for an input of each content that has to be read again, and return their number."""
    return _ask(plan, "input where id in (select input from todo where state = '')")


def _ask(plan: sqlite3.Connection, what: str) -> int:
    plan.execute("delete from asked")
    plan.execute(f"insert into asked (input, size) select id, length(source) from {what} order by place, id")
    return count(plan, "select count(*) from asked")


def write_known(plan: sqlite3.Connection, folder: ShardFolder, name: str) -> str:
    """Write the digests of all contents that are known for workers to read; return the file's name, empty if none is.

    Whether a known content has to be read all the same is decided when all digests are there, see `choose_contents`.
    """
    rows = plan.execute(
        "select digest from catalog.content union select digest from catalog.removed where digest <> '' "
        "union select digest from left_behind order by 1"
    )
    digests = [digest for (digest,) in rows]
    if digests:
        KnownDigests.write(folder, name, digests)
    return name if digests else ""


def batch_asked(plan: sqlite3.Connection, size: int) -> Iterator[tuple[Input, ...]]:
    """Yield the inputs that are asked for, for one shard after the other.

    A shard has `size` inputs at most, and of few inputs there are some shards as well, but smaller ones. Members of
    compressed archives carry their bytes, of which a shard has at most `_BYTES`.
    """
    from imr_graph.builder.worker import Input  # here, as it imports all that reads letters

    size = min(size, max(_SMALL, count(plan, "select count(*) from asked") // _SHARDS))
    last = 0
    while rows := plan.execute(
        "select rank, size from asked where rank > ? order by rank limit ?", (last, size)
    ).fetchall():
        first, last = last, _end_of_batch(rows)
        inputs = plan.execute(
            "select id, place, stamp, name, source, coalesce(digest, '') from asked join input on id = input "
            "where rank > ? and rank <= ? order by rank",
            (first, last),
        )
        yield tuple(Input(*row) for row in inputs)


def _end_of_batch(rows: list[tuple[int, int]]) -> int:
    """Return the last rank that one batch holds, given ranks and the bytes of their sources."""
    end, total = rows[0]
    for rank, size in rows[1:]:
        total += size
        if total > _BYTES:
            break
        end = rank
    return end


def enter_outcomes(plan: sqlite3.Connection, inputs: Iterable[Input], outcomes: Iterable[Outcome]) -> None:
    """Enter what was found at the places of inputs."""
    found = (
        (outcome.digest or None, outcome.reason, one.number) for one, outcome in zip(inputs, outcomes, strict=True)
    )
    plan.executemany("update input set digest = ?, reason = ? where id = ?", found)


# A text that gave way is wanted again when the letter that it gave way to leaves the store.
_GIVEN_WAY = """or exists (select 1 from catalog.superseded s cross join stored t on t.number = s.number
                     where s.sha256 = c.sha256 and not exists (select 1 from gone g where g.key = t.key))"""


def order_by_digest(plan: sqlite3.Connection) -> None:
    """Let inputs be found by their digests, once these are known."""
    plan.execute("create index input_digest on input (digest)")


def choose_contents(plan: sqlite3.Connection, versions: Versions, keep_both: bool) -> int:
    """Fill up `todo` with the known contents that have to be read again, and return how many these are.

    A content is passed over where these versions have read it with these corrections (see `recorrect`) and its letter
    is in the store, has given way to another, was removed, or could not be read. Of several places of one content the
    first by file name stands for all: beside `min`, SQLite takes the other columns from the row that has it.
    """
    given_way = "" if keep_both else _GIVEN_WAY
    plan.execute(
        f"""
        insert or ignore into todo (digest, input)
        select digest, id from (
          select digest, id, min(file || char(1) || name) from input i where digest is not null
            and not exists (select 1 from removed r where r.digest = i.digest) and not exists (
              select 1 from catalog.content c where c.digest = i.digest and c.software = :software
                and c.vocabulary = :vocabulary and not exists (select 1 from recorrect r where r.sha256 = c.sha256)
                and (c.reason <> '' {given_way} or exists (
                  select 1 from stored s where s.sha256 = c.sha256
                    and s.software = c.software and s.vocabulary = c.vocabulary)))
          group by digest
        )
        """,
        {"software": versions.software, "vocabulary": versions.vocabulary},
    )
    return count(plan, "select count(*) from todo where state = ''")


def name_first_sources(plan: sqlite3.Connection) -> None:
    """Name each letter by the first of the places that hold its content, whichever was read."""
    plan.execute(
        "update letter set source = (select name from input i where i.digest = letter.digest "
        "order by file || char(1) || name limit 1) where digest in "
        "(select digest from input where digest is not null group by digest having count(*) > 1)"
    )


def count(plan: sqlite3.Connection, sql: str) -> int:
    """Return the one number that a query gives."""
    number: int = plan.execute(sql).fetchone()[0]
    return number
