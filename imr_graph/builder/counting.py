"""What a build counts while it runs, and the report that it makes of that and of the work list."""

from __future__ import annotations

import platform
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph

from imr_graph.builder.conflicts import summarize_corrections
from imr_graph.builder.report import BuildReport, Failed, KeptOut, LeftOut, Meter, Replaced
from imr_graph.builder.shards import ShardManifest, Versions, list_frequent
from imr_graph.corrections import Corrections
from imr_graph.limited_process import peak_memory
from imr_graph.store.graph_store import HeldStore
from imr_graph.validation.report import ValidationReport

__all__ = ["Tallies", "make_report", "replacements"]

_MOST_NAMES = 20_000
_SHOWN_NAMES = 100


@dataclass
class Tallies:
    """Counts that no table of the work list has."""

    seen: int = 0
    skipped: int = 0
    vanished: int = 0
    prune: bool = False
    remarks: tuple[str, ...] = ()
    shards: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    unmatched: dict[str, Counter[str]] = field(default_factory=dict)
    memory: int = 0
    validation: ValidationReport | None = None

    def skip(self, _: str) -> None:
        """Count a file that is no letter by its name."""
        self.skipped += 1

    def take(self, manifest: ShardManifest) -> None:
        """Count a shard that was made now."""
        self.shards["made"] += bool(manifest.blocks or manifest.failures)  # not where all inputs turned out to be known
        for step, seconds in manifest.seconds.items():
            self.seconds[step] = self.seconds.get(step, 0.0) + seconds
        self.memory = max(self.memory, manifest.memory)
        self._add_unmatched(manifest.unmatched)

    def resume(self, manifest: ShardManifest) -> None:
        """Count a shard that an earlier build had finished."""
        self.shards["resumed"] += 1
        self._add_unmatched(manifest.unmatched)

    def _add_unmatched(self, found: Mapping[str, Mapping[str, int]]) -> None:
        for kind, names in found.items():
            counts = self.unmatched.setdefault(kind, Counter())
            counts.update(names)
            if len(counts) > _MOST_NAMES:
                self.unmatched[kind] = Counter(list_frequent(counts, _MOST_NAMES // 2))


def make_report(
    plan: sqlite3.Connection,
    tallies: Tallies,
    writing: HeldStore,
    versions: Versions,
    generation: int,
    meter: Meter,
    seconds: float,
    corrections: Corrections | None = None,
) -> BuildReport:
    """Return the report of a build whose work list is settled and whose generation is published and remembered."""
    corrected = summarize_corrections(plan, corrections or Corrections())
    gone = dict(plan.execute("select why, count(*) from gone group by why").fetchall())
    came, kept_both, again = _count_coming(plan)
    replaced = replacements(plan)
    fates = dict(plan.execute("select fate, count(*) from letter group by fate").fetchall())
    added = came - again - len(kept_both) - len({one.new for one in replaced})
    return BuildReport(
        store=str(writing.path),
        generation=generation,
        seen=tallies.seen,
        repeated=_one(plan, _REPEATED) + fates.get("twin", 0),
        added=added,
        unchanged=_one(plan, _UNCHANGED, versions) + fates.get("same", 0),
        read_again=again,
        replaced=replaced,
        kept_both=kept_both,
        left_out=tuple(LeftOut(*row) for row in plan.execute(_LEFT_OUT)),
        kept_out=tuple(KeptOut(*row) for row in plan.execute(_KEPT_OUT)),
        removed=tuple(key for (key,) in plan.execute("select key from gone where why = 'vanished' order by key")),
        vanished=tallies.vanished - gone.get("vanished", 0),
        failed=tuple(sorted(_list_failures(plan, versions), key=lambda one: (one.source, one.reason))),
        incomplete=tuple(Failed(*row) for row in plan.execute(_INCOMPLETE, _pair(versions))),
        skipped=tallies.skipped,
        unparsed=_one(plan, "select coalesce(sum(unparsed), 0) from letter where fate = 'load'"),
        unmatched={kind: list_frequent(names, _SHOWN_NAMES) for kind, names in sorted(tallies.unmatched.items())},
        corrections=corrected.counts,
        stale_corrections=corrected.stale,
        unmet_corrections=corrected.unmet,
        validation=tallies.validation,
        remarks=tallies.remarks,
        seconds=meter.seconds | {"all": round(seconds, 3)},
        worker_seconds={step: round(number, 3) for step, number in sorted(tallies.seconds.items())},
        letters_per_second=round(came / seconds, 1) if seconds else 0.0,
        memory={"builder": peak_memory(), "largest worker": tallies.memory},
        shards={"made": tallies.shards["made"], "resumed": tallies.shards["resumed"]},
        versions={
            "imr-graph": versions.software,
            "vocabulary": versions.vocabulary,
            "pyoxigraph": pyoxigraph.__version__,
            "python": platform.python_version(),
        },
    )


def replacements(plan: sqlite3.Connection) -> tuple[Replaced, ...]:
    """Return which stored letters gave way to which of a settled work list, by key."""
    return tuple(Replaced(*row) for row in plan.execute(_REPLACED))


def _count_coming(plan: sqlite3.Connection) -> tuple[int, tuple[str, ...], int]:
    came = _one(plan, "select count(*) from letter where fate = 'load'")
    kept = tuple(
        key
        for (key,) in plan.execute(
            "select own_key from letter l where fate = 'load' and own_key <> key and not exists "
            "(select 1 from gone g where g.sha256 = l.sha256) order by own_key"
        )
    )
    again = _one(
        plan,
        "select count(*) from letter l where fate = 'load' and exists (select 1 from gone g where g.sha256 = l.sha256)",
    )
    return came, kept, again


_REPLACED = """
select distinct g.key, g.sha256, l.sha256 from gone g cross join letter l on l.number = g.number
where g.why = 'replaced' and l.fate = 'load' and l.sha256 <> g.sha256 order by 1, 2
"""
# With the letter that stays: of this run, or else of the store.
_LEFT_OUT = """
select l.key, l.source, l.sha256, coalesce(
  (select w.sha256 from letter w where w.number = l.number and w.fate = 'load'),
  (select s.sha256 from stored s where s.number = l.number and not exists (select 1 from gone g where g.key = s.key)
   order by s.decided desc, s.sha256 desc limit 1))
from letter l where l.fate = 'lost' order by 1, 2
"""
# Contents that were listed and did not have to be read, because their letters are stored or gave way.
_UNCHANGED = """
select count(distinct c.sha256) from input i join catalog.content c on c.digest = i.digest
where c.software = ? and c.vocabulary = ? and c.reason = ''
  and not exists (select 1 from todo t where t.digest = i.digest)
  and not exists (select 1 from removed r where r.digest = i.digest)
"""
_KEPT_OUT = """
select distinct r.key, i.name from removed r cross join input i on i.digest = r.digest order by 1, 2
"""
# Further inputs with a content that came before; those of a content that fails are named one by one instead.
_REPEATED = """
select count(digest) - count(distinct digest) from input where digest not in (
  select digest from failed union all
  select digest from catalog.content c where reason <> ''
    and not exists (select 1 from todo t where t.digest = c.digest))
"""
# What is said of few contents is asked from them on: "cross join" keeps that order.
_INCOMPLETE = """
select i.name, l.incomplete from letter l cross join input i on i.digest = l.digest
where l.fate = 'load' and l.incomplete <> ''
union select i.name, c.incomplete from catalog.content c cross join input i on i.digest = c.digest
where c.incomplete <> '' and c.software = ? and c.vocabulary = ?
  and not exists (select 1 from todo t where t.digest = c.digest)
order by 1
"""
_FAILED = "select i.name, f.reason from failed f cross join input i on i.digest = f.digest"
_KNOWN_TO_FAIL = """
select i.name, c.reason from catalog.content c cross join input i on i.digest = c.digest
where c.reason <> '' and c.software = ? and c.vocabulary = ?
  and not exists (select 1 from todo t where t.digest = c.digest)
"""


def _list_failures(plan: sqlite3.Connection, versions: Versions) -> Iterator[Failed]:
    yield from (Failed(*row) for row in plan.execute("select name, reason from input where reason <> ''"))
    yield from (Failed(*row) for row in plan.execute(_FAILED))
    yield from (Failed(*row) for row in plan.execute(_KNOWN_TO_FAIL, _pair(versions)))


def _pair(versions: Versions) -> tuple[str, str]:
    return versions.software, versions.vocabulary


def _one(plan: sqlite3.Connection, sql: str, versions: Versions | None = None) -> int:
    number: int = plan.execute(sql, _pair(versions) if versions else ()).fetchone()[0]
    return number
