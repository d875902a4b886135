"""Rows: what a determination becomes in the table, and that the graph gives the same rows back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from imr_graph.errors import ToolError
from imr_graph.graph.reading import determination_of
from imr_graph.model import Determination, Reviewer
from imr_graph.records import from_record
from imr_graph.store.changes import add
from imr_graph.store.graph_store import cases, memory_store
from imr_graph.table import jsonlines as lines
from imr_graph.table.columns import COLUMNS, NAMES, TYPES
from imr_graph.table.jsonlines import encode_rows, select_rows, write_lines
from imr_graph.table.rows import groups_of, groups_of_item, item_rows
from imr_graph.vocabulary import load
from support.records import citation, determination, item, party
from support.sample_table import generated
from support.sample_world import FICTIONAL

KINDS = {"VARCHAR": str, "VARCHAR[]": list, "INTEGER": int, "BOOLEAN": bool, "DATE": str}


def test_a_row_has_each_column_with_a_value_of_its_type_or_none() -> None:
    for d in (*FICTIONAL, *generated(200)):
        for row in item_rows(d):
            assert set(row) == set(NAMES)
            for name, value in row.items():
                assert value is None or type(value) is KINDS[TYPES[name]], name
                if TYPES[name] == "DATE" and value:
                    date.fromisoformat(value)
                if TYPES[name] == "VARCHAR[]" and value is not None:
                    assert all(isinstance(each, str) for each in value)


def test_a_row_says_what_its_item_says() -> None:
    d = determination(
        "CM20-0000001",
        item("Massage of the knee", "upheld"),
        item(
            "Retrospective Norco and a sling for the left shoulder",
            "overturned",
            service="Norco and a sling for the left shoulder",
            retrospective=True,
            treatments=("sling", "hydrocodone", "acetaminophen"),
            body_regions=("shoulder",),
            laterality="left",
            requested="two",
            authorized="one",
            reviewer=party(
                citation("odg", chapter="Pain", basis="non-mtus"),
                citation("mtus-chronic-pain-2009", "A name of no vocabulary", pages=(80, 9)),
            ),
        ),
        reviewer=Reviewer(("Pain Management", "A specialty of no vocabulary"), ("US-TX", "US-CA")),
        summary="A packer with pain.",
    )
    first, second = item_rows(d)
    assert (first["summary"], second["summary"]) == ("A packer with pain.", None)
    assert (second["position"], second["items_in_case"], second["partial_certification"]) == (2, 2, True)
    assert second["treatments"] == ["acetaminophen", "hydrocodone", "sling"]
    assert second["categories"] == ["dmepos", "pharmaceuticals"]
    assert second["reviewer_pages"] == ["mtus-chronic-pain-2009-9", "mtus-chronic-pain-2009-80"]
    assert second["reviewer_bases"] == ["mtus", "non-mtus"]
    assert second["reviewer_chapters"] == ["Pain"]
    assert second["unmatched_sections"] == ["mtus-chronic-pain-2009: A name of no vocabulary"]
    assert second["unmatched_specialties"] == ["A Specialty of No Vocabulary"]
    assert second["reviewer_states"] == ["US-CA", "US-TX"]
    assert second["administrator_stance"] == "no evidence cited"
    assert (
        dict(zip(second["reviewer_section_ids"], second["reviewer_sections"], strict=True))[
            "mtus-chronic-pain-2009-a-name-of-no-vocabulary"
        ]
        == "A name of no vocabulary"
    )


def test_a_letter_without_items_keeps_a_row_for_its_case() -> None:
    (row,) = item_rows(replace(determination(), items=(), outcome=None))
    assert (row["position"], row["decision"], row["items_in_case"]) == (None, None, 0)
    assert set(row) == set(NAMES)


def test_the_groups_of_each_treatment_are_those_above_it_in_the_vocabulary() -> None:
    known = load()
    for treatment in known.treatments:
        above = {concept.id for concept in known.ancestors(treatment) if concept.kind == "category"}
        found = groups_of(treatment.id)
        assert {*found.categories, *found.subcategories, *found.drug_classes} == above
        assert all("/" not in id for id in found.categories)
        assert all(id.startswith("pharmaceuticals/") for id in found.drug_classes)
    assert groups_of("no such treatment") == ((), (), ())


@pytest.mark.parametrize(
    ("treatments", "classes"),
    [
        (["cyclobenzaprine"], ["topical-analgesics"]),
        (["gabapentin", "tramadol"], ["topical-compounds"]),
        (["flurbiprofen", "diclofenac"], ["topical-compounds"]),
        (["fentanyl"], ["opioids"]),
        (["testosterone"], ["androgens-anabolic-steroids"]),
    ],
)
def test_a_drug_on_the_skin_is_of_the_topical_groups_of_the_state(treatments: list[str], classes: list[str]) -> None:
    """But a drug that acts in the whole body, as a patch of an opioid does, stays in its class."""
    found = groups_of_item(treatments, topical=True).drug_classes
    assert [each.removeprefix("pharmaceuticals/") for each in found] == classes
    assert "pharmaceuticals/topical" not in str(groups_of_item(treatments, topical=False))


def from_graph(determinations: tuple[Determination, ...]) -> dict[str, list[dict[str, object]]]:
    store = memory_store()
    add(store, determinations)
    return {key: item_rows(determination_of(store, key), key) for key in cases(store)}


def test_the_graph_gives_the_rows_that_the_letters_gave() -> None:
    for determinations in (FICTIONAL, generated(300)):
        last = {d.key: d for d in determinations}
        assert from_graph(determinations) == {key: item_rows(d) for key, d in last.items()}


def test_the_graph_gives_the_rows_that_the_gold_records_gave(shared: Path) -> None:
    gold = []
    for file in sorted((shared / "gold").glob("*.json")):
        digest = hashlib.sha256(file.stem.encode()).hexdigest()
        gold.append(replace(from_record(json.loads(file.read_bytes())), source=file.stem, sha256=digest, layout="L5"))
    found = from_graph(tuple(gold))
    assert len(found) > 90
    assert found == {d.key: item_rows(d) for d in gold}


def test_chosen_lines_are_those_of_the_letters_that_come_under_their_keys() -> None:
    one, other = determination("CM20-0000001"), determination("CM20-0000002", item(), item("Massage"))
    written = encode_rows(item_rows(one)) + encode_rows(item_rows(other)) + encode_rows(item_rows(other))
    found = [json.loads(line) for line in select_rows(written, {other.sha256: "CM20-0000002-beside"})]
    assert [(row["case_key"], row["position"]) for row in found] == [
        ("CM20-0000002-beside", 1),
        ("CM20-0000002-beside", 2),
    ]
    assert [{**row, "case_key": other.key} for row in found] == item_rows(other)
    assert list(select_rows(written, {})) == []


def test_each_column_has_a_meaning() -> None:
    assert len(set(NAMES)) == len(COLUMNS)
    assert all(column.term or column.comment for column in COLUMNS)


@pytest.mark.parametrize("text", ["\ud800 alone", 'a "quote" and a \\ and a \0'])
def test_text_that_no_file_can_hold_is_made_sound(text: str) -> None:
    (row,) = item_rows(determination("CM20-0000001", item(rationale=text)))
    assert json.loads(encode_rows((row,)).decode())["rationale"] == text.replace("\ud800", "\ufffd")


def test_without_zstandard_rows_are_compressed_by_gzip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lines, "zstandard", lambda: None)
    assert lines.suffix() == ".jsonl.gz"
    with pytest.raises(ToolError, match="zstandard"):
        write_lines(tmp_path / "rows.jsonl.zst", [])
