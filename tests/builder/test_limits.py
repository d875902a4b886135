"""A letter that takes too much time or memory is named and passed over, and Ctrl-C ends a build that one holds up."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from imr_graph.errors import LetterError, OverLimitError, UsageError
from imr_graph.extraction import determination, extract, extract_all
from imr_graph.letters import Limits, limit_reading
from imr_graph.model import Determination, Letter
from support.built_stores import built
from support.letter_files import letter_text, write_letters
from support.paths import TESTS
from support.processes import is_alive, list_descendants
from support.waiting import wait_for

# Long enough for the first letter of a worker, which loads the vocabularies, on a busy machine.
_SHORT = Limits(seconds=10.0, memory=256 << 20)
# Where this process has loaded them, a letter takes a few milliseconds.
_SHORTER = Limits(seconds=2.0, memory=256 << 20)


def read_endlessly(letter: Letter) -> Determination:
    """Read a letter, and never be done with two of them, whatever is raised at it short of the worst."""
    while "CM17-0000007" in letter.text or "CM17-0000033" in letter.text:
        try:
            time.sleep(0.01)  # and leave the processor to others
        except Exception:
            continue
    return extract(letter)


def read_in_native_code(letter: Letter) -> Determination:
    """Read a letter, and hand one of them to native code that never returns and hears no signal."""
    if "CM17-0000007" in letter.text:
        deque(itertools.repeat(0), maxlen=0)
    return extract(letter)


def read_greedily(letter: Letter) -> Determination:
    """Read a letter, and gather memory without end over one of them."""
    gathered = []
    while "CM17-0000007" in letter.text:
        gathered.append(bytearray(8 << 20))
    return extract(letter)


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.kill)])
def test_letters_that_take_too_long_are_named_and_the_others_are_built(tmp_path: Path, jobs: int) -> None:
    letters, store = write_letters(tmp_path / "letters", range(70)), tmp_path / "store"
    limits = _SHORTER if jobs == 1 else _SHORT
    extract(Letter(letter_text(1), "first.txt"))
    report = built([letters], store, jobs=jobs, limits=limits, extract=read_endlessly)
    assert [Path(one.source).name for one in report.failed] == ["letter-0007.txt", "letter-0033.txt"]
    assert {one.reason for one in report.failed} == {
        f"took longer than {limits.seconds:g} seconds to read, so it was passed over: allow more with "
        "--letter-seconds, or report it."
    }
    assert report.added == 68
    assert built([letters], store).added == 2, "another reader gets to see them again"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_letter_that_takes_too_much_memory_is_named_and_the_others_are_built(tmp_path: Path, jobs: int) -> None:
    letters, store = write_letters(tmp_path / "letters", range(70)), tmp_path / "store"
    report = built([letters], store, jobs=jobs, limits=_SHORT, extract=read_greedily)
    assert [(Path(one.source).name, one.reason) for one in report.failed] == [
        (
            "letter-0007.txt",
            "took more than 256 MiB of memory to read, so it was passed over: allow more with --letter-memory, or "
            "report it.",
        )
    ]
    assert report.added == 69


@pytest.mark.kill
def test_a_worker_that_native_code_holds_is_ended_and_its_letter_named(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(70)), tmp_path / "store"
    report = built([letters], store, jobs=2, limits=Limits(seconds=3.0), extract=read_in_native_code)
    assert [Path(one.source).name for one in report.failed] == ["letter-0007.txt"]
    assert report.added == 69


def test_extracting_names_what_takes_too_long_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = write_letters(tmp_path / "letters", range(5, 10))
    monkeypatch.setattr(determination, "extract", read_endlessly)
    failed: list[LetterError] = []
    extract(Letter(letter_text(1), "first.txt"))
    found = list(extract_all([letters], failed.append, _SHORTER))
    assert len(found) == 4
    assert [Path(error.source).name for error in failed] == ["letter-0007.txt"]


def test_after_a_letter_the_timers_and_limits_of_the_process_are_as_they_were() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(OverLimitError, match=r"^a\.txt: took longer than 0\.1 seconds"):
        _run_endlessly("a.txt", Limits(seconds=0.1))
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def _run_endlessly(source: str, limits: Limits) -> None:
    with limit_reading(source, limits):
        while True:
            pass


@pytest.mark.parametrize("limits", [{"seconds": float("nan")}, {"seconds": 0}, {"memory": 1}])
def test_limits_that_no_letter_can_keep_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="A letter cannot be read in "):
        Limits(**limits)  # type: ignore[arg-type] # memory is whole in the cases above


_STUCK = """
import sys
from functools import partial
import imr_graph.builder
from builder import test_limits
from imr_graph.cli import app
if __name__ == "__main__":
    imr_graph.builder.build = partial(imr_graph.builder.build, extract=test_limits.read_endlessly, shard_size=8)
    sys.exit(app.run(["build", sys.argv[1], "--store", sys.argv[2], "--jobs", sys.argv[3], "--no-validate", "-q"]))
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_a_build_that_a_letter_holds_up_and_its_workers(tmp_path: Path, jobs: int) -> None:
    letters, store = write_letters(tmp_path / "letters", range(10, 80)), tmp_path / "store"
    command = [sys.executable, "-c", _STUCK, str(letters), str(store), str(jobs)]
    environment = {**os.environ, "IMR_GRAPH_LETTER_SECONDS": "600"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=TESTS, env=environment
    )
    wait_for(lambda: len(list(store.glob("work/shards/*.json"))) >= 2)
    workers = list_descendants(process.pid)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=300)
    assert (printed, said) == ("", "Stopped: the store is as it was; the next build goes on with what was read.\n")
    assert process.returncode == 130
    wait_for(lambda: not any(is_alive(worker) for worker in workers))
    report = built([letters], store, shard_size=8)
    assert report.added == 70
    assert report.shards["resumed"] >= 2
