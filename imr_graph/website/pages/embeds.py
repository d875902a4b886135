"""Figures of statistics as other sites may show them within their pages: the charts alone, with where they are from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.datastructures import QueryParams
from starlette.requests import Request

from imr_graph.analysis.charts.figure_charts import title_of
from imr_graph.endpoint.http import origin
from imr_graph.endpoint.middleware import EMBEDDED_POLICY
from imr_graph.live_store import StoreSnapshot
from imr_graph.website.figure_files import CountedFigure, FigureSource, describe_source
from imr_graph.website.site import Page, Site
from imr_graph.website.svg.chart_set import ChartSet, draw_charts

__all__ = ["FigureReader", "show_embedded"]

FigureReader: TypeAlias = "Callable[[StoreSnapshot, QueryParams], CountedFigure]"
"""Counts the figure that an address asks for; it runs in a thread."""


@dataclass(frozen=True, slots=True)
class EmbedView:
    """The charts of a figure, and where it is from."""

    title: str
    charts: ChartSet
    source: FigureSource


async def show_embedded(count: FigureReader, site: Site, request: Request) -> Page:
    """Show the charts of the figure that an address asks for, to be framed by any site."""
    parameters, here = request.query_params, origin(request.scope, site.settings)

    def view(snapshot: StoreSnapshot) -> EmbedView:
        counted = count(snapshot, parameters)
        source = describe_source(snapshot, counted.filters, f"{here}{counted.address}")
        unit = "Cases" if parameters.get("level") == "case" else "Items"
        return EmbedView(title_of(counted.figure, counted.found), draw_charts(counted.found, unit), source)

    return Page("embed.html", await site.run_in_thread(view), headers={"content-security-policy": EMBEDDED_POLICY})
