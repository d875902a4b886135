"""What the address of a page of statistics asks: which figure, by what, of which decisions; as fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website.query_forms import Field, options

__all__ = ["FIGURES", "FILTERS", "StatisticsRequest", "fields", "request_of"]

PATH: Final = "/statistics"

FIGURES: Final[Mapping[str, str]] = {
    "shares": "How often denials are overturned",
    "times": "How long the steps take",
    "agreement": "Whether both sides cite the same",
}
"""What is counted, by its name in addresses."""

FILTERS: Final = tuple(name for name, of in DIMENSIONS.items() if of.field)
"""The dimensions that the form filters by; an address may filter by any."""

_DATES: Final = ("since", "until")
_KINDS: Final = {"denial-guideline": "guideline"}
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class StatisticsRequest:
    """A figure as its address asks for it; texts are empty where nothing is said."""

    figure: str = "shares"
    by: str = "category"
    then: str = ""
    level: str = "item"
    on: str = "guideline"
    minimum: int = 1
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: str = ""
    until: str = ""

    def address(self, **more: str) -> str:
        """Return the address of the figure."""
        own = [("figure", self.figure), ("by", self.by), ("then", self.then), ("level", self.level), ("on", self.on)]
        pairs = [(name, value) for name, value in own if value]
        pairs += [("minimum", str(self.minimum))] if self.minimum > 1 else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += [(name, getattr(self, name)) for name in _DATES if getattr(self, name)]
        return f"{PATH}?{urlencode([*pairs, *more.items()])}"

    @property
    def further(self) -> list[tuple[str, str]]:
        """The filters that the form has no field for: of other dimensions, and all but the first of one."""
        return [
            (name, value)
            for name, values in self.filters.items()
            for value in (values[1:] if name in FILTERS else values)
        ]

    def with_value(self, name: str, value: str) -> str:
        """Return the address with another value of a filter."""
        return replace(self, filters={**self.filters, name: (value,)}).address()


def request_of(parameters: QueryParams) -> StatisticsRequest:
    """Return what an address asks for; raises UsageError for what cannot be understood."""
    figure = parameters.get("figure", "") or "shares"
    if figure not in FIGURES:
        raise UnknownNameError("figure", figure, FIGURES)
    minimum = parameters.get("minimum", "") or "1"
    if not (minimum.isascii() and minimum.isdigit()) or len(minimum) > 9:
        raise UsageError(f"The minimum {minimum[:50]!r} is not a whole number, such as 10.")
    given = {name: tuple(v.strip() for v in parameters.getlist(name) if v.strip()) for name in DIMENSIONS}
    if any(len(value) > _LONGEST for values in given.values() for value in values):
        raise UsageError(f"A filter has more than {_LONGEST} characters: write less.")
    grouped = parameters.get("by")
    return StatisticsRequest(
        figure,
        ("category" if figure == "shares" else "") if grouped is None else grouped,
        parameters.get("then", ""),
        parameters.get("level", "") or "item",
        parameters.get("on", "") or "guideline",
        max(1, int(minimum)),
        {name: values for name, values in given.items() if values},
        parameters.get("since", "").strip(),
        parameters.get("until", "").strip(),
    )


def fields(snapshot: StoreSnapshot, asked: StatisticsRequest, wrong: Mapping[str, UsageError]) -> tuple[Field, ...]:
    """Return the filters as fields, with names to choose from; `wrong` has the errors by field.

    Reads the table, so it runs in a thread.
    """
    found = [
        _field(name, DIMENSIONS[name].title, "text", next(iter(asked.filters.get(name, ())), ""), wrong.get(name))
        for name in FILTERS
    ]
    found = [replace(one, options=options(snapshot, _KINDS.get(one.name, one.name))) for one in found]
    dates = (("since", "Decided from"), ("until", "Decided to"))
    return (*found, *(_field(name, label, "date", getattr(asked, name), wrong.get(name)) for name, label in dates))


def _field(name: str, label: str, kind: str, value: str, error: UsageError | None) -> Field:
    near = error.near if isinstance(error, UnknownNameError) else ()
    return Field(name, label, "", kind, value, False, error=str(error) if error else None, near=near)
