"""Serving: the application under uvicorn, until a signal ends it."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from imr_graph.endpoint.app import create_app
from imr_graph.endpoint.connection_limits import limited_protocol
from imr_graph.endpoint.observability import Log, LogHandler
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import StoreError, ToolError
from imr_graph.store.generations import manifest_of

__all__ = ["serve"]


def serve(settings: ServerSettings, create: Callable[[ServerSettings, Log], Starlette] = create_app) -> None:
    """Serve a store until SIGINT or SIGTERM; requests under way are given `stop_seconds` to end.

    `create` makes the application: the endpoint alone, or with whatever stands around it.

    The log, one JSON object a line, goes to standard error; its line `listening` has the address. Raises StoreError
    where the store cannot be opened, ToolError where the address cannot be listened on.
    """
    if not settings.endpoint and manifest_of(settings.store) is None:
        raise StoreError(
            f"There is no store at {settings.store}: make one with imr-graph build SOURCE --store {settings.store}."
        )
    log = Log()
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
