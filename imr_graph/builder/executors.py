"""Engines: ways to run one function on many tasks in other processes.

An engine yields each task with its result, in the order in which they are done, or with `Died` where the process
that had the task died of it. An exception of the function is raised as it is.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import BaseContext
from typing import Any, Protocol, TypeVar

from imr_graph.errors import ToolError, UnknownNameError, UsageError

__all__ = ["ENGINES", "PATIENCE", "Died", "Engine", "Here", "LocalPool", "open_engine"]

PATIENCE = "20s"
"""How long a scheduler is waited for."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Died:
    """A worker process died while it had a task, and again when the task was tried alone."""


class Engine(Protocol):
    """What runs tasks; tasks are taken from their iterable as workers get free, so that there can be any number."""

    def run(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[T, R | Died]]:
        """Yield each task with its result."""

    def close(self) -> None:
        """Stop the workers when what they do is done."""

    def stop(self) -> None:
        """Stop the workers in the midst of what they do."""


class Here:
    """The builder's own process: for a few tasks, where starting workers would take longer than the work."""

    def run(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[T, R | Died]]:
        """Yield each task with its result."""
        for task in tasks:
            yield task, function(task)

    def close(self) -> None:
        """Do nothing."""

    stop = close


class LocalPool:
    """Processes of this machine, started when they are first needed and again when one has died.

    `validating` says that letters are validated in them, so that the validator is prepared before they are forked.
    """

    def __init__(self, jobs: int, *, validating: bool = True) -> None:
        self._jobs = jobs
        self._preloaded = ["imr_graph.builder.worker", "imr_graph.builder.preloading"]
        self._preloaded += ["imr_graph.builder.preloading_validator"] * validating
        self._pool: ProcessPoolExecutor | None = None

    def run(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[T, R | Died]]:
        """Yield each task with its result."""
        queue = iter(tasks)
        waiting: dict[Future[R], T] = {}
        while True:
            try:
                for task in islice(queue, 2 * self._jobs - len(waiting)):
                    waiting[self._start_pool().submit(function, task)] = task
            except BrokenProcessPool:
                # The task that could not be handed over is a suspect like the others.
                waiting[_make_failed_future(BrokenProcessPool())] = task
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                yield from self._one_by_one(function, waiting)
                waiting = {}
                continue
            for future in done:
                yield waiting.pop(future), future.result()

    def _one_by_one(self, function: Callable[[T], R], waiting: dict[Future[R], T]) -> Iterator[tuple[T, R | Died]]:
        """Try again, each alone, what was under way when a process died: nothing says which of them it died of."""
        for future, task in waiting.items():
            if future.done() and future.exception() is None:
                yield task, future.result()
                continue
            self.close()
            try:
                yield task, self._start_pool().submit(function, task).result()
            except BrokenProcessPool:
                self.close()
                yield task, Died()
        self.close()

    def close(self) -> None:
        """Stop the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def stop(self) -> None:
        """Kill the processes: one that is held by a letter would not hear a gentler request."""
        if self._pool is not None:
            # There is no public way before `kill_workers` of Python 3.14.
            for process in list((self._pool._processes or {}).values()):
                process.kill()
        self.close()

    def _start_pool(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Not "fork": the database has threads of its own, and a fork would inherit the locks that they hold.
            if "forkserver" in multiprocessing.get_all_start_methods():
                context: BaseContext = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(self._preloaded)
            else:  # Windows
                context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._jobs, mp_context=context, initializer=_start_worker)
        return self._pool


def _make_failed_future(error: BaseException) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _start_worker() -> None:
    # The builder stops its workers itself; without this each of them would print a traceback at Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End this process when the builder is gone, however it went: a pool's worker would wait for work for ever."""
    wait_for([sentinel])
    os._exit(1)


class Dask:
    """Workers of a Dask cluster: one that runs (by the scheduler's address), or one of local processes for this build.

    A lost worker's tasks are done again by others; a task that several workers died of counts as having died.
    """

    def __init__(self, jobs: int, scheduler: str | None) -> None:
        self._import_distributed = _import_distributed()
        self._jobs = jobs
        self._cluster: Any = None
        self._open: Any = None
        if scheduler is not None:
            self._open = self._connect(scheduler)

    def run(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[T, R | Died]]:
        """Yield each task with its result."""
        queue = iter(tasks)
        waiting: dict[str, T] = {}
        done = self._import_distributed.as_completed(loop=self._client().loop)
        while True:
            for task in islice(queue, max(0, 2 * self._width() - len(waiting))):
                future = self._client().submit(function, task, pure=False)
                waiting[future.key] = task
                done.add(future)
            if not waiting:
                return
            future = next(done)
            task = waiting.pop(future.key)
            try:
                result = future.result()
            except self._import_distributed.scheduler.KilledWorker:
                yield task, Died()
            else:
                yield task, result

    def close(self) -> None:
        """Leave the cluster, and end it if it is our own."""
        if self._open is not None:
            self._open.close()
        if self._cluster is not None:
            self._cluster.close()

    stop = close

    def _client(self) -> Any:
        if self._open is None:
            self._cluster = self._import_distributed.LocalCluster(
                n_workers=self._jobs, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
            )
            self._open = self._connect(self._cluster)
        return self._open

    def _connect(self, scheduler: Any) -> Any:
        try:
            return self._import_distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise UsageError(f"There is no Dask scheduler at {scheduler} ({reason}): check the address.") from None

    def _width(self) -> int:
        """Return the number of threads that work now: workers may come and go while a build runs."""
        threads: dict[str, int] = self._client().nthreads()
        return max(1, sum(threads.values()))


def _import_distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise ToolError("The engine dask needs the package distributed: pip install 'imr-graph[dask]'.") from None


ENGINES: dict[str, Callable[[int, str | None, bool], Engine]] = {
    "local": lambda jobs, _, validating: LocalPool(jobs, validating=validating),
    "dask": lambda jobs, scheduler, _: Dask(jobs, scheduler),
}
"""By name: what makes an engine of a number of workers, a scheduler's address, and whether letters are validated."""


def open_engine(name: str, jobs: int, scheduler: str | None, *, validating: bool = True) -> Engine:
    """Return an engine by its name; raise UnknownNameError or UsageError where there is none such."""
    if name not in ENGINES:
        raise UnknownNameError("engine", name, ENGINES)
    if scheduler is not None and name != "dask":
        raise UsageError("A scheduler's address belongs to --engine dask.")
    return ENGINES[name](jobs, scheduler, validating)
