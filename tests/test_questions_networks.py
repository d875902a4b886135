"""Networks: their nodes and ties are those of the records, their files read back, their bytes repeat."""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Callable
from itertools import combinations

import networkx as nx
import pytest
from questioned import FICTIONAL, World, world_of

from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.graph import terms
from imr_graph.model import Determination, DisputedItem
from imr_graph.questions.networks import FORMATS, PROJECTIONS, project, write
from imr_graph.questions.pictures import available, places, strongest


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(FICTIONAL)


def cited(item: DisputedItem) -> list[str]:
    return sorted({terms.guideline_iri(c.guideline) for c in item.reviewer.citations})


def asked(item: DisputedItem) -> list[str]:
    return [terms.treatment_iri(t) for t in item.treatments]


def profile(record: Determination) -> str:
    states = ", ".join(sorted(s.removeprefix("US-") for s in record.reviewer.states)) or "state not stated"
    return f"profile:{' + '.join(sorted(record.reviewer.specialties))} ({states})"


TIES: dict[str, Callable[[Determination, DisputedItem], list[tuple[str, str]]]] = {
    "case-guideline": lambda r, i: [(terms.case_iri(r.key), g) for g in cited(i)],
    "treatment-guideline": lambda _, i: [(t, g) for t in asked(i) for g in cited(i)],
    "guideline-co-citation": lambda _, i: list(combinations(cited(i), 2)),
    "reviewer-profile-treatment": lambda r, i: [(profile(r), t) for t in asked(i)],
}


@pytest.mark.parametrize("name", PROJECTIONS)
def test_ties_and_weights_are_those_of_the_records(world: World, name: str) -> None:
    weights: Counter[frozenset[str]] = Counter()
    overturned: Counter[frozenset[str]] = Counter()
    items: dict[str, set[tuple[str, int]]] = {}
    for record, position, item in world.items():
        for pair in TIES[name](record, item):
            weights[frozenset(pair)] += 1
            overturned[frozenset(pair)] += item.decision == "overturned"
            for node in pair:
                items.setdefault(node, set()).add((record.key, position))
    network = project(world.store, name)
    assert weights
    assert {frozenset(e[:2]): e[2] for e in network.edges(data="weight")} == weights
    assert {frozenset(e[:2]): e[2] for e in network.edges(data="overturned")} == dict.fromkeys(weights, 0) | overturned
    assert dict(network.nodes(data="weight")) == {node: len(found) for node, found in items.items()}


def test_nodes_are_typed_and_named(world: World) -> None:
    network = project(world.store, "treatment-guideline")
    assert network.nodes[terms.treatment_iri("diazepam")]["kind"] == "treatment"
    assert network.nodes[terms.treatment_iri("diazepam")]["label"] == "diazepam"
    assert network.nodes[terms.guideline_iri("odg")] == {
        "kind": "guideline",
        "label": "Official Disability Guidelines",
        "weight": 2,
    }
    assert project(world.store, "case-guideline").nodes[terms.case_iri("EX16-0000001")]["label"] == "EX16-0000001"


def test_reviewers_are_profiles_and_never_persons(world: World) -> None:
    """Two cases of one profile are one node, and no node leads back to a case's reviewer."""
    network = project(world.store, "reviewer-profile-treatment")
    profiles = {n: d["label"] for n, d in network.nodes(data=True) if d["kind"] == "reviewer profile"}
    assert set(profiles.values()) == {
        "Orthopedic Surgery (state not stated)",
        "Orthopedic Surgery + Sports Medicine (TX)",
        "Physical Medicine & Rehabilitation (AZ, CA)",
    }
    assert not any("case-" in node for node in network)


READERS: dict[str, Callable[[bytes], nx.Graph[str]]] = {
    "graphml": lambda data: nx.read_graphml(io.BytesIO(data)),
    "gexf": lambda data: nx.read_gexf(io.BytesIO(data)),
    "json": lambda data: nx.node_link_graph(json.loads(data), edges="edges"),
}


def saved(world: World, name: str, format: str) -> bytes:
    stream = io.BytesIO()
    write(project(world.store, name), format, stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", PROJECTIONS)
@pytest.mark.parametrize("format", READERS)
def test_files_read_back_as_the_same_network(world: World, name: str, format: str) -> None:
    network = project(world.store, name)
    back = READERS[format](saved(world, name, format))
    assert {n: (d["kind"], d["label"], int(d["weight"])) for n, d in back.nodes(data=True)} == {
        n: (d["kind"], d["label"], d["weight"]) for n, d in network.nodes(data=True)
    }
    assert {frozenset(e[:2]): int(e[2]) for e in back.edges(data="weight")} == {
        frozenset(e[:2]): e[2] for e in network.edges(data="weight")
    }


@pytest.mark.parametrize("format", READERS)
def test_bytes_do_not_depend_on_the_order_of_letters(world: World, format: str) -> None:
    turned = world_of(tuple(reversed(FICTIONAL)))
    for name in PROJECTIONS:
        assert saved(world, name, format) == saved(turned, name, format)


def test_an_empty_graph_gives_an_empty_network_in_every_format() -> None:
    empty = world_of(())
    for name in PROJECTIONS:
        assert len(project(empty.store, name)) == 0
        for format in READERS:
            assert saved(empty, name, format)


def test_unknown_names_come_with_near_ones(world: World) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'case-guideline'"):
        project(world.store, "case-guidelines")
    with pytest.raises(UnknownNameError, match="Did you mean 'graphml'"):
        write(project(world.store, "case-guideline"), "graphm", io.BytesIO())
    assert {"graphml", "gexf", "json", "svg", "png"} <= set(FORMATS)


def test_only_the_strongest_ties_are_shown(world: World) -> None:
    network = project(world.store, "treatment-guideline")
    few = strongest(network, 3)
    lightest = min(w for *_, w in few.edges(data="weight"))
    left_out = [w for a, b, w in network.edges(data="weight") if not few.has_edge(a, b)]
    assert few.number_of_edges() == 3
    assert lightest >= max(left_out)
    assert all(few.degree(node) for node in few)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_no_two_nodes_are_drawn_in_one_place(world: World, name: str) -> None:
    found = places(project(world.store, name))
    assert len({(round(x, 6), round(y, 6)) for x, y in found.values()}) == len(found)


@pytest.mark.parametrize("name", PROJECTIONS)
@pytest.mark.parametrize("format", ["svg", "png"])
def test_pictures_show_names_counts_and_limits_and_repeat(world: World, name: str, format: str) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib (the extra 'pictures')")
    data = saved(world, name, format)
    assert data == saved(world, name, format)
    if format == "png":
        assert data.startswith(b"\x89PNG")
        return
    text = data.decode()
    assert PROJECTIONS[name][0] in text
    assert "not all requests" in text
    for _, label in project(world.store, name).nodes(data="label"):
        if "&" not in label and len(label) < 40:
            assert f"{label}: " in text


def test_a_picture_of_nothing_says_so() -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib (the extra 'pictures')")
    assert "There is nothing to show" in saved(world_of(()), "case-guideline", "svg").decode()


def test_without_matplotlib_a_picture_says_what_to_install(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert not available()
    with pytest.raises(UsageError, match=r"imr-graph\[pictures\]"):
        saved(world, "case-guideline", "svg")
