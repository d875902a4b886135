"""Building on a Dask cluster: the same shards, byte for byte, also when a worker is lost half-way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imr_graph.builder import executors as engines
from imr_graph.errors import ToolError, UsageError
from imr_graph.extraction import extract
from imr_graph.model import Determination, Letter
from support.built_stores import built, shards_of
from support.components import require_module
from support.letter_files import triples, write_letters
from support.paths import TESTS
from support.processes import free_port

pytestmark = pytest.mark.cluster


def dask(*arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


def ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Start a scheduler in a process of its own and give its address."""
    require_module("distributed", "dask")
    port = free_port()
    process = dask("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    yield f"tcp://127.0.0.1:{port}"
    ended(process)


@pytest.fixture
def workers(scheduler: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two worker processes that talk to the scheduler over TCP."""
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    started = [dask("worker", scheduler, *options) for _ in range(2)]
    import distributed

    with distributed.Client(scheduler, timeout="300s", set_as_default=False) as client:
        client.wait_for_workers(2, timeout=300)
    yield started
    for process in started:
        ended(process)


def slowly(letter: Letter) -> Determination:
    """Read a letter in no hurry, so that there is a half-way."""
    time.sleep(0.01)
    return extract(letter)


@pytest.mark.usefixtures("workers", "unloaded")
def test_a_cluster_makes_the_same_shards_as_one_process(tmp_path: Path, scheduler: str) -> None:
    folder = write_letters(tmp_path / "letters", range(90))
    here = shards_of([folder], tmp_path / "here", shard_size=12)
    there = shards_of([folder], tmp_path / "there", shard_size=12, engine="dask", scheduler=scheduler, jobs=2)
    assert len(here) == 8
    assert there == here


def test_a_worker_killed_half_way_costs_nothing_but_time(
    tmp_path: Path, scheduler: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    folder, store = write_letters(tmp_path / "letters", range(200)), tmp_path / "store"

    def kill_half_way(_: object) -> None:
        if len(list((store / "work" / "shards").glob("*.json"))) >= 5:
            workers[0].kill()

    report = built(
        [folder], store, engine="dask", scheduler=scheduler, shard_size=10, extract=slowly, progress=kill_half_way
    )
    assert workers[0].wait() == -9
    assert (report.added, report.failed) == (200, ())
    whole = tmp_path / "whole"
    built([folder], whole)
    assert triples(store) == triples(whole)


def test_a_cluster_of_its_own_is_made_where_no_scheduler_is_named(tmp_path: Path) -> None:
    require_module("distributed", "dask")
    folder = write_letters(tmp_path / "letters", range(70))
    report = built([folder], tmp_path / "store", engine="dask", jobs=2)
    assert report.added == 70


def test_no_scheduler_at_an_address_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_module("distributed", "dask")
    monkeypatch.setattr(engines, "PATIENCE", "0.5s")
    with pytest.raises(UsageError, match=r"There is no Dask scheduler at tcp://127.0.0.1:9"):
        built([], tmp_path / "store", engine="dask", scheduler="tcp://127.0.0.1:9")


def test_without_the_package_the_engine_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ToolError, match=r"pip install 'imr-graph\[dask\]'"):
        built([], tmp_path / "store", engine="dask")
