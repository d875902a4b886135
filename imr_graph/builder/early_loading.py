"""Which letters are loaded while others are still being read; see docs/decisions/loading-ahead.md.

What a generation holds is settled when all is read: of two letters of a case the later one stays. But nearly every
letter is the only one of its case, so it is loaded as soon as its shard is finished if neither the store nor a shard
before has its case. The others wait. What gives way in the end after all is taken out again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from imr_graph.builder.portions import Placed, Portion, portions
from imr_graph.builder.shards import Manifest
from imr_graph.builder.writer import Making

__all__ = ["begin", "fallen", "take", "waiting"]

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


def begin(plan: sqlite3.Connection) -> None:
    """Prepare a work list."""
    plan.executescript(_SCHEMA)


def take(plan: sqlite3.Connection, manifest: Manifest, making: Making) -> None:
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
    if letters and not making.busy:
        plan.executemany("insert into ahead values (?)", ((digest,) for digest, _ in letters))
        anew = not plan.execute("select exists (select 1 from stored)").fetchone()[0]
        plan.execute("commit")
        portion = Portion(manifest.name, manifest.data, held, tuple(letter for _, letter in letters))
        making.come(making.begin(anew=anew), portion)
    else:
        plan.execute("commit")


def fallen(plan: sqlite3.Connection) -> Iterator[str]:
    """Yield the keys of letters that were loaded ahead and give way, or get another key, in a settled work list."""
    found = plan.execute(f"select key from letter where {_AHEAD} and not ({_STAYS}) order by key")
    return (key for (key,) in found.fetchall())


def waiting(plan: sqlite3.Connection) -> Iterator[Portion]:
    """Yield the letters that are still to be loaded in a settled work list."""
    return portions(plan, f"fate = 'load' and not (({_STAYS}) and {_AHEAD})")
