"""Limits of time and memory for each letter: one that is beyond them is named, and the others are read."""

from __future__ import annotations

import math
import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from imr_graph.errors import OverLimitError, UsageError
from imr_graph.limited_process import CAN_LIMIT, limit_memory, used_memory

if CAN_LIMIT:
    import resource

__all__ = ["Limits", "limit_reading"]

_MIB: Final = 1 << 20
_LEAST_SECONDS, _LEAST_MEMORY = 0.1, 64 * _MIB
# Once the time is up an exception is raised again and again, as code that catches everything may swallow the first.
_AGAIN: Final = 0.5  # seconds
_GRACE: Final = 2.0  # seconds of processor time until a worker that native code holds is ended by the system


@dataclass(frozen=True, slots=True)
class Limits:
    """What one letter may take until it is read: `seconds`, and `memory` in bytes beside what the process has.

    With `ocr`, pages without text are recognized by Tesseract, which takes a few seconds a page.
    Raises UsageError for values that no letter could be read within.
    """

    seconds: float = 20.0
    memory: int = 1024 * _MIB
    ocr: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.seconds) and self.seconds >= _LEAST_SECONDS):
            raise UsageError(f"A letter cannot be read in {self.seconds:g} seconds: allow {_LEAST_SECONDS:g} or more.")
        if self.memory < _LEAST_MEMORY:
            raise UsageError(
                f"A letter cannot be read in {self.memory / _MIB:g} MiB of memory: allow {_LEAST_MEMORY // _MIB} MiB "
                "or more."
            )

    def error(self, source: str, reason: str) -> OverLimitError:
        """Return the error for a letter that takes more than this; `reason` is "time" or "memory"."""
        if reason == "time":
            took, option = f"longer than {self.seconds:g} seconds", "--letter-seconds"
        else:
            took, option = f"more than {self.memory / _MIB:,.0f} MiB of memory", "--letter-memory"
        return OverLimitError(
            source, f"took {took} to read, so it was passed over: allow more with {option}, or report it."
        )


@contextmanager
def limit_reading(source: str, limits: Limits) -> Iterator[None]:
    """Raise OverLimitError, which names the source, where the block takes more time or memory than a letter may.

    The limits hold in the main thread of a process, which is where builds and their workers read; in other threads
    (those of a Dask worker) and on Windows there are none. A worker process that native code holds beyond the time is
    ended by the system.
    """
    if threading.current_thread() is not threading.main_thread() or not CAN_LIMIT:
        yield
        return
    try:
        with _limited_time(limits.seconds), _limited_memory(limits.memory):
            yield
    except _TimeUpError:
        raise limits.error(source, "time") from None
    except MemoryError:
        raise limits.error(source, "memory") from None


class _TimeUpError(BaseException):
    """The time is up; no error of a letter, so that nothing that handles those takes it for one."""


def _raise_time_up(signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal handlers are called
    raise _TimeUpError


@contextmanager
def _limited_time(seconds: float) -> Iterator[None]:
    handler = signal.signal(signal.SIGALRM, _raise_time_up)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        with _limited_processor_time(seconds + _GRACE):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if remaining:
            signal.setitimer(signal.ITIMER_REAL, remaining, interval)


@contextmanager
def _limited_processor_time(seconds: float) -> Iterator[None]:
    """Let the system end a worker process that takes so much processor time; the user's own process is left alone."""
    if multiprocessing.parent_process() is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_CPU)
    end = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (_lower(end, before[0]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)


@contextmanager
def _limited_memory(most: int) -> Iterator[None]:
    """Let the system refuse memory beyond what the process has and so many bytes; only Linux says what it has."""
    used = used_memory()
    if used is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limit_memory(_lower(used + most, before[0]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _lower(limit: int, before: int) -> int:
    """Return the lower of two limits of the system, of which -1 stands for none."""
    return limit if before < 0 else min(limit, before)
