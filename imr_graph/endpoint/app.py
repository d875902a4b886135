"""The application: the routes of each module, around one pool of workers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from imr_graph.endpoint.http import ENDPOINT
from imr_graph.endpoint.middleware import middleware
from imr_graph.endpoint.observability import Log, Metrics, health_routes
from imr_graph.endpoint.service_description import ServiceDescription
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.sparql import Endpoint
from imr_graph.endpoint.workers.pool import Pool

__all__ = ["create_app"]


def create_app(settings: ServerSettings, log: Log | None = None) -> Starlette:
    """Return the ASGI application that serves a store.

    Its `state` has `settings`, `pool`, `metrics`, `log` and `endpoint` for the modules whose routes are put together
    here. Starting it raises StoreError where the store cannot be opened.
    """
    log = log or Log()
    metrics = Metrics()
    description = ServiceDescription(settings, log)
    pool = Pool(settings, log, metrics.worker_exit, [description.count_data])
    endpoint = Endpoint(settings, pool, metrics, log, description)
    _add_gauges(metrics, pool)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await pool.start()
        log.event("serving", generation=pool.manifest.generation, workers=settings.workers)
        try:
            yield
        finally:
            description.stop()
            await pool.stop()
            log.event("stopped")

    routes: list[BaseRoute] = [
        Route(ENDPOINT, endpoint),
        Route(f"{ENDPOINT}/", endpoint),
        *health_routes(metrics=settings.metrics),
    ]
    app = Starlette(
        routes=routes,
        middleware=middleware(settings, metrics, log),
        exception_handlers={404: _not_found},
        lifespan=lifespan,
    )
    app.state.settings, app.state.pool, app.state.metrics = settings, pool, metrics
    app.state.log, app.state.endpoint = log, endpoint
    return app


async def _not_found(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse(f"There is nothing here; the endpoint is at {ENDPOINT}.\n", 404)


def _add_gauges(metrics: Metrics, pool: Pool) -> None:
    metrics.gauge("queries_waiting", "Queries that wait for a worker.", lambda: pool.waiting)
    metrics.gauge("workers_busy", "Workers that evaluate a query.", lambda: pool.busy)
    metrics.gauge("workers_idle", "Workers that wait for a query.", lambda: pool.idle)
    metrics.gauge("buffered_bytes", "Bytes of answers that wait for slow readers.", lambda: pool.buffer.held)
    metrics.gauge("generation", "The generation of the store that is served.", lambda: pool.manifest.generation)
