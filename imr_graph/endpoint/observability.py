"""What those who run the server see of it: its log, its counters, and whether it is alive and ready."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

__all__ = ["ALIVE", "METRICS", "READY", "Log", "LogHandler", "Metrics", "health_routes"]

ALIVE, READY, METRICS = "/healthz", "/readyz", "/metrics"
"""The addresses of those who watch the server."""

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)


@dataclass(frozen=True)
class Log:
    """Where events are written; JSON escapes whatever a client put into them."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)

    def event(self, name: str, **fields: Any) -> None:
        """Write one event; fields that are None are left out."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "event": name} | {key: value for key, value in fields.items() if value is not None}
        try:
            self.stream.write(json.dumps(line) + "\n")
            self.stream.flush()
        except (OSError, ValueError):  # nobody reads the log any more: serving goes on
            return


class LogHandler(logging.Handler):
    """Brings what the HTTP server logs into the same form."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        error = repr(record.exc_info[1]) if record.exc_info else None
        self._log.event("server", level=record.levelname.lower(), message=record.getMessage().strip(), error=error)


class Metrics:
    """The counters of one server; each server has its own, so that several can run in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("imr_requests", "Requests answered, by status.", ["status"], registry=self.registry)
        self._failures = Counter(
            "imr_query_failures", "Queries not answered or not wholly, by reason.", ["reason"], registry=self.registry
        )
        self._cuts = Counter("imr_answers_cut", "Answers cut at a limit.", ["limit"], registry=self.registry)
        self._exits = Counter("imr_worker_exits", "Workers replaced, by reason.", ["reason"], registry=self.registry)
        self._seconds = Histogram(
            "imr_query_seconds",
            "Time from a query's arrival to its last byte.",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._by_status: dict[int, Counter] = {}
        ProcessCollector(registry=self.registry)

    def gauge(self, name: str, doc: str, read: Callable[[], float]) -> None:
        """Add a value that is read whenever the metrics are."""
        Gauge(f"imr_{name}", doc, registry=self.registry).set_function(read)

    def request(self, status: int) -> None:
        """Count a request."""
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._by_status[status] = self._requests.labels(str(status))
        counter.inc()

    def query(self, seconds: float, cut: str | None = None, failure: str | None = None) -> None:
        """Count a query: its time, the limit that cut its answer, the name of its failure."""
        self._seconds.observe(seconds)
        if cut:
            self._cuts.labels(cut).inc()
        if failure:
            self._failures.labels(failure).inc()

    def worker_exit(self, reason: str) -> None:
        """Count a worker that was replaced."""
        self._exits.labels(reason).inc()

    def text(self) -> bytes:
        """Return all values in Prometheus' text format."""
        return generate_latest(self.registry)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _ready(request: Request) -> Response:
    pool = request.app.state.pool
    if not pool.ready:
        return PlainTextResponse("not ready\n", 503, {"retry-after": "1"})
    return PlainTextResponse(f"ready, generation {pool.manifest.generation}\n")


async def _metrics(request: Request) -> Response:
    text = request.app.state.metrics.text()
    return Response(text, headers={"content-type": "text/plain; version=0.0.4; charset=utf-8"})


def health_routes(*, metrics: bool) -> list[Route]:
    """Return the routes; `metrics` says whether /metrics is one of them."""
    found = [Route(ALIVE, _alive), Route(READY, _ready)]
    return [*found, Route(METRICS, _metrics)] if metrics else found
