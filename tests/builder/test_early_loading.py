"""Loading while letters are still being read: what comes out is what loading everything in the end gives."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from imr_graph.builder import loading
from imr_graph.builder import run as building
from imr_graph.builder import writer as writing
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import ShardManifest
from imr_graph.builder.writer import GenerationWriter, Lane
from imr_graph.errors import StoreError
from support.built_stores import built
from support.letter_files import letter_text, triples, write, write_letters
from support.sample_table import held

_SECTIONS = ("Functional goals", "functional Goals", "FUNCTIONAL GOALS", "Herbal baths")


def some_letters(folder: Path, chance: random.Random) -> Path:
    """Write letters in which much is in conflict: corrected letters, twins, sections printed in several ways."""
    for number in chance.sample(range(30), 12):
        text = letter_text(
            number,
            decided=f"0{chance.randint(3, 5)}/30/2017",
            note=chance.choice(("", "", "Corrected.")),
            section=chance.choice(_SECTIONS),
        )
        name = f"{chance.choice('abc')}/letter-{number:04}.txt"
        write(folder / name, text)
        if chance.random() < 0.3:
            write(folder / "twins" / f"letter-{number:04}.txt", text + "\n")
    return folder


@pytest.mark.parametrize(
    ("jobs", "seed"),
    [pytest.param(j, s, marks=[pytest.mark.slow] if (j, s) != (2, 2) else []) for j in (1, 2) for s in range(6)],
)
def test_conflicts_end_as_they_do_when_all_is_loaded_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, seed: int
) -> None:
    """Builds one after the other into two stores, one of which loads nothing ahead."""
    monkeypatch.setattr(writing, "_TOGETHER", 10_000)
    monkeypatch.setattr(writing, "_FIRST", 20_000)
    chance, folder = random.Random(seed), tmp_path / "letters"
    one, other = tmp_path / "one", tmp_path / "other"
    for _ in range(4):
        some_letters(folder, chance)
        options = {"keep_both": chance.random() < 0.3, "shard_size": 5}
        if chance.random() < 0.3:
            next(folder.rglob("*.txt")).unlink()
            options["prune"] = True
        ours = built([folder], one, jobs=jobs, **options)
        with monkeypatch.context() as patched:
            patched.setattr(writing.GenerationWriter, "busy", True)
            theirs = built([folder], other, **options)
        assert triples(one) == triples(other)
        assert held(one) == held(other)
        assert (ours.added, ours.replaced, ours.kept_both, ours.left_out, ours.removed) == (
            *(theirs.added, theirs.replaced, theirs.kept_both, theirs.left_out, theirs.removed),
        )


def test_letters_without_rivals_are_loaded_before_all_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_MOST_WAITING", 1)
    folder, store = write_letters(tmp_path / "letters", range(40)), tmp_path / "store"
    write(folder / "again.txt", letter_text(3, note="Corrected."))
    before: list[tuple[int, int]] = []
    publish = building.publish_changes

    def counted(made: GenerationWriter, *rest: object) -> int:
        made._graph_lane.wait()
        before.append((made.loaded, (store / "store.json").exists()))
        return publish(made, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "publish_changes", counted)
    assert built([folder], store, jobs=2, shard_size=5).added == 40
    assert before == [(40, False)], "but for one of the rivals, and nobody can see them yet"


def test_letters_that_come_too_fast_are_loaded_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imr_graph.builder.writer._MOST_TASKS", 0)
    folder, store = write_letters(tmp_path / "letters", range(12)), tmp_path / "store"
    assert built([folder], store, jobs=2, shard_size=3).added == 12
    whole = tmp_path / "whole"
    built([folder], whole)
    assert triples(store) == triples(whole)
    assert held(store) == held(whole)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_while_loading_ahead_ends_the_build_and_leaves_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    built([folder], store)
    before, table = triples(store), held(store)
    write_letters(folder, range(4, 40))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(writing.GenerationWriter, "_load_waiting", full)
        patched.setattr(writing, "_MOST_WAITING", 1)
        with pytest.raises(StoreError, match="is full: free some and try again"):
            built([folder], store, jobs=jobs, shard_size=5)
    assert triples(store) == before
    assert held(store) == table
    assert [path.name for path in (store / "generations").iterdir()] == ["1"]
    report = built([folder], store, shard_size=5)
    assert (report.added, report.shards["resumed"] > 0) == (36, True)


def test_an_error_of_reading_is_told_as_it_is_though_letters_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = write_letters(tmp_path / "letters", range(20)), tmp_path / "store"
    entered: list[ShardManifest] = []
    take = loading.take_shard

    def breaking(plan: sqlite3.Connection, folder: ShardFolder, manifest: ShardManifest, made: GenerationWriter) -> int:
        settled = take(plan, folder, manifest, made)
        entered.append(manifest)
        if len(entered) == 3:
            raise ConnectionRefusedError("nobody there")
        return settled

    monkeypatch.setattr(loading, "take_shard", breaking)
    with pytest.raises(ConnectionRefusedError, match="nobody there"):
        built([folder], store, jobs=2, shard_size=3)
    assert not list((store / "generations").iterdir())


def test_work_in_a_lane_is_done_in_its_order_and_its_errors_come_out() -> None:
    lane, done = Lane(beside=True), list[int]()
    for number in range(40):
        lane.run(lambda number=number: done.append(number))
    lane.wait()
    assert done == list(range(40))

    def broken() -> None:
        raise ValueError("by design")

    lane.run(broken)
    with pytest.raises(ValueError, match="by design"):
        lane.wait()
    lane.close()
