"""How a case, an item, its words and a figure are cited: who published it, where it is found, in words to be copied."""

from __future__ import annotations

from datetime import date
from typing import Final

from imr_graph.labels import format_date
from imr_graph.website.page_head import shorten

__all__ = ["PUBLISHER", "STATE_SEARCH", "cite_case", "cite_figure", "cite_item", "quote_source"]

PUBLISHER: Final = "California Department of Industrial Relations, Division of Workers’ Compensation"
"""Who publishes the determinations."""

STATE_SEARCH: Final = "https://www.dir.ca.gov/dwc/imr/IMRDecisionSearch.asp"
"""The page on which the state lets everybody search the determinations."""

_HEADING: Final = 160  # characters of a service in a citation


def cite_case(number: str | None, decided: date | None, address: str) -> str:
    """Return a case as it is cited; `address` is where it is read here.

    >>> cite_case("CM16-0000001", date(2017, 1, 25), "https://imr.example.org/id/case-CM16-0000001")[:91]
    'Independent Medical Review Final Determination, Case Number CM16-0000001 (January 25, 2017)'
    """
    return f"{_determination(number, decided)}. {_source(address)}"


def cite_item(number: str | None, decided: date | None, item: tuple[int, str, str], address: str) -> str:
    """Return a disputed item as it is cited; `item` has its position, its service and its decision."""
    position, service, decision = item
    return (
        f"{_determination(number, decided)}, item {position} ({shorten(service, _HEADING)}): {decision}. "
        f"{_source(address)}"
    )


def quote_source(quotation: str, citation: str) -> str:
    """Return words of a letter with what they are cited as behind them."""
    return f"“{' '.join(quotation.split())}” {citation}"


def cite_figure(title: str, counted: str, made: date | None, generation: int, address: str) -> str:
    """Return a figure as it is cited: what it shows of which decisions, and of which state of the data.

    `made` is the day on which the data were put together, `generation` their number.
    """
    of = f" ({counted})" if counted else ""
    state = f"data of {format_date(made)} (generation {generation})" if made else f"generation {generation} of the data"
    return (
        f"{title}{of}. Counted by imr-graph from published California Independent Medical Review determinations, "
        f"{state}. {address}"
    )


def _determination(number: str | None, decided: date | None) -> str:
    case = f"Case Number {number}" if number else "without a case number"
    return f"Independent Medical Review Final Determination, {case} ({format_date(decided) if decided else 'undated'})"


def _source(address: str) -> str:
    return f"{PUBLISHER}, {STATE_SEARCH}. Read at {address}"
