"""The first page: what this is, how decisions went, and the doors to everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from imr_graph.analysis.dimensions.kinds import LISTED
from imr_graph.analysis.statistics.durations import durations
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates
from imr_graph.live_store import StoreSnapshot
from imr_graph.website import urls
from imr_graph.website.page_head import GENERAL, PageHead
from imr_graph.website.site import Page, Site
from imr_graph.website.svg.charts import BarChart, draw_bars
from imr_graph.website.svg.periods import PeriodChart, draw_periods
from imr_graph.website.views import GroupTable, Words

__all__ = ["show_home"]

_MOST_BARS: Final = 12
_TREATMENTS: Final = 6
_EXAMPLES: Final = tuple(
    (words, urls.search(query))
    for query, words in (
        ("functional improvement", "functional improvement"),
        ('"red flags"', "“red flags”"),
        ("MRI lumbar", "MRI lumbar"),
        ("opioid* NOT taper*", "opioids without taper"),
    )
)
_STRUCTURED: Final = {
    "@type": "WebSite",
    "name": "imr-graph",
    "url": urls.HOME,
    "description": GENERAL,
    "potentialAction": {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{urls.SEARCH}?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    },
}
_LISTS: Final = tuple((kind.listing.short, path) for path, kind in LISTED.items())


@dataclass(frozen=True, slots=True)
class HomeView:
    """The first page: `overall` has no value where the store holds no decision; `waited` are days at the median."""

    overall: RateGroup | None
    cases: int
    years: tuple[str, ...]
    waited: float | None
    by_category: BarChart
    by_year: PeriodChart | None
    year_table: GroupTable
    treatments: tuple[RateGroup, ...]
    title: str = "How Independent Medical Reviews were decided"
    examples: tuple[Words, ...] = _EXAMPLES
    lists: tuple[Words, ...] = _LISTS


async def show_home(site: Site, _request: Request) -> Page:
    """Show the first page."""
    return Page("home.html", await site.run_in_thread(_view), head=PageHead(structured=_STRUCTURED))


def _view(snapshot: StoreSnapshot) -> HomeView:
    """Return the figures of the page; runs in a thread."""
    table = snapshot.table
    everything = overturn_rates(table)
    categories = [group for group in overturn_rates(table, "category").groups if group.values[0].id]
    by_year = overturn_rates(table, "year").groups
    years = [group for group in by_year if group.values[0].id]
    years.sort(key=lambda group: group.values[0].label)
    (waited,) = durations(table, ("application-to-decision",))
    treatments = [group for group in overturn_rates(table, "treatment").groups if group.values[0].iri]
    caption = "Share of denials overturned, by treatment category"
    note = "An item with treatments of two categories counts in both."
    return HomeView(
        overall=everything.groups[0] if everything.groups else None,
        cases=overturn_rates(table, level="case").decisions,
        years=tuple(group.values[0].label for group in years),
        waited=waited.median,
        by_category=draw_bars(categories[:_MOST_BARS], "Category", caption, "Items", note),
        by_year=draw_periods(by_year),
        year_table=GroupTable.of(years, "Year", caption="Disputed items by year of the decision"),
        treatments=tuple(treatments[:_TREATMENTS]),
    )
