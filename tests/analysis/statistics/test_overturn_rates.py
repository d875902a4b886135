"""Shares over the table: the figures of plain Python over the letters, of SPARQL over the graph, and of scipy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE, wilson
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.model import Determination, DisputedItem
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import Table, open_table
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.table.rows import Row, groups_of, groups_of_item, item_rows
from support.sample_table import generated, put
from support.sample_world import FICTIONAL, World, world_of

LETTERS = (*FICTIONAL, *generated(300))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """Return the table of a store with fictional and generated letters."""
    path = tmp_path_factory.mktemp("shares") / "store"
    put(path, LETTERS)
    with open_table(open_store(path)) as opened:
        yield opened


class Place(NamedTuple):
    """One disputed item: its letter, itself, and its row."""

    letter: Determination
    item: DisputedItem
    row: Row


Read = Callable[[Place], Any]


def _yes(value: bool) -> list[str]:
    return ["yes" if value else "no"]


def _within(number: int | None, *ranges: tuple[int, int]) -> str | None:
    if number is None:
        return None
    named = [f"{first} to {last}" for first, last in ranges if first <= number <= last]
    return named[0] if named else f"{ranges[-1][1] + 1} or more"


# What each dimension is, read from the letter itself; ids that the vocabulary gives come from the row.
EXPECTED: dict[str, Read] = {
    "treatment": lambda at: at.item.treatments,
    "category": lambda at: {c for t in at.item.treatments for c in groups_of(t).categories},
    "subcategory": lambda at: {c for t in at.item.treatments for c in groups_of(t).subcategories},
    "drug-class": lambda at: groups_of_item(at.item.treatments, topical=at.item.topical).drug_classes,
    "guideline": lambda at: {c.guideline for c in at.item.reviewer.citations},
    "denial-guideline": lambda at: {c.guideline for c in at.item.claims_administrator.citations},
    "section": lambda at: at.row["reviewer_section_ids"],
    "denial-section": lambda at: at.row["administrator_section_ids"],
    "page": lambda at: {f"{c.guideline}-{page}" for c in at.item.reviewer.citations for page in c.pages},
    "denial-page": lambda at: {
        f"{c.guideline}-{page}" for c in at.item.claims_administrator.citations for page in c.pages
    },
    "basis": lambda at: {c.basis for c in at.item.reviewer.citations},
    "denial-basis": lambda at: {c.basis for c in at.item.claims_administrator.citations},
    "stance": lambda at: [at.item.reviewer.stance],
    "administrator-action": lambda at: [at.item.administrator_action],
    "denial-stance": lambda at: [at.item.claims_administrator.stance],
    "specialty": lambda at: at.row["reviewer_specialty_ids"],
    "state": lambda at: at.letter.reviewer.states,
    "profile": lambda at: [at.row["reviewer_profile"]],
    "year": lambda at: [at.letter.dates.decided and str(at.letter.dates.decided.year)],
    "month": lambda at: [at.letter.dates.decided and f"{at.letter.dates.decided:%Y-%m}"],
    "region": lambda at: at.item.body_regions,
    "laterality": lambda at: [at.item.laterality],
    "partial": lambda at: _yes(at.item.requested is not None),
    "retrospective": lambda at: _yes(at.item.retrospective),
    "surgical-adjunct": lambda at: _yes(at.item.surgical_adjunct),
    "topical": lambda at: _yes(at.item.topical),
    "reason": lambda at: [reason.reason for reason in at.item.reasons],
    "derivative": lambda at: _yes(any(r.reason == "depends-on-denied-service" for r in at.item.reasons)),
    "visits": lambda at: [_within(at.item.amounts.visits, (1, 6), (7, 12), (13, 24))],
    "quantity": lambda at: [_within(at.item.amounts.quantity, (1, 30), (31, 60), (61, 90), (91, 120))],
    "decision": lambda at: [at.item.decision],
    "outcome": lambda at: [at.letter.outcome],
    "priority": lambda at: [at.letter.priority],
    "incomplete": lambda at: ["yes" if at.letter.incomplete else "no"],
    "layout": lambda at: [at.letter.layout],
    "sex": lambda at: [at.letter.patient.sex],
    "age": lambda at: [
        None if (age := at.letter.patient.age) is None else f"{age // 10 * 10} to {age // 10 * 10 + 9}"
    ],
}  # fmt: skip


def items() -> Iterator[tuple[Determination, DisputedItem, Row]]:
    for d in LETTERS:
        for item, row in zip(d.items, item_rows(d), strict=True):
            yield d, item, row


def values(name: str, d: Determination, i: DisputedItem, row: Row) -> set[str | None]:
    return {value for value in EXPECTED[name](Place(d, i, row)) if value is not None} or {None}


def counted(names: tuple[str, ...], level: str) -> dict[tuple[str | None, ...], tuple[int, int]]:
    found: dict[tuple[str | None, ...], dict[object, bool]] = {}
    for n, (d, item, row) in enumerate(items()):
        keys: list[tuple[str | None, ...]] = [()]
        for name in names:
            keys = [(*key, value) for key in keys for value in values(name, d, item, row)]
        unit: object = d.key if level == "case" else n
        for key in keys:
            units = found.setdefault(key, {})
            units[unit] = units.get(unit, False) or item.decision == "overturned"
    return {key: (len(units), sum(units.values())) for key, units in found.items()}


def test_each_dimension_is_tested() -> None:
    assert set(EXPECTED) == set(DIMENSIONS)


@pytest.mark.parametrize("level", ["item", "case"])
@pytest.mark.parametrize("name", DIMENSIONS)
def test_counts_are_those_of_the_letters(table: Table, name: str, level: Any) -> None:
    found = overturn_rates(table, name, level=level)
    assert {tuple(v.id for v in g.values): (g.decisions, g.overturned) for g in found.groups} == counted((name,), level)
    ((total, overturned),) = counted((), level).values()
    assert (found.decisions, found.overturned) == (total, overturned)


@pytest.mark.parametrize("level", ["item", "case"])
@pytest.mark.parametrize("names", [("treatment", "guideline"), ("state", "year"), ("section", "denial-page")])
def test_two_dimensions_count_each_pair(table: Table, names: tuple[str, str], level: Any) -> None:
    found = overturn_rates(table, names, level=level)
    assert {tuple(v.id for v in g.values): (g.decisions, g.overturned) for g in found.groups} == counted(names, level)


def test_the_largest_groups_come_first_and_those_without_a_value_last(table: Table) -> None:
    groups = overturn_rates(table, "region").groups
    assert groups[-1].values[0].label == "not stated"
    stated = [group.decisions for group in groups[:-1]]
    assert stated == sorted(stated, reverse=True)


def test_small_groups_are_marked_and_left_out_on_demand(table: Table) -> None:
    groups = overturn_rates(table, "treatment").groups
    assert {g.small for g in groups} == {True, False}
    assert all(g.small == (g.cases < SMALL_SAMPLE) for g in groups)
    found = overturn_rates(table, "treatment", minimum=SMALL_SAMPLE)
    assert found.groups == tuple(g for g in groups if g.decisions >= SMALL_SAMPLE)
    assert found.left_out == len(groups) - len(found.groups)


def test_filters_choose_the_decisions_that_count(table: Table) -> None:
    filters = resolve_filters(
        table.store, {"category": ["Pharmaceuticals", "diagnostic-testing/imaging"], "state": "CA"}, since="2014-01-01"
    )
    expected = [
        item.decision == "overturned"
        for d, item, row in items()
        if {"pharmaceuticals", "diagnostic-testing/imaging"} & {*row["categories"], *row["subcategories"]}
        and "US-CA" in d.reviewer.states
        and d.dates.decided
        and d.dates.decided.year >= 2014
    ]
    found = overturn_rates(table, "year", filters=filters)
    assert (found.decisions, found.overturned) == (len(expected), sum(expected))
    assert found.decisions > 10
    missing = resolve_filters(table.store, {"region": ["not stated", "knee"]})
    regions = [i.body_regions for _, i, _ in items() if not i.body_regions or "knee" in i.body_regions]
    assert overturn_rates(table, filters=missing).decisions == len(regions)


def named(world: World, by: str) -> dict[str, tuple[str, int, int]]:
    """Return label, decisions and overturned of each group that has a value, by its IRI or the value itself."""
    with open_table(world.store) as table:
        groups = overturn_rates(table, by).groups
    return {v.iri or v.id: (v.label, g.decisions, g.overturned) for g in groups for v in g.values if v.id is not None}


@pytest.mark.parametrize(
    "by", ["treatment", "category", "guideline", "section", "page", "specialty", "state", "year", "denial-guideline"]
)
def test_counts_and_names_are_those_of_sparql(by: str) -> None:
    world = world_of((*FICTIONAL, *generated(60)))
    column = by.removeprefix("denial-")
    rows = world.rows(f"overturn-rate-by-{by}")
    expected = {
        r[column]: (r.get(f"{column}Label", r[column]), int(r["decisions"]), int(r["overturned"])) for r in rows
    }
    assert named(world, by) == expected
    assert expected


def test_names_of_data_have_the_base_of_the_store() -> None:
    world: World = world_of(FICTIONAL, base="https://example.org/data/")
    keys = set(named(world, "section"))
    assert any(key.startswith("https://example.org/data/section-") for key in keys)
    assert {r["section"] for r in world.rows("overturn-rate-by-section")} == keys


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_intervals_are_those_of_scipy(counts: tuple[int, int]) -> None:
    overturned, decisions = counts
    if decisions:
        expected = binomtest(overturned, decisions).proportion_ci(method="wilson")
        assert wilson(overturned, decisions) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_share_is_an_object_for_programs(table: Table) -> None:
    found = overturn_rates(table, ("treatment", "year"))
    assert len(json.loads(json.dumps(asdict(found)))["groups"]) == len(found.groups)


def test_an_empty_store_has_no_shares_and_says_so(tmp_path: Path) -> None:
    put(tmp_path / "store", FICTIONAL)
    with open_table(tmp_path / "store") as opened:
        nothing = resolve_filters(opened.store, since="1990-01-01", until="1990-12-31")
        found = overturn_rates(opened, "treatment", filters=nothing)
    assert (found.decisions, found.overturned, found.groups) == (0, 0, ())


def test_nonsense_is_refused_with_a_way_out(table: Table) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'guideline'"):
        overturn_rates(table, "guidelines")
    with pytest.raises(UnknownNameError, match="'item'"):
        overturn_rates(table, "year", level="items")  # type: ignore[arg-type]
    for by in (("year", "year"), ("year", "state", "page")):
        with pytest.raises(UsageError, match="two different ones"):
            overturn_rates(table, by)
    with pytest.raises(UsageError, match="1 or more"):
        overturn_rates(table, "year", minimum=0)
    for name, value in (("year", "16"), ("month", "2016"), ("partial", "maybe"), ("age", "old"), ("state", "Utopia")):
        with pytest.raises(UsageError):
            resolve_filters(table.store, {name: value})
