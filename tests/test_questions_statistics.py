"""Shares: the figures are those of the question library, the intervals those of Wilson's formula."""

from __future__ import annotations

import dataclasses
import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from questioned import FICTIONAL, World, world_of

from imr_graph.errors import UnknownNameError
from imr_graph.model import Determination
from imr_graph.questions.statistics import SMALL, overturn_shares, wilson

# The dimensions that the question library has a question of.
ASKED = ("treatment", "category", "guideline", "section", "page", "specialty", "state", "year", "denial-guideline")


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(FICTIONAL)


@pytest.mark.parametrize("by", ASKED)
def test_counts_and_names_agree_with_the_question_of_the_same_dimension(world: World, by: str) -> None:
    rows, name = world.rows(f"overturn-rate-by-{by}"), by.removeprefix("denial-")
    expected = {r[name]: (r.get(f"{name}Label", r[name]), int(r["decisions"]), int(r["overturned"])) for r in rows}
    shares = overturn_shares(world.store, by)
    assert {s.key: (s.label, s.decisions, s.overturned) for s in shares} == expected
    assert [s.decisions for s in shares] == sorted((s.decisions for s in shares), reverse=True)


def test_small_groups_are_marked_and_left_out_on_demand(world: World) -> None:
    assert all(share.small for share in overturn_shares(world.store, "year"))
    assert [s.key for s in overturn_shares(world.store, "year", minimum=4)] == ["2017"]
    many = world_of(tuple(_again(n) for n in range(SMALL)))
    shares = overturn_shares(many.store, "treatment")
    assert {(s.decisions, s.small) for s in shares} == {(SMALL, False)}


def _again(number: int) -> Determination:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return dataclasses.replace(FICTIONAL[0], case_number=f"EX18-{number:07}", sha256=digest)


def test_an_unknown_dimension_names_the_near_ones(world: World) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'guideline'"):
        overturn_shares(world.store, "guidelines")


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_bounds_solve_the_equation_they_come_from(counts: tuple[int, int]) -> None:
    """Each bound p is where |observed - p| is z standard errors of p itself."""
    overturned, decisions = counts
    observed = overturned / decisions
    low, high = wilson(overturned, decisions)
    assert 0 <= low <= observed <= high <= 1
    for bound in (low, high):
        error = 1.959963984540054 * math.sqrt(bound * (1 - bound) / decisions)
        assert math.isclose(abs(observed - bound), error, rel_tol=1e-6, abs_tol=1e-9)


def test_wilson_of_nothing_is_everything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
