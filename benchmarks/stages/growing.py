"""How builds grow: the same build at each size, and letters that come to a store that has many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import Bench
from corpora import Corpus
from process_timer import Measured, slope
from rows import Row, largest, ratio, row

from stages.whole import WORKERS, build, built, shares

__all__ = ["adding", "growth"]

_ASKED = {True: 400, False: 1200}  # letters/s, with and without validation
_ADDED = 1000


def growth(bench: Bench) -> Iterator[Row]:
    """Yield the rates at each size, the largest process, and the exponent that fits."""
    for validated in (True, False):
        kind = "validated" if validated else "bare"
        runs: dict[int, Measured] = {}
        for size in bench.sizes:
            letters = bench.letters(size)
            runs[size] = built(bench, letters.folder, validated=validated)
            yield from _at_size(bench, letters, runs[size], validated)
        yield from _fitted(runs, f"whole.{kind}", "with validation" if validated else "without validation")


def _at_size(bench: Bench, letters: Corpus, done: Measured, validated: bool) -> Iterator[Row]:
    size, last = letters.letters, letters.letters == bench.sizes[-1]
    key = f"whole.{'validated' if validated else 'bare'}.{size}"
    what = f"{size:,} letters, {'with' if validated else 'without'} validation, {WORKERS} workers"
    least = _ASKED[validated] if last else None
    yield row(key, what, size / done.seconds, "letters/s", least=least, note=shares(done))
    yield largest(key, what, done)
    if last and validated and letters.damaged:
        yield _damaged(letters, done)


def _damaged(letters: Corpus, done: Measured) -> Row:
    """Return how many of the damaged letters the build's report names, and how many others it names."""
    listed = [one["source"] for kind in ("failed", "incomplete") for one in done.figures[kind]]
    named = {Path(source).stem for source in listed}
    damaged = letters.damaged
    share = 100 * len(damaged & named) / len(damaged)
    what = f"{len(damaged):,} damaged letters named in the report"
    return row("whole.damaged", what, share, "%", least=100, note=f"{len(named - damaged)} whole letters named too")


def _fitted(runs: dict[int, Measured], key: str, how: str) -> Iterator[Row]:
    exponent = slope({size: done.seconds for size, done in runs.items()})
    if exponent is None:
        return
    first, *_, last = runs
    note = f"time grows as letters to this power, {first:,} to {last:,} letters, start-up included"
    yield Row(f"{key}.growth", f"growth, {how}", f"{exponent:.3f}", exponent, note=note)
    before = list(runs)[-2]
    value = (last / runs[last].seconds) / (before / runs[before].seconds)
    yield ratio(f"{key}.steady", f"rate at {last:,} against {before:,}, {how}", value, least=0.9)


def adding(bench: Bench) -> Iterator[Row]:
    """Yield the time that letters take which come to a store of the largest size."""
    size, few = bench.sizes[-1], min(_ADDED, bench.sizes[-1])
    known = bench.letters(size).folder
    later, later_still = (bench.letters(few, later=number).folder for number in (1, 2))
    with bench.scratch("grown") as store:
        build(store, known, validated=False)
        again = build(store, known)
        yield row("adding.none", f"building the same {size:,} letters again", again.seconds, "s", note=shares(again))
        alone = build(store, later)
        what = f"adding {few:,} letters to {size:,}, with validation"
        yield row("adding.alone", what, alone.seconds, "s", most=10, note=shares(alone))
        yield largest("adding.alone", what, alone)
        together = build(store, known, later_still)
        what = f"adding {few:,} letters, given all {size + few:,}"
        yield row("adding.all", what, together.seconds, "s", most=10, note=shares(together))
