"""What every page stands on: questions to the graph and to the library, rendering, and finished pages kept.

Pages ask the graph by SPARQL through the endpoint's own workers, within everybody's limits, and the library's verbs
(statistics, search, precedents) in a few threads of the server.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

import anyio
import anyio.to_thread
import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from imr_graph.errors import ImrGraphError, UnknownNameError, UsageError
from imr_graph.graph.generations import Manifest
from imr_graph.site.opened import Opened, Shelf
from imr_graph.site.rendering import rendered
from imr_graph.web.fetching import Fetched, fetch
from imr_graph.web.logs import Log
from imr_graph.web.pool import Pool
from imr_graph.web.settings import Settings
from imr_graph.web.urls import address, origin

__all__ = ["Handler", "NotThere", "Page", "Row", "Site", "site_of"]

Row: TypeAlias = Mapping[str, str]
"""A row of a SELECT: what each variable that is bound says, IRIs and literals alike as text."""

T = TypeVar("T")
_THREADS: Final = 4
_KEPT_BYTES: Final = 64 << 20


class NotThere(ImrGraphError):  # noqa: N818
    """A page that does not exist; the sentence says what to try."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be rendered: its template, the values it shows, and its status."""

    template: str
    values: Mapping[str, Any]
    status: int = 200


Handler: TypeAlias = "Callable[[Site, Request], Awaitable[Page | Response]]"
"""Answers a GET with a page, or with a response of another kind; raises ImrGraphError with a sentence for people."""


@dataclass
class Site:
    """One served store, for the pages."""

    settings: Settings
    pool: Pool
    log: Log
    shelf: Shelf = field(init=False)
    _kept: OrderedDict[tuple[Any, ...], Response] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _limiter: anyio.CapacityLimiter | None = None

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.settings.store)

    async def renew(self, _manifest: Manifest) -> None:
        """Take the generation that is served from now on."""
        await anyio.to_thread.run_sync(self.shelf.renew)
        self._kept.clear()
        self._bytes = 0

    # Questions

    async def rows(self, query: str, request: Request | None = None) -> list[Row]:
        """Return the rows of a SELECT; raises ImrGraphError where a limit cut them."""
        found = json.loads((await self._fetched(query, "json", request)).body)["results"]["bindings"]
        return [{name: value["value"] for name, value in row.items()} for row in found]

    async def triples(self, query: str, request: Request | None = None) -> list[ox.Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE; raises ImrGraphError where a limit cut them."""
        body = (await self._fetched(query, "ntriples", request)).body
        return [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]

    async def verb(self, function: Callable[[Opened], T]) -> T:
        """Return what a verb of the library makes of the open store and table, in a thread."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_THREADS)
        with anyio.fail_after(self.settings.query_seconds):
            return await anyio.to_thread.run_sync(
                self.shelf.use, function, limiter=self._limiter, abandon_on_cancel=True
            )

    async def _fetched(self, query: str, format: str, request: Request | None) -> Fetched:
        client = request.client.host if request is not None and request.client else ""
        base = address(request.scope, self.settings) if request is not None else "http://localhost/sparql"
        found = await fetch(self.pool, query, base, format, client)
        if found.status != 200:
            raise UnansweredError(found.body.decode(errors="replace").strip())
        if found.cut:
            raise UnansweredError(f"The answer is larger than a page may be (limit: {found.cut}): ask for less.")
        return found

    # Pages

    def page(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a route: pages rendered, kept while a generation lasts, failures as pages."""

        async def answer(request: Request) -> Response:
            key = self._key(request)
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._fresh(request, self._kept[key])
            try:
                found = await handler(self, request)
            except ImrGraphError as error:
                return self.failure(request, _status(error), str(error))
            except TimeoutError:
                return self.failure(request, 503, "This page took longer than a page may take: ask for less.")
            if isinstance(found, Response):
                return found
            response = self._response(request, found)
            if found.status == 200:
                self._keep(key, response)
            return self._fresh(request, response)

        return answer

    def failure(self, request: Request, status: int, sentence: str) -> Response:
        """Return a page that says what went wrong and what to do."""
        titles = {404: "Not here", 400: "That question cannot be asked"}
        values = {"title": titles.get(status, "Not now"), "sentence": sentence, "status": status}
        return self._response(request, Page("failure.html", values, status))

    def _response(self, request: Request, page: Page) -> Response:
        frame = {
            "path": request.url.path,
            "generation": self.pool.manifest.generation,
            "public": origin(request.scope, self.settings),
        }
        body = rendered(page.template, {**frame, **page.values})
        headers = {"cache-control": "no-cache", "vary": "accept", "etag": self._mark()}
        if page.status != 200:
            headers = {"cache-control": "no-store"}
        return Response(body, page.status, headers, "text/html; charset=utf-8")

    def _mark(self) -> str:
        edition = self.pool.edition
        return f'W/"{edition.manifest.generation}-{edition.mark[1]:x}"'

    def _fresh(self, request: Request, response: Response) -> Response:
        """Return a page, or say that the one the client has is still right."""
        if request.headers.get("if-none-match") == response.headers.get("etag", ""):
            return Response(status_code=304, headers={"etag": response.headers["etag"], "vary": "accept"})
        return response

    def _key(self, request: Request) -> tuple[Any, ...]:
        html = "text/html" in request.headers.get("accept", "")
        return (origin(request.scope, self.settings), request.url.path, request.url.query, html, self._mark())

    def _keep(self, key: tuple[Any, ...], response: Response) -> None:
        self._kept[key] = response
        self._bytes += len(response.body)
        while self._bytes > _KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.body)


class UnansweredError(ImrGraphError):
    """A question that found no worker, or whose answer a limit cut."""


def site_of(app: Starlette) -> Site:
    """Return the site of an application that `create_site` made."""
    site: Site = app.state.site
    return site


def _status(error: ImrGraphError) -> int:
    if isinstance(error, NotThere | UnknownNameError):
        return 404
    return 400 if isinstance(error, UsageError) else 503
