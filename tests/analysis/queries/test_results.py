"""Answers in every format: what a person reads and what a program reads."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET

import pyoxigraph as ox
import pytest

from imr_graph.analysis.queries.ask import ask, run
from imr_graph.analysis.queries.results import FORMATS, ResultTable, format_answer, write_answer
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.store.graph_store import memory_store
from support.sample_world import FICTIONAL, World, world_of


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(FICTIONAL)


def written(world: World, format: str, request: str, **values: str) -> str:
    stream = io.BytesIO()
    write_answer(run(world.store, request, values), format, stream, base=world.store.base)
    return stream.getvalue().decode()


def test_the_table_shows_names_aligned_and_counts_the_rows(world: World) -> None:
    lines = written(world, "table", "overturn-rate-by-year").splitlines()
    assert lines[0].split() == ["year", "decisions", "overturned", "share"]
    assert lines[2:] == [
        "2016           3            1   0.333",
        "2017           6            1   0.167",
        "(2 rows)",
    ]


def test_the_table_shows_the_name_in_place_of_the_iri(world: World) -> None:
    text = written(world, "table", "overturn-rate-by-guideline")
    assert "Low Back Complaints 2004" in text
    assert "https://" not in text
    assert "guidelineLabel" not in text


def test_iris_without_a_name_are_shortened(world: World) -> None:
    text = written(
        world, "table", "SELECT ?case ?outcome { ?case imr:caseNumber ?n ; imr:outcome ?outcome } ORDER BY ?n LIMIT 1"
    )
    assert "id:case-EX16-0000001" in text
    assert "imr:PartiallyOverturned" in text


def test_missing_cells_and_markup_are_shown_as_they_are() -> None:
    text = format_answer(ResultTable(("a", "b"), ((None, ox.Literal("[red]x[/red]")),)))
    assert "[red]x[/red]" in text
    assert text.endswith("(1 row)\n")


def test_a_narrow_terminal_folds_and_loses_nothing() -> None:
    words = "one two three four five six seven eight nine ten"
    text = format_answer(ResultTable(("a",), ((ox.Literal(words),),)), width=20)
    assert max(map(len, text.splitlines())) <= 20
    assert words.split() == [w for line in text.splitlines()[2:-1] for w in line.split()]


def test_csv_tsv_json_and_xml_hold_the_same_rows(world: World) -> None:
    rows = world.rows("overturn-rate-by-guideline")
    columns = list(rows[0])
    assert list(csv.DictReader(io.StringIO(written(world, "csv", "overturn-rate-by-guideline")))) == rows
    bindings = json.loads(written(world, "json", "overturn-rate-by-guideline"))
    assert bindings["head"]["vars"] == columns
    assert [{k: v["value"] for k, v in b.items()} for b in bindings["results"]["bindings"]] == rows
    results = ET.fromstring(written(world, "xml", "overturn-rate-by-guideline"))
    assert len(results.findall(".//{*}result")) == len(rows)
    assert len(written(world, "tsv", "overturn-rate-by-guideline").splitlines()) == len(rows) + 1


def test_turtle_holds_the_graph_of_a_case_and_is_the_same_each_time(world: World) -> None:
    text = written(world, "turtle", "case-graph", case="EX16-0000001")
    parsed = {q.triple for q in ox.parse(text.encode(), ox.RdfFormat.TURTLE)}
    assert parsed == set(ask(world.store, "case-graph", {"case": "EX16-0000001"}))
    assert text == written(world, "turtle", "case-graph", case="EX16-0000001")
    assert "id:case-EX16-0000001" in text


def test_a_graph_as_a_table_has_three_columns(world: World) -> None:
    assert written(world, "table", "case-graph", case="EX16-0000001").split()[:3] == ["subject", "property", "value"]


def test_truth_values_are_said_in_every_format(world: World) -> None:
    assert written(world, "table", "ASK { ?x a imr:Case }") == "yes\n"
    assert written(world, "table", "ASK { ?x a imr:Nothing }") == "no\n"
    assert json.loads(written(world, "json", "ASK {}"))["boolean"] is True


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_graphs_do_not_fit_formats_of_rows(world: World, format: str) -> None:
    with pytest.raises(UsageError, match="ask for the format 'turtle'"):
        written(world, format, "case-graph", case="EX16-0000001")


@pytest.mark.parametrize("request_", ["ASK {}", "overturn-rate-by-year"])
def test_rows_do_not_fit_turtle(world: World, request_: str) -> None:
    with pytest.raises(UsageError, match="Turtle holds graphs"):
        written(world, "turtle", request_)


def test_an_unknown_format_names_the_near_ones(world: World) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'json'"):
        written(world, "jsn", "ASK {}")
    assert set(FORMATS) == {"table", "json", "xml", "csv", "tsv", "turtle", "spreadsheet"}


def test_a_spreadsheet_gets_no_formulas_and_sparql_its_exact_text() -> None:
    store, question = memory_store(), 'SELECT ("=1+1" AS ?text) (-3 AS ?number) ("-3" AS ?words) WHERE {}'
    found = {}
    for format in ("csv", "spreadsheet"):
        stream = io.BytesIO()
        write_answer(run(store, question), format, stream)
        found[format] = stream.getvalue().decode()
    assert found["csv"] == "text,number,words\r\n=1+1,-3,-3\r\n"
    assert found["spreadsheet"] == "text,number,words\r\n'=1+1,-3,'-3\r\n"
