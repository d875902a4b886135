"""Progress of long work, on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import click

__all__ = ["Meter", "counted"]

T = TypeVar("T")
_PATIENCE = 2.0  # seconds before anything is shown: short work needs no progress
_ON_TERMINAL, _ELSEWHERE = 0.2, 10.0  # seconds between two lines


class _Step(Protocol):
    """What a build says of where it is."""

    @property
    def stage(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int | None: ...
    @property
    def failed(self) -> int: ...
    @property
    def letters_per_second(self) -> float: ...
    @property
    def seconds_left(self) -> float | None: ...


class Meter:
    """Shows steps as they come, not more often than people can read; silent where asked to be."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet, self._terminal = quiet, sys.stderr.isatty()
        self._started = self._last = time.monotonic()
        self._open = False

    def __call__(self, step: _Step) -> None:
        """Show a step, if it is time to."""
        total = f" of {step.total:,}" if step.total else ""
        failed = f", {step.failed:,} failed" if step.failed else ""
        left = f", {_duration(step.seconds_left)} left" if step.seconds_left is not None else ""
        rate = f", {step.letters_per_second:,.0f} letters/s" if step.letters_per_second else ""
        self.show(f"{step.stage}: {step.done:,}{total}{rate}{failed}{left}")

    def show(self, line: str) -> None:
        """Show a line, if it is time to."""
        now = time.monotonic()
        pause = _ON_TERMINAL if self._terminal else _ELSEWHERE
        if self._quiet or now - self._started < _PATIENCE or (self._open and now - self._last < pause):
            return
        self._last, self._open = now, True
        click.echo(f"\r\x1b[2K{line}" if self._terminal else line, nl=not self._terminal, err=True)

    def close(self) -> None:
        """Leave a clean line behind."""
        if self._open and self._terminal:
            click.echo("\r\x1b[2K", nl=False, err=True)


def counted(things: Iterable[T], what: str, *, quiet: bool) -> Iterator[T]:
    """Yield the things, showing how many went by."""
    meter, started = Meter(quiet=quiet), time.monotonic()
    for number, thing in enumerate(things, 1):
        yield thing
        meter.show(f"{what}: {number:,}, {number / max(time.monotonic() - started, 0.001):,.0f}/s")
    meter.close()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
