"""Which of the letters that were read go into the store: one text once, and one letter for a case number.

All of it is decided on the whole of a run and of the store, by the rule of `store.policy`, so that it depends on no
order. Fates of a letter: `load`, `same` (its text is stored already), `copy` (its content stands at another place of
this run, which comes first by file name), `twin` (another content of this run has its text), `removed` (it was removed
for good), `lost` (a letter of its case that was decided later is in this run or in the store).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imr_graph.builder.shards import Versions
from imr_graph.corrections import Corrections, StaleCorrection, find_unmatched
from imr_graph.store.policy import outranks

__all__ = [
    "CorrectionSummary",
    "changed_texts",
    "mark_for_rereading",
    "settle_fates",
    "settle_vanished",
    "summarize_corrections",
]

# Letters that the store has of the cases of letters that come, or that it read from the same text under another case
# number before. Joins of their own, as an "or" would look through the whole store for each letter; "cross join" keeps
# the letters on the outside.
_OF_SAME_CASE = """
select s.* from letter l cross join stored s on s.number = l.number where l.fate = 'load'
union
select s.* from letter l cross join stored s on s.sha256 = l.sha256 where l.fate in ('load', 'lost')
"""
# A stored letter whose file is gone, or holds another letter now, or gives another text now (its pages are recognized),
# stands back: the new one is what the user has. One that is read again is compared as it is read now.
_STANDS = """
not exists (select 1 from letter o where o.sha256 = s.sha256 and o.fate in ('load', 'lost'))
and not exists (select 1 from gone g where g.key = s.key)
and not exists (select 1 from deserted d where d.key = s.key)
and not exists (select 1 from catalog.content c join letter n on n.digest = c.digest
                where c.sha256 = s.sha256 and n.sha256 <> s.sha256)
"""


_INDEXES = """
create index letter_text on letter (sha256);
create index letter_digest on letter (digest);
create index letter_number on letter (number);
create index letter_key on letter (key);
create index letter_shard on letter (shard, start);
create index gone_text on gone (sha256);
create index gone_number on gone (number);
"""


# Of the corrections of a letter: null where none concern it.
_FINGERPRINT = "(select c.fingerprint from {} c where c.sha256 = letter.sha256)"


def settle_fates(plan: sqlite3.Connection, versions: Versions, keep_both: bool) -> None:
    """Give each letter its fate, and write down in `gone` which cases leave the store for it."""
    plan.executescript(_INDEXES)
    plan.execute("begin")
    plan.execute(
        "update letter set fate = 'copy' where digest in "
        "(select digest from letter group by digest having count(*) > 1) and rowid <> (select o.rowid from letter o "
        "where o.digest = letter.digest order by file_of(o.source) || char(1) || o.source, o.rowid limit 1)"
    )
    plan.execute(
        "update letter set fate = 'twin' where fate = 'load' and exists "
        "(select 1 from letter o where o.sha256 = letter.sha256 and o.digest < letter.digest)"
    )
    plan.execute(
        "update letter set fate = 'removed' where exists (select 1 from removed r where r.sha256 = letter.sha256) "
        "or exists (select 1 from removed r where r.number = letter.number)"
    )
    plan.execute(
        "update letter set fate = 'same' where fate = 'load' and exists (select 1 from stored s where "
        "s.sha256 = letter.sha256 and s.software = ? and s.vocabulary = ?) "
        "and not exists (select 1 from recorrect r where r.sha256 = letter.sha256) "
        f"and {_FINGERPRINT.format('main.corrected')} is {_FINGERPRINT.format('catalog.corrected')}",
        (versions.software, versions.vocabulary),
    )
    if keep_both:
        _keep_both(plan)
    else:
        _keep_later(plan)
    plan.execute("commit")


def _keep_later(plan: sqlite3.Connection) -> None:
    plan.execute(
        "update letter set fate = 'lost' where fate = 'load' and exists (select 1 from letter o where "
        f"o.number = letter.number and o.fate = 'load' and {outranks('o', 'letter')})"
    )
    plan.execute(
        "update letter set fate = 'lost' where fate = 'load' and exists (select 1 from stored s where "
        f"s.number = letter.number and {outranks('s', 'letter')} and {_STANDS})"
    )
    plan.execute(
        "insert or replace into gone select o.key, o.sha256, o.number, o.decided, case when exists (select 1 from "
        "letter l where l.sha256 = o.sha256 and l.fate = 'load') then 'read again' else 'replaced' end "
        f"from ({_OF_SAME_CASE}) o"
    )


def _keep_both(plan: sqlite3.Connection) -> None:
    """Let every text stay; the plain key goes to the letter that has it in the store, else to the earliest."""
    plan.execute(
        "insert or replace into gone select s.key, s.sha256, s.number, s.decided, 'read again' from letter l "
        "join stored s on s.sha256 = l.sha256 where l.fate = 'load'"
    )
    plan.execute(
        "update letter set own_key = (select s.key from stored s where s.sha256 = letter.sha256 "
        "and s.key in (letter.key, letter.key || '-' || substr(letter.sha256, 1, 8))) where fate = 'load'"
    )
    plan.execute(
        """
        update letter as l set own_key = l.number || '-' || substr(l.sha256, 1, 8)
        where l.fate = 'load' and l.own_key is null and l.number is not null and (
          exists (select 1 from stored s where s.key = l.key)
          or exists (select 1 from letter o where o.number = l.number and o.fate = 'load'
                     and (o.decided, o.sha256) < (l.decided, l.sha256)))
        """
    )


def settle_vanished(plan: sqlite3.Connection, roots: tuple[tuple[str, str], ...], prune: bool) -> int:
    """Return how many stored letters have all their known places in the listed roots and are at none of them now.

    `roots` are ranges of places, the first included, the last not; a place outside of them counts as still there.
    With `prune` the letters' cases go to `gone`. Afterwards `deserted` has these letters, and those whose places were
    listed and hold another content now.
    """
    plan.executescript(
        "create temp table vanished (place text, digest text, primary key (place, digest)) without rowid;"
        "create index if not exists input_place on input (place);"
    )
    for low, high in roots:
        plan.execute(
            "insert or ignore into vanished select place, digest from catalog.place p where place >= ? and place < ? "
            "and not exists "
            "(select 1 from input i where i.place = p.place and coalesce(i.digest, p.digest) = p.digest)",
            (low, high),
        )
    # A folder that cannot be listed, or an archive that cannot be opened, says nothing of what is in it.
    for (place,) in plan.execute("select place from input where digest is null").fetchall():
        for low, high in ((f"{place}/", f"{place}0"), (f"{place}!", f'{place}"')):
            plan.execute("delete from vanished where place >= ? and place < ?", (low, high))
    plan.execute(_DESERT.format("vanished"))
    if prune:
        plan.execute(
            "insert or ignore into gone select s.key, s.sha256, s.number, s.decided, 'vanished' "
            "from deserted d cross join stored s on s.key = d.key"
        )
    found: int = plan.execute("select count(*) from deserted").fetchone()[0]
    plan.execute(
        "create temp table changed as select place, digest from vanished union "
        "select p.place, p.digest from input i cross join catalog.place p on p.place = i.place "
        "where i.digest <> p.digest and not exists "
        "(select 1 from input j where j.place = p.place and j.digest = p.digest)"
    )
    plan.execute("create index changed_place on changed (place, digest)")
    plan.execute(_DESERT.format("changed"))
    return found


# Stored letters all of whose known places are in a table of places that hold them no longer.
_DESERT = """
insert or ignore into deserted
select s.key from {0} v join catalog.content c on c.digest = v.digest join stored s on s.sha256 = c.sha256
where not exists (
  select 1 from catalog.content o join catalog.place p on p.digest = o.digest where o.sha256 = s.sha256
    and not exists (select 1 from {0} w where w.place = p.place and w.digest = p.digest))
"""


# The letters of the store, and those that gave way, under each of some case numbers; "cross join" keeps the numbers on
# the outside.
_STORED = "select s.sha256, w.number from {0} w cross join stored s on s.number = w.number"
_GAVE_WAY = "select p.sha256, w.number from {0} w cross join catalog.superseded p on p.number = w.number"


@dataclass(frozen=True, slots=True)
class CorrectionSummary:
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


def mark_for_rereading(plan: sqlite3.Connection, corrections: Corrections) -> None:
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


def summarize_corrections(plan: sqlite3.Connection, corrections: Corrections) -> CorrectionSummary:
    """Return what became of corrections, once a build has published and remembered what it read."""
    by_digest = {entry.digest: entry for entry in corrections.entries}
    applied = letters = 0
    stale: list[str] = []
    for count, reasons in plan.execute(_IN_STORE):
        applied, letters = applied + count, letters + bool(count)
        # What is said of a correction that is not there any more waits for the letter to be read again.
        stale += (str(StaleCorrection(by_digest[one], why)) for one, why in json.loads(reasons) if one in by_digest)
    taken_back: int = plan.execute("select count(*) from taken_back").fetchone()[0]
    missed = tuple(
        f"{entry.place}, {entry.field}: {_MISSED}" for entry in find_unmatched(corrections, _list_read(plan))
    )
    counts = {"applied": applied, "letters": letters, "taken back": taken_back}
    return CorrectionSummary(counts, tuple(sorted(stale)), missed)


_MISSED = "no letter that was read has this case number or text: compare it with the letter."
_IN_STORE = """
select c.applied, c.stale from catalog.corrected c where exists (
    select 1 from letter l where l.sha256 = c.sha256 and l.fate = 'load'
  ) or exists (
    select 1 from stored s where s.sha256 = c.sha256 and not exists (select 1 from gone g where g.key = s.key)
  )
"""


def _list_read(plan: sqlite3.Connection) -> Iterator[tuple[str | None, str]]:
    for sha256, number, _ in plan.execute(_KNOWN):
        yield number, sha256
