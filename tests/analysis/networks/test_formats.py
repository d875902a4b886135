"""A network's files: they read back as the same network, their bytes repeat, tables and pictures say what they show."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
from lxml import etree

from imr_graph.analysis.networks.drawing import available, layout, top_edges
from imr_graph.analysis.networks.formats import FORMATS, write_network
from imr_graph.analysis.networks.measures import MEASURES, with_measures
from imr_graph.analysis.networks.projections import PROJECTIONS, WEIGHTS, Network, project
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.model import Citation, Reviewer
from imr_graph.store.changes import add
from support.components import require_module
from support.network_oracle import Tabled, tabled
from support.paths import PROJECT, TESTS
from support.sample_world import FICTIONAL


@pytest.fixture(scope="module")
def fictional() -> Iterator[Tabled]:
    with tabled(FICTIONAL) as found:
        yield found


@pytest.fixture(scope="module")
def turned() -> Iterator[Tabled]:
    with tabled(tuple(reversed(FICTIONAL))) as found:
        yield found


@pytest.fixture(scope="module")
def nothing() -> Iterator[Tabled]:
    with tabled(()) as found:
        yield found


def written(network: Network, format: str) -> bytes:
    stream = io.BytesIO()
    write_network(network, format, stream)
    return stream.getvalue()


READERS: dict[str, Callable[[bytes], Network]] = {
    "graphml": lambda data: nx.read_graphml(io.BytesIO(data)),
    "gexf": lambda data: nx.read_gexf(io.BytesIO(data)),
    "json": lambda data: nx.node_link_graph(json.loads(data), edges="edges"),
}


@pytest.mark.parametrize("weight", ["count", "npmi"])
@pytest.mark.parametrize("name", PROJECTIONS)
@pytest.mark.parametrize("format", READERS)
def test_files_read_back_as_the_same_network(fictional: Tabled, name: str, format: str, weight: str) -> None:
    network = with_measures(project(fictional.table, name, weight=weight), ("degree", "strength", "core"))
    back = READERS[format](written(network, format))
    assert back.is_directed() == network.is_directed()
    for attribute in ("kind", "label", "weight", "occurrences", "degree", "strength", "core"):
        assert dict(back.nodes(data=attribute)) == dict(network.nodes(data=attribute))
    key = tuple if network.is_directed() else frozenset
    for attribute in ("weight", "count", "overturned"):
        one, other = ({key(e[:2]): e[2] for e in each.edges(data=attribute)} for each in (back, network))
        assert one == other


@pytest.mark.parametrize("name", PROJECTIONS)
def test_bytes_do_not_depend_on_the_order_of_letters(fictional: Tabled, turned: Tabled, name: str) -> None:
    one, other = project(fictional.table, name), project(turned.table, name)
    for format in (*READERS, "html", "table"):
        assert written(one, format) == written(other, format), format


@pytest.mark.parametrize("name", PROJECTIONS)
def test_an_empty_network_has_every_format(nothing: Tabled, name: str) -> None:
    network = project(nothing.table, name)
    for format in set(FORMATS) - {"svg", "png"}:
        assert written(network, format), format


def test_labels_with_anything_in_them_are_written_in_every_format() -> None:
    nasty = '</script><!-- $x_1$ & "quotes" \x07 \u2028 \ud800 漢'
    cited = Citation("non-mtus", "other", "x", None, (nasty,))
    record = replace(FICTIONAL[0], reviewer=Reviewer((nasty,), ()))
    record = replace(
        record, items=tuple(replace(i, reviewer=replace(i.reviewer, citations=(cited,))) for i in record.items)
    )
    with tabled((record,)) as records:
        for name in ("treatment-section", "reviewer-profile-treatment"):
            network = project(records.table, name)
            for format in FORMATS:
                if available() or format not in ("svg", "png"):
                    data = written(network, format)
                    if format in READERS:
                        assert len(READERS[format](data)) == len(network)


def test_unknown_formats_come_with_near_ones(fictional: Tabled) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'graphml'"):
        written(project(fictional.table, "case-guideline"), "graphm")
    assert set(FORMATS) == {"table", "graphml", "gexf", "edges", "json", "png", "svg", "html"}


def test_the_table_shows_ties_or_measured_nodes(fictional: Tabled) -> None:
    network = project(fictional.table, "treatment-page")
    ties = written(network, "table").decode()
    assert "Treatments and the guideline pages" in ties
    assert "disputed items   overturned" in ties
    most = max(count for *_, count in network.edges(data="count"))
    heaviest = [network.nodes[one]["label"] for one, _, count in network.edges(data="count") if count == most]
    assert any(label in ties.splitlines()[4] for label in heaviest)
    nodes = written(with_measures(network, ("degree", "community")), "table").decode()
    assert "degree   community" in nodes
    jaccard = written(project(fictional.table, "treatment-page", weight="jaccard"), "table").decode()
    assert "jaccard" in jaccard.splitlines()[2]


def test_a_long_table_says_what_it_leaves_out() -> None:
    network: Network = nx.Graph(title="Many", weight="count", unit="case")
    for n in range(60):
        network.add_node(f"n{n:02}", kind="treatment", label=f"n{n:02}", weight=1, occurrences=1)
        if n:
            network.add_edge(f"n{n - 1:02}", f"n{n:02}", weight=1, count=1, overturned=0)
    assert "(9 more: write json or graphml for all of them)" in written(network, "table").decode()


def test_only_the_strongest_ties_are_shown(fictional: Tabled) -> None:
    network = project(fictional.table, "treatment-guideline")
    few = top_edges(network, 3)
    lightest = min(w for *_, w in few.edges(data="weight"))
    left_out = [w for a, b, w in network.edges(data="weight") if not few.has_edge(a, b)]
    assert few.number_of_edges() == 3
    assert lightest >= max(left_out)
    assert all(few.degree(node) for node in few)


@pytest.mark.parametrize("weight", ["count", "npmi"])
@pytest.mark.parametrize("name", PROJECTIONS)
def test_no_two_nodes_are_drawn_in_one_place(fictional: Tabled, name: str, weight: str) -> None:
    found = layout(project(fictional.table, name, weight=weight))
    assert len({(round(x, 6), round(y, 6)) for x, y in found.values()}) == len(found)


@pytest.mark.parametrize("name", PROJECTIONS)
@pytest.mark.parametrize("format", ["svg", "png"])
def test_pictures_show_names_counts_and_limits_and_repeat(fictional: Tabled, name: str, format: str) -> None:
    require_module("matplotlib", "pictures")
    network = project(fictional.table, name, weight="jaccard")
    data = written(network, format)
    assert data == written(network, format)
    if format == "png":
        assert data.startswith(b"\x89PNG")
        return
    text = data.decode()
    assert PROJECTIONS[name].title in text
    assert "widths show the Jaccard index" in text
    assert "not all requests" in text
    for _, label in network.nodes(data="label"):
        if "&" not in label and len(label) < 40:
            assert f"{label}: " in text


def test_a_picture_of_nothing_says_so() -> None:
    require_module("matplotlib", "pictures")
    with tabled(()) as nothing:
        assert "There is nothing to show" in written(project(nothing.table, "case-guideline"), "svg").decode()


def test_without_matplotlib_a_picture_says_what_to_install(fictional: Tabled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert not available()
    with pytest.raises(UsageError, match=r"imr-graph\[pictures\]"):
        written(project(fictional.table, "case-guideline"), "svg")


SCRIPT = """
import hashlib, io, sys
sys.path.insert(0, {tests!r})
from support.network_oracle import tabled
from support.sample_world import FICTIONAL
from imr_graph.analysis.networks.measures import with_measures, MEASURES
from imr_graph.analysis.networks.formats import write_network
from imr_graph.analysis.networks.projections import PROJECTIONS, project
digest = hashlib.sha256()
with tabled(FICTIONAL) as records:
    for name in PROJECTIONS:
        stream = io.BytesIO()
        measures = tuple(m for m in MEASURES if m != "pagerank")
        write_network(with_measures(project(records.table, name), measures), "json", stream)
        digest.update(stream.getvalue())
print(digest.hexdigest())
"""


@pytest.mark.slow
def test_networks_and_communities_are_the_same_in_every_process() -> None:
    """Python's hash seed decides in which order sets are walked; nothing may hang on it."""
    script = SCRIPT.format(tests=str(TESTS))
    found = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1


def test_the_examples_of_the_page_run(project_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every Python block of docs/networks.md, against a store of that name."""
    page = (PROJECT / "docs" / "networks.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    with contextlib.chdir(project_folder):
        for block in blocks:
            exec(compile(block, "networks.md", "exec"), {})
    out = capsys.readouterr().out
    assert "alone joins" in out
    assert "overturned: " in out


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """Return a folder with a store called `graph`."""
    records = (*FICTIONAL, *(replace(FICTIONAL[0], case_number=f"EX18-{n}", sha256=f"{n:064}") for n in range(9)))
    turned = tuple(replace(i, decision="overturned") for i in FICTIONAL[0].items)
    records += tuple(replace(FICTIONAL[0], case_number=f"EX19-{n}", sha256=f"a{n:063}", items=turned) for n in range(9))
    add(tmp_path / "graph", records)
    return tmp_path


def test_the_page_names_every_projection_measure_and_format() -> None:
    page = (PROJECT / "docs" / "networks.md").read_text(encoding="utf-8")
    for name in (*PROJECTIONS, *MEASURES, *FORMATS, *WEIGHTS):
        assert f"`{name}`" in page or name == "count", name


def test_every_projection_is_a_list_of_edges_and_gexf_that_its_schema_allows(fictional: Tabled) -> None:
    schema = etree.XMLSchema(etree.parse(TESTS / "analysis" / "networks" / "gexf.xsd"))
    for name in PROJECTIONS:
        network = project(fictional.table, name)
        rows = list(csv.DictReader(io.StringIO(written(network, "edges").decode(), newline="")))
        assert [(row["source"], row["target"], int(row["count"])) for row in rows] == [
            (one, other, data["count"]) for one, other, data in network.edges(data=True)
        ]
        for each in (network, with_measures(network, ("degree", "community"))):
            schema.assertValid(etree.fromstring(written(each, "gexf")))


def test_a_network_shows_itself_in_a_notebook(fictional: Tabled) -> None:
    html = project(fictional.table, "administrator-reviewer-guideline")._repr_html_()
    assert html.startswith("<p><b>From the guidelines of claims administrators")
    assert html.count("<tr>") == 9
