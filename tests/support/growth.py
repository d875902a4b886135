"""Whether processor time grows in proportion to the length of an input, on machines that have other work as well."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["grows_with_its_length"]

_ENOUGH = 0.05  # seconds of processor time; what takes less for the longer input is quick however it grows
_ATTEMPTS = 8


def grows_with_its_length(action: Callable[[int], object], length: int, *, factor: int = 8) -> bool:
    """Return whether an action on an input of `factor` times the length takes about `factor` times as long.

    Only processor time of this thread counts, and the least of several attempts, so that other work on the machine
    does not: it can slow an attempt down, but not make a square look like a line. A square takes `factor` ** 2 times
    as long; half-way between that and a line (on a scale of powers) is where this draws the boundary.
    """
    short = long = float("inf")
    for _ in range(_ATTEMPTS):
        long = min(long, _processor_seconds(action, length * factor))
        if long < _ENOUGH:
            return True
        short = min(short, _processor_seconds(action, length))
        if long < factor**1.5 * short:
            return True
    return False


def _processor_seconds(action: Callable[[int], object], length: int) -> float:
    started = time.thread_time()
    action(length)
    return time.thread_time() - started
