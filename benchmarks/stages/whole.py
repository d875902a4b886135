"""Whole builds: what a second worker and another engine bring, letters as PDF, and the plain way."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench import Bench
from builds import PROGRAM, WORKERS, build, step_times
from environment import cores
from process_timer import Measured, ProbeError, in_turns, probe, run
from rows import Row, largest, missing, ratio, row

__all__ = ["engines", "from_pdf", "plain_way"]

_PLAIN = (2000, 20_000)  # letters; the second where a run is as large
_HOW = {True: ("validated", "with validation"), False: ("bare", "without validation")}


def _build_and_discard(
    bench: Bench, letters: Path, *, jobs: int = WORKERS, validated: bool = True, options: tuple[str, ...] = ()
) -> Measured:
    with bench.scratch("built") as store:
        return build(store, letters, jobs=jobs, validated=validated, options=options)


def engines(bench: Bench) -> Iterator[Row]:
    """Yield what a second worker brings, and what Dask costs against the pool of processes."""
    count = bench.middle
    letters = bench.letters(count).folder
    for validated, (key, how) in _HOW.items():
        works = {jobs: partial(_build_and_discard, bench, letters, jobs=jobs, validated=validated) for jobs in (1, 2)}
        runs = in_turns({str(jobs): work for jobs, work in works.items()}, min(bench.rounds, 2))
        for name, jobs in (("one", "1"), ("two", "2")):
            what, done = f"{name} worker{'s' * (name == 'two')}, {how}, {count:,} letters", runs[jobs]
            note = f"{cores()} cores; {step_times(done)}"
            rate = count / done.seconds
            yield row(f"workers.{key}.{name}", what, rate, "letters/s", processor=done.processor, note=note)
        yield ratio(f"workers.{key}.speed-up", f"two workers against one, {how}", runs["1"], runs["2"])
    what = "Dask with two worker processes against the pool, without validation"
    if importlib.util.find_spec("distributed") is None:
        yield missing("workers.dask", what, "the package distributed is not installed")
        return
    try:
        dask = _build_and_discard(bench, letters, jobs=2, validated=False, options=("--engine", "dask"))
    except ProbeError as error:
        yield missing("workers.dask", what, str(error))
        return
    yield ratio("workers.dask", what, runs["2"], dask, f"{count / dask.seconds:,.0f} letters/s")


def from_pdf(bench: Bench) -> Iterator[Row]:
    """Yield the rates of builds from PDF."""
    count, letters = bench.pdfs, bench.letters(bench.pdfs, format_="pdf").folder
    for validated, (kind, how) in _HOW.items():
        key, what = f"pdf-build.{kind}", f"{count:,} letters from PDF, {how}"
        done = _build_and_discard(bench, letters, validated=validated)
        yield row(key, what, count / done.seconds, "letters/s", processor=done.processor, note=step_times(done))
        yield largest(f"{key}.memory", what, done)


def plain_way(bench: Bench) -> Iterator[Row]:
    """Yield how building and exporting compare with rdflib, pyshacl over everything, and rdflib's Turtle."""
    for count in [size for size in _PLAIN if size <= bench.sizes[-1]] or [bench.sizes[-1]]:
        letters = bench.letters(count).folder
        with bench.scratch("built") as store, bench.scratch("whole.ttl") as out:
            plain = run(probe("plain", letters, out))
            made = build(store, letters)
            written = run([PROGRAM, "export", "--store", str(store), "--output", str(out)], wall=True)
        ours = Measured(made.seconds + written.seconds, 0, {}, made.processor + written.processor)
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in plain.figures["steps"].items())
        note = f"build {made.seconds:.1f} s (processor time {made.processor:.1f} s) and export {written.seconds:.1f} s "
        note += f"({written.processor:.1f} s) by {WORKERS} workers; plain way {plain.seconds:.1f} s "
        note += f"({plain.processor:.1f} s): {steps}"
        yield ratio(f"plain.ratio.{count}", f"{count:,} letters to Turtle", plain, ours, note)
        yield largest(f"plain.memory.{count}", f"the plain way, {count:,} letters", plain)
