"""Loading N-Triples files that were written beforehand."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from imr_graph.errors import ToolError, UnreadableError
from imr_graph.graph import mapping
from imr_graph.model import Determination
from imr_graph.store import catalog
from imr_graph.store.add import add
from imr_graph.store.bulk import load_files
from imr_graph.store.graph_store import cases, data_triples, memory_store, open_store
from support.records import CHRONIC_PAIN, citation, determination, item, party


def named(number: str, section: str) -> Determination:
    return determination(number, item(reviewer=party(citation(CHRONIC_PAIN, section))))


LETTERS = [named("CM20-0000001", "Quiet corners"), named("CM20-0000002", "QUIET corners"), determination(None)]


def shards(folder: Path) -> list[Path]:
    """Write a plain and a compressed file."""
    plain, packed = folder / "a.nt", folder / "b.nt.gz"
    plain.write_text(mapping.ntriples(LETTERS[0]), encoding="utf-8")
    packed.write_bytes(gzip.compress("".join(map(mapping.ntriples, LETTERS[1:])).encode()))
    return [plain, packed]


def test_files_give_what_adding_gives(tmp_path: Path) -> None:
    """Also where two files print the name of one section differently."""
    assert load_files(tmp_path / "s", shards(tmp_path)) == 1
    expected = memory_store()
    add(expected, LETTERS)
    assert set(data_triples(open_store(tmp_path / "s"))) == set(data_triples(expected))


def test_cases_go_before_files_come(tmp_path: Path) -> None:
    """A corrected letter: its old nodes go by key, its new ones come from the file; the catalog follows."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001"), determination("CM20-0000005")])
    entry = catalog.Entry("CM20-0000001", LETTERS[0].sha256, "a.txt", "ff" * 32, "1", "2")
    assert load_files(path, shards(tmp_path)[:1], letters=[entry], removed=["CM20-0000001"]) == 2
    expected = memory_store()
    add(expected, [LETTERS[0], determination("CM20-0000005")])
    assert set(data_triples(open_store(path))) == set(data_triples(expected))
    assert entry in catalog.entries(path, 2)
    assert entry not in catalog.entries(path, 1)


def test_a_generation_can_start_empty(tmp_path: Path) -> None:
    path = tmp_path / "s"
    add(path, [determination("CM20-0000009")])
    load_files(path, shards(tmp_path)[:1], anew=True)
    assert list(cases(open_store(path))) == ["CM20-0000001"]
    assert [e.key for e in catalog.entries(path, 2)] == []


@pytest.mark.parametrize(
    "content",
    [
        b"<a> <b> .",
        b"\x1f\x8b broken",
        gzip.compress(b"<a> <b> ."),
        gzip.compress(mapping.ntriples(LETTERS[0]).encode())[:-9],
    ],
    ids=["not N-Triples", "not gzip", "gzip of something else", "cut short"],
)
def test_a_broken_file_is_named_and_nothing_changes(tmp_path: Path, content: bytes) -> None:
    """Not N-Triples, not compressed, or cut short: a part of a file is never taken for the whole."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000009")])
    broken = tmp_path / ("broken.nt.gz" if content.startswith(b"\x1f") else "broken.nt")
    broken.write_bytes(content)
    with pytest.raises(UnreadableError, match=r"broken\.nt.*not N-Triples as this product writes them"):
        load_files(path, [*shards(tmp_path), broken])
    assert list(cases(open_store(path))) == ["CM20-0000009"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"gone\.nt: it is not there"):
        load_files(tmp_path / "s", [tmp_path / "gone.nt"])


def test_zstandard_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is optional: without it the sentence says what to do."""

    def missing(_name: str) -> object:
        raise ImportError

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(ToolError, match="need the package zstandard"):
        load_files(tmp_path / "s", [tmp_path / "a.nt.zst"])
