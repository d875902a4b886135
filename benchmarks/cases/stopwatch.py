"""The time of a probe's work, without starting the interpreter and importing."""

from __future__ import annotations

import time

__all__ = ["Stopwatch"]


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        """Start."""
        self._wall, self._busy = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Return the seconds since the start, on the clock and of this process on all processors."""
        return {"seconds": time.perf_counter() - self._wall, "processor": time.process_time() - self._busy}
