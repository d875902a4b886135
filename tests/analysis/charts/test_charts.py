"""Charts: what they show is what they were given, they can be read by all, and equal charts are equal bytes."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from imr_graph.analysis.charts import charts as chart_page
from imr_graph.analysis.charts import matplotlib_charts, sankey, style
from imr_graph.analysis.charts.charts import FORMATS, Chart, bars, flow, heatmap, lines, write_chart
from imr_graph.analysis.charts.style import LIMITS
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates, rate_group
from imr_graph.errors import UnknownNameError, UsageError
from support.components import require_module, require_program
from support.network_oracle import tabled
from support.paths import TESTS
from support.records import gold
from support.sample_world import FICTIONAL

require_module("matplotlib", "pictures")

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '</svg><script>$x_1$ & "quoted" \x07 \u2028 \ud800 漢'


def group(decisions: int, overturned: int, *labels: str) -> RateGroup:
    return rate_group(tuple(Value(label, label) for label in labels), decisions, overturned)


def ends(pair: RateGroup) -> tuple[str, str]:
    return pair.values[0].label, pair.values[1].label


GROUPS = (
    group(400, 100, "diazepam"),
    group(90, 9, "Acupuncture"),
    group(12, 6, "Sling"),
    group(30, 30, "MRI, again"),
)
YEARS = {
    "Drugs": tuple(group(100, year - 2010, "Drugs", str(year)) for year in range(2014, 2019)),
    "Surgery": tuple(group(n, k, "Surgery", y) for y, n, k in (("2015", 50, 10), ("2016", 60, 30), ("2018", 12, 3))),
}
LINES = (*YEARS["Surgery"], *YEARS["Drugs"])
PAIRS = tuple(
    group(5 + 20 * t + g, (t + g) % 5, f"treatment {t}", f"guideline {g}")
    for t in range(12)
    for g in range(9)
    if t != g
)
CHARTS: dict[str, Callable[[], Chart]] = {
    "bars": lambda: bars(GROUPS, title="Overturned share by treatment", about="Only decisions since 2014."),
    "lines": lambda: lines(LINES, title="Overturned share by category and year"),
    "line": lambda: lines(YEARS["Surgery"], title="Overturned share by year"),
    "heatmap": lambda: heatmap(PAIRS, title="Treatments by guideline"),
    "flow": lambda: flow(PAIRS, title="From one guideline to the other"),
}


def written(chart: Chart, format: str) -> bytes:
    stream = io.BytesIO()
    write_chart(chart, format, stream)
    return stream.getvalue()


def texts(chart: Chart) -> list[str]:
    """Return the words of a chart's SVG."""
    root = ET.fromstring(written(chart, "svg"))
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", CHARTS)
def test_equal_charts_are_equal_bytes(name: str, format: str) -> None:
    one, other = CHARTS[name](), CHARTS[name]()
    assert one == other
    data = written(one, format)
    assert data == written(other, format)
    assert data.startswith({"png": b"\x89PNG", "svg": b"<?xml", "html": b"<!doctype html>"}[format])
    assert not re.search(rb"20[2-9][0-9]-[01][0-9]-[0-3][0-9]T|Matplotlib v", data)  # neither the day nor the library


@pytest.mark.parametrize("name", CHARTS)
def test_title_caption_counts_and_limits_are_in_the_picture(name: str) -> None:
    chart = CHARTS[name]()
    words = " ".join(" ".join(texts(chart)).split())
    assert chart.title in words
    assert LIMITS in words
    assert chart.caption.endswith(LIMITS)
    for sentence in chart.caption.split("\n"):
        assert " ".join(sentence.split()) in words


def test_bars_show_every_share_with_its_counts_and_interval() -> None:
    chart = CHARTS["bars"]()
    found = texts(chart)
    assert {"25.0%", "100 of 400", "10.0%", "9 of 90", "50.0%", "6 of 12", "100.0%", "30 of 30"} <= set(found)
    assert [label for label in found if label in {r.label for r in GROUPS}] == [r.label for r in GROUPS]
    assert "all 27.3%" in found  # 145 of 532
    assert chart.caption.startswith("532 decisions in 4 groups, each counted in every group it belongs to. Whiskers")
    assert "Pale bars have fewer than 30 cases" in chart.caption
    assert "Only decisions since 2014." in chart.caption
    assert chart.cells[0] == ("diazepam", "400", "100", "25.0%", "21.0% to 29.5%")


def test_bars_and_whiskers_stand_where_the_figures_say() -> None:
    axes = CHARTS["bars"]().draw().axes[0]
    assert [patch.get_width() for patch in axes.patches] == [g.share for g in GROUPS]
    (whiskers,) = axes.collections
    found = [tuple(x for x, _ in segment) for segment in whiskers.get_segments()]
    assert found == [pytest.approx((g.low, g.high)) for g in GROUPS]
    pale = [patch.get_facecolor() for patch in axes.patches]
    assert [colour != pale[0] for colour in pale] == [g.decisions < 30 for g in GROUPS]


def test_what_is_left_out_is_said() -> None:
    many = [group(40, n, f"group {n}") for n in range(35)]
    chart = bars(many, title="Many", most=30)
    assert "1,200 decisions in 30 groups (5 groups left out)" in chart.caption
    assert len(chart.cells) == 30
    assert "(3 lines left out)" in lines([group(9, 1, f"l{n}", "2015") for n in range(9)], title="Many").caption
    cells = heatmap(PAIRS, title="Many", rows=2, columns=3)
    assert {c[0] for c in cells.cells} == {"treatment 10", "treatment 11"}
    assert "cells left out)" in cells.caption


def test_lines_go_through_the_shares_and_break_where_nothing_was_decided() -> None:
    upper = next(axes for axes in CHARTS["lines"]().draw().axes if axes.get_ylabel() == "overturned share")
    runs = [tuple(map(float, line.get_ydata())) for line in upper.lines if line.get_linestyle() != "None"]
    surgery, drugs = ([g.share for g in YEARS[name]] for name in ("Surgery", "Drugs"))
    assert tuple(surgery[:2]) in runs  # 2015, 2016, and then nothing in 2017
    assert tuple(drugs) in runs
    points = [line for line in upper.lines if line.get_linestyle() == "None"]
    hollow = [line.get_markerfacecolor() != line.get_color() for line in points]
    assert hollow == [g.decisions < 30 for groups in YEARS.values() for g in groups]


def test_lines_differ_by_more_than_colour() -> None:
    shapes = list(zip(matplotlib_charts._MARKERS, map(str, matplotlib_charts._DASHES), strict=True))
    assert len(set(shapes)) == len(style.PALETTE) == 6
    assert {"Surgery", "Drugs"} <= set(texts(CHARTS["lines"]()))


def test_the_heat_map_has_a_cell_for_each_pair() -> None:
    chart = heatmap(PAIRS, title="All", rows=20, columns=12)
    cells = list(chart.draw().axes[0].patches)
    assert len(cells) == len(PAIRS)
    words = texts(chart)
    for pair in PAIRS:
        assert f"{pair.overturned / pair.decisions:.1%}" in words
        assert f"{pair.decisions:,}" in words
    assert {name for p in PAIRS for name in ends(p)} <= set(words)


def test_words_on_cells_have_contrast() -> None:
    """Of black and white the readable one is chosen for every colour of the scale, pale ones included."""
    from matplotlib import colormaps

    for step in range(101):
        for white in (0.0, 0.55):
            colour = matplotlib_charts._mix(colormaps["cividis"](step / 100), white)
            ground = _luminance(colour)
            black = matplotlib_charts._readable_on(colour) == "#010101"
            assert ((ground + 0.05) / 0.05 if black else 1.05 / (ground + 0.05)) >= 4.5


def _luminance(colour: tuple[float, float, float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_stay_apart_for_people_who_do_not_see_red_or_green() -> None:
    """The six colours of lines, as protanopes and deuteranopes see them (Machado 2009), keep a distance."""
    protan = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
    deutan = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
    colours = [tuple(int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)) for c in style.PALETTE]
    for seen in (protan, deutan):
        found = [tuple(sum(f * part for f, part in zip(line, c, strict=True)) for line in seen) for c in colours]
        for one, other in combinations(found, 2):
            assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 0.12


def test_a_flow_keeps_every_decision() -> None:
    folded = sankey.fold_groups(PAIRS, 4)
    assert sum(p.decisions for p in folded) == sum(p.decisions for p in PAIRS)
    assert sum(p.overturned for p in folded) == sum(p.overturned for p in PAIRS)
    for side in (0, 1):
        totals: dict[str, int] = {}
        for pair in PAIRS:
            totals[ends(pair)[side]] = totals.get(ends(pair)[side], 0) + pair.decisions
        heaviest = sorted(totals, key=lambda name: -totals[name])[:4]
        kept = {ends(p)[side] for p in folded}
        assert kept == {*heaviest, sankey.OTHERS}
        assert sum(p.decisions for p in folded if ends(p)[side] == heaviest[0]) == totals[heaviest[0]]
    assert sankey.fold_groups(PAIRS, 40) == tuple(sorted(PAIRS, key=lambda p: (-p.decisions, *ends(p))))


def test_the_flow_names_both_sides_and_both_decisions() -> None:
    chart = CHARTS["flow"]()
    found = " ".join(texts(chart))
    whole, over = sum(p.decisions for p in PAIRS), sum(p.overturned for p in PAIRS)
    assert f"{over:,} ({over / whole:.0%})" in found
    assert f"{whole - over:,} ({(whole - over) / whole:.0%})" in found
    assert "all others · " in found
    assert f"{whole:,} decisions as {len(PAIRS)} pairs" in chart.caption


def test_bands_fill_their_boxes_exactly() -> None:
    patches = CHARTS["flow"]().draw().axes[0].patches
    bands = [patch for patch in patches if patch.get_alpha() is not None]
    boxes = [patch for patch in patches if patch.get_alpha() is None]
    heights: dict[float, float] = {}
    for band in bands:
        (x0, top), *_, (_, bottom), _ = band.get_path().vertices
        heights[round(float(x0), 6)] = heights.get(round(float(x0), 6), 0.0) + float(bottom - top)
    left = sum(box.get_height() for box in boxes if box.get_x() == pytest.approx(0.29))
    middle = sum(box.get_height() for box in boxes if box.get_x() == pytest.approx(0.655))
    right = sum(box.get_height() for box in boxes if box.get_x() == pytest.approx(0.885))
    assert sorted(heights.values()) == pytest.approx([left, middle])
    assert left == pytest.approx(middle) == pytest.approx(right) == pytest.approx(0.75)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("make", [bars, lines, heatmap, flow])
def test_nothing_to_show_is_said(make: Callable[..., Chart], format: str) -> None:
    chart = make([], title="Nothing")
    assert chart.caption.startswith("There is nothing to show")
    assert written(chart, format)


@pytest.mark.parametrize("format", FORMATS)
def test_names_with_anything_in_them_are_drawn(format: str) -> None:
    for chart in (
        bars([group(4, 1, NASTY)], title=NASTY),
        lines([group(4, 1, NASTY, NASTY), group(4, 1, "b", "2015")], title="t"),
        heatmap([group(4, 1, NASTY, NASTY)], title="t"),
        flow([group(4, 1, NASTY, NASTY)], title="t", about=NASTY),
    ):
        data = written(chart, format)
        if format == "svg":
            ET.fromstring(data)
        if format == "html":
            assert b"<script" not in data


def test_the_page_asks_for_nothing_from_outside_and_holds_the_table() -> None:
    chart = CHARTS["bars"]()
    text = written(chart, "html").decode()
    assert "default-src 'none'" in text
    assert not re.findall(r"(?:src|href)=\"(?!#)|@import|url\((?!#)|<script", text.replace("xlink:href", "xlink"))
    for cells in chart.cells:
        assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>" in text


def test_the_page_has_no_colour_that_the_dark_would_swallow() -> None:
    """Ink, grid and paper of the drawing are the page's own variables."""
    text = written(CHARTS["bars"](), "html").decode()
    drawing = text[text.index("<svg") : text.index("</svg>")]
    for colour, variable in chart_page._VARIABLES.items():
        assert colour not in re.sub(r"<style.*?</style>", "", drawing, flags=re.DOTALL)
        assert variable in drawing or colour == style.ORANGE


def test_wrong_formats_and_missing_libraries_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'png'"):
        written(CHARTS["bars"](), "pngg")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"imr-graph\[pictures\]"):
        written(CHARTS["bars"](), "png")


def test_charts_of_statistics_have_their_figures() -> None:
    with tabled(FICTIONAL) as records:
        groups = overturn_rates(records.table, "treatment").groups
        assert [cells[:3] for cells in bars(groups, title="t", most=len(groups)).cells] == [
            (g.values[0].label, f"{g.decisions:,}", f"{g.overturned:,}") for g in groups
        ]
        pairs = overturn_rates(records.table, ("denial-guideline", "guideline")).groups
        found = sorted((int(n), int(k)) for _, _, n, k, _ in flow(pairs, title="t").cells)
    expected: dict[tuple[str, str], list[int]] = {}
    for record in FICTIONAL:
        for each in record.items:
            ones = {c.guideline for c in each.claims_administrator.citations} or {"not stated"}
            others = {c.guideline for c in each.reviewer.citations} or {"not stated"}
            for key in ((one, other) for one in ones for other in others):
                count = expected.setdefault(key, [0, 0])
                count[0] += 1
                count[1] += each.decision == "overturned"
    assert found == sorted(tuple(c) for c in expected.values())


@pytest.mark.slow
def test_the_real_letters_can_be_drawn(shared: Path) -> None:
    with tabled(tuple(gold(shared))) as records:
        total = sum(1 for _ in records.items())
        by_year = overturn_rates(records.table, "year").groups
        assert sum(r.decisions for r in by_year) == total
        for chart in (
            bars(overturn_rates(records.table, "category").groups, title="Categories"),
            lines(by_year, title="Years"),
            heatmap(overturn_rates(records.table, ("treatment", "guideline")).groups, title="Both"),
            flow(overturn_rates(records.table, ("denial-guideline", "guideline")).groups, title="Flow"),
        ):
            for format in FORMATS:
                assert len(written(chart, format)) > 2_000


SCRIPT = """
import hashlib, io, sys
sys.path[:0] = [{tests!r}, {folder!r}]
from test_charts import CHARTS, FORMATS, written
print([hashlib.sha256(written(CHARTS[name](), format)).hexdigest() for name in CHARTS for format in FORMATS])
"""


@pytest.mark.slow
def test_charts_are_the_same_in_every_process() -> None:
    script = SCRIPT.format(tests=str(TESTS), folder=str(TESTS / "analysis" / "charts"))
    found = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_no_words_run_out_of_the_picture() -> None:
    """Every text that is painted lies within the figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    long = "A name that is as long as the longest of the vocabulary, and then some (with brackets)"
    charts = [
        bars([group(123_456, 12_345, long), *GROUPS], title=long),
        lines([*(group(9, 3, long, str(year)) for year in range(2014, 2019)), *LINES], title=long),
        heatmap([group(1_234, 567, long, f"{long} {n}") for n in range(12)], title=long),
        flow([group(12_345, 567, f"{n} {long}", f"{long} {n}") for n in range(12)], title=long),
        *(make() for make in CHARTS.values()),
    ]
    import matplotlib

    for chart in charts:
        with matplotlib.rc_context(dict(style.SETTINGS)):  # type: ignore[arg-type]
            figure = chart.draw()
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            width, height = figure.bbox.width, figure.bbox.height
            for text in figure.findobj(lambda artist: hasattr(artist, "get_text") and bool(artist.get_text())):
                box = text.get_window_extent(canvas.get_renderer())
                if text.get_visible() and box.width > 1:
                    assert box.x0 >= -2, (chart.title, text.get_text())
                    assert box.x1 <= width + 2, (chart.title, text.get_text())
                    assert box.y0 >= -2, (chart.title, text.get_text())
                    assert box.y1 <= height + 2, (chart.title, text.get_text())


@pytest.mark.browser
def test_a_browser_shows_the_page(tmp_path: Path) -> None:
    file = tmp_path / "chart.html"
    file.write_bytes(written(CHARTS["heatmap"](), "html"))
    flags = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
    )
    shown = subprocess.run(
        [require_program("chromium"), *flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert shown.count("<td>") == 5 * len(CHARTS["heatmap"]().cells)
    assert "treatment 11" in shown
