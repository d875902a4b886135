"""Charts of statistics: bars with intervals, lines over time, a heat map, a flow; as PNG, SVG or a page.

What a chart shows is given as plain rows, so that it depends on no way of counting; `rows_of` and `pairs_of` make them
from `shares.shares`. Needs matplotlib, which the extra `pictures` installs.

>>> chart = bars([Row("diazepam", 40, 10, 0.25, 0.142, 0.402)], title="Overturned share by treatment")
>>> chart.caption.partition(' Whiskers')[0]
'40 decisions in 1 group, each counted in every group it belongs to.'
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

from imr_graph.analysis.charts import html as chart_page
from imr_graph.analysis.charts import matplotlib_charts as chart_painting
from imr_graph.analysis.charts import sankey as chart_flow
from imr_graph.analysis.charts.matplotlib_charts import FEW, STYLE
from imr_graph.analysis.charts.rows import Line, Pair, Row
from imr_graph.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FORMATS",
    "LIMITS",
    "Chart",
    "Line",
    "Pair",
    "Row",
    "bars",
    "flow",
    "heatmap",
    "lines",
    "pairs_of",
    "rows_of",
    "write",
]

LIMITS: Final = (
    "Letters that reached independent medical review only: not all requests, and not medical or legal advice."
)


@dataclass(frozen=True)
class Chart:
    """A chart that can be written; `columns` and `cells` are what it shows, as a table."""

    title: str
    caption: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    paint: Callable[[], Figure] = field(repr=False, compare=False)


class _Value(Protocol):
    @property
    def label(self) -> str: ...


class _Group(Protocol):
    @property
    def values(self) -> Sequence[_Value]: ...
    @property
    def decisions(self) -> int: ...
    @property
    def overturned(self) -> int: ...
    @property
    def share(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def rows_of(groups: Iterable[_Group]) -> tuple[Row, ...]:
    """Return the rows of groups by one dimension, as `shares.shares(table, "treatment").groups` has them."""
    return tuple(Row(g.values[0].label, g.decisions, g.overturned, g.share, g.low, g.high) for g in groups)


def pairs_of(groups: Iterable[_Group]) -> tuple[Pair, ...]:
    """Return the pairs of groups by two dimensions, as `shares.shares(table, ("treatment", "guideline")).groups`."""
    return tuple(Pair(g.values[0].label, g.values[1].label, g.decisions, g.overturned) for g in groups)


def bars(rows: Iterable[Row], *, title: str, about: str = "", most: int = 30) -> Chart:
    """Return a chart of overturned shares as bars with intervals, in the order given, the first `most` of them.

    `about` is a sentence for the caption, such as the filters that were used.
    """
    given = tuple(rows)
    shown = given[:most]
    said = (
        f"{_counted(shown)} in {_many(len(shown), 'group')}{_left_out(len(given) - len(shown))}, each counted in "
        "every group it belongs to. Whiskers are 95% intervals (Wilson); the dashed line is the share of all shown."
    )
    few = f" Pale bars have fewer than {FEW} decisions and say little." if any(r.decisions < FEW for r in shown) else ""
    caption = _caption(shown, said + few, about)
    cells = tuple(_cells(row) for row in shown)
    return Chart(title, caption, _COLUMNS, cells, partial(chart_painting.bars, shown, title, caption))


def lines(series: Iterable[Line], *, title: str, about: str = "", most: int = 6) -> Chart:
    """Return a chart of overturned shares over time, a line with its 95% band for each of the first `most` series.

    Periods are the labels of the rows, in their alphabetical order; a period without decisions interrupts the line.
    """
    given = tuple(series)
    shown = given[:most]
    rows = [row for line in shown for row in line.rows]
    said = f"{_counted(rows)} in {_many(len(shown), 'line')}{_left_out(len(given) - len(shown), 'line')}. "
    said += "Bands are 95% intervals (Wilson); below, the number of decisions."
    few = (
        f" Hollow points have fewer than {FEW} decisions and say little."
        if any(r.decisions < FEW for r in rows)
        else ""
    )
    caption = _caption(rows, said + few, about)
    cells = tuple((line.label, *_cells(row)) for line in shown for row in line.rows)
    return Chart(title, caption, ("line", *_COLUMNS), cells, partial(chart_painting.lines, shown, title, caption))


def heatmap(pairs: Iterable[Pair], *, title: str, about: str = "", rows: int = 20, columns: int = 12) -> Chart:
    """Return a heat map of overturned shares, first names down, second names across, the most decisions first."""
    given = tuple(pairs)
    down, across = _heaviest(given, lambda p: p.one, rows), _heaviest(given, lambda p: p.other, columns)
    shown = tuple(p for p in given if p.one in down and p.other in across)
    said = (
        f"{_counted(shown)} in {_many(len(shown), 'cell')}{_left_out(len(given) - len(shown), 'cell')}; a decision "
        "counts in each cell it belongs to. A cell shows the overturned share (the darker, the lower) and, below, its "
        f"decisions; cells with fewer than {FEW} are pale and say little, empty ones have none."
    )
    caption = _caption(shown, said, about)
    paint = partial(chart_painting.heatmap, shown, down, across, title, caption)
    return Chart(title, caption, _PAIR_COLUMNS, _pair_cells(shown), paint)


def flow(
    pairs: Iterable[Pair],
    *,
    title: str,
    about: str = "",
    most: int = 7,
    heads: tuple[str, str, str] = ("Claims administrator cites", "Expert reviewer cites", "Decision"),
) -> Chart:
    """Return a flow from the first names to the second and on to the decision.

    Each side shows its `most` names with the most decisions; the others are one box.
    """
    given = tuple(pairs)
    shown = chart_flow.folded(given, most)
    said = (
        f"{_counted(shown)} as {_many(len(given), 'pair')}: widths count decisions, and one that cites several "
        "guidelines runs in a band for each."
    )
    caption = _caption(shown, said, about)
    return Chart(
        title, caption, _PAIR_COLUMNS, _pair_cells(given), partial(chart_flow.paint, shown, heads, title, caption)
    )


def write(chart: Chart, format: str, stream: BinaryIO) -> None:
    """Write a chart to a binary stream in a format of `FORMATS`; equal charts give equal bytes.

    Raises UnknownNameError for another format, UsageError where matplotlib is not installed.
    """
    if format not in FORMATS:
        raise UnknownNameError("format of charts", format, FORMATS)
    stream.write(FORMATS[format](chart))


def _image(chart: Chart, format: str) -> bytes:
    try:
        import matplotlib
    except ImportError:
        raise UsageError("A picture needs matplotlib: install it with pip install 'imr-graph[pictures]'.") from None
    stream = io.BytesIO()
    style: Any = dict(STYLE)
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        # What matplotlib would write of the day or of itself stays out.
        stamps = ("Date", "Creator") if format == "svg" else ("Software",)
        chart.paint().savefig(stream, format=format, dpi=150, metadata=dict.fromkeys(stamps))
    return stream.getvalue()


def _html(chart: Chart) -> bytes:
    drawing = _image(chart, "svg").decode()
    return chart_page.page(chart.title, chart.caption, drawing, chart.columns, chart.cells).encode("utf-8", "replace")


FORMATS: Final[Mapping[str, Callable[[Chart], bytes]]] = {
    "png": lambda chart: _image(chart, "png"),
    "svg": lambda chart: _image(chart, "svg"),
    "html": _html,
}

_COLUMNS: Final = ("group", "decisions", "overturned", "share", "95% interval")
_PAIR_COLUMNS: Final = ("one", "other", "decisions", "overturned", "share")


class _Counted(Protocol):
    @property
    def decisions(self) -> int: ...


def _cells(row: Row) -> tuple[str, ...]:
    interval = f"{row.low:.1%} to {row.high:.1%}"
    return row.label, f"{row.decisions:,}", f"{row.overturned:,}", f"{row.share:.1%}", interval


def _pair_cells(pairs: Iterable[Pair]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (p.one, p.other, f"{p.decisions:,}", f"{p.overturned:,}", f"{p.overturned / p.decisions:.1%}") for p in pairs
    )


def _heaviest(pairs: Iterable[Pair], name: Callable[[Pair], str], most: int) -> tuple[str, ...]:
    totals: dict[str, int] = {}
    for pair in pairs:
        totals[name(pair)] = totals.get(name(pair), 0) + pair.decisions
    return tuple(sorted(totals, key=lambda each: (-totals[each], each))[:most])


def _counted(rows: Iterable[_Counted]) -> str:
    return _many(sum(row.decisions for row in rows), "decision")


def _many(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _left_out(count: int, name: str = "group") -> str:
    return f" ({_many(count, name)} left out)" if count else ""


def _caption(shown: Sequence[object], said: str, about: str) -> str:
    first = said if shown else "There is nothing to show: no decision is in any group."
    return "\n".join(line for line in (first, about, LIMITS) if line)
