"""Building a store: letters are read into shards, shards are loaded while others are made, and all is published."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from imr_graph.builder import inputs, worklist
from imr_graph.builder.counting import Tallies, make_report
from imr_graph.builder.executors import ENGINES, Engine, open_engine
from imr_graph.builder.intake import Run, read_inputs
from imr_graph.builder.loading import publish_changes, validate_loaded
from imr_graph.builder.report import BuildReport, Meter, Progress, progress_in_cell, write_report
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import current_versions
from imr_graph.builder.worker import Rules
from imr_graph.builder.writer import open_writer
from imr_graph.corrections import read as read_corrections
from imr_graph.errors import StoreError, UnknownNameError, UsageError
from imr_graph.extraction import extract as extract_letter
from imr_graph.extraction import incompleteness as incompleteness_of
from imr_graph.letters import Limits
from imr_graph.model import Determination, Letter
from imr_graph.store.catalog import roll_back_superseded
from imr_graph.store.changes import finish_erasing
from imr_graph.store.failures import translate_errors
from imr_graph.store.graph_store import HeldStore, write_store
from imr_graph.validation import AUTO, choose_validator

__all__ = ["build"]

_LETTERS_IN_SHARD = 500
_RENEWED = ("The store was made by an earlier version of imr-graph; its files have the form of this version now.",)


def build(
    sources: Sequence[str | os.PathLike[str]],
    store: Path | str,
    *,
    jobs: int | None = None,
    validate: bool = True,
    keep_both: bool = False,
    corrections: Sequence[str | os.PathLike[str]] = (),
    prune: bool = False,
    engine: str = "local",
    scheduler: str | None = None,
    shards: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    validator: str = AUTO,
    base: str | None = None,
    shard_size: int = _LETTERS_IN_SHARD,
    limits: Limits | None = None,
    extract: Callable[[Letter], Determination] = extract_letter,
    incompleteness: Callable[[Determination], str | None] = incompleteness_of,
) -> BuildReport:
    """Read letters into a store, and return what was done; also written to `build-report.json` in the store's folder.

    `sources` are what `letters.find` takes: files, folders, patterns, archives, URLs, `-`. `store` is made where there
    is none. Letters that the store has, read by the same versions, are passed over; a new letter of a case replaces
    the stored one unless `keep_both`; with `prune`, letters whose files are gone from the given folders leave.
    `corrections` are files and folders of what people corrected: a letter is read again when those that concern it are
    others than at the last build, or gone.
    `jobs` are worker processes (as many as there are processors by default), `engine` is a name of `ENGINES`,
    `scheduler` the address of a Dask scheduler, `shards` a folder or URL for shards (in the store's folder by default)
    of about `shard_size` letters. `limits` say how much time and memory one letter may take, and whether its pages
    without text are recognized: where that changes, letters are read again. `extract` reads a letter; it must be a
    function that worker processes can import. `progress` is called with each step; in a notebook steps are shown below
    the cell without it.

    The store changes at once or not at all; a build that was stopped goes on where it was. Letters that fail are in
    the report and stop nothing. Raises StoreError where the store or the shards cannot be used, UnreadableError where
    a source goes away in mid-run, UsageError for a mistake in a file of corrections and where not one of the sources
    can be read (a store that would have been made is not). Call it under
    `if __name__ == "__main__"`, as worker processes import the program.
    """
    _check_name(engine, "engine", ENGINES)
    corrected = read_corrections(Path(each) for each in corrections)
    validator = choose_validator(validator)
    checked_by = validator if validate else ""
    limits = limits or Limits()
    versions = current_versions(ocr=limits.ocr)
    rules = Rules(versions, "", checked_by, extract, incompleteness, corrected, limits)
    wanted = _Settings(engine, jobs or os.cpu_count() or 1, scheduler, shards, shard_size, keep_both, prune)
    cell = progress_in_cell() if progress is None else None
    with _hold_store(Path(store), base) as held:
        named = [os.fspath(source) for source in sources]
        report = _build(held, named, replace(rules, base=held.base), wanted, progress or cell)
    if cell:
        cell(f"{report.added:,} letters added, {len(report.failed):,} failed")
    return report


@dataclass(frozen=True, slots=True)
class _Settings:
    """How a build is done, as the arguments of `build` say."""

    engine: str
    jobs: int
    scheduler: str | None
    shards: str | None
    shard_size: int
    keep_both: bool
    prune: bool


def _build(
    store: HeldStore, sources: list[str], rules: Rules, wanted: _Settings, progress: Callable[[Progress], None] | None
) -> BuildReport:
    """Do all steps of a build, in their order, in a store that this process holds."""
    meter, started = Meter(progress), time.monotonic()
    before = store.manifest.generation if store.manifest else 0
    finish_erasing(store.path, before)
    folder = _make_folders(store.path, wanted.shards)
    here = wanted.engine == "local" and wanted.jobs == 1
    with (
        worklist.open_list(store.path / "work", store.path, before) as plan,
        open_writer(store, beside=not here) as writer,
        _open_workers(
            wanted, validating=bool(rules.validator)
        ) as workers,  # the last, so that they are the first that Ctrl-C stops
    ):
        tallies = Tallies(remarks=_RENEWED if store.renewed else ())
        run = Run(
            store, plan, rules, folder, workers, here, meter, tallies, writer, wanted.shard_size, wanted.keep_both
        )
        roll_back_superseded(plan, before)
        read_inputs(run, sources, wanted.prune)
        generation = _publish(run, before)
        meter.end()
        seconds = time.monotonic() - started
        report = make_report(plan, tallies, store, rules.versions, generation, meter, seconds, rules.corrections)
    write_report(store.path, report)
    folder.clear()
    (run.work / worklist.FILE).unlink(missing_ok=True)
    return report


def _make_folders(store: Path, shards: str | None) -> ShardFolder:
    """Make the folder of what lasts as long as the build, and that of the shards; return the latter."""
    work = store / "work"
    with translate_errors(store):
        work.mkdir(exist_ok=True)
    folder = ShardFolder(shards or str(work / "shards"))
    folder.make()
    return folder


def _check_name(name: str, kind: str, names: Iterable[str]) -> None:
    """Raise UnknownNameError, with near names, where a name is none of some kind."""
    if name not in names:
        raise UnknownNameError(kind, name, names)


@contextmanager
def _hold_store(path: Path, base: str | None) -> Iterator[HeldStore]:
    """Hold the store; a file that vanishes from under the build is said in a sentence like any other refusal."""
    new = not path.exists()
    try:
        with write_store(path, base=base) as writing:
            yield writing
    except FileNotFoundError as error:
        gone = error.filename or path
        raise StoreError(f"{gone} is gone: was the store {path} moved or deleted? Build again.") from error
    except UsageError:
        if new:
            shutil.rmtree(path, ignore_errors=True)
        raise


@contextmanager
def _open_workers(wanted: _Settings, *, validating: bool) -> Iterator[Engine]:
    workers = open_engine(wanted.engine, wanted.jobs, wanted.scheduler, validating=validating)
    try:
        yield workers
    except BaseException:
        workers.stop()
        raise
    workers.close()


def _publish(run: Run, generation: int) -> int:
    """Publish what was read, if it changes anything; write down what was found out; return the store's generation."""
    plan, versions = run.plan, run.rules.versions
    coming = worklist.count(plan, "select count(*) from letter where fate = 'load'")
    if coming or run.writer.begun or _others_change(run):
        if run.rules.validator and coming:
            run.meter.begin("validating")
            shards = worklist.count(plan, "select count(*) from shard")
            run.tallies.validation = validate_loaded(plan, run.folder, run.rules, run.engine_for(shards, 3))
        loaded = run.writer.loaded  # while letters were read
        run.meter.begin("loading", max(0, coming - loaded))
        tick = partial(_tell_since, run.meter, loaded)
        generation = publish_changes(run.writer, plan, run.folder, versions, tick)
    else:  # all that was read gave way to what is there
        inputs.remember_superseded(plan, generation)
    inputs.remember_contents(plan, versions.software, versions.vocabulary)
    if run.tallies.prune:
        inputs.forget_places(plan)
    return generation


def _others_change(run: Run) -> bool:
    """Say whether the store changes though no letter comes: letters go, it is new, or its vocabularies are old."""
    manifest = run.store.manifest
    going = worklist.count(run.plan, "select count(*) from gone")
    return bool(going) or manifest is None or manifest.vocabulary != run.rules.versions.vocabulary


def _tell_since(meter: Meter, before: int, loaded: int) -> None:
    meter.tell(loaded - before)
