"""The generated corpus: the same letters each time, all different, and records that say what the letters say."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from imr_graph.model import outcome_of
from imr_graph.records import from_record
from support.components import require_module
from support.paths import BENCHMARKS

sys.path.insert(0, str(BENCHMARKS))

from corpus import DAMAGES, LAYOUT_SHARES, GeneratedLetter, generate, letter
from corpus.cli import main
from corpus.wear import WEARS

SIDES = ("claims_administrator", "reviewer")
LAYOUTS = [name for _, name in LAYOUT_SHARES]


@pytest.fixture(scope="module")
def letters() -> list[GeneratedLetter]:
    """Two thousand letters of one seed."""
    return list(generate(2000, 11))


@pytest.fixture(scope="module")
def whole(letters: list[GeneratedLetter]) -> list[GeneratedLetter]:
    """Those of them that are not damaged."""
    return [one for one in letters if one.damage is None]


def squeezed(text: str) -> str:
    """Text without white space, hyphens and what extractors print for hyphens."""
    return re.sub(r"[\s\-\ufffe]", "", text)


def items(letters: list[GeneratedLetter]) -> Iterator[tuple[GeneratedLetter, dict[str, Any]]]:
    for one in letters:
        assert one.record is not None
        for item in one.record["items"]:
            yield one, item


def test_letter_depends_on_seed_and_index_alone(letters: list[GeneratedLetter]) -> None:
    """A letter made by itself equals the one made in a row; another seed makes another letter."""
    for index in (0, 7, 1234, 1999):
        assert letter(11, index) == letters[index]
        assert letter(12, index).text != letters[index].text


def test_letters_do_not_depend_on_the_hash_seed(letters: list[GeneratedLetter]) -> None:
    """A process with another hash seed makes the same letters."""
    program = "import json, corpus; print(json.dumps([[o.text, o.record] for o in corpus.generate(40, 11)]))"
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(BENCHMARKS)}
    printed = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout
    assert json.loads(printed) == [[one.text, one.record] for one in letters[:40]]


def test_letters_are_distinct(whole: list[GeneratedLetter]) -> None:
    """No two whole letters have the same text, and no two the same case number."""
    assert len({one.text for one in whole}) == len(whole)
    numbers = [one.record["case_number"] for one in whole if one.record and one.record["case_number"]]
    assert len(set(numbers)) == len(numbers)


def test_records_are_records(whole: list[GeneratedLetter]) -> None:
    """Each record has the shape that the product reads, and an outcome that follows from its decisions."""
    for one in whole:
        assert one.record is not None
        determination = from_record(one.record)
        assert determination.items
        assert determination.outcome == outcome_of(tuple(item.decision for item in determination.items))


def test_texts_of_records_stand_in_the_letter(whole: list[GeneratedLetter]) -> None:
    """Summary, headings, services, rationales and citations of the record are words of the letter, in its order."""
    for one in whole:
        assert one.record is not None
        text = squeezed(one.text)
        assert squeezed(one.record["summary"]) in text
        place = text.index(squeezed(one.record["summary"]))
        for item in one.record["items"] if one.layout not in ("L0", "L1", "L2") else []:
            for words in (
                item["heading"],
                *(c["text"] for side in SIDES for c in item[side]["citations"]),
                item["rationale"],
            ):
                place = text.index(squeezed(words), place)
        for item in one.record["items"]:
            for words in (item["heading"], item["service"], item["rationale"]):
                assert squeezed(words) in text
            for citation in (c for side in SIDES for c in item[side]["citations"]):
                assert squeezed(citation["text"]) in text


def test_decisions_stand_behind_their_headings(whole: list[GeneratedLetter]) -> None:
    """In L3 to L6 each heading is followed by a colon and the decision of the record."""
    for one, item in items([one for one in whole if one.layout in ("L3", "L4", "L5", "L6")]):
        assert squeezed(f"{item['heading']}: {item['decision'].capitalize()}Claims") in squeezed(one.text)


def test_services_and_quantities_are_parts_of_the_heading(whole: list[GeneratedLetter]) -> None:
    """What is in dispute, asked for and certified is said by the heading; prefixes set their flags."""
    for _, item in items(whole):
        for field in ("service", "requested", "authorized"):
            assert item[field] is None or item[field] in item["heading"]
        assert item["retrospective"] == item["heading"].lower().startswith("retrospective")
        assert item["surgical_adjunct"] == item["heading"].lower().startswith("associated")


def test_labels_stand_at_a_line_start_once_per_item(whole: list[GeneratedLetter]) -> None:
    """Label look-alikes inside a rationale never begin a line, so labels can be told from them."""
    for one in (one for one in whole if one.layout in ("L3", "L4", "L5", "L6")):
        assert one.record is not None
        lines = re.split(r"[\n\f]", one.text)
        assert sum(line.startswith("MAXIMUS guideline:") for line in lines) == len(one.record["items"])
    assert sum('"see MAXIMUS guideline:' in re.sub(r"\s+", " ", one.text) for one in whole) > 20


def test_layouts_have_their_shares(letters: list[GeneratedLetter]) -> None:
    """Each layout occurs about as often as its share says."""
    counts = Counter(one.layout for one in letters)
    for share, layout in LAYOUT_SHARES:
        assert share / 2 < counts[layout] / len(letters) < share * 2, layout


def test_damaged_letters_have_their_share_and_all_kinds() -> None:
    """About one in a hundred is damaged, of every kind, and says what should be reported."""
    damages = [one.damage for one in generate(6000, 3, layouts=["L5"]) if one.damage]
    assert 30 < len(damages) < 95
    assert {damage.kind for damage in damages} == set(DAMAGES)
    assert all(damage.report for damage in damages)


def test_damaged_letters_are_damaged() -> None:
    """An empty one is empty, a blank one blank, a cut one has no decision, a binary one is not UTF-8."""
    kinds = {one.damage.kind: one for one in generate(300, 5, damaged=1.0, layouts=["L5"]) if one.damage}
    assert kinds["empty"].content == b""
    assert kinds["blank"].text
    assert not kinds["blank"].text.strip()
    assert not re.search(r": (Upheld|Overturned)$", kinds["cut"].text, re.M)
    assert b"\0" in kinds["binary"].content
    assert "MAXIMUS" not in kinds["unrelated"].text
    record = kinds["repeated-page"].record
    assert record is not None
    assert kinds["repeated-page"].text.count("Decision rationale:") >= len(record["items"])


def test_numbers_of_items_and_lengths_are_realistic(whole: list[GeneratedLetter]) -> None:
    """One to 21 items, more than half of the letters with one; about six thousand characters a letter."""
    counts = Counter(len(one.record["items"]) for one in whole if one.record)
    assert 0.5 < counts[1] / len(whole) < 0.7
    assert max(counts) == 21
    assert 5000 < sum(len(one.text) for one in whole) / len(whole) < 7000


def test_forms_of_headings_occur(whole: list[GeneratedLetter]) -> None:
    """Partial certifications, prefixes, colons, wrapped headings and headings over a page end all occur."""
    headings = [(one, item["heading"]) for one, item in items(whole)]
    assert sum("The remaining IMR eligible portion" in heading for _, heading in headings) > 100
    assert sum("leaving the original request IMR eligible" in heading for _, heading in headings) > 20
    assert sum(heading.startswith("Associated surgical service:") for _, heading in headings) > 50
    assert sum("Retrospective" in heading for _, heading in headings) > 20
    assert sum(":" in heading for _, heading in headings) > 150
    over_pages = 0
    for one, heading in headings:
        pattern = r"\s*".join(map(re.escape, squeezed(heading)))
        if "\f" in one.text and len(heading) > 80 and "-" not in heading:
            found = re.search(pattern, one.text)
            over_pages += bool(found and "\f" in found.group())
    assert over_pages > 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_layout_can_be_asked_for(layout: str) -> None:
    """`layouts` restricts the corpus, without damage when the share is nought."""
    assert {(one.layout, one.damage) for one in generate(30, 2, layouts=[layout], damaged=0)} == {(layout, None)}


def test_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="L9"):
        letter(1, 0, ["L9"])


def test_ids_are_of_the_vocabularies(whole: list[GeneratedLetter], shared: Path) -> None:
    """Guidelines, procedures and specialties are ids and labels of the lists; other treatments are drug names."""

    def column(name: str, field: str) -> set[str]:
        with open(shared / "vocabulary" / f"{name}.csv", encoding="utf-8") as file:
            return {row[field] for row in csv.DictReader(file)}

    guidelines, procedures = column("guidelines", "id"), column("procedures", "id")
    specialties = column("specialties", "label")
    drugs = set()
    for one in whole:
        assert one.record is not None
        assert set(one.record["reviewer"]["specialties"]) <= specialties
    for _, item in items(whole):
        assert {c["guideline"] for side in SIDES for c in item[side]["citations"]} <= guidelines
        drugs |= set(item["treatments"]) - procedures
    assert drugs <= DRUG_NAMES


DRUG_NAMES = {
    ingredient
    for module in [__import__("corpus.drugs", fromlist=["DRUGS"])]
    for ingredient in [
        *(name for drug in (*module.DRUGS, *module.KITS) for name in drug.ingredients),
        *(row[2] for row in module.COMPOUND_PARTS),
        "ketorolac",
        "triamcinolone",
    ]
}


def test_command_writes_letters_records_and_a_manifest(tmp_path: Path) -> None:
    """Two processes write what one writes: letters, a record for each whole one, a line for each in the manifest."""
    results = []
    for jobs in ("1", "2"):
        output, gold = tmp_path / f"letters{jobs}", tmp_path / f"gold{jobs}"
        arguments = ["--letters", "1500", "--seed", "9", "--output", str(output), "--gold", str(gold), "--jobs", jobs]
        assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0
        manifest = (tmp_path / f"letters{jobs}.manifest.jsonl").read_text().splitlines()
        files = {path.name: path.read_bytes() for folder in (output, gold) for path in folder.iterdir()}
        results.append((manifest, files))
    assert results[0] == results[1]
    manifest, files = results[0]
    damaged = [json.loads(line)["name"] for line in manifest if json.loads(line)["damage"]]
    assert len(manifest) == 1500
    assert sum(name.endswith(".txt") for name in files) == 1500
    assert sum(name.endswith(".json") for name in files) == 1500 - len(damaged)
    assert not any(f"{name}.json" in files for name in damaged)


def test_pdf_holds_the_letter() -> None:
    """The words of the record stand in the PDF's text, the header table in its first lines."""
    require_module("reportlab", "dev")
    import pypdfium2
    from corpus.pdf import pdf_of

    for one in generate(4, 21, layouts=["L5"], damaged=0):
        assert one.record is not None
        document = pypdfium2.PdfDocument(pdf_of(one))
        text = "\n".join(document[at].get_textpage().get_text_range() for at in range(len(document)))
        document.close()
        assert f"Case Number: {one.record['case_number']}" in text
        for item in one.record["items"]:
            assert squeezed(item["heading"]) in squeezed(text)
            assert squeezed(item["rationale"]) in squeezed(text)


@pytest.mark.parametrize("kind", list(WEARS))
def test_a_worn_letter_is_the_same_letter_worn(kind: str) -> None:
    changed = 0
    for index in range(12):
        plain, worn = letter(5, index, None, 0), letter(5, index, None, 0, {kind: 1.0})
        assert worn == letter(5, index, None, 0, {kind: 1.0})
        headings = [[item["heading"] for item in one.record["items"]] for one in (plain, worn) if one.record]
        assert headings[0] == headings[1]
        changed += worn.text != plain.text
    assert changed > 0


def test_expected_records_hold_reasons_whose_words_stand_in_the_rationale() -> None:
    reasons = 0
    for one in generate(60, 3, damaged=0):
        assert one.record is not None
        for item in one.record["items"]:
            for reason in item["reasons"]:
                assert reason["text"] in item["rationale"]
                reasons += 1
            assert not {reason["reason"] for reason in item["reasons"]} & set(item["ambiguous_reasons"])
    assert reasons > 60
