"""Letters into a store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from imr_graph.cli.options import (
    as_json,
    corrections,
    corrections_or_default,
    jobs,
    letter_limits,
    quiet,
    sources,
    store,
    strict,
)
from imr_graph.cli.output import ProgressMeter, print_answer, print_note

__all__ = ["SUMMARY_LINES", "build"]

SUMMARY_LINES = 10  # failures and findings that a summary lists; the report has all
_STOPPED = 130  # as shells say of a command that Ctrl-C ended


@click.command(short_help="Read letters into a validated store.")
@sources
@store
@jobs
@click.option("--no-validate", is_flag=True, help="Do not check the graph against the shapes.")
@click.option(
    "--keep-both", is_flag=True, help="Keep letters that share a case number but differ; else the later one wins."
)
@corrections
@click.option("--prune", is_flag=True, help="Take out letters whose files are gone from the given places.")
@strict
@click.option("--engine", default="local", show_default=True, help="local (processes of this machine) or dask.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="A dask scheduler (tcp://host:8786); a cluster of its own without it."
)
@click.option("--shards", metavar="URL", help="Where shards are kept while building (a folder or an fsspec URL).")
@click.option("--validator", default="auto", show_default=True, help="The SHACL engine: auto, pyshacl or pyshifty.")
@letter_limits
@as_json
@quiet
def build(
    sources: tuple[str, ...],
    store: Path,
    jobs: int | None,
    no_validate: bool,
    corrections: tuple[str, ...],
    strict: bool,
    limits: tuple[float, int, bool],
    as_json: bool,
    quiet: bool,
    **options: Any,
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
    from imr_graph.letters import Limits

    meter = ProgressMeter(quiet=quiet)
    try:
        report = run(
            list(sources),
            store,
            jobs=jobs or os.cpu_count() or 1,
            validate=not no_validate,
            corrections=corrections_or_default(corrections),
            progress=meter,
            limits=Limits(*limits),
            **options,
        )
    except KeyboardInterrupt:
        meter.close()
        print_note("Stopped: the store is as it was; the next build goes on with what was read.")
        return _STOPPED
    meter.close()
    if as_json or not quiet:
        lines = (*report.as_lines(limit=SUMMARY_LINES), f"The report is in {store / 'build-report.json'}.")
        print_answer(report.as_record(), lines, as_json)
    failed = strict and bool(report.failed or report.incomplete)
    return 1 if failed or not report.conforms else 0
