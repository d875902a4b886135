"""A damaged file of a store is named with the way out; what can be derived is derived again."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from imr_graph.errors import StoreError
from imr_graph.graph.cases import cases
from imr_graph.store import catalog
from imr_graph.store.changes import remove, restore
from imr_graph.store.graph_store import open_store
from imr_graph.store.repair import repair
from imr_graph.store.table import open_table
from imr_graph.store.verify import verify
from support.built_stores import built
from support.letter_files import letter_text, triples, write, write_letters
from support.once import build_once
from support.sample_table import held

_FLIPS = 3  # of each file; benchmarks/damage.py does as many as one likes
_NOTHING = ("LOG", "LOCK", "lock", "build-report.json")  # files that no answer depends on


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a store of two generations once; it is copied by whoever damages it."""

    def build(folder: Path) -> None:
        letters = write_letters(folder / "letters", range(6))
        built([letters], folder / "store")
        write(letters / "letter-0002.txt", letter_text(2, decided="05/05/2017"))
        built([letters], folder / "store")

    return build_once(tmp_path_factory, "whole", build)


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole / "store", tmp_path / "store"))


def files_of(store: Path) -> list[Path]:
    """Return the files that answers of the current generation depend on."""
    current = [path for path in sorted(store.rglob("*")) if path.is_file() and path.stat().st_size]
    old = store / "generations" / "1"
    return [path for path in current if not path.name.startswith(_NOTHING) and old not in path.parents]


def answers(store: Path) -> object:
    """Return all that a store says: triples, rows, entries, letters, texts."""
    with closing(sqlite3.connect(store / catalog.FILE)) as connection:
        tables = [
            connection.execute(f"select * from {t} order by 1, 2").fetchall() for t in ("letter", "text", "content")
        ]
    return triples(store), held(store), tables


def test_a_whole_store_is_whole_and_verifying_changes_nothing(store: Path) -> None:
    before = {path: path.read_bytes() for path in files_of(store)}
    found = verify(store)
    assert (found.damages, found.remarks, found.generation, found.letters) == ((), (), 2, 6)
    assert "is whole: generation 2, 6 letters" in list(found.as_lines())[-1]
    assert {path: path.read_bytes() for path in files_of(store)} == before


def test_a_file_that_is_missing_cut_or_zeroed_is_named_with_the_way_out(whole: Path, tmp_path: Path) -> None:
    for number, original in enumerate(files_of(whole / "store")):
        name = original.relative_to(whole / "store")
        if name.parts[0] in ("tables", "digests") and "1" in name.name.split("-")[0].split("."):
            continue  # of the generation before
        for kind in ("missing", "cut", "zeroed"):
            store = Path(shutil.copytree(whole / "store", tmp_path / f"{number}-{kind}"))
            data = original.read_bytes()
            if kind == "missing":
                (store / name).unlink()
            else:
                (store / name).write_bytes(data[: len(data) // 2] if kind == "cut" else bytes(len(data)))
            said = "\n".join(map(str, verify(store).damages))
            if name.name.startswith("search-1"):
                continue
            assert str(name) in said, (name, kind)
            assert "verify --repair" in said or "restore it from a copy" in said
            shutil.rmtree(store)


def test_no_flipped_bit_changes_an_answer_without_a_word(whole: Path, tmp_path: Path) -> None:
    chance, before = random.Random(11), answers(whole / "store")
    for original in files_of(whole / "store"):
        name = original.relative_to(whole / "store")
        for _ in range(_FLIPS):
            store = Path(shutil.copytree(whole / "store", tmp_path / "flipped"))
            data = bytearray(original.read_bytes())
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            (store / name).write_bytes(data)
            found = verify(store)
            if found.intact and not found.remarks:
                assert answers(store) == before, name
            assert all("--repair" in str(damage) or "copy" in str(damage) for damage in found.damages)
            shutil.rmtree(store)


@pytest.mark.parametrize("name", ["store.json", "digests/2.json", "tables/2.json", "catalog.sqlite"])
@pytest.mark.parametrize("kind", ["missing", "changed"])
def test_what_can_be_derived_is_derived_again(store: Path, whole: Path, name: str, kind: str) -> None:
    if kind == "missing":
        (store / name).unlink()
    else:
        data = bytearray((store / name).read_bytes())
        data[len(data) // 3] ^= 4
        (store / name).write_bytes(data)
        if name == "catalog.sqlite":
            with closing(sqlite3.connect(store / name)) as connection, connection:
                connection.execute("update letter set decided = '2011-01-01'")
    assert not verify(store).intact
    found = repair(store)
    assert found.intact, found.damages
    assert name in found.repaired[0]
    assert triples(store) == triples(whole / "store")
    assert held(store) == held(whole / "store")
    built([whole / "letters"], store)
    assert verify(store).intact


def test_a_damaged_graph_is_not_repaired_and_the_way_out_is_a_copy_or_a_new_build(store: Path) -> None:
    file = max((store / "generations" / "2").glob("*.sst"), key=lambda path: path.stat().st_size)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink()  # the generation before has it as well
    file.write_bytes(data)
    assert not repair(store).intact
    (damage,) = repair(store).damages
    assert str(damage) == (
        f"{file} has other content than when it was written: restore it from a copy of the store, or build the store "
        "anew elsewhere from its letters."
    )


def test_a_lost_manifest_is_not_taken_for_an_empty_store(store: Path, whole: Path) -> None:
    (store / "store.json").unlink()
    for use in (open_store, lambda path: built([whole / "letters"], path)):
        with pytest.raises(StoreError, match=r"store\.json is missing, though the folder holds a store: .*--repair"):
            use(store)
    assert repair(store).intact
    assert len(list(cases(open_store(store)))) == 6


def test_a_text_that_is_damaged_comes_back_with_the_next_build(store: Path, whole: Path) -> None:
    with closing(sqlite3.connect(store / catalog.FILE)) as connection, connection:
        held = "select min(t.rowid) from text t join letter l on l.sha256 = t.sha256 where l.went is null"
        connection.execute(f"update text set packed = x'00' where rowid = ({held})")
    (damage,) = verify(store).damages
    assert "catalog.sqlite holds 1 texts that are not as they were written" in str(damage)
    assert repair(store).intact
    report = built([whole / "letters"], store)
    assert report.read_again == 1
    assert verify(store).intact
    assert answers(store)[0] == triples(whole / "store")  # type: ignore[index]


def test_a_table_that_is_damaged_is_told_when_it_is_opened(store: Path) -> None:
    (file,) = (store / "tables").glob("2-*.parquet")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"\.parquet has other content .*imr-graph reindex"), open_table(store):
        pass


def test_a_store_is_whole_after_every_kind_of_change(tmp_path: Path) -> None:
    store, letters = tmp_path / "store", write_letters(tmp_path / "letters", range(5))
    built([letters], store)
    remove(store, "CM17-0000003")
    assert verify(store).damages == verify(store).remarks == ()
    restore(store, "CM17-0000003")
    assert verify(store).damages == verify(store).remarks == ()
    (letters / "letter-0001.txt").unlink()
    built([letters], store, prune=True)
    assert verify(store).damages == verify(store).remarks == ()
