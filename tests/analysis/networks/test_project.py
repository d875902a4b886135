"""Projections: nodes, ties and weights are those that plain counting over the records gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import networkx as nx
import pytest

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.networks.projections import PROJECTIONS, WEIGHTS, Network, project
from imr_graph.errors import UnknownNameError
from imr_graph.model import Determination, DisputedItem
from support.network_oracle import Tabled, counted, tabled
from support.records import citation, determination, gold, item, party
from support.sample_world import FICTIONAL


@pytest.fixture(scope="module")
def fictional() -> Iterator[Tabled]:
    with tabled(FICTIONAL) as found:
        yield found


@pytest.fixture(scope="module")
def real(shared: Path) -> Iterator[Tabled]:
    with tabled(tuple(gold(shared))) as found:
        yield found


def agrees(
    network: Network, records: Tabled, name: str, **chosen: Callable[[Determination, DisputedItem], bool]
) -> None:
    """Check every node and tie of a network against a count over the records."""
    expected = counted(records, name, **chosen)
    directed = network.is_directed()
    assert directed == (name == "administrator-reviewer-guideline")
    key = tuple if directed else frozenset
    assert {key(e[:2]): e[2] for e in network.edges(data="count")} == {key(p): len(u) for p, u in expected.ties.items()}
    assert {key(e[:2]): e[2] for e in network.edges(data="overturned")} == {
        key(p): len(expected.overturned.get(p, ())) for p in expected.ties
    }
    assert dict(network.nodes(data="weight")) == {node: len(units) for node, units in expected.tied.items()}
    assert dict(network.nodes(data="occurrences")) == {node: len(expected.occurring[node]) for node in expected.tied}
    assert network.graph["units"] == len(expected.units)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_ties_are_those_of_the_fictional_records(fictional: Tabled, name: str) -> None:
    network = project(fictional.table, name)
    assert network.number_of_edges()
    agrees(network, fictional, name)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_ties_are_those_of_the_real_letters(real: Tabled, name: str) -> None:
    network = project(real.table, name)
    assert network.number_of_edges() > 20
    agrees(network, real, name)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_association_follows_from_sets_of_units(real: Tabled, name: str) -> None:
    expected = counted(real, name)
    jaccard = project(real.table, name, weight="jaccard")
    npmi = project(real.table, name, weight="npmi")
    for (one, other), both in expected.ties.items():
        a, b, n = expected.occurring[one], expected.occurring[other], len(expected.units)
        # A compound's ingredients stand in one case without a tie, so there the sets' own intersection says more.
        either = len(a) + len(b) - len(both) if name == "treatment-co-request" else len(a | b)
        assert jaccard.edges[one, other]["weight"] == pytest.approx(len(both) / either)
        p, pa, pb = len(both) / n, len(a) / n, len(b) / n
        assert npmi.edges[one, other]["weight"] == pytest.approx(math.log(p / (pa * pb)) / -math.log(p))
        assert npmi.edges[one, other]["count"] == len(both)
        assert -1 <= npmi.edges[one, other]["weight"] <= 1


def test_what_stands_in_every_unit_together_is_fully_associated() -> None:
    with tabled((determination("CM20-0000001"), determination("CM20-0000002"))) as records:
        for weight in ("jaccard", "npmi"):
            network = project(records.table, "treatment-guideline", weight=weight)
            assert [w for *_, w in network.edges(data="weight")] == [1.0]


FILTERS: dict[str, tuple[dict[str, str], Callable[[Determination, DisputedItem], bool]]] = {
    "treatment": ({"treatment": "mri"}, lambda _, i: "mri" in i.treatments),
    "category": ({"category": "diagnostic-testing"}, lambda _, i: "mri" in i.treatments),
    "drug class": ({"drug-class": "benzodiazepines"}, lambda _, i: "diazepam" in i.treatments),
    "guideline": ({"guideline": "odg"}, lambda _, i: "odg" in {c.guideline for c in i.reviewer.citations}),
    "specialty": ({"specialty": "Sports Medicine"}, lambda r, _: "Sports Medicine" in r.reviewer.specialties),
    "state": ({"state": "Texas"}, lambda r, _: "US-TX" in r.reviewer.states),
    "region": ({"region": "lumbar-spine"}, lambda _, i: "lumbar-spine" in i.body_regions),
    "decision": ({"decision": "overturned"}, lambda _, i: i.decision == "overturned"),
    "two": (
        {"decision": "upheld", "state": "Texas"},
        lambda r, i: i.decision == "upheld" and "US-TX" in r.reviewer.states,
    ),
}


@pytest.mark.parametrize("name", PROJECTIONS)
@pytest.mark.parametrize("by", FILTERS)
def test_filters_choose_the_items_that_count(fictional: Tabled, name: str, by: str) -> None:
    filters = resolve_filters(fictional.world.store, FILTERS[by][0])
    agrees(project(fictional.table, name, filters=filters), fictional, name, wanted=FILTERS[by][1])


def test_years_choose_too(fictional: Tabled) -> None:
    filters = resolve_filters(fictional.world.store, since="2017-01-01", until="2017-12-31")
    agrees(
        project(fictional.table, "case-guideline", filters=filters),
        fictional,
        "case-guideline",
        wanted=lambda r, _: r.dates.decided is not None and r.dates.decided.year == 2017,
    )


def test_contradictory_filters_give_an_honest_empty_network(fictional: Tabled) -> None:
    filters = resolve_filters(fictional.world.store, {"treatment": "mri", "region": "shoulder"})
    for name in PROJECTIONS:
        network = project(fictional.table, name, filters=filters)
        assert (len(network), network.graph["units"]) == (0, 0)


def test_a_store_gives_what_its_table_gives(fictional: Tabled) -> None:
    one, other = (project(source, "treatment-page") for source in (fictional.world.store, fictional.table))
    assert nx.utils.graphs_equal(one, other)


def test_nodes_are_typed_and_named(fictional: Tabled) -> None:
    network = project(fictional.table, "treatment-guideline")
    assert network.nodes[terms.treatment_iri("diazepam")]["kind"] == "treatment"
    assert network.nodes[terms.treatment_iri("diazepam")]["label"] == "diazepam"
    assert network.nodes[terms.guideline_iri("odg")] == {
        "kind": "guideline",
        "label": "Official Disability Guidelines",
        "weight": 2,
        "occurrences": 2,
    }
    named = {
        name: {(data["kind"], data["label"]) for _, data in project(fictional.table, name).nodes(data=True)}
        for name in PROJECTIONS
    }
    assert ("case", "EX16-0000001") in named["case-guideline"]
    assert ("page", "Chronic Pain Medical Treatment Guidelines 2009, page 24") in named["treatment-page"]
    assert ("section", "Low Back Complaints 2004: Special Studies") in named["treatment-section"]
    both = named["administrator-reviewer-guideline"]
    assert ("guideline of the claims administrator", "Low Back Complaints 2004") in both
    assert ("guideline of the expert reviewer", "Low Back Complaints 2004") in both


def test_reviewers_are_profiles_and_never_persons(fictional: Tabled) -> None:
    """Two cases of one profile are one node, and no node leads back to a case's reviewer."""
    network = project(fictional.table, "reviewer-profile-treatment")
    assert {d["label"] for _, d in network.nodes(data=True) if d["kind"] == "reviewer profile"} == {
        "Orthopedic Surgery (state not stated)",
        "Orthopedic Surgery + Sports Medicine (TX)",
        "Physical Medicine & Rehabilitation (AZ, CA)",
    }
    assert not any("case-" in node for node in network)


def test_ingredients_of_one_compound_are_one_request() -> None:
    norco = ("hydrocodone", "acetaminophen")
    one = determination("CM20-0000001", item("Norco", treatments=norco), item("Norco again", treatments=norco))
    with tabled((one,)) as records:
        assert len(project(records.table, "treatment-co-request")) == 0
    other = determination(
        "CM20-0000002", item("Norco", treatments=norco), item("Tylenol", treatments=("acetaminophen",))
    )
    therapy = determination("CM20-0000003", item("Both", "overturned", treatments=("acupuncture", "physical-therapy")))
    with tabled((one, other, therapy)) as records:
        network = project(records.table, "treatment-co-request")
        assert {frozenset(d for _, d in [(0, a), (0, b)]) for a, b in network.edges} == {
            frozenset(map(terms.treatment_iri, norco)),
            frozenset(map(terms.treatment_iri, ("acupuncture", "physical-therapy"))),
        }
        assert sorted(over for *_, over in network.edges(data="overturned")) == [0, 1]
        agrees(network, records, "treatment-co-request")


def test_a_tie_of_a_case_is_overturned_where_all_its_items_are() -> None:
    mixed = determination(
        "CM20-0000001",
        item("A", "overturned", treatments=("mri",)),
        item("B", "overturned", treatments=("acupuncture",)),
        item("C", "upheld", treatments=("acupuncture", "massage")),
    )
    with tabled((mixed,)) as records:
        network = project(records.table, "treatment-co-request")
        mri, acupuncture = terms.treatment_iri("mri"), terms.treatment_iri("acupuncture")
        assert network.edges[mri, acupuncture]["overturned"] == 0
        agrees(network, records, "treatment-co-request")


def test_what_one_side_denies_on_leads_to_what_the_other_decides_on() -> None:
    turned = item(claims_administrator=party(citation("odg", basis="non-mtus")), reviewer=party(citation("acoem")))
    with tabled((determination("CM20-0000001", turned),)) as records:
        (tie,) = project(records.table, "administrator-reviewer-guideline").edges
        assert tie == (f"denial:{terms.guideline_iri('odg')}", f"review:{terms.guideline_iri('acoem')}")


def test_unknown_names_come_with_near_ones(fictional: Tabled) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'case-guideline'"):
        project(fictional.table, "case-guidelines")
    with pytest.raises(UnknownNameError, match="Did you mean 'jaccard'"):
        project(fictional.table, "case-guideline", weight="jacard")
    assert set(WEIGHTS) == {"count", "jaccard", "npmi"}
