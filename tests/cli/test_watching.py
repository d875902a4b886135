"""Commands that read a store end within their limits by one sentence, whatever the query or the store's files."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from imr_graph.cli import app, watching
from imr_graph.cli.watching import LIMITED, WHOLE_STORE, WRITING
from support.built_stores import built
from support.letter_files import write_letters
from support.once import build_once
from support.processes import is_alive, list_descendants
from support.waiting import wait_for

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
GATHER = "SELECT DISTINCT ?a ?f WHERE { ?a ?b ?c . ?d ?e ?f }"
_COMMAND = (sys.executable, "-P", "-m", "imr_graph")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_once(tmp_path_factory, "watched-store", build_store) / "store"


def build_store(folder: Path) -> None:
    built([write_letters(folder / "letters", range(20))], folder / "store")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*_COMMAND, *arguments], capture_output=True, text=True, timeout=300, check=False)


def test_a_query_without_end_ends_by_a_sentence(store: Path) -> None:
    ended = run("--limit-seconds", "2", "query", COUNT, "--store", str(store))
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == (
        "Error: This takes longer than a command may: ask for less, or allow more with 'imr-graph --limit-seconds "
        "SECONDS ...'.\n"
    )


def test_a_query_that_gathers_too_much_ends_by_a_sentence(store: Path) -> None:
    ended = run("--limit-memory", "192", "query", GATHER, "--store", str(store))
    assert ended.returncode == 3
    assert ended.stderr == (
        "Error: This takes more memory than a command may, or a file of the store is damaged: ask for less, allow more "
        "with 'imr-graph --limit-memory MIB ...', or look for the damage with 'imr-graph verify'.\n"
    )


def test_a_build_over_its_memory_ends_by_a_sentence_and_leaves_the_store_as_it_was(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "store"
    subprocess.run(["cp", "-r", str(store), str(copy)], check=True)
    more = write_letters(tmp_path / "more", range(20, 600))
    ended = run("--limit-memory", "160", "build", str(more), "--store", str(copy), "--jobs", "1")
    assert ended.returncode == 3
    assert "more memory than a command may" in ended.stderr
    assert "20 letters" in run("status", "--store", str(copy)).stdout


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_bit_in_a_database_is_answered_or_ends_by_a_sentence(store: Path, tmp_path: Path, seed: int) -> None:
    copy = tmp_path / "store"
    subprocess.run(["cp", "-r", str(store), str(copy)], check=True)
    chance = random.Random(seed)
    file = chance.choice(sorted(copy.rglob("*.sst")))
    data = bytearray(file.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)
    more = write_letters(tmp_path / "more", [20])
    for command in (
        ("query", "SELECT (COUNT(DISTINCT ?c) AS ?n) WHERE { ?a ?b ?c }"),
        ("build", str(more), "--jobs", "1", "--quiet"),
    ):
        ended = run(*command, "--store", str(copy))
        assert ended.returncode in (0, 3)
        assert "Traceback" not in ended.stderr
        assert ended.stderr.count("\n") == (ended.returncode != 0)


@pytest.mark.parametrize("command", sorted(LIMITED))
def test_each_command_has_the_limits_of_its_kind_unless_others_are_given(
    store: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    limits: list[tuple[float | None, int]] = []
    monkeypatch.setattr(watching, "_is_watched", True)
    monkeypatch.setattr(watching, "limit_this_process", lambda *given: limits.append(given))
    for given in ((), ("--limit-seconds", "5", "--limit-memory", "300")):
        app.run([*given, command, "--no-such-option", "--store", str(store)])
    memory = 2048 if command in WRITING else 1024
    assert limits == [(None if command in WHOLE_STORE else 600.0, memory), (5.0, 300)]


def test_what_a_watched_command_prints_and_its_exit_code_are_its_own(store: Path) -> None:
    assert run("query", "ASK { ?case a imr:Case }", "--store", str(store)).stdout == "yes\n"
    refused = run("query", "no-such-question", "--store", str(store))
    assert refused.returncode == 2
    assert refused.stderr.startswith("Error: There is no question")


def test_a_signal_to_the_watcher_ends_the_command(store: Path) -> None:
    command = [*_COMMAND, "query", COUNT, "--store", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: list_descendants(process.pid))
    children = list_descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM
    wait_for(lambda: not any(is_alive(child) for child in children))


def test_a_command_ends_with_the_one_that_watches_it(store: Path) -> None:
    process = subprocess.Popen([*_COMMAND, "query", COUNT, "--store", str(store)], stdout=subprocess.DEVNULL)
    wait_for(lambda: list_descendants(process.pid))
    children = list_descendants(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not any(is_alive(child) for child in children))


@pytest.mark.parametrize("given", [["--limit-seconds", "nan"], ["--limit-seconds", "0"], ["--limit-memory", "1"]])
def test_limits_that_no_command_can_keep_are_refused(given: list[str]) -> None:
    ended = run(*given, "queries")
    assert ended.returncode == 2
    assert "limit-" in ended.stderr
