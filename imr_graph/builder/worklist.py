"""The work list of a build: `DIR/work/plan.sqlite`, so that a million inputs are never a million objects.

Table `input` has a row for each source as it was listed, `todo` one for each content that has to be read, `letter` one
for each letter that was read, with its place in a shard and its fate, `corrected` one for each text that corrections
concern. `recorrect` has the texts that corrections make a build read again. The list is made anew by each build.
"""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from imr_graph.builder.contents import Content
from imr_graph.builder.shards import Block, ShardManifest, Versions, prefix_bits, shard_name, shard_of
from imr_graph.corrections import Corrections
from imr_graph.errors import StoreError
from imr_graph.letters import Source
from imr_graph.store import catalog

__all__ = [
    "FILE",
    "batch_undigested",
    "choose_contents",
    "count",
    "enter_shard",
    "fetch_known",
    "list_inputs",
    "open_list",
    "order_by_digest",
    "place_of",
    "shards_to_make",
]

T = TypeVar("T")

FILE = "plan.sqlite"
_BATCH = 256
_BYTES = 64_000_000  # of letters that travel with their tasks, of which there are a few for each worker
_WAIT = 30.0  # seconds: texts are written into the catalog at the same time
# Shards of a small build, so that its workers end at about the same time and letters are loaded while others are read;
# and the letters that one is worth making for.
_SHARDS, _SMALL = 16, 64

_SCHEMA = """
create table input (
  id integer primary key, place text not null, name text not null, file text not null, stamp text not null,
  source blob not null, digest text, reason text not null default ''
);
create table todo (
  digest text primary key, name text not null, source blob not null, state text not null default ''
) without rowid;
create table failed (digest text primary key, source text not null, reason text not null, kind text not null);
create table letter (
  digest text primary key, sha256 text not null, key text not null, number text, decided text not null,
  source text not null, start integer not null, length integer not null, unparsed integer not null,
  incomplete text not null, shard text not null, fate text not null default 'load', own_key text
);
create table shard (name text primary key, data text not null);
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
        connection = sqlite3.connect(work / FILE if work else "", isolation_level=None, uri=True, timeout=_WAIT)
        try:
            # The list lasts as long as the build: nothing of it has to survive a crash.
            connection.executescript("pragma journal_mode = off; pragma synchronous = off; pragma temp_store = file;")
            connection.executescript(_SCHEMA)
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
    file = source.name.replace("\\", "/").rsplit("/", 1)[-1].rsplit("!", 1)[-1]
    return place_of(source.name), source.name, file, source.stamp, pickle.dumps(source)


def fetch_known(plan: sqlite3.Connection) -> None:
    """Give each input the digest that an earlier build found, where its stamp is still the same."""
    plan.execute(
        "update input set digest = (select p.digest from catalog.place p where p.place = input.place and "
        "p.stamp = input.stamp) where stamp <> ''"
    )


def batch_undigested(plan: sqlite3.Connection) -> Iterator[tuple[tuple[int, bytes], ...]]:
    """Yield batches of inputs (number, pickled source) whose content has to be read to know its digest."""
    last = -1
    while True:
        waiting = "from input where id > ? and digest is null and reason = '' order by id limit ?"
        sizes = plan.execute(f"select id, length(source) {waiting}", (last, _BATCH)).fetchall()
        if not sizes:
            return
        first = next(_split_by_bytes(sizes))
        yield tuple(plan.execute(f"select id, source {waiting}", (last, len(first))).fetchall())
        last = first[-1]


# A text that gave way is wanted again when the letter that it gave way to leaves the store.
_GIVEN_WAY = """or exists (select 1 from catalog.superseded s cross join stored t on t.number = s.number
                     where s.sha256 = c.sha256 and not exists (select 1 from gone g where g.key = t.key))"""


def order_by_digest(plan: sqlite3.Connection) -> None:
    """Let inputs be found by their digests, once these are known."""
    plan.execute("create index input_digest on input (digest)")


def choose_contents(plan: sqlite3.Connection, versions: Versions, keep_both: bool) -> int:
    """Fill `todo` with the contents that have to be read, and return their number.

    A content is passed over where these versions have read it with these corrections (see `recorrect`) and its letter
    is in the store, has given way to another, was removed, or could not be read. Of several places of one content the
    first by file name stands for all: beside `min`, SQLite takes the other columns from the row that has it.
    """
    given_way = "" if keep_both else _GIVEN_WAY
    plan.execute(
        f"""
        insert into todo (digest, name, source)
        select digest, name, source from (
          select digest, name, source, min(file || char(1) || name) from input i where digest is not null
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
    return count(plan, "select count(*) from todo")


def shards_to_make(
    plan: sqlite3.Connection, versions: Versions, base: str, size: int, corrections: str = ""
) -> Iterator[tuple[str, tuple[Content, ...]]]:
    """Yield name and contents of each shard that is not there yet, by its number; `corrections` is their digest.

    A shard has about `size` letters at most, and of few letters there are some shards as well, but smaller ones.
    """
    letters = count(plan, "select count(*) from todo")
    bits = prefix_bits(letters, min(size, max(_SMALL, letters // _SHARDS)))
    for number in range(1 << bits):
        low = number << (64 - bits) if bits else 0
        high = ((number + 1) << (64 - bits)) if bits else 1 << 64
        sizes = plan.execute(
            "select digest, length(source) from todo where digest >= ? and digest < ? and state = '' order by digest",
            (f"{low:016x}", f"{high:016x}" if high < 1 << 64 else "g"),
        ).fetchall()
        for part in _split_by_bytes(sizes):
            rows = plan.execute(
                "select digest, name, source from todo where digest between ? and ? and state = '' order by digest",
                (part[0], part[-1]),
            )
            contents = tuple(Content(*row) for row in rows)
            assert shard_of(contents[0].digest, bits) == number
            yield shard_name(number, (c.digest for c in contents), versions, base, corrections), contents


def _split_by_bytes(sizes: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """Yield the keys of rows in runs of at most `_BYTES`; members of compressed archives carry their bytes."""
    run: list[T] = []
    total = 0
    for key, size in sizes:
        if run and total + size > _BYTES:
            yield run
            run, total = [], 0
        run.append(key)
        total += size
    if run:
        yield run


def enter_shard(plan: sqlite3.Connection, manifest: ShardManifest, resumed: Corrections | None = None) -> int:
    """Enter what a shard holds, and return how many of the contents to read it settles.

    `resumed` are the corrections of today for a shard that an earlier build left: of it only what is asked for now
    counts, no letter that other corrections concerned, and no failure that may have passed.
    """
    plan.execute("begin")
    settled = 0
    for block in manifest.blocks:
        if (resumed is None or _same_corrections(block, resumed)) and _settle(plan, block.digest):
            settled += 1
            _enter_letter(plan, block, manifest.name)
    for failure in manifest.failures:
        if (failure.kind == "content" or resumed is None) and _settle(plan, failure.digest):
            settled += 1
            plan.execute(
                "insert into failed values (?, ?, ?, ?)",
                (failure.digest, failure.source, failure.reason, failure.kind),
            )
    plan.execute("insert or replace into shard values (?, ?)", (manifest.name, manifest.data))
    plan.execute("commit")
    return settled


def _same_corrections(block: Block, corrections: Corrections) -> bool:
    number, fingerprint = (block.mark.number, block.mark.fingerprint) if block.mark else (block.number, "")
    return corrections.fingerprint(number, block.sha256) == fingerprint


def _enter_letter(plan: sqlite3.Connection, block: Block, shard: str) -> None:
    plan.execute(
        f"insert into letter ({_LETTER}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(block.digest, block.sha256, block.key, block.number, block.decided, block.source),
            *(block.start, block.length, block.unparsed, block.incomplete, shard),
        ),
    )
    if block.mark:
        plan.execute(
            "insert or replace into corrected values (?, ?, ?, ?, ?)",
            (
                *(block.sha256, block.mark.number, block.mark.fingerprint, block.mark.applied),
                json.dumps(block.mark.stale),
            ),
        )


_LETTER = "digest, sha256, key, number, decided, source, start, length, unparsed, incomplete, shard"


def _settle(plan: sqlite3.Connection, digest: str) -> bool:
    return plan.execute("update todo set state = 'done' where digest = ? and state = ''", (digest,)).rowcount == 1


def count(plan: sqlite3.Connection, sql: str) -> int:
    """Return the one number that a query gives."""
    number: int = plan.execute(sql).fetchone()[0]
    return number
