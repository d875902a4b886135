"""Corrections and what is in the store: which letters have to be read again because of them, and what became of them.

What is known of each letter that corrections concern is in `catalog.corrected`: their fingerprint when the
letter was last read. A letter is read again when the corrections of today have another one. The other letters of its
case are read again with it, as a correction may change which of them is the later, or whose case it is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imr_graph.corrections import Corrections, StaleCorrection, find_unmatched

__all__ = ["Told", "changed_texts", "mark", "told"]

# The letters of the store, and those that gave way, under each of some case numbers; "cross join" keeps the numbers on
# the outside.
_STORED = "select s.sha256, w.number from {0} w cross join stored s on s.number = w.number"
_GAVE_WAY = "select p.sha256, w.number from {0} w cross join catalog.superseded p on p.number = w.number"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of corrections in the store: counts by name, and sentences about those that were not applied."""

    counts: Mapping[str, int]
    stale: tuple[str, ...]
    unmet: tuple[str, ...]


def changed_texts(plan: sqlite3.Connection, corrections: Corrections) -> dict[str, str | None]:
    """Return the known texts that have other corrections now than when they were last read.

    A text's digest leads to the case number that was read from it, None where that is not known.
    """
    known = {sha256: (number, print) for sha256, number, print in plan.execute(_KNOWN)}
    changed = {
        text: number for text, (number, print) in known.items() if corrections.fingerprint(number, text) != print
    }
    plan.execute("create temp table if not exists named (number text primary key) without rowid")
    plan.executemany("insert or ignore into named values (?)", ((number,) for number in corrections.cases))
    found: list[tuple[str, str | None]] = []
    for start in corrections.texts:
        sql = "select distinct sha256 from catalog.content where sha256 >= ? and sha256 < ?"
        found += ((text, None) for (text,) in plan.execute(sql, (start, f"{start}g")))
    if corrections.cases:
        found += plan.execute(_STORED.format("named")).fetchall()
        found += plan.execute(_GAVE_WAY.format("named")).fetchall()
    # What was read without any correction has the case number that its key says.
    new = {text: number for text, number in found if text not in known}
    return changed | {text: number for text, number in new.items() if corrections.fingerprint(number, text)}


_KNOWN = "select sha256, number, fingerprint from catalog.corrected"


def _numbers(changed: Mapping[str, str | None], corrections: Corrections) -> Iterator[str]:
    """Yield the case numbers that changed texts had without corrections, and those that corrections give them."""
    for text, number in changed.items():
        moved = (each.should_be for each in corrections.known_by(number, text) if each.field == "/case_number")
        yield from (found for found in (number, *moved) if found is not None)


def mark(plan: sqlite3.Connection, corrections: Corrections) -> None:
    """Fill `recorrect` with the texts that have to be read again because of corrections.

    A letter that gave way to another is read again only where that other is among the inputs as well: without it, it
    would take its place.
    """
    changed = changed_texts(plan, corrections)
    if not changed:
        return
    plan.execute("begin")
    plan.executemany("insert into recorrect values (?)", ((text,) for text in changed))
    plan.execute("create temp table touched (number text primary key) without rowid")
    numbers = ((number,) for number in _numbers(changed, corrections))
    plan.executemany("insert or ignore into touched values (?)", numbers)
    for table in ("stored", "catalog.superseded"):
        plan.execute(
            f"insert or ignore into touched select t.number from recorrect r cross join {table} t "
            "on t.sha256 = r.sha256 and t.number is not null"
        )
    for sql in (_STORED, _GAVE_WAY):
        plan.execute(f"insert or ignore into recorrect select sha256 from ({sql.format('touched')})")
    plan.execute(
        """
        delete from recorrect where not exists (select 1 from stored s where s.sha256 = recorrect.sha256) and exists (
          select 1 from catalog.superseded p cross join stored s on s.number = p.number
          where p.sha256 = recorrect.sha256 and not exists (
            select 1 from catalog.content c cross join input i on i.digest = c.digest where c.sha256 = s.sha256))
        """
    )
    plan.execute("commit")


def told(plan: sqlite3.Connection, corrections: Corrections) -> Told:
    """Return what became of corrections, once a build has published and remembered what it read."""
    by_digest = {entry.digest: entry for entry in corrections.entries}
    applied = letters = 0
    stale: list[str] = []
    for count, reasons in plan.execute(_IN_STORE):
        applied, letters = applied + count, letters + bool(count)
        # What is said of a correction that is not there any more waits for the letter to be read again.
        stale += (str(StaleCorrection(by_digest[one], why)) for one, why in json.loads(reasons) if one in by_digest)
    taken_back: int = plan.execute("select count(*) from taken_back").fetchone()[0]
    missed = tuple(f"{entry.place}, {entry.field}: {_MISSED}" for entry in find_unmatched(corrections, _seen(plan)))
    counts = {"applied": applied, "letters": letters, "taken back": taken_back}
    return Told(counts, tuple(sorted(stale)), missed)


_MISSED = "no letter that was read has this case number or text: compare it with the letter."
_IN_STORE = """
select c.applied, c.stale from catalog.corrected c where exists (
    select 1 from letter l where l.sha256 = c.sha256 and l.fate = 'load'
  ) or exists (
    select 1 from stored s where s.sha256 = c.sha256 and not exists (select 1 from gone g where g.key = s.key)
  )
"""


def _seen(plan: sqlite3.Connection) -> Iterator[tuple[str | None, str]]:
    for sha256, number, _ in plan.execute(_KNOWN):
        yield number, sha256
