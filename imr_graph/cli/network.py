"""Networks: projections of the graph, measured, written or drawn."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.options import filter_options, output, parse_filters, store
from imr_graph.cli.output import open_output

__all__ = ["network"]


@click.command(short_help="Write, measure or draw a network.")
@click.argument("name", required=False)
@click.option("--weight", default="count", show_default=True, help="count, jaccard or npmi.")
@click.option(
    "--measure",
    "measures",
    metavar="NAME",
    multiple=True,
    help="degree, strength, betweenness, pagerank, community, core; may be given more than once.",
)
@click.option("--bridges", is_flag=True, help="Show what joins treatments that nothing else joins.")
@filter_options
@click.option(
    "--format",
    "format_",
    default="table",
    show_default=True,
    help="table, graphml, gexf, json (node-link), html (an explorer), svg or png (the strongest ties).",
)
@store
@output
def network(
    name: str | None,
    weight: str,
    measures: tuple[str, ...],
    bridges: bool,
    filters: tuple[str, ...],
    since: str | None,
    until: str | None,
    format_: str,
    store: Path,
    output: Path | None,
) -> None:
    """Show or write a network for networkx, Gephi, Cytoscape, or as a picture; without NAME, list them.

    \b
    imr-graph network treatment-guideline --measure pagerank --measure community
    imr-graph network case-guideline --format graphml > cases.graphml
    imr-graph network treatment-guideline --filter year=2016 --format html -o explorer.html
    """
    from imr_graph.analysis.dimensions.filters import resolve_filters
    from imr_graph.analysis.networks import formats, projections
    from imr_graph.analysis.networks import measures as measuring
    from imr_graph.store.table import open_table

    if name is None:
        for each, projection in projections.PROJECTIONS.items():
            click.echo(f"{each:28} {projection.title}")
        return
    with open_table(store) as table:
        chosen = resolve_filters(table.store, parse_filters(filters), since=since, until=until)
        projected = projections.project(table, name, weight=weight, filters=chosen)
    if bridges:
        for bridge in measuring.bridges(projected)[:25]:
            example = f", such as {' and '.join(bridge.example)}" if bridge.example else ""
            click.echo(f"{bridge.only:5} pairs  {bridge.label} ({bridge.kind}){example}")
        return
    if measures:
        projected = measuring.with_measures(projected, list(measures))
    with open_output(output) as stream:
        formats.write_network(projected, format_, stream)
