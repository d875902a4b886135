"""Intervals of shares by case: against statsmodels, and by how often they hold the true share."""

from __future__ import annotations

import numpy as np
import pytest

from imr_graph.analysis.statistics.intervals import CaseSums, effective_size, share_interval, wilson
from support.share_intervals import interval_of

SIZES, WEIGHTS = (1, 2, 3, 4, 6, 10), (0.45, 0.22, 0.13, 0.1, 0.06, 0.04)  # items a letter, about those of real ones


def letters(random: np.random.Generator, number: int, share: float, alike: float) -> tuple[np.ndarray, np.ndarray]:
    """Return items and overturned items of letters; `alike` is the correlation of the items of one letter."""
    sizes = random.choice(SIZES, size=number, p=WEIGHTS)
    if not alike:
        return sizes, random.binomial(sizes, share)
    spread = (1 - alike) / alike
    return sizes, random.binomial(sizes, random.beta(share * spread, (1 - share) * spread, number))


def sums(sizes: np.ndarray, hits: np.ndarray) -> CaseSums:
    return CaseSums(len(sizes), int((sizes * sizes).sum()), int((sizes * hits).sum()), int((hits * hits).sum()))


@pytest.mark.parametrize("number", [3, 8, 40])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.6])
def test_intervals_are_wilsons_on_the_variance_that_statsmodels_finds(number: int, share: float) -> None:
    random = np.random.default_rng(number)
    for _ in range(20):
        sizes, hits = letters(random, number, share, 0.4 if share else 0.0)
        cases = [f"CM{n}" for n, size in enumerate(sizes) for _ in range(size)]
        each = [n < hit for size, hit in zip(sizes, hits, strict=True) for n in range(size)]
        found = share_interval(int(hits.sum()), int(sizes.sum()), sums(sizes, hits))
        assert found == pytest.approx(interval_of(cases, each), abs=5e-3)


def test_items_of_as_many_cases_are_as_sure_as_wilsons_interval_says() -> None:
    assert share_interval(7, 40, CaseSums(40, 40, 7, 7)) == share_interval(7, 40) == wilson(7, 40)


def test_items_of_one_letter_never_count_for_more_than_they_are() -> None:
    random = np.random.default_rng(5)
    for _ in range(200):
        sizes, hits = letters(random, 6, 0.4, 0.5)
        found = effective_size(int(hits.sum()), int(sizes.sum()), sums(sizes, hits))
        assert 1 <= found <= sizes.sum()


@pytest.mark.slow
@pytest.mark.parametrize("number", [10, 30, 200])
@pytest.mark.parametrize("alike", [0.0, 0.3, 0.7])
def test_intervals_hold_the_true_share_where_those_of_independent_items_do_not(number: int, alike: float) -> None:
    random, repeats, share = np.random.default_rng(1), 600, 0.2
    by_case = by_item = 0
    for _ in range(repeats):
        sizes, hits = letters(random, number, share, alike)
        count, of = int(hits.sum()), int(sizes.sum())
        low, high = share_interval(count, of, sums(sizes, hits))
        by_case += low <= share <= high
        low, high = wilson(count, of)
        by_item += low <= share <= high
    assert by_case / repeats > 0.9
    assert by_item / repeats > 0.9 if not alike else by_item / repeats < 0.9
