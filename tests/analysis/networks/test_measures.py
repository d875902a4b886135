"""Measures: networkx's figures on networks built from scratch; bridges and uneven pages by plain counting."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.networks import measures
from imr_graph.analysis.networks.measures import MEASURES, Measured, bridges, measure, with_measures
from imr_graph.analysis.networks.projections import PROJECTIONS, Network, project
from imr_graph.analysis.statistics.overturn_rates import find_contested
from imr_graph.errors import UnknownNameError, UsageError
from support.components import require_module
from support.network_oracle import Tabled, cited, counted, pages, sections, tabled
from support.records import citation, determination, gold, item, party
from support.sample_world import FICTIONAL


@pytest.fixture(scope="module")
def real(shared: Path) -> Iterator[Tabled]:
    with tabled(tuple(gold(shared))) as found:
        yield found


def from_scratch(records: Tabled, name: str) -> Network:
    """Return a network built from the records alone, its nodes in the order of their names."""
    made: Network = nx.DiGraph() if name.startswith("administrator") else nx.Graph()
    expected = counted(records, name)
    made.add_nodes_from(sorted(expected.tied))
    made.add_weighted_edges_from((one, other, len(units)) for (one, other), units in sorted(expected.ties.items()))
    return made


def column(found: Measured, name: str) -> dict[str, float]:
    return {str(row["node"]): float(row[name]) for row in found.values()}


@pytest.mark.parametrize("name", PROJECTIONS)
def test_measures_are_those_of_networkx_on_a_network_from_scratch(real: Tabled, name: str) -> None:
    network, scratch = project(real.table, name), from_scratch(real, name)
    found = measure(network, ("degree", "strength", "betweenness", "core"))
    assert column(found, "degree") == dict(scratch.degree())
    assert column(found, "strength") == dict(scratch.degree(weight="weight"))
    assert column(found, "betweenness") == pytest.approx(nx.betweenness_centrality(scratch))
    assert column(found, "core") == nx.core_number(scratch.to_undirected())


@pytest.mark.parametrize("name", PROJECTIONS)
def test_pagerank_is_the_share_of_a_random_walk(real: Tabled, name: str) -> None:
    """Each node's rank is what its neighbors hand on, by weight, with the usual damping of 0.85."""
    require_module("scipy", "networks")
    network = project(real.table, name)
    ranks = column(measure(network, ("pagerank",)), "pagerank")
    assert math.fsum(ranks.values()) == pytest.approx(1)
    towards = network.to_directed()
    ends = sum(ranks[node] for node in towards if not towards.out_degree(node))
    for node in towards:
        handed = sum(
            ranks[other] * towards.edges[other, node]["weight"] / towards.out_degree(other, weight="weight")
            for other in towards.predecessors(node)
        )
        assert ranks[node] == pytest.approx((0.15 + 0.85 * ends) / len(towards) + 0.85 * handed, abs=1e-6)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_communities_part_the_nodes_better_than_none_and_than_kinds(real: Tabled, name: str) -> None:
    network = project(real.table, name)
    numbers = column(measure(network, ("community",)), "community")
    parts: dict[float, set[str]] = {}
    for node, number in numbers.items():
        parts.setdefault(number, set()).add(node)
    sizes = [len(parts[number]) for number in sorted(parts)]
    assert sorted(parts) == list(range(1, len(parts) + 1))
    assert sizes == sorted(sizes, reverse=True)
    quality = nx.community.modularity(network, parts.values(), weight="weight")
    whole = nx.community.modularity(network, [set(network)], weight="weight")
    assert quality >= whole - 1e-12
    kinds = [{n for n, k in network.nodes(data="kind") if k == kind} for _, kind in set(network.nodes(data="kind"))]
    assert quality >= nx.community.modularity(network, [k for i, k in enumerate(kinds) if k not in kinds[:i]]) - 1e-12
    assert numbers == column(measure(network, ("community",)), "community")


def test_two_groups_with_one_tie_between_are_two_communities() -> None:
    network: Network = nx.Graph(title="Two", weight="count", unit="case")
    for group in "ab":
        for one, other in combinations(range(4), 2):
            network.add_edge(f"{group}{one}", f"{group}{other}", weight=3, count=3, overturned=0)
    network.add_edge("a0", "b0", weight=1, count=1, overturned=0)
    for node in network:
        network.nodes[node].update(kind="treatment", label=node, weight=1, occurrences=1)
    numbers = column(measure(network, ("community",)), "community")
    assert {numbers[f"a{n}"] for n in range(4)} != {numbers[f"b{n}"] for n in range(4)}
    assert len(set(numbers.values())) == 2


def test_rows_are_ordered_by_the_first_measure(real: Tabled) -> None:
    network = project(real.table, "treatment-page")
    found = measure(network, ["betweenness", "degree", "degree"])
    assert found.columns == ("node", "kind", "label", "weight", "betweenness", "degree")
    assert [row[4] for row in found.rows] == sorted((row[4] for row in found.rows), reverse=True)
    assert found.notes == ()
    first = [row[4] for row in measure(network, ("community",)).rows]
    assert first == sorted(first)


def test_negative_association_counts_for_nothing(real: Tabled) -> None:
    network = project(real.table, "treatment-guideline", weight="npmi")
    assert any(weight < 0 for *_, weight in network.edges(data="weight"))
    kept = network.edge_subgraph([(a, b) for a, b, w in network.edges(data="weight") if w > 0])
    found = measure(network, ("strength", "community"))
    assert {n: s for n, s in column(found, "strength").items() if s} == pytest.approx(
        dict(kept.degree(weight="weight"))
    )
    assert set(column(found, "community")) == set(network)


def test_large_networks_are_estimated_and_say_so(monkeypatch: pytest.MonkeyPatch, real: Tabled) -> None:
    monkeypatch.setattr(measures, "_MOST_EXACT", 10)
    monkeypatch.setattr(measures, "_PIVOTS", 8)
    found = measure(project(real.table, "treatment-page"), ("betweenness",))
    assert found.notes == ("Betweenness is estimated from 8 nodes, as there are more than 10.",)


def test_measures_go_with_the_nodes(real: Tabled) -> None:
    network = project(real.table, "guideline-co-citation")
    carrying = with_measures(network, ("degree", "core"))
    assert dict(carrying.nodes(data="degree")) == dict(network.degree())
    assert "degree" not in next(iter(network.nodes(data=True)))[1]


BACKEND = """
class Backend:
    @staticmethod
    def convert_from_nx(graph, *args, **kwargs):
        graph.__class__.__networkx_backend__ = "networkx"
        return graph

    @staticmethod
    def convert_to_nx(result, *, name=None):
        return result

    @staticmethod
    def core_number(graph):
        return dict.fromkeys(graph, 42)

backend = Backend()
"""
CALL = """
import networkx as nx
from imr_graph.analysis.networks.measures import measure
network = nx.Graph(title="", weight="count", unit="case")
for node in "ab":
    network.add_node(node, kind="treatment", label=node, weight=1, occurrences=1)
network.add_edge("a", "b", weight=1, count=1, overturned=0)
print([(row[4], row[5]) for row in measure(network, ("core", "degree")).rows])
"""


@pytest.mark.parametrize(("priority", "core"), [("", 1), ("fortytwo", 42)])
def test_a_backend_that_networkx_is_told_of_is_used(tmp_path: Path, priority: str, core: int) -> None:
    """What NETWORKX_BACKEND_PRIORITY names computes what it can, and networkx itself the rest."""
    (tmp_path / "fortytwo.py").write_text(BACKEND, encoding="utf-8")
    info = tmp_path / "fortytwo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fortytwo\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[networkx.backends]\nfortytwo = fortytwo:backend\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NETWORKX_BACKEND_PRIORITY": priority}
    ran = subprocess.run([sys.executable, "-c", CALL], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str([(core, 1), (core, 1)])


def test_wrong_requests_are_told(real: Tabled, monkeypatch: pytest.MonkeyPatch) -> None:
    network = project(real.table, "guideline-co-citation")
    with pytest.raises(UnknownNameError, match="Did you mean 'betweenness'"):
        measure(network, ("betweeness",))
    with pytest.raises(UsageError, match="Say what to measure: degree, strength"):
        measure(network, ())
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(UsageError, match=r"imr-graph\[networks\]"):
        measure(network, ("pagerank",))


def test_nothing_can_be_measured_too() -> None:
    with tabled(()) as nothing:
        for name in PROJECTIONS:
            network = project(nothing.table, name)
            assert measure(network, [each for each in MEASURES if each != "pagerank"]).rows == ()
            assert bridges(network) == ()


@pytest.mark.parametrize("name", [name for name in PROJECTIONS if "treatment" in name])
def test_bridges_are_the_only_common_neighbors(real: Tabled, name: str) -> None:
    network = project(real.table, name)
    treatments = [node for node, kind in network.nodes(data="kind") if kind == "treatment"]
    only: dict[str, list[tuple[str, str]]] = {}
    for one, other in combinations(treatments, 2):
        between = [node for node in network if node in network[one] and node in network[other]]
        if len(between) == 1 and not network.has_edge(one, other):
            only.setdefault(between[0], []).append((one, other))
    found = bridges(network)
    assert {each.node: each.only for each in found} == {node: len(pairs) for node, pairs in only.items()}
    assert [each.only for each in found] == sorted((each.only for each in found), reverse=True)
    parts = nx.number_connected_components(network)
    label = dict(network.nodes(data="label"))
    for each in found:
        tied = [other for other in network[each.node] if network.nodes[other]["kind"] == "treatment"]
        assert (each.treatments, each.pairs) == (len(tied), math.comb(len(tied), 2))
        without = network.subgraph(set(network) - {each.node})
        assert each.cut == (nx.number_connected_components(without) > parts)
        assert each.example in {(label[one], label[other]) for one, other in only[each.node]}
    if name == "treatment-page":
        assert found


@pytest.mark.parametrize(("by", "minimum", "within"), [("page", 1, 0.5), ("guideline", 4, 0.4), ("section", 2, 0.5)])
def test_uneven_are_those_near_one_half_with_enough_items(real: Tabled, by: str, minimum: int, within: float) -> None:
    read = {"page": pages, "guideline": lambda i: cited(i.reviewer), "section": sections}[by]
    decisions: dict[str, list[bool]] = {}
    for _, _, each in real.items():
        for node in read(each):
            decisions.setdefault(node, []).append(each.decision == "overturned")
    expected = {
        node: (len(found), sum(found))
        for node, found in decisions.items()
        if len(found) >= minimum and abs(sum(found) / len(found) - 0.5) <= within
    }
    found = find_contested(real.table, by, minimum=minimum, within=within)
    assert {g.values[0].iri: (g.decisions, g.overturned) for g in found} == expected
    assert len(expected) > 1
    sureness = [min(g.low, 1 - g.high) for g in found]
    assert sureness == sorted(sureness, reverse=True)


def test_more_decisions_at_the_same_share_are_surer() -> None:
    def letters(page: int, number: int) -> list[object]:
        based = party(citation(pages=(page,)))
        return [item(decision=("upheld", "overturned")[n % 2], reviewer=based) for n in range(number)]

    record = determination("CM20-0000001", *letters(7, 10), *letters(8, 40), *letters(9, 6))  # type: ignore[arg-type]
    with tabled((record,)) as records:
        found = find_contested(records.table)
        assert [(g.values[0].label.rpartition(" ")[2], g.decisions) for g in found] == [("8", 40), ("7", 10)]
        assert found[0].low < 0.5 < found[0].high
        nothing = find_contested(records.table, filters=resolve_filters(records.world.store, {"decision": "upheld"}))
        assert nothing == ()
        with pytest.raises(UsageError, match=r"within 0 to 0\.5"):
            find_contested(records.table, within=0.7)


def test_fictional_bridge_is_found() -> None:
    with tabled(FICTIONAL) as records:
        network = project(records.table, "treatment-guideline")
        found = {each.label for each in bridges(network)}
        assert "Official Disability Guidelines" in found
        assert terms.guideline_iri("odg") in network
