"""Measure the answers on a store of generated letters: `python benchmarks/answers.py --letters 100000`.

The store is made from the generator's records, without reading letters, and kept in `.benchmarks`. Each kind of answer
is measured in a process of its own, whose peak memory is that of the answers; a request counts with the median of its
repetitions in an open process, a kind of answer with its slowest request.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click
import pyoxigraph as ox
from corpora import generator_digest
from corpus.letters import letter
from process_timer import HERE, ProbeError, run
from rows import Row, as_text, missing, number, row

from imr_graph.analysis.networks.projections import project
from imr_graph.analysis.precedents.precedents import precedents
from imr_graph.analysis.search.search import search
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.graph.mapping import ntriples
from imr_graph.model import Determination
from imr_graph.records import from_record
from imr_graph.store.follow import record_rows
from imr_graph.store.graph_store import GraphStore, open_store, write_store
from imr_graph.store.table import open_table
from imr_graph.table.jsonlines import encode_rows
from imr_graph.table.rows import item_rows

__all__ = ["answers", "made"]

_SEED = 1
_DIMENSIONS = ("treatment", "drug-class", "category", "guideline", "section", "page", "specialty", "state", "year")

Ask = Callable[[GraphStore, str], int]


def _search(store: GraphStore, text: str) -> int:
    words, _, filtered = text.partition(" | ")
    filters = dict(pair.split("=") for pair in filtered.split(";")) if filtered else {}
    return search(store, words, filters).total


def _precedents(store: GraphStore, text: str) -> int:
    found = precedents(store, text)
    return found.figures.decisions if found.figures else 0


def _statistics(store: GraphStore, text: str) -> int:
    with open_table(store) as table:
        return len(overturn_rates(table, text).groups)


def _network(store: GraphStore, text: str) -> int:
    return project(store, text).number_of_edges()


# kind -> title, what a figure counts, what asks, the requests
KINDS: Mapping[str, tuple[str, str, Ask, tuple[str, ...]]] = {
    "search": ("search, first page", "hits", _search, (
        "cauda equina", "functional improvement", '"not medically necessary"', "opioid* -taper", "documented deficits",
        "gains | treatment=hydrocodone", " | decision=overturned;category=Diagnostic Testing",
    )),
    "precedents": ("precedents", "decisions", _precedents, (
        "Norco 10/325 #60", "MRI of the left knee", "opioids", "Lumbar epidural steroid injection at L4-5",
        "Physical therapy 12 visits for the low back, documented functional improvement",
        "Valium 10mg, Chronic Pain Medical Treatment Guidelines page 24, taper",
    )),
    "statistics": ("statistics by one dimension", "groups", _statistics, _DIMENSIONS),
    "network": ("projection", "edges", _network, ("case-guideline",)),
}  # fmt: skip


def made(work: Path, letters: int) -> Path:
    """Return the store of so many generated letters, made where it is not there."""
    folder = work / f"answers-{letters}"
    store, stamp = folder / "store", folder / "made"
    wanted = generator_digest()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        facts, table = folder / "facts.nt", folder / "rows.jsonl"
        with facts.open("w", encoding="utf-8") as triples, table.open("wb") as lines:
            for determination in _determinations(letters):
                triples.write(ntriples(determination))
                lines.write(encode_rows(item_rows(determination)))
        with write_store(store) as held, held.next(anew=True) as draft:
            draft.graph.bulk_load(path=facts, format=ox.RdfFormat.N_TRIPLES)
        record_rows(store, open_store(store).generation, (table,), anew=True)
        for file in (facts, table):
            file.unlink()
        stamp.write_text(wanted)
    return store


def _determinations(letters: int) -> Iterator[Determination]:
    keys: set[str] = set()
    for index in range(letters):
        one = letter(_SEED, index, None, 0.0)
        assert one.record is not None
        digest = hashlib.sha256(one.name.encode()).hexdigest()
        found = replace(from_record(one.record), source=f"{one.name}.txt", sha256=digest, layout=one.layout)
        if found.key not in keys:
            keys.add(found.key)
            yield found


def answers(work: Path, letters: int, rounds: int) -> Iterator[Row]:
    """Yield the rows of each kind of answer: the slowest request's time, and the memory of the process."""
    store = made(work, letters)
    for kind, (title, counted, _, _) in KINDS.items():
        try:
            done = run([sys.executable, str(Path(__file__).resolve()), "ask", kind, str(store), str(rounds)])
        except ProbeError as error:
            yield missing(f"answers.{kind}", title, f"failed: {error}")
            continue
        times: dict[str, float] = done.figures["times"]
        counts: dict[str, int] = done.figures["counts"]
        slowest = max(times, key=lambda request: times[request])
        busy = max(done.figures["processor"].values())
        note = f"slowest of {len(times)}: {slowest!r}, {counts[slowest]:,} {counted}; "
        note += f"processor time, all threads: {number(1000 * busy)} ms at most"
        what = f"{title}, {letters:,} letters"
        yield row(f"answers.{kind}", what, 1000 * times[slowest], "ms", note=note)
        if len(times) > 1:
            yield row(
                f"answers.{kind}.median", f"{what}: median request", 1000 * statistics.median(times.values()), "ms"
            )
        yield row(f"answers.{kind}.memory", f"{what}: process", done.memory, "MB")


@click.group(invoke_without_command=True, context_settings={"max_content_width": 100})
@click.option("--letters", type=click.IntRange(1), default=100_000, show_default=True, help="How many letters.")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Repetitions of each request.")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), default=HERE.parent / ".benchmarks",
              help="Folder for the store.")  # fmt: skip
@click.pass_context
def main(context: click.Context, letters: int, rounds: int, work: Path) -> None:
    r"""Measure search, precedents, statistics and a network, and print the table.

    \b
    python benchmarks/answers.py --letters 100000
    python benchmarks/answers.py --letters 2000 --rounds 1
    """
    if context.invoked_subcommand is not None:
        return
    for one in answers(work, letters, rounds):
        click.echo(as_text(one))


@main.command(hidden=True)
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("rounds", type=int)
def ask(kind: str, path: Path, rounds: int) -> None:
    """Ask each request of a kind once to warm up and then again; print the median times in seconds."""
    _, _, asks, requests = KINDS[kind]
    store = open_store(path)
    times: dict[str, float] = {}
    processor: dict[str, float] = {}
    counts: dict[str, int] = {}
    for request in requests:
        counts[request] = asks(store, request)
        repeated, worked = [], []
        for _ in range(rounds):
            started, busy = time.perf_counter(), time.process_time()
            asks(store, request)
            repeated.append(time.perf_counter() - started)
            worked.append(time.process_time() - busy)
        times[request], processor[request] = statistics.median(repeated), statistics.median(worked)
    print(json.dumps({"seconds": sum(times.values()), "times": times, "processor": processor, "counts": counts}))


if __name__ == "__main__":
    main()
