"""What short commands take on a small store, most of which is starting Python and importing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

from bench import Bench
from process_timer import HERE, Measured, run
from rows import Row, row

from stages.whole import build

__all__ = ["starting"]

_COMMANDS = ("queries", "query overturn-rate-by-specialty", "query decided-items --format csv", "--help")
_ASKED = 250  # ms, from start to end
_SHOWN = 6  # imports that are named
# `import time:      1233 |       8988 |     zipfile`: microseconds of a module alone, and with what it imports
_IMPORT = re.compile(r"^import time: +(\d+) \| +(\d+) \| +(\S+)$", re.MULTILINE)


def starting(bench: Bench) -> Iterator[Row]:
    """Yield the time of each command from its start to its end, and which imports take most of it."""
    with bench.scratch("starting") as store:
        build(store, HERE.parent / "examples" / "letters")
        for command in _COMMANDS:
            words = [*command.split(), *(("--store", str(store)) if command.startswith("query ") else ())]
            done = _median([sys.executable, "-m", "imr_graph", *words], 2 * bench.rounds + 1)
            note = f"processor time {1000 * done.processor:.0f} ms; imports that take longest: {_imports(words)}"
            key = f"starting.{command.replace(' ', '-').strip('-')}"
            yield row(key, f"imr-graph {command}", 1000 * done.seconds, "ms", most=_ASKED, note=note)


def _median(command: list[str], rounds: int) -> Measured:
    return sorted((run(command, wall=True) for _ in range(rounds)), key=lambda one: one.seconds)[rounds // 2]


def _imports(words: list[str]) -> str:
    """Return the modules that take longest by themselves, as `python -X importtime` says."""
    code = "import sys; from imr_graph.cli.app import run; run(sys.argv[1:])"  # in one process, which tells of itself
    command = [sys.executable, "-X", "importtime", "-c", code, *words]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    alone = sorted(((int(own), name) for own, _, name in _IMPORT.findall(said)), reverse=True)
    return ", ".join(f"{name} {own / 1000:.0f} ms" for own, name in alone[:_SHOWN])
