"""From a work list to the next generation of the store; see docs/decisions/loading-ahead.md.

What a generation holds is settled when all is read: of two letters of a case the later one stays. But nearly every
letter is the only one of its case, so it is loaded as soon as its shard is finished if neither the store nor a shard
before has its case. The others wait. In the end those that give way leave, of this build or of the store, and the
letters that had to wait come. Workers validate their shards; those that lose letters are validated again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, replace

from imr_graph.builder import inputs
from imr_graph.builder.executors import Died, Engine
from imr_graph.builder.portions import Placed, Portion
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import Block, ShardManifest, Versions, block_values, file_of, read_manifest
from imr_graph.builder.worker import Rules
from imr_graph.builder.writer import GenerationWriter
from imr_graph.corrections import Corrections
from imr_graph.errors import ToolError
from imr_graph.store import follow
from imr_graph.store.catalog import Entry
from imr_graph.store.failures import translate_errors
from imr_graph.store.graph_store import open_store
from imr_graph.validation import validate_letters
from imr_graph.validation.report import ValidationReport, merge_reports

__all__ = ["publish_changes", "take_shard", "validate_loaded"]

# Whether the store has no letter of the same case, nor of the same text (which may have been read as a letter of
# another case), nor had it removed.
_FREE = """
select not exists (select 1 from stored s where s.key = :key)
  and not exists (select 1 from stored s where s.sha256 = :sha256)
  and not exists (select 1 from stored s where s.number = :number)
  and not exists (select 1 from removed r where r.number = :number or r.sha256 = :sha256)
"""
_SETTLE = "insert into todo (digest, state) values (?, 'done') on conflict do update set state = 'done'"
_STAYS = "fate = 'load' and coalesce(own_key, key) = key"
_LOADED = "fate = 'load'"
_WAITS = f"fate = 'load' and not (({_STAYS}) and early)"


def take_shard(
    plan: sqlite3.Connection,
    folder: ShardFolder,
    manifest: ShardManifest,
    writer: GenerationWriter,
    resumed: Corrections | None = None,
) -> int:
    """Enter what a shard holds, load what can be loaded now, and return how many contents to read the shard settles.

    `resumed` are the corrections of today for a shard that an earlier build left: of it only what is asked for now
    counts, no letter that other corrections concerned, and no failure that may have passed.
    """
    plan.execute("begin")
    blocks = [block for block in manifest.blocks if _settle_block(plan, block, resumed)]
    failures = [
        failure
        for failure in manifest.failures
        if resumed is None or (failure.kind == "content" and _settle_asked(plan, failure.digest, failure.source))
    ]
    settled = [block.digest for block in blocks] + [failure.digest for failure in failures]
    plan.executemany(_SETTLE, ((digest,) for digest in settled))
    plan.executemany("insert or ignore into failed values (?, ?, ?, ?)", (astuple(failure) for failure in failures))
    plan.execute("insert or replace into shard values (?, ?, ?)", (manifest.name, manifest.data, len(manifest.blocks)))
    early = set() if writer.busy else {block.start for block in blocks if _may_come_early(plan, block)}
    _enter_letters(plan, blocks, manifest.name, early)
    plan.execute("commit")
    if early:
        writer.begin(anew=not plan.execute("select exists (select 1 from stored)").fetchone()[0])
        letters = tuple(
            Placed(block.start, block.length, block.key, None, block.sha256) for block in blocks if block.start in early
        )
        writer.write(Portion(folder, manifest.base, manifest.name, manifest.data, len(manifest.blocks), letters))
    return len(settled)


def _settle_block(plan: sqlite3.Connection, block: Block, resumed: Corrections | None) -> bool:
    return resumed is None or (_same_corrections(block, resumed) and _settle_asked(plan, block.digest, block.source))


def _settle_asked(plan: sqlite3.Connection, digest: str, source: str) -> bool:
    """Settle a content that is asked for, under the file name that is: it is in the graph."""
    file = "(select i.file from input i where i.id = todo.input)"
    sql = f"update todo set state = 'done' where digest = ? and state = '' and {file} = ?"
    return plan.execute(sql, (digest, file_of(source))).rowcount == 1


def _same_corrections(block: Block, corrections: Corrections) -> bool:
    number, fingerprint = (block.mark.number, block.mark.fingerprint) if block.mark else (block.number, "")
    return corrections.fingerprint(number, block.sha256) == fingerprint


def _enter_letters(plan: sqlite3.Connection, blocks: list[Block], shard: str, early: set[int]) -> None:
    plan.executemany(
        "insert into letter (digest, sha256, key, number, decided, source, start, length, unparsed, incomplete, shard, "
        "early) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((*block_values(block)[:-1], shard, block.start in early) for block in blocks),
    )
    marks = ((block.sha256, block.mark) for block in blocks if block.mark)
    plan.executemany(
        "insert or replace into corrected values (?, ?, ?, ?, ?)",
        ((text, mark.number, mark.fingerprint, mark.applied, json.dumps(mark.stale)) for text, mark in marks),
    )


def _may_come_early(plan: sqlite3.Connection, block: Block) -> bool:
    """Say whether a letter is the first of its case, and the store has none of it."""
    if plan.execute("insert or ignore into seen values (?)", (block.key,)).rowcount == 0:
        return False
    return bool(plan.execute(_FREE, {"key": block.key, "sha256": block.sha256, "number": block.number}).fetchone()[0])


def publish_changes(
    writer: GenerationWriter,
    plan: sqlite3.Connection,
    folder: ShardFolder,
    versions: Versions,
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
        writer.take_back(_keys(plan, f"select key from letter where early and not ({_STAYS}) order by key"))
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
        follow.derive(open_store(store), store)
    return writer.generation


def _keys(plan: sqlite3.Connection, sql: str) -> list[str]:
    return [key for (key,) in plan.execute(sql)]


def _portions(plan: sqlite3.Connection, folder: ShardFolder, base: str, condition: str) -> Iterator[Portion]:
    """Yield the letters of a settled work list for which an SQL condition holds, shard by shard."""
    shards = plan.execute("select name, data, held from shard order by name")
    for name, data, held in shards.fetchall():
        letters = plan.execute(
            f"select start, length, key, own_key, sha256 from letter where shard = ? and {condition} order by start",
            (name,),
        ).fetchall()
        if letters:
            yield Portion(folder, base, name, data, held, tuple(Placed(*letter) for letter in letters))


def _entries(plan: sqlite3.Connection, versions: Versions) -> Iterator[Entry]:
    rows = plan.execute(
        "select coalesce(own_key, key), sha256, source, digest, number, decided from letter "
        "where fate = 'load' order by 1"
    )
    for key, sha256, source, digest, number, decided in rows:
        yield Entry(key, sha256, source, digest, versions.software, versions.vocabulary, number, decided)


@dataclass(frozen=True, slots=True)
class _Check:
    """A shard to validate without the letters that are not loaded."""

    portion: Portion
    validator: str


def validate_loaded(plan: sqlite3.Connection, folder: ShardFolder, rules: Rules, engine: Engine) -> ValidationReport:
    """Return what validation found in the letters that a settled work list loads."""
    from imr_graph.validation.validate import empty_report  # imports rdflib, which takes a while

    reports, checks = [empty_report()], []
    for name, data in plan.execute("select name, data from shard order by name").fetchall():
        rows = plan.execute(
            "select fate, start, length, key, own_key, sha256 from letter where shard = ? order by start", (name,)
        ).fetchall()
        letters = tuple(Placed(*placed) for fate, *placed in rows if fate == "load")
        manifest = read_manifest(folder, name)
        portion = Portion(folder, rules.base, name, data, len(manifest.blocks) if manifest else 0, letters)
        if manifest is not None and portion.whole:
            reports = [merge_reports((*reports, manifest.report()))]
        elif letters:
            checks.append(_Check(portion, rules.validator))
    return replace(merge_reports((*reports, *_validate_anew(engine, checks))), engine=rules.validator)


def _validate_anew(engine: Engine, checks: list[_Check]) -> Iterator[ValidationReport]:
    for _, result in engine.run(_check, checks):
        if isinstance(result, Died):
            raise ToolError("The validator crashed: try another --validator, or build with --no-validate.")
        yield result


def _check(check: _Check) -> ValidationReport:
    return validate_letters(list(check.portion.read_triples()), check.validator)
