"""Earlier decisions like a request."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from imr_graph.cli.completion import complete_treatments
from imr_graph.cli.options import as_json, endpoint_options, file_options, open_requested_store, store
from imr_graph.cli.output import print_json, terminal_width, write_records

__all__ = ["precedents"]

_WIDTH = 96


@click.command(short_help="Find earlier decisions like a request.")
@click.argument("text", metavar="TEXT", shell_complete=complete_treatments)
@click.option("--region", multiple=True, metavar="NAME", help="Only this body region: lumbar-spine, knee ...")
@click.option("--laterality", type=click.Choice(["left", "right", "bilateral"]), help="Only this side.")
@click.option("--guideline", multiple=True, metavar="NAME", help="Only where the expert reviewer cites it.")
@click.option("--specialty", multiple=True, metavar="NAME", help="Only reviewers of this specialty.")
@click.option("--state", multiple=True, metavar="NAME", help="Only reviewers licensed there: California, US-CA, CA.")
@click.option(
    "--decision", type=click.Choice(["upheld", "overturned"]), help="List only these; the figures stay those of all."
)
@click.option("--first", type=click.Choice(["upheld", "overturned"]), help="List these before the others.")
@click.option("--visits", type=click.IntRange(1), help="Requests for up to so many visits are nearest.")
@click.option("--quantity", type=click.IntRange(1), help="Requests for up to so many tablets, units ... are nearest.")
@click.option("--since", metavar="DATE", help="Decided on this day or later.")
@click.option("--until", metavar="DATE", help="Decided on this day or earlier.")
@click.option("--leave-out", multiple=True, metavar="CASE", help="A case that does not count.")
@click.option("--limit", default=20, show_default=True, help="Precedents to list.")
@file_options
@store
@endpoint_options
@as_json
def precedents(
    text: str,
    limit: int,
    format_: str | None,
    bom: bool,
    output: Path | None,
    store: Path,
    endpoint: str | None,
    graph: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Find earlier decisions like a request: how they went, what they rest on, and the words that carry them.

    TEXT names the treatment as letters do, with what matters of it; a region, a side, a guideline with a page and
    words of reasons count for the ranking.

    \b
    imr-graph precedents "Norco 10/325 #60"
    imr-graph precedents "MRI of the left knee" --decision overturned --since 2016-01-01
    imr-graph precedents "Acupuncture" --visits 12 --first overturned
    imr-graph precedents "Norco" --decision overturned --format csv -o norco.csv
    imr-graph precedents "Valium, chronic pain guidelines page 24, taper" --limit 5
    """
    from imr_graph.analysis.precedents.precedents import open_precedent_records
    from imr_graph.analysis.precedents.precedents import precedents as find
    from imr_graph.analysis.precedents.request import read_request
    from imr_graph.cli.precedents_text import format_precedents
    from imr_graph.store.table import open_table

    request = read_request(text)
    opened = open_requested_store(store, endpoint, graph)
    if endpoint:
        from imr_graph.external_store.subset import fetch_relevant_cases

        opened = fetch_relevant_cases(opened, request)
    given = {name: value for name, value in options.items() if value not in (None, ())}
    if format_:
        with open_table(opened) as table, open_precedent_records(table, request, **given) as records:
            write_records(records, format_, output, bom=bom)
        return
    found = find(opened, request, **given, limit=limit)
    if as_json:
        print_json(asdict(found))
    else:
        click.echo("\n".join(format_precedents(found, width=min(terminal_width() or _WIDTH, _WIDTH))))
