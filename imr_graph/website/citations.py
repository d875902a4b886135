"""What a case is called, and how cases, items and figures are cited."""

from __future__ import annotations

from datetime import date
from typing import Final

from imr_graph.labels import format_date
from imr_graph.model import Determination

__all__ = [
    "PUBLISHER",
    "STATE_SEARCH",
    "cite_case",
    "cite_figure",
    "cite_item",
    "quote_source",
    "shorten",
    "title_case",
]

_LONGEST: Final = 300  # characters of a description; previews show fewer


def shorten(text: str, most: int = _LONGEST) -> str:
    """Return a text with single spaces, cut at a word where it is longer than a description.

    >>> shorten("MRI of the left knee", 12)
    'MRI of the …'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]} …"


PUBLISHER: Final = "California Department of Industrial Relations, Division of Workers’ Compensation"
"""Who publishes the determinations."""

STATE_SEARCH: Final = "https://www.dir.ca.gov/dwc/imr/IMRDecisionSearch.asp"
"""The page on which the state lets everybody search the determinations."""

_HEADING: Final = 160  # characters of a service in a citation
_TITLE: Final = 70  # and in a title


def title_case(d: Determination, key: str) -> str:
    """Return the title of a case, such as `CM16-0000001: MRI of the left knee and 2 more, upheld`.

    `key` names a letter without a case number.
    """
    name = d.case_number or f"Letter {key[:16]} without a case number"
    if not d.items:
        return name
    first = d.items[0].service or d.items[0].heading
    more = f" and {len(d.items) - 1} more" if len(d.items) > 1 else ""
    return f"{name}: {_shorten_service(first)}{more}, {d.outcome or 'outcome not stated'}"


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


def _shorten_service(service: str) -> str:
    words = " ".join(service.split()).rstrip(".,;:")
    return words if len(words) <= _TITLE else f"{words[:_TITLE].rsplit(' ', 1)[0].rstrip('.,;:')}…"
