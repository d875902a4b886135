"""The worker processes: who evaluates next, who waits, who has had its time, and the change to a new generation.

Queries wait in one line. Long queries may hold every process as long as nobody waits; once somebody does, the youngest
long query gives way after `quick_seconds`, so quick queries are answered whatever else runs. A new generation of the
store is opened by a full set of new workers before the first of them answers; the old ones answer what they have.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from imr_graph.endpoint.http import failure
from imr_graph.endpoint.observability import Log
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.exchange import Buffer, PendingResponse
from imr_graph.endpoint.workers.messages import Job
from imr_graph.endpoint.workers.process import (
    ServedVersion,
    WorkerProcess,
    read_served_version,
    start_worker,
    worker_setup,
)
from imr_graph.errors import StoreError
from imr_graph.store.generations import Manifest

__all__ = ["Pool"]

_TICK = 0.1
_GRACE = 1.0  # seconds after which the server ends a worker whose own timer has not
_LONGEST_PAUSE = 5.0


@dataclass
class Pool:
    """All workers of a server.

    `version` is what is served. `on_exit` is told why each worker ended, each of `on_generation` the manifest at the
    start and whenever another generation takes over.
    """

    settings: ServerSettings
    log: Log
    on_exit: Callable[[str], None] = lambda _reason: None
    on_generation: list[Callable[[Manifest], Awaitable[None]]] = field(default_factory=list)
    version: ServedVersion = field(init=False)
    buffer: Buffer = field(init=False)
    _workers: set[WorkerProcess] = field(default_factory=set)
    _idle: list[WorkerProcess] = field(default_factory=list)
    _waiting: deque[asyncio.Future[WorkerProcess]] = field(default_factory=deque)
    _clients: Counter[str] = field(default_factory=Counter)
    _next: ServedVersion | None = None
    _arrived: list[WorkerProcess] = field(default_factory=list)
    _failures: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _stopping: bool = False
    _first_ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Start the workers and wait for the first; raises StoreError where the store cannot be opened."""
        self.buffer = Buffer(self.settings.buffer_bytes)
        self.version = await asyncio.to_thread(read_served_version, self.settings)
        for _ in range(self.settings.workers):
            self._spawn(self.version)
        self._track_task(self._watch())
        self._track_task(self._tick())
        try:
            await asyncio.wait_for(self._first_ready.wait(), 30)
        except TimeoutError:
            await self.stop()
            store = self.settings.endpoint or self.settings.store
            raise StoreError(
                f"The store {store} cannot be opened: the log says more; build it anew if it is damaged."
            ) from None
        self._notify_generation()

    async def stop(self) -> None:
        """End all workers; nothing is left running."""
        self._stopping = True
        for future in self._waiting:
            future.cancel()
        for worker in tuple(self._workers):
            worker.kill("lost")
        current = asyncio.current_task()
        pending = [task for task in self._tasks if task is not current]
        _, late = await asyncio.wait(pending, timeout=5) if pending else (set(), set())
        for task in late:
            task.cancel()

    @property
    def manifest(self) -> Manifest:
        """What the store says of the generation that is served."""
        return self.version.manifest

    @property
    def ready(self) -> bool:
        """Whether a worker of the served generation is there."""
        return not self._stopping and any(w.is_ready and not w.retiring for w in self._workers)

    @property
    def idle(self) -> int:
        """How many workers wait for a query."""
        return len(self._idle)

    @property
    def busy(self) -> int:
        """How many workers evaluate a query."""
        return sum(worker.response is not None for worker in self._workers)

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker."""
        return len(self._waiting)

    @asynccontextmanager
    async def acquire(self, job: Job, client: str) -> AsyncIterator[PendingResponse]:
        """Give a query to the next free worker; where the block ends before the answer does, so does the query.

        `client` is whose queries it counts among. Raises QueryError where no worker can be had.
        """
        if self._clients[client] >= self.settings.client_queries:
            raise failure("client")
        self._clients[client] += 1
        try:
            worker = self._idle.pop() if self._idle else await self._wait_for_worker()
            response = PendingResponse(self.buffer)
            worker.ask(response, job)
            try:
                yield response
            finally:
                response.close()
                if response.end is None and response.cancel is not None:
                    response.cancel("left")
        finally:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    async def _wait_for_worker(self) -> WorkerProcess:
        if self._stopping or len(self._waiting) >= self.settings.queue:
            raise failure("queue")
        future: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            async with asyncio.timeout(self.settings.queue_seconds):
                return await future
        except (TimeoutError, asyncio.CancelledError) as error:
            if future.done() and not future.cancelled():
                self._on_idle(future.result())  # it came at the same moment
            with suppress(ValueError):
                self._waiting.remove(future)
            if isinstance(error, TimeoutError):
                raise failure("queue") from None
            raise

    # Workers come, are free, and go.

    def _spawn(self, version: ServedVersion) -> None:
        self._track_task(self._run(version))

    async def _run(self, version: ServedVersion) -> None:
        """Live with one worker from its start to its end, and replace it."""
        started = time.monotonic()
        worker = await start_worker(worker_setup(self.settings, version), version, self._on_ready, self._on_idle)
        self._workers.add(worker)
        if self._stopping:
            worker.kill("lost")
        reason, code = await worker.wait_until_gone()
        self._workers.discard(worker)
        for group in (self._idle, self._arrived):
            if worker in group:
                group.remove(worker)
        if self._stopping or worker.retiring:
            return
        name = reason or ("worn" if worker.worn_out else "failed")
        self.on_exit(name)
        if name not in ("worn", "left"):
            self.log.event(
                "worker_ended", reason=name, code=code, pid=worker.pid, age=round(time.monotonic() - started, 1)
            )
        if version not in (self.version, self._next):
            return
        if not worker.is_ready:  # it may never come up: do not try without a pause
            self._failures += 1
            await asyncio.sleep(min(0.1 * 2**self._failures, _LONGEST_PAUSE))
        if not self._stopping and version in (self.version, self._next):
            self._spawn(version)

    def _on_ready(self, worker: WorkerProcess) -> None:
        self._failures = 0
        if worker.version == self.version:
            self._first_ready.set()
            self._on_idle(worker)
        elif worker.version == self._next:
            self._arrived.append(worker)
            if len(self._arrived) >= self.settings.workers:
                self._switch()
        else:
            worker.retire()

    def _on_idle(self, worker: WorkerProcess) -> None:
        if worker.retiring or worker.worn_out:
            worker.close()
            return
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(worker)
                return
        self._idle.append(worker)

    # A new generation.

    async def _watch(self) -> None:
        """Look for a new generation and start its workers."""
        while not self._stopping:
            await asyncio.sleep(self.settings.watch_seconds)
            try:
                found = await asyncio.to_thread(read_served_version, self.settings)
            except (StoreError, OSError) as error:  # perhaps being restored by hand: what is open is served on
                self.log.event("store_unreadable", error=str(error))
                continue
            if found in (self.version, self._next):
                continue
            for worker in self._arrived:
                worker.retire()
            self._arrived, self._next = [], found
            for _ in range(self.settings.workers):
                self._spawn(found)

    def _switch(self) -> None:
        """Let the new workers answer from now on; the old ones end with what they have."""
        assert self._next is not None
        old = [worker for worker in self._workers if worker.version != self._next]
        self.version, self._next = self._next, None
        arrived, self._arrived, self._idle = self._arrived, [], []
        for worker in old:
            worker.retire()
        for worker in arrived:
            self._on_idle(worker)
        self.log.event("generation", generation=self.manifest.generation)
        self._notify_generation()

    def _notify_generation(self) -> None:
        for tell in self.on_generation:
            self._track_task(tell(self.manifest))

    # Time.

    async def _tick(self) -> None:
        """End queries that are over their time, and the youngest long one where a quick one waits for it."""
        while not self._stopping:
            await asyncio.sleep(_TICK)
            now = time.monotonic()
            asked = [(now - w.response.begun, w) for w in self._workers if w.response is not None]
            for age, worker in asked:
                if age > self.settings.query_seconds + _GRACE:
                    worker.kill("time")
            running = [(age, w) for age, w in asked if not w.retiring]
            if self._waiting and len(running) >= self.settings.workers:
                age, worker = min(running, key=lambda pair: pair[0])
                if age > self.settings.quick_seconds:
                    worker.kill("crowded")

    def _track_task(self, coroutine: Awaitable[None]) -> None:
        """Run a coroutine beside everything else; the server would lose a task that nobody holds."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Future[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.log.event("task_failed", error=repr(task.exception()))
