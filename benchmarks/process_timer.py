"""Measuring a command: its time, the memory of its largest process, and the figures that it prints.

Everything is measured in a process of its own. A probe is a program whose last line of output is a JSON object; its
"seconds" and "processor" are the time of the work alone, without starting the interpreter and importing.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

__all__ = [
    "HERE",
    "Measured",
    "ProbeError",
    "alternating",
    "in_turns",
    "probe",
    "processor_seconds",
    "repeated",
    "run",
    "slope",
]

HERE = Path(__file__).resolve().parent
_SET_CHILD_SUBREAPER = 36  # of prctl(2)
_LINGERING = 5.0  # seconds that are waited for processes that outlive the command
_POLL = 0.1  # seconds between two looks at the processes
_SHOWN = 300  # characters of a failure's last line
_LONGEST = 2 * 3600  # seconds; a command that hangs ends its stage, not the run


class ProbeError(Exception):
    """A measured command failed; the message is the last line that it said."""


@dataclass(frozen=True)
class Measured:
    """One run.

    `seconds` are those of the work on the clock, `memory` is that of the largest process in MB, `figures` are what it
    printed, and `processor` the seconds that its processes worked, which tell a slow program from a busy machine.
    """

    seconds: float
    memory: int
    figures: Mapping[str, Any]
    processor: float


def probe(name: str, *arguments: object, python: str | Path = sys.executable) -> list[str]:
    """Return the command that runs a probe, in this environment or with another's interpreter."""
    return [str(python), str(HERE / "cases" / f"{name}.py"), *map(str, arguments)]


def run(command: Sequence[str], *, wall: bool = False, codes: Sequence[int] = (0,)) -> Measured:
    """Run a command to its end.

    The times are those that the command prints, or with `wall` (and where it prints none) those from start to end of
    all its processes; `codes` are the exit codes that are no failure. Raises ProbeError.
    """
    _adopt_orphans()
    started, worked = time.perf_counter(), processor_seconds()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        peaks: dict[int, int] = {}
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks, over))
        watcher.start()
        try:
            out, err = process.communicate(timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            raise ProbeError(f"it was not done after {_LONGEST:,} s") from None
        finally:
            over.set()
            watcher.join()
        elapsed = time.perf_counter() - started
    _wait_for_orphans()
    busy = processor_seconds() - worked
    if process.returncode not in codes:
        lines = err.strip().splitlines() or [f"exit code {process.returncode}"]
        raise ProbeError(lines[-1].replace(f"{HERE.parent}/", "")[:_SHOWN])
    figures, memory = _figures(out), max(peaks.values(), default=0) // 1000
    if not wall:
        elapsed, busy = float(figures.get("seconds", elapsed)), float(figures.get("processor", busy))
    return Measured(elapsed, memory, figures, busy)


def repeated(command: Sequence[str], rounds: int) -> Measured:
    """Return the median run of several."""
    return alternating({"": command}, rounds)[""]


def alternating(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Measured]:
    """Return each command's median run, having run them in turn, so that what disturbs one disturbs all."""
    return in_turns({name: partial(run, command) for name, command in commands.items()}, rounds)


def in_turns(works: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, Measured]:
    """Return the median run of each piece of work, as `alternating` does of commands."""
    runs: dict[str, list[Measured]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            runs[name].append(work())
    return {name: _median(done) for name, done in runs.items()}


def slope(points: Mapping[int, float]) -> float | None:
    """Return the exponent that fits best: 1 where twice the letters take twice the time; None for fewer than two."""
    if len(points) < 2:
        return None
    line = statistics.linear_regression([math.log(n) for n in points], [math.log(t) for t in points.values()])
    return line.slope


def _median(runs: list[Measured]) -> Measured:
    middle = sorted(runs, key=lambda one: one.seconds)[len(runs) // 2]
    return replace(middle, memory=max(one.memory for one in runs))


def _figures(out: str) -> dict[str, Any]:
    """Return the JSON object that the output is, or that its last line is."""
    for text in (out, out.strip().rpartition("\n")[2]):
        try:
            found = json.loads(text)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return {}


@cache
def _adopt_orphans() -> None:
    """Become the parent of processes whose own ends before them, as the server does that forks a build's workers."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1)


def _wait_for_orphans() -> None:
    """Wait for such processes, for a process's work counts once it is waited for."""
    until = time.monotonic() + _LINGERING
    while time.monotonic() < until:
        try:
            found, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not found:
            time.sleep(0.01)


def _watch(root: int, peaks: dict[int, int], over: threading.Event) -> None:
    """Note the peak memory (kB) of a process and all that descend from it, as Linux keeps it."""
    while True:
        for pid in _family(root):
            peaks[pid] = max(peaks.get(pid, 0), _peak(pid))
        if over.wait(_POLL):
            return


def _family(root: int) -> Iterator[int]:
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                waiting += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
        except OSError:  # it has ended, or this system keeps no such files
            continue


def _peak(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def processor_seconds() -> float:
    """Return the seconds that processes worked which this one started and that have ended, with those they started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
