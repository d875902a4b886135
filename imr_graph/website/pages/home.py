"""The first page, and pages of words: about and methods, a glossary, help with searching, where letters come from."""

from __future__ import annotations

from typing import Final, NamedTuple

from imr_graph.analysis.dimensions.kinds import LISTED
from imr_graph.analysis.statistics.durations import durations
from imr_graph.analysis.statistics.figures import FIGURES
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.labels import format_date
from imr_graph.website import urls
from imr_graph.website.citations import STATE_SEARCH
from imr_graph.website.pages.figures import span_of_decisions
from imr_graph.website.rendering import GENERAL, PageHead
from imr_graph.website.site import Page, StoreRequest
from imr_graph.website.svg.charts import draw_bars
from imr_graph.website.svg.periods import draw_periods

__all__ = ["ACCURACY", "show_home", "show_info"]

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


def show_home(asked: StoreRequest) -> Page:
    """Show the first page: what this is, how decisions went, and the doors to everything else."""
    table = asked.snapshot.table
    everything = overturn_rates(table).groups
    categories = [group for group in overturn_rates(table, "category").groups if group.values[0].id]
    by_year = overturn_rates(table, "year").groups
    years = sorted((group for group in by_year if group.values[0].id), key=lambda group: group.values[0].label)
    (waited,) = durations(table, ("application-to-decision",))
    caption = "Share of denials overturned, by treatment category"
    note = "An item with treatments of two categories counts in both."
    return Page(
        "home.html",
        title="How Independent Medical Reviews were decided",
        overall=everything[0] if everything else None,
        cases=overturn_rates(table, level="case").decisions,
        years=years,
        waited=waited.median,
        by_category=draw_bars(categories[:_MOST_BARS], "Category", caption, "Items", note),
        by_year=draw_periods(by_year),
        treatments=[group for group in overturn_rates(table, "treatment").groups if group.values[0].iri][:_TREATMENTS],
        examples=_EXAMPLES,
        lists=_LISTS,
        head=PageHead(structured=_STRUCTURED),
    )


class Accuracy(NamedTuple):
    """How well a part of a letter is read, as F1: on real letters, and on generated ones."""

    part: str
    real: str
    generated: str


ACCURACY: Final = (
    Accuracy("Case number, dates, priority, reviewer, patient, outcome, disputed items", "1.000", "1.000"),
    Accuracy("Heading, service, decision, rationale, summary", "1.000", "1.000"),
    Accuracy("Citations of both sides: guideline, chapter, sections, pages, words", "1.000", "1.000"),
    Accuracy("Treatments, body regions, side of the body", "1.000", "0.999"),
    Accuracy("Amounts and forms of drugs", "1.000", "not measured"),
    Accuracy("Reasons for the decision", "0.977", "not measured"),
)
"""The measurements of the README; a test compares the two."""


def show_info(asked: StoreRequest) -> Page:
    """Show the page of an address of `urls.INFO_PAGES`, whose template has the name of the address."""
    path = asked.request.scope["path"]
    cases, first, last = span_of_decisions(asked.snapshot)
    return Page(
        f"{path.removeprefix('/')}.html",
        title=dict(urls.INFO_PAGES)[path],
        cases=cases,
        span=f"from {format_date(first)} to {format_date(last)}" if first and last else "",
        accuracy=ACCURACY,
        figures=[(figure.title, figure.summary) for figure in FIGURES.values()],
        state_search=STATE_SEARCH,
    )
