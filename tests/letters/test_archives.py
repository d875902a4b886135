"""Zip archives: members keep their names, and an archive that means harm is refused by a sentence."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph.errors import LetterError, UnreadableError
from imr_graph.letters import Source, archives, find, read_letters
from imr_graph.model import Letter


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return target.getvalue()


def listed(path: Path, data: bytes) -> dict[str, Source]:
    path.write_bytes(data)
    return {source.name.partition("!")[2]: source for source in find([path])}


def reason(source: Source) -> str:
    with pytest.raises(UnreadableError) as caught:
        source.read()
    assert caught.value.source == source.name
    return caught.value.reason


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read_and_named_after_their_archive(tmp_path: Path, method: int) -> None:
    members = {"b.txt": b"second", "2016/a.txt": b"first", "2016/deep/c.pdf": b"%PDF-", "empty.txt": b""}
    file = tmp_path / "letters.zip"
    found = listed(file, packed(members, method))
    assert list(found) == ["2016/a.txt", "2016/deep/c.pdf", "b.txt", "empty.txt"]
    assert {name: source.read() for name, source in found.items()} == members
    assert {name: source.size for name, source in found.items()} == {name: len(data) for name, data in members.items()}
    assert all(source.name.startswith(f"{file}!") for source in found.values())


def test_other_members_are_skipped_and_counted_and_hidden_ones_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "letters.zip"
    file.write_bytes(packed({"a.txt": b"x", "b.csv": b"x", ".c.txt": b"x", "__MACOSX/a.txt": b"x", "d/": b""}))
    skipped: list[str] = []
    assert [source.name for source in find([file], skipped.append)] == [f"{file}!a.txt"]
    assert skipped == [f"{file}!b.csv"]


def test_an_archive_is_known_by_its_content_and_found_in_folders(tmp_path: Path) -> None:
    data = packed({"a.txt": b"x"})
    (tmp_path / "export").write_bytes(data)
    (tmp_path / "letters.zip").write_bytes(data)
    assert [source.name for source in find([tmp_path / "export"])] == [f"{tmp_path}/export!a.txt"]
    assert [source.name for source in find([tmp_path])] == [f"{tmp_path}/letters.zip!a.txt"]


def test_one_member_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "letters.zip"
    file.write_bytes(packed({"a.txt": b"first", "b.txt": b"second"}))
    (source,) = find([f"{file}!b.txt"])
    assert (source.name, source.read()) == (f"{file}!b.txt", b"second")
    (missing,) = find([f"{file}!c.txt"])
    assert reason(missing) == "is not in the archive: it holds no letter c.txt."


@pytest.mark.parametrize(
    "name", ["../x.txt", "a/../../x.txt", "/etc/x.txt", "..\\x.txt", "C:\\x.txt", "C:/x.txt", "a/.."]
)
def test_a_path_that_climbs_out_is_refused_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    found = listed(tmp_path / "climbing.zip", packed({name: b"out", "good.txt": b"in"}))
    assert reason(found[name]) == "points outside its archive, so it is refused."
    assert found["good.txt"].read() == b"in"


def test_a_member_that_expands_without_end_is_refused(tmp_path: Path) -> None:
    found = listed(
        tmp_path / "bomb.zip", packed({"zeros.txt": bytes(5_000_000), "large.txt": b"ab" * 10_000_001, "a.txt": b"x"})
    )
    assert reason(found["zeros.txt"]).startswith("would expand from 4,")
    assert reason(found["large.txt"]) == "is larger than 20 MB, so it is not one letter."
    assert found["a.txt"].read() == b"x"


def test_a_small_member_may_repeat_itself(tmp_path: Path) -> None:
    assert listed(tmp_path / "a.zip", packed({"a.txt": b"a" * 900_000}))["a.txt"].read() == b"a" * 900_000


def test_an_archive_that_expands_without_end_is_refused_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 2_000_000)
    bomb = packed({f"{n}.txt": b"a" * 900_000 for n in range(3)})
    found = listed(tmp_path / "bomb.zip", bomb)
    assert list(found) == [""]
    assert reason(found[""]) == f"would expand from {len(bomb):,} to 2,700,000 bytes, so it is refused."


def test_a_large_archive_of_ordinary_letters_is_no_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 1_000)
    assert len(listed(tmp_path / "a.zip", packed({f"{n}.txt": bytes(range(256)) * 2 for n in range(9)}))) == 9


def test_an_archive_within_an_archive_is_not_opened(tmp_path: Path) -> None:
    found = listed(tmp_path / "a.zip", packed({"inner.zip": packed({"a.txt": b"x"})}))
    assert reason(found["inner.zip"]) == "is an archive within an archive: unpack it first."


def test_a_size_that_the_directory_lies_about_is_found_out(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": b"a long text " * 500}))
    directory = data.index(b"PK\1\2")
    for claimed in (5, 5_999, 6_001):
        data[directory + 24 : directory + 28] = struct.pack("<I", claimed)
        source = listed(tmp_path / "a.zip", bytes(data))["a.txt"]
        assert reason(source) == "is damaged: get its archive again."


def test_a_protected_member_and_an_unknown_method_are_refused(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": b"text"}))
    directory = data.index(b"PK\1\2")
    protected, unknown = data.copy(), data.copy()
    protected[directory + 8] |= 1
    unknown[directory + 10] = 9
    assert (
        reason(listed(tmp_path / "a.zip", bytes(protected))["a.txt"])
        == "is protected by a password: pack it without one."
    )
    assert reason(listed(tmp_path / "b.zip", bytes(unknown))["a.txt"]).startswith(
        "is packed by a method other than deflate"
    )


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"no archive at all", packed({"a.txt": b"text"})[:60]])
def test_a_damaged_archive_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    assert reason(listed(tmp_path / "a.zip", data)[""]) == "is not a whole zip archive: get it again."


def test_an_archive_that_vanishes_after_it_was_listed_says_so(tmp_path: Path) -> None:
    source = listed(tmp_path / "a.zip", packed({"a.txt": b"text"}))["a.txt"]
    (tmp_path / "a.zip").unlink()
    assert reason(source) == "does not exist: check the path."


@settings(deadline=None)
@given(st.data())
def test_an_archive_with_wrong_bytes_never_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(packed({"a.txt": b"text of a letter " * 20, "../b.txt": b"x", "c/d.pdf": b"%PDF-1.4"}))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=8)):
        whole[place] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.mktemp("wrong") / "a.zip"
    file.write_bytes(whole)
    errors: list[LetterError] = []
    letters = list(read_letters(find([file]), errors.append))
    assert all(isinstance(letter, Letter) for letter in letters)
    assert not any("\n" in str(error) for error in errors)
