"""A process that starts builds, kills them and has them finished: run by tests/builder/test_crashes.py.

They are killed just before each step that changes a file of the store (which the interpreter's audit events tell, so
that the product needs no hook for it), or at random moments, which fall into what native code does as well.
Builds are forked from here, so that none has to import the product or to make ready what reads letters again; each is
a process of its own that dies of a real SIGKILL. A line on standard output tells how each trial ended.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from imr_graph.builder import build
from imr_graph.builder import writer as writing
from imr_graph.extraction import extract
from imr_graph.graph.mapping import ntriples
from imr_graph.graph.resolver import default_resolver, vocabulary_triples
from imr_graph.letters import read_letters
from imr_graph.store.graph_store import cases, open_store
from support.letter_files import triples

_CHANGES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_VARYING = re.compile(r"[0-9a-f]{8,}|\d+|tmp\w+")


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


def bring_up_to_date(letters: Path, store: Path, jobs: int = 1) -> int:
    """Build; with two jobs so few letters are still read in this process, and loaded in threads of it meanwhile."""
    return build([letters], store, jobs=jobs, validate=False, shard_size=5).generation


def modules_of(letters: Path, store: Path) -> list[str]:
    """Build, and return the modules that are loaded then."""
    bring_up_to_date(letters, store)
    return [name for name in sys.modules if name != "__main__"]


def state(store: Path) -> tuple[int, str]:
    """Return the number of cases in a store, and a digest of its sorted triples."""
    number = len(list(cases(open_store(store))))
    return number, hashlib.sha256("\n".join(triples(store)).encode()).hexdigest()


def step_of(store: Path, event: str, arguments: tuple[Any, ...]) -> str | None:
    """Return the name of a step that changes the files of a store, or None for any other event of the interpreter.

    A name is what is done and to which file, without what differs from run to run: `os.rename store.json`.
    """
    if event not in _CHANGES or (event == "open" and not arguments[2] & _WRITING):
        return None
    path = arguments[1 if event == "os.rename" else 0]
    if not isinstance(path, str | bytes | os.PathLike):
        return None
    place = Path(os.fsdecode(path))
    return f"{event} {_VARYING.sub('*', str(place.relative_to(store)))}" if place.is_relative_to(store) else None


def steps_of(letters: Path, store: Path, jobs: int) -> list[str]:
    """Build, and return the steps in the order in which each was first taken."""
    seen: dict[str, None] = {}

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if (step := step_of(store, event, arguments)) is not None:
            seen[step] = None

    sys.addaudithook(note)
    bring_up_to_date(letters, store, jobs)
    return list(seen)


def killed_at(step: str, letters: Path, store: Path, jobs: int) -> None:
    """Build, and die just before a step is taken for the first time."""

    def die(event: str, arguments: tuple[Any, ...]) -> None:
        if step_of(store, event, arguments) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(die)
    bring_up_to_date(letters, store, jobs)


@dataclass(frozen=True)
class Trials:
    """What is tried: copies of the store `old` are brought up to date with `letters`, in the folder `room`."""

    letters: Path
    old: Path
    room: Path

    def copy(self, name: str) -> Path:
        """Return a fresh copy of the old store."""
        return Path(shutil.copytree(self.old, self.room / name))

    def make_ready(self) -> None:
        """Load here what every build needs, but for databases."""
        default_resolver()
        vocabulary_triples()
        for letter in read_letters([str(self.letters)]):
            ntriples(extract(letter))
        for name in result_of(partial(modules_of, self.letters, self.copy("usual"))):
            import_module(name)

    def at_steps(self) -> None:
        """Kill a build before each step; every second one has threads that load while letters are read."""
        expected, steps = self.expected(), dict[str, None]()
        for jobs in (1, 2):
            store = self.copy(f"steps-{jobs}")
            steps |= dict.fromkeys(result_of(partial(steps_of, self.letters, store, jobs)))
        for number, step in enumerate(steps):
            store = self.copy(f"store-{number}")
            child, pipe = forked(partial(killed_at, step, self.letters, store, 1 + number % 2))
            os.close(pipe)
            self.end(store, child, expected, step)

    def at_random(self, kills: int, seed: int) -> None:
        """Kill builds at random moments until so many were killed; one that was done before does not count."""
        chance, expected = random.Random(seed), self.expected()
        started = time.monotonic()
        result_of(partial(bring_up_to_date, self.letters, self.copy("timed")))
        usual = time.monotonic() - started
        number = done = 0
        while done < kills and number < 4 * kills:
            number += 1
            store = self.copy(f"store-{number}")
            child, pipe = forked(partial(bring_up_to_date, self.letters, store, 1 + number % 2))
            os.close(pipe)
            time.sleep(chance.uniform(0, usual))
            os.kill(child, signal.SIGKILL)
            done += self.end(store, child, expected, "at random")

    def expected(self) -> Any:
        """Return the state of a store that is brought up to date and left in peace."""
        whole = self.copy("whole")
        result_of(partial(bring_up_to_date, self.letters, whole))
        return result_of(partial(state, whole))

    def end(self, store: Path, child: int, expected: Any, step: str) -> bool:
        """See what a killed build left, have it finished, and print both; return whether it was killed indeed."""
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        between = result_of(partial(state, store))
        left = len(list((store / "work").glob("shards/*.json")))
        result_of(partial(bring_up_to_date, self.letters, store))
        same = result_of(partial(state, store)) == expected
        trial = {"step": step, "killed": killed, "between": between, "left": left, "same": same}
        print(json.dumps(trial), flush=True)
        shutil.rmtree(store)
        return killed


def main(letters: str, old: str, room: str, *at_random: str) -> None:
    """Try it: at each step, or with two numbers (how many kills, and where chance begins) at random moments."""
    writing._FIRST, writing._MOST_WAITING = 20_000, 20_000  # some bulk loads while letters are read
    trials = Trials(Path(letters), Path(old), Path(room))
    trials.make_ready()
    if at_random:
        trials.at_random(*map(int, at_random))
    else:
        trials.at_steps()


if __name__ == "__main__":
    main(*sys.argv[1:])
