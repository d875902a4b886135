"""Records as JSON and their schema: every record of the project conforms, and what does not is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from imr_graph import resources
from imr_graph.cli.app import run
from imr_graph.extraction import extract_all
from imr_graph.fields import LEVELS
from imr_graph.model import Determination
from imr_graph.records import from_record, record_schema, to_record

VALIDATOR = Draft202012Validator(record_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(record: dict[str, Any]) -> list[str]:
    """Return what is wrong with a record, as JSON: its tuples as arrays."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(json.loads(json.dumps(record)))]


@pytest.fixture(scope="module")
def fictional() -> list[Determination]:
    return list(extract_all([str(resources.examples())]))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(record_schema())


def test_the_records_of_the_fictional_letters_conform_and_are_read_back(fictional: list[Determination]) -> None:
    assert len(fictional) >= 15
    for determination in fictional:
        assert faults(to_record(determination)) == []
        assert from_record(json.loads(json.dumps(to_record(determination)))) == determination


def test_the_records_of_the_real_letters_conform(shared: Path) -> None:
    letters = [shared / "letters" / name for name in ("pdf", "text", "invented")]
    found = list(extract_all(str(letter) for letter in letters))
    assert len(found) > 99
    assert [fault for determination in found for fault in faults(to_record(determination))] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("dates", "decided"), "28 July 2016"),
        (("items", 0, "decision"), "approved"),
        (("items", 0, "ward"), "north"),
        (("items", 0, "amounts", "refills"), 100),
        (("patient", "age"), -1),
        (("spans", "items"), [1, 2]),
        (("spans", "/outcome"), [1]),
        (("case_number",), 7),
    ],
)
def test_what_is_no_record_is_told(fictional: list[Determination], path: tuple[str | int, ...], value: object) -> None:
    record: Any = json.loads(json.dumps(to_record(fictional[0])))
    place = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert len(faults(record)) == 1


def test_every_field_has_its_title_and_its_property_in_the_schema() -> None:
    text = json.dumps(record_schema())
    derived = {"sourceName"}  # made from the source
    assert [
        f.term for level in LEVELS for f in level.fields if f'#{f.term}"' not in text and f.term not in derived
    ] == []


def test_a_determination_shows_itself(fictional: list[Determination]) -> None:
    one = next(each for each in fictional if each.case_number == "CM16-9990008")
    assert str(one).splitlines()[0].startswith("CM16-9990008: partially overturned, decided ")
    assert "  overturned  MRI lumbar spine" in str(one).splitlines()
    assert "<td>MRI lumbar spine</td>" in one._repr_html_()


def test_the_command_prints_the_schema_and_the_columns(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capfdbinary.readouterr().out) == record_schema()
    assert run(["schema", "table"]) == 0
    assert b"| `decision_date` | date |" in capfdbinary.readouterr().out
