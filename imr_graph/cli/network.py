"""Networks: projections of the graph, measured, written or drawn."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.completion import complete_networks
from imr_graph.cli.options import Days, NameType, filter_options, json_format, output, store
from imr_graph.cli.output import open_output

__all__ = ["network"]


@click.command(short_help="Write, measure or draw a network.")
@click.argument("name", required=False, shell_complete=complete_networks)
@click.option(
    "--weight",
    type=NameType("weight of networks", "imr_graph.analysis.networks.projections", "WEIGHTS"),
    default="count",
    show_default=True,
    help="What edges weigh.",
)
@click.option(
    "--measure",
    "measures",
    type=NameType("measure", "imr_graph.analysis.networks.measures", "MEASURES"),
    multiple=True,
    help="Measure the nodes; may be given more than once.",
)
@click.option("--bridges", is_flag=True, help="Show what joins treatments that nothing else joins.")
@filter_options
@click.option(
    "--format",
    "format_",
    type=NameType("format of networks", "imr_graph.analysis.networks.formats", "FORMATS"),
    default="table",
    show_default=True,
    help="json is node-link JSON, edges a list as CSV, html an explorer, svg and png show the strongest edges.",
)
@json_format
@store
@output
def network(
    name: str | None,
    weight: str,
    measures: tuple[str, ...],
    bridges: bool,
    filters: dict[str, list[str]],
    days: Days,
    format_: str,
    as_json: bool,
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
    from imr_graph.analysis.networks.measures import bridges as find_bridges
    from imr_graph.analysis.networks.measures import with_measures
    from imr_graph.store.table import open_table

    if name is None:
        for each, projection in projections.PROJECTIONS.items():
            click.echo(f"{each:28} {projection.title}")
        return
    with open_table(store) as table:
        chosen = resolve_filters(table.store, filters, **days)
        projected = projections.project(table, name, weight=weight, filters=chosen)
    if bridges:
        for bridge in find_bridges(projected)[:25]:
            example = f", such as {' and '.join(bridge.example)}" if bridge.example else ""
            click.echo(f"{bridge.only:5} pairs  {bridge.label} ({bridge.kind}){example}")
        return
    if measures:
        projected = with_measures(projected, list(measures))
    with open_output(output) as stream:
        formats.write_network(projected, "json" if as_json else format_, stream)
