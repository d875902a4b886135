"""A field is one attribute, one row and one term: a made-up one is found everywhere without another change."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from imr_graph.fields import CASE, CITATION, ITEM, LEVELS, REASON, REVIEWER
from imr_graph.model import Determination, DisputedItem, Reason
from imr_graph.records import to_record
from support.letter_files import write_letters
from support.paths import PROJECT
from support.records import determination, item

_ROW = """        Field("{name}", "{term}", "{kind}", "{name}"),
"""
_SIGNS = '        Field("signs", "signText", "word", "signs", several=True, unordered=True),\n'
_TERM = """
imr:{term} a owl:DatatypeProperty ;
    rdfs:label "{label}"@en ;
    rdfs:comment "{comment}"@en ;
    rdfs:domain {domain} ;
    rdfs:range xsd:{range} ;
    skos:example "7" ;
    rdfs:isDefinedBy <https://w3id.org/imr-graph/ontology> .
"""
_CORRECTIONS = """
- case: CM17-0000001
  field: /items/0/ward
  was: null
  should_be: north wing
  who: A. Reader
  why: The heading says so.
  date: 2026-11-20
- case: CM17-0000001
  field: /items/0/signs
  was: []
  should_be: [north, 7a]
  who: A. Reader
  why: The heading says so.
  date: 2026-11-20
- case: CM17-0000001
  field: /floor
  was: null
  should_be: 7
  who: A. Reader
  why: The header says so.
  date: 2026-11-20
"""
_ROWS = """
import duckdb
print(duckdb.sql("select ward, floor, signs from 'items.parquet' order by case_key").fetchall())
"""
_MEANINGS = """
from imr_graph.table.columns import describe_columns
print(*(entry.meaning for entry in describe_columns()), sep="\\n")
"""
_PAGE = """
import sys
from collections.abc import Callable
from pathlib import Path
from starlette.testclient import TestClient
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.website.app import create_site
with TestClient(create_site(ServerSettings(store=Path(sys.argv[1]))), base_url="http://localhost") as client:
    print(client.get("/id/case-CM17-0000001", headers={"accept": "text/html"}).text)
"""


class Copy:
    """A copy of the product, with commands that run there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(folder / "product")}
        for name in ("imr_graph", "ontology", "shapes", "queries", "examples"):
            shutil.copytree(PROJECT / name, folder / "product" / name, ignore=shutil.ignore_patterns("__pycache__"))

    def add_attribute(self, name: str, text: str) -> None:
        """Give a class of the model a further attribute, behind those that it has."""
        _insert(self.folder / "product" / "imr_graph" / "model.py", lambda tree: _end_of(name, tree), text)

    def add_row(self, level: str, text: str) -> None:
        """Give a level of `fields.py` a further field, before those that it has."""
        _insert(self.folder / "product" / "imr_graph" / "fields.py", lambda tree: _start_of(level, tree), text)

    def add_term(self, **term: str) -> None:
        """Add a property to the ontology."""
        with (self.folder / "product" / "ontology" / "imr.ttl").open("a", encoding="utf-8") as stream:
            stream.write(_TERM.format(**term))

    def run(self, *arguments: str | Path) -> str:
        """Run a command and return what it prints."""
        call = ["-c", "from imr_graph.cli import main; main()", *map(str, arguments)]
        return self.python(*call)

    def python(self, *arguments: str) -> str:
        """Run Python and return what it prints."""
        call = [sys.executable, *arguments]
        done = subprocess.run(call, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _insert(path: Path, line: Callable[[ast.Module], int], text: str) -> None:
    """Put text before a line, which is found in what the file says and not by its words."""
    before = path.read_text(encoding="utf-8")
    lines = before.splitlines(keepends=True)
    at = line(ast.parse(before)) - 1
    path.write_text("".join([*lines[:at], text, *lines[at:]]), encoding="utf-8")


def _end_of(name: str, tree: ast.Module) -> int:
    """Return the line behind the last attribute of a class."""
    (made,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    return 1 + max(node.end_lineno or 0 for node in made.body if isinstance(node, ast.AnnAssign))


def _start_of(level: str, tree: ast.Module) -> int:
    """Return the line of the first field of a level."""
    (made,) = (call for call in _calls("Level", tree) if ast.unparse(call.args[0]) == repr(level))
    return min(call.lineno for call in _calls("Field", made))


def _calls(name: str, tree: ast.AST) -> list[ast.Call]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy with two made-up fields of the item and one of the case."""
    made = Copy(tmp_path_factory.mktemp("fields"))
    made.add_attribute(DisputedItem.__name__, "    ward: str | None = None\n    signs: tuple[str, ...] = ()\n")
    made.add_attribute(Determination.__name__, "    floor: int | None = None\n")
    made.add_row(ITEM.name, _ROW.format(name="ward", term="wardName", kind="word") + _SIGNS)
    made.add_row(CASE.name, _ROW.format(name="floor", term="floorNumber", kind="number"))
    item = {"term": "wardName", "label": "ward of care", "domain": "imr:DisputedItem", "range": "string"}
    made.add_term(**item, comment="The ward that the heading names.")
    made.add_term(**item | {"term": "signText", "label": "sign"}, comment="What a sign says.")
    case = {"term": "floorNumber", "label": "floor", "domain": "imr:Case", "range": "integer"}
    made.add_term(**case, comment="The floor that the header names.")
    return made


@pytest.fixture(scope="module")
def copy(product: Copy) -> Copy:
    """Return the copy with a store where a letter has the fields."""
    write_letters(product.folder / "letters", [1, 2])
    (product.folder / "corrections.yaml").write_text(_CORRECTIONS, encoding="utf-8")
    product.run("build", "letters", "--store", "store", "--corrections", "corrections.yaml", "--quiet")
    return product


def test_a_made_up_field_is_one_attribute_one_row_and_one_term(product: Copy) -> None:
    """Quick, so that a change of the product that the slow tests below cannot follow is seen at once."""
    (letter,) = write_letters(product.folder / "one", [1]).iterdir()
    (record,) = json.loads(product.run("extract", "--format", "json", letter))
    assert (record["floor"], record["items"][0]["ward"], record["items"][0]["signs"]) == (None, None, [])
    meanings = set(product.python("-c", _MEANINGS).splitlines())
    assert meanings > {"The ward that the heading names.", "What a sign says.", "The floor that the header names."}


@pytest.mark.end_to_end
def test_a_new_field_is_in_rdf(copy: Copy) -> None:
    triples = copy.run("export", "--store", "store", "--format", "ntriples")
    start = "<https://w3id.org/imr-graph/id/case-CM17-0000001"
    schema = "https://w3id.org/imr-graph/ontology#"
    assert f'{start}-item-1> <{schema}wardName> "north wing" .' in triples
    assert triples.count(f"{start}-item-1> <{schema}signText> ") == 2
    assert f'{start}> <{schema}floorNumber> "7"^^<http://www.w3.org/2001/XMLSchema#integer> .' in triples
    document = json.loads(copy.run("export", "--store", "store", "--format", "jsonld"))
    nodes = {node["@id"]: node for node in document["@graph"]}
    assert nodes["id:case-CM17-0000001"]["floorNumber"] == 7, "JSON-LD has it as a number"
    assert nodes["id:case-CM17-0000001-item-1"]["wardName"] == "north wing"


@pytest.mark.end_to_end
def test_a_new_field_is_in_the_record_and_the_table(copy: Copy) -> None:
    record = json.loads(copy.run("show", "CM17-0000001", "--store", "store", "--json"))
    assert (record["floor"], record["items"][0]["ward"]) == (7, "north wing")
    assert record["items"][0]["signs"] == ["7a", "north"]
    copy.run("export", "--store", "store", "--format", "parquet", "-o", "items.parquet")
    assert copy.python("-c", _ROWS).strip() == "[('north wing', 7, ['7a', 'north']), (None, None, [])]"
    dictionary = copy.python("-c", _MEANINGS).splitlines()
    assert "The ward that the heading names." in dictionary


@pytest.mark.end_to_end
def test_a_new_field_is_shown_under_its_label(copy: Copy) -> None:
    shown = copy.run("show", "CM17-0000001", "--store", "store").splitlines()
    assert [line.split() for line in shown if "ward of care" in line and "corrected" not in line] == [
        ["ward", "of", "care", "north", "wing"]
    ]
    page = copy.python("-c", _PAGE, "store")
    assert "<dt>Ward of care</dt>" in page
    assert "<dt>Sign</dt>" in page
    assert "<dt>Floor</dt>" in page
    assert "item 1: ward of care" in page, "its correction is named"


@pytest.mark.end_to_end
def test_a_new_field_is_evaluated(copy: Copy) -> None:
    record = json.loads(copy.run("show", "CM17-0000001", "--store", "store", "--json"))
    (copy.folder / "records.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    gold = copy.folder / "gold" / f"{Path(record['source']).stem}.json"
    gold.parent.mkdir(exist_ok=True)
    record["items"][0]["ward"] = "south wing"
    gold.write_text(json.dumps(record), encoding="utf-8")
    scores = copy.run("evaluate", "gold", "--records", "records.jsonl").splitlines()
    (ward,) = (line for line in scores if line.startswith("item.ward"))
    (floor,) = (line for line in scores if line.startswith("floor"))
    assert "0.00" in ward or "0.0" in ward
    assert "1.00" in floor or "1.0" in floor


def test_every_value_of_a_record_has_a_row() -> None:
    """But for the lists of nodes, and what describes how a letter was read."""
    record = to_record(determination("CM20-0000001", item(reasons=(Reason("lacks-red-flags", "No red flags."),))))
    rows = {(level.name, field.path) for level in LEVELS for field in level.fields}
    case = {f"dates/{name}" for name in record["dates"]} | {f"patient/{name}" for name in record["patient"]}
    read = {"spans", "unparsed", "source", "sha256", "layout", "recognized_by"}
    case |= record.keys() - {"dates", "patient", "reviewer", "items", *read}
    assert {path for level, path in rows if level == CASE.name} == case
    assert {path for level, path in rows if level == REVIEWER.name} == record["reviewer"].keys()
    given = record["items"][0]
    sides = {f"{side}/stance" for side in ("claims_administrator", "reviewer")}
    own = given.keys() - {"claims_administrator", "reviewer", "reasons", "amounts"}
    own |= {f"amounts/{name}" for name in given["amounts"]}
    assert {path for level, path in rows if level == ITEM.name} == own | sides
    assert {path for level, path in rows if level == CITATION.name} == given["reviewer"]["citations"][0].keys()
    assert {path for level, path in rows if level == REASON.name} == given["reasons"][0].keys()
