"""The application, the routes of each module around one pool of workers, and serving it until a signal ends it."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from imr_graph.endpoint.connection_limits import limited_protocol
from imr_graph.endpoint.http import ENDPOINT
from imr_graph.endpoint.middleware import middleware
from imr_graph.endpoint.observability import Log, LogHandler, Metrics, health_routes
from imr_graph.endpoint.service_description import ServiceDescription
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.sparql import Endpoint
from imr_graph.endpoint.workers.pool import Pool
from imr_graph.errors import StoreError, ToolError
from imr_graph.store.generations import required_manifest

__all__ = ["create_app", "serve"]


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


def serve(settings: ServerSettings, create: Callable[[ServerSettings, Log], Starlette] = create_app) -> None:
    """Serve a store until SIGINT or SIGTERM; requests under way are given `stop_seconds` to end.

    `create` makes the application: the endpoint alone, or with whatever stands around it.

    The log, one JSON object a line, goes to standard error; its line `listening` has the address. Raises StoreError
    where the store cannot be opened, ToolError where the address cannot be listened on.
    """
    if not settings.endpoint:
        required_manifest(settings.store)
    log = Log()
    if settings.endpoint and not settings.endpoint_unlimited:
        from imr_graph.endpoint.proxy import check_time_limit

        log.event("checking_time_limit", seconds=settings.query_seconds)
        check_time_limit(settings)
    _route_logs(log)
    with _listen(settings) as listener:
        host, port = listener.getsockname()[:2]
        log.event("listening", url=f"http://{f'[{host}]' if ':' in host else host}:{port}")
        server = uvicorn.Server(_config(settings, log, create))
        server.run(sockets=[listener])
    if not server.started:
        raise StoreError(f"The store {settings.endpoint or settings.store} could not be served: the log says why.")


def _config(settings: ServerSettings, log: Log, create: Callable[[ServerSettings, Log], Starlette]) -> uvicorn.Config:
    return uvicorn.Config(
        create(settings, log),
        http=limited_protocol(settings),
        loop="auto",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=settings.connections,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.stop_seconds,
    )


def _listen(settings: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as error:
        raise ToolError(
            f"{settings.host}:{settings.port} is not available ({error.strerror}): choose another --port or --host."
        ) from None


def _route_logs(log: Log) -> None:
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [LogHandler(log)], False
        logger.setLevel(logging.WARNING)
