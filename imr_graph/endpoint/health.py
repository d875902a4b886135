"""URLs for machines that look after the server: alive, ready, and what it has counted."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

__all__ = ["routes"]


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


def routes(*, metrics: bool) -> list[Route]:
    """Return the routes; `metrics` says whether /metrics is one of them."""
    found = [Route("/healthz", _alive), Route("/readyz", _ready)]
    return [*found, Route("/metrics", _metrics)] if metrics else found
