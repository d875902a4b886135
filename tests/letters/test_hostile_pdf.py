"""PDFs made to hold a machine up: each ends within a letter's limits and is named; good ones beside it are read."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from imr_graph import extraction
from imr_graph.errors import LetterError, OverLimitError
from imr_graph.letters import Limits, read_letter, read_letters
from imr_graph.letters import pdf as pdf_reading
from imr_graph.limited_process import CallEndedError, LimitedProcess
from support.built_stores import built
from support.letter_files import write_letters
from support.pdf_files import forms_that_call_forms, packed_twice, pdf
from support.processes import is_alive

_SHORT = Limits(seconds=3.0, memory=256 << 20)
# A process begins with the most memory that the one that started it has held, as the system counts.
_MORE_THAN_TESTS_HOLD = 8 << 30
_REASONS = (  # which limit is met first depends on the machine
    "took longer than 3 seconds to read, so it was passed over: allow more with --letter-seconds, or report it.",
    "took more than 256 MiB of memory to read, so it was passed over: allow more with --letter-memory, or report it.",
    "unpacks to more than 50 MB, so it is not one letter.",
)


def hostile(folder: Path) -> list[str]:
    """Write such files into a folder; return their names."""
    (folder / "forms.pdf").write_bytes(forms_that_call_forms())
    (folder / "twice.pdf").write_bytes(packed_twice(60_000_000))
    return ["forms.pdf", "twice.pdf"]


def test_the_library_names_them_within_its_limits_and_reads_the_others(tmp_path: Path) -> None:
    expected = hostile(tmp_path)
    for number in range(3):
        (tmp_path / f"good-{number}.pdf").write_bytes(pdf([f"page {number}"]))
    errors: list[LetterError] = []
    read = [letter.text for letter in read_letters(tmp_path, errors.append, _SHORT)]
    assert read == [f"page {number}\n" for number in range(3)]
    assert sorted(Path(error.source).name for error in errors) == expected
    assert {error.reason for error in errors} <= {*_REASONS}


def test_extracting_names_them_too(tmp_path: Path) -> None:
    hostile(tmp_path)
    errors: list[LetterError] = []
    assert list(extraction.extract_all(tmp_path, errors.append, _SHORT)) == []
    assert len(errors) == 2


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_hundred_good_letters_beside_them_are_published(tmp_path: Path, jobs: int) -> None:
    letters, store = write_letters(tmp_path / "letters", range(100)), tmp_path / "store"
    expected = hostile(letters)
    report = built([letters], store, jobs=jobs, limits=_SHORT)
    assert report.added == 100
    assert sorted(Path(one.source).name for one in report.failed) == expected
    assert {one.reason for one in report.failed} <= {*_REASONS}


@pytest.mark.slow
def test_the_given_files_end_within_their_limits(shared: Path) -> None:
    for name in ("form-exponential.pdf", "form-recursion.pdf", "bomb-double.pdf"):
        with pytest.raises(LetterError):
            read_letter(shared / "faults" / name, Limits(seconds=4.0))


def test_a_call_that_takes_too_much_memory_is_ended_and_the_next_one_is_answered() -> None:
    process = LimitedProcess("builtins:bytes")
    with pytest.raises(CallEndedError) as ended:
        process.call(1 << 30, seconds=60, memory=64 << 20)
    assert ended.value.reason == "memory"
    assert process.call(2, seconds=60, memory=64 << 20) == b"\0\0"


def test_a_call_that_takes_too_long_is_ended_and_the_next_one_is_answered() -> None:
    process = LimitedProcess("time:sleep")
    with pytest.raises(CallEndedError) as ended:
        process.call(600, seconds=0.2, memory=64 << 20)
    assert ended.value.reason == "time"
    assert process.call(0, seconds=60, memory=64 << 20) is None


def test_a_process_that_crashes_in_a_call_is_told_and_the_next_one_is_answered() -> None:
    process = LimitedProcess("os:abort")
    for _ in range(2):
        with pytest.raises(CallEndedError) as ended:
            process.call(seconds=60, memory=_MORE_THAN_TESTS_HOLD)
        assert ended.value.reason == "crash"


def test_errors_of_the_function_are_raised_as_they_are() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        LimitedProcess("builtins:int").call("x", seconds=60, memory=64 << 20)


def test_a_process_is_gone_once_it_is_stopped() -> None:
    process = LimitedProcess("os:getpid")
    number = process.call(seconds=60, memory=64 << 20)
    assert process.call(seconds=60, memory=64 << 20) == number, "one process answers many calls"
    process.stop()
    assert not is_alive(number)


def test_a_process_that_was_killed_between_two_calls_is_replaced() -> None:
    process = LimitedProcess("os:getpid")
    number = process.call(seconds=60, memory=64 << 20)
    os.kill(number, signal.SIGKILL)
    os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
    assert process.call(seconds=60, memory=64 << 20) != number


def test_a_crash_of_the_reader_is_said_of_the_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reading, "_READER", LimitedProcess(f"{__name__}:crash"))
    with pytest.raises(OverLimitError, match="made the reader of PDFs crash, so it was passed over"):
        pdf_reading.read_pdf(pdf(["page"]), "a.pdf", Limits(memory=_MORE_THAN_TESTS_HOLD))


def crash(*_read: object) -> None:
    os.abort()
