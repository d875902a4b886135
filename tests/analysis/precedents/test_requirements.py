"""Requirements: each criterion's counts and sentences against a plain count over the letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from imr_graph import vocabulary
from imr_graph.analysis.precedents.requirements import (
    GROUP,
    CriterionSide,
    Requirements,
    requirements,
)
from imr_graph.errors import UsageError
from imr_graph.model import DisputedItem, Reason
from imr_graph.store.graph_store import memory_store
from imr_graph.table.rows import item_rows
from support.records import determination, item
from support.sample_table import generated
from support.sample_world import FICTIONAL, World, world_of

REQUESTS = {
    "acupuncture": {"acupuncture"},
    "MRI": {"mri"},
    "physical therapy": {"physical-therapy"},
}


@pytest.fixture(scope="module")
def world() -> World:
    """Return the world of fictional and generated letters."""
    return world_of((*FICTIONAL, *generated(300)))


def chosen(world: World, treatments: set[str]) -> Iterator[tuple[str, int, DisputedItem]]:
    for record, position, each in world.items():
        if each.decision and treatments <= set(each.treatments):
            yield record.key, position, each


def gives(of: DisputedItem, reason: str | None) -> bool:
    return any(each.reason == reason for each in of.reasons)


def sides(found: Requirements) -> Iterator[CriterionSide]:
    for criterion in found.criteria:
        yield criterion.absent
        if criterion.present:
            yield criterion.present


@pytest.mark.parametrize("text", REQUESTS)
def test_each_criterion_is_counted_as_the_letters_give_it(world: World, text: str) -> None:
    found = requirements(world.store, text)
    items = list(chosen(world, REQUESTS[text]))
    assert found.step is not None
    assert found.step.name == "same treatment"
    assert found.step.decisions == len(items)
    lacking = {r.reason for *_, each in items for r in each.reasons if r.reason.startswith("lacks-")}
    assert {each.absent.reason.id for each in found.criteria} == lacking != set()
    for side in sides(found):
        direction = "upheld" if str(side.reason.id).startswith("lacks-") else "overturned"
        assert side.decisions == sum(each.decision == direction for *_, each in items)
        assert side.given == sum(gives(each, side.reason.id) for *_, each in items)
    assert [each.absent.given for each in found.criteria] == sorted(
        (each.absent.given for each in found.criteria), reverse=True
    )


@pytest.mark.parametrize("text", REQUESTS)
def test_each_quotation_is_a_sentence_by_which_its_decision_states_the_reason(world: World, text: str) -> None:
    items = {(key, position): each for key, position, each in chosen(world, REQUESTS[text])}
    for side in sides(requirements(world.store, text)):
        quoted = side.quotation
        assert quoted is not None
        said = {
            " ".join(r.text.split()) for r in items[quoted.case, quoted.position].reasons if r.reason == side.reason.id
        }
        assert quoted.text in said or any(words.startswith(quoted.text.removesuffix(" …")) for words in said)


@pytest.mark.parametrize("text", REQUESTS)
def test_the_section_is_the_one_that_decisions_with_the_criterion_cite_most(world: World, text: str) -> None:
    rows = {(row["case_key"], row["position"]): row for record in world.records for row in item_rows(record)}
    for criterion in requirements(world.store, text).criteria:
        reasons = {criterion.absent.reason.id, criterion.present.reason.id if criterion.present else None}
        cited = Counter(
            section
            for key, position, each in chosen(world, REQUESTS[text])
            if any(gives(each, reason) for reason in reasons)
            for section in rows[key, position]["reviewer_section_ids"]
        )
        assert (criterion.section is None) == (not cited)
        if criterion.section:
            assert cited[str(criterion.section.id)] == criterion.cited == max(cited.values())


def test_a_sentence_that_recurs_is_not_quoted_where_another_states_the_reason() -> None:
    shelf, own = "No red flags are documented.", "The examination of May shows no red flag for this worker."
    records = [
        determination(
            f"CM20-{n}",
            item("MRI of the knee", "upheld", treatments=("mri",), reasons=(Reason("lacks-red-flags", words),)),
        )
        for n, words in enumerate((shelf, shelf, own))
    ]
    (criterion,) = requirements(world_of(tuple(records)).store, "MRI").criteria
    assert criterion.absent.given == 3
    assert criterion.absent.quotation is not None
    assert criterion.absent.quotation.text == own
    assert criterion.present is None


def test_where_no_decision_on_the_treatment_states_a_reason_wider_tiers_are_counted() -> None:
    bare = determination("CM20-1", item("MRI of the knee", "upheld", treatments=("mri",)))
    reasoned = determination(
        "CM20-2",
        item("X-ray", "upheld", treatments=("x-ray",), reasons=(Reason("lacks-red-flags", "There is no red flag."),)),
    )
    found = requirements(world_of((bare, reasoned)).store, "MRI")
    assert found.step is not None
    assert found.step.name == "same subcategory"
    assert "figures are of the same subcategory" in " ".join(found.remarks)
    assert [each.absent.reason.label for each in found.criteria] == ["No red flags"]


def test_derivative_decisions_are_left_out_by_a_filter(world: World) -> None:
    every, kept = (requirements(world.store, "acupuncture", filters=f) for f in ({}, {"derivative": "no"}))
    derivative = sum(gives(each, "depends-on-denied-service") for *_, each in chosen(world, {"acupuncture"}))
    assert every.step is not None
    assert kept.step is not None
    assert every.step.decisions - kept.step.decisions == derivative


def test_nothing_is_said_where_no_decision_is_like_it() -> None:
    found = requirements(memory_store(), "MRI of the knee")
    assert (found.step, found.criteria) == (None, ())
    assert found.remarks
    with pytest.raises(UsageError, match="names no treatment"):
        requirements(memory_store(), "that which nobody asks for")


def test_counterparts_pair_what_records_lack_with_what_speaks_for_a_request() -> None:
    known = vocabulary.load().reasons
    pairs = {reason: known[reason.counterpart] for reason in known if reason.counterpart}
    assert len(pairs) >= 9
    for lacking, showing in pairs.items():
        assert GROUP in lacking.broader
        assert any(broader.endswith("speaks-for") for broader in showing.broader)
