"""Commands that make and keep a store: build, status, validate, remove."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imr_graph.cli.options import as_json, quiet, sources, store, told

if TYPE_CHECKING:
    from imr_graph.builder import BuildReport

__all__ = ["build", "reindex", "remove", "status", "validate"]

_SHOWN = 10  # failures and findings that a summary lists; the report has all

_CORRECTIONS = "corrections"

corrections = click.option(
    "--corrections",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True),
    help="A file or folder of corrections; again for more. The folder corrections/ without it, where there is one.",
)


@click.command()
@sources
@store
@click.option("--jobs", "-j", type=click.IntRange(1), default=None, help="Worker processes; all cores without it.")
@click.option("--no-validate", is_flag=True, help="Do not check the graph against the shapes.")
@click.option(
    "--keep-both", is_flag=True, help="Keep letters that share a case number but differ; else the later one wins."
)
@corrections
@click.option("--prune", is_flag=True, help="Take out letters whose files are gone from the given places.")
@click.option("--strict", is_flag=True, help="Exit with 1 where any input fails.")
@click.option("--engine", default="local", show_default=True, help="local (processes of this machine) or dask.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="A dask scheduler (tcp://host:8786); a cluster of its own without it."
)
@click.option("--shards", metavar="URL", help="Where shards are kept while building (a folder or an fsspec URL).")
@click.option("--validator", default="auto", show_default=True, help="The SHACL engine: auto, pyshacl or pyshifty.")
@as_json
@quiet
def build(
    sources: tuple[str, ...],
    store: Path,
    jobs: int | None,
    no_validate: bool,
    keep_both: bool,
    corrections: tuple[str, ...],
    prune: bool,
    strict: bool,
    engine: str,
    scheduler: str | None,
    shards: str | None,
    validator: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Read letters into a validated store; run it again to add, replace and resume.

    A SOURCE is a file, folder, pattern, archive (zip, tar), URL, or - for standard input. Letters that the store has
    are passed over; what cannot be read is named and the others are built. The store changes at once or not at all.
    What people corrected (see docs/corrections.md) is applied anew by each build.

    \b
    imr-graph build letters/ --store imr-store
    imr-graph build 2017.zip 'more/**/*.pdf' --jobs 4
    """
    from imr_graph.builder import build as run
    from imr_graph.cli.progress import Meter

    meter = Meter(quiet=quiet)
    report = run(
        list(sources),
        store,
        jobs=jobs or os.cpu_count() or 1,
        validate=not no_validate,
        keep_both=keep_both,
        corrections=_corrections(corrections),
        prune=prune,
        engine=engine,
        scheduler=scheduler,
        shards=shards,
        progress=meter,
        validator=validator,
    )
    meter.close()
    if as_json:
        click.echo(json.dumps(report.as_record(), indent=1))
    elif not quiet:
        _summarise(report, store)
    failed = strict and bool(report.failed or report.incomplete)
    return 1 if failed or not report.conforms else 0


def _corrections(named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files and folders of corrections that a user named, else the folder beside which it was called."""
    return named or ((_CORRECTIONS,) if os.path.isdir(_CORRECTIONS) else ())


def _summarise(report: BuildReport, store: Path) -> None:
    for line in report.as_lines(limit=_SHOWN):
        click.echo(line)
    click.echo(f"The report is in {store / 'build-report.json'}.")


@click.command()
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@store
@corrections
@as_json
def status(sources: tuple[str, ...], store: Path, corrections: tuple[str, ...], as_json: bool) -> None:
    """Say what the store holds, what in it is stale and why, and what of the SOURCEs it does not have yet.

    \b
    imr-graph status
    imr-graph status letters/
    """
    from imr_graph.builder import status as look

    found = look(store, list(sources), corrections=_corrections(corrections))
    click.echo(json.dumps(found.as_record(), indent=1) if as_json else "\n".join(found.as_lines(limit=_SHOWN)))


@click.command()
@store
@as_json
@quiet
def validate(store: Path, as_json: bool, quiet: bool) -> int:
    """Check the whole graph against the shapes; exit with 1 where it does not conform.

    \b
    imr-graph validate
    imr-graph validate --json > findings.json
    """
    from imr_graph.store.graph_store import open_store
    from imr_graph.validation.report import as_record, as_text
    from imr_graph.validation.validate import validate as check

    report = check(open_store(store))
    if as_json:
        click.echo(json.dumps(as_record(report), indent=1))
    elif not quiet:
        click.echo(as_text(report).rstrip())
    return report.exit_code


@click.command()
@click.argument("case", metavar="CASE|DIGEST")
@store
@quiet
def remove(case: str, store: Path, quiet: bool) -> None:
    """Take a letter out of the store: by its case number, or by the digest of its text.

    \b
    imr-graph remove CM16-0000000
    """
    from imr_graph.store.add import remove as take_out

    changes = take_out(store, case)
    if not quiet:
        told(f"Removed {', '.join(changes.removed)}.")


@click.command()
@store
@quiet
def reindex(store: Path, quiet: bool) -> None:
    """Derive the table and the search index beside a store again from its graph.

    \b
    imr-graph reindex
    """
    from imr_graph.store.follow import rebuild

    rebuild(store)
    if not quiet:
        told("The table and the search index are those of the graph.")
