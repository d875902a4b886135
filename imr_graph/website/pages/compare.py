"""Values of one dimension beside each other: a form, the table of their figures, and charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.responses import Response

from imr_graph.analysis.charts.figure_charts import title_of
from imr_graph.analysis.charts.style import PERIODS
from imr_graph.analysis.dimensions.filters import describe_derivative
from imr_graph.analysis.statistics.comparison import MOST_COMPARED, UNCOMPARED, compare
from imr_graph.analysis.statistics.figures import FIGURES
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS, INDEXED
from imr_graph.website import urls
from imr_graph.website.forms import Choice, FormField, Words, frequent_names
from imr_graph.website.pages.figures import LEVELS, CountedFigure, FigureAddress, read_counted, send_figure
from imr_graph.website.site import Page, StoreRequest
from imr_graph.website.svg.charts import draw_charts

__all__ = ["count_comparison", "show_comparison"]

_KINDS: Final = ("treatment", "category", "guideline", "denial-guideline", "specialty", "state", "region", "year")
_DIVIDED_BY: Final[tuple[Choice, ...]] = tuple(
    (name, of.title) for name, of in DIMENSIONS.items() if name not in UNCOMPARED
)
_LINKS: Final[tuple[Words, ...]] = tuple((DIMENSIONS[name].title, urls.with_query(urls.COMPARE, [("of", name)]))
                                         for name in _KINDS)  # fmt: skip
_FEWEST_FIELDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonAddress(FigureAddress):
    """A comparison as its address asks for it: values of the dimension `of`, divided by `by` (empty: not at all)."""

    of: str = "treatment"
    values: tuple[str, ...] = ()
    by: str = "year"

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What narrows the decisions, which the form has no fields for."""
        return (*self.narrowing, *((("minimum", str(self.minimum)),) if self.minimum > 1 else ()))

    def address(self, values: tuple[str, ...] | None = None) -> str:
        """Return the address of the comparison, or of the same with other values."""
        wanted = [(self.of, value) for value in (self.values if values is None else values)]
        return urls.with_query(
            urls.COMPARE, [("of", self.of), *wanted, ("by", self.by), ("level", self.level), *self.kept]
        )


def show_comparison(asked: StoreRequest) -> Page | Response:
    """Show the form with the comparison that it asks for, or send the comparison as a file."""
    if format := asked.parameters.get("format", ""):
        return send_figure(asked, count_comparison(asked.snapshot, asked.parameters), format)
    snapshot, wanted = asked.snapshot, ComparisonAddress()
    try:
        wanted = read_comparison(asked.parameters)
        if len(wanted.values) < 2:
            sentence = f"Name a second value to compare {wanted.values[0]} with." if wanted.values else None
            return _page(snapshot, wanted, sentence=sentence)
        counted = _count(snapshot, wanted)
    except UsageError as error:
        return _page(snapshot, wanted, status=400, sentence=str(error), near=_near(wanted, error))
    return _page(
        snapshot,
        wanted,
        found=counted.found,
        charts=draw_charts(counted.found, wanted.unit),
        address=counted.address,
        heading=title_of(counted.figure, counted.found),
        derivative=describe_derivative(counted.filters),
    )


def _page(snapshot: StoreSnapshot, asked: ComparisonAddress, **more: Any) -> Page:
    """Return the page with its form, and what it says besides by the names of the template."""
    values: dict[str, Any] = {
        "title": "Compare",
        "asked": asked,
        "fields": list(_fields(snapshot, asked)),
        "filtered": "; ".join(f"{DIMENSIONS[n].title if n in DIMENSIONS else n} {value}" for n, value in asked.kept),
        "of_title": DIMENSIONS[asked.of].title,
        "frequent": asked.address(tuple(value for value, _ in _names(snapshot, asked.of)[:_FEWEST_FIELDS])),
        "searched": asked.of in INDEXED,
        "kinds": _LINKS,
        "sentence": None,
        "near": (),
        "found": None,
    }
    return Page("compare.html", **{**values, **more})


def read_comparison(parameters: QueryParams) -> ComparisonAddress:
    """Return what an address asks for; the dimension with several values is the one that is compared.

    Raises UsageError for what cannot be understood.
    """
    counted = read_counted(parameters)
    given = dict(counted["filters"])
    several = [name for name, values in given.items() if len(values) > 1]
    of = parameters.get("of", "") or next(iter(several or given), "treatment")
    if of not in DIMENSIONS:
        raise UnknownNameError("dimension of statistics", of, DIMENSIONS)
    by = parameters.get("by", "category" if of in PERIODS else "year")
    values = given.pop(of, ())
    return ComparisonAddress(**{**counted, "filters": given}, of=of, values=values, by="" if by == of else by)


def count_comparison(snapshot: StoreSnapshot, parameters: QueryParams) -> CountedFigure:
    """Return the comparison that an address asks for; raises UsageError for what cannot be understood."""
    return _count(snapshot, read_comparison(parameters))


def _count(snapshot: StoreSnapshot, asked: ComparisonAddress) -> CountedFigure:
    filters = asked.resolve(snapshot)
    level: Any = asked.level
    found = compare(
        snapshot.table, asked.of, asked.values, asked.by or None, level=level, filters=filters, minimum=asked.minimum
    )
    return CountedFigure(FIGURES["comparison"], found, filters, asked.address())


def _names(snapshot: StoreSnapshot, of: str) -> tuple[Choice, ...]:
    return frequent_names(snapshot, of.removeprefix("denial-"))


def _fields(snapshot: StoreSnapshot, asked: ComparisonAddress) -> Iterator[FormField]:
    """Yield a field for each value and some more, then what divides them."""
    count = min(MOST_COMPARED, max(_FEWEST_FIELDS, len(asked.values) + 1))
    title, names = DIMENSIONS[asked.of].title, _names(snapshot, asked.of)
    for n in range(count):
        value = asked.values[n] if n < len(asked.values) else ""
        yield FormField(
            asked.of, f"{title} {n + 1}", value=value, choices=() if n else names, key=f"{asked.of}-{n + 1}"
        )
    yield FormField("by", "Divided by", "select", asked.by, choices=(("", "nothing"), *_DIVIDED_BY))
    yield FormField("level", "Count", "select", asked.level, choices=LEVELS)


def _near(asked: ComparisonAddress, error: UsageError) -> tuple[Words, ...]:
    """Return the comparisons that were perhaps meant where a value has no such name."""
    if not isinstance(error, UnknownNameError) or error.name not in asked.values:
        return ()
    place = asked.values.index(error.name)
    return tuple(
        (other, asked.address((*asked.values[:place], other, *asked.values[place + 1 :])))
        for other in dict.fromkeys(error.near)
    )
