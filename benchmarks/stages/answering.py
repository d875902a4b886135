"""What users ask of a store that is there: its graph as files, and every named question."""

from __future__ import annotations

from collections.abc import Iterator

from bench import Bench
from builds import PROGRAM
from process_timer import probe, run
from rows import Row, largest, missing, row

__all__ = ["exports", "questions"]

_FORMATS = ("ntriples", "turtle", "jsonld", "rdfxml")


def exports(bench: Bench) -> Iterator[Row]:
    """Yield the rate of each format of the graph, and the memory of the largest process, at each size."""
    for count in bench.sizes:
        store, triples = bench.store(count), 0
        with bench.scratch("exported") as out:
            for format in _FORMATS:
                command = [PROGRAM, "export", "--format", format, "--store", str(store), "--output", str(out)]
                done = run([*command, "--quiet"], wall=True)
                if format == "ntriples":
                    with out.open("rb") as lines:
                        triples = sum(1 for _ in lines)
                what, note = f"{count:,} letters as {format}", f"{triples:,} triples in {done.seconds:.1f} s"
                key, rate = f"exports.{format}", triples / done.seconds
                yield row(f"{key}.{count}", what, rate, "triples/s", processor=done.processor, note=note)
                yield largest(f"{key}.memory.{count}", what, done)


def questions(bench: Bench) -> Iterator[Row]:
    """Yield the time of each named question at its second call in one process, at each size."""
    for count in bench.sizes:
        found = run(probe("questions", bench.store(count))).figures["questions"]
        calls = {name: said for name, said in found.items() if isinstance(said, list)}
        name = max(calls, key=lambda each: calls[each][0]["seconds"])
        slowest = calls[name][0]
        what, milliseconds = f"the slowest first call, {count:,} letters", 1000 * slowest["seconds"]
        yield row(f"questions.first.{count}", what, milliseconds, "ms", processor=slowest["processor"], note=name)
        for name, said in sorted(found.items()):
            key, what = f"questions.{name}.{count}", f"{name}, {count:,} letters"
            if isinstance(said, str):
                yield missing(key, what, said)
                continue
            first, second = said
            note = f"first call {1000 * first['seconds']:,.0f} ms; {second['rows']:,} rows"
            yield row(key, what, 1000 * second["seconds"], "ms", processor=second["processor"], note=note)
