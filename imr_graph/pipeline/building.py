"""Building a store: inputs are listed, known ones passed over, the rest made into shards, and the shards loaded."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imr_graph.errors import StoreError, UnknownNameError
from imr_graph.extraction import extract as extract_letter
from imr_graph.extraction import incompleteness as incompleteness_of
from imr_graph.graph.generations import told
from imr_graph.graph.names import shipped_names
from imr_graph.graph.store import Writing, write_store
from imr_graph.letters import find
from imr_graph.model import Determination, Letter
from imr_graph.pipeline import known, roots, worklist
from imr_graph.pipeline.checking import validation_of
from imr_graph.pipeline.conflicts import settle_fates, settle_vanished
from imr_graph.pipeline.counting import Tallies, reported
from imr_graph.pipeline.engines import ENGINES, Died, Engine, Here, open_engine
from imr_graph.pipeline.folders import ShardFolder
from imr_graph.pipeline.isolation import CRASHED, made
from imr_graph.pipeline.loading import publish_changes
from imr_graph.pipeline.progress import Meter, Progress
from imr_graph.pipeline.report import BuildReport, write_report
from imr_graph.pipeline.shards import is_whole, read_manifest
from imr_graph.pipeline.validators import VALIDATORS
from imr_graph.pipeline.versions import current_versions
from imr_graph.pipeline.worker import Rules, ShardTask, digests

__all__ = ["build"]

# Fewer letters than this are read before worker processes would have started.
_FEW_LETTERS, _FEW_FILES = 64, 2_000
_LETTERS_IN_SHARD = 500
# Stands in the work folder while letters are read in this very process; see `_Build.engine_for`.
_ALONE = "reading-here"
_DEATHS = 2


@dataclass(frozen=True)
class _Build:
    """One build under way."""

    writing: Writing
    plan: sqlite3.Connection
    rules: Rules
    folder: ShardFolder
    engine: Engine
    here: bool
    meter: Meter
    tallies: Tallies
    size: int
    keep_both: bool

    @property
    def work(self) -> Path:
        return self.writing.path / "work"

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


def build(
    sources: Sequence[str | os.PathLike[str]],
    store: Path | str,
    *,
    jobs: int | None = None,
    validate: bool = True,
    keep_both: bool = False,
    prune: bool = False,
    engine: str = "local",
    scheduler: str | None = None,
    shards: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    validator: str = "pyshacl",
    base: str | None = None,
    shard_size: int = _LETTERS_IN_SHARD,
    extract: Callable[[Letter], Determination] = extract_letter,
    incompleteness: Callable[[Determination], str | None] = incompleteness_of,
) -> BuildReport:
    """Read letters into a store, and return what was done; also written to `build-report.json` in the store's folder.

    `sources` are what `letters.find` takes: files, folders, patterns, archives, URLs, `-`. `store` is made where there
    is none. Letters that the store has, read by the same versions, are passed over; a new letter of a case replaces
    the stored one unless `keep_both`; with `prune`, letters whose files are gone from the given folders leave.
    `jobs` are worker processes (as many as there are processors by default), `engine` is a name of `ENGINES`,
    `scheduler` the address of a Dask scheduler, `shards` a folder or URL for shards (in the store's folder by default)
    of about `shard_size` letters. `extract` reads a letter; it must be a function that worker processes can import.

    The store changes at once or not at all; a build that was stopped goes on where it was. Letters that fail are in
    the report and stop nothing. Raises StoreError where the store or the shards cannot be used, UnreadableError where
    a source goes away in mid-run. Call it under `if __name__ == "__main__"`, as worker processes import the program.
    """
    _check_name(engine, "engine", ENGINES)
    _check_name(validator, "validator", VALIDATORS)
    jobs = jobs or os.cpu_count() or 1
    path, meter = Path(store), Meter(progress)
    started = time.monotonic()
    with _held(path, base) as writing:
        generation = writing.manifest.generation if writing.manifest else 0
        work = path / "work"
        with told(path):
            work.mkdir(exist_ok=True)
        folder = ShardFolder(shards or str(work / "shards"))
        folder.make()
        rules = Rules(current_versions(), writing.base, validator if validate else "", extract, incompleteness)
        with worklist.open_list(work, path, generation) as plan, _workers(engine, jobs, scheduler) as workers:
            here = engine == "local" and jobs == 1
            run = _Build(writing, plan, rules, folder, workers, here, meter, Tallies(), shard_size, keep_both)
            known.forget_unpublished(plan, generation)
            _read(run, [os.fspath(source) for source in sources], prune)
            generation = _publish(run, generation)
            meter.end()
            seconds = time.monotonic() - started
            report = reported(plan, run.tallies, writing, rules.versions, generation, meter, seconds)
        write_report(path, report)
        _clear(run)
    return report


def _check_name(name: str, kind: str, names: Iterable[str]) -> None:
    """Raise UnknownNameError, with near names, where a name is none of some kind."""
    if name not in names:
        raise UnknownNameError(kind, name, names)


@contextmanager
def _held(path: Path, base: str | None) -> Iterator[Writing]:
    """Hold the store; a file that vanishes from under the build is said in a sentence like any other refusal."""
    try:
        with write_store(path, base=base) as writing:
            yield writing
    except FileNotFoundError as error:
        gone = error.filename or path
        raise StoreError(f"{gone} is gone: was the store {path} moved or deleted? Build again.") from error


@contextmanager
def _workers(engine: str, jobs: int, scheduler: str | None) -> Iterator[Engine]:
    workers = open_engine(engine, jobs, scheduler)
    try:
        yield workers
    finally:
        workers.close()


def _read(run: _Build, sources: list[str], prune: bool) -> None:
    """List the inputs, find what is new among them, and make shards of it."""
    plan, meter, tallies = run.plan, run.meter, run.tallies
    meter.begin("listing")
    watched = roots.looked_up(sources)
    tallies.seen = worklist.listed(plan, find(sources, tallies.skip), meter.tell)
    worklist.fetch_known(plan)
    _digest(run)
    meter.begin("planning")
    known.remember_places(plan)
    ranges, remarks = roots.to_prune(plan, watched)
    tallies.remarks += remarks if prune else ()
    tallies.vanished = settle_vanished(plan, ranges, prune)
    tallies.prune = prune
    todo = worklist.choose(plan, run.rules.versions, run.keep_both)
    meter.begin("reading letters", todo)
    done = _resume(run)
    meter.tell(done, at_once=True)
    _make_shards(run, todo, done, watched)
    meter.begin("planning")
    settle_fates(plan, run.rules.versions, run.keep_both)


def _digest(run: _Build) -> None:
    waiting = worklist.count(run.plan, "select count(*) from input where digest is null")
    run.meter.begin("taking digests", waiting)
    done = 0
    for batch, result in run.engine_for(waiting, _FEW_FILES).run(digests, worklist.to_digest(run.plan)):
        found = tuple((number, "", CRASHED) for number, _ in batch) if isinstance(result, Died) else result
        run.plan.executemany(
            "update input set digest = nullif(?, ''), reason = ? where id = ?",
            ((digest, reason, number) for number, digest, reason in found),
        )
        done += len(batch)
        run.meter.failed += sum(bool(reason) for _, _, reason in found)
        run.meter.tell(done)


def _resume(run: _Build) -> int:
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
            settled = worklist.enter(run.plan, manifest, resumed=True)
            if settled:
                run.tallies.resume(manifest)
                spared += settled
    return spared


def _make_shards(run: _Build, todo: int, done: int, watched: tuple[roots.Root, ...]) -> None:
    if done == todo:
        return
    engine = run.engine_for(todo - done, _FEW_LETTERS)
    wanted = worklist.shards_to_make(run.plan, run.rules.versions, run.rules.base, run.size)
    tasks = (ShardTask(name, contents, run.folder, run.rules) for name, contents in wanted)
    with run.reading(engine):
        for task, result in made(engine, tasks):
            roots.check(watched, len(task.contents), result.unreadable)
            _take(run, task)
            done += len(task.contents)
            run.meter.failed += result.failed
            run.meter.tell(done)


def _take(run: _Build, task: ShardTask) -> None:
    """Enter a shard that a worker made."""
    manifest = read_manifest(run.folder, task.name)
    if manifest is None:
        raise StoreError(
            f"The shard {task.name} that a worker wrote is not in {run.folder.place}: do all workers and this machine "
            "see the same folder? Give one that they do with --shards."
        )
    worklist.enter(run.plan, manifest)
    run.tallies.take(manifest)


def _publish(run: _Build, generation: int) -> int:
    plan, manifest = run.plan, run.writing.manifest
    coming = worklist.count(plan, "select count(*) from letter where fate = 'load'")
    going = worklist.count(plan, "select count(*) from gone")
    if coming or going or manifest is None or manifest.vocabulary != run.rules.versions.vocabulary:
        if run.rules.validator and coming:
            run.meter.begin("validating")
            shards = worklist.count(plan, "select count(*) from shard")
            run.tallies.validation = validation_of(plan, run.folder, run.rules, run.engine_for(shards, 3))
        run.meter.begin("loading", coming)
        generation = publish_changes(run.writing, plan, run.folder, run.rules.versions, shipped_names(), run.meter.tell)
    known.remember_contents(plan, run.rules.versions.software, run.rules.versions.vocabulary)
    if run.tallies.prune:
        known.forget_places(plan)
    return generation


def _clear(run: _Build) -> None:
    run.folder.clear()
    (run.work / worklist.FILE).unlink(missing_ok=True)
