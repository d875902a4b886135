"""Kinds of concepts: a kind is one row, and what a made-up one has to do is found everywhere from that row."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imr_graph import iris, vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS, LISTED, ConceptKind
from imr_graph.analysis.statistics.concept_profiles import SUBJECTS
from imr_graph.table.dimensions import DIMENSIONS
from support.paths import PROJECT, TESTS

DIMENSION = """
    Dimension("side", "Side", _scalar_as_list("laterality"), "side", indexed=("laterality",), facet=8, field=True),
"""
KIND = """
    ConceptKind(
        name="side", title="Side of the body", plural="sides", scheme="sides", suggested=True,
        clause="concern it", clause_of_none="concerns it", tables=(_TREATMENTS, _REGIONS),
        list_page=ListPage("/sides", "Sides of the body", "Sides", "The sides that disputed items name."),
    ),
"""
SCRIPT = """
import json, sys
from pathlib import Path
sys.path[:0] = [{copy!r}, {tests!r}]
from imr_graph import iris, vocabulary
from imr_graph.vocabulary import Concept, Scheme

SIDES = Scheme("side", [
    Concept(id=id, iri=iris.BASE + "side-" + id, kind="laterality", label=label, alternatives=("the " + id + " one",))
    for id, label in (("left", "Left side"), ("right", "Right side"))
])
vocabulary.Vocabulary.sides = SIDES
before = vocabulary.Vocabulary.concept
vocabulary.Vocabulary.concept = lambda self, iri: next((c for c in SIDES if c.iri == iri), None) or before(self, iri)

from imr_graph.analysis.dimensions.lookup import resolve_node
from imr_graph.analysis.queries.library import parse
from imr_graph.analysis.search.search import search
from imr_graph.analysis.search.suggestions import read_names, suggest
from imr_graph.analysis.statistics.concept_profiles import concept_profiles
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import open_table
from support.records import determination, item
from imr_graph.store.changes import add

path = Path({store!r})
add(path, [determination("CM20-1", item("MRI of the left knee", treatments=("mri",), laterality="left"))])
store = open_store(path)
with open_table(store) as table:
    (group,) = overturn_rates(table, "side").groups
    profile = concept_profiles(table, "side").of("left")
page = search(store, "knee", {{"side": "the left one"}}, facets=("side",))
question = parse("sides", '''# title: Sides
# description: What sides there are.
# param: side (side, optional): the side
# column: side: a side
# tags: sides

SELECT ?side WHERE {{}}
''')
def pages():
    from starlette.testclient import TestClient
    from imr_graph.endpoint.settings import settings_from
    from imr_graph.website.app import create_site
    settings = settings_from({{}}, store=path, workers=2)
    addresses = ("/", "/sides", "/id/side-left", "/sitemap.xml", "/search?q=knee", "/statistics?by=side")
    with TestClient(create_site(settings), base_url="http://127.0.0.1") as client:
        answers = {{each: client.get(each, headers={{"accept": "text/html"}}) for each in addresses}}
    return {{each: [answer.status_code, answer.text] for each, answer in answers.items()}}

print(json.dumps({{
    "pages": pages(),
    "statistics": [group.values[0].label, group.values[0].iri, group.decisions],
    "profile": [profile.figures.decisions, sorted(profile.crossed)],
    "search": [page.total, page.facets["side"][0].value.label],
    "suggestion": [list(each.name.facts[0]) for each in suggest(read_names(store), "left s")],
    "look-up": resolve_node("side", "Right side", store).value,
    "parameter": question.parameters[0].type,
}}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a copy of the package finds of a made-up kind, whose two rows are all that was added."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(PROJECT / "imr_graph", copy / "imr_graph", ignore=shutil.ignore_patterns("__pycache__", "editor"))
    for folder in ("ontology", "shapes", "queries", "examples"):
        (copy / folder).symlink_to(PROJECT / folder)
    add_row(copy / "imr_graph" / "table" / "dimensions.py", DIMENSION)
    add_row(copy / "imr_graph" / "analysis" / "dimensions" / "kinds.py", KIND)
    script = SCRIPT.format(copy=str(copy), tests=str(TESTS), store=str(copy / "store"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=copy)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def add_row(file: Path, row: str) -> None:
    before, begin, after = file.read_text(encoding="utf-8").partition("_ROWS: Final = (\n")
    assert begin
    file.write_text(before + begin + row.lstrip("\n") + after, encoding="utf-8")


def test_a_made_up_kind_is_counted_searched_suggested_and_looked_up(found: dict[str, Any]) -> None:
    iri = f"{iris.BASE}side-left"
    assert found["statistics"] == ["Left side", iri, 1]
    decisions, dimensions = found["profile"]
    assert decisions == 1
    assert "treatment" in dimensions
    assert found["search"] == [1, "Left side"]
    assert ["side", "left"] in found["suggestion"]
    assert found["look-up"] == f"{iris.BASE}side-right"
    assert found["parameter"] == "side"


def test_a_made_up_kind_has_its_places_on_the_site(found: dict[str, Any]) -> None:
    pages: dict[str, tuple[int, str]] = found["pages"]
    assert {status for status, _ in pages.values()} == {200}
    home, listed, page, sitemap, search, statistics = (text for _, text in pages.values())
    assert 'href="/sides"' in home
    assert "/id/side-left" in listed
    assert "The sides that disputed items name." in listed
    assert "Left side" in page
    assert "MRI" in page
    assert "/id/side-left" in sitemap
    assert "/sides</loc>" in sitemap
    assert "Left side" in search  # among the facets
    assert "/id/side-left" in statistics
    assert '<option value="side" selected>Side</option>' in statistics


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_ids_and_iris_lead_to_each_other(kind: ConceptKind) -> None:
    for concept in kind.concepts():
        id = kind.id_of(concept.iri)
        assert kind.iri(id) == concept.iri
        assert kind.id_of(iris.local_name(concept.iri)) == id
        assert kind.concept(concept.iri) is vocabulary.load().concept(concept.iri)


def test_every_kind_has_a_dimension_a_list_and_tables_of_dimensions() -> None:
    for kind in KINDS.values():
        assert kind.dimension.kind == kind.name
        assert kind.listing.path in LISTED
        assert {table.dimension for table in (*kind.tables, *kind.denial_tables)} <= set(DIMENSIONS)
        assert bool(kind.denial_tables) == kind.both_sides == (f"denial-{kind.name}" in SUBJECTS)
    assert {of.kind for of in DIMENSIONS.values() if of.kind} == set(KINDS)
