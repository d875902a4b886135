"""Waiting for a condition."""

from __future__ import annotations

import time


def wait_for(condition: object, seconds: float = 60) -> None:
    """Wait until a condition holds; fail after so many seconds."""
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
