"""From a work list to the next generation of the store; see docs/decisions/loading-ahead.md.

What a generation holds is settled when all is read: of two letters of a case the later one stays. But nearly every
letter is the only one of its case, so it is loaded as soon as its shard is finished if neither the store nor a shard
before has its case. The others wait. In the end those that give way leave, of this build or of the store, and the
letters that had to wait come.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from imr_graph.builder import inputs
from imr_graph.builder.portions import Placed, Portion
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import ShardManifest, Versions
from imr_graph.builder.writer import GenerationWriter
from imr_graph.graph.resolver import NameResolver
from imr_graph.store import follow
from imr_graph.store.catalog import Entry
from imr_graph.store.failures import translate_errors
from imr_graph.store.graph_store import open_store

__all__ = ["begin", "load_early", "publish_changes"]

_SCHEMA = """
create table held (name text primary key, letters integer not null) without rowid;
create table seen (key text primary key) without rowid;
create table ahead (digest text primary key) without rowid;
"""
# Letters of the shard that was entered last; whether the store has none of their case, nor of their text (which may
# have been read as a letter of another case).
_ENTERED = """
select l.digest, l.start, l.length, l.key, null, l.sha256,
  not exists (select 1 from stored s where s.key = l.key)
  and not exists (select 1 from stored s where s.sha256 = l.sha256)
  and not exists (select 1 from stored s where s.number = l.number)
  and not exists (select 1 from removed r where r.number = l.number or r.sha256 = l.sha256)
from letter l where l.shard = :shard and l.rowid > (select coalesce(max(rowid), 0) - :most from letter)
order by l.start
"""
_STAYS = "fate = 'load' and coalesce(own_key, key) = key"
_AHEAD = "exists (select 1 from ahead a where a.digest = letter.digest)"
_LOADED = "fate = 'load'"
_WAITS = f"fate = 'load' and not (({_STAYS}) and {_AHEAD})"


def begin(plan: sqlite3.Connection) -> None:
    """Prepare a work list."""
    plan.executescript(_SCHEMA)


def load_early(
    plan: sqlite3.Connection, folder: ShardFolder, manifest: ShardManifest, writer: GenerationWriter
) -> None:
    """Load what can be loaded now of a shard that was just entered in a work list."""
    plan.execute("begin")
    held = len(manifest.blocks)
    plan.execute("insert or replace into held values (?, ?)", (manifest.name, held))
    letters = []
    for digest, *placed, free in plan.execute(_ENTERED, {"shard": manifest.name, "most": held}).fetchall():
        letter: Placed = tuple(placed)
        first = plan.execute("insert or ignore into seen values (?)", (letter[2],)).rowcount == 1
        if first and free:
            letters.append((digest, letter))
    now = bool(letters) and not writer.busy
    if now:
        plan.executemany("insert into ahead values (?)", ((digest,) for digest, _ in letters))
    plan.execute("commit")
    if now:
        writer.begin(anew=not plan.execute("select exists (select 1 from stored)").fetchone()[0])
        placed_letters = tuple(letter for _, letter in letters)
        writer.write(Portion(folder, manifest.base, manifest.name, manifest.data, held, placed_letters))


def publish_changes(
    writer: GenerationWriter,
    plan: sqlite3.Connection,
    folder: ShardFolder,
    versions: Versions,
    names: NameResolver,
    tick: Callable[[int], object],
) -> int:
    """Publish the generation that the fates in a work list make, and return its number.

    `tick` is told how many letters are loaded so far. All becomes visible at once, or nothing does.
    """
    store, base = writer.store.path, writer.store.base
    staying = "select exists (select 1 from stored s where not exists (select 1 from gone g where g.key = s.key))"
    with translate_errors(store):
        writer.begin(anew=not plan.execute(staying).fetchone()[0])
        writer.wait(tick)
        writer.take_back(_keys(plan, f"select key from letter where {_AHEAD} and not ({_STAYS}) order by key"))
        if not writer.anew:
            writer.remove(_keys(plan, "select key from gone order by key"))
        for portion in _portions(plan, folder, base, _WAITS):
            writer.write(portion)
            tick(writer.loaded)
        writer.wait(tick)
        inputs.remember_superseded(plan, writer.generation)
        rows = (portion.rows() for portion in _portions(plan, folder, base, _LOADED))
        has_table = writer.publish(_entries(plan, versions), rows)
    if not has_table:  # the store comes from a version that kept no table
        follow.derive(open_store(store), store, names=names)
    return writer.generation


def _keys(plan: sqlite3.Connection, sql: str) -> list[str]:
    return [key for (key,) in plan.execute(sql)]


def _portions(plan: sqlite3.Connection, folder: ShardFolder, base: str, condition: str) -> Iterator[Portion]:
    """Yield the letters of a settled work list for which an SQL condition holds, shard by shard."""
    shards = plan.execute("select s.name, s.data, h.letters from shard s join held h using (name) order by s.name")
    for name, data, held in shards.fetchall():
        letters = plan.execute(
            f"select start, length, key, own_key, sha256 from letter where shard = ? and {condition} order by start",
            (name,),
        ).fetchall()
        if letters:
            yield Portion(folder, base, name, data, held, tuple(letters))


def _entries(plan: sqlite3.Connection, versions: Versions) -> Iterator[Entry]:
    rows = plan.execute(
        "select coalesce(own_key, key), sha256, source, digest, number, decided from letter "
        "where fate = 'load' order by 1"
    )
    for key, sha256, source, digest, number, decided in rows:
        yield Entry(key, sha256, source, digest, versions.software, versions.vocabulary, number, decided)
