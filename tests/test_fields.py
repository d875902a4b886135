"""A field is one attribute, one row and one term: a made-up one is found everywhere without another change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imr_graph.fields import CASE, CITATION, ITEM, LEVELS, REASON, REVIEWER
from imr_graph.model import Reason
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

    def insert(self, file: str, after: str, text: str) -> None:
        """Put a line behind another."""
        path = self.folder / "product" / file
        before = path.read_text(encoding="utf-8")
        assert before.count(after) == 1, (file, after)
        path.write_text(before.replace(after, after + text), encoding="utf-8")

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


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy with a field of the item and one of the case, and a store where a letter has them."""
    made = Copy(tmp_path_factory.mktemp("fields"))
    made.insert(
        "imr_graph/model.py",
        "    rationale: str | None = None\n",
        "    ward: str | None = None\n    signs: tuple[str, ...] = ()\n",
    )
    made.insert("imr_graph/model.py", "    unparsed: tuple[Unparsed, ...] = ()\n", "    floor: int | None = None\n")
    row = '        Field("rationale", "rationale", "text", "rationale"),\n'
    made.insert("imr_graph/fields.py", row, _ROW.format(name="ward", term="wardName", kind="word") + _SIGNS)
    row = '        Field("patient/sex", "patientSex", "code", "patient_sex", codes=SEXES),\n'
    made.insert("imr_graph/fields.py", row, _ROW.format(name="floor", term="floorNumber", kind="number"))
    terms = made.folder / "product" / "ontology" / "imr.ttl"
    with terms.open("a", encoding="utf-8") as stream:
        item = {"term": "wardName", "label": "ward of care", "domain": "imr:DisputedItem", "range": "string"}
        stream.write(_TERM.format(**item, comment="The ward that the heading names."))
        signs = {**item, "term": "signText", "label": "sign"}
        stream.write(_TERM.format(**signs, comment="What a sign says."))
        case = {"term": "floorNumber", "label": "floor", "domain": "imr:Case", "range": "integer"}
        stream.write(_TERM.format(**case, comment="The floor that the header names."))
    write_letters(made.folder / "letters", [1, 2])
    (made.folder / "corrections.yaml").write_text(_CORRECTIONS, encoding="utf-8")
    made.run("build", "letters", "--store", "store", "--corrections", "corrections.yaml", "--quiet")
    return made


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
