"""Removed letters stay away from later builds until they are restored, and their words leave the store's files."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from imr_graph.errors import UnknownNameError
from imr_graph.store import catalog, changes, sqlite_files
from imr_graph.store.changes import remove, restore
from imr_graph.store.generations import manifest_of
from imr_graph.store.graph_store import open_store
from imr_graph.store.packing import unpack
from imr_graph.store.table import open_table
from imr_graph.store.verify import verify
from support.built_stores import built, keys
from support.letter_files import letter_text, triples, write, write_letters

_CASE = "CM17-0000003"
# In the summary of the letter, and nowhere else.
_WORD = "zanzibarquux"


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """Write eight letters, one of them with a word of its own."""
    folder = write_letters(tmp_path / "letters", range(8))
    write(folder / "letter-0003.txt", letter_text(3, note=f"She says {_WORD} to her neighbors."))
    return folder


def find_word(store: Path) -> list[str]:
    """Return the files of a store that hold the word, in their bytes or in what they have packed."""
    found = {path.name for path in store.rglob("*") if path.is_file() and _WORD.encode() in path.read_bytes()}
    return sorted(found | {name for name, text in _unpack(store) if _WORD in text})


def _unpack(store: Path) -> Iterator[tuple[str, str]]:
    with catalog.reading(store) as connection:
        assert connection
        for (packed,) in connection.execute("select packed from text"):
            yield "text", zlib.decompress(packed).decode()
        for (packed,) in connection.execute("select packed from triples"):
            yield "triples", unpack(packed).decode()
    for part in store.glob("tables/*.parquet"):
        yield part.name, str(duckdb.read_parquet(str(part)).fetchall())


def test_a_removed_letter_stays_away_from_builds_until_it_is_restored(tmp_path: Path, letters: Path) -> None:
    store = tmp_path / "store"
    built([letters], store)
    remove(store, _CASE)
    for _ in range(3):
        report = built([letters], store)
        assert (report.added, report.unchanged, len(keys(store))) == (0, 7, 7)
        assert [(one.key, Path(one.source).name) for one in report.kept_out] == [(_CASE, "letter-0003.txt")]
        assert "imr-graph restore KEY" in "\n".join(report.as_lines())
    assert restore(store, _CASE) == (_CASE,)
    report = built([letters], store)
    assert (report.added, report.kept_out) == (1, ())
    whole = tmp_path / "whole"
    built([letters], whole)
    assert triples(store) == triples(whole)


def test_another_letter_of_a_removed_case_stays_away_as_well(tmp_path: Path, letters: Path) -> None:
    store = tmp_path / "store"
    built([letters], store)
    remove(store, _CASE)
    write(letters / "again.txt", letter_text(3, decided="05/05/2017"))
    for _ in range(2):
        report = built([letters], store)
        assert (report.added, len(keys(store))) == (0, 7)
        assert [Path(one.source).name for one in report.kept_out] == ["again.txt", "letter-0003.txt"]
    assert report.worker_seconds == {}, "it is not read again"


def test_where_one_of_two_letters_of_a_case_is_removed_the_other_is_built_as_before(
    tmp_path: Path, letters: Path
) -> None:
    store = tmp_path / "store"
    write(letters / "again.txt", letter_text(3, decided="05/05/2017"))
    built([letters], store, keep_both=True)
    (second,) = (key for key in keys(store) if key.startswith(f"{_CASE}-"))
    remove(store, second)
    write(letters / "third.txt", letter_text(3, decided="06/06/2017"))
    report = built([letters], store, keep_both=True)
    assert (len(report.kept_both), len(keys(store))) == (1, 9)
    assert [Path(one.source).name for one in report.kept_out] == ["again.txt"]


def test_no_file_of_the_store_holds_words_of_a_removed_letter(tmp_path: Path, letters: Path) -> None:
    store = tmp_path / "store"
    built([letters], store)
    write(letters / "letter-0009.txt", letter_text(9))
    built([letters], store)
    before = find_word(store)
    assert {"text", "triples"} <= set(before)
    assert any(name.endswith(".parquet") for name in before)
    assert any(name.startswith("search-") for name in before)
    assert any(name.endswith((".sst", ".log")) for name in before)
    remove(store, _CASE)
    assert find_word(store) == []
    built([letters], store)
    assert find_word(store) == []
    with open_table(store) as table:
        assert table.rows("select count(*) from cases") == [(8,)]


def test_words_that_a_long_reader_keeps_in_a_log_go_with_the_next_of_three_builds(
    tmp_path: Path, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "_READERS", 100)
    store = tmp_path / "store"
    built([letters], store)
    (index,) = (store / "tables").glob("search-*.sqlite")
    with closing(sqlite3.connect(index)) as words, closing(sqlite3.connect(store / catalog.FILE)) as texts:
        for reader, table in ((words, "entry"), (texts, "letter")):
            reader.execute("begin")
            reader.execute(f"select count(*) from {table}").fetchone()
        remove(store, _CASE)
    for _ in range(3):
        assert built([letters], store).added == 0
        assert find_word(store) == []
        assert verify(store).damages == verify(store).remarks == ()


def test_an_erasure_that_was_interrupted_is_finished_by_the_next_build(
    tmp_path: Path, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    built([letters], store)
    with monkeypatch.context() as patched:
        patched.setattr(changes, "keep_only", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            remove(store, _CASE)
    manifest = manifest_of(store)
    assert manifest
    assert manifest.generation == 2, "the letter is gone already"
    assert find_word(store) != []
    assert len(built([letters], store).kept_out) == 1
    assert find_word(store) == []


def test_a_removal_that_was_never_published_is_not_remembered(
    tmp_path: Path, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    built([letters], store)
    with monkeypatch.context() as patched:
        patched.setattr("imr_graph.store.graph_store.publish", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            remove(store, _CASE)
    assert len(keys(store)) == 8
    assert built([letters], store).kept_out == ()
    assert open_store(store).generation == 1


def test_restoring_what_was_not_removed_is_refused_with_near_names(tmp_path: Path, letters: Path) -> None:
    store = tmp_path / "store"
    built([letters], store)
    remove(store, _CASE)
    with pytest.raises(UnknownNameError, match=f"There is no removed letter 'CM17-0000004'. Did you mean '{_CASE}'"):
        restore(store, "CM17-0000004")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
