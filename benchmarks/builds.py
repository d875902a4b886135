"""Builds by the command that people run, timed from start to end."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from environment import cores
from process_timer import Measured, run

__all__ = ["PROGRAM", "WORKERS", "build", "step_times"]

WORKERS = min(2, cores())
PROGRAM = str(Path(sys.executable).with_name("imr-graph"))


def build(
    store: Path, *sources: Path, jobs: int = WORKERS, validated: bool = True, options: tuple[str, ...] = ()
) -> Measured:
    """Build a store with `imr-graph build` and return how it went; findings in the letters are no failure."""
    command = [PROGRAM, "build", *map(str, sources), "--store", str(store)]
    command += ["--jobs", str(jobs), "--quiet", "--json", *options, *([] if validated else ["--no-validate"])]
    return run(command, wall=True, codes=(0, 1))


def step_times(done: Measured) -> str:
    """Return what a build says of its own time."""
    stages = {name: took for name, took in done.figures.get("seconds", {}).items() if name != "all"}
    steps = _listed(done.figures.get("worker_seconds", {}))
    return "; ".join(filter(None, (_listed(stages), steps and f"workers: {steps}")))


def _listed(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {took:.1f} s" for name, took in seconds.items() if took >= 0.05)
