"""What a build writes into the catalog beside its letters: what lay where, what became of it, and what gave way.

All of it is SQL from the work list into the catalog, which `worklist.open_list` attaches.
"""

from __future__ import annotations

import sqlite3

__all__ = ["forget_places", "remember_contents", "remember_places", "remember_superseded"]


def remember_places(plan: sqlite3.Connection) -> None:
    """Write down which content each listed place holds; a stamp tells later whether it still does."""
    plan.execute(
        "insert into catalog.place (place, digest, stamp) select place, digest, stamp from input "
        "where digest is not null "
        "on conflict (place, digest) do update set stamp = excluded.stamp where stamp <> excluded.stamp"
    )


def remember_contents(plan: sqlite3.Connection, software: str, vocabulary: str) -> None:
    """Write down what these versions made of the contents that this build read."""
    for table, columns in (("letter", "sha256, '', incomplete"), ("failed", "'', reason, ''")):
        lasting = " where kind = 'content'" if table == "failed" else ""
        plan.execute(
            f"insert or replace into catalog.content select digest, {columns}, ?, ? from main.{table}{lasting}",
            (software, vocabulary),
        )
    _remember_corrected(plan)
    # Of a removed case another content was read now: the next build does not have to read it.
    plan.execute(
        "insert or ignore into catalog.removed select l.sha256, l.digest, r.number, r.key, r.came, 1 "
        "from main.letter l cross join catalog.removed r on r.sha256 = l.sha256 or r.number = l.number "
        "where l.fate = 'removed'"
    )
    # A text that is in the store has not given way any more; of several times that a text did, the last one counts.
    plan.execute(
        "delete from catalog.superseded where exists (select 1 from main.letter l where l.fate = 'load' "
        "and l.sha256 = catalog.superseded.sha256) or exists (select 1 from catalog.superseded n "
        "where n.sha256 = catalog.superseded.sha256 and n.came > catalog.superseded.came)"
    )


def _remember_corrected(plan: sqlite3.Connection) -> None:
    """Write down which corrections concerned the letters that this build read, and which letters have none any more."""
    read = "exists (select 1 from main.letter l where l.sha256 = catalog.corrected.sha256)"
    plan.execute(
        f"insert into taken_back select sha256 from catalog.corrected where applied > 0 and {read} and not exists "
        "(select 1 from main.corrected c where c.sha256 = catalog.corrected.sha256)"
    )
    plan.execute(f"delete from catalog.corrected where {read}")
    plan.execute("insert or replace into catalog.corrected select * from main.corrected")


def remember_superseded(plan: sqlite3.Connection, generation: int) -> None:
    """Write down which texts give way to others with a generation that is about to be published."""
    plan.execute(
        "insert or ignore into catalog.superseded select sha256, number, :now from main.letter where fate = 'lost' "
        "union all select sha256, number, :now from gone where why = 'replaced' and number is not null",
        {"now": generation},
    )


def forget_places(plan: sqlite3.Connection) -> None:
    """Forget the places that are gone, once their letters are."""
    plan.execute(
        "delete from catalog.place where exists (select 1 from vanished v where v.place = place.place "
        "and v.digest = place.digest)"
    )
