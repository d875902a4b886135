"""Reasons: how often each is given, against a plain count over the letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.statistics.figures import FIGURES, FigureRequest, choose_figure
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE
from imr_graph.analysis.statistics.reason_rates import ReasonRate, reason_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.model import Determination, DisputedItem
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import Table, open_table
from support.sample_table import generated, put
from support.sample_world import FICTIONAL
from support.share_intervals import interval_of

LETTERS = (*FICTIONAL, *generated(300))
Chosen = Callable[[Determination, DisputedItem], bool]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """Return the table of a store with fictional and generated letters."""
    path = tmp_path_factory.mktemp("reasons") / "store"
    put(path, LETTERS)
    with open_table(open_store(path)) as opened:
        yield opened


def units(level: str, decision: str, chosen: Chosen, reason: str | None = None) -> set[str]:
    """Return what is counted: the items, or the cases of the items, that ended so, are chosen and give a reason."""
    return {
        d.key if level == "case" else f"{d.key} {n}"
        for d in LETTERS
        for n, item in enumerate(d.items)
        if item.decision == decision
        and chosen(d, item)
        and (not reason or any(r.reason == reason for r in item.reasons))
    }


def expected(level: str, chosen: Chosen) -> dict[str, tuple[int, ...]]:
    """Return the counts of each reason: given, cases, decisions, elsewhere, all elsewhere."""
    found = {}
    reasons = {(r.reason, i.decision) for d in LETTERS for i in d.items for r in i.reasons}
    for reason, decision in reasons:
        given = units(level, decision, chosen, reason)
        inside, everything = units(level, decision, chosen), units(level, decision, lambda *_: True)
        elsewhere = units(level, decision, lambda *_: True, reason) - inside
        if given:
            cases = units("case", decision, chosen, reason)
            found[reason] = (len(given), len(cases), len(inside), len(elsewhere), len(everything - inside))
    return found


def counts(found: tuple[ReasonRate, ...]) -> dict[str | None, tuple[int, ...]]:
    return {r.reason.id: (r.given, r.cases, r.decisions, r.elsewhere, r.all_elsewhere) for r in found}


@pytest.mark.parametrize("level", ["item", "case"])
@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        ({}, lambda *_: True),
        ({"treatment": "acupuncture"}, lambda _, i: "acupuncture" in i.treatments),
        ({"topical": "yes"}, lambda _, i: i.topical),
        ({"state": "US-CA"}, lambda d, _: "US-CA" in d.reviewer.states),
    ],
)
def test_each_reason_is_counted_as_the_letters_give_it(
    table: Table, level: Any, filters: dict[str, str], chosen: Chosen
) -> None:
    found = reason_rates(table, level=level, filters=resolve_filters(table.store, filters))
    assert found
    assert counts(found) == expected(level, chosen)


@pytest.mark.parametrize("level", ["item", "case"])
def test_each_group_of_a_dimension_is_compared_with_all_others(table: Table, level: Any) -> None:
    found = reason_rates(table, "treatment", level=level)
    groups = {each.value.id for each in found if each.value and each.value.id}
    assert len(groups) > 10
    for id in sorted(groups)[:12]:
        own = tuple(each for each in found if each.value and each.value.id == id)
        assert counts(own) == expected(level, lambda _, i, id=id: id in i.treatments)


def test_intervals_are_those_of_the_cases_and_few_cases_are_marked(table: Table) -> None:
    found = reason_rates(table, "state")
    assert {each.small for each in found} == {True, False}
    for each in found:
        state = each.value.id if each.value else None
        given = [
            (record.key, each.reason.id in {reason.reason for reason in item.reasons})
            for record in LETTERS
            for item in record.items
            if item.decision == each.decision and state in (record.reviewer.states or (None,))
        ]
        cases, hits = zip(*given, strict=True)
        assert (each.low, each.high) == pytest.approx(interval_of(cases, hits), abs=5e-3)
        assert (each.all_cases, each.small) == (len(set(cases)), len(set(cases)) < SMALL_SAMPLE)


def test_the_reasons_of_upheld_decisions_come_first_and_the_most_frequent_before_others(table: Table) -> None:
    found = reason_rates(table)
    order = [(each.decision != "upheld", -each.given) for each in found]
    assert order == sorted(order)
    assert all(each.share_elsewhere is None for each in found)


def test_rare_reasons_are_left_out_on_demand(table: Table) -> None:
    every = reason_rates(table)
    assert reason_rates(table, minimum=30) == tuple(each for each in every if each.given >= 30)
    assert len(reason_rates(table, minimum=30)) < len(every)


def test_decisions_by_reason_are_the_figure_of_reasons(table: Table) -> None:
    figure, by = choose_figure(None, ("reason", "state"))
    assert (figure.name, by) == ("reasons", ("state",))
    assert choose_figure("shares", ("reason",))[0].name == "reasons"
    assert choose_figure("shares", ("decision", "year")) == (FIGURES["counts"], ("decision", "year"))
    found = figure.compute(table, FigureRequest(by))
    assert found == reason_rates(table, "state")
    row = next(iter(figure.rows(found)))
    assert row["reason"] == found[0].reason.label
    assert row["reason_id"] == found[0].reason.iri


def test_derivative_decisions_can_be_left_out(table: Table) -> None:
    found = reason_rates(table, filters=resolve_filters(table.store, {"derivative": "no"}))
    assert "depends-on-denied-service" in counts(reason_rates(table))
    assert "depends-on-denied-service" not in counts(found)


def test_what_cannot_be_counted_is_refused(table: Table) -> None:
    with pytest.raises(UsageError, match="another dimension"):
        reason_rates(table, "reason")
    with pytest.raises(UnknownNameError, match="case"):
        reason_rates(table, level="cases")  # type: ignore[arg-type]
