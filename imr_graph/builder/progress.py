"""How far a build is: told a few times a second, whatever the number of letters."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Meter", "Progress"]

_PAUSE = 0.2  # seconds between two calls


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a build is.

    `stage` is what is being done, `done` and `total` count letters (`total` is None while it is not known), `failed`
    the inputs that gave no letter so far; `seconds_left` is for this stage.
    """

    stage: str
    done: int
    total: int | None
    failed: int
    letters_per_second: float
    seconds_left: float | None


class Meter:
    """Turns counts into `Progress`, calls the listener at most five times a second, and keeps each stage's time."""

    def __init__(self, listener: Callable[[Progress], None] | None) -> None:
        self._listener = listener
        self._stage, self._total = "", 0
        self._since = self._last = time.monotonic()
        self.seconds: dict[str, float] = {}
        self.failed = 0

    def begin(self, stage: str, total: int | None = None) -> None:
        """Begin a stage; the one before it is over."""
        self.end()
        self._stage, self._total = stage, total or 0
        self.tell(0, at_once=True)

    def end(self) -> None:
        """End the stage."""
        now = time.monotonic()
        if self._stage:
            self.seconds[self._stage] = round(self.seconds.get(self._stage, 0.0) + now - self._since, 3)
        self._stage, self._since = "", now

    def tell(self, done: int, *, at_once: bool = False) -> None:
        """Tell how many letters are done in this stage."""
        now = time.monotonic()
        if self._listener is None or (now - self._last < _PAUSE and not at_once):
            return
        self._last = now
        rate = done / (now - self._since) if done and now > self._since else 0.0
        left = (self._total - done) / rate if rate and self._total else None
        self._listener(Progress(self._stage, done, self._total or None, self.failed, rate, left))
