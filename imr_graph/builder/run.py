"""Building a store: letters are read into shards, shards are loaded while others are made, and all is published."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from imr_graph.builder import early_loading as ahead
from imr_graph.builder import source_cache, worklist
from imr_graph.builder.checking import validation_of
from imr_graph.builder.contents import Rules
from imr_graph.builder.counting import Tallies, reported
from imr_graph.builder.executors import ENGINES, Engine, open_engine
from imr_graph.builder.intake import Run, read
from imr_graph.builder.loading import publish_changes
from imr_graph.builder.progress import Meter, Progress
from imr_graph.builder.report import BuildReport, write_report
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.validators import AUTO, chosen
from imr_graph.builder.versions import current_versions
from imr_graph.builder.writer import making
from imr_graph.corrections import read as read_corrections
from imr_graph.errors import StoreError, UnknownNameError, UsageError
from imr_graph.extraction import extract as extract_letter
from imr_graph.extraction import incompleteness as incompleteness_of
from imr_graph.graph.resolver import default_resolver
from imr_graph.letters import Limits
from imr_graph.model import Determination, Letter
from imr_graph.store.catalog import roll_back_superseded
from imr_graph.store.generations import translate_errors
from imr_graph.store.graph_store import Writing, write_store
from imr_graph.store.removal import finish_erasing

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
    function that worker processes can import.

    The store changes at once or not at all; a build that was stopped goes on where it was. Letters that fail are in
    the report and stop nothing. Raises StoreError where the store or the shards cannot be used, UnreadableError where
    a source goes away in mid-run, UsageError for a mistake in a file of corrections and where not one of the sources
    can be read (a store that would have been made is not). Call it under
    `if __name__ == "__main__"`, as worker processes import the program.
    """
    _check_name(engine, "engine", ENGINES)
    validator = chosen(validator)
    jobs = jobs or os.cpu_count() or 1
    corrected = read_corrections(Path(each) for each in corrections)
    path, meter = Path(store), Meter(progress)
    started = time.monotonic()
    with _held(path, base) as writing:
        generation = writing.manifest.generation if writing.manifest else 0
        work = path / "work"
        finish_erasing(path, generation)
        with translate_errors(path):
            work.mkdir(exist_ok=True)
        folder = ShardFolder(shards or str(work / "shards"))
        folder.make()
        checked_by = validator if validate else ""
        limits = limits or Limits()
        versions = current_versions(ocr=limits.ocr)
        rules = Rules(versions, writing.base, checked_by, extract, incompleteness, corrected, limits)
        here = engine == "local" and jobs == 1
        with (
            worklist.open_list(work, path, generation) as plan,
            making(writing, folder, beside=not here) as made,
            _workers(engine, jobs, scheduler) as workers,  # the last, so that they are the first that Ctrl-C stops
        ):
            counters = Tallies(remarks=_RENEWED if writing.renewed else ())
            run = Run(writing, plan, rules, folder, workers, here, meter, counters, made, shard_size, keep_both)
            roll_back_superseded(plan, generation)
            ahead.begin(plan)
            read(run, [os.fspath(source) for source in sources], prune)
            generation = _publish(run, generation)
            meter.end()
            seconds = time.monotonic() - started
            report = reported(plan, run.tallies, writing, rules.versions, generation, meter, seconds, corrected)
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
def _workers(engine: str, jobs: int, scheduler: str | None) -> Iterator[Engine]:
    workers = open_engine(engine, jobs, scheduler)
    try:
        yield workers
    except BaseException:
        workers.stop()
        raise
    workers.close()


def _publish(run: Run, generation: int) -> int:
    plan, manifest = run.plan, run.writing.manifest
    coming = worklist.count(plan, "select count(*) from letter where fate = 'load'")
    going = worklist.count(plan, "select count(*) from gone")
    if run.making.begun or coming or going or manifest is None or manifest.vocabulary != run.rules.versions.vocabulary:
        if run.rules.validator and coming:
            run.meter.begin("validating")
            shards = worklist.count(plan, "select count(*) from shard")
            run.tallies.validation = validation_of(plan, run.folder, run.rules, run.engine_for(shards, 3))
        loaded = run.making.loaded  # while letters were read
        run.meter.begin("loading", max(0, coming - loaded))
        tick = partial(_told_since, run.meter, loaded)
        generation = publish_changes(run.making, plan, run.rules.versions, default_resolver(), tick)
    else:  # all that was read gave way to what is there
        source_cache.remember_superseded(plan, generation)
    source_cache.remember_contents(plan, run.rules.versions.software, run.rules.versions.vocabulary)
    if run.tallies.prune:
        source_cache.forget_places(plan)
    return generation


def _told_since(meter: Meter, before: int, loaded: int) -> None:
    meter.tell(loaded - before)


def _clear(run: Run) -> None:
    run.folder.clear()
    (run.work / worklist.FILE).unlink(missing_ok=True)
