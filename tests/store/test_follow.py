"""Tables in step with the store: after any changes they hold what the graph holds, and a crash leaves no trace."""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import imr_graph.store.table_manifest as manifests
from imr_graph.errors import StoreError, UsageError
from imr_graph.model import Determination
from imr_graph.store import catalog, digests, follow
from imr_graph.store import parquet as parts
from imr_graph.store.changes import add
from imr_graph.store.graph_store import memory_store, open_store, write_store
from imr_graph.store.table import open_table
from imr_graph.table import rows
from imr_graph.table.jsonlines import encode_rows, write_lines
from imr_graph.table.rows import item_rows
from support.records import DATES, determination, item
from support.sample_table import generated, held, put, read_only, take
from support.sample_world import FICTIONAL


def numbered(number: int, version: int = 0) -> Determination:
    """Return one of a few letters, in one of several versions."""
    kinds = ("upheld", "overturned")
    items = [item(f"Massage {n} of version {version}", kinds[(number + n) % 2]) for n in range(1 + number % 3)]
    dates = replace(DATES, decided=date(2020, 3, 10 + version))
    return determination(f"CM20-{number:07}", *items, dates=dates, summary=f"Summary {number} of version {version}.")


def keys(store: Path) -> list[str]:
    with open_table(store) as table:
        return [key for (key,) in table.rows("select case_key from cases order by 1")]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_after_random_changes_the_tables_are_those_that_a_rebuild_makes(tmp_path: Path, seed: int) -> None:
    chance, store = random.Random(seed), tmp_path / "store"
    put(store, [numbered(n) for n in range(12)])
    for step in range(16):
        if chance.random() < 0.3 and len(known := keys(store)) > 2:
            take(store, chance.choice(known))
        else:
            numbers = chance.sample(range(30), chance.randint(1, 4))
            letters = [numbered(n, chance.randint(0, 3)) for n in numbers]
            put(store, letters, keep_both=chance.random() < 0.2)
        if step % 8 == 7:
            before = held(store)
            assert before[0]
            follow.rebuild(store)
            assert held(store) == before


def test_generated_letters_give_the_tables_that_a_rebuild_makes(tmp_path: Path) -> None:
    store, letters = tmp_path / "store", generated(150)
    put(store, letters[:90])
    put(store, letters[90:])
    before = held(store)
    assert len(before[0]) == sum(max(1, len(d.items)) for d in letters)
    follow.rebuild(store)
    assert held(store) == before


def test_what_was_recorded_and_never_published_counts_for_nothing(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, FICTIONAL)
    before = held(store)
    generation = open_store(store).generation + 1
    follow.record(store, generation, [("CM20-0000001", numbered(1))], [FICTIONAL[0].key])
    assert held(store) == before
    put(store, [numbered(2)])
    after = held(store)
    assert {row[0] for row in after[0]} == {row[0] for row in before[0]} | {"CM20-0000002"}
    follow.rebuild(store)
    assert held(store) == after


@pytest.mark.parametrize("place", ["append", "compact"])
def test_a_change_that_breaks_off_leaves_the_tables_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    store = tmp_path / "store"
    put(store, FICTIONAL)
    before = held(store)
    generation = open_store(store).generation + 1
    with monkeypatch.context() as patched:
        patched.setattr(parts, place, broken)
        with pytest.raises(RuntimeError):
            follow.record(store, generation, [("CM20-0000001", numbered(1))], [FICTIONAL[0].key])
    assert held(store) == before
    put(store, [numbered(2)])
    assert keys(store) == sorted({row[0] for row in before[0]} | {"CM20-0000002"})


def broken(*_: object) -> None:
    raise RuntimeError("cut off")


def test_a_reader_of_a_generation_goes_on_while_the_next_ones_are_made(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, [numbered(n) for n in range(3)])
    with open_table(store) as table:
        count = "select count(*) from cases"
        assert table.rows(count) == [(3,)]
        put(store, [numbered(10)])
        assert table.rows(count) == [(3,)]
    with open_table(store) as table:
        assert table.rows(count) == [(4,)]


@pytest.mark.slow
def test_small_files_are_joined_so_that_their_number_stays_small(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for number in range(40):
        put(store, [numbered(number)])
    manifest = follow.ensure(open_store(store))
    assert len(manifest.parts) < 9
    assert len(keys(store)) == 40
    folder = manifests.folder_of(store)
    before = manifests.read(store, manifest.generation - 1)
    assert before is not None
    data = {path.name for path in folder.iterdir() if not path.name.endswith((".json", "-wal", "-shm"))}
    assert data == manifest.files | before.files


@pytest.mark.parametrize("few", [4, 1_000])
def test_what_went_is_asked_from_the_catalog_until_the_table_is_written_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(parts, "_FEW_GONE", few)
    store = tmp_path / "store"
    put(store, [numbered(n) for n in range(20)])
    for number in range(12):
        with write_store(store) as writing, writing.next() as draft:
            draft.went.append(f"CM20-{number:07}")
            follow.record(store, number + 2, (), draft.went)
        follow.tidy(store, number + 2)
    assert keys(store) == [f"CM20-{n:07}" for n in range(12, 20)]
    manifest = follow.ensure(open_store(store))
    still = catalog.departures(store, 0, manifest.generation)
    assert set(catalog.departures(store, manifest.cleaned, manifest.generation)) <= set(still)
    assert (len(still) == 12, manifest.rows == sum(1 + n % 3 for n in range(20))) == (few > 12, few > 12)


def test_what_a_killed_change_noted_in_the_catalog_takes_nothing_from_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the next change writes all of the table anew."""
    monkeypatch.setattr(parts, "_MOST_PARTS", 1)
    store = tmp_path / "store"
    put(store, [numbered(n) for n in range(4)])
    before = held(store)
    with monkeypatch.context() as patched:
        patched.setattr(digests, "record", broken)
        with pytest.raises(RuntimeError):
            put(store, [numbered(1, version=2)])
    assert catalog.departures(store, 1, 2)
    assert held(store) == before
    put(store, [numbered(9)])
    after = held(store)
    assert {row[0] for row in after[0]} == {row[0] for row in before[0]} | {"CM20-0000009"}
    follow.rebuild(store)
    assert held(store) == after


def test_a_table_that_needs_a_lost_catalog_says_so(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, [numbered(n) for n in range(4)])
    put(store, [numbered(1, version=2)])
    (store / catalog.FILE).unlink()
    with pytest.raises(StoreError, match=r"catalog\.sqlite is missing: .*--repair"), open_table(store):
        pass


def test_a_table_of_the_form_before_counts_while_nothing_has_gone(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, [numbered(n) for n in range(4)])
    manifest, file = follow.ensure(open_store(store)), manifests.folder_of(store) / "1.json"
    fields = {name: value for name, value in asdict(manifest).items() if name != "cleaned"} | {"format": 1}
    fields["parts"] = [{**part, "came": 1} for part in fields["parts"]]
    for gone, expected in (([], manifest), ([{"file": "gone-1-0.jsonl", "keys": 1, "went": 1}], None)):
        file.write_text(json.dumps(fields | {"gone": gone}))
        assert manifests.read(store, 1) == expected
    before = keys(store)
    assert before == [f"CM20-{n:07}" for n in range(4)]


def test_a_letter_that_comes_again_is_there_once(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, [numbered(1), numbered(2)])
    take(store, "CM20-0000001")
    put(store, [numbered(1, version=2)])
    put(store, [numbered(1, version=3)])
    with open_table(store) as table:
        found = table.rows("select summary from cases where case_key = 'CM20-0000001'")
    assert found == [("Summary 1 of version 3.",)]


def test_starting_anew_leaves_nothing_of_before(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, [numbered(1)])
    put(store, [numbered(2)])
    generation = open_store(store).generation
    follow.record(store, generation, [("CM20-0000002", numbered(2))], anew=True)
    rows_, entries = held(store)
    assert {row[0] for row in rows_} == {entry[0] for entry in entries} == {"CM20-0000002"}


def test_another_vocabulary_groups_all_rows_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The groups of letters that were there before are those of the vocabulary of today, in table and index."""
    store = tmp_path / "store"
    old = rows.Groups(("pharmaceuticals/old",), ("old",), ())
    with monkeypatch.context() as patched:
        patched.setattr(rows, "groups_of", {"acupuncture": old}.__getitem__)
        put(store, [numbered(1), numbered(3)])
    generation = open_store(store).generation
    manifest = manifests.read(store, generation)
    assert manifest is not None
    manifests.write(store, replace(manifest, vocabulary="another"))
    put(store, [numbered(2), numbered(3, version=1)])
    before = held(store)
    assert "old" not in str(before)
    follow.rebuild(store)
    assert held(store) == before


def test_a_store_without_tables_gets_them_when_they_are_asked_for(tmp_path: Path) -> None:
    store = tmp_path / "store"
    add(store, FICTIONAL)
    shutil.rmtree(manifests.folder_of(store))
    assert not follow.record(store, open_store(store).generation + 1, [("CM20-0000001", numbered(1))])
    with open_table(store) as table:
        assert table.rows("select count(*) from items") == [(sum(len(d.items) for d in FICTIONAL),)]


def test_damaged_tables_are_made_anew(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, FICTIONAL)
    before = held(store)
    for path in manifests.folder_of(store).glob("*.parquet"):
        path.unlink()
    assert held(store) == before
    (manifests.folder_of(store) / f"{open_store(store).generation}.json").write_text("{")
    assert held(store) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_store_that_cannot_be_written_is_read_and_what_is_missing_is_said(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, FICTIONAL)
    before = held(store)
    with read_only(store):
        assert held(store) == before
    shutil.rmtree(manifests.folder_of(store))
    with read_only(store), pytest.raises(StoreError, match="imr-graph reindex"):
        follow.ensure(open_store(store))


def test_a_table_that_lacks_a_new_column_is_derived_again_or_says_how(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, FICTIONAL)
    before, opened = held(store), open_store(store)
    file = manifests.folder_of(store) / f"{opened.generation}.json"
    manifest = manifests.read(store, opened.generation)
    assert manifest
    file.write_text(json.dumps({**asdict(manifest), "columns": "those of an earlier version"}))
    with write_store(store), pytest.raises(StoreError, match=r"Run imr-graph reindex") as caught:
        follow.ensure(opened)
    assert not isinstance(caught.value, UsageError), "the server answers 503, not 400"
    assert held(store) == before


def test_a_table_that_is_being_written_by_another_is_not_rebuilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_FOR_OTHERS", 0.1)
    from imr_graph.store.graph_store import write_store

    store = tmp_path / "store"
    add(store, FICTIONAL)
    shutil.rmtree(manifests.folder_of(store))
    with write_store(store), pytest.raises(StoreError, match="being written"):
        follow.ensure(open_store(store))


def test_tables_that_another_makes_just_then_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, begun = tmp_path / "store", threading.Event()
    add(store, FICTIONAL)
    shutil.rmtree(manifests.folder_of(store))
    derive = follow.derive

    def derive_late(*arguments: Any) -> None:
        begun.set()
        time.sleep(1)  # for longer than builds that meet wait for each other
        derive(*arguments)

    monkeypatch.setattr(follow, "derive", derive_late)
    with ThreadPoolExecutor() as threads:
        other = threads.submit(follow.rebuild, store)
        assert begun.wait(180)
        with open_table(store) as table:
            assert table.rows("select count(*) > 0 from items") == [(True,)]
        other.result()


def test_a_store_that_has_moved_on_says_so(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, [numbered(1)])
    early = open_store(store)
    for number in range(2, 6):
        put(store, [numbered(number)])
    with pytest.raises(StoreError, match="open it again"):
        follow.ensure(early)


def test_a_store_in_memory_has_a_table_too() -> None:
    store = memory_store()
    add(store, FICTIONAL)
    with open_table(store) as table:
        assert table.rows("select count(*) from cases") == [(len(FICTIONAL),)]


def test_files_of_workers_give_the_table_that_determinations_give(tmp_path: Path) -> None:
    letters = [numbered(n) for n in range(10)]
    one, other = tmp_path / "one", tmp_path / "other"
    for store in (one, other):
        add(store, letters)
    files = []
    for half, suffix in ((letters[:3], ".jsonl"), (letters[3:6], ".jsonl.gz"), (letters[6:], ".jsonl.zst")):
        files.append(tmp_path / f"shard{suffix}")
        write_lines(files[-1], (encode_rows(item_rows(d)) for d in half))
    assert follow.record_rows(one, 1, files)
    assert follow.record(other, 1, ((d.key, d) for d in letters))
    assert held(one) == held(other)


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_rows_are_read_as_they_were_written_and_a_cut_file_is_told(tmp_path: Path, ending: str) -> None:
    store, file, letters = tmp_path / "store", tmp_path / f"rows{ending}", [numbered(n) for n in range(200)]
    add(store, letters)
    before = held(store)
    write_lines(file, (encode_rows(item_rows(d)) for d in letters))
    assert follow.record_rows(store, 1, [file])
    assert held(store) == before
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(StoreError):
        follow.record_rows(store, 2, [file])
    assert held(store) == before


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/hostname')",
        "copy items to '/tmp/out.csv'",
        "attach '/tmp/x.duckdb'",
        "select * from nothing",
        "selec",
        "set enable_external_access = true",
    ],
)
def test_a_table_reads_itself_and_nothing_else(sql: str) -> None:
    with open_table(memory_store()) as table, pytest.raises((UsageError, StoreError)):
        table.rows(sql)


def test_a_folder_with_signs_in_its_name_is_a_folder(tmp_path: Path) -> None:
    store = tmp_path / 'it\'s [1] * ? "x"'
    put(store, [numbered(1)])
    take(store, "CM20-0000001")
    put(store, [numbered(2)])
    assert keys(store) == ["CM20-0000002"]
