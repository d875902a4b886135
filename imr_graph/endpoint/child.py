"""Child processes of the server: Python modules that run beside it and end with it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

__all__ = ["ChildProcess", "kill", "start_module"]


async def start_module(
    module: str, arguments: Sequence[str], *, keep_output: bool = False, pass_fds: Sequence[int] = ()
) -> Process:
    """Start `python -m MODULE` with the import path of this process; its output is kept in a pipe or thrown away."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module, *arguments),
        stdin=DEVNULL,
        stdout=PIPE if keep_output else DEVNULL,
        stderr=DEVNULL,
        pass_fds=pass_fds,
        env={**os.environ, "RUST_BACKTRACE": "0", "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def kill(process: Process | None) -> None:
    """End a process now, if it is there and has not ended by itself."""
    if process is not None and process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()


class ChildProcess:
    """One job at a time in a process of its own: a new one ends the one before, `stop` ends it for good."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self.stopped = False

    @asynccontextmanager
    async def run(self, module: str, arguments: Sequence[str], seconds: float) -> AsyncIterator[Process]:
        """Run a module whose output the block reads; it is killed where the block ends before it.

        Raises TimeoutError where the block takes longer than `seconds`.
        """
        kill(self._process)
        process = self._process = await start_module(module, arguments, keep_output=True)
        try:
            async with asyncio.timeout(seconds):
                yield process
        finally:
            kill(process)
            await process.wait()

    def is_current(self, process: Process) -> bool:
        """Say whether a process is the one that was started last, and nobody stopped it."""
        return process is self._process and not self.stopped

    def stop(self) -> None:
        """End the process for good."""
        self.stopped = True
        kill(self._process)
