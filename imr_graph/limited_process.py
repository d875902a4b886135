"""Calls in a process of their own: what native code does with hostile input, nothing within a process can stop.

A process is started for the first call and kept for those that follow. It ends with the program that started it, and a
call that takes too much time or memory ends it; the next call starts another.
"""

from __future__ import annotations

import atexit
import os
import pickle
import select
import signal
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import subprocess

try:
    import resource
except ImportError:  # on Windows
    CAN_LIMIT = False
else:
    CAN_LIMIT = True

__all__ = ["CAN_LIMIT", "CallEndedError", "LimitedProcess", "limit_memory", "main", "peak_memory", "used_memory"]

_GRACE: Final = 2.0  # seconds after which the system ends a process that nobody waits for any more
_NEARLY: Final = 0.7  # share of its memory that a process has had when its end is put down to that
_WORN_OUT: Final = 0.5  # share of its memory that a process still holds after a call when it is replaced
_MAXRSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, KiB elsewhere
_MEMORY_USED: Final = Path("/proc/self/statm")


class CallEndedError(Exception):
    """A call that did not return; `reason` is "time", "memory" or "crash"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Reply(NamedTuple):
    value: Any = None
    error: BaseException | None = None
    is_last: bool = False


class LimitedProcess:
    """A process that calls one function, named `module:function`, again and again; threads take turns.

    Arguments, results and errors have to be picklable. On Windows, which has no such limits, the function is called in
    this process.
    """

    def __init__(self, function: str) -> None:
        self._function, self._lock = function, threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        atexit.register(self.stop)

    def call(self, *arguments: Any, seconds: float, memory: int) -> Any:
        """Return what the function returns, or raise what it raises.

        `memory` is in bytes, beside what the process takes before its first call. Raises CallEndedError where the call
        takes longer than `seconds`, takes more memory, or ends the process.
        """
        if not CAN_LIMIT:
            return _find_function(self._function)(*arguments)
        with self._lock:
            try:
                reply = self._ask((arguments, seconds, memory), seconds, memory)
            except BaseException:  # whatever came between, the process may be in the midst of an answer
                self.stop()
                raise
            if reply.is_last:
                self.stop()
        if isinstance(reply.error, MemoryError):
            raise CallEndedError("memory")
        if reply.error is not None:
            raise reply.error
        return reply.value

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        if self._owner == os.getpid():  # a copy of this object in a forked process owns its ends of the pipes only
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)

    def _ask(self, job: tuple[Any, float, int], seconds: float, memory: int) -> _Reply:
        process = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        waiting = select.poll()
        waiting.register(process.stdout, select.POLLIN)
        try:
            pickle.dump(job, process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            if not waiting.poll(seconds * 1000):
                raise CallEndedError("time")
            reply: _Reply = pickle.load(process.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise CallEndedError(_read_end(process, memory)) from None
        return reply

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            import subprocess  # here, as the command line limits its own process only

            self.stop()
            command = [sys.executable, "-P", "-c", f"import {__name__} as own; own.main()", self._function]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "RUST_BACKTRACE": "0", "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            self._owner = os.getpid()
            assert self._process.stdout is not None
            if not self._process.stdout.read(1):  # ready: loading libraries is no part of the first call
                raise CallEndedError("crash")
        return self._process


def used_memory() -> int | None:
    """Return how many bytes of data this process has; None where the system does not say (only Linux does)."""
    try:
        return int(_MEMORY_USED.read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def peak_memory() -> int:
    """Return the largest memory that this process has had, in MB; 0 where the system does not say (Windows)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT // 1_000_000 if CAN_LIMIT else 0


def limit_memory(most: int) -> None:
    """Let the system refuse this process data beyond so many bytes; -1 is as many as it may have at all."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard if most < 0 else most if hard < 0 else min(most, hard), hard))


def main() -> None:
    """Answer calls on standard input until it ends; the command line names the function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the program, which ends this process
    calls, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for limit in (resource.RLIMIT_DATA, resource.RLIMIT_CPU):  # those of the program are for one call of its own
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (hard, hard))
    function = _find_function(sys.argv[1])
    before = used_memory()
    replies.write(b"!")
    replies.flush()
    while True:
        try:
            arguments, seconds, memory = pickle.load(calls)
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
        if before is not None:
            limit_memory(before + memory)
        reply = _reply(function, arguments)
        if before is not None:
            limit_memory(-1)
            is_worn_out = (used_memory() or 0) - before > _WORN_OUT * memory
            reply = reply._replace(is_last=reply.is_last or is_worn_out)
        replies.write(_pickle_reply(reply))
        replies.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _reply(function: Any, arguments: tuple[Any, ...]) -> _Reply:
    try:
        return _Reply(function(*arguments))
    except MemoryError:
        return _Reply(error=MemoryError(), is_last=True)
    except Exception as error:
        return _Reply(error=error)


def _pickle_reply(reply: _Reply) -> bytes:
    try:
        return pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
    except Exception:  # an error that cannot travel
        error = RuntimeError(f"{type(reply.error).__name__}: {reply.error}")
        return pickle.dumps(_Reply(error=error), pickle.HIGHEST_PROTOCOL)


def _find_function(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def _read_end(process: subprocess.Popen[bytes], memory: int) -> str:
    """Wait for a process that ends by itself, and tell by what it was ended."""
    started = time.monotonic()
    while process.returncode is None:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode == -signal.SIGALRM:
                return "time"
            return "memory" if used.ru_maxrss * _MAXRSS_UNIT > _NEARLY * memory else "crash"
        if time.monotonic() - started > _GRACE:
            break
        time.sleep(0.01)
    return "crash"


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:  # what was not sent yet cannot be sent any more
        return
