"""Measure everything: `python benchmarks/run.py`; with `--write` the table goes into docs/performance.md.

Letters, prepared inputs and stores are kept in `.benchmarks` (10 GB for 100,000 letters); what is there already is not
made again. Stages that are measured keep their rows in `.benchmarks/results.json`, so that `--only` renews the stages
it names and leaves the others in the documents as they are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click
from baselines import baselines_python
from bench import Bench
from environment import machine, versions
from process_timer import HERE, ProbeError
from report import as_text, write_documents
from rows import Row, missing
from stages import STAGES

__all__ = ["main"]

DOCUMENTS = HERE.parent / "docs"
_FAILED = ".failed"


@click.command(context_settings={"max_content_width": 100})
@click.option("--quick", is_flag=True, help="In 10 minutes: 1,000 and 10,000 letters, each stage once.")
@click.option("--sizes", default="1000,10000,100000", show_default=True, help="Numbers of letters, by commas.")
@click.option("--sample", type=click.IntRange(1), default=2000, show_default=True, help="Letters for stages alone.")
@click.option("--pdfs", type=click.IntRange(1), default=2000, show_default=True, help="Letters as PDF.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Runs of short stages.")
@click.option("--baselines/--no-baselines", default=False, help="Compare with others' programs too; installs them.")
@click.option("--only", metavar="STAGE,...", help=f"Only these of {', '.join(STAGES)}.")
@click.option("--write", is_flag=True, help="Write docs/performance.md and the figures of docs/scale.md.")
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=HERE.parent / ".benchmarks",
    help="Folder for letters and stores; a fast disk with room.",
)
@click.option(
    "--documents", type=click.Path(path_type=Path, file_okay=False), default=DOCUMENTS, help="Where --write writes."
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
    documents: Path,
) -> None:
    r"""Measure each stage alone and the whole, and print the table.

    \b
    python benchmarks/run.py --baselines --write                     the full run: 40 minutes on 2 cores, 10 GB
    python benchmarks/run.py --quick
    python benchmarks/run.py --sizes 100,1000 --sample 200 --pdfs 100 --rounds 1
    python benchmarks/run.py --only extraction,mapping --baselines
    """
    if quick:
        sizes, sample, pdfs, rounds = "1000,10000", 500, 300, 1
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
    about = {"machine": machine(), "versions": versions(python)}
    results, failed = _kept(work), False
    for name in chosen:
        rows: list[Row] = []
        for row in _measured(name, bench):
            click.echo(as_text(row))
            rows.append(row)
        failed |= rows[-1].key.endswith(_FAILED)
        results[name] = _result(name, rows, bench, about)
        (work / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if write:
        documents.mkdir(parents=True, exist_ok=True)
        write_documents(documents, results, {name: title for name, (title, _) in STAGES.items()})
    if failed:
        sys.exit(3)


def _measured(name: str, bench: Bench) -> Iterator[Row]:
    """Yield the rows of a stage; where it fails, the last one says so, and the other stages are measured."""
    title, measure = STAGES[name]
    click.echo(f"\n{title}")
    try:
        yield from measure(bench)
    except ProbeError as error:
        yield missing(f"{name}{_FAILED}", "the rest of this stage", f"failed: {error}")


def _kept(work: Path) -> dict[str, dict[str, object]]:
    file = work / "results.json"
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def _result(name: str, rows: list[Row], bench: Bench, about: Mapping[str, object]) -> dict[str, object]:
    return {
        "stage": name,
        "date": date.today().isoformat(),
        "sizes": bench.sizes,
        "rounds": bench.rounds,
        "rows": [asdict(row) for row in rows],
        **about,
    }


if __name__ == "__main__":
    main()
