"""What happens to builds on real machines: they are killed, letters crash readers, disks fill up, drives go away."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imr_graph.builder import build
from imr_graph.errors import StoreError, UnreadableError
from imr_graph.extraction import extract
from imr_graph.model import Determination, Letter
from support.built_stores import built, keys
from support.letter_files import letter_text, triples, write, write_letters
from support.paths import TESTS
from support.processes import is_alive, list_descendants
from support.waiting import wait_for

_KILLS = 16


def kill_builds(folder: Path, *at_random: int) -> list[dict[str, Any]]:
    """Return how builds ended that were killed on their way from 8 letters to 36, three of them corrected."""
    letters, old = write_letters(folder / "letters", range(8)), folder / "old"
    built([letters], old)
    write_letters(letters, range(8, 36))
    for number in (2, 3, 4):
        write(letters / f"letter-{number:04}.txt", letter_text(number, note="Corrected."))
    room = folder / "room"
    room.mkdir()
    command = [sys.executable, "-m", "support.killed_builds", letters, old, room, *map(str, at_random)]
    output = subprocess.run(command, capture_output=True, text=True, cwd=TESTS, check=False)
    assert output.returncode == 0, output.stdout[-500:] + output.stderr[-2000:]
    return [json.loads(line) for line in output.stdout.splitlines()]


def check_trials(trials: list[dict[str, Any]]) -> None:
    """Hold that readers met the old state or the new, and that the next build finished what was begun."""
    states = {tuple(trial["between"]) for trial in trials}
    assert {number for number, _ in states} <= {8, 36}, "a reader met something between the old and the new"
    assert len(states) <= 2
    assert [trial["step"] for trial in trials if not trial["same"]] == []
    assert any(trial["left"] for trial in trials if trial["killed"]), "some were killed among their shards"


@pytest.mark.kill
def test_a_build_killed_before_any_step_leaves_the_old_state_or_the_new_and_the_next_finishes_it(
    tmp_path: Path,
) -> None:
    trials = kill_builds(tmp_path)
    check_trials(trials)
    assert [trial["step"] for trial in trials if not trial["killed"]] == [], "each step is taken each time"
    for step in ("os.rename work/shards/", "os.rename generations/", "os.rename store.json"):
        assert any(trial["step"].startswith(step) for trial in trials), step
    assert {number for number, _ in (trial["between"] for trial in trials)} == {8, 36}, "before and after publishing"


@pytest.mark.kill
def test_a_build_killed_at_any_moment_leaves_the_old_state_or_the_new_and_the_next_finishes_it(tmp_path: Path) -> None:
    trials = kill_builds(tmp_path, _KILLS, 3)
    assert sum(trial["killed"] for trial in trials) == _KILLS
    check_trials(trials)


def _start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=TESTS)


_IN_WORKERS = """
import sys
from imr_graph.builder import build
if __name__ == "__main__":
    build([sys.argv[1]], sys.argv[2], jobs=2, validate=False, shard_size=4)
"""


@pytest.mark.kill
def test_killing_a_build_with_workers_leaves_no_process_behind_and_its_shards_are_used(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(400)), tmp_path / "store"
    process = _start(_IN_WORKERS, letters, store)
    wait_for(lambda: len(list(store.glob("work/shards/*.json"))) >= 3)
    children = list_descendants(process.pid)
    process.kill()
    process.communicate()
    assert len(children) >= 2
    wait_for(lambda: not any(is_alive(child) for child in children))
    report = built([letters], store, shard_size=4)
    assert report.shards["resumed"] >= 3
    assert report.added == 400
    whole = tmp_path / "whole"
    built([letters], whole)
    assert triples(store) == triples(whole)


def crashing(letter: Letter) -> Determination:
    """Read a letter, and die of two of them as a broken library would."""
    if "CM17-0000007" in letter.text or "CM17-0000033" in letter.text:
        os.kill(os.getpid(), signal.SIGKILL)
    return extract(letter)


@pytest.mark.kill
def test_letters_that_workers_die_of_are_named_and_the_others_are_built(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(70)), tmp_path / "store"
    report = built([letters], store, jobs=2, shard_size=10, extract=crashing)
    assert [Path(one.source).name for one in report.failed] == ["letter-0007.txt", "letter-0033.txt"]
    assert all("made the reader crash" in one.reason for one in report.failed)
    assert report.added == 68
    assert built([letters], store).added == 2, "another reader gets to see them again"


def failing(letter: Letter) -> Determination:
    """Read a letter, with an error of our own making in one of them."""
    if "CM17-0000003" in letter.text:
        raise ZeroDivisionError("by design")
    return extract(letter)


def test_an_error_of_the_reader_is_one_letters_failure(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(5)), tmp_path / "store"
    report = built([letters], store, extract=failing)
    assert [one.reason for one in report.failed] == [
        "made the reader fail (ZeroDivisionError: by design): please report it."
    ]
    assert report.added == 4


_IN_PROCESS = """
import sys
from builder import test_crashes
from imr_graph.builder import build
if __name__ == "__main__":
    report = build([sys.argv[1]], sys.argv[2], validate=False, extract=test_crashes.crashing)
    print(report.added, len(report.failed))
"""


@pytest.mark.kill
def test_a_small_build_that_dies_of_a_letter_twice_gets_past_it_the_third_time(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(10)), tmp_path / "store"
    ends = []
    for _ in range(3):
        process = _start(_IN_PROCESS, letters, store)
        ends.append((process.communicate()[0].strip(), process.returncode))
    assert ends == [("", -signal.SIGKILL), ("", -signal.SIGKILL), ("9 1", 0)]


_HOLDING = """
import sys, time
from imr_graph.store.graph_store import write_store
with write_store(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_builder_is_refused_with_a_sentence_that_names_the_first(tmp_path: Path) -> None:
    store = tmp_path / "store"
    process = _start(_HOLDING, store)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    with pytest.raises(StoreError, match=f"is being written by process {process.pid} on "):
        built([write_letters(tmp_path / "letters", [1])], store)
    process.kill()
    process.communicate()
    assert built([tmp_path / "letters"], store).added == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 24 MB; where that is not allowed the test is skipped."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", folder]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(tmp_path: Path, small_disk: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(5)), small_disk / "store"
    built([letters], store)
    before = triples(store)
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 300_000))
    many = write_letters(tmp_path / "many", range(100, 500))
    with pytest.raises(StoreError, match=r"full|No space|disk"):
        built([many], store)
    assert triples(store) == before
    filler.unlink()
    assert built([many], store).added == 400


def test_a_full_disk_under_workers_is_one_sentence(tmp_path: Path, small_disk: Path) -> None:
    letters = write_letters(tmp_path / "letters", range(200))
    (small_disk / "filler").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 8192))
    with pytest.raises(StoreError, match="No space left"):
        built([letters], tmp_path / "store", jobs=2, shard_size=20, shards=str(small_disk / "shards"))
    assert built([letters], tmp_path / "store").added == 200


def test_a_read_only_store_is_one_sentence_and_can_still_be_read(tmp_path: Path, small_disk: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(3)), small_disk / "store"
    built([letters], store)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    write_letters(letters, [9])
    with pytest.raises(StoreError, match=r"cannot be written to or read \(.*\): change its permissions"):
        built([letters], store)
    assert len(keys(store)) == 3


def test_a_store_of_another_format_is_refused(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(2)), tmp_path / "store"
    built([letters], store)
    manifest = json.loads((store / "store.json").read_text())
    (store / "store.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(StoreError, match="has format 99"):
        built([letters], store)


class Unplugging:
    """Reads letters until one of a number comes, and takes the folder away then."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.seen, self.number = folder, Counter[str](), number

    def __call__(self, letter: Letter) -> Determination:
        """Read a letter."""
        self.seen[letter.source] += 1
        if len(self.seen) == self.number:
            self.folder.rename(self.folder.with_name("unplugged"))
        return extract(letter)


def test_a_source_that_goes_away_in_mid_run_stops_the_build_and_the_next_goes_on(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(50)), tmp_path / "store"
    built([write_letters(tmp_path / "first", [99])], store)
    before = triples(store)
    with pytest.raises(UnreadableError, match="letters: went away while it was being read: connect it"):
        built([letters], store, shard_size=5, extract=Unplugging(letters, 20))
    assert triples(store) == before
    (tmp_path / "unplugged").rename(letters)
    report = built([letters], store, shard_size=5)
    assert report.added == 50
    assert report.shards["resumed"] >= 2


class Deleting:
    """Reads letters, and deletes one file when the first is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, letter: Letter) -> Determination:
        """Read a letter."""
        self.path.unlink(missing_ok=True)
        return extract(letter)


def test_one_file_that_goes_away_in_mid_run_fails_alone(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(6)), tmp_path / "store"
    contents = {path: path.read_bytes() for path in letters.iterdir()}
    report = built([letters], store, extract=Deleting(max(letters.iterdir())))
    assert [one.reason for one in report.failed] == ["does not exist: check the path."]
    for path, content in contents.items():
        write(path, content)
    assert built([letters], store).added == 1


def test_a_stopped_build_passes_the_interruption_on_and_keeps_its_shards(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(20)), tmp_path / "store"
    seen: list[str] = []

    def stopped(letter: Letter) -> Determination:
        seen.append(letter.source)
        if len(seen) == 15:
            raise KeyboardInterrupt
        return extract(letter)

    with pytest.raises(KeyboardInterrupt):
        build([letters], store, jobs=1, validate=False, shard_size=4, extract=stopped)
    assert built([letters], store, shard_size=4).shards["resumed"] >= 1
