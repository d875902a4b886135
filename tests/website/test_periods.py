"""Shares over time: periods stand where they belong, what is missing or goes beyond the scale is seen."""

from __future__ import annotations

import pytest

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.website.svg.periods import PeriodChart, draw_periods


def group(period: str | None, decisions: int = 100, overturned: int = 10) -> RateGroup:
    return rate_group((Value(period, period or "not stated"),), decisions, overturned)


def drawn(*groups: RateGroup) -> PeriodChart:
    chart = draw_periods(groups)
    assert chart is not None
    return chart


def test_a_year_without_decisions_is_a_gap_of_its_own_width() -> None:
    chart = drawn(group("2013"), group("2014"), group("2017"))
    first, second, third = (point.across for point in chart.points)
    assert third - second == pytest.approx(3 * (second - first))
    assert [label.text for label in chart.labels] == ["2013", "2014", "2015", "2016", "2017"]
    assert chart.gaps
    assert len(chart.bands) == 2
    assert len(chart.lines) == 1, "no line crosses the gap"


def test_months_are_named_as_often_as_there_is_room_and_missing_ones_keep_their_place() -> None:
    months = [
        f"{year}-{month:02}" for year in range(2013, 2019) for month in range(1, 13) if (year, month) != (2015, 4)
    ]
    chart = drawn(*map(group, months))
    assert len(chart.points) == 71
    assert chart.gaps
    assert len(chart.labels) <= 12
    apart = [other.across - one.across for one, other in zip(chart.labels, chart.labels[1:], strict=False)]
    assert min(apart) > 6, "percent: two names do not overprint"
    assert all(
        point.left >= before.left + chart.width for before, point in zip(chart.points, chart.points[1:], strict=False)
    )
    few = drawn(*map(group, months[:6]))
    assert [label.text for label in few.labels] == [
        "Jan 2013",
        "Feb 2013",
        "Mar 2013",
        "Apr 2013",
        "May 2013",
        "Jun 2013",
    ]


def test_an_interval_that_leaves_the_scale_is_marked() -> None:
    chart = drawn(group("2013", 900, 90), group("2014", 3, 0))
    large, small = chart.points
    assert (large.beyond, small.beyond) == (False, True)
    assert chart.beyond


def test_where_all_groups_are_small_the_scale_holds_their_intervals() -> None:
    chart = drawn(group("2013", 9, 1), group("2014", 9, 2))
    assert not chart.beyond
    assert float(chart.ticks[-1].label.rstrip("%")) >= 100 * max(point.group.high for point in chart.points)


def test_what_has_no_date_is_counted_and_not_drawn() -> None:
    chart = draw_periods((group("2013"), group(None, 7, 1), group("2014")), undated=2)
    assert chart is not None
    assert chart.undated == 9
    assert [point.label for point in chart.points] == ["2013", "2014"]


def test_charts_beside_each_other_share_their_axes() -> None:
    one, other = [group("2013"), group("2015")], [group("2014", 50, 30), group("2018", 50, 10)]
    left, right = draw_periods(one, other), draw_periods(other, one)
    assert left is not None
    assert right is not None
    assert left.ticks == right.ticks
    assert left.labels == right.labels


def test_one_period_is_no_chart() -> None:
    assert draw_periods((group("2013"), group(None))) is None
