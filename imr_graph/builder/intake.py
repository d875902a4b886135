"""Reading what is to come into a store: inputs are listed, known ones passed over, the rest made into shards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imr_graph.builder import inputs, loading, worklist
from imr_graph.builder.conflicts import mark_for_rereading, settle_fates, settle_vanished
from imr_graph.builder.contents import Rules
from imr_graph.builder.counting import Tallies
from imr_graph.builder.executors import Died, Engine, Here
from imr_graph.builder.isolation import CRASHED, make_shards
from imr_graph.builder.report import Meter
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import is_whole, read_manifest
from imr_graph.builder.worker import ShardTask, take_digests
from imr_graph.builder.writer import GenerationWriter
from imr_graph.errors import StoreError, UsageError
from imr_graph.letters import find
from imr_graph.store.graph_store import HeldStore

__all__ = ["Run", "read_inputs"]

# Fewer letters than this are read before worker processes would have started.
_FEW_LETTERS, _FEW_FILES = 64, 2_000
# Stands in the work folder while letters are read in this very process; see `Run.engine_for`.
_ALONE = "reading-here"
_DEATHS = 2


@dataclass(frozen=True)
class Run:
    """One build under way."""

    store: HeldStore
    plan: sqlite3.Connection
    rules: Rules
    folder: ShardFolder
    engine: Engine
    here: bool
    meter: Meter
    tallies: Tallies
    writer: GenerationWriter
    size: int
    keep_both: bool

    @property
    def work(self) -> Path:
        """The folder of what lasts as long as the build."""
        return self.store.path / "work"

    def engine_for(self, tasks: int, few: int) -> Engine:
        """Return where to run so many tasks: in this process if they are few or there is to be one process only.

        A letter that the process dies of would end the build, and the next one. So where two builds in a row ended
        while they read in their own process, the next one reads in workers, which may die.
        """
        return Here() if (self.here or tasks < few) and self.deaths() < _DEATHS else self.engine

    def deaths(self) -> int:
        """Return how many builds in a row ended while they read letters in their own process."""
        try:
            return int((self.work / _ALONE).read_text() or 0)
        except (FileNotFoundError, ValueError):
            return 0

    @contextmanager
    def reading(self, engine: Engine) -> Iterator[None]:
        """Keep the mark in the work folder that counts deaths, while an engine reads letters in this process."""
        if not isinstance(engine, Here):
            yield
            return
        mark = self.work / _ALONE
        mark.write_text(str(self.deaths() + 1))
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)


def read_inputs(run: Run, sources: list[str], prune: bool) -> None:
    """List the inputs, find what is new among them, and make shards of it."""
    plan, meter, tallies = run.plan, run.meter, run.tallies
    meter.begin("listing")
    watched = inputs.look_up_roots(sources)
    tallies.seen = worklist.list_inputs(plan, find(sources, tallies.skip), meter.tell)
    worklist.fetch_known(plan)
    _take_digests(run)
    _refuse_if_nothing_can_be_read(plan)
    meter.begin("planning")
    worklist.order_by_digest(plan)
    inputs.remember_places(plan)
    ranges, remarks = inputs.find_prunable(plan, watched)
    tallies.remarks += remarks if prune else ()
    tallies.vanished = settle_vanished(plan, ranges, prune)
    tallies.prune = prune
    mark_for_rereading(plan, run.rules.corrections)
    todo = worklist.choose_contents(plan, run.rules.versions, run.keep_both)
    meter.begin("reading letters", todo)
    done = _resume(run)
    meter.tell(done, at_once=True)
    _make_shards(run, todo, done, watched)
    meter.begin("planning")
    settle_fates(plan, run.rules.versions, run.keep_both)


def _refuse_if_nothing_can_be_read(plan: sqlite3.Connection) -> None:
    """Raise UsageError where there are inputs and not one of them has a content: a mistyped path, a missing drive."""
    if not worklist.count(plan, "select exists (select 1 from input where digest is not null)"):
        failed = plan.execute("select name, reason from input where reason <> '' order by id").fetchall()
        if failed:
            more = f" None of the {len(failed):,} inputs can be read." if len(failed) > 1 else ""
            raise UsageError(f"{failed[0][0]}: {failed[0][1]}{more}")


def _take_digests(run: Run) -> None:
    waiting = worklist.count(run.plan, "select count(*) from input where digest is null")
    run.meter.begin("taking digests", waiting)
    done = 0
    for batch, result in run.engine_for(waiting, _FEW_FILES).run(take_digests, worklist.batch_undigested(run.plan)):
        found = tuple((number, "", CRASHED) for number, _ in batch) if isinstance(result, Died) else result
        run.plan.executemany(
            "update input set digest = nullif(?, ''), reason = ? where id = ?",
            ((digest, reason, number) for number, digest, reason in found),
        )
        done += len(batch)
        run.meter.failed += sum(bool(reason) for _, _, reason in found)
        run.meter.tell(done)


def _resume(run: Run) -> int:
    """Enter the finished shards that an earlier build left behind, and return how many letters that spares."""
    spared = 0
    for name in run.folder.names():
        if not (name.startswith("shard-") and name.endswith(".json")):
            continue
        manifest = read_manifest(run.folder, name.removesuffix(".json"))
        if (
            manifest is not None
            and (manifest.versions, manifest.base) == (run.rules.versions, run.rules.base)
            and run.rules.validator in ("", manifest.validator)
            and is_whole(run.folder, manifest)
        ):
            settled = worklist.enter_shard(run.plan, manifest, resumed=run.rules.corrections)
            loading.load_early(run.plan, run.folder, manifest, run.writer)
            if settled:
                run.tallies.resume(manifest)
                spared += settled
    return spared


def _make_shards(run: Run, todo: int, done: int, watched: tuple[inputs.Root, ...]) -> None:
    if done == todo:
        return
    engine = run.engine_for(todo - done, _FEW_LETTERS)
    wanted = worklist.shards_to_make(
        run.plan,
        run.rules.versions,
        run.rules.base,
        run.size,
        run.rules.corrections.digest if run.rules.corrections.entries else "",
    )
    tasks = (ShardTask(name, contents, run.folder, run.rules) for name, contents in wanted)
    with run.reading(engine):
        for task, result in make_shards(engine, tasks):
            inputs.check_roots(watched, len(task.contents), result.unreadable)
            _take(run, task)
            done += len(task.contents)
            run.meter.failed += result.failed
            run.meter.tell(done)


def _take(run: Run, task: ShardTask) -> None:
    """Enter a shard that a worker made."""
    manifest = read_manifest(run.folder, task.name)
    if manifest is None:
        raise StoreError(
            f"The shard {task.name} that a worker wrote is not in {run.folder.place}: do all workers and this machine "
            "see the same folder? Give one that they do with --shards."
        )
    worklist.enter_shard(run.plan, manifest)
    loading.load_early(run.plan, run.folder, manifest, run.writer)
    run.tallies.take(manifest)
