"""Exports made of the letters' triples in the catalog: the same bytes as from the graph, after whatever changes."""

from __future__ import annotations

import hashlib
import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph.errors import ToolError
from imr_graph.graph.export import FORMATS, export
from imr_graph.graph.readable import GraphStore
from imr_graph.model import Determination
from imr_graph.store import catalog, letter_triples
from imr_graph.store.changes import add, remove
from imr_graph.store.graph_store import cases, open_store, write_store
from imr_graph.store.repair import repair
from imr_graph.store.verify import verify
from support.built_stores import built
from support.letter_files import letter_text, write, write_letters
from support.records import CHRONIC_PAIN, citation, determination, gold, item, party, spanned

# Keys that continue each other, in ways that N-Triples and Turtle sort differently, and such as IRIs have to escape.
_NUMBERS = ("CM20-1", "CM20-1-item", "CM20-10", "CM20-1 0", "CM20-2", "IMR 20/1", None)


def written(store: GraphStore, format: str, **options: int) -> bytes:
    stream = io.BytesIO()
    export(store, format, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def assert_same_bytes(path: Path, *, size: int = 60, jobs: int = 1) -> None:
    """Compare the exports of a store on disk, cut into many ranges, with those of its graph in memory."""
    store = open_store(path)
    in_memory = ox.Store()
    in_memory.extend(store.graph.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    for format in FORMATS:
        for with_vocabulary in (False, True) if format == "turtle" else (False,):
            expected = written(GraphStore(in_memory, store.base), format, include_vocabulary=with_vocabulary)
            assert written(store, format, include_vocabulary=with_vocabulary, size=size, jobs=jobs) == expected


def kept(path: Path) -> dict[str, bytes | None]:
    """Return the triples that a store keeps of each of its letters."""
    store = open_store(path)
    assert store.letters is not None
    return dict(store.letters.read(tuple(cases(store))))


def made(number: str | None, version: int) -> Determination:
    cited = citation(CHRONIC_PAIN, f"Corners {version}", pages=(version + 1,))
    items = (item(f"Brace {n}", reviewer=party(cited)) for n in range(version % 3 + 1))
    letter = determination(number, *items, sha256=hashlib.sha256(f"{number} {version}".encode()).hexdigest())
    return spanned(replace(letter, dates=replace(letter.dates, decided=date(2020, 3, version + 1))))


_CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"), st.lists(st.tuples(st.sampled_from(_NUMBERS), st.integers(0, 5)), max_size=4), st.booleans()
        ),
        st.tuples(st.just("remove"), st.integers(0, 9)),
    ),
    min_size=2,
    max_size=5,
)


@settings(max_examples=max(3, settings.default.max_examples // 30))
@given(_CHANGES)
def test_after_any_changes_a_store_is_exported_as_its_graph_is(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[object, ...]]
) -> None:
    store = tmp_path_factory.mktemp("changes") / "store"
    add(store, [made("CM20-1", 0), made("CM20-1", 1), made("CM20-1 0", 2), made(None, 3)], keep_both=True)
    for change in changes:
        match change:
            case ("add", letters, keep_both):
                add(store, [made(*letter) for letter in letters], keep_both=keep_both)  # type: ignore[attr-defined, arg-type]
            case ("remove", index):
                there = list(cases(open_store(store)))
                if len(there) > 1:
                    remove(store, there[index % len(there)])  # type: ignore[operator]
    assert_same_bytes(store)
    assert None not in kept(store).values()
    assert verify(store).intact


def test_builds_that_replace_rename_and_prune_keep_the_triples_of_each_letter(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(6)), tmp_path / "store"
    built([letters], store)
    write(letters / "again.txt", letter_text(1, note="Another letter of the same case.", decided="01/01/2016"))
    write(letters / "letter-0002.txt", letter_text(2, decided="05/05/2017"))
    built([letters], store, keep_both=True)
    assert_same_bytes(store, jobs=2)
    (letters / "letter-0003.txt").unlink()
    built([letters], store, prune=True)
    assert_same_bytes(store)
    texts = kept(store)
    assert len(texts) == 6
    assert all(text and f"case-{key}>".encode() in text for key, text in texts.items())
    assert verify(store).damages == ()


@pytest.mark.end_to_end
def test_the_real_letters_are_exported_as_their_graph_is(tmp_path: Path, shared: Path) -> None:
    add(tmp_path / "store", gold(shared))
    assert_same_bytes(tmp_path / "store", size=2_000, jobs=2)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    add(tmp_path / "store", [made(f"CM20-{number}", number) for number in range(6)])
    return tmp_path / "store"


def change_catalog(store: Path, sql: str) -> None:
    with closing(sqlite3.connect(store / catalog.FILE)) as connection, connection:
        connection.execute(sql)


@pytest.mark.parametrize("change", ["delete from triples where key > 'CM20-2'", "drop table triples"])
def test_a_letter_whose_triples_were_not_kept_is_asked_from_the_graph(store: Path, change: str) -> None:
    """As in a store of an earlier version, until its letters are read again."""
    change_catalog(store, change)
    assert_same_bytes(store)
    assert verify(store).damages == ()


def test_damaged_triples_are_told_and_taken_out_and_the_export_is_right_all_the_while(store: Path) -> None:
    change_catalog(store, "update triples set packed = x'00' where key = 'CM20-2'")
    assert_same_bytes(store)
    (damage,) = verify(store).damages
    assert "catalog.sqlite holds triples of 1 letters that are not as they were written (CM20-2 ...)" in str(damage)
    assert repair(store).intact
    assert {key for key, text in kept(store).items() if text is None} == {"CM20-2"}
    assert_same_bytes(store)


def test_triples_that_are_not_those_of_the_graph_fail_the_export_and_are_taken_out(store: Path) -> None:
    other = "(select packed from triples where key = 'CM20-3')"
    change_catalog(store, f"update triples set packed = {other} where key = 'CM20-2'")
    with pytest.raises(ToolError, match=r"of the graph's .* triples: imr-graph verify --repair --store"):
        written(open_store(store), "turtle")
    (damage,) = verify(store).damages
    assert "holds triples of letters that are not those of the graph" in str(damage)
    assert repair(store).intact
    assert_same_bytes(store)


def test_a_removed_letters_triples_leave_the_catalog(store: Path) -> None:
    remove(store, "CM20-2")
    with closing(sqlite3.connect(store / catalog.FILE)) as connection:
        found = {key for (key,) in connection.execute("select key from triples")}
    assert found == set(cases(open_store(store))) == set(kept(store))


def test_triples_of_a_generation_that_was_never_published_count_for_nothing(store: Path) -> None:
    before = kept(store)
    letter_triples.keep(store, 2, [("CM20-2", b"of an interrupted change")])
    assert kept(store) == before
    with pytest.raises(RuntimeError), write_store(store) as writing, writing.next():
        raise RuntimeError
    remove(store, "CM20-3")
    assert kept(store) == {key: text for key, text in before.items() if key != "CM20-3"}
    assert_same_bytes(store)
