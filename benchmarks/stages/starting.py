"""What short commands take on a small store, most of which is starting Python and importing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from bench import Bench
from builds import PROGRAM, build
from process_timer import HERE, Measured, run
from rows import Row, row

__all__ = ["starting"]

_LETTERS: Final = HERE.parent / "examples" / "letters"
_COMMANDS: Final = (
    *("--help", "queries", "schema", "vocabulary check", "text LETTER", "extract LETTER"),
    *("status STORE", "query overturn-rate-by-specialty STORE", "query decided-items --format csv STORE"),
    *("show CM17-9990012 STORE", "search MRI STORE", "precedents MRI STORE", "requirements MRI STORE"),
    *("stats STORE", "compare year STORE", "network treatment-guideline STORE", "export STORE"),
)
_SHOWN: Final = 3  # imports that are named
# `import time:      1233 |       8988 |     zipfile`: microseconds of a module alone, and with what it imports
_IMPORT: Final = re.compile(r"^import time: +(\d+) \| +(\d+) \| +(\S+)$", re.MULTILINE)


def starting(bench: Bench) -> Iterator[Row]:
    """Yield the time of each command from its start to its end, and which imports take most of it.

    Modules are compiled before, as they are where the package is installed, in a folder of their own.
    """
    prefix = ["env", "-u", "PYTHONDONTWRITEBYTECODE", f"PYTHONPYCACHEPREFIX={bench.work / 'compiled'}"]
    with bench.scratch("starting") as store:
        build(store, _LETTERS)
        places = {"LETTER": [str(_LETTERS / "CM17-9990012.txt")], "STORE": ["--store", str(store)]}
        for command in _COMMANDS:
            words = [word for name in command.split() for word in places.get(name, [name])]
            run([*prefix, PROGRAM, *words])
            done = _median([*prefix, PROGRAM, *words], bench.rounds)
            name = re.sub(r" (STORE|LETTER|--format)\b", "", command)
            key = f"starting.{name.strip('-').replace(' ', '-')}"
            milliseconds, note = 1000 * done.seconds, _imports(prefix, words)
            yield row(key, f"imr-graph {name}", milliseconds, "ms", processor=done.processor, note=note)


def _median(command: list[str], rounds: int) -> Measured:
    return sorted((run(command, wall=True) for _ in range(rounds)), key=lambda one: one.seconds)[rounds // 2]


def _imports(prefix: list[str], words: list[str]) -> str:
    """Return how many modules are imported, their time, and those that take longest by themselves."""
    code = "import sys; from imr_graph.cli.app import run; run(sys.argv[1:])"  # in one process, which tells of itself
    command = [*prefix, sys.executable, "-X", "importtime", "-c", code, *words]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    alone = sorted(((int(own), name) for own, _, name in _IMPORT.findall(said)), reverse=True)
    longest = ", ".join(f"{name} {own / 1000:.0f} ms" for own, name in alone[:_SHOWN])
    return f"{len(alone)} imports, {sum(own for own, _ in alone) / 1000:.0f} ms; longest: {longest}"
