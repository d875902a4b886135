"""Charts of statistics: bars with intervals, lines over time, a heat map, a flow; as PNG, SVG or a page.

A chart shows groups of decisions as `overturn_rates` counts them. A page opens offline, in light and dark, and has the
numbers as a table. Needs matplotlib, which the extra `pictures` installs.

>>> from imr_graph.analysis.dimensions.values import Value
>>> from imr_graph.analysis.statistics.overturn_rates import rate_group
>>> chart = bars([rate_group((Value("diazepam", "Diazepam"),), 40, 10)], title="Overturned share by treatment")
>>> chart.caption.partition(' Whiskers')[0]
'40 decisions in 1 group, each counted in every group it belongs to.'
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from string import Template
from typing import TYPE_CHECKING, BinaryIO, Final

from imr_graph.analysis.charts import matplotlib_charts, sankey, style
from imr_graph.analysis.charts.style import BLUE, GRID, INK, LIMITS, ORANGE, PALE, PAPER, SOFT, period_number
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE
from imr_graph.analysis.statistics.overturn_rates import RateGroup
from imr_graph.errors import UnknownNameError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "Chart", "bars", "flow", "format_page", "heatmap", "lines", "write_chart"]

_COLUMNS: Final = ("group", "decisions", "overturned", "share", "95% interval")
_PAIR_COLUMNS: Final = ("one", "other", "decisions", "overturned", "share")
_HEADS: Final = ("Claims administrator cites", "Expert reviewer cites", "Decision")


@dataclass(frozen=True)
class Chart:
    """A chart that can be written; `columns` and `cells` are what it shows, as a table."""

    title: str
    caption: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    draw: Callable[[], Figure] = field(repr=False, compare=False)


def bars(
    groups: Iterable[RateGroup], *, title: str, about: str = "", most: int = 30, counted: str = "overturned"
) -> Chart:
    """Return a chart of overturned shares as bars with intervals, in the order given, the first `most` of them.

    `about` is a sentence for the caption, such as the filters that were used; `counted` is what shares are shares of.
    """
    given = tuple(groups)
    shown = given[:most]
    text = f"{_groups(shown, len(given), 'group', counted)} Whiskers are 95% intervals."
    if counted == "overturned":
        text += " The dashed line is the share of all shown."
    caption = _caption(shown, text + _small(shown, "Pale bars"), about)
    cells = tuple(_cells(group) for group in shown)
    return Chart(title, caption, _COLUMNS, cells, partial(matplotlib_charts.draw_bars, shown, title, caption, counted))


def lines(groups: Iterable[RateGroup], *, title: str, about: str = "", most: int = 6) -> Chart:
    """Return a chart of overturned shares over time, a line with its 95% band for each of the first `most` series.

    Groups are by a period (year, month), or by another dimension and then a period. Lines come by their decisions, the
    most first; a period without decisions keeps its place and interrupts a line. The caption counts what has none.
    """
    by_series: dict[str, list[RateGroup]] = {}
    undated = 0
    for group in groups:
        name = group.values[0].label if len(group.values) > 1 else "all decisions"
        if period_number(group) is None:
            undated += group.decisions
        else:
            by_series.setdefault(name, []).append(group)
    ranked = sorted(by_series.items(), key=lambda entry: -sum(group.decisions for group in entry[1]))
    shown = tuple((name, sorted(of, key=lambda group: group.values[-1].label)) for name, of in ranked[:most])
    drawn = [group for _, of in shown for group in of]
    text = f"{_decisions(drawn)} in {_many(len(shown), 'line')}{_left_out(len(ranked) - len(shown), 'line')}. "
    text += "Bands are 95% intervals; below, the number of decisions."
    text += f" {_decisions_of(undated)} without a date {'is' if undated == 1 else 'are'} not drawn." if undated else ""
    caption = _caption(drawn, text + _small(drawn, "Hollow points"), about)
    cells = tuple((name, group.values[-1].label, *_cells(group)[1:]) for name, of in shown for group in of)
    draw = partial(matplotlib_charts.draw_lines, shown, title, caption)
    return Chart(title, caption, ("line", *_COLUMNS), cells, draw)


def heatmap(
    groups: Iterable[RateGroup],
    *,
    title: str,
    about: str = "",
    rows: int = 20,
    columns: int = 12,
    counted: str = "overturned",
) -> Chart:
    """Return a heat map of shares by two dimensions, first values down, second ones across.

    The values with the most decisions come first; `counted` is what shares are shares of.
    """
    given = tuple(groups)
    down, across = _heaviest(given, 0, rows), _heaviest(given, 1, columns)
    shown = tuple(g for g in given if g.values[0].label in down and g.values[1].label in across)
    text = (
        f"{_groups(shown, len(given), 'cell', counted)} A cell shows the {counted} share (the darker, the lower) and, "
        f"below, its decisions; cells with fewer than {SMALL_SAMPLE} cases are pale and say little, empty ones have "
        "none."
    )
    caption = _caption(shown, text, about)
    draw = partial(matplotlib_charts.draw_heatmap, shown, down, across, title, caption)
    return Chart(title, caption, _PAIR_COLUMNS, _pair_cells(shown), draw)


def flow(
    groups: Iterable[RateGroup],
    *,
    title: str,
    about: str = "",
    most: int = 7,
    heads: tuple[str, str, str] = _HEADS,
) -> Chart:
    """Return a flow from the values of one dimension to those of another and on to the decision.

    Each side shows its `most` values with the most decisions; the others are one box.
    """
    given = tuple(groups)
    shown = sankey.fold_groups(given, most)
    text = (
        f"{_decisions(shown)} as {_many(len(given), 'pair')}: widths count decisions, and one that cites several "
        "guidelines runs in a band for each."
    )
    caption = _caption(shown, text, about)
    draw = partial(sankey.draw_flow, shown, heads, title, caption)
    return Chart(title, caption, _PAIR_COLUMNS, _pair_cells(given), draw)


def write_chart(chart: Chart, format: str, stream: BinaryIO) -> None:
    """Write a chart to a binary stream in a format of `FORMATS`; equal charts give equal bytes.

    Raises UnknownNameError for another format, UsageError where matplotlib is not installed.
    """
    if format not in FORMATS:
        raise UnknownNameError("format of charts", format, FORMATS)
    FORMATS[format](chart, stream)


def _write_page(chart: Chart, stream: BinaryIO) -> None:
    drawing = io.BytesIO()
    style.save(chart.draw, drawing, "svg")
    page = format_page(chart.title, chart.caption, drawing.getvalue().decode(), chart.columns, chart.cells)
    stream.write(page.encode("utf-8", "replace"))


FORMATS: Final[Mapping[str, Callable[[Chart, BinaryIO], None]]] = {
    "png": lambda chart, stream: style.save(chart.draw, stream, "png"),
    "svg": lambda chart, stream: style.save(chart.draw, stream, "svg"),
    "html": _write_page,
}


def _cells(group: RateGroup) -> tuple[str, ...]:
    interval = f"{group.low:.1%} to {group.high:.1%}"
    return group.label, f"{group.decisions:,}", f"{group.overturned:,}", f"{group.share:.1%}", interval


def _pair_cells(groups: Iterable[RateGroup]) -> tuple[tuple[str, ...], ...]:
    return tuple((g.values[0].label, g.values[1].label, *_cells(g)[1:4]) for g in groups)


def _heaviest(groups: Iterable[RateGroup], side: int, most: int) -> tuple[str, ...]:
    totals = sankey.count_by_side(groups, side)
    return tuple(sorted(totals, key=lambda each: (-totals[each], each))[:most])


def _groups(shown: Sequence[RateGroup], given: int, name: str, counted: str) -> str:
    """Say how many decisions are shown in how many groups; what gives reasons counts once for each."""
    left_out = _left_out(given - len(shown), name)
    if counted == "overturned":
        return (
            f"{_decisions(shown)} in {_many(len(shown), name)}{left_out}, each counted in every {name} it belongs to."
        )
    return f"{_many(len(shown), name)}{left_out}: the share of the decisions that ended so which give the reason."


def _decisions(groups: Iterable[RateGroup]) -> str:
    return _decisions_of(sum(group.decisions for group in groups))


def _decisions_of(count: int) -> str:
    return _many(count, "decision")


def _many(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _left_out(count: int, name: str = "group") -> str:
    return f" ({_many(count, name)} left out)" if count else ""


def _small(groups: Iterable[RateGroup], what: str) -> str:
    small = any(group.small for group in groups)
    return f" {what} have fewer than {SMALL_SAMPLE} cases and say little." if small else ""


def _caption(shown: Sequence[object], text: str, about: str) -> str:
    first = text if shown else "There is nothing to show: no decision is in any group."
    return "\n".join(line for line in (first, about, LIMITS) if line)


# The drawing's own colours become the page's, so that it turns dark with it.
_VARIABLES: Final = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    GRID: "var(--line)",
    PAPER: "var(--paper)",
    BLUE: "var(--blue)",
    PALE: "var(--pale)",
    ORANGE: "var(--orange)",
}
_COLOUR: Final = re.compile("|".join(_VARIABLES))
_STYLE: Final = re.compile(r'style="[^"]*"')
_BEFORE_SVG: Final = re.compile(r"\A.*?(?=<svg )", re.DOTALL)
_METADATA: Final = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_SIZE: Final = re.compile(r' (?:width|height)="[0-9.]+pt"')

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #ffffff;
  --blue: #0072b2; --pale: #8fc1de; --orange: #d55e00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --soft: #a3adb8; --line: #3a424b; --paper: #14171a;
  --blue: #3f9bd6; --pale: #2c5876; --orange: #f0883e; } }
body { margin: 0 auto; max-width: 1120px; padding: 16px; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
figure { margin: 0; overflow-x: auto; }
svg { width: 100%; min-width: 720px; height: auto; }
summary { cursor: pointer; color: var(--soft); margin: 8px 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 20px 4px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-size: 13px; }
</style>
</head>
<body>
<figure role="img" aria-label="$title. $caption">
$drawing
</figure>
<details><summary>The numbers as a table</summary>
<table>
<thead><tr>$columns</tr></thead>
<tbody>
$rows
</tbody>
</table>
</details>
</body>
</html>
""")


def format_page(title: str, caption: str, drawing: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Return an HTML page with a drawing (a whole SVG file) and the table that it shows."""
    svg = _METADATA.sub("", _BEFORE_SVG.sub("", drawing))
    head, closing, rest = svg.partition(">")
    svg = _SIZE.sub("", head) + closing + _STYLE.sub(_with_variables, rest)
    return _PAGE.substitute(
        title=escape(title),
        caption=escape(" ".join(caption.split())),
        drawing=svg.strip(),
        columns="".join(f"<th>{escape(name)}</th>" for name in columns),
        rows="\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells),
    )


def _with_variables(style: re.Match[str]) -> str:
    return _COLOUR.sub(lambda colour: _VARIABLES[colour[0]], style[0])
