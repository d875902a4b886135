"""The application: the endpoint, the pages around it, and the files that they need."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from imr_graph.site import asking, cases, concepts, data, editor, home, resources, searching
from imr_graph.site.site import Site
from imr_graph.web.app import create_app
from imr_graph.web.logs import Log
from imr_graph.web.settings import Settings

__all__ = ["create_site"]

# What adds pages: each module has `routes(site)`.
_ROOMS: Final[tuple[Any, ...]] = (home, searching, cases, concepts, asking, editor, data, resources)


def create_site(settings: Settings, log: Log | None = None) -> Starlette:
    """Return the ASGI application that serves a store with its endpoint and its pages.

    Its `state` has what `web.app.create_app` puts there, and `site`. Starting it raises StoreError where the store
    cannot be opened.
    """
    log = log or Log()
    app = create_app(settings, log)
    site = app.state.site = Site(settings, app.state.pool, log)
    app.state.pool.on_generation.append(site.renew)
    for room in _ROOMS:
        app.router.routes += room.routes(site)
    app.router.routes.append(Mount("/static", StaticFiles(directory=Path(str(files("imr_graph.site") / "static")))))
    app.router.lifespan_context = _closing(app.router.lifespan_context, site)
    app.add_exception_handler(404, _not_found)
    return app


def _closing(around: Any, site: Site) -> Any:
    """Return a lifespan that also closes what pages hold open."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Any]:
        async with around(app) as state:
            try:
                yield state
            finally:
                site.shelf.close()

    return lifespan


async def _not_found(request: Request, _error: Exception) -> Response:
    site: Site = request.app.state.site
    sentence = "There is no page of that address. Search for what you came for, or begin at the first page."
    return site.failure(request, 404, sentence)
