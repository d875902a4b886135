"""Corrections in builds: applied, told where they are not, and of a changed one only the letter concerned is redone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from imr_graph.builder import BuildReport, status
from imr_graph.corrections import read_corrections
from imr_graph.errors import UsageError
from imr_graph.extraction import extract
from imr_graph.graph import mapping
from imr_graph.graph.reading import determination_of
from imr_graph.letters import read_letters
from imr_graph.model import Determination
from imr_graph.store.catalog import entries
from imr_graph.store.changes import add, remove, restore
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import open_table
from imr_graph.validation.validate import validate
from support.built_stores import built, keys
from support.letter_files import letter_text, triples, write, write_letters
from support.paths import TESTS
from support.waiting import wait_for


def said(number: int, field: str = "/patient/age", was: Any = None, now: Any = 77, **more: Any) -> dict[str, Any]:
    """Return an entry of a file of corrections: by itself, that the patient of a letter is 77 years old."""
    was = 20 + number % 50 if was is None and field == "/patient/age" else was
    entry = {"case": f"CM17-{number:07}", "field": field, "was": was, "should_be": now, "who": "A. Reader"}
    return {**entry, "why": "The letter says so.", "date": "2026-11-20", **more}


def noted(folder: Path, *found: dict[str, Any], name: str = "found.yaml") -> Path:
    """Write a file of corrections (YAML that is JSON as well) into a folder, and return the folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(found), encoding="utf-8")
    return folder


def held(store: Path, number: int) -> Determination:
    return determination_of(open_store(store), f"CM17-{number:07}")


class Place:
    """Letters, corrections and a store of a test."""

    def __init__(self, path: Path, letters: range) -> None:
        self.path, self.store = path, path / "store"
        self.letters = write_letters(path / "letters", letters)
        self.folder = path / "corrections"

    def build(self, *found: dict[str, Any], **options: Any) -> BuildReport:
        """Bring the store up to date under these corrections."""
        return built([self.letters], self.store, corrections=[noted(self.folder, *found)], **options)

    def like_new(self, *found: dict[str, Any], **options: Any) -> bool:
        """Say whether the store holds what a new store would, in its graph and in its table."""
        new = Place.__new__(Place)
        new.path, new.letters, new.folder = self.path, self.letters, self.path / "corrections-of-new"
        new.store = self.path / f"new-{len(list(self.path.iterdir()))}"
        new.build(*found, **options)
        return triples(self.store) == triples(new.store) and rows(self.store) == rows(new.store)


def rows(store: Path) -> list[Any]:
    with open_table(store) as table:
        return table.rows("select * from items order by case_key, position")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, range(8))


def test_a_correction_is_in_the_graph_the_table_and_the_report(place: Place) -> None:
    turned = said(1, "/items/0/decision", "upheld", "overturned")
    report = place.build(turned, said(1), said(2), validate=True)
    assert report.corrections == {"applied": 3, "letters": 2, "taken back": 0}
    assert (report.conforms, report.stale_corrections, report.unmet_corrections) == (True, (), ())
    assert report.validation is not None
    assert report.validation.looked_at["Correction-corrects"].count == 3
    assert validate(open_store(place.store)).conforms
    found = held(place.store, 1)
    assert (found.items[0].decision, found.outcome, found.patient.age) == ("overturned", "overturned", 77)
    assert not {"/items/0/decision", "/patient/age"} & set(found.spans)
    with open_table(place.store) as table:
        sql = "select decision, patient_age from items where case_key = 'CM17-0000001'"
        assert table.rows(sql) == [("overturned", 77)]
    assert [(c.field, c.was, c.now, c.who) for c in read_corrections(open_store(place.store), "CM17-0000001")] == [
        ("/items/0/decision", "upheld", "overturned", "A. Reader"),
        ("/patient/age", "21", "77", "A. Reader"),
    ]
    assert "3 corrections are applied, to 2 letters." in list(report.as_lines())


def test_validation_sees_the_corrected_letter(place: Place) -> None:
    report = place.build(said(3, now=8), validate=True)
    assert not report.conforms
    assert report.validation is not None
    assert report.validation.found["Case-patientAge"].examples == ("https://w3id.org/imr-graph/id/case-CM17-0000003",)


def test_what_cannot_be_applied_is_told_at_each_build(place: Place) -> None:
    found = [said(1, was=66), said(2, "/items/4/decision", "upheld", "overturned"), said(99), said(3)]
    for _ in range(2):
        report = place.build(*found)
        file = f"{place.folder}/found.yaml"
        assert report.corrections == {"applied": 1, "letters": 1, "taken back": 0}
        assert report.stale_corrections == (
            f"{file}, entry 1 (line 1), /patient/age: the letter is read as 21 now, not as 66: compare it, and write it"
            " anew.",
            f"{file}, entry 2 (line 1), /items/4/decision: the letter has no such place as it is read now: delete the"
            " entry, or name the place anew.",
        )
        (lost,) = report.unmet_corrections
        assert lost.startswith(f"{file}, entry 3 (line 1), /patient/age: no letter that was read has this case number")
        assert [line for line in report.as_lines() if line.startswith("2 ")] == [
            "2 corrections are stale and were not applied:"
        ]
        written = json.loads((place.store / "build-report.json").read_text())
        assert written["stale_corrections"] == list(report.stale_corrections)
    assert (report.unchanged, report.shards["made"]) == (8, 0)


@pytest.mark.slow
def test_only_the_letters_concerned_are_read_again(place: Place) -> None:
    place.build(said(1), said(2))
    for found in (
        [said(1), said(2, now=78)],
        [said(1), said(2, now=78), said(3)],
        [said(1), said(2, now=78, why="Another reason."), said(3)],
        [said(2, now=78, why="Another reason."), said(3)],
        [said(2, now=78, why="Another reason."), said(3, was=1)],
    ):
        report = place.build(*found)
        assert (report.read, report.read_again, report.unchanged) == (1, 1, 7), found
        assert place.like_new(*found)
        assert place.build(*found).shards["made"] == 0
    # The same entries in other files and another order are the same corrections.
    noted(place.folder, found[1], name="other.yaml")
    assert place.build(found[0]).shards["made"] == 0


def test_a_correction_that_is_deleted_is_taken_back(place: Place) -> None:
    place.build(said(1), said(2))
    report = place.build(said(2))
    assert (report.corrections, report.read) == ({"applied": 1, "letters": 1, "taken back": 1}, 1)
    assert "1 letters were read again without the corrections that they had." in list(report.as_lines())
    report = built([place.letters], place.store)
    assert (report.corrections, report.read) == ({"applied": 0, "letters": 0, "taken back": 1}, 1)
    assert place.like_new()
    assert not any("Correction" in line for line in triples(place.store) if "ontology#" not in line.split()[0])


def test_without_corrections_the_graph_is_what_the_letters_say(place: Place) -> None:
    """The graph has just what the mapping makes of each letter, also beside corrections of other letters."""
    place.build(said(99))
    expected = [mapping.ntriples(extract(letter)) for letter in read_letters([str(place.letters)])]
    graph = ox.Store()
    graph.load("".join(expected), format=ox.RdfFormat.N_TRIPLES)
    nothing = place.path / "nothing"
    add(nothing, [])
    assert set(triples(place.store)) - set(triples(nothing)) == {str(quad.triple) for quad in graph}
    assert place.like_new()


def test_one_process_and_two_make_the_same_store(tmp_path: Path) -> None:
    place = Place(tmp_path, range(80))
    found = [said(number) for number in range(0, 80, 7)]
    place.build(*found, jobs=2, shard_size=10, validate=True)
    assert place.like_new(*found, jobs=1)


def test_a_case_that_goes_takes_its_corrections_along(place: Place) -> None:
    place.build(said(1), said(1, "/priority", "standard", "expedited"), said(2))
    remove(place.store, "CM17-0000001")
    assert not [line for line in triples(place.store) if "case-CM17-0000001" in line]
    assert read_corrections(open_store(place.store), "CM17-0000002")
    restore(place.store, "CM17-0000001")
    place.build(said(1), said(1, "/priority", "standard", "expedited"), said(2))
    assert place.like_new(said(1), said(1, "/priority", "standard", "expedited"), said(2))


@pytest.mark.slow
def test_a_corrected_case_number_moves_the_case(place: Place) -> None:
    moved = said(1, "/case_number", "CM17-0000001", "CM17-0000051")
    place.build(said(1))
    for keep_both in (False, True):
        place.build(said(1), moved, keep_both=keep_both)
        assert keys(place.store) == [f"CM17-{n:07}" for n in (0, *range(2, 8), 51)]
        assert place.like_new(said(1), moved)
        assert place.build(said(1), moved, keep_both=keep_both).shards["made"] == 0
        place.build(said(1), keep_both=keep_both)
        assert place.like_new(said(1))


def test_a_corrected_date_decides_which_letter_of_a_case_stays(place: Place) -> None:
    later = letter_text(1, decided="04/30/2017", note="Decided anew.")
    write(place.letters / "again.txt", later)
    place.build()
    kept = held(place.store, 1).sha256
    by_text = {"case": None, "text": kept[:20]}
    earlier = said(1, "/dates/decided", "2017-04-30", "2017-03-01", **by_text)
    place.build(earlier)
    assert held(place.store, 1).sha256 != kept
    assert place.like_new(earlier)
    assert place.build(earlier).shards["made"] == 0
    place.build()
    assert held(place.store, 1).sha256 == kept
    assert place.like_new()


def test_a_letter_that_gave_way_does_not_come_back_for_its_correction(place: Place) -> None:
    (was,) = (entry.sha256 for entry in _entries(place, built([place.letters], place.store)) if entry.key[-1] == "1")
    write(place.letters / "again.txt", letter_text(1, decided="04/30/2017", note="Decided anew."))
    place.build()
    kept = held(place.store, 1).sha256
    found = said(1, case=None, text=was)
    report = place.build(found)
    assert held(place.store, 1).sha256 == kept
    assert report.unmet_corrections == ()
    assert place.like_new(found)
    # Where the letter that it gave way to is not among the inputs it is not even read.
    report = built([place.letters / "letter-0001.txt"], place.store, corrections=[noted(place.folder, said(1, now=50))])
    assert report.read == 0
    assert held(place.store, 1).sha256 == kept


def _entries(place: Place, report: BuildReport) -> list[Any]:
    return list(entries(place.store, report.generation))


def test_letters_that_are_kept_side_by_side_have_corrections_of_their_own(place: Place) -> None:
    write(place.letters / "again.txt", letter_text(1, decided="04/30/2017", note="Decided anew."))
    report = place.build(said(1), keep_both=True)
    assert report.corrections == {"applied": 2, "letters": 2, "taken back": 0}
    pair = [key for key in keys(place.store) if key.startswith("CM17-0000001")]
    assert len(pair) == 2
    for key in pair:
        (one,) = read_corrections(open_store(place.store), key)
        assert one.node.endswith(f"case-{key}")
    assert validate(open_store(place.store)).conforms
    assert place.like_new(said(1), keep_both=True)
    report = place.build(said(1, now=78), keep_both=True)
    assert (report.read_again, report.unchanged) == (2, 7)
    assert place.like_new(said(1, now=78), keep_both=True)


_KILLED = """
import sys
from imr_graph.builder import build
if __name__ == "__main__":
    build([sys.argv[1]], sys.argv[2], jobs=2, validate=False, shard_size=4, corrections=[sys.argv[3]])
"""


@pytest.mark.kill
def test_a_killed_build_goes_on_with_the_shards_whose_corrections_are_the_same(tmp_path: Path) -> None:
    place = Place(tmp_path, range(400))
    found = [said(number) for number in range(0, 400, 2)]
    command = [sys.executable, "-c", _KILLED, place.letters, place.store, noted(place.folder, *found)]
    with subprocess.Popen(list(map(str, command)), cwd=TESTS, start_new_session=True) as process:
        wait_for(lambda: len(list(place.store.glob("work/shards/*.json"))) >= 10 or process.poll() is not None)
        os.killpg(process.pid, signal.SIGKILL)
    manifests = [json.loads(path.read_text()) for path in place.store.glob("work/shards/*.json")]
    done = {block[2] for manifest in manifests for block in manifest["blocks"]}
    # Of the letters that were done, one correction changes, one goes and one comes.
    gone, changed = sorted(int(key[-7:]) for key in done if int(key[-1]) % 2 == 0)[:2]
    new = min(int(key[-7:]) for key in done if int(key[-1]) % 2)
    kept = (entry for entry in found if entry["case"][-4:] not in (f"{gone:04}", f"{changed:04}"))
    now = [*kept, said(changed, now=50), said(new)]
    report = place.build(*now, shard_size=4)
    assert (report.added, report.corrections["applied"], report.stale_corrections) == (400, len(now), ())
    assert report.shards["resumed"] >= len(manifests) - 3
    assert place.like_new(*now)


def test_status_says_what_corrections_make_stale(place: Place) -> None:
    place.build(said(1), said(2))
    assert status(place.store, corrections=[place.folder]).stale == ()
    noted(place.folder, said(1, now=78), said(3), said(99))
    (stale,) = status(place.store, corrections=[place.folder]).stale
    assert (stale.count, stale.examples) == (3, ("CM17-0000001", "CM17-0000002", "CM17-0000003"))
    assert stale.why.startswith("corrections were added, changed or deleted")
    assert [some.count for some in status(place.store).stale] == [2]


def test_a_mistake_in_a_file_of_corrections_stops_the_build_before_it_begins(place: Place) -> None:
    with pytest.raises(UsageError, match="it is 'upheld' or 'overturned'"):
        place.build(said(1, "/items/0/decision", "upheld", "modified"))
    assert not place.store.exists()


def test_a_text_that_is_in_the_store_already_takes_its_corrections_from_there(place: Place) -> None:
    """Another file with the same text is no reason to read the letter of the store again; other corrections are."""
    place.build(said(1))
    text = (place.letters / "letter-0001.txt").read_text()
    write(place.letters / "copy.txt", text.replace("\n", "\r\n"))
    assert place.build(said(1)).read == 0
    write(place.letters / "third.txt", "\ufeff" + text)
    assert place.build(said(1, now=78)).read == 1
    assert held(place.store, 1).patient.age == 78


def test_a_letter_that_turns_out_to_be_of_another_case_gives_way_there(place: Place) -> None:
    place.build()
    same = said(1, "/case_number", "CM17-0000001", "CM17-0000002")
    found = [same, said(1, "/dates/decided", "2017-03-30", "2017-03-29")]
    place.build(*found)
    assert keys(place.store) == [f"CM17-{n:07}" for n in (0, *range(2, 8))]
    assert held(place.store, 2).patient.age == 22
    assert place.like_new(*found)
    assert place.build(*found).shards["made"] == 0
    place.build()
    assert place.like_new()


def test_letters_that_a_program_added_are_corrected_by_the_build_that_reads_them(place: Place) -> None:
    letters = [extract(letter) for letter in read_letters([str(place.letters)])]
    add(place.store, letters)
    found = [said(1), said(2, case=None, text=letters[2].sha256)]
    report = place.build(*found)
    assert (report.read_again, report.corrections["applied"]) == (2, 2)
    assert place.like_new(*found)


def test_a_letter_that_moves_back_meets_the_letters_that_its_case_has_by_now(place: Place) -> None:
    moved = said(1, "/case_number", "CM17-0000001", "CM17-0000051")
    away = {**moved, "case": None, "text": extract(next(iter(read_letters([str(place.letters / "*1.txt")])))).sha256}
    place.build(away)
    write(place.letters / "again.txt", letter_text(1, decided="04/30/2017", note="Decided anew."))
    place.build(away)
    assert {"CM17-0000001", "CM17-0000051"} <= set(keys(place.store))
    place.build()
    assert place.like_new()
    assert held(place.store, 1).dates.decided == date(2017, 4, 30)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_after_any_changes_of_corrections_the_store_is_like_a_new_one(tmp_path: Path, seed: int) -> None:
    chance, place = random.Random(seed), Place(tmp_path, range(6))
    write(place.letters / "again.txt", letter_text(1, decided="04/30/2017", note="Decided anew."))
    digests = [letter.sha256 for letter in read_letters([str(place.letters)])]
    days = ("2017-03-01", "2017-03-29", "2017-05-01")
    for _ in range(5):
        found = {}
        for _ in range(chance.randint(0, 6)):
            number = chance.randrange(6)
            field, was, now = chance.choice(
                (
                    ("/patient/age", 20 + number, chance.choice((70, 71))),
                    ("/case_number", f"CM17-{number:07}", f"CM17-{chance.randrange(8):07}"),
                    ("/dates/decided", chance.choice(("2017-03-30", "2017-04-30")), chance.choice(days)),
                )
            )
            which = {"case": None, "text": chance.choice(digests)} if chance.random() < 0.4 else {}
            if was != now:
                entry = said(number, field, was, now, **which)
                found[entry["case"], which.get("text"), field] = entry
        place.build(*found.values())
        assert place.like_new(*found.values())
        assert place.build(*found.values()).shards["made"] == 0
