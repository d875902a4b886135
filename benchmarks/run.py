"""Measure everything: `python benchmarks/run.py`; with `--write` the figures go into the documents.

Letters, prepared inputs and stores are kept in `.benchmarks` (10 GB for 100,000 letters); what is there already, also
by a link, is not made again. `results.json` has all rows that were written, each with its date: a run renews those of
the stages and of the numbers of letters that it measures.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
from baselines import baselines_python
from bench import Bench
from environment import machine, versions
from process_timer import HERE, processor_seconds
from report import write_documents
from results import Result, failure_key, merge, read_results, write_results
from rows import Row, as_text, missing
from stages import STAGES

__all__ = ["main"]


@click.command(context_settings={"max_content_width": 100})
@click.option("--quick", is_flag=True, help="In 10 minutes: 1,000 and 5,000 letters, each stage once.")
@click.option("--sizes", default="1000,10000,100000", show_default=True, help="Numbers of letters, by commas.")
@click.option("--sample", type=click.IntRange(1), default=2000, show_default=True, help="Letters for stages alone.")
@click.option("--pdfs", type=click.IntRange(1), default=2000, show_default=True, help="Letters as PDF.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Runs of short stages.")
@click.option("--baselines/--no-baselines", default=False, help="Compare with others' programs too; installs them.")
@click.option("--only", metavar="STAGE,...", help=f"Only these of {', '.join(STAGES)}.")
@click.option("--write", is_flag=True, help="Write results.json, RESULTS.md and the figures of docs/.")
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=HERE.parent / ".benchmarks",
    help="Folder for letters and stores; a fast disk with room.",
)
@click.option(
    "--results", type=click.Path(path_type=Path, file_okay=False), default=HERE, help="Where --write keeps results."
)
@click.option(
    "--documents",
    type=click.Path(path_type=Path, file_okay=False),
    default=HERE.parent / "docs",
    help="The documents that --write writes figures into.",
)
def main(
    quick: bool,
    sizes: str,
    sample: int,
    pdfs: int,
    rounds: int,
    baselines: bool,
    only: str | None,
    write: bool,
    work: Path,
    results: Path,
    documents: Path,
) -> None:
    r"""Measure each stage alone and the whole, and print the table.

    \b
    python benchmarks/run.py --baselines --write                     the full run: an hour on 2 cores, 10 GB
    python benchmarks/run.py --quick
    python benchmarks/run.py --only exports,questions --sizes 100000 --write
    python benchmarks/run.py --only extraction,mapping --baselines
    """
    if quick:
        sizes, sample, pdfs, rounds = "1000,5000", 500, 300, 1
    chosen = only.replace(" ", "").split(",") if only else list(STAGES)
    unknown = sorted(set(chosen) - set(STAGES))
    if unknown:
        raise click.UsageError(f"there is no stage {', '.join(unknown)}; there are {', '.join(STAGES)}")
    numbers = tuple(sorted({int(size) for size in sizes.split(",") if size.strip().isdigit() and int(size)}))
    if not numbers:
        raise click.UsageError("--sizes wants numbers of letters, for example 1000,10000")
    work.mkdir(parents=True, exist_ok=True)
    python = baselines_python() if baselines else None
    bench = Bench(work.resolve(), numbers, min(sample, numbers[-1]), min(pdfs, numbers[-1]), rounds, python)
    about, failed = (machine(), versions(python)), []
    started, worked = time.monotonic(), processor_seconds()
    for name in chosen:
        rows = []
        for row in _measure(name, bench):
            click.echo(f"  {as_text(row)}")
            rows.append((date.today().isoformat(), row))
        if rows[-1][1].key == failure_key(name):
            failed.append(name)
        if write:
            _write(name, Result(tuple(rows), *about), numbers, results, documents)
    minutes, busy = (time.monotonic() - started) / 60, (processor_seconds() - worked) / 60
    left_out = [f"stage {name}" for name in STAGES if name not in chosen]
    left_out += [] if baselines else ["others' programs (--baselines)"]
    click.echo(f"\nAll of it took {minutes:.1f} min, processor time {busy:.1f} min, with {sizes} letters.")
    click.echo(f"Left out: {', '.join(left_out) or 'nothing'}.")
    if failed:
        click.echo(f"\nFailed: {', '.join(failed)}.", err=True)
        sys.exit(3)


def _measure(name: str, bench: Bench) -> Iterator[Row]:
    """Yield the rows of a stage; where it fails, the last one says so, and the other stages are measured."""
    title, measure = STAGES[name]
    click.echo(f"\n{title} ({name})")
    started, worked = time.monotonic(), processor_seconds()
    try:
        yield from measure(bench)
    except Exception as error:
        traceback.print_exc()
        yield missing(failure_key(name), "the rest of this stage", f"failed: {error}")
    click.echo(f"  ({time.monotonic() - started:.0f} s, processor time {processor_seconds() - worked:.0f} s)")


def _write(stage: str, new: Result, sizes: tuple[int, ...], folder: Path, documents: Path) -> None:
    """Write after each stage, so that a run that is stopped leaves what it has."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "results.json"
    results = read_results(file)
    results[stage] = merge(stage, results.get(stage), new, sizes)
    write_results(file, results)
    write_documents(folder, documents, results, {name: title for name, (title, _) in STAGES.items()})


if __name__ == "__main__":
    main()
