"""Values of one dimension beside each other, as rows, JSON or a chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from imr_graph.cli.completion import complete_dimensions
from imr_graph.cli.options import as_json, bom, counting_options, output, parse_filters, store
from imr_graph.cli.output import open_output

__all__ = ["compare"]

_ROWS = 1000  # of a table on a terminal


@click.command(short_help="Compare treatments, specialties or years.")
@click.argument("dimension", shell_complete=complete_dimensions)
@click.argument("values", nargs=-1, metavar="[VALUE]...")
@click.option(
    "--by",
    metavar="DIMENSION",
    shell_complete=complete_dimensions,
    help="Divide each value by another dimension, such as year.",
)
@counting_options
@click.option("--chart", type=click.Choice(["svg", "png", "html"]), help="Draw a chart of this form instead.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")
@bom
@store
@output
@as_json
def compare(
    dimension: str,
    values: tuple[str, ...],
    by: str | None,
    level: Any,
    filters: tuple[str, ...],
    since: str | None,
    until: str | None,
    minimum: int,
    chart: str | None,
    as_csv: bool,
    bom: bool,
    store: Path,
    output: Path | None,
    as_json: bool,
) -> None:
    """Compare the overturned shares of two or more values of a dimension of stats, with 95% intervals by case.

    Without values the most frequent ones are compared.

    \b
    imr-graph compare treatment MRI acupuncture
    imr-graph compare specialty "Pain Medicine" "Orthopaedic Surgery" --by year
    imr-graph compare year 2015 2016 2017 --filter treatment=Norco
    imr-graph compare treatment MRI CT --by year --chart svg -o imaging.svg
    """
    from imr_graph.analysis.charts.charts import write_chart
    from imr_graph.analysis.charts.figure_charts import draw_figure
    from imr_graph.analysis.dimensions.filters import describe_filters, resolve_filters
    from imr_graph.analysis.statistics.figures import FIGURES, FigureRequest
    from imr_graph.cli.stats_tables import write_figure
    from imr_graph.store.table import open_table

    figure = FIGURES["comparison"]
    with open_table(store) as table:
        chosen = resolve_filters(table.store, parse_filters(filters), since=since, until=until)
        asked = (dimension, by) if by else (dimension,)
        request = FigureRequest(asked, level, filters=chosen, minimum=minimum, values=values)
        found = figure.compute(table, request)
        about = f"Counted: {describe_filters(chosen, table)}."
    if chart:
        with open_output(output) as stream:
            write_chart(draw_figure(figure, found, about), chart, stream)
    else:
        write_figure(figure, found, about, _ROWS, output, as_csv=as_csv, as_json=as_json, bom=bom)
