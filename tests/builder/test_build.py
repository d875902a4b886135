"""Building: what goes into a store, what the report says of it, and that order and repetition change nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imr_graph.builder import Progress
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.validation import choose_validator
from support.built_stores import built, keys
from support.letter_files import letter_text, triples, write, write_letters


def test_a_folder_becomes_a_validated_store_and_a_report(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(5)), tmp_path / "store"
    report = built([folder], store, validate=True)
    assert (report.seen, report.added, report.failed, report.conforms) == (5, 5, (), True)
    assert keys(store) == [f"CM17-{number:07}" for number in range(5)]
    assert report.validation is not None
    assert report.validation.looked_at["Case-hasReviewer"].count == 5
    written = json.loads((store / "build-report.json").read_text())
    assert written == json.loads(json.dumps(report.as_record()))
    assert written["validation"]["conforms"] is True
    assert written["validation"]["engine"] == choose_validator("auto")
    assert written["versions"]["imr-graph"]
    assert written["memory"]["builder"] > 0


def test_building_again_reads_nothing_and_changes_nothing(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    first = built([folder], store)
    again = built([folder], store)
    assert (again.unchanged, again.added, again.generation) == (4, 0, first.generation)
    assert again.conforms


def test_a_new_letter_is_added_to_those_that_are_there(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    built([folder], store)
    write_letters(folder, [7])
    report = built([folder], store)
    assert (report.added, report.unchanged) == (1, 4)
    whole = tmp_path / "whole"
    built([folder], whole)
    assert triples(store) == triples(whole)


def test_a_corrected_letter_replaces_the_stored_one_and_the_report_says_which(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    built([folder], store)
    write(folder / "letter-0002.txt", letter_text(2, note="Corrected."))
    report = built([folder], store)
    assert [one.key for one in report.replaced] == ["CM17-0000002"]
    assert report.replaced[0].old != report.replaced[0].new
    assert (report.added, report.unchanged) == (0, 3)
    whole = tmp_path / "whole"
    built([folder], whole)
    assert triples(store) == triples(whole)
    again = built([folder], store)
    assert (again.unchanged, again.replaced, again.generation) == (4, (), report.generation)


def test_neither_order_nor_workers_nor_shards_change_the_store(tmp_path: Path) -> None:
    folder = write_letters(tmp_path / "letters", range(30))
    copies = [tmp_path / "b", tmp_path / "a"]
    for number, path in enumerate(sorted(folder.iterdir())):
        shutil.copy2(path, write_letters(copies[number % 2], []) / path.name)
    stores = [tmp_path / f"store-{n}" for n in range(3)]
    built([folder], stores[0])
    built(copies, stores[1], shard_size=4)
    built([*reversed(copies), folder], stores[2], shard_size=4, jobs=2)
    assert triples(stores[0]) == triples(stores[1]) == triples(stores[2])


def test_one_content_under_two_names_is_one_letter(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    write(folder / "zz-copy.txt", letter_text(1))
    write(folder / "zz-other-line-ends.txt", letter_text(2).replace("\n", "\r\n"))
    report = built([folder], store)
    assert (report.seen, report.added, report.repeated, report.replaced) == (5, 3, 2, ())
    again = built([folder], store)
    assert (again.unchanged, again.added, again.repeated) == (3, 0, 1)


@pytest.mark.parametrize("names", [("a.txt", "b.txt"), ("b.txt", "a.txt")])
def test_of_two_letters_of_a_case_in_one_build_the_later_decision_stays(tmp_path: Path, names: tuple[str, str]) -> None:
    folder, store = tmp_path / "letters", tmp_path / "store"
    write(folder / names[0], letter_text(5, decided="03/30/2017"))
    write(folder / names[1], letter_text(5, decided="04/28/2017"))
    report = built([folder], store)
    assert (report.added, [one.key for one in report.left_out]) == (1, ["CM17-0000005"])
    assert "2017-04-28" in "".join(triples(store))
    assert "2017-03-30" not in "".join(triples(store))
    again = built([folder], store)
    assert again.generation == report.generation, "the letter that was left out must not come back and win"


def test_both_letters_of_a_case_are_kept_when_asked_for(tmp_path: Path) -> None:
    folder, store = tmp_path / "letters", tmp_path / "store"
    write(folder / "a.txt", letter_text(5, decided="04/28/2017"))
    write(folder / "b.txt", letter_text(5, decided="03/30/2017"))
    report = built([folder], store, keep_both=True)
    assert (report.added, len(report.kept_both)) == (1, 1)
    assert keys(store) == ["CM17-0000005", *report.kept_both]
    assert built([folder], store, keep_both=True).generation == report.generation
    separate = tmp_path / "separate"
    built([folder / "b.txt"], separate)
    built([folder / "a.txt"], separate, keep_both=True)
    assert triples(separate) == triples(store), "the earlier decision has the plain key, as if it had come first"


def test_a_letter_that_gave_way_comes_back_when_both_are_to_be_kept(tmp_path: Path) -> None:
    folder, store = tmp_path / "letters", tmp_path / "store"
    write(folder / "a.txt", letter_text(5, decided="04/28/2017"))
    write(folder / "b.txt", letter_text(5, decided="03/30/2017"))
    built([folder], store)
    report = built([folder], store, keep_both=True)
    assert len(report.kept_both) == 1
    assert len(keys(store)) == 2


def test_shards_that_lose_letters_are_validated_as_they_are_loaded(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    write(folder / "z.txt", letter_text(1, decided="04/28/2017"))
    report = built([folder], store, validate=True)
    assert report.validation is not None
    assert report.validation.looked_at["Case-hasReviewer"].count == 3


def test_every_damaged_letter_is_counted_and_named_and_the_rest_is_whole(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(20)), tmp_path / "store"
    write(folder / "empty.txt", "")
    write(folder / "empty-too.txt", "")  # the same content; whoever looks for it looks for its name
    write(folder / "noise.txt", bytes(range(256)) * 20)
    write(folder / "note.txt", "Milk, bread, and a newspaper.\n" * 5)
    write(folder / "cut.txt", letter_text(21).partition("IMR ISSUES")[0])
    report = built([folder], store)
    named = sorted(Path(one.source).name for one in report.failed)
    assert named == ["cut.txt", "empty-too.txt", "empty.txt", "noise.txt", "note.txt"]
    assert (report.seen, report.repeated) == (25, 0)
    assert all(one.reason for one in report.failed)
    assert report.added == 20
    again = built([folder], store)
    assert again.failed == report.failed, "what failed is named again, though it is not read again"
    assert (again.seen, again.repeated) == (25, 0)
    assert again.shards["made"] == 0


def test_an_incomplete_letter_is_in_the_store_and_named(tmp_path: Path) -> None:
    folder, store = tmp_path / "letters", tmp_path / "store"
    write(folder / "cut.txt", letter_text(1).partition("Decision rationale")[0])
    report = built([folder], store)
    assert [Path(one.source).name for one in report.incomplete] == ["cut.txt"]
    assert report.added == 1
    assert built([folder], store).incomplete == report.incomplete


def test_names_that_no_vocabulary_has_are_counted(tmp_path: Path) -> None:
    text = (
        letter_text(3)
        .replace("Family Practice", "Underwater Basketry")
        .replace("Acupuncture 7 visits for the neck", "Frobnication of the neck")
    )
    report = built([write(tmp_path / "letter.txt", text)], tmp_path / "store")
    assert report.unmatched["specialties"] == {"Underwater Basketry": 1}
    assert sum(report.unmatched["treatments"].values()) == 1


def test_progress_tells_stages_and_counts(tmp_path: Path) -> None:
    told: list[Progress] = []
    built([write_letters(tmp_path / "letters", range(3))], tmp_path / "store", progress=told.append)
    stages = [step.stage for step in told]
    assert list(dict.fromkeys(stages)) == ["listing", "planning", "reading letters", "loading"]
    assert next(step.total for step in told if step.stage == "reading letters") == 3


def test_a_build_of_nothing_that_can_be_read_is_refused_and_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing: does not exist: check the path\.$"):
        built([tmp_path / "nothing"], tmp_path / "store")
    assert not (tmp_path / "store").exists()
    with pytest.raises(UsageError, match=r"does not exist: check the path\. None of the 2 inputs can be read\.$"):
        built([tmp_path / "nothing", tmp_path / "either"], tmp_path / "store")


def test_a_build_of_nothing_that_can_be_read_leaves_a_store_as_it_was(tmp_path: Path) -> None:
    built([write_letters(tmp_path / "letters", range(2))], tmp_path / "store")
    with pytest.raises(UsageError, match="does not exist"):
        built([tmp_path / "nothing"], tmp_path / "store", prune=True)
    assert len(keys(tmp_path / "store")) == 2


def test_a_build_with_one_place_that_is_missing_reads_the_others(tmp_path: Path) -> None:
    report = built([tmp_path / "nothing", write_letters(tmp_path / "letters", range(2))], tmp_path / "store")
    assert [one.reason for one in report.failed] == ["does not exist: check the path."]
    assert report.added == 2


def test_nothing_is_left_in_the_work_folder(tmp_path: Path) -> None:
    built([write_letters(tmp_path / "letters", range(3))], tmp_path / "store")
    assert [path.name for path in (tmp_path / "store" / "work").rglob("*")] == ["shards"]


def test_the_summary_for_people_names_counts_and_failures(tmp_path: Path) -> None:
    folder = write_letters(tmp_path / "letters", range(3))
    write(folder / "empty.txt", "")
    lines = "\n".join(built([folder], tmp_path / "store", validate=True).as_lines())
    assert "4 inputs: 3 added, 1 failed." in lines
    assert "empty.txt: is empty." in lines
    assert "Conforms: 0 violations" in lines


def test_unknown_engines_and_validators_are_refused_with_near_names(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="'local'"):
        built([], tmp_path / "store", engine="lokal")
    with pytest.raises(UnknownNameError, match="'pyshacl'"):
        built([], tmp_path / "store", validator="pyshackle")
    with pytest.raises(UsageError, match="--engine dask"):
        built([], tmp_path / "store", scheduler="tcp://127.0.0.1:1")


@pytest.mark.parametrize("module", ["preloading", "preloading_validator"])
def test_workers_are_forked_from_a_process_that_has_the_validator_only_where_it_is_needed(module: str) -> None:
    """What prepares workers of builds without validation imports neither rdflib nor an engine."""
    code = f"import imr_graph.builder.{module}, sys; print('rdflib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.strip() == str(module != "preloading")
