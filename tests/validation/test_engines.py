"""Differential: every validator finds what pyshacl finds on an rdflib graph, in sound, planted and damaged letters.

IMR_GRAPH_MUTATIONS sets how many damaged graphs are compared, for a long run: 3,000 take about five minutes.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from corpus import generate

from imr_graph import validation
from imr_graph.errors import ToolError, UnknownNameError, UsageError
from imr_graph.extraction import extract
from imr_graph.graph import mapping
from imr_graph.iris import BASE, term
from imr_graph.letters import Source, read_letter
from imr_graph.model import Determination, Reviewer
from imr_graph.validation import VALIDATORS, choose_validator, engines, validate_letters
from imr_graph.validation.engines import ENGINES
from imr_graph.validation.lines import join_lines, split_lines, unify_values
from imr_graph.validation.report import ValidationReport, as_record
from imr_graph.validation.validate import validate, validate_ntriples, validate_triples
from support.mutations import mutated
from support.planted_faults import PLANTED, PLANTED_WITH, change
from support.planted_faults import graph as planted_graph
from support.records import CHRONIC_PAIN, citation, determination, gold, item, party, spanned

MUTATIONS = int(os.environ.get("IMR_GRAPH_MUTATIONS", "80"))
LETTERS = (
    spanned(determination("CM20-0000001", item("MRI", "overturned"), item("CT"))),
    determination("CM20-0000002", item(reviewer=party(citation("odg", "MRI", chapter="Knee", basis="non-mtus")))),
    determination("CM20-0000003", item(reviewer=party(citation(CHRONIC_PAIN, pages=(2009, 7))))),
    determination("CM20-0000004", item(reviewer=party(stance="no evidence cited"))),
    determination(None, reviewer=Reviewer(("Dowsing",), ())),
)

# What an engine must find is written only once, by pyshacl; each of the others is compared with it.
other_engines = pytest.mark.parametrize(
    "engine",
    [
        pytest.param("pyshifty", marks=pytest.mark.skipif(not importlib.util.find_spec("shifty"), reason="pyshifty")),
    ],
)


def damaged_literals(test: Callable[..., None]) -> Callable[..., None]:
    """Let rdflib warn of damaged literals and of comparing them: these graphs are full of them."""
    for warning in ("Parsing weird boolean:UserWarning", "NotImplemented should not be used:DeprecationWarning"):
        test = pytest.mark.filterwarnings(f"ignore:{warning}")(test)
    return test


def triples(letters: tuple[Determination, ...] | list[Determination]) -> list[ox.Triple]:
    return [triple for letter in letters for triple in mapping.triples(letter)]


def compared(graph: list[ox.Triple], engine: str) -> ValidationReport | None:
    """Return pyshacl's report after comparing it with an engine's, or None where pyshacl cannot compare two values."""
    try:
        expected = validate_triples(graph)
    except ToolError:
        assert validate_triples(graph, engine=engine).looked_at
        return None
    found = validate_triples(graph, engine=engine)
    assert (found.found, found.looked_at) == (expected.found, expected.looked_at), "\n".join(map(str, graph))
    return expected


def test_every_validator_of_a_build_is_an_engine() -> None:
    assert tuple(ENGINES) == VALIDATORS
    assert VALIDATORS[0] == "pyshacl"
    assert [choose_validator(name) for name in VALIDATORS] == list(VALIDATORS)


def test_the_fastest_installed_engine_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "find_spec", lambda name: object() if name == "shifty" else None)
    assert choose_validator("auto") == "pyshifty"
    monkeypatch.setattr(validation, "find_spec", lambda _: None)
    assert choose_validator("auto") == "pyshacl"


@pytest.mark.slow
@other_engines
def test_every_planted_fault_is_found_alike(engine: str) -> None:
    """The sound graph, and each change of it that a shape finds, as they stand."""
    changes = ["", *(update for faults in PLANTED.values() for _, update in faults)]
    changes += [update for update, _ in PLANTED_WITH]
    for update in changes:
        graph = planted_graph(update)
        lines = split_lines(graph.serialize(format="nt", encoding="utf-8"))
        assert ENGINES[engine](lines) == engines.graph_faults(graph), update


@other_engines
def test_sound_letters_are_reported_on_alike(engine: str) -> None:
    letters = list(LETTERS)
    assert as_record(validate(letters, engine=engine)) == as_record(validate(letters))
    text = "".join(map(mapping.ntriples, letters)).encode()
    assert as_record(validate_letters([text], engine)) == as_record(validate_ntriples(text))
    assert as_record(validate([], engine=engine)) == as_record(validate([]))


@other_engines
def test_real_letters_are_reported_on_alike(engine: str, shared: Path) -> None:
    letters = gold(shared)
    report = compared(triples(letters), engine)
    assert report is not None
    assert report.count("info")


@damaged_literals
@other_engines
def test_damaged_letters_are_reported_on_alike(engine: str) -> None:
    """Random damages of every kind to invented letters."""
    random = Random(20)
    pool = [triples([letter]) for letter in LETTERS]
    _compare(pool, engine, random, MUTATIONS)


@damaged_literals
@other_engines
def test_damaged_real_letters_are_reported_on_alike(engine: str, shared: Path) -> None:
    """Random damages of every kind to real letters, one or two in a graph."""
    pool = [triples([letter]) for letter in gold(shared)]
    _compare(pool, engine, Random(21), MUTATIONS)


@pytest.mark.slow
@damaged_literals
@other_engines
def test_damaged_generated_letters_are_reported_on_alike(engine: str) -> None:
    """Random damages of every kind to letters of the corpus that benchmarks run on, read from their text."""
    texts = [one.text.encode() for one in generate(60, 20, damaged=0.0)]
    letters = [extract(read_letter(Source("a.txt", len(text), partial(bytes, text)))) for text in texts]
    pool = [triples([letter]) for letter in letters]
    _compare(pool, engine, Random(22), MUTATIONS)


def _compare(pool: list[list[ox.Triple]], engine: str, random: Random, count: int) -> None:
    reports = []
    for _ in range(count):
        letters = random.choices(pool, k=random.choice((1, 1, 2)))
        reports.append(compared(mutated([triple for letter in letters for triple in letter], random), engine))
    compared_reports = [report for report in reports if report is not None]
    assert len(compared_reports) > 0.9 * count
    shapes = {shape.name for report in compared_reports for shape, _ in report.faults()}
    assert len(shapes) > 50, "the damages reach too few shapes"


@damaged_literals
def test_shapes_find_the_same_where_values_that_they_do_not_tell_apart_are_one() -> None:
    """By pyshacl, which decides, on random damages of every kind."""
    random, unified = Random(23), 0
    pool = triples(LETTERS)
    for _ in range(MUTATIONS // 2):
        damaged = mutated(pool, random)
        lines = split_lines(ox.serialize(damaged, format=ox.RdfFormat.N_TRIPLES) or b"")
        try:
            expected = ENGINES["pyshacl"](lines)
        except ToolError:
            continue
        fewer = unify_values(lines)
        assert ENGINES["pyshacl"](fewer) == expected, join_lines(lines)
        assert [tuple(line[:2]) for line in fewer] == [tuple(line[:2]) for line in lines]
        unified += fewer != lines
    assert unified


def test_values_that_shapes_tell_apart_stay() -> None:
    """Dates are compared, a damaged digest is to be found, and two values of a node are two."""
    values = {
        "rationale": (
            ("a", "x" * 200),
            ("b", "x" * 201),
            ("b", "x" * 202),
            ("c", "x" * 203),
            ("d", ""),
            ("e", "short"),
        ),
        "assignedDate": (("a", "1" * 200), ("b", "2" * 201)),
        "layout": (("a", "L5"), ("b", "L10"), ("c", "L5 "), ("d", "L٥")),
    }
    expected = {
        "rationale": ["x" * 200, "x" * 201, "x" * 202, "x" * 200, "", "short"],
        "assignedDate": ["1" * 200, "2" * 201],
        "layout": ["L5", "L5", "L5 ", "L٥"],
    }
    for name, stated in values.items():
        lines = split_lines("".join(f'<{node}> <{term(name)}> "{value}" .\n' for node, value in stated).encode())
        assert [line[2][1:-3].decode() for line in unify_values(lines)] == expected[name]


@other_engines
def test_values_that_cannot_be_compared_are_left_to_pyshacl(engine: str) -> None:
    """A number where a date belongs is one fault for pyshacl; an engine may find the comparison at fault as well."""
    graph = planted_graph(change("case-1", "imr:assignedDate", "7"))
    lines = split_lines(graph.serialize(format="nt", encoding="utf-8"))
    expected = engines.graph_faults(graph)
    assert ("CaseDates-assignedDate", f"{BASE}case-1") in expected
    assert ENGINES[engine](lines) == expected


@damaged_literals
def test_values_that_pyshacl_cannot_compare_are_named() -> None:
    """What only pretends to be a date has no order: the tool says so in a sentence."""
    update = change("case-1", "imr:assignedDate", '"soon"^^xsd:date')
    with pytest.raises(ToolError, match="values of the wrong kind"):
        engines.graph_faults(planted_graph(update))


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'pyshacl'"):
        validate_ntriples("", engine="pyshackle")


def test_an_engine_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shifty", None)
    engines._prepare_validator.cache_clear()
    with pytest.raises(UsageError, match=r"imr-graph\[validators\]"):
        validate_triples(triples(LETTERS), engine="pyshifty")
