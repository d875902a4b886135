"""Checking the vocabularies: each fault is named with its file, its line and the nearest right name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from imr_graph import resources, vocabulary
from imr_graph.cli.app import cli
from imr_graph.errors import ToolError
from imr_graph.vocabulary.check import check_vocabulary
from imr_graph.vocabulary.tables import TABLES, make_turtle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the vocabularies, to be spoiled."""
    return Path(shutil.copytree(resources.ontology(), tmp_path / "ontology"))


def append(folder: Path, name: str, text: str) -> int:
    """Add text to a file, make the Turtle of the tables where it still can be made; return the line of the text."""
    path = folder / name
    content = path.read_text(encoding="utf-8")
    path.write_text(content + text, encoding="utf-8")
    for table in TABLES:
        if name == f"{table.name}.csv":
            with suppress(ToolError):
                (folder / f"{table.name}.ttl").write_text(make_turtle(folder, table), encoding="utf-8")
    return content.count("\n") + 1


def test_the_shipped_vocabularies_have_no_problem() -> None:
    assert check_vocabulary(resources.ontology()) == []


CONCEPT = """
id:treatment-cupola a {class_} ;
    skos:prefLabel "{label}"@en ;
    skos:notation "{notation}" ;
    {broader} id:category-{category} ;
    skos:inScheme id:{scheme} .
"""
WHOLE = {
    "class_": "imr:Treatment",
    "label": "Cupola therapy",
    "notation": "cupola",
    "broader": "skos:broader",
    "category": "rehabilitation-other",
    "scheme": "scheme-treatments",
}


@pytest.mark.parametrize(
    ("spoiled", "line", "message"),
    [
        ({}, 0, ""),
        ({"class_": "imr:Treatement"}, 1, "imr:Treatement, which no vocabulary has. Did you mean 'imr:Treatment'?"),
        ({"class_": "imr:Case"}, 1, "imr:Case, which no vocabulary has."),
        ({"broader": "skos:broder"}, 4, "skos:broder, which does not exist. Did you mean 'skos:broader'?"),
        ({"broader": "imr:subsume"}, 4, "imr:subsume, which does not exist. Did you mean 'imr:subsumes'?"),
        ({"category": "rehabilitation-othr"}, 4, "Did you mean 'id:category-rehabilitation-other'?"),
        ({"scheme": "scheme-treatment"}, 5, "Did you mean 'id:scheme-treatments'?"),
        ({"scheme": "treatment-mri"}, 5, "as its skos:inScheme: that has to be a scheme."),
        ({"notation": "cupula"}, 3, "the notation 'cupula', which does not agree with its name."),
        ({"label": "TENS unit"}, 2, "has the name 'TENS unit' of id:treatment-tens-unit"),
    ],
    ids=lambda v: " ".join(v.values()) if isinstance(v, dict) else "",
)
def test_a_fault_in_turtle_is_named(folder: Path, spoiled: dict[str, str], line: int, message: str) -> None:
    start = append(folder, "procedures.ttl", CONCEPT.format(**WHOLE | spoiled))
    problems = check_vocabulary(folder)
    found = [problem for problem in problems if message and message in problem.message]
    assert bool(found) == bool(problems) == bool(spoiled), problems
    assert [(problem.file, problem.line - start) for problem in found] == [("procedures.ttl", line)] * len(found)


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("drugs.csv", "cupolin,cupolin,pharmaceuticals/opiods,,,,\n", "'id:category-pharmaceuticals-opioids'?"),
        ("drugs.csv", "cupo-mix,CupoMix,,,,tramadol | morphin,\n", "Did you mean 'id:treatment-morphine'?"),
        ("drugs.csv", "cupolin,Norco,pharmaceuticals/opioids,,,,\n", "has the name 'Norco' of id:product-norco"),
        ("drugs.csv", "cupolin,cupolin\n", "2 cells instead of 7."),
        ("drugs.csv", ",cupolin,,,,,\n", "The cell of column 'id' is empty."),
        ("drugs.csv", "morphine,morphium,pharmaceuticals/opioids,,,,\n", "is described already in drugs.csv, line"),
        ("sections.csv", "mtus-chronic-pain-2061,Cupola,,,\n", "Did you mean 'id:guideline-mtus-chronic-pain-"),
        ("sections.csv", "disorder,Cupola,,,\n", "There is no list or guideline 'disorder'. Did you mean 'disorders'?"),
        ("sections.csv", "odg,Cupola,,,ja\n", "The column 'chapter' holds 'ja': write yes, or nothing."),
        ("sections.csv", "odg,Cupola,Pain,,\n", "has the name 'Pain' of id:section-odg-pain"),
    ],
)
def test_a_fault_in_a_table_is_named_at_its_row(folder: Path, name: str, row: str, message: str) -> None:
    line = append(folder, name, row)
    problems = check_vocabulary(folder)
    assert any(p.file == name and p.line == line and message in p.message for p in problems), problems


def test_a_mistyped_column_is_named(folder: Path) -> None:
    path = folder / "drugs.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("misspellings", "mispellings", 1), encoding="utf-8")
    problems = check_vocabulary(folder)
    assert problems[0].message == "There is no column 'mispellings'. Did you mean 'misspellings'?"
    assert problems[0][:2] == ("drugs.csv", 1)
    with pytest.raises(ToolError, match=r"drugs\.csv:1: There is no column"):
        make_turtle(folder, TABLES[-1])


def test_a_file_that_is_no_turtle_is_named_with_its_line(folder: Path) -> None:
    line = append(folder, "states.ttl", "\nid:state-US-XX a imr:State\n    skos:prefLabel .\n")
    (problem,) = check_vocabulary(folder)
    assert (problem.file, problem.line) == ("states.ttl", line + 2)


def test_turtle_that_is_not_what_its_table_makes_is_named(folder: Path) -> None:
    with (folder / "drugs.csv").open("a", encoding="utf-8") as file:
        file.write("cupolin,cupolin,pharmaceuticals/opioids,,,,\n")
    (problem,) = check_vocabulary(folder)
    assert str(problem) == "drugs.ttl:1: This is not what drugs.csv makes: run 'imr-graph vocabulary make'."


def test_a_concept_in_two_files_is_named(folder: Path) -> None:
    text = (folder / "states.ttl").read_text(encoding="utf-8")
    (folder / "more-states.ttl").write_text(text, encoding="utf-8")
    problems = check_vocabulary(folder)
    assert {(p.file, "is described already in" in p.message) for p in problems} >= {("states.ttl", True)}


def without_class(turtle: str) -> str:
    return turtle.replace("a imr:Treatment ;", "a imr:Treatement ;", 1)


def without_section_of(turtle: str) -> str:
    return turtle.replace("imr:sectionOf", "imr:sectionOff", 1)


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("procedures.ttl", without_class, "id:treatment-mri has no class of the vocabulary"),
        ("sections.ttl", without_section_of, "has no imr:sectionOf"),
    ],
)
def test_a_vocabulary_that_is_not_whole_is_not_read(
    folder: Path, name: str, spoil: Callable[[str], str], message: str
) -> None:
    path = folder / name
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ToolError, match=message) as caught:
        len(vocabulary.read(folder).all_sections)  # sections are read when they are asked for
    assert name in str(caught.value)
    assert "imr-graph vocabulary check" in str(caught.value)


def test_a_new_file_reaches_the_graph_the_vocabulary_and_its_version(folder: Path) -> None:
    before = vocabulary.read(folder)
    head = "".join(f"@prefix {p}: <{n}> .\n" for p, n in PREFIXES.items())
    (folder / "new.ttl").write_text(head + CONCEPT.format(**WHOLE), encoding="utf-8")
    after = vocabulary.read(folder)
    assert check_vocabulary(folder) == []
    assert after.version != before.version
    assert after.treatments["cupola"].label == "Cupola therapy"
    assert folder / "new.ttl" in resources.vocabulary_files(folder)


PREFIXES = {
    "id": "https://w3id.org/imr-graph/id/",
    "imr": "https://w3id.org/imr-graph/ontology#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


def test_a_list_of_guidelines_gives_each_its_sections(folder: Path) -> None:
    append(folder, "sections.csv", '"complaints | odg","Cupola, late","Late cupola | Cupola (late)",,\n')
    known = vocabulary.read(folder)
    assert check_vocabulary(folder) == []
    owners = {s.guideline for s in known.all_sections if s.label == "Cupola, late"}
    assert {"odg", "acoem-eye-2004", "acoem-low-back-complaints-2004"} < owners
    assert known.sections("odg").unique_by_label("cupola (late)").iri.endswith("section-odg-cupola-late")


def test_names_with_quotes_and_backslashes_come_through(folder: Path) -> None:
    append(folder, "drugs.csv", 'cupolin,"a ""b"" \\ c",pharmaceuticals/opioids,,,,\n')
    quads = ox.parse(path=folder / "drugs.ttl", format=ox.RdfFormat.TURTLE)
    assert 'a "b" \\ c' in {quad.object.value for quad in quads}


def test_the_command_prints_problems_and_exits_with_1(folder: Path) -> None:
    run = CliRunner().invoke
    assert run(cli, ["vocabulary", "check", "--folder", str(folder)], standalone_mode=False).return_value == 0
    with (folder / "drugs.csv").open("a", encoding="utf-8") as file:
        file.write("cupolin,cupolin,pharmaceuticals/opioids,,,,\n")
    result = run(cli, ["vocabulary", "check", "--folder", str(folder)], standalone_mode=False)
    assert result.return_value == 1
    assert "drugs.ttl:1: " in result.output
    layouts = folder / "layouts.toml"
    layouts.write_text(layouts.read_text(encoding="utf-8").replace("\nyears = ", "\nyeers = ", 1), encoding="utf-8")
    output = run(cli, ["vocabulary", "check", "--folder", str(folder)], standalone_mode=False).output
    line = layouts.read_text(encoding="utf-8").partition("\nyeers")[0].count("\n") + 2
    assert f"layouts.toml:{line}: [[layout]] L0: There is no key 'yeers'. Did you mean 'years'?" in output.splitlines()
    run(cli, ["vocabulary", "make", "--folder", str(folder)], standalone_mode=False)
    assert check_vocabulary(folder) == []
    assert "cupolin" in vocabulary.read(folder).treatments


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "short_openers =",
            "short_opener =",
            "There is no key in [purpose] 'short_opener'. Did you mean 'short_openers'?",
        ),
        ("[manner]", "[maner]", "There is no part 'maner'. Did you mean 'manner'?"),
        ('"hospital-bed"', '"hospital-bad"', "There is no treatment 'hospital-bad'. Did you mean 'hospital-bed'?"),
        ('= "ketamine"', '= "ketamin"', "There is no treatment 'ketamin'. Did you mean 'ketamine'?"),
    ],
)
def test_a_fault_in_the_phrases_is_named(folder: Path, old: str, new: str, message: str) -> None:
    path = folder / "phrases.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    (problem,) = check_vocabulary(folder)
    assert problem.file == "phrases.toml"
    assert message in problem.message
