"""Texts beside a store: what was kept comes back, nothing else does, and nothing that goes wrong needs a traceback."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph.errors import StoreError
from imr_graph.extraction import extract
from imr_graph.graph.reading import determination_of
from imr_graph.letters import read_letters
from imr_graph.store.catalog import FILE, tidy
from imr_graph.store.changes import add, remove
from imr_graph.store.graph_store import cases, open_store
from imr_graph.store.repair import repair
from imr_graph.store.texts import keep, pack, text_of, unpack
from support.built_stores import built
from support.letter_files import letter_text, write, write_letters
from support.records import determination
from support.sample_table import read_only


def named(text: str) -> tuple[str, bytes]:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), pack(text)


@given(st.text(st.characters()))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert unpack(pack(text)) == text


def test_what_is_kept_is_found_by_its_digest(tmp_path: Path) -> None:
    texts = [f"Letter {n}\n\fpage two, half a pair: \ud800" for n in range(1_200)]
    assert keep(tmp_path, map(named, texts)) == 1_200
    assert [text_of(tmp_path, named(text)[0]) for text in texts] == texts
    assert text_of(tmp_path, named(texts[3])[0].upper()) == texts[3]
    assert text_of(tmp_path, "0" * 64) is None
    assert text_of(tmp_path, named(texts[0])[0][:16]) is None


def test_a_text_that_is_kept_already_stays_as_it_is(tmp_path: Path) -> None:
    assert keep(tmp_path, [named("one"), named("one"), named("two")]) == 2
    assert keep(tmp_path, [(named("one")[0], pack("another")), named("three")]) == 1
    assert text_of(tmp_path, named("one")[0]) == "one"


def test_a_store_without_texts_has_none_and_gets_none(tmp_path: Path) -> None:
    assert text_of(tmp_path, "0" * 64) is None
    assert text_of(tmp_path / "nowhere", "0" * 64) is None
    assert tidy(tmp_path, 1, None) == 0
    assert not list(tmp_path.iterdir())


def test_texts_of_which_no_readable_generation_speaks_go(tmp_path: Path) -> None:
    store = tmp_path / "store"
    kept = [named(f"letter {n}") for n in range(3)]
    digests = [digest for digest, _ in kept]
    add(store, [replace(determination(f"CM20-000000{n}"), sha256=digest) for n, digest in enumerate(digests)])
    keep(store, (*kept, named("of no letter")))
    assert tidy(store, 1, None) == 1  # what a build kept that published nothing
    assert remove(store, "CM20-0000001").generation == 2
    assert tidy(store, 2, None) == 0
    assert [text_of(store, digest) for digest in digests] == ["letter 0", None, "letter 2"]
    add(store, [determination("CM20-0000007")])
    assert [text_of(store, digest) for digest in digests] == ["letter 0", None, "letter 2"]
    assert tidy(store, 3, None) == 0


def test_texts_are_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    keep(tmp_path, [named("one")])
    with read_only(tmp_path):
        assert text_of(tmp_path, named("one")[0]) == "one"


def test_texts_that_cannot_be_written_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check space and permissions"):
        keep(tmp_path / "nowhere", [named("one")])


def test_texts_are_read_while_others_are_written(tmp_path: Path) -> None:
    keep(tmp_path, [named("one")])
    digest, seen, done = named("one")[0], [], threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(text_of(tmp_path, digest))

    reader = threading.Thread(target=read)
    reader.start()
    keep(tmp_path, (named(f"letter {n}" * 500) for n in range(4_000)))
    done.set()
    reader.join()
    assert set(seen) == {"one"}


@pytest.mark.parametrize("damage", ["file", "text"])
def test_damaged_texts_are_told_in_a_sentence(tmp_path: Path, damage: str) -> None:
    digest = named("one")[0]
    if damage == "file":
        (tmp_path / FILE).write_bytes(b"no database" * 1_000)
    else:
        keep(tmp_path, [(digest, b"no such packing")])
    with pytest.raises(StoreError, match=r"catalog\.sqlite is damaged.*: imr-graph verify --repair"):
        text_of(tmp_path, digest)


# Builds


def texts_of(store: Path, letters: Path) -> list[str | None]:
    return [text_of(store, letter.sha256) for letter in read_letters([str(letters)])]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_build_keeps_the_texts_in_which_its_facts_stand(tmp_path: Path, jobs: int) -> None:
    letters, store = write_letters(tmp_path / "letters", range(70)), tmp_path / "store"
    write(letters / "twin.txt", letter_text(3))
    write(letters / "no-letter.txt", "")
    built([letters], store, jobs=jobs, shard_size=10)
    opened = open_store(store)
    for key in cases(opened):
        found = determination_of(opened, key)
        text = text_of(store, found.sha256)
        assert text is not None
        assert found.sha256 == hashlib.sha256(text.encode()).hexdigest()
        span = found.spans["/items/0/decision"]
        assert text[span.start : span.end].lower() == found.items[0].decision
    assert texts_of(store, letters / "letter-*.txt") == [letter.text for letter in read_letters([str(letters / "l*")])]
    assert tidy(store, opened.generation, None) == 0


def test_texts_of_letters_that_leave_the_store_leave_with_the_generation_after(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    built([letters], store)
    (old,) = texts_of(store, letters / "letter-0002.txt")
    assert old is not None
    was = named(old)[0]
    write(letters / "letter-0002.txt", letter_text(2, decided="04/30/2017", note="Decided anew."))
    built([letters], store)
    assert text_of(store, was) == old, "readers of the generation before still have it"
    (gone,) = texts_of(store, letters / "letter-0003.txt")
    remove(store, "CM17-0000003")
    assert text_of(store, was) is None
    assert texts_of(store, letters / "letter-0003.txt") == [None], "what is removed is erased at once"
    add(store, [])
    (letters / "letter-0003.txt").unlink()
    write(letters / "letter-0009.txt", letter_text(9))
    built([letters], store)
    assert gone is not None
    assert text_of(store, named(gone)[0]) is None
    assert None not in texts_of(store, letters)


def test_a_letter_that_gave_way_in_the_same_build_leaves_no_text(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(2)), tmp_path / "store"
    write(letters / "letter-0001b.txt", letter_text(1, decided="04/30/2017", note="Decided anew."))
    built([letters], store, shard_size=1)
    assert sum(text is None for text in texts_of(store, letters)) == 1


def test_a_store_that_lost_its_texts_is_refused_and_gets_them_back_once_it_is_repaired(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    built([letters], store)
    with closing(sqlite3.connect(store / FILE)) as catalog, catalog:
        catalog.execute("delete from text")
    write(letters / "letter-0007.txt", letter_text(7))
    with pytest.raises(StoreError, match=r"catalog\.sqlite is damaged: .*verify --repair"):
        built([letters], store)
    assert repair(store).intact
    built([letters], store)
    assert None not in texts_of(store, letters)


def test_texts_come_with_letters_that_a_program_adds(tmp_path: Path) -> None:
    letters, store = list(read_letters([str(write_letters(tmp_path / "letters", range(3)))])), tmp_path / "store"
    add(store, map(extract, letters))
    assert text_of(store, letters[0].sha256) is None
    add(store, map(extract, letters), letters=letters[:2])
    assert [text_of(store, letter.sha256) for letter in letters] == [letters[0].text, letters[1].text, None]
