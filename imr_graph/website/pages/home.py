"""The first page: what this is, how decisions went, and the doors to everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from imr_graph.analysis.statistics.durations import durations
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates
from imr_graph.live_store import StoreSnapshot
from imr_graph.website.rendering import link
from imr_graph.website.site import Page, Site
from imr_graph.website.svg import rates as drawing

__all__ = ["show_home"]

_SMALL_TABLE: Final = 12  # categories that are drawn
_EXAMPLES: Final = (
    ("functional improvement", "functional improvement"),
    ('"red flags"', "“red flags”"),
    ("MRI lumbar", "MRI lumbar"),
    ("opioid* NOT taper*", "opioids without taper"),
)


async def show_home(site: Site, _request: Request) -> Page | Response:
    """Show the first page."""
    return Page("home.html", await site.run_in_thread(_values))


def _values(snapshot: StoreSnapshot) -> Mapping[str, Any]:
    """Return the figures of the page; runs in a thread."""
    table = snapshot.table
    everything = overturn_rates(table)
    cases = overturn_rates(table, level="case")
    categories = overturn_rates(table, "category").groups
    years = [group for group in overturn_rates(table, "year").groups if group.values[0].id is not None]
    years.sort(key=lambda group: group.values[0].label)
    (waited,) = durations(table, ("application-to-decision",))
    treatments = [group for group in overturn_rates(table, "treatment").groups if group.values[0].iri][:6]
    return {
        "title": "How Independent Medical Reviews were decided",
        "all": everything,
        "overall": everything.groups[0] if everything.groups else None,
        "cases": cases.decisions,
        "years": years,
        "waited": waited,
        "by_category": drawing.bars([group for group in categories if group.values[0].id][:_SMALL_TABLE]),
        "by_year": drawing.course(years) if len(years) > 1 else None,
        "treatments": treatments,
        "examples": _EXAMPLES,
        "address_of": _address_of,
    }


def _address_of(group: RateGroup) -> str | None:
    iri = group.values[0].iri
    return link(iri) if iri else None
