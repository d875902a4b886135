"""How builds grow: the same build at each size, and letters that come to a store that has many."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench import Bench
from builds import WORKERS, build, step_times
from corpora import Corpus
from process_timer import Measured, slope
from rows import Row, largest, row

__all__ = ["adding", "growth"]

_ADDED = 1000


def growth(bench: Bench) -> Iterator[Row]:
    """Yield the rates at each size, the largest process, and the exponent that fits; keep the validated stores."""
    for kind, how in (("validated", "with validation"), ("bare", "without validation")):
        validated, key = kind == "validated", f"whole.{kind}"
        runs: dict[int, Measured] = {}
        for size in bench.sizes:
            letters = bench.letters(size)
            with bench.scratch("built") as store:
                done = runs[size] = build(store, letters.folder, validated=validated)
                if validated:
                    bench.keep_store(store, size)
            what = f"{size:,} letters, {how}, {WORKERS} workers"
            rate, note = size / done.seconds, step_times(done)
            yield row(f"{key}.{size}", what, rate, "letters/s", processor=done.processor, note=note)
            yield largest(f"{key}.memory.{size}", what, done)
            if validated and size == bench.sizes[-1] and letters.damaged:
                yield _damaged(letters, done)
        yield from _fitted(runs, key, how)


def _damaged(letters: Corpus, done: Measured) -> Row:
    """Return how many of the damaged letters the build's report names, and how many others it names."""
    listed = [one["source"] for kind in ("failed", "incomplete") for one in done.figures[kind]]
    named = {Path(source).stem for source in listed}
    damaged = letters.damaged
    share = 100 * len(damaged & named) / len(damaged)
    what, note = f"{len(damaged):,} damaged letters named in the report", f"{len(named - damaged)} whole letters too"
    return row(f"whole.damaged.{letters.letters}", what, share, "%", note=note)


def _fitted(runs: dict[int, Measured], key: str, how: str) -> Iterator[Row]:
    if (exponent := slope({size: done.seconds for size, done in runs.items()})) is None:
        return
    sizes = list(runs)
    note = f"time grows as letters to this power, {sizes[0]:,} to {sizes[-1]:,} letters, start-up included"
    yield row(f"{key}.growth", f"growth, {how}", exponent, "", note=note)
    before, last = sizes[-2:]
    value = (last / runs[last].seconds) / (before / runs[before].seconds)
    yield row(f"{key}.steady", f"rate at {last:,} against {before:,}, {how}", value, "times")


def adding(bench: Bench) -> Iterator[Row]:
    """Yield the time that letters take which come to a store of the largest size."""
    size, few = bench.sizes[-1], min(_ADDED, bench.sizes[-1])
    known = bench.letters(size).folder
    later, later_still = (bench.letters(few, later=number).folder for number in (1, 2))
    ways = {
        "none": (f"building the same {size:,} letters again", (known,)),
        "alone": (f"adding {few:,} letters to {size:,}, with validation", (later,)),
        "all": (f"adding {few:,} letters, given all {size + few:,}", (known, later_still)),
    }
    with bench.scratch("grown") as store:
        shutil.copytree(bench.store(size), store)
        build(store, known)  # of a store that was built elsewhere the places are new
        for key, (what, sources) in ways.items():
            done = build(store, *sources)
            note = step_times(done)
            yield row(f"adding.{key}.{size}", what, done.seconds, "s", processor=done.processor, note=note)
            if key == "alone":
                yield largest(f"adding.alone.memory.{size}", what, done)
