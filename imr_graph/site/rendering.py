"""Templates to HTML: everything is escaped, and a name that a template does not get is a fault, not a blank."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from imr_graph.graph import terms

__all__ = ["link", "percent", "rendered"]

_DECISIONS: Final = {"upheld": "Upheld", "overturned": "Overturned", "partially overturned": "Partially overturned"}


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """Return a template of `templates/` with its values."""
    return _environment().get_template(template).render(values)


def link(iri: str) -> str:
    """Return the path of the page of a resource of the graph; other IRIs are their own address.

    >>> link("https://w3id.org/imr-graph/id/treatment-diazepam")
    '/id/treatment-diazepam'
    """
    return f"/id/{quote(terms.local_name(iri))}" if "/id/" in iri else iri


def percent(share: float) -> str:
    """Return a share as people read it.

    >>> percent(0.0849)
    '8.5 %'
    """
    return f"{100 * share:.1f} %"


def _day(value: date | str | None) -> str:
    """Return a date in words; what is missing is said."""
    if not value:
        return "not stated"
    day = value if isinstance(value, date) else date.fromisoformat(value)
    return f"{day.day} {day:%B %Y}"


def _number(value: int) -> str:
    return f"{value:,}"


def _decision(value: str) -> str:
    return _DECISIONS.get(value, value)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("imr_graph.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"day": _day, "decision": _decision, "link": link, "number": _number, "percent": percent}
    return found
