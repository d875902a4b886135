"""Statistics: figures over all decisions, and values of one dimension beside each other; as rows, JSON or a chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from imr_graph.cli.completion import complete_dimensions, complete_figures
from imr_graph.cli.options import Days, counting_options, figure_options
from imr_graph.cli.output import open_output

__all__ = ["compare", "stats"]

_COMPARED_ROWS: Final = 1000  # of a table on a terminal


class _StatsCommand(click.Command):
    """Lists the figures and the dimensions under the help, from the tables that define them."""

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from imr_graph.analysis.statistics.figures import FIGURES
        from imr_graph.table.dimensions import DIMENSIONS

        with formatter.section("Figures"):
            formatter.write_dl([(figure.name, figure.summary) for figure in FIGURES.values()])
        with formatter.section("Dimensions"):
            formatter.write_dl([(dimension.name, dimension.title) for dimension in DIMENSIONS.values()])


@click.command(cls=_StatsCommand, short_help="Count decisions, with overturned shares.")
@click.option(
    "--by",
    "dimensions",
    metavar="DIMENSION",
    shell_complete=complete_dimensions,
    multiple=True,
    help="A dimension of those below; once or twice. [default: treatment]",
)
@click.option(
    "--figure",
    "name",
    metavar="FIGURE",
    shell_complete=complete_figures,
    help="What to count, of those below. [default: shares; by reason: reasons]",
)
@counting_options
@click.option("--limit", type=click.IntRange(1), default=25, show_default=True, help="Rows to show.")
@click.option("--chart", type=click.Choice(["bars", "lines", "heatmap", "flow"]), help="Draw the shares instead.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["svg", "png", "html"]),
    default="svg",
    show_default=True,
    help="Form of the chart.",
)
@figure_options
def stats(
    dimensions: tuple[str, ...],
    name: str | None,
    level: Any,
    filters: dict[str, list[str]],
    days: Days,
    minimum: int,
    limit: int,
    chart: str | None,
    format_: str,
    store: Path,
    output: Path | None,
    **form: bool,
) -> None:
    """Count decisions by one or two dimensions, with overturned shares and Wilson 95% intervals.

    \b
    imr-graph stats --by guideline
    imr-graph stats --by treatment --by year --filter specialty="Pain Medicine" --minimum 5
    imr-graph stats --figure reasons --filter treatment=MRI
    imr-graph stats --by reason --by specialty --filter derivative=no
    imr-graph stats --by reason --filter treatment=MRI --chart bars -o reasons.svg
    imr-graph stats --figure times --by priority
    imr-graph stats --by guideline --csv -o guidelines.csv
    imr-graph stats --by category --chart bars --format png -o categories.png

    The letters are disputes that reached review: the shares say nothing of requests that were approved.
    """
    from imr_graph.analysis.dimensions.filters import describe_derivative, describe_filters, resolve_filters
    from imr_graph.analysis.statistics.figures import FigureRequest, choose_figure
    from imr_graph.cli.stats_tables import write_figure
    from imr_graph.store.table import open_table

    figure, dimensions = choose_figure(name, dimensions)
    with open_table(store) as table:
        chosen = resolve_filters(table.store, filters, **days)
        by = dimensions or (() if chart else figure.default_by)
        request = FigureRequest(by, level, filters=chosen, minimum=minimum, limit=limit)
        if chart:
            from imr_graph.analysis.charts.charts import write_chart
            from imr_graph.analysis.charts.figure_charts import draw_as

            drawn = draw_as(chart, figure, table, request, f"Counted: {describe_filters(chosen, table)}.")
            with open_output(output) as stream:
                write_chart(drawn, format_, stream)
            return
        found = figure.compute(table, request)
    about = describe_derivative(chosen)
    write_figure(figure, found, about, limit, output, **form)


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
@figure_options
def compare(
    dimension: str,
    values: tuple[str, ...],
    by: str | None,
    level: Any,
    filters: dict[str, list[str]],
    days: Days,
    minimum: int,
    chart: str | None,
    store: Path,
    output: Path | None,
    **form: bool,
) -> None:
    """Compare the overturned shares of two or more values of a dimension of stats, with 95% intervals by case.

    Without values the most frequent ones are compared.

    \b
    imr-graph compare treatment MRI acupuncture
    imr-graph compare specialty "Pain Medicine" "Orthopaedic Surgery" --by year
    imr-graph compare year 2015 2016 2017 --filter treatment=Norco
    imr-graph compare treatment MRI CT --by year --chart svg -o imaging.svg
    """
    from imr_graph.analysis.dimensions.filters import describe_filters, resolve_filters
    from imr_graph.analysis.statistics.figures import FIGURES, FigureRequest
    from imr_graph.cli.stats_tables import write_figure
    from imr_graph.store.table import open_table

    figure = FIGURES["comparison"]
    with open_table(store) as table:
        chosen = resolve_filters(table.store, filters, **days)
        asked = (dimension, by) if by else (dimension,)
        request = FigureRequest(asked, level, filters=chosen, minimum=minimum, values=values)
        found = figure.compute(table, request)
        about = f"Counted: {describe_filters(chosen, table)}."
    if chart:
        from imr_graph.analysis.charts.charts import write_chart
        from imr_graph.analysis.charts.figure_charts import draw_figure

        with open_output(output) as stream:
            write_chart(draw_figure(figure, found, about), chart, stream)
    else:
        write_figure(figure, found, about, _COMPARED_ROWS, output, **form)
