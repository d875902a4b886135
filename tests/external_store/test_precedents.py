"""Precedents from an external store: the figures, the ranking and the words are those of the embedded store."""

from __future__ import annotations

import dataclasses

import pytest

from imr_graph.analysis.precedents.precedents import precedents
from imr_graph.analysis.precedents.request import read_request
from imr_graph.errors import UnknownNameError
from imr_graph.external_store.publication import open_external_store
from imr_graph.external_store.publish import publish
from imr_graph.external_store.subset import fetch_relevant_cases, related_treatments
from imr_graph.store.graph_store import GraphStore, cases
from support.external_servers import Endpoint
from support.sample_world import FICTIONAL, World, world_of

pytestmark = pytest.mark.server

_BASE = "https://example.org/precedents/"
TEXTS = (
    "MRI of the lumbar spine",
    "Diazepam 5 mg, chronic pain guidelines page 24, functional improvement",
    "Norco 5/325 #60",
    "opioids",
    "Physical therapy of the left shoulder",
    "Ultrasound",
)
FILTERS = (
    {"specialty": "Orthopedic Surgery"},
    {"state": ("California", "TX"), "since": "2016-12-01"},
    {"decision": "overturned"},
    {"leave_out": "EX16-0000001", "limit": 1},
    {"region": "lumbar-spine", "until": "2017-01-31"},
    {"guideline": "mtus-chronic-pain-2009"},
)


@pytest.fixture(scope="module")
def world() -> World:
    """Return three copies of the fictional cases, so that there is something to count."""
    copies = [
        dataclasses.replace(record, case_number=record.case_number and f"{record.case_number[:3]}{n}-{record.key[-7:]}",
                            sha256=f"{n:02}{record.sha256[2:]}")
        for n in range(3)
        for record in FICTIONAL
    ]  # fmt: skip
    return world_of(tuple(copies), _BASE)


@pytest.fixture(scope="module")
def remote(endpoint: Endpoint, world: World) -> GraphStore:
    held = publish(world.store, endpoint.writing, endpoint.reading).publication
    return open_external_store(dataclasses.replace(endpoint.reading, graph=held.graph))


@pytest.mark.parametrize("text", TEXTS)
def test_the_answer_is_the_same(remote: GraphStore, world: World, text: str) -> None:
    assert precedents(fetch_relevant_cases(remote, read_request(text)), text) == precedents(world.store, text)


@pytest.mark.parametrize("given", FILTERS, ids=str)
def test_the_answer_is_the_same_with_filters(remote: GraphStore, world: World, given: dict[str, object]) -> None:
    text = "MRI of the lumbar spine"
    found = precedents(fetch_relevant_cases(remote, read_request(text)), text, **given)  # type: ignore[arg-type]
    assert found == precedents(world.store, text, **given)  # type: ignore[arg-type]


def test_names_that_only_other_cases_hold_are_known(remote: GraphStore, world: World) -> None:
    """Sections and specialties are looked up among all that the store has, near names too."""
    held = fetch_relevant_cases(remote, read_request("Sling"))
    for store in (held, world.store):
        with pytest.raises(UnknownNameError, match="Did you mean"):
            precedents(store, "Sling", specialty="Physical Medicine & Rehabilitatio")
    specialty = "Physical Medicine & Rehabilitation"
    assert precedents(held, "Sling", specialty=specialty) == precedents(world.store, "Sling", specialty=specialty)


def test_only_cases_that_can_matter_are_fetched(remote: GraphStore, world: World) -> None:
    held = set(cases(fetch_relevant_cases(remote, read_request("acupuncture"))))
    assert held
    assert held < set(cases(world.store))


def test_what_can_matter_reaches_as_far_as_the_category() -> None:
    near_valium = related_treatments(read_request("Valium"))
    assert {"diazepam", "lorazepam", "hydrocodone"} <= {*near_valium}
    assert "mri" not in near_valium
