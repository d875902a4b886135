"""What every page stands on: queries of the graph, the library's functions in threads, rendering, and cached pages.

A page is a function of a request (`View`). Most of them read the open store, and run in a few threads of the server;
those that query the graph by SPARQL are coroutines, and do so through the endpoint's own workers, within everybody's
limits.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from inspect import iscoroutinefunction
from typing import Any, Final, TypeAlias, TypeVar

import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from imr_graph.endpoint.formats import best
from imr_graph.endpoint.http import QueryError, address, origin
from imr_graph.endpoint.observability import Log
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.sparql import FetchedAnswer
from imr_graph.endpoint.sparql import fetch as fetch_answer
from imr_graph.endpoint.workers.pool import Pool
from imr_graph.errors import ImrGraphError, StoreError, UnknownNameError, UsageError
from imr_graph.live_store import LiveStore, StoreSnapshot
from imr_graph.resources import software_version
from imr_graph.store.generations import Manifest
from imr_graph.website.downloads import Downloads
from imr_graph.website.forms import frequent_names
from imr_graph.website.page_cache import PageCache, RenderedPage, respond_with
from imr_graph.website.rendering import PageHead, render_template
from imr_graph.website.urls import RDF_TYPES

__all__ = [
    "Answer",
    "Page",
    "PageNotFoundError",
    "PageRequest",
    "QueryFailedError",
    "Site",
    "StoreRequest",
    "View",
    "site_of",
]

T = TypeVar("T")
_THREADS: Final = 4
_KEPT_BYTES: Final = 64 << 20
_TITLES: Final = {
    400: "The request cannot be understood",
    404: "Page not found",
    405: "Method not allowed",
    406: "Format not available",
    500: "The page failed",
}
# What a client may prefer to a page of HTML; it gets a sentence, whichever of them it is.
_TEXTS: Final = ("text/plain", *RDF_TYPES.values(), "application/json", "text/csv")
_FAILURES: Final = (("html", "text/html"), *(("text", name) for name in _TEXTS))
_TOO_LONG: Final = "This page took longer than a page may take: ask for less, or come back in a moment."
_BROKEN: Final = "The server failed to make this page; other pages go on, and the log says what happened."


class PageNotFoundError(ImrGraphError):
    """A page that does not exist; the sentence says what to try."""


class QueryFailedError(ImrGraphError):
    """A query that found no worker, or whose answer a limit cut."""


class Page:
    """A page to be rendered: its template with the values that it names, status, headers besides the usual, and head.

    `title` is among the values. The records of the library go into them as they are; a value that a template names and
    does not get is a fault.
    """

    def __init__(
        self,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        head: PageHead | None = None,
        **values: Any,
    ) -> None:
        self.template, self.values, self.status = template, values, status
        self.headers, self.head = dict(headers or {}), head or PageHead()


Answer: TypeAlias = "Page | RenderedPage | Response"
"""A page, what is finished already, or a response that is not kept."""

View: TypeAlias = "Callable[[StoreRequest], Answer] | Callable[[PageRequest], Awaitable[Answer]]"
"""Answers a GET, from the open store in a thread or as a coroutine; raises ImrGraphError with a sentence for people."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request with the site that answers it, and what it may ask the graph by SPARQL."""

    site: Site
    request: Request

    @property
    def parameters(self) -> QueryParams:
        """The parameters of the address."""
        return self.request.query_params

    @property
    def name(self) -> str:
        """What the path of the address names, in the routes that have a name."""
        return str(self.request.path_params["name"])

    @property
    def public(self) -> str:
        """What whole addresses of the site begin with, as the client reaches it."""
        return origin(self.request.scope, self.site.settings)

    @property
    def endpoint(self) -> str:
        """The whole address of the SPARQL endpoint."""
        return address(self.request.scope, self.site.settings)

    async def rows(self, query: str) -> list[dict[str, str]]:
        """Return the rows of a SELECT, IRIs and literals alike as text; raises ImrGraphError where a limit cut them."""
        found = json.loads(await self._fetch_whole(query, "json"))["results"]["bindings"]
        return [{name: value["value"] for name, value in row.items()} for row in found]

    async def triples(self, query: str) -> list[ox.Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE; raises ImrGraphError where a limit cut them."""
        body = await self._fetch_whole(query, "ntriples")
        return [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]

    async def fetch(self, query: str, format: str) -> FetchedAnswer:
        """Return the answer to a query in a format of the endpoint, whole or cut by a limit, which it says.

        Raises QueryFailedError where there is none.
        """
        client = self.request.client.host if self.request.client else ""
        try:
            return await fetch_answer(self.site.pool, query, self.endpoint, format, client)
        except QueryError as error:
            raise QueryFailedError(error.message) from None

    async def _fetch_whole(self, query: str, format: str) -> bytes:
        found = await self.fetch(query, format)
        if found.cut:
            raise QueryFailedError(f"The answer is larger than a page may be (limit: {found.cut}): ask for less.")
        return found.body


@dataclass(frozen=True, slots=True)
class StoreRequest(PageRequest):
    """A request with the generation of the store that answers it."""

    snapshot: StoreSnapshot


@dataclass
class Site:
    """One served store, for the pages; `files_sent` counts the files that are being made while they are sent."""

    settings: ServerSettings
    pool: Pool
    log: Log
    live_store: LiveStore = field(init=False)
    cache: PageCache = field(default_factory=lambda: PageCache(_KEPT_BYTES))
    downloads: Downloads = field(init=False)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "page"))
    files_sent: int = 0

    def __post_init__(self) -> None:
        self.live_store = LiveStore(self.settings.store)
        self.downloads = Downloads(self.settings, self.log)

    async def refresh(self, _manifest: Manifest) -> None:
        """Serve pages of the current generation from now on; the log says where it cannot be read."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self.threads, self.live_store.refresh)
            self.cache.clear()
            self.ready.set()
            # Now, so that no page waits for the table, nor for the names that most forms offer.
            await loop.run_in_executor(self.threads, self.live_store.use, lambda one: frequent_names(one, "treatment"))
        except StoreError as error:
            self.log.event("store_unreadable", error=str(error))
        finally:
            self.ready.set()

    def close(self) -> None:
        """End the threads and close the store."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.live_store.close()

    async def run_in_thread(self, function: Callable[[StoreSnapshot], T]) -> T:
        """Return what a function returns for the open store and table; it runs in a thread.

        Raises TimeoutError where it takes longer than a query may. The function then keeps its thread until it ends,
        so that there are never more of them than threads.
        """
        work = asyncio.get_running_loop().run_in_executor(self.threads, self.live_store.use, function)
        return await asyncio.wait_for(work, self.settings.query_seconds)

    async def call(self, view: View, request: Request) -> Answer:
        """Return what a view answers: it runs in a thread with the store, unless it is a coroutine."""
        run: Any = view
        if iscoroutinefunction(view):
            found: Answer = await run(PageRequest(self, request))
            return found
        return await self.run_in_thread(lambda snapshot: run(StoreRequest(self, request, snapshot)))

    def endpoint(
        self, view: View, form: str | Callable[[], str] = "", *, data: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a route: it renders pages, caches them for a generation, and shows failures as pages.

        `form` tells apart what one address answers in several forms, or at several times. Failures of `data` are
        sentences.
        """

        async def answer(request: Request) -> Response:
            scope, etag = request.scope, self.etag(form)
            key = (origin(scope, self.settings), scope["path"], scope["query_string"], etag)
            page = self.cache.get(key)
            if page is not None:
                return respond_with(request, page)
            try:
                found = await self.call(view, request)
                if isinstance(found, Response):
                    return found
                page = self._render(request, found) if isinstance(found, Page) else found
            except (ImrGraphError, TimeoutError) as error:
                sentence = _TOO_LONG if isinstance(error, TimeoutError) else str(error)
                return self.failure(request, _status(error), sentence, data=data)
            except Exception as error:  # a fault of ours: the log gets its name, the reader a sentence
                self.log.event("request_failed", path=scope["path"], error=repr(error))
                return self.failure(request, 500, _BROKEN, data=data)
            # What was begun with one generation and ended with another is of neither.
            if page.status == 200 and etag == self.etag(form):
                page.headers["etag"] = etag
                self.cache.put(key, page)
            return respond_with(request, page)

        return answer

    def failure(self, request: Request, status: int, sentence: str, *, data: bool = False) -> Response:
        """Return a page that says what went wrong and what to do; who wants `data` or no HTML gets the sentence."""
        accept, headers = request.headers.get("accept", ""), {"cache-control": "no-store", "vary": "accept"}
        headers |= {"retry-after": "2"} if status == 503 else {}
        if data or (best(accept, _FAILURES) or ("", ""))[0] != "html":
            return Response(f"{sentence}\n", status, headers, "text/plain; charset=utf-8")
        title = _TITLES.get(status, "Not available now")
        page = self._render(request, Page("failure.html", status=status, title=title, sentence=sentence))
        return Response(page.body, status, {**page.headers, **headers})

    def _render(self, request: Request, page: Page) -> RenderedPage:
        frame = {
            "path": request.scope["path"],
            "generation": self.pool.manifest.generation,
            "public": (public := origin(request.scope, self.settings)),
            "canonical": public + (page.head.canonical or request.scope["path"]),
            "made": self.pool.version.made,
            "page_head": page.head if page.status == 200 else PageHead(indexed=False),
        }
        html = render_template(page.template, frame | page.values, self.pool.manifest.base)
        usual = {"content-type": "text/html; charset=utf-8", "cache-control": "no-cache"}
        headers = {**usual, "vary": "accept, accept-encoding", **page.headers}
        return RenderedPage(html.encode(errors="replace"), page.status, headers)

    def etag(self, form: str | Callable[[], str] = "") -> str:
        """Return the ETag of what is made of the generation that is served now."""
        form = form if isinstance(form, str) else form()
        served = self.pool.version
        seen = f"{served.manifest.generation}-{served.fingerprint[1]:x}-{self.live_store.version}{form}"
        return f'W/"{seen}-{_version()}"'


_version = cache(software_version)  # looking it up takes longer than answering from what is kept


def site_of(app: Starlette) -> Site:
    """Return the site of an application that `create_site` made."""
    site: Site = app.state.site
    return site


def _status(error: Exception) -> int:
    if isinstance(error, PageNotFoundError | UnknownNameError):
        return 404
    return 400 if isinstance(error, UsageError) else 503
