"""The server for assistants over HTTP (streamable), behind the limits of the SPARQL endpoint.

Each request stands alone (no sessions) and is answered with JSON. Connections, headers, bodies and the host that a
request is addressed to are checked as the endpoint checks them; a request that a web page of another origin sends is
refused, as the protocol asks (Model Context Protocol, "Streamable HTTP", security).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware

from imr_graph.endpoint import server
from imr_graph.endpoint.http import Receive, Scope, Send, header_of, origin, send_sentence
from imr_graph.endpoint.middleware import middleware
from imr_graph.endpoint.observability import Log, Metrics
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import UsageError
from imr_graph.mcp.server import make_server

__all__ = ["PATH", "create_app", "serve"]

PATH: Final = "/mcp"


def serve(settings: ServerSettings) -> None:
    """Serve a store to assistants at `PATH` until SIGINT or SIGTERM; raises as `endpoint.server.serve`."""
    server.serve(settings, create_app)


def create_app(settings: ServerSettings, log: Log) -> Starlette:
    """Return the application; a call takes at most `query_seconds` and `memory_bytes`, and `queue` may wait."""
    tools = make_server(
        Path(settings.store),
        seconds=settings.query_seconds,
        memory=settings.memory_bytes,
        turns=_limit_waiting(settings.queue),
    )
    app = tools.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=settings.body_bytes,
        host="",  # whom a request may be addressed to is checked by the endpoint's guard
    )
    around = [*middleware(settings, Metrics(), log), Middleware(_OwnOrigin, settings=settings)]
    app.user_middleware[:0] = around
    return app


class _OwnOrigin:
    """ASGI middleware that refuses what a web page of another origin sends."""

    def __init__(self, app: Any, settings: ServerSettings) -> None:
        self.app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        asked = header_of(scope, b"origin") if scope["type"] == "http" else ""
        known = {origin(scope, self._settings), *self._settings.cors} if asked else ()
        if asked and asked not in known and "*" not in self._settings.cors:
            await send_sentence(send, 403, "This server does not answer pages of that origin.")
            return
        await self.app(scope, receive, send)


def _limit_waiting(most: int) -> Callable[[], Any]:
    """Return what stands around each call: one that would wait behind `most` others is refused."""
    places = threading.BoundedSemaphore(most + 1)

    @contextmanager
    def take_place() -> Iterator[None]:
        if not places.acquire(blocking=False):
            raise UsageError("Too many calls are waiting: come back later.")
        try:
            yield
        finally:
            places.release()

    return take_place
