"""Finding letters: files, folders, patterns, standard input; one source for each input, whatever its state."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from imr_graph.errors import UnreadableError
from imr_graph.letters import Source, find
from imr_graph.letters.source import MAX_BYTES, os_reason


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder `letters` in the current directory, with letters, other files and a folder below."""
    monkeypatch.chdir(tmp_path)
    base = tmp_path / "letters"
    (base / "2016.txt").mkdir(parents=True)
    (base / ".cache").mkdir()
    for name in (
        "b.txt",
        "a.PDF",
        "c.text",
        "notes.docx",
        ".hidden.txt",
        ".cache/x.txt",
        "2016.txt/d.txt",
        "2016.txt/e.csv",
    ):
        (base / name).write_text(f"text of {name}")
    return base


def names(*arguments: str) -> list[str]:
    return [source.name for source in find(arguments)]


def reason(argument: str) -> str:
    (source,) = find([argument])
    with pytest.raises(UnreadableError) as caught:
        source.read()
    assert caught.value.source == source.name
    return caught.value.reason


@pytest.mark.usefixtures("folder")
def test_a_folder_is_searched_in_order_of_names_and_other_files_are_counted() -> None:
    skipped: list[str] = []
    found = [source.name for source in find(["letters"], skipped.append)]
    assert found == ["letters/2016.txt/d.txt", "letters/a.PDF", "letters/b.txt", "letters/c.text"]
    assert skipped == ["letters/2016.txt/e.csv", "letters/notes.docx"]


@pytest.mark.usefixtures("folder")
def test_arguments_keep_their_order_and_names() -> None:
    assert names("letters/c.text", "./letters/b.txt") == ["letters/c.text", "./letters/b.txt"]
    assert names("letters/2016.txt/") == ["letters/2016.txt/d.txt"]


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_named_is_tried_whatever_it_is_called() -> None:
    (source,) = find(["letters/notes.docx"])
    assert source.read() == b"text of notes.docx"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("letters/*.txt", ["letters/2016.txt/d.txt", "letters/b.txt"]),
        ("letters/[ab].*", ["letters/a.PDF", "letters/b.txt"]),
        ("letters/**/*.txt", ["letters/2016.txt/d.txt", "letters/b.txt"]),
        ("**/d.txt", ["letters/2016.txt/d.txt"]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_patterns_that_the_shell_left_alone_are_expanded(pattern: str, expected: list[str]) -> None:
    assert names(pattern) == expected


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder: Path) -> None:
    (folder / "b[1].txt").write_text("first copy")
    assert names("letters/b[1].txt") == ["letters/b[1].txt"]


def test_a_path_object_is_an_argument_too(folder: Path) -> None:
    assert [source.read() for source in find([folder / "b.txt"])] == [b"text of b.txt"]


@pytest.mark.usefixtures("folder")
def test_sizes_are_known_without_reading() -> None:
    assert [source.size for source in find(["letters/b.txt", "letters/2016.txt"])] == [13, 22]


def test_listing_opens_no_file_and_goes_no_further_than_asked(folder: Path) -> None:
    listing = find(["letters", "-"])
    assert next(listing).name == "letters/2016.txt/d.txt"
    (folder / "b.txt").unlink()
    assert next(listing).name == "letters/a.PDF"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("no-such.txt", "does not exist: check the path."),
        ("letters/b.txt/x.txt", "does not exist: check the path."),
        ("a\0b.txt", "does not exist: check the path."),
        ("*.xyz", "matches no file."),
        ("letters/dangling.txt", "is a link to a file that does not exist."),
        ("letters/pipe.txt", "is a pipe or a device, not a file."),
        ("/dev/null", "is a pipe or a device, not a file."),
        ("n" * 400 + ".txt", "cannot be read: File name too long."),
        ("letters/round.txt", "cannot be read: Too many levels of symbolic links."),
    ],
)
def test_what_cannot_be_read_says_why(folder: Path, argument: str, expected: str) -> None:
    (folder / "dangling.txt").symlink_to("nowhere.txt")
    (folder / "round.txt").symlink_to("round.txt")
    os.mkfifo(folder / "pipe.txt")
    assert reason(argument) == expected


def test_a_broken_link_in_a_folder_is_reported_and_a_pipe_is_skipped(folder: Path) -> None:
    (folder / "dangling.txt").symlink_to("nowhere.txt")
    os.mkfifo(folder / "pipe.txt")
    skipped: list[str] = []
    sources = {source.name: source for source in find(["letters"], skipped.append)}
    with pytest.raises(UnreadableError, match="is a link to a file that does not exist"):
        sources["letters/dangling.txt"].read()
    assert "letters/pipe.txt" in skipped
    assert "letters/pipe.txt" not in sources


def test_folders_that_link_to_themselves_come_to_an_end(folder: Path) -> None:
    (folder / "again").symlink_to(folder)
    assert len(names("letters")) == 4
    (folder.parent / "alias").symlink_to(folder)
    assert names("alias")[0] == "alias/2016.txt/d.txt"


def test_a_file_that_vanishes_after_it_was_listed_says_so(folder: Path) -> None:
    (source,) = find(["letters/b.txt"])
    (folder / "b.txt").unlink()
    with pytest.raises(UnreadableError, match=r"^letters/b\.txt: does not exist: check the path\.$"):
        source.read()


def test_a_file_that_becomes_a_folder_says_so(folder: Path) -> None:
    (source,) = find(["letters/b.txt"])
    (folder / "b.txt").unlink()
    (folder / "b.txt").mkdir()
    with pytest.raises(UnreadableError, match=r"is a (folder|pipe or a device), not a (letter|file)"):
        source.read()


def test_a_folder_that_vanishes_while_it_is_searched_is_one_sentence(folder: Path) -> None:
    (folder / "2017").mkdir()
    listing = find(["letters/2017"])
    (folder / "2017").rmdir()
    assert next(listing).name == "letters/2017"


def test_refused_permission_is_said_in_words() -> None:
    assert os_reason(PermissionError(13, "Permission denied"), "a.txt") == "cannot be read: permission is denied."


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that fails while it is read")
def test_an_error_while_reading_is_said_in_words() -> None:
    assert reason("/proc/self/mem") == "cannot be read: Input/output error."


def test_a_file_that_is_no_letter_by_its_size_is_refused(folder: Path) -> None:
    with open(folder / "big.txt", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert reason("letters/big.txt") == "is larger than 20 MB, so it is not one letter."


def test_names_that_cannot_be_printed_are_shown_on_one_line(folder: Path) -> None:
    (folder / "a\nb.txt").write_text("text")
    with open(os.fsencode(folder) + b"/\xff.txt", "w") as file:
        file.write("text")
    found = list(find(["letters"]))
    assert [source.name for source in found][1] == "letters/a\ufffdb.txt"
    assert [source.name for source in found][-1] == "letters/\ufffd.txt"
    assert [found[1].read(), found[-1].read()] == [b"text", b"text"]


def test_standard_input_is_a_source_that_other_processes_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped text")))
    (source,) = find(["-"])
    assert (source.name, source.size) == ("standard input", 10)
    assert pickle.loads(pickle.dumps(source)).read() == b"piped text"


def test_standard_input_that_is_closed_or_endless_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert reason("-") == "is closed."
    with open("/dev/zero") as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        assert reason("-") == "is larger than 20 MB, so it is not one letter."


def test_the_shells_pipes_are_read() -> None:
    code = "from imr_graph.letters import find; print([s.read() for s in find(['/dev/stdin'])])"
    done = subprocess.run([sys.executable, "-c", code], input=b"piped", capture_output=True, check=True)
    assert done.stdout.strip() == b"[b'piped']"


@pytest.mark.usefixtures("folder")
def test_a_source_survives_pickling() -> None:
    for source in find(["letters", "no-such.txt"]):
        again: Source = pickle.loads(pickle.dumps(source))
        assert again == source
        if source.name == "no-such.txt":
            with pytest.raises(UnreadableError, match="does not exist"):
                again.read()
        else:
            assert again.read() == source.read()
