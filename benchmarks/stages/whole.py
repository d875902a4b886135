"""Whole builds, by the command that people run: one after the other on the same letters, time from start to end."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import Bench
from environment import cores
from process_timer import Measured, ProbeError, probe, run
from rows import Row, largest, missing, ratio, row

__all__ = ["WORKERS", "build", "built", "engines", "from_pdf", "plain_way", "shares"]

WORKERS = min(2, cores())
_PLAIN = 1000
_PROGRAM = str(Path(sys.executable).with_name("imr-graph"))


def build(
    store: Path, *sources: Path, jobs: int = WORKERS, validated: bool = True, options: tuple[str, ...] = ()
) -> Measured:
    """Build a store with `imr-graph build` and return how it went; findings in the letters are no failure."""
    command = [_PROGRAM, "build", *map(str, sources), "--store", str(store)]
    command += ["--jobs", str(jobs), "--quiet", "--json", *options, *([] if validated else ["--no-validate"])]
    return run(command, wall=True, codes=(0, 1))


def built(
    bench: Bench, letters: Path, *, jobs: int = WORKERS, validated: bool = True, options: tuple[str, ...] = ()
) -> Measured:
    """Build into a store that is thrown away."""
    with bench.scratch("built") as store:
        return build(store, letters, jobs=jobs, validated=validated, options=options)


def engines(bench: Bench) -> Iterator[Row]:
    """Yield what a second worker brings, and what Dask costs against the pool of processes."""
    count = bench.middle
    letters = bench.letters(count).folder
    for validated in (True, False):
        how = "with validation" if validated else "without validation"
        key = "workers.validated" if validated else "workers.bare"
        one, two = (built(bench, letters, jobs=jobs, validated=validated) for jobs in (1, 2))
        yield row(f"{key}.one", f"one worker, {how}, {count:,} letters", count / one.seconds, "letters/s")
        note = f"{cores()} cores; {shares(two)}"
        yield row(f"{key}.two", f"two workers, {how}, {count:,} letters", count / two.seconds, "letters/s", note=note)
        yield ratio(f"{key}.speed-up", f"two workers against one, {how}", one.seconds / two.seconds, least=1.7)
    what = "Dask with two worker processes against the pool, without validation"
    if importlib.util.find_spec("distributed") is None:
        yield missing("workers.dask", what, "the package distributed is not installed")
        return
    try:
        dask = built(bench, letters, jobs=2, validated=False, options=("--engine", "dask"))
    except ProbeError as error:
        yield missing("workers.dask", what, str(error))
        return
    yield ratio("workers.dask", what, two.seconds / dask.seconds, note=f"{count / dask.seconds:,.0f} letters/s")


def from_pdf(bench: Bench) -> Iterator[Row]:
    """Yield the rates of builds from PDF."""
    count, letters = bench.pdfs, bench.letters(bench.pdfs, format_="pdf").folder
    for validated, key, least in ((True, "pdf-build.validated", 200), (False, "pdf-build.bare", None)):
        what = f"{count:,} letters from PDF, {'with' if validated else 'without'} validation"
        done = built(bench, letters, validated=validated)
        yield row(key, what, count / done.seconds, "letters/s", least=least, note=shares(done))
        yield largest(key, what, done)


def plain_way(bench: Bench) -> Iterator[Row]:
    """Yield how building and exporting compare with rdflib, pyshacl over everything, and rdflib's Turtle."""
    count = min(_PLAIN, bench.sizes[-1])
    letters = bench.letters(count).folder
    with bench.scratch("built") as store, bench.scratch("whole.ttl") as out:
        plain = run(probe("plain", letters, out))
        made = build(store, letters)
        command = [_PROGRAM, "export", "--store", str(store), "--output", str(out)]
        written = run(command, wall=True)
    ours = made.seconds + written.seconds
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in plain.figures["steps"].items())
    note = f"build {made.seconds:.1f} s and export {written.seconds:.1f} s by {WORKERS} workers; plain way: {steps}"
    yield ratio("plain.ratio", f"{count:,} letters to Turtle", plain.seconds / ours, least=10, note=note)
    yield row("plain.memory", "the plain way: largest process", plain.memory, "MB")


def shares(done: Measured) -> str:
    """Return what the build says of its own time."""
    stages = {name: took for name, took in done.figures.get("seconds", {}).items() if name != "all"}
    steps = _told(done.figures.get("worker_seconds", {}))
    parts = (f"{done.processor:.1f} s of all processors", _told(stages), steps and f"workers: {steps}")
    return "; ".join(filter(None, parts))


def _told(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {took:.1f} s" for name, took in seconds.items() if took >= 0.05)
