"""Waiting for a condition, with a bound that only what never comes runs into."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["wait_for"]


def wait_for(condition: Callable[[], object], seconds: float = 180) -> None:
    """Wait until a condition holds; fail after so many seconds, in which a busy machine gets there as well."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
