"""Questions on reasons: what they count is how often the records' items give each."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from imr_graph import iris as terms
from imr_graph.model import Amounts
from support.records import determination
from support.records import item as disputed
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


def test_reasons_of_two_specialties_are_shares_of_what_each_decided(world: World) -> None:
    one, other = "Orthopedic Surgery", "Physical Medicine & Rehabilitation"
    given: dict[str, Counter[str]] = {one: Counter(), other: Counter()}
    of: Counter[str] = Counter()
    for record, _, item in world.items():
        for specialty in {one, other} & set(record.reviewer.specialties):
            of[specialty] += item.decision is not None
            given[specialty].update({r.reason for r in item.reasons})
    rows = world.rows("reasons-of-two-specialties", specialty=one, other=other)
    found = {local(r["reason"]).removeprefix("reason-"): r for r in rows}
    assert set(found) == set(given[one]) | set(given[other]) != set()
    for reason, row in found.items():
        assert (int(row["given"] or 0), int(row["otherGiven"] or 0)) == (given[one][reason], given[other][reason])
        assert (int(row["of"] or 0), int(row["otherOf"] or 0)) == (of[one], of[other])
        assert float(row["share"] or 0) == pytest.approx(given[one][reason] / of[one], abs=6e-4)
    apart = [abs(given[one][reason] / of[one] - given[other][reason] / of[other]) for reason in found]
    assert apart == sorted(apart, reverse=True)


@pytest.fixture(scope="module")
def amounts() -> World:
    """Return a world of requests for amounts, some of them authorized in part."""
    asked = (
        (12, 6, "upheld"),
        (12, None, "overturned"),
        (6, None, "upheld"),
        (None, None, "upheld"),
        (24, 12, "upheld"),
    )
    return world_of(
        tuple(
            determination(
                f"CM20-{n}",
                disputed("Therapy", decision, treatments=("physical-therapy",),
                     amounts=Amounts(visits=visits, authorized_visits=authorized)),
                disputed("Norco", decision, treatments=("hydrocodone",),
                     amounts=Amounts(quantity=60, authorized_quantity=45 if authorized else None)),
            )
            for n, (visits, authorized, decision) in enumerate(asked)
        )
    )  # fmt: skip


def test_amounts_and_outcomes_count_the_items_that_ask_for_each(amounts: World) -> None:
    rows = amounts.rows("amounts-and-outcomes", treatment="physical-therapy")
    found = [(r["measure"], r["amount"], r["decisions"], r["overturned"]) for r in rows]
    assert found == [("visits", "6", "1", "0"), ("visits", "12", "2", "1"), ("visits", "24", "1", "0")]
    assert [r["share"] for r in rows] == ["0", "0.5", "0"]


def test_partial_certifications_are_computed_of_what_was_requested_and_authorized(amounts: World) -> None:
    rows = amounts.rows("partial-certifications-computed")
    expected = {
        (f"{record.key} item {n}", visits, authorized)
        for record, n, each in amounts.items()
        for visits, authorized in (
            (each.amounts.visits, each.amounts.authorized_visits),
            (each.amounts.quantity, each.amounts.authorized_quantity),
        )
        if visits and authorized
    }
    assert {(r["itemLabel"], int(r["requested"] or 0), int(r["authorized"] or 0)) for r in rows} == expected
    assert len(rows) == len(expected) == 4
    assert {float(r["part"] or 0) for r in rows} == {0.5, 0.75}
    assert amounts.rows("partial-certifications-computed", decision="overturned") == []
