"""The application: the endpoint, the pages around it, and the files that they need."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from imr_graph.endpoint.app import create_app
from imr_graph.endpoint.logs import Log
from imr_graph.endpoint.settings import Settings
from imr_graph.website import resources
from imr_graph.website.pages import case as cases
from imr_graph.website.pages import concept as concepts
from imr_graph.website.pages import data, home, search, statistics
from imr_graph.website.pages import queries as questions
from imr_graph.website.pages import sparql_editor as editor
from imr_graph.website.site import Site, site_of

__all__ = ["create_site"]

# What adds pages: each module has `routes(site)`.
_ROOMS: Final[tuple[Any, ...]] = (home, search, cases, concepts, questions, statistics, editor, data, resources)


def create_site(settings: Settings, log: Log | None = None) -> Starlette:
    """Return the ASGI application that serves a store with its endpoint and its pages.

    Its `state` has what `web.app.create_app` puts there, and `site`. Starting it raises StoreError where the store
    cannot be opened.
    """
    log = log or Log()
    app = create_app(settings, log)
    site = app.state.site = Site(settings, app.state.pool, log)
    app.state.pool.on_generation.append(site.renew)
    app.state.endpoint.page = editor.page(site)
    for room in _ROOMS:
        app.router.routes += room.routes(site)
    folder = Path(str(files("imr_graph.website") / "static"))
    app.router.routes.append(Mount("/static", GZipMiddleware(_Static(directory=folder))))
    app.router.lifespan_context = _closing(app.router.lifespan_context, site)
    app.add_exception_handler(404, _not_found)
    app.add_exception_handler(405, _not_so)
    return app


def _closing(around: Any, site: Site) -> Any:
    """Return a lifespan that waits for what pages hold open, and closes it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Any]:
        async with around(app) as state:
            try:
                await site.opened.wait()
                yield state
            finally:
                site.close()

    return lifespan


class _Static(StaticFiles):
    """Files that browsers keep and ask about each time, which costs next to nothing."""

    def file_response(self, *args: Any, **more: Any) -> Response:
        """Return a file."""
        found = super().file_response(*args, **more)
        found.headers["cache-control"] = "no-cache"
        return found


async def _not_found(request: Request, _error: Exception) -> Response:
    site = site_of(request.app)
    sentence = "There is no page of that address. Search for what you came for, or begin at the first page."
    return site.failure(request, 404, sentence)


async def _not_so(request: Request, error: Exception) -> Response:
    """Say which methods there are; OPTIONS asks for nothing else."""
    allow = (getattr(error, "headers", None) or {}).get("Allow", "GET, HEAD")
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": f"{allow}, OPTIONS"})
    sentence = f"This address takes no {request.method[:20]} requests: pages are only read ({allow})."
    response = site_of(request.app).failure(request, 405, sentence)
    response.headers["allow"] = allow
    return response
