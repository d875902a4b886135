"""Commands on a store that is there: what it holds, whether it conforms and is whole, letters out, deriving anew."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.build import SUMMARY_LINES
from imr_graph.cli.options import as_json, corrections, corrections_or_default, quiet, store
from imr_graph.cli.output import open_output, print_answer, print_note

__all__ = ["reindex", "remove", "restore", "status", "validate", "verify"]


@click.command(short_help="What a store holds, and what in it is stale.")
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

    found = look(store, list(sources), corrections=corrections_or_default(corrections))
    print_answer(found.as_record(), found.as_lines(limit=SUMMARY_LINES), as_json)


@click.command(short_help="Check a store against the shapes.")
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report in the form of the W3C's SHACL too, as Turtle: every result, warnings included.",
)
@store
@as_json
@quiet
def validate(store: Path, report_file: Path | None, as_json: bool, quiet: bool) -> int:
    """Check the whole graph against the shapes; exit with 1 where it does not conform.

    Violations decide whether it conforms; warnings and information are results too. In the W3C's report
    (`--report`) a graph with any result does not conform.

    \b
    imr-graph validate
    imr-graph validate --json > findings.json
    imr-graph validate --report report.ttl
    """
    from imr_graph.store.graph_store import open_store
    from imr_graph.validation.report import as_record, as_text
    from imr_graph.validation.validate import validate as check
    from imr_graph.validation.w3c import write_report

    if report_file:
        with open_output(report_file) as stream:
            report = write_report(open_store(store), stream)
    else:
        report = check(open_store(store))
    if as_json or not quiet:
        print_answer(as_record(report), [as_text(report).rstrip()], as_json)
    return report.exit_code


@click.command(short_help="Check that every file is as it was written.")
@click.option("--repair", is_flag=True, help="Derive again what is damaged and can be derived.")
@store
@as_json
@quiet
def verify(repair: bool, store: Path, as_json: bool, quiet: bool) -> int:
    """Compare each file of the store with the digest it was written with, and graph, catalog, table and index.

    Each damage is one sentence: the file, what is wrong, the way out. Exit with 1 where something is damaged.
    With --repair, table, index, digests and what the graph knows of the catalog are derived again; a damaged graph
    has to come from a copy, or from a new build.

    \b
    imr-graph verify
    imr-graph verify --repair
    """
    from imr_graph.store.repair import repair as derive_again
    from imr_graph.store.verify import verify as check

    found = derive_again(store) if repair else check(store)
    if as_json or not (quiet and found.intact):
        print_answer(found.as_record(), found.as_lines(), as_json)
    return 0 if found.intact else 1


@click.command(short_help="Take a letter out of a store.")
@click.argument("case", metavar="CASE|DIGEST")
@store
@quiet
def remove(case: str, store: Path, quiet: bool) -> None:
    """Take a letter out of the store for good: by its case number, or by the digest of its text.

    Later builds pass the letter over until it is restored, and the store's files hold none of its words afterwards.
    Copies elsewhere (replicas, exports, releases) are yours to renew: see docs/removal.md.

    \b
    imr-graph remove CM16-0000000
    """
    from imr_graph.store.changes import remove as take_out

    changes = take_out(store, case)
    if not quiet:
        print_note(f"Removed {', '.join(changes.removed)}.")


@click.command(short_help="Let a removed letter come back.")
@click.argument("case", metavar="CASE|DIGEST")
@store
@quiet
def restore(case: str, store: Path, quiet: bool) -> None:
    """Let a removed letter come back with the next build that is given it.

    \b
    imr-graph restore CM16-0000000
    """
    from imr_graph.store.changes import restore as let_back

    keys = let_back(store, case)
    if not quiet:
        print_note(f"The next build that is given {', '.join(keys)} reads it again.")


@click.command(short_help="Derive table and search index again.")
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
        print_note("The table and the search index are those of the graph.")
