"""The application: every route of the site, the pages of resources by kind, and what runs with the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, request_response
from starlette.staticfiles import StaticFiles

from imr_graph.analysis.dimensions.kinds import KINDS, LISTED
from imr_graph.endpoint.observability import Log
from imr_graph.endpoint.server import create_app
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import ImrGraphError
from imr_graph.record_files import FORMATS
from imr_graph.store.generations import Manifest
from imr_graph.website import urls
from imr_graph.website.concepts import preload_figures
from imr_graph.website.pages import (
    case,
    compare,
    concept,
    data,
    discovery,
    figures,
    home,
    lists,
    ontology,
    patterns,
    precedents,
    queries,
    search,
    shapes,
    sparql_editor,
    statistics,
)
from imr_graph.website.rendering import preload_templates
from imr_graph.website.resources import Document, document_endpoint, resource_endpoint
from imr_graph.website.search_request import preload_search
from imr_graph.website.site import Answer, PageRequest, Site, View, site_of

__all__ = ["RESOURCE_PAGES", "create_site", "routes"]

RESOURCE_PAGES: Final[Mapping[str, View]] = {
    "case": case.show_case,
    "letter": case.redirect_to_case,
    **{name: partial(concept.show_concept, kind) for name, kind in KINDS.items()},
}
"""The pages of resources by what their names begin with; resources of other kinds get a page of all that is said."""


def routes(site: Site) -> list[BaseRoute]:
    """Return every route of the site besides the endpoint's own."""

    def get(path: str, view: View, form: str | Callable[[], str] = "", *, data: bool = False) -> Route:
        return Route(path, site.endpoint(view, form, data=data), methods=["GET"])

    def files(path: str, send: Callable[[str, PageRequest], Awaitable[Answer]]) -> list[BaseRoute]:
        return [get(urls.as_file(path, each), partial(send, each), data=True) for each in FORMATS]

    def document(path: str, document: Document) -> list[BaseRoute]:
        endpoint = document_endpoint(site, document)
        return [Route(path, endpoint, methods=["GET"]), Route(f"{path}.{{form}}", endpoint, methods=["GET"])]

    return [
        Route("/{path:path}/", _drop_slash, methods=["GET"]),
        get(urls.HOME, home.show_home),
        get(urls.ROBOTS, discovery.send_robots),
        get(urls.OPEN_SEARCH, discovery.send_search_description),
        get(urls.SITEMAP, discovery.send_sitemap),
        get(urls.SEARCH, search.show_search),
        *files(urls.SEARCH, search.send_hits),
        get(urls.SUGGEST, discovery.send_suggestions),
        get(urls.as_file(urls.SEARCH, "atom"), discovery.send_feed, data=True),
        get(urls.PRECEDENTS, precedents.show_precedents),
        *files(urls.PRECEDENTS, precedents.send_precedents),
        get(urls.REQUIREMENTS, precedents.show_requirements),
        get(urls.STATISTICS, statistics.show_statistics),
        get(urls.COMPARE, compare.show_comparison),
        get(urls.embed(urls.STATISTICS), partial(figures.show_embedded, statistics.count_statistics)),
        get(urls.embed(urls.COMPARE), partial(figures.show_embedded, compare.count_comparison)),
        get(urls.QUERIES, queries.list_queries),
        *files(f"{urls.QUERIES}/{{name}}", queries.send_answer),
        get(f"{urls.QUERIES}/{{name}}", queries.show_query),
        get(urls.EDITOR_WORDS, sparql_editor.send_words),
        get(f"{urls.EDITOR_EXAMPLES}/{{name}}", sparql_editor.show_editor),
        *(get(path, home.show_info) for path, _ in urls.INFO_PAGES),
        get(urls.API, discovery.show_api),
        get(urls.OPENAPI, discovery.send_openapi),
        *(get(path, partial(lists.show_list, kind)) for path, kind in LISTED.items()),
        get(urls.NETWORK, lists.show_network),
        # Files appear while a generation is served: the page is kept as long as it names those that are there.
        get(urls.DATA, data.show_data, lambda: f"-{site.downloads.version}"),
        get(urls.DESCRIPTION, data.send_description),
        get(urls.CROISSANT, data.send_croissant),
        get(urls.COLUMNS, data.show_columns),
        get(f"{urls.COLUMNS}.{{format}}", data.send_columns),
        get(urls.QUALITY, data.show_quality),
        get(urls.DIGESTS, data.send_digests),
        get(f"{urls.FILES}/{{name}}", data.send_file),
        get(urls.VOID, data.redirect_to_description),
        *document(urls.ONTOLOGY, ontology.DOCUMENT),
        get(urls.MAPPINGS, ontology.send_mappings),
        get(f"{urls.ONTOLOGY}/{{name}}.ttl", ontology.send_vocabulary),
        Route(urls.VERSION, ontology.version_endpoint(site), methods=["GET"]),
        *document(urls.SHAPES, shapes.DOCUMENT),
        *([get(urls.PATTERNS, patterns.show_patterns)] if site.settings.patterns else []),
        get(urls.letter_text("NAME").replace("NAME", "{name}"), case.send_letter, data=True),
        Route(f"{urls.RESOURCES}/{{name:path}}", resource_endpoint(site, RESOURCE_PAGES), methods=["GET"]),
        Mount(urls.STATIC, GZipMiddleware(_Static(packages=[("imr_graph.website", "static")]))),
    ]


def create_site(settings: ServerSettings, log: Log | None = None) -> Starlette:
    """Return the ASGI application that serves a store with its endpoint and its pages.

    Its `state` has what `endpoint.server.create_app` puts there, and `site`. Starting it raises StoreError where the
    store cannot be opened.
    """
    log = log or Log()
    app = create_app(settings, log)
    site = app.state.site = Site(settings, app.state.pool, log)
    preloader = _Preloader(site)
    app.state.pool.on_generation += [site.refresh, preloader.start, site.downloads.make]
    app.state.endpoint.page = request_response(site.endpoint(sparql_editor.show_editor))
    app.router.routes += routes(site)
    app.router.redirect_slashes = False  # it would lead to addresses with a slash as well
    app.router.lifespan_context = _lifespan(app.router.lifespan_context, site, preloader)
    app.add_exception_handler(404, _not_found)
    app.add_exception_handler(405, _method_not_allowed)
    return app


def _lifespan(around: Any, site: Site, preloader: _Preloader) -> Any:
    """Return a lifespan that waits until pages can be served, and ends what runs for them."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Any]:
        async with around(app) as state:
            try:
                await site.ready.wait()
                yield state
            finally:
                preloader.stop()
                site.downloads.stop()
                site.close()

    return lifespan


class _Static(StaticFiles):
    """Files that browsers keep, and check each time at next to no cost."""

    def file_response(self, *args: Any, **more: Any) -> Response:
        """Return a file."""
        found = super().file_response(*args, **more)
        found.headers["cache-control"] = "no-cache"
        return found


async def _drop_slash(request: Request) -> Response:
    """Redirect to the same address without the slash at its end."""
    # One slash at its begin: with two it would be an address of another site.
    path = quote(f"/{request.path_params['path'].strip('/')}")
    return RedirectResponse(urls.with_query(path, request.query_params.multi_items()), 308)


async def _not_found(request: Request, _error: Exception) -> Response:
    sentence = "There is no page of that address. Search for what you came for, or begin at the first page."
    return site_of(request.app).failure(request, 404, sentence)


async def _method_not_allowed(request: Request, error: Exception) -> Response:
    """Answer which methods there are; OPTIONS asks for nothing else."""
    allow = (getattr(error, "headers", None) or {}).get("Allow", "GET, HEAD")
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": f"{allow}, OPTIONS"})
    sentence = f"This address takes no {request.method[:20]} requests: pages are only read ({allow})."
    response = site_of(request.app).failure(request, 405, sentence)
    response.headers["allow"] = allow
    return response


class _Preloader:
    """Computes the figures of a new generation in the background, so that its first readers need not wait."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._task: asyncio.Task[None] | None = None

    async def start(self, _manifest: Manifest) -> None:
        """Begin anew, for the generation that is served from now on."""
        self.stop()
        self._task = asyncio.get_running_loop().create_task(self._preload())

    def stop(self) -> None:
        """End what runs."""
        if self._task is not None:
            self._task.cancel()

    async def _preload(self) -> None:
        try:
            await self._site.run_in_thread(lambda snapshot: preload_templates(snapshot.store.base))
            await self._site.run_in_thread(preload_search)
            for name in ("treatment", "guideline", *(each for each in KINDS if each not in ("treatment", "guideline"))):
                await self._site.run_in_thread(partial(preload_figures, kind=name))
            # One page as well, for what the vocabularies make only when they are first asked.
            page = partial(concept.view_concept, kind=KINDS["treatment"], name="treatment-mri")
            await self._site.run_in_thread(page)
        except (ImrGraphError, TimeoutError) as error:  # the page that needs it will say so
            self._site.log.event("preload_failed", reason=str(error))
