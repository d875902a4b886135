"""What the server counts, in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

__all__ = ["Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)


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
