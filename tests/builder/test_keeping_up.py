"""Keeping up: what is known is not read, what is gone can be pruned, what is stale is redone and explained."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from imr_graph.builder import conflicts, counting, shards, status, worklist
from imr_graph.errors import StoreError
from imr_graph.store import catalog
from imr_graph.store.catalog import Entry
from support.built_stores import built, keys, of_versions
from support.letter_files import letter_text, triples, write, write_letters


def test_a_file_whose_time_and_size_are_known_is_not_read(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    built([folder], store)
    path = folder / "letter-0001.txt"
    was = path.stat()
    path.write_bytes(b"x" * was.st_size)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert built([folder], store).unchanged == 3
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns + 1))
    report = built([folder], store)
    assert (report.unchanged, len(report.failed)) == (2, 1)


def test_a_file_that_was_touched_but_not_changed_is_only_digested(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    built([folder], store)
    os.utime(folder / "letter-0001.txt", (1, 1))
    report = built([folder], store)
    assert (report.unchanged, report.shards["made"]) == (3, 0)


def test_a_file_that_may_still_be_changing_is_looked_at_again(tmp_path: Path) -> None:
    folder, store = tmp_path / "letters", tmp_path / "store"
    path = write(folder / "letter.txt", letter_text(1), age=0)
    built([folder], store)
    was = path.stat()
    path.write_text(letter_text(2))
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert built([folder], store).added == 1


def test_letters_whose_files_are_gone_stay_until_pruned(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    built([folder], store)
    (folder / "letter-0002.txt").unlink()
    report = built([folder], store)
    assert (report.vanished, report.removed, len(keys(store))) == (1, (), 4)
    report = built([folder], store, prune=True)
    assert (report.vanished, report.removed) == (0, ("CM17-0000002",))
    whole = tmp_path / "whole"
    built([folder], whole)
    assert triples(store) == triples(whole)


def test_pruning_takes_out_what_a_changed_file_held_before(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    built([folder], store)
    write(folder / "letter-0002.txt", letter_text(9))
    report = built([folder], store, prune=True)
    assert (report.added, report.removed) == (1, ("CM17-0000002",))


def test_a_letter_that_moved_is_not_pruned(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    built([folder], store)
    (folder / "sub").mkdir()
    (folder / "letter-0002.txt").rename(folder / "sub" / "renamed.txt")
    report = built([folder], store, prune=True)
    assert (report.unchanged, report.removed) == (3, ())
    (folder / "sub" / "renamed.txt").unlink()
    assert built([folder], store, prune=True).removed == ("CM17-0000002",)


def test_only_given_places_are_pruned(tmp_path: Path) -> None:
    one, two = write_letters(tmp_path / "one", [1, 2]), write_letters(tmp_path / "two", [3, 4])
    store = tmp_path / "store"
    built([one, two], store)
    (one / "letter-0001.txt").unlink()
    (two / "letter-0003.txt").unlink()
    assert built([two], store, prune=True).removed == ("CM17-0000003",)
    assert built([one / "letter-0002.txt"], store, prune=True).removed == ()


def test_a_letter_that_another_given_or_not_given_place_still_holds_is_not_pruned(tmp_path: Path) -> None:
    one, two = write_letters(tmp_path / "one", [1, 2]), write_letters(tmp_path / "two", [2])
    store = tmp_path / "store"
    built([one, two], store)
    (one / "letter-0002.txt").unlink()
    assert built([one], store, prune=True).removed == ()


def test_a_folder_that_is_empty_all_at_once_is_not_pruned(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(2)), tmp_path / "store"
    built([folder], store)
    shutil.rmtree(folder)
    folder.mkdir()
    report = built([folder], store, prune=True)
    assert report.removed == ()
    assert "is its drive connected" in report.remarks[0]


def test_an_archive_that_cannot_be_opened_any_more_loses_nothing(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", [1]), tmp_path / "store"
    shutil.make_archive(str(folder / "more"), "zip", write_letters(tmp_path / "packed", [2, 3]))
    built([folder], store)
    write(folder / "more.zip", b"PK\3\4 and no more")
    report = built([folder], store, prune=True)
    assert (len(report.failed), report.removed) == (1, ())


def test_what_gave_way_to_a_pruned_letter_comes_back(tmp_path: Path) -> None:
    folder, store = tmp_path / "letters", tmp_path / "store"
    later = write(folder / "later.txt", letter_text(5, decided="04/28/2017"))
    write(folder / "earlier.txt", letter_text(5, decided="03/30/2017"))
    built([folder], store)
    later.unlink()
    built([folder], store, prune=True)
    assert "2017-03-30" in "".join(triples(store))


def test_what_other_versions_read_is_stale_and_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    built([folder], store)
    write_letters(folder, [8])
    of_versions(monkeypatch, "9.9")
    built([folder / "letter-0008.txt"], store)
    found = status(store)
    assert [(some.count, some.examples[0]) for some in found.stale] == [(3, "CM17-0000000")]
    assert "this is 9.9" in found.stale[0].why
    report = built([folder], store)
    assert (report.read_again, report.unchanged, report.replaced) == (3, 1, ())
    assert status(store).stale == ()
    assert "Nothing is stale." in list(status(store).as_lines())


def test_status_says_what_of_some_inputs_is_new_changed_or_gone(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    built([folder], store)
    write_letters(folder, [7, 8])
    write(folder / "letter-0001.txt", letter_text(1, note="Corrected."), age=1800)
    (folder / "letter-0002.txt").unlink()
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    found = status(store, [folder])
    assert (found.letters, found.inputs, found.known) == (4, 5, 2)
    assert (found.new.count, found.changed.count, found.vanished) == (2, 1, 1)
    assert [Path(name).name for name in found.new.examples] == ["letter-0007.txt", "letter-0008.txt"]
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before, "status changes nothing"
    assert any("2 new" in line for line in found.as_lines())


def test_status_of_no_store_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="imr-graph build SOURCE"):
        status(tmp_path / "store")


def test_what_is_known_can_be_lost_at_the_cost_of_reading_again(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    built([folder], store)
    before = triples(store)
    with closing(sqlite3.connect(store / "catalog.sqlite")) as known, known:
        known.executescript("delete from place; delete from content; delete from seal")
    report = built([folder], store)
    assert (report.unchanged, report.added) == (3, 0)
    assert triples(store) == before


def test_letters_are_not_stale_because_their_pages_were_recognized(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = write_letters(tmp_path / "letters", range(2)), tmp_path / "store"
    software = shards.current_versions().software
    with monkeypatch.context() as patch:
        of_versions(patch, f"{software} with Tesseract 5.3.0")
        built([folder], store)
    assert status(store).stale == ()


def _steps(tmp_path: Path, stored: int, came: int) -> int:
    """Return how many steps the database takes to settle so many letters against a store of so many."""
    folder = tmp_path / f"{stored}-{came}"
    (folder / "work").mkdir(parents=True)
    digests = [f"{n:064x}" for n in range(stored + came)]
    now = shards.current_versions()
    catalog.record(
        folder,
        1,
        [
            Entry(f"CM17-{n:07}", digests[n], "a.txt", digests[n], now.software, now.vocabulary, f"CM17-{n:07}")
            for n in range(stored)
        ],
    )
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with worklist.open_list(folder / "work", folder, 1) as plan:
        rows = [(digests[-1 - n], digests[-1 - n], f"CM17-{n:07}", f"CM17-{n:07}") for n in range(came)]
        plan.executemany(
            "insert into letter (digest, sha256, key, number, decided, source, start, length, unparsed, incomplete, "
            "shard) values (?, ?, ?, ?, '', '', 0, 0, 0, '', 's')",
            rows,
        )
        plan.set_progress_handler(step, 100)
        conflicts.settle_fates(plan, now, keep_both=False)
        assert worklist.count(plan, "select count(*) from gone where why = 'replaced'") == came
        counting.replacements(plan)
    return steps


def test_settling_some_letters_takes_as_long_in_a_large_store_as_in_a_small_one(tmp_path: Path) -> None:
    assert _steps(tmp_path, 8_000, 200) < 1.3 * _steps(tmp_path, 1_000, 200)


def test_settling_takes_time_in_proportion_to_what_came(tmp_path: Path) -> None:
    assert _steps(tmp_path, 8_000, 4_000) < 30 * _steps(tmp_path, 8_000, 200)


def _old_form(store: Path) -> None:
    """Turn a store into what the version before made: three files in the place of the catalog, and format 1."""
    with closing(sqlite3.connect(store / "catalog.sqlite")) as catalog:
        tables = {
            "ledger": {"letter": "key, sha256, source, source_sha256, software, vocabulary, came, went"},
            "sources": {
                "place": "*",
                "content": "*",
                "superseded": "sha256, number as key, came",
                "corrected": "*",
            },
            "texts": {"text": "*"},
        }
        for file, names in tables.items():
            catalog.execute("attach database ? as old", (str(store / f"{file}.sqlite"),))
            for name, columns in names.items():
                catalog.execute(f"create table old.{name} as select {columns} from main.{name}")
            catalog.commit()
            catalog.execute("detach database old")
    (store / "catalog.sqlite").unlink()
    said = json.loads((store / "store.json").read_text())
    later = ("digests", "check")  # what that version did not have
    (store / "store.json").write_text(json.dumps({k: v for k, v in said.items() if k not in later} | {"format": 1}))


def test_a_store_of_the_form_before_is_renewed_by_a_build_and_by_nothing_else(tmp_path: Path) -> None:
    """Nothing is read again; what gave way, what is beside another letter and what can be pruned is still known."""
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    write(folder / "earlier.txt", letter_text(1, decided="03/30/2017", note="Before."))
    later = write(folder / "later.txt", letter_text(2, decided="04/30/2017", note="After."))
    built([folder], store)
    before, was = triples(store), list(catalog.entries(store, 1))
    _old_form(store)
    with pytest.raises(StoreError, match="made by an earlier version of imr-graph: imr-graph build SOURCE"):
        keys(store)
    with pytest.raises(StoreError, match="made by an earlier version"):
        status(store)
    report = built([folder], store)
    assert (report.added, report.shards["made"], report.generation) == (0, 0, 1)
    assert [remark.partition(";")[0] for remark in report.remarks] == [
        "The store was made by an earlier version of imr-graph"
    ]
    assert (triples(store), list(catalog.entries(store, 1))) == (before, was)
    assert [path.name for path in store.glob("*.sqlite*")] == ["catalog.sqlite"]
    assert built([folder], store).remarks == ()
    later.unlink()
    assert [one.key for one in built([folder], store, prune=True).replaced] == ["CM17-0000002"]


def test_a_store_without_its_catalog_is_refused(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(2)), tmp_path / "store"
    built([folder], store)
    (store / "catalog.sqlite").unlink()
    for action in (lambda: built([folder], store), lambda: status(store)):
        with pytest.raises(
            StoreError, match=r"catalog\.sqlite is missing: restore it from a copy; or imr-graph verify --repair"
        ):
            action()


def test_the_letter_decided_last_stays_whichever_build_brings_it(tmp_path: Path) -> None:
    """A build with the earlier letter leaves the later one in the store, and says so."""
    one, other = tmp_path / "one", tmp_path / "other"
    earlier = letter_text(5, decided="03/30/2017")
    write(one / "later.txt", letter_text(5, decided="04/28/2017"))
    write(other / "earlier.txt", earlier)
    built([one], tmp_path / "a")
    report = built([other], tmp_path / "a")
    assert (report.added, report.replaced, [out.key for out in report.left_out]) == (0, (), ["CM17-0000005"])
    assert built([other], tmp_path / "a").unchanged == 1, "what gave way is not read again"
    built([other], tmp_path / "b")
    report = built([one], tmp_path / "b")
    assert [replaced.key for replaced in report.replaced] == ["CM17-0000005"]
    assert built([one], tmp_path / "b").generation == report.generation
    assert triples(tmp_path / "a") == triples(tmp_path / "b")


def test_a_letter_whose_file_holds_another_now_gives_way_whatever_its_date(tmp_path: Path) -> None:
    store, file = tmp_path / "store", tmp_path / "letter.txt"
    write(file, letter_text(5, decided="04/28/2017"))
    built([file], store)
    write(file, letter_text(5, decided="03/30/2017", note="Mended."), age=1800)
    assert len(built([file], store).replaced) == 1
