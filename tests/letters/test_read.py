"""Reading letters: the format by content, one sentence for each bad input, and the same in other processes."""

from __future__ import annotations

import multiprocessing
import random
import subprocess
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from imr_graph.errors import LetterError, NotALetterError, UnreadableError, UsageError
from imr_graph.letters import find, read_letter, read_letters
from imr_graph.model import Letter


def test_the_format_is_known_by_content(project: Path, tmp_path: Path) -> None:
    letters = project / "examples" / "letters"
    disguised = tmp_path / "letter.txt"
    disguised.write_bytes((letters / "CM16-9990009.pdf").read_bytes())
    letter = read_letter(disguised)
    assert (letter.format, letter.source) == ("pdf", str(disguised))
    assert letter.text == read_letter(letters / "CM16-9990009.pdf").text
    text = tmp_path / "letter.pdf"
    text.write_bytes((letters / "CM16-9990007.txt").read_bytes())
    assert read_letter(text).format == "text"


def test_the_same_content_has_the_same_digest_wherever_it_lies(tmp_path: Path) -> None:
    for name, encoding in (("a.txt", "utf-8"), ("b.txt", "utf-16")):
        (tmp_path / name).write_text("Case Number: CM16-9990021 – upheld\n", encoding=encoding)
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.write(tmp_path / "a.txt", "2016/a.txt")
    letters = list(read_letters(tmp_path))
    assert [letter.source for letter in letters] == [
        f"{tmp_path}/a.txt",
        f"{tmp_path}/b.txt",
        f"{tmp_path}/c.zip!2016/a.txt",
    ]
    assert len({letter.sha256 for letter in letters}) == 1


BAD = {
    "archive.txt": (b"PK\3\4...", "is a zip archive or an Office document: unpack it, or save it as PDF or text."),
    "binary.txt": (random.Random(3).randbytes(2000), "holds binary data, not text: give a text file or a PDF."),
    "empty.txt": (b"", "is empty."),
    "gzip.txt": (b"\x1f\x8b\x08...", "is compressed with gzip: unpack it first."),
    "office.txt": (b"\xd0\xcf\x11\xe0...", "is an Office document: save it as PDF or text."),
    "picture.txt": (b"\x89PNG\r\n...", "is an image: run optical character recognition (OCR) on it first."),
    "rich.txt": (b"{\\rtf1 ...", "is a rich text document: save it as PDF or plain text."),
    "short.pdf": (b"%PDF-1.4\n1 0 obj", "is a PDF that was cut short (its end is missing): get the file again."),
    "white.txt": (b" \r\n\f \t\n", "holds only white space."),
}


def test_bad_letters_are_one_sentence_each_and_the_good_one_is_read(tmp_path: Path) -> None:
    for name, (data, _) in BAD.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "link.txt").symlink_to("nowhere")
    (tmp_path / "zz.txt").write_text("Case Number: CM16-9990021\n")
    errors: list[LetterError] = []
    letters = list(read_letters([tmp_path], failed=errors.append))
    expected = {
        **{name: reason for name, (_, reason) in BAD.items()},
        "link.txt": "is a link to a file that does not exist.",
    }
    assert {Path(error.source).name: error.reason for error in errors} == expected
    assert all(str(error) == f"{error.source}: {error.reason}" for error in errors)
    assert [letter.text for letter in letters] == ["Case Number: CM16-9990021\n"]


def test_without_a_callback_the_first_failure_is_raised_after_the_last_letter(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("Case Number: CM16-9990021\n")
    for name in ("a.txt", "c.txt"):
        (tmp_path / name).touch()
    letters = read_letters([tmp_path])
    assert next(letters).source == f"{tmp_path}/b.txt"
    with pytest.raises(NotALetterError, match=r"a\.txt: is empty\. \(and 1 more; pass `failed` to learn of each\)"):
        next(letters)


def test_the_damaged_examples_say_what_is_wrong(project: Path) -> None:
    folder = project / "examples" / "damaged"
    errors: list[LetterError] = []
    readable = {letter.source.removeprefix(f"{folder}/") for letter in read_letters(folder, errors.append)}
    assert readable == {"climbing.zip!CM16-9990007.txt", "cut-in-the-summary.txt", "shopping-list.txt"}
    assert len(readable) + len(errors) == 9


def test_reading_one_letter_of_several_is_a_wrong_request(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    assert read_letter(tmp_path).text == "one"
    (tmp_path / "b.txt").write_text("two")
    with pytest.raises(UsageError, match="holds several letters: name one of them"):
        read_letter(tmp_path)


def test_a_folder_without_letters_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="holds no letter: there is no"):
        read_letter(tmp_path)


def test_nothing_there_is_an_error_that_a_caller_expects(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="does not exist: check the path"):
        read_letter(tmp_path / "no-such.txt")
    (tmp_path / "a.txt").write_bytes(b"")
    with pytest.raises(NotALetterError, match="is empty"):
        read_letter(tmp_path / "a.txt")


@pytest.mark.parametrize(("suffix", "kind"), [("txt", "text"), ("pdf", "pdf")])
def test_standard_input_takes_text_and_pdf(project: Path, suffix: str, kind: str) -> None:
    name = {"txt": "CM16-9990007.txt", "pdf": "CM18-9990014.pdf"}[suffix]
    data = (project / "examples" / "letters" / name).read_bytes()
    code = "from imr_graph.letters import read_letter; l = read_letter('-'); print(l.format, l.source, l.sha256)"
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert done.stdout.decode().split() == [
        kind,
        "standard",
        "input",
        read_letter(project / "examples/letters" / name).sha256,
    ]


def test_worker_processes_read_their_own_input(project: Path, tmp_path: Path) -> None:
    """Sources and errors travel between processes; the result does not depend on where a letter is read."""
    with zipfile.ZipFile(tmp_path / "letters.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted((project / "examples" / "letters").glob("*.*")):
            archive.write(file, file.name)
    sources = list(find([tmp_path, project / "examples" / "damaged"]))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as workers:
        elsewhere = list(workers.map(_read, sources))
    assert [str(result) for result in elsewhere] == [str(_read(source)) for source in sources]


def _read(source: object) -> Letter | LetterError:
    errors: list[LetterError] = []
    (result,) = (*read_letters([source], errors.append), *errors)  # type: ignore[list-item]
    return result
