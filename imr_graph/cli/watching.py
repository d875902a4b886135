"""Commands that open a store run in a process of their own, with limits, under the eyes of the one that was called.

A flipped bit in a file of the database, or a query without end, takes all memory in native code, which ends its process
without a word; so another one says the sentence.
"""

from __future__ import annotations

import ctypes
import math
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Final

import click
from click.core import ParameterSource

from imr_graph.errors import UsageError
from imr_graph.limited_process import limit_memory, used_memory

__all__ = [
    "LIMITED",
    "OVER_MEMORY",
    "WHOLE_STORE",
    "WRITING",
    "limit_command",
    "limit_options",
    "limit_this_process",
    "run_watched",
]

WRITING: Final = frozenset(("build", "remove", "restore", "reindex", "verify"))
"""The commands that write a store, or read every byte of it: they may take the memory that a build needs."""

WHOLE_STORE: Final = frozenset(("validate", "export", *WRITING))
"""The commands that go through all of a store: they take as long as it is large, unless a time is given."""

LIMITED: Final = WHOLE_STORE | {
    *("query", "show", "precedents", "requirements", "search", "stats", "network", "status")
}
"""The commands that run so."""

_MIB: Final = 1 << 20
_LEAST_MEMORY: Final = 128  # MiB
_MEMORY_TO_WRITE: Final = 2048  # MiB; the largest process of a build of 10,000 letters has data of 1,130
_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of prctl(2)
_is_watched = False


def limit_options(group: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what a command that opens a store may take: --limit-seconds, --limit-memory."""
    seconds = click.option(
        "--limit-seconds",
        type=float,
        default=600.0,
        envvar="IMR_GRAPH_LIMIT_SECONDS",
        show_default=True,
        show_envvar=True,
        help="Time that a command that asks a store may take (what goes through all of it: only where it is given).",
    )
    memory = click.option(
        "--limit-memory",
        metavar="MIB",
        type=click.IntRange(_LEAST_MEMORY),
        default=1024,
        envvar="IMR_GRAPH_LIMIT_MEMORY",
        show_default=True,
        show_envvar=True,
        help=f"Memory that it may take, in MiB; commands that write a store have {_MEMORY_TO_WRITE} unless given.",
    )
    return seconds(memory(group))


def run_watched(run: Callable[[], int], arguments: Sequence[str]) -> int:
    """Run the command line in a child process and return its exit code; say why where the system ended the child.

    Commands that read no store run in this process, and so do all on systems other than Linux. The caller must not
    have started threads.
    """
    if sys.platform != "linux" or not LIMITED.intersection(arguments):
        return run()
    awaited = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    watcher, child = os.getpid(), os.fork()
    if not child:
        _begin_child(watcher)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return run()
    code = _wait_for(child, awaited)
    if code >= 0:
        return code
    if -code not in _ENDS:  # somebody ended it: end in the same way
        signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.kill(watcher, -code)
    click.echo(f"Error: {_ENDS[signal.Signals(-code)]}", err=True)
    return 3


OVER_MEMORY: Final = (
    "This takes more memory than a command may, or a file of the store is damaged: ask for less, allow more with "
    "'imr-graph --limit-memory MIB ...', or look for the damage with 'imr-graph verify'."
)
_OVER_TIME: Final = (
    "This takes longer than a command may: ask for less, or allow more with 'imr-graph --limit-seconds SECONDS ...'."
)
_TOO_DEEP: Final = (
    "This goes too deep for the database, or a file of the store is damaged: ask for less, or look for the damage with "
    "'imr-graph verify'."
)
_ENDS: Final = {signal.SIGALRM: _OVER_TIME, signal.SIGABRT: OVER_MEMORY, signal.SIGSEGV: _TOO_DEEP}


def _wait_for(child: int, awaited: Sequence[signal.Signals]) -> int:
    """Wait until the child has ended and return its exit code; it gets the signals that this process gets."""
    while True:
        signaled = signal.sigwaitinfo(awaited)
        if signaled.si_signo != signal.SIGCHLD:
            if signaled.si_code <= 0:  # sent by a process; what a terminal sends the child gets as well
                os.kill(child, signaled.si_signo)
            continue
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)


def _begin_child(watcher: int) -> None:
    """End with the watcher; what native code prints as it dies goes nowhere, the watcher says it better."""
    global _is_watched
    _is_watched = True
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != watcher:
        os._exit(1)
    if sys.stderr is not None:
        said = os.dup(2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.stderr = os.fdopen(said, "w", 1, encoding=sys.stderr.encoding, errors=sys.stderr.errors)


def _check_seconds(seconds: float) -> None:
    """Raise UsageError for a time within which no command can end."""
    if not (math.isfinite(seconds) and seconds > 0):
        raise UsageError(f"A command cannot end within {seconds:g} seconds: allow more with --limit-seconds.")


def limit_command(context: click.Context) -> None:
    """Let the system end this process where its command takes longer, and refuse it memory beyond what it has.

    Does nothing in a process that is not watched.
    """
    command, given = context.invoked_subcommand, context.params
    _check_seconds(given["limit_seconds"])
    if not _is_watched or command not in LIMITED:
        return
    unasked = {name for name in given if context.get_parameter_source(name) is ParameterSource.DEFAULT}
    is_endless = command in WHOLE_STORE and "limit_seconds" in unasked
    memory = _MEMORY_TO_WRITE if command in WRITING and "limit_memory" in unasked else given["limit_memory"]
    limit_this_process(None if is_endless else given["limit_seconds"], memory)


def limit_this_process(seconds: float | None, memory: int) -> None:
    """Let the system end this process after so many seconds, if any, and refuse it memory (MiB) beyond what it has."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit_memory((used_memory() or 0) + memory * _MIB)
    if seconds is not None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)
