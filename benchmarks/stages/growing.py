"""How builds grow: the same build at each size, and letters that come to a store that has many."""

from __future__ import annotations

from collections.abc import Iterator

from bench import Bench
from corpora import Corpus
from measuring import Measured, slope
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
    if last and validated:
        named = {one["source"].rpartition("/")[2].rpartition(".")[0] for one in done.figures["failed"]}
        named |= {one["source"].rpartition("/")[2].rpartition(".")[0] for one in done.figures["incomplete"]}
        damaged = letters.damaged
        note = f"{len(named - damaged)} letters named that are whole"
        if damaged:
            share = 100 * len(damaged & named) / len(damaged)
            yield row("whole.damaged", f"{len(damaged):,} damaged letters named in the report", share, "%", least=100, note=note)


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
    known, later = bench.letters(size).folder, bench.letters(few, later=True).folder
    with bench.scratch("grown") as store:
        build(store, known, validated=False)
        again = build(store, known)
        yield row("adding.none", f"building the same {size:,} letters again", again.seconds, "s", note=shares(again))
        alone = build(store, later)
        what = f"adding {few:,} letters to {size:,}"
        yield row("adding.alone", what, alone.seconds, "s", most=10, note=shares(alone))
        yield largest("adding.alone", what, alone)
    with bench.scratch("grown") as store:
        build(store, known, validated=False)
        together = build(store, known, later)
        what = f"adding {few:,} letters, given all {size + few:,}"
        yield row("adding.all", what, together.seconds, "s", most=10, note=shares(together))
