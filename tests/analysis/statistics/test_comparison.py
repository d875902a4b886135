"""Values beside each other: each as its filter counts it, and differences that hold as often as they say."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.statistics.comparison import MOST_COMPARED, compare, difference_of, divide
from imr_graph.analysis.statistics.figures import FIGURES, FigureRequest
from imr_graph.analysis.statistics.overturn_rates import overturn_rates, rate_group
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import Table, open_table
from support.sample_table import generated, put
from support.sample_world import FICTIONAL

LETTERS = (*FICTIONAL, *generated(300))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """Return the table of a store with fictional and generated letters."""
    path = tmp_path_factory.mktemp("comparison") / "store"
    put(path, LETTERS)
    with open_table(open_store(path)) as opened:
        yield opened


@pytest.mark.parametrize("level", ["item", "case"])
def test_each_value_is_counted_as_its_filter_counts_it(table: Table, level: str) -> None:
    chosen = resolve_filters(table.store, {"year": "2016"})
    found = compare(table, "treatment", ("MRI", "Norco"), "specialty", level=level, filters=chosen)  # type: ignore[arg-type]
    for each, own in zip(found.values, ({"treatment": "MRI"}, {"treatment": "Norco"}), strict=True):
        filters = resolve_filters(table.store, {**own, "year": "2016"})
        (whole,) = overturn_rates(table, level=level, filters=filters).groups or [rate_group((), 0, 0)]  # type: ignore[arg-type]
        assert (each.figures.decisions, each.figures.overturned, each.figures.low) == (
            whole.decisions,
            whole.overturned,
            whole.low,
        )
        assert each.groups == overturn_rates(table, "specialty", level=level, filters=filters).groups  # type: ignore[arg-type]
    assert found.values[1].value.label == "acetaminophen + hydrocodone", "a product is its ingredients together"


def test_values_keep_their_order_and_come_once(table: Table) -> None:
    found = compare(table, "year", ("2016", "2014", "2016"))
    assert [each.value.label for each in found.values] == ["2016", "2014"]
    assert found.values[0].difference is None
    assert found.values[1].difference == difference_of(found.values[1].figures, found.values[0].figures)


def test_years_stand_in_their_order(table: Table) -> None:
    for each in compare(table, "category", by="year").values:
        years = [group.values[0].label for group in each.groups if group.values[0].id]
        assert years == sorted(years)


def test_without_values_the_most_frequent_are_compared(table: Table) -> None:
    found = compare(table, "specialty")
    frequent = [group.values[0] for group in overturn_rates(table, "specialty").groups if group.values[0].id]
    assert [each.value for each in found.values] == frequent[:5]


def test_rows_have_every_value_as_a_whole_and_by_the_second_dimension(table: Table) -> None:
    figure = FIGURES["comparison"]
    found = figure.compute(table, FigureRequest(("treatment", "year"), values=("MRI", "acupuncture")))
    rows = list(figure.rows(found))
    assert [row["year"] for row in rows[:2]] == ["all", "all"]
    assert len(rows) == 2 + len(list(divide(found)))
    assert len({tuple(row) for row in rows}) == 1, "all rows have the same columns"


def test_what_was_never_decided_has_no_share_and_no_difference(table: Table) -> None:
    figure = FIGURES["comparison"]
    found = figure.compute(table, FigureRequest(("year",), values=("2016", "1994")))
    assert found.values[1].difference is None
    row = list(figure.rows(found))[1]
    assert (row["decisions"], row["share"], row["low"], row["high"]) == (0, None, None, None)


@pytest.mark.parametrize(
    ("of", "values", "by", "words"),
    [
        ("weather", ("rain", "snow"), None, "no dimension"),
        ("treatment", ("MRI", "accupunctur"), None, "Did you mean 'acupuncture'"),
        ("treatment", ("MRI",), None, "Two to"),
        ("year", tuple(map(str, range(2010, 2011 + MOST_COMPARED))), None, "not 9"),
        ("decision", ("upheld", "overturned"), None, "how decisions ended"),
        ("treatment", ("MRI", "CT"), "treatment", "another dimension"),
    ],
)
def test_what_cannot_be_compared_says_so(
    table: Table, of: str, values: tuple[str, ...], by: str | None, words: str
) -> None:
    with pytest.raises((UsageError, UnknownNameError), match=words):
        compare(table, of, values, by)


def test_intervals_of_differences_are_newcombes_and_hold_the_true_difference() -> None:
    ours = difference_of(rate_group((), 80, 56), rate_group((), 70, 48))
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx(
        confint_proportions_2indep(56, 80, 48, 70, method="newcomb"), abs=1e-9
    )
    held, draw = 0, random.Random(7)
    for _ in range(1000):
        one, other = (sum(draw.random() < share for _ in range(60)) for share in (0.3, 0.15))
        found = difference_of(rate_group((), 60, one), rate_group((), 60, other))
        assert found is not None
        held += found.low <= 0.15 <= found.high
    assert 925 <= held <= 980
