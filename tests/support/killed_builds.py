"""A process that starts builds, kills them at random moments and has them finished: run by test_pipeline_crashes.

Builds are forked from here, so that none has to import the product again; each is a process of its own that dies of
a real SIGKILL. A line on standard output tells how each trial ended.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from imr_graph.builder import build
from imr_graph.builder import writer as making
from imr_graph.graph.resolver import shipped_names, vocabulary_triples
from imr_graph.store.graph_store import cases, open_store
from support.letter_files import triples


def forked(action: Callable[[], object]) -> tuple[int, int]:
    """Start an action in a process of its own; return the process and where its result comes as JSON.

    This process never opens a database: those that it forks would wait for ever for threads that they do not have.
    """
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(there, json.dumps(action()).encode())
            code = 0
        except BaseException as error:
            os.write(there, json.dumps(repr(error)).encode())
        finally:
            os._exit(code)
    os.close(there)
    return child, here


def result_of(action: Callable[[], object]) -> Any:
    """Return what an action in a process of its own returns."""
    child, pipe = forked(action)
    with open(pipe, "rb") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return json.loads(said)


def brought_up_to_date(letters: Path, store: Path, jobs: int = 1) -> int:
    """Build; with two jobs so few letters are still read in this process, and loaded in threads of it meanwhile."""
    return build([letters], store, jobs=jobs, validate=False, shard_size=5).generation


def state(store: Path) -> tuple[int, str]:
    """Return the number of cases in a store, and a digest of its sorted triples."""
    number = len(list(cases(open_store(store))))
    return number, hashlib.sha256("\n".join(triples(store)).encode()).hexdigest()


def main(letters: Path, old: Path, room: Path, kills: int, seed: int) -> None:
    """Kill builds that bring a copy of the store `old` up to date with `letters`."""
    shipped_names()
    vocabulary_triples()
    making._FIRST, making._MOST_WAITING = 20_000, 20_000  # some bulk loads while letters are read
    chance = random.Random(seed)
    whole = room / "whole"
    shutil.copytree(old, whole)
    started = time.monotonic()
    result_of(partial(brought_up_to_date, letters, whole))
    usual = time.monotonic() - started
    expected = result_of(partial(state, whole))
    number = done = 0
    while done < kills and number < 3 * kills:  # a build that was done before its time came does not count
        number += 1
        store = room / f"store-{number}"
        shutil.copytree(old, store)
        child, pipe = forked(partial(brought_up_to_date, letters, store, 1 + number % 2))
        time.sleep(chance.uniform(0, usual))
        os.kill(child, signal.SIGKILL)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        done += killed
        os.close(pipe)
        between = result_of(partial(state, store))
        left = len(list((store / "work").glob("shards/*.json")))
        result_of(partial(brought_up_to_date, letters, store))
        same = result_of(partial(state, store)) == expected
        print(json.dumps({"killed": killed, "between": between, "left": left, "same": same}), flush=True)
        shutil.rmtree(store)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), int(sys.argv[4]), int(sys.argv[5]))
