"""Shards: the same bytes whatever makes them, used again by the next build, and never trusted when damaged."""

from __future__ import annotations

import gzip
import importlib
import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from imr_graph.builder import loading
from imr_graph.builder import run as building
from imr_graph.builder import writer as writing
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import KnownDigests
from imr_graph.errors import StoreError
from imr_graph.model import Determination, Letter
from imr_graph.store import packing
from imr_graph.store.catalog import entries
from support.built_stores import StoppedError, built, of_versions, shards_of
from support.components import require_module
from support.letter_files import letter_text, triples, write, write_letters


@pytest.mark.usefixtures("unloaded")
def test_shards_are_the_same_bytes_whatever_the_order_and_the_number_of_workers(tmp_path: Path) -> None:
    folder = write_letters(tmp_path / "letters", range(40))
    other = tmp_path / "other"
    for path in sorted(folder.iterdir(), reverse=True):
        shutil.copy2(path, write_letters(other, []) / path.name)
    one = shards_of([folder], tmp_path / "one", shard_size=10)
    assert len(one) == 4
    assert shards_of([*sorted(other.iterdir(), reverse=True)], tmp_path / "two", shard_size=10) == one
    assert shards_of([folder], tmp_path / "three", shard_size=10, jobs=3, validate=True) == one


@pytest.mark.usefixtures("unloaded")
def test_a_manifest_says_what_is_in_a_shard(tmp_path: Path) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    write(folder / "empty.txt", "")
    shards_of([folder], store, validate=True)
    (path,) = (store / "work" / "shards").glob("*.json")
    manifest = json.loads(path.read_text())
    assert len(manifest["blocks"]) == 3
    assert len(manifest["outcomes"]) == 4
    assert [failure[2] for failure in manifest["failures"]] == ["is empty."]
    assert {"extracting", "mapping", "reading", "validating", "writing"} <= set(manifest["seconds"])
    (data,) = path.parent.glob("*.nt.*")
    packed = data.read_bytes()
    for digest, sha256, key, number, decided, source, start, length, *_ in manifest["blocks"]:
        block = packing.unpack(packed[start : start + length]).decode()
        assert sha256 in block
        assert f"case-{key}>" in block
        assert number == key
        assert decided == "2017-03-30"
        assert len(digest) == 64
        assert source.endswith(".txt")


def test_the_next_build_uses_finished_shards_and_reads_the_rest(tmp_path: Path, unloaded: pytest.MonkeyPatch) -> None:
    folder, store = write_letters(tmp_path / "letters", range(40)), tmp_path / "store"
    made = shards_of([folder], store, shard_size=5)
    first, second, *_ = sorted((store / "work" / "shards").glob("*.nt.*"))
    (first.parent / f"{first.name.partition('.')[0]}.json").unlink()  # killed before its manifest
    second.write_bytes(second.read_bytes()[:-9])  # cut by a power failure
    unloaded.undo()
    report = built([folder], store, shard_size=5)
    assert report.shards == {"made": 2, "resumed": len(made) - 2}
    assert report.added == 40
    whole = tmp_path / "whole"
    built([folder], whole)
    assert triples(store) == triples(whole)


def test_shards_of_letters_that_changed_meanwhile_give_only_what_is_asked_for_now(
    tmp_path: Path, unloaded: pytest.MonkeyPatch
) -> None:
    folder, store = write_letters(tmp_path / "letters", range(20)), tmp_path / "store"
    shards_of([folder], store, shard_size=5)
    write(folder / "letter-0003.txt", letter_text(3, note="Corrected."))
    (folder / "letter-0004.txt").unlink()
    unloaded.undo()
    report = built([folder], store, shard_size=5)
    assert (report.added, report.shards["made"]) == (19, 1)
    whole = tmp_path / "whole"
    built([folder], whole)
    assert triples(store) == triples(whole)


def test_shards_of_other_versions_or_without_validation_are_not_used(
    tmp_path: Path, unloaded: pytest.MonkeyPatch
) -> None:
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"
    shards_of([folder], store)
    unloaded.undo()
    with pytest.MonkeyPatch.context() as patch:
        of_versions(patch, "9.9")
        assert built([folder], tmp_path / "store").shards["resumed"] == 0
    store = tmp_path / "other"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "publish_changes", lambda *_: (_ for _ in ()).throw(StoppedError))
        shards_of([folder], store)
    report = built([folder], store, validate=True)
    assert report.shards["resumed"] == 0
    assert report.validation is not None


@pytest.mark.parametrize("size", [1, 500])
def test_of_copies_the_first_by_file_name_stands_for_all_wherever_they_are_read(tmp_path: Path, size: int) -> None:
    """The name of a file that is a case number is in the graph; one that is read later may come first."""
    named, others = tmp_path / "b", tmp_path / "a"
    write(named / "CM17-0000001.txt", letter_text(1))
    write(others / "letter.txt", letter_text(1))
    write(others / "letter-2.txt", letter_text(2))
    report = built([others, named], tmp_path / "store", shard_size=size)
    assert (report.added, report.repeated, report.seen) == (2, 1, 3)
    (others / "letter.txt").unlink()
    built([others, named], tmp_path / "whole")
    assert triples(tmp_path / "store") == triples(tmp_path / "whole")
    assert next(entries(tmp_path / "store", 1)).source.endswith("b/CM17-0000001.txt")


def test_failures_of_the_moment_are_tried_again_on_resuming(tmp_path: Path, unloaded: pytest.MonkeyPatch) -> None:
    folder, store = write_letters(tmp_path / "letters", range(4)), tmp_path / "store"

    def failing(_: Letter) -> Determination:
        raise MemoryError

    shards_of([folder], store, extract=failing)
    unloaded.undo()
    report = built([folder], store)
    assert (report.added, report.failed) == (4, ())


def test_shards_can_lie_in_another_folder_and_at_a_url(tmp_path: Path) -> None:
    require_module("fsspec", "remote")
    import fsspec

    folder = write_letters(tmp_path / "letters", range(6))
    places = [str(tmp_path / "elsewhere"), "memory://shards/of/mine", f"file://{tmp_path}/by-url"]
    seen = []
    for number, place in enumerate(places):
        with pytest.MonkeyPatch.context() as patch:
            names = partial(lambda place, *_: seen.append(ShardFolder(place).names()), place)
            patch.setattr(writing, "remove_unused_nodes", names)
            built([folder], tmp_path / f"store-{number}", shards=place)
    assert [len(names) for names in seen] == [4, 4, 4], (
        "a shard, its rows, its texts and its manifest were there while it was loaded"
    )
    assert triples(tmp_path / "store-0") == triples(tmp_path / "store-1") == triples(tmp_path / "store-2")
    assert fsspec.filesystem("memory").find("/shards") == [], "and are cleared away afterwards"


def test_a_url_that_nothing_serves_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        built([], tmp_path / "store", shards="file:///proc/nowhere/shards")


def test_a_build_packs_with_gzip_where_zstandard_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "zstandard", lambda: None)
    assert packing.suffix() == ".gz"
    assert packing.pack(b"text") == packing.pack(b"text")
    assert gzip.decompress(packing.pack(b"text")) == b"text"
    folder = write_letters(tmp_path / "letters", range(3))
    assert built([folder], tmp_path / "store").added == 3


def test_packed_text_comes_back_and_damage_is_noticed() -> None:
    require_module("zstandard", "zstd")
    for pack in (packing.pack, gzip.compress):
        packed = pack(b"text " * 1000)
        assert packing.unpack(packed) == b"text " * 1000
        broken = bytes([*packed[:-6], packed[-6] ^ 1, *packed[-5:]])
        with pytest.raises(packing.DAMAGED):
            packing.unpack(broken)
        with pytest.raises(packing.DAMAGED):
            packing.unpack(packed[:-9])


@pytest.mark.parametrize("ending", ["nt", "rows"])
def test_a_damaged_shard_is_refused_while_loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    folder, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    whole = loading.take_shard

    def damaging(*arguments: object) -> int:
        (path,) = (store / "work" / "shards").glob(f"*.{ending}.*")
        path.write_bytes(path.read_bytes()[:-20])
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "take_shard", damaging)
    with pytest.raises(StoreError, match="is damaged"):
        built([folder], store)
    assert not list((store / "generations").iterdir())


def test_a_file_of_digests_tells_which_contents_are_known(tmp_path: Path) -> None:
    folder, digests = ShardFolder(str(tmp_path)), [f"{number:064x}" for number in (2, 3, 900)]
    KnownDigests.write(folder, "some", digests)
    known = KnownDigests.read(folder, "some")
    assert [number for number in range(1000) if f"{number:064x}" in known] == [2, 3, 900]
    assert digests[0] not in KnownDigests.read(folder, "")


def test_every_module_of_the_room_imports_without_optional_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in ("fsspec", "distributed", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    for path in sorted(Path(building.__file__).parent.glob("*.py")):
        importlib.import_module(f"imr_graph.builder.{path.stem}")
