"""What users ask of a store that is there: its graph as files, and every named question."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bench import Bench
from process_timer import probe, run
from rows import Row, row

from stages.whole import build

__all__ = ["exports", "questions"]

_FORMATS = {"ntriples": 500_000, "turtle": 250_000, "jsonld": None, "rdfxml": None}  # triples/s that are asked
_FIRST, _SECOND = 5000, 1000  # ms of the first and the second call


def exports(bench: Bench) -> Iterator[Row]:
    """Yield the rate of each format of the graph, and the memory of the largest process."""
    count = bench.middle
    with bench.scratch("answering") as store, bench.scratch("exported") as out:
        build(store, bench.letters(count).folder, validated=False)
        triples = 0
        for format, least in _FORMATS.items():
            command = [sys.executable, "-m", "imr_graph", "export", "--format", format, "--store", str(store)]
            done = run([*command, "--quiet", "--output", str(out)], wall=True)
            if format == "ntriples":
                with out.open("rb") as lines:
                    triples = sum(1 for _ in lines)
            note = f"{triples:,} triples in {done.seconds:.1f} s, processor time {done.processor:.1f} s"
            what = f"{count:,} letters as {format}"
            yield row(f"exports.{format}", what, triples / done.seconds, "triples/s", least=least, note=note)
            yield row(f"exports.{format}.memory", f"{what}: largest process", done.memory, "MB", most=1024)


def questions(bench: Bench) -> Iterator[Row]:
    """Yield the time of each named question, at its first and second call in one process."""
    count = bench.sizes[-1]
    with bench.scratch("answering") as store:
        build(store, bench.letters(count).folder, validated=False)
        done = run(probe("questions", store))
    for name, times in sorted(done.figures["questions"].items()):
        what, note = f"{name}, {count:,} letters", f"{times['rows']:,} rows, processor time {times['processor']:.2f} s"
        yield row(f"questions.{name}.first", f"{what}: first call", 1000 * times["first"], "ms", most=_FIRST)
        yield row(f"questions.{name}", what, 1000 * times["second"], "ms", most=_SECOND, note=note)
