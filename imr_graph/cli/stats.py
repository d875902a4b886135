"""Statistics: shares, times, agreement of both sides, recurring rationales, data quality; as rows, JSON or a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from imr_graph.cli.options import as_json, filter_options, output, parse_filters, store
from imr_graph.cli.output import open_output, print_json
from imr_graph.errors import UsageError

if TYPE_CHECKING:
    from imr_graph.analysis.charts.charts import Chart
    from imr_graph.analysis.dimensions.filters import Filters
    from imr_graph.store.table import Table

__all__ = ["stats"]


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for."""

    by: tuple[str, ...]
    level: str
    filters: Filters
    minimum: int
    limit: int

    @property
    def one(self) -> str | None:
        """The one dimension, for figures that take no more."""
        if len(self.by) > 1:
            raise UsageError("These figures are grouped by one dimension: give --by once.")
        return self.by[0] if self.by else None


@click.command(short_help="Count decisions, with overturned shares.")
@click.option(
    "--by",
    "dimensions",
    metavar="DIMENSION",
    multiple=True,
    help="treatment, drug-class, category, guideline, section, page, specialty, state, year, month, region, "
    "partial, retrospective, basis, denial-guideline ...; once or twice. [default: treatment]",
)
@click.option(
    "--figure",
    type=click.Choice(["shares", "times", "agreement", "recurring", "uneven", "quality"]),
    default="shares",
    show_default=True,
    help="Overturned shares; days between dates; whether both sides cite the same; rationales that recur; "
    "what is decided unevenly; the quality of the data.",
)
@click.option(
    "--level", type=click.Choice(["item", "case"]), default="item", show_default=True, help="What is counted."
)
@filter_options
@click.option("--minimum", type=click.IntRange(1), default=1, show_default=True, help="Leave out smaller groups.")
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
@store
@output
@as_json
def stats(
    dimensions: tuple[str, ...],
    figure: str,
    level: str,
    filters: tuple[str, ...],
    since: str | None,
    until: str | None,
    minimum: int,
    limit: int,
    chart: str | None,
    format_: str,
    store: Path,
    output: Path | None,
    as_json: bool,
) -> None:
    """Count decisions by one or two dimensions, with overturned shares and Wilson 95 % intervals.

    \b
    imr-graph stats --by guideline
    imr-graph stats --by treatment --by year --filter specialty="Pain Medicine" --minimum 5
    imr-graph stats --figure times --by priority
    imr-graph stats --by category --chart bars --format png -o categories.png

    The letters are disputes that reached review: the shares say nothing of requests that were approved.
    """
    from imr_graph.analysis.charts import charts
    from imr_graph.analysis.dimensions.filters import resolve_filters
    from imr_graph.store.table import open_table

    with open_table(store) as table:
        chosen = resolve_filters(table.store, parse_filters(filters), since=since, until=until)
        request = _Request(dimensions, level, chosen, minimum, limit)
        if chart:
            drawn = _CHARTS[chart](table, request)
            with open_output(output) as stream:
                charts.write(drawn, format_, stream)
            return
        found, lines = _FIGURES[figure](table, request)
    if as_json:
        print_json(_plain(found))
    else:
        click.echo("\n".join(lines))


def _plain(found: Any) -> Any:
    return [asdict(each) for each in found] if isinstance(found, tuple) else asdict(found)


def _shares(table: Table, request: _Request) -> tuple[Any, Iterable[str]]:
    from imr_graph.analysis.statistics.overturn_rates import overturn_rates
    from imr_graph.cli import stats_tables

    by = request.by or ("treatment",)
    level: Any = request.level
    found = overturn_rates(table, by, level=level, filters=request.filters, minimum=request.minimum)
    return found, stats_tables.shares(found, request.limit)


def _times(table: Table, request: _Request) -> tuple[Any, Iterable[str]]:
    from imr_graph.analysis.statistics.durations import durations
    from imr_graph.cli import stats_tables

    found = durations(table, by=request.one, filters=request.filters, minimum=request.minimum)
    return found, stats_tables.times(found, request.limit)


def _agreement(table: Table, request: _Request) -> tuple[Any, Iterable[str]]:
    from imr_graph.analysis.statistics.citation_agreement import citation_agreement
    from imr_graph.cli import stats_tables

    found = citation_agreement(table, by=request.one, filters=request.filters, minimum=request.minimum)
    return found, stats_tables.agreement(found, request.limit)


def _recurring(table: Table, request: _Request) -> tuple[Any, Iterable[str]]:
    from imr_graph.analysis.statistics.recurring_rationales import recurring_rationales
    from imr_graph.cli import stats_tables

    found = recurring_rationales(table, filters=request.filters, minimum=max(2, request.minimum), limit=request.limit)
    return found, stats_tables.recurring(found)


def _uneven(table: Table, request: _Request) -> tuple[Any, Iterable[str]]:
    from imr_graph.analysis.networks.measures import uneven
    from imr_graph.cli import stats_tables

    found = uneven(table, request.one or "page", minimum=request.minimum, filters=request.filters)
    return found, stats_tables.groups(found, request.limit)


def _quality(table: Table, request: _Request) -> tuple[Any, Iterable[str]]:
    from imr_graph.analysis.statistics.data_quality import data_quality
    from imr_graph.cli import stats_tables

    found = data_quality(table, filters=request.filters, limit=request.limit)
    return found, stats_tables.quality(found)


_FIGURES: Final[Mapping[str, Callable[[Table, _Request], tuple[Any, Iterable[str]]]]] = {
    "shares": _shares,
    "times": _times,
    "agreement": _agreement,
    "recurring": _recurring,
    "uneven": _uneven,
    "quality": _quality,
}


def _bars(table: Table, request: _Request) -> Chart:
    from imr_graph.analysis.charts.charts import bars, rows_of
    from imr_graph.analysis.statistics.overturn_rates import overturn_rates

    by = request.one or "treatment"
    found = overturn_rates(table, by, filters=request.filters, minimum=request.minimum)
    return bars(rows_of(found.groups), title=f"Overturned decisions by {_words(by)}", most=request.limit)


def _lines(table: Table, request: _Request) -> Chart:
    from imr_graph.analysis.charts.charts import Line, Row, lines
    from imr_graph.analysis.statistics.overturn_rates import overturn_rates

    period = next((name for name in request.by if name in ("year", "month")), "year")
    by = next((name for name in request.by if name not in ("year", "month")), None)
    found = overturn_rates(table, (by, period) if by else (period,), filters=request.filters, minimum=request.minimum)
    series: dict[str, list[Row]] = {}
    for g in found.groups:
        name = g.values[0].label if by else "all decisions"
        row = Row(g.values[-1].label, g.decisions, g.overturned, g.share, g.low, g.high)
        series.setdefault(name, []).append(row)
    ranked = sorted(series.items(), key=lambda entry: -sum(row.decisions for row in entry[1]))
    title = f"Overturned decisions by {period}" + (f" and {_words(by)}" if by else "")
    return lines((Line(name, tuple(sorted(rows, key=lambda row: row.label))) for name, rows in ranked), title=title)


def _heatmap(table: Table, request: _Request) -> Chart:
    from imr_graph.analysis.charts.charts import heatmap, pairs_of
    from imr_graph.analysis.statistics.overturn_rates import overturn_rates

    by = request.by if len(request.by) == 2 else ("treatment", "guideline")
    found = overturn_rates(table, by, filters=request.filters, minimum=request.minimum)
    return heatmap(pairs_of(found.groups), title=f"Overturned decisions by {_words(by[0])} and {_words(by[1])}")


def _flow(table: Table, request: _Request) -> Chart:
    from imr_graph.analysis.charts.charts import flow, pairs_of
    from imr_graph.analysis.statistics.overturn_rates import overturn_rates

    found = overturn_rates(table, ("denial-guideline", "guideline"), filters=request.filters, minimum=request.minimum)
    return flow(pairs_of(found.groups), title="From the denial's guideline to the reviewer's to the decision")


def _words(name: str) -> str:
    return name.replace("-", " ")


_CHARTS: Final[Mapping[str, Callable[[Table, _Request], Chart]]] = {
    "bars": _bars,
    "lines": _lines,
    "heatmap": _heatmap,
    "flow": _flow,
}
