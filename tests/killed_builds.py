"""A process that starts builds, kills them at random moments and has them finished: run by test_pipeline_crashes.

Builds are forked from here, so that none has to import the product again; each is a process of its own that dies of
a real SIGKILL. A line on standard output tells how each trial ended.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from written import triples

from imr_graph.graph.names import shipped_names, vocabulary_triples
from imr_graph.graph.store import cases, open_store
from imr_graph.pipeline import build


def forked(letters: Path, store: Path) -> int:
    """Start a build and return its process id."""
    child = os.fork()
    if child == 0:
        try:
            build([letters], store, jobs=1, validate=False, shard_size=5)
            os._exit(0)
        except BaseException as error:
            print(json.dumps({"error": repr(error)}), flush=True)
            os._exit(1)
    return child


def finished(letters: Path, store: Path) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(forked(letters, store), 0)[1]) == 0


def main(letters: Path, old: Path, room: Path, trials: int, seed: int) -> None:
    """Kill builds that bring a copy of the store `old` up to date with `letters`."""
    shipped_names()
    vocabulary_triples()
    chance = random.Random(seed)
    whole = room / "whole"
    shutil.copytree(old, whole)
    started = time.monotonic()
    assert finished(letters, whole)
    usual = time.monotonic() - started
    for number in range(trials):
        store = room / f"store-{number}"
        shutil.copytree(old, store)
        child = forked(letters, store)
        time.sleep(chance.uniform(0, 1.02 * usual))
        os.kill(child, signal.SIGKILL)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        reader = os.fork()  # no database is ever opened in this process, as forked ones would share its locks
        if reader == 0:
            between = len(list(cases(open_store(store))))
            left = len(list((store / "work").glob("shards/*.json")))
            ended = finished(letters, store)
            same = triples(store) == triples(whole)
            line = {"killed": killed, "between": between, "left": left, "finished": ended, "same": same}
            print(json.dumps(line), flush=True)
            os._exit(0)
        os.waitpid(reader, 0)
        shutil.rmtree(store)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), int(sys.argv[4]), int(sys.argv[5]))
