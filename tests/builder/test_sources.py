"""Inputs beyond files and zip archives: tar archives, plain and packed, and URLs."""

from __future__ import annotations

import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imr_graph.builder import worklist
from imr_graph.builder.worker import Input
from imr_graph.errors import UnreadableError
from imr_graph.letters import Source, archives, find, remote
from support.built_stores import built
from support.components import require_module
from support.letter_files import letter_text, triples, write_letters


def tarred(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def contents(path: Path) -> dict[str, bytes | str]:
    """Return what is read of each letter of an archive, or why it is not; by the member's name."""
    found: dict[str, bytes | str] = {}
    for source in find([path]):
        try:
            found[source.name.rpartition("!")[2]] = source.read()
        except UnreadableError as error:
            found[source.name.rpartition("!")[2]] = error.reason
    return found


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.tar.xz", "w:xz")],
)
def test_letters_of_a_tar_archive_are_read_packed_or_not(tmp_path: Path, name: str, mode: str) -> None:
    members = {"b/two.txt": b"two", "one.txt": b"one", "./three.pdf": b"three", "notes.md": b"not a letter"}
    path = tarred(tmp_path / name, members, mode)
    skipped: list[str] = []
    sources = list(find([path], skipped.append))
    assert {s.name.rpartition("!")[2]: s.read() for s in sources} == {
        "b/two.txt": b"two", "one.txt": b"one", "./three.pdf": b"three"
    }  # fmt: skip
    assert skipped == [f"{path}!notes.md"]
    again = pickle.loads(pickle.dumps(sources))
    assert [s.read() for s in again] == [s.read() for s in sources], "sources travel to other processes"


def test_a_member_of_a_plain_archive_is_read_from_its_place(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", {f"{n:04}.txt": b"x" * 1000 for n in range(100)})
    assert all(len(pickle.dumps(source)) < 500 for source in find([path]))


def test_members_that_climb_or_are_too_large_or_archives_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    members = {"../up.txt": b"x", "/root.txt": b"x", "large.txt": b"x" * 2000, "in.zip": b"x", "fine.txt": b"x"}
    path = tarred(tmp_path / "a.tar", members)
    assert contents(path) == {
        "../up.txt": "points outside its archive, so it is refused.",
        "/root.txt": "points outside its archive, so it is refused.",
        "large.txt": "is larger than 0 MB, so it is not one letter.",
        "in.zip": "is an archive within an archive: unpack it first.",
        "fine.txt": b"x",
    }


def test_links_in_an_archive_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("link.txt")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    assert contents(path) == {}


def test_an_archive_that_expands_without_end_is_refused_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 1_000_000)
    path = tarred(tmp_path / "a.tar.gz", {f"{n}.txt": bytes(400_000) for n in range(20)}, "w:gz")
    found = contents(path)
    assert len(found) == 3
    assert "so its rest is refused" in str(found[str(path)])


@pytest.mark.parametrize("cut", [100, 600, 1100])
def test_a_cut_archive_is_named_and_what_came_before_is_read(tmp_path: Path, cut: int) -> None:
    whole = tarred(tmp_path / "a.tar.gz", {"one.txt": b"one", "two.txt": bytes(range(256)) * 9}, "w:gz").read_bytes()
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(whole[: min(cut, len(whole) - 60)])
    assert any("is not a whole tar archive" in str(reason) for reason in contents(path).values())


def test_a_member_whose_archive_was_cut_since_is_named(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", {"one.txt": b"x" * 5000})
    (source,) = find([path])
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(UnreadableError, match="its archive ends before it does"):
        source.read()


def test_a_file_that_is_no_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(b"no archive at all" * 100)
    assert contents(path) == {
        str(path): "is not a whole tar archive: get it again; letters before the damage were read."
    }
    assert list(contents(tmp_path / "none.tar").values()) == ["does not exist: check the path."]


def test_one_member_of_an_archive_can_be_named(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar.gz", {"one.txt": b"one", "two.txt": b"two"}, "w:gz")
    (source,) = find([f"{path}!two.txt"])
    assert source.read() == b"two"


@pytest.fixture
def memory() -> Callable[[str, bytes], None]:
    """Empty the file system in memory and give what puts files there."""
    require_module("fsspec", "remote")
    import fsspec

    system = fsspec.filesystem("memory")
    system.store.clear()

    def put(path: str, content: bytes) -> None:
        system.pipe_file(path, content)

    return put


def test_letters_below_a_url_are_listed_by_name_and_read(memory: Callable[[str, bytes], None]) -> None:
    for path in ("/l/b.txt", "/l/a/c.pdf", "/l/a.txt", "/l/.hidden.txt", "/l/notes.md", "/l/x.zip"):
        memory(path, path.encode())
    skipped: list[str] = []
    found = list(find(["memory://l"], skipped.append))
    assert [source.name for source in found] == [
        "memory:///l/a/c.pdf", "memory:///l/a.txt", "memory:///l/b.txt", "memory:///l/x.zip"
    ]  # fmt: skip
    assert found[1].read() == b"/l/a.txt"
    with pytest.raises(UnreadableError, match="fetch it first"):
        found[3].read()
    assert skipped == ["memory:///l/notes.md"]
    (one,) = find(["memory://l/b.txt"])
    assert one.read() == b"/l/b.txt"


def test_what_is_not_at_a_url_is_named(memory: Callable[[str, bytes], None]) -> None:
    memory("/l/a.txt", b"x")
    (source,) = find(["memory://l/none.txt"])
    with pytest.raises(UnreadableError, match=r"memory://l/none\.txt: does not exist: check the address"):
        source.read()


def test_a_url_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "fsspec", None)
    (source,) = find(["s3://bucket/letters"])
    with pytest.raises(UnreadableError, match=r"pip install 'imr-graph\[remote\]'"):
        source.read()


def test_every_scheme_is_listed_as_a_place() -> None:
    from imr_graph.letters.find import PLACES

    assert {"s3://", "gs://", "file://", "memory://"} <= set(remote.SCHEMES) <= set(PLACES)


def test_the_same_letters_give_the_same_store_wherever_they_come_from(
    tmp_path: Path, memory: Callable[[str, bytes], None]
) -> None:
    folder = write_letters(tmp_path / "letters", range(5))
    members = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name, content in members.items():
        memory(f"/letters/{name}", content)
    with zipfile.ZipFile(tmp_path / "letters.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    places = [
        folder,
        tmp_path / "letters.zip",
        tarred(tmp_path / "letters.tar", members),
        tarred(tmp_path / "letters.tar.gz", members, "w:gz"),
        "memory://letters",
        f"file://{folder}",
    ]
    made = []
    for number, place in enumerate(places):
        assert built([place], tmp_path / f"store-{number}").added == 5  # type: ignore[list-item]
        assert built([place], tmp_path / f"store-{number}").unchanged == 5  # type: ignore[list-item]
        made.append(triples(tmp_path / f"store-{number}"))
    assert all(one == made[0] for one in made)


def test_what_vanished_from_archives_and_urls_is_pruned(tmp_path: Path, memory: Callable[[str, bytes], None]) -> None:
    for number in range(3):
        memory(f"/letters/{number}.txt", letter_text(number).encode())
    path = tarred(tmp_path / "a.tar", {f"{n}.txt": letter_text(n).encode() for n in (5, 6)})
    store = tmp_path / "store"
    sources = ["memory://letters", path]
    built(sources, store)  # type: ignore[arg-type]
    import fsspec

    fsspec.filesystem("memory").rm("/letters/1.txt")
    tarred(path, {"5.txt": letter_text(5).encode()})
    report = built(sources, store, prune=True)  # type: ignore[arg-type]
    assert report.removed == ("CM17-0000001", "CM17-0000006")


def test_a_source_says_by_its_stamp_whether_it_changed(tmp_path: Path) -> None:
    folder = write_letters(tmp_path / "letters", [1])
    (before,) = find([folder])
    (again,) = find([folder])
    assert before.stamp == again.stamp != ""
    write_letters(folder, [1])
    (after,) = find([folder])
    assert after.stamp != before.stamp
    assert Source("x").stamp == ""


def test_letters_that_travel_with_their_tasks_do_so_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = {f"letter-{n}.txt": letter_text(n).encode() for n in range(30)}
    packed = tarred(tmp_path / "letters.tar.gz", letters, "w:gz")
    most = 3 * max(map(len, letters.values()))
    monkeypatch.setattr(worklist, "_BYTES", most)
    make, sizes = worklist.batch_asked, []

    def note_sizes(*arguments: object) -> Iterator[tuple[Input, ...]]:
        for batch in make(*arguments):  # type: ignore[arg-type]
            sizes.append(sum(len(one.source) for one in batch))
            yield batch

    monkeypatch.setattr(worklist, "batch_asked", note_sizes)
    report = built([packed], tmp_path / "store")
    assert report.added == 30
    assert report.shards["made"] > 5
    assert max(sizes) <= most
    monkeypatch.undo()
    built([packed], tmp_path / "whole")
    assert triples(tmp_path / "store") == triples(tmp_path / "whole")
