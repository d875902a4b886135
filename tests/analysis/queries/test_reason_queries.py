"""Questions on reasons: what they count is how often the records' items give each."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from imr_graph import iris as terms
from support.sample_table import generated
from support.sample_world import FICTIONAL, World, world_of


@pytest.fixture(scope="module")
def world() -> World:
    """Return the world of fictional and generated letters."""
    return world_of((*FICTIONAL, *generated(120)))


def local(iri: str | None) -> str:
    return terms.local_name(iri or "")


@pytest.mark.parametrize("treatment", ["acupuncture", "mri"])
def test_reasons_by_treatment_count_cases_and_items(world: World, treatment: str) -> None:
    cases: dict[tuple[str, str], set[str]] = defaultdict(set)
    items: Counter[tuple[str, str]] = Counter()
    for record, _, item in world.items():
        for reason in {r.reason for r in item.reasons} if treatment in item.treatments else ():
            cases[reason, item.decision].add(record.key)
            items[reason, item.decision] += 1
    rows = world.rows("reasons-by-treatment", treatment=treatment)
    found = {
        (local(r["reason"]).removeprefix("reason-"), r["decisionLabel"]): (int(r["cases"] or 0), int(r["items"] or 0))
        for r in rows
    }
    assert found == {key: (len(cases[key]), items[key]) for key in items}
    assert len(rows) == len(found)


def test_treatments_by_reason_are_shares_of_the_decisions_that_ended_so(world: World) -> None:
    reason = "lacks-functional-improvement"
    decided: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for _, _, item in world.items():
        for treatment in item.treatments if item.decision == "upheld" else ():
            decided[treatment] += 1
            given[treatment] += any(r.reason == reason for r in item.reasons)
    rows = world.rows("treatments-by-reason", reason=reason)
    found = {
        local(r["treatment"]).removeprefix("treatment-"): (int(r["decided"] or 0), int(r["given"] or 0)) for r in rows
    }
    assert found == {t: (decided[t], given[t]) for t in given if given[t]}
    assert found
    for row in rows:
        assert float(row["share"] or 0) == pytest.approx(int(row["given"] or 0) / int(row["decided"] or 1), abs=0.0006)


def test_derivative_decisions_come_with_the_sentence_that_says_so(world: World) -> None:
    expected = {
        (f"{record.key} item {n}", item.service, r.text)
        for record, n, item in world.items()
        for r in item.reasons
        if r.reason == "depends-on-denied-service"
    }
    rows = world.rows("derivative-decisions")
    assert {(r["itemLabel"], r["service"], r["words"]) for r in rows} == expected
    assert len(rows) == len(expected)
    treatment = "acupuncture"
    kept = {f"{record.key} item {n}" for record, n, item in world.items() if treatment in item.treatments}
    narrowed = {r["itemLabel"] for r in world.rows("derivative-decisions", treatment=treatment)}
    assert narrowed == {name for name, *_ in expected if name in kept}
