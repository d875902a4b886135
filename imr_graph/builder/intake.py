"""Reading what is to come into a store: inputs are listed, known ones passed over, the rest made into shards."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from imr_graph.builder import inputs, loading, worklist
from imr_graph.builder.conflicts import mark_for_rereading, settle_fates, settle_vanished
from imr_graph.builder.counting import Tallies
from imr_graph.builder.executors import Died, Engine, Here
from imr_graph.builder.report import Meter
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import is_whole, read_manifest
from imr_graph.builder.worker import Rules, ShardTask, make_shard, try_letters
from imr_graph.builder.writer import GenerationWriter
from imr_graph.errors import StoreError, ToolError, UsageError
from imr_graph.letters import find
from imr_graph.store.graph_store import HeldStore

__all__ = ["Run", "read_inputs"]

# Fewer letters than this are read before worker processes would have started.
_FEW_LETTERS = 64
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
    """List the inputs, read those that nobody knows into shards, and then what has to be read again."""
    plan, meter, tallies = run.plan, run.meter, run.tallies
    meter.begin("listing")
    watched = inputs.look_up_roots(sources)
    tallies.seen = worklist.list_inputs(plan, find(sources, tallies.skip), meter.tell)
    meter.begin("planning")
    left = _find_left(run)
    worklist.fetch_known(plan)
    unknown = worklist.ask_for_unknown(plan)
    shards = _Shards(run, watched, first=len(run.folder.names()))
    if unknown:
        known = worklist.write_known(plan, run.folder, f"shard-known-{shards.token}")
        meter.begin("reading letters", unknown)
        shards.make(unknown, known)
        meter.begin("planning")
    _refuse_if_nothing_can_be_read(plan)
    worklist.order_by_digest(plan)
    inputs.remember_places(plan)
    worklist.fetch_known(plan)  # of places that were listed several times and read once
    ranges, remarks = inputs.find_prunable(plan, watched)
    tallies.remarks += remarks if prune else ()
    tallies.vanished = settle_vanished(plan, ranges, prune)
    tallies.prune = prune
    mark_for_rereading(plan, run.rules.corrections)
    if chosen := worklist.choose_contents(plan, run.rules.versions, run.keep_both):
        meter.begin("reading letters", chosen)
        _resume(run, left)
        shards.make(worklist.ask_for_chosen(plan), "")
        meter.begin("planning")
    settle_fates(plan, run.rules.versions, run.keep_both)
    worklist.name_first_sources(plan)


def _refuse_if_nothing_can_be_read(plan: sqlite3.Connection) -> None:
    """Raise UsageError where there are inputs and not one of them has a content: a mistyped path, a missing drive."""
    if not worklist.count(plan, "select exists (select 1 from input where digest is not null)"):
        failed = plan.execute("select name, reason from input where reason <> '' order by id").fetchall()
        if failed:
            more = f" None of the {len(failed):,} inputs can be read." if len(failed) > 1 else ""
            raise UsageError(f"{failed[0][0]}: {failed[0][1]}{more}")


def _find_left(run: Run) -> list[str]:
    """Return the names of finished shards that an earlier build left and that can be used, and delete the others.

    Places and contents that are in them are noted as known.
    """
    found = []
    for file in run.folder.names():
        if not (file.startswith("shard-") and file.endswith(".json")):
            continue
        manifest = read_manifest(run.folder, file.removesuffix(".json"))
        if (
            manifest is not None
            and (manifest.versions, manifest.base) == (run.rules.versions, run.rules.base)
            and run.rules.validator in ("", manifest.validator)
            and is_whole(run.folder, manifest)
        ):
            worklist.remember_left(run.plan, manifest)
            found.append(manifest.name)
    run.folder.clear(kept=found)
    return found


def _resume(run: Run, left: list[str]) -> None:
    """Enter what is asked for of shards that an earlier build left."""
    spared = 0
    for name in left:
        manifest = read_manifest(run.folder, name)
        if manifest is not None:
            settled = loading.take_shard(run.plan, run.folder, manifest, run.writer, run.rules.corrections)
            if settled:
                run.tallies.resume(manifest)
                spared += settled
    run.meter.tell(spared, at_once=True)


class _Shards:
    """The shards of a build, which its workers make.

    Their names are counted on from those that are there, and are like those of no other build: whatever workers of a
    build that was stopped still write, it is none of these.
    """

    def __init__(self, run: Run, watched: tuple[inputs.Root, ...], first: int) -> None:
        self._run, self._watched, self._number = run, watched, first
        self.token = secrets.token_hex(4)

    def make(self, asked: int, known: str) -> None:
        """Make shards of the inputs that are asked for, and take each as soon as it is there."""
        if not asked:
            return
        run, done = self._run, 0
        engine = run.engine_for(asked, _FEW_LETTERS)
        with run.reading(engine):
            for task in _make_shards(engine, self._tasks(known)):
                self._take(task)
                done += len(task.inputs)
                run.meter.tell(done)

    def _tasks(self, known: str) -> Iterator[ShardTask]:
        for batch in worklist.batch_asked(self._run.plan, self._run.size):
            self._number += 1
            yield ShardTask(f"shard-{self._number:06}-{self.token}", batch, self._run.folder, self._run.rules, known)

    def _take(self, task: ShardTask) -> None:
        run = self._run
        manifest = read_manifest(run.folder, task.name)
        if manifest is None:
            raise StoreError(
                f"The shard {task.name} that a worker wrote is not in {run.folder.place}: do all workers and this "
                "machine see the same folder? Give one that they do with --shards."
            )
        inputs.check_roots(self._watched, manifest)
        worklist.enter_outcomes(run.plan, task.inputs, manifest.outcomes)
        loading.take_shard(run.plan, run.folder, manifest, run.writer)
        run.tallies.take(manifest)
        run.meter.failed += len(manifest.failures) + sum(bool(outcome.reason) for outcome in manifest.outcomes)


def _make_shards(engine: Engine, tasks: Iterable[ShardTask]) -> Iterator[ShardTask]:
    """Yield each shard's task when the shard is made; those that a worker died of come last.

    A letter that worker processes die of is found, reported and passed over. Raises ToolError where workers die though
    every letter alone is well.
    """
    suspects = []
    for task, result in engine.run(make_shard, tasks):
        if isinstance(result, Died):
            suspects.append(task)
        else:
            yield task
    for task in suspects:
        alone = (replace(task, inputs=(one,)) for one in task.inputs)
        died = (one.inputs[0].number for one, result in engine.run(try_letters, alone) if isinstance(result, Died))
        for _, result in engine.run(make_shard, [replace(task, culprits=frozenset(died))]):
            if isinstance(result, Died):
                raise ToolError(
                    "Worker processes keep dying, perhaps because memory is short: use fewer --jobs, or close other "
                    "programs; finished shards are kept."
                )
            yield task
