"""What every page stands on: questions to the graph and to the library, rendering, and finished pages kept.

Pages ask the graph by SPARQL through the endpoint's own workers, within everybody's limits, and the library's verbs
(statistics, search, precedents) in a few threads of the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from imr_graph.endpoint.fetching import Fetched, fetch
from imr_graph.endpoint.logs import Log
from imr_graph.endpoint.negotiation import accepts_gzip, best
from imr_graph.endpoint.settings import Settings
from imr_graph.endpoint.urls import address, origin
from imr_graph.endpoint.workers.pool import Pool
from imr_graph.errors import ImrGraphError, StoreError, UnknownNameError, UsageError
from imr_graph.store.generations import Manifest, software_version
from imr_graph.live_store import StoreSnapshot, LiveStore
from imr_graph.website.page_cache import RenderedPage, PageCache
from imr_graph.website.rendering import render_template

__all__ = ["Handler", "PageNotFoundError", "Page", "Row", "Site", "QueryFailedError", "site_of"]

Row: TypeAlias = Mapping[str, str]
"""A row of a SELECT: what each variable that is bound says, IRIs and literals alike as text."""

T = TypeVar("T")
_THREADS: Final = 4
_KEPT_BYTES: Final = 64 << 20
_TITLES: Final = {
    400: "That question cannot be asked",
    404: "Not here",
    405: "Not that way",
    406: "Not in that form",
    500: "This page is broken",
}
# What a client may prefer to a page of HTML; it gets a sentence, whichever of them it is.
_FAILURES: Final = (
    ("html", "text/html"),
    *(
        ("text", name)
        for name in (
            "text/plain",
            "text/turtle",
            "application/n-triples",
            "application/ld+json",
            "application/rdf+xml",
            "application/json",
            "text/csv",
        )
    ),
)
_TOO_LONG: Final = "This page took longer than a page may take: ask for less, or come back in a moment."
_BROKEN: Final = "The server failed to make this page; other pages go on, and the log says what happened."


class PageNotFoundError(ImrGraphError):  # noqa: N818
    """A page that does not exist; the sentence says what to try."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be rendered: its template, the values it shows, its status, and headers besides the usual ones."""

    template: str
    values: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler: TypeAlias = "Callable[[Site, Request], Awaitable[Page | RenderedPage | Response]]"
"""Answers a GET with a page, with what is finished already, or with a response that is not kept.

It raises ImrGraphError with a sentence for people.
"""


@dataclass
class Site:
    """One served store, for the pages."""

    settings: Settings
    pool: Pool
    log: Log
    live_store: LiveStore = field(init=False)
    cache: PageCache = field(default_factory=lambda: PageCache(_KEPT_BYTES))
    on_close: list[Callable[[], None]] = field(default_factory=list)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "page"))

    def __post_init__(self) -> None:
        self.live_store = LiveStore(self.settings.store)

    async def renew(self, _manifest: Manifest) -> None:
        """Take the generation that is served from now on; what cannot be read is told in the log."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, self.live_store.refresh)
            self.cache.clear()
            self.opened.set()
            # Now, so that no page waits for it.
            await loop.run_in_executor(self._threads, self.live_store.use, lambda snapshot: snapshot.table)
        except StoreError as error:
            self.log.event("pages lack", error=str(error))
        finally:
            self.opened.set()

    def close(self) -> None:
        """Let go of threads and files, and end what `on_close` names."""
        for end in self.on_close:
            end()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.live_store.close()

    # Questions

    async def rows(self, query: str, request: Request | None = None) -> list[Row]:
        """Return the rows of a SELECT; raises ImrGraphError where a limit cut them."""
        found = json.loads((await self._fetched(query, "json", request)).body)["results"]["bindings"]
        return [{name: value["value"] for name, value in row.items()} for row in found]

    async def triples(self, query: str, request: Request | None = None) -> list[ox.Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE; raises ImrGraphError where a limit cut them."""
        body = (await self._fetched(query, "ntriples", request)).body
        return [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]

    async def run_in_thread(self, function: Callable[[StoreSnapshot], T]) -> T:
        """Return what a verb of the library makes of the open store and table, in a thread.

        Raises TimeoutError where it takes longer than a query may. A verb that runs then goes on to its end and keeps
        its thread until then, so that there are never more of them than threads.
        """
        work = asyncio.get_running_loop().run_in_executor(self._threads, self.live_store.use, function)
        return await asyncio.wait_for(work, self.settings.query_seconds)

    async def fetched(self, query: str, format: str, request: Request | None = None) -> Fetched:
        """Return the answer to a query in a format of the endpoint, whole or cut by a limit, which it says.

        Raises QueryFailedError where there is none.
        """
        client = request.client.host if request is not None and request.client else ""
        base = address(request.scope, self.settings) if request is not None else "http://localhost/sparql"
        found = await fetch(self.pool, query, base, format, client)
        if found.status != 200:
            raise QueryFailedError(found.body.decode(errors="replace").strip())
        return found

    async def _fetched(self, query: str, format: str, request: Request | None) -> Fetched:
        found = await self.fetched(query, format, request)
        if found.cut:
            raise QueryFailedError(f"The answer is larger than a page may be (limit: {found.cut}): ask for less.")
        return found

    # Pages

    def page(self, handler: Handler, form: str = "") -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a route: pages rendered, kept while a generation lasts, failures as pages.

        `form` tells apart endpoints that answer the same address in several forms.
        """

        async def answer(request: Request) -> Response:
            scope, mark = request.scope, self.mark(form)
            key = (origin(scope, self.settings), scope["path"], scope["query_string"], mark)
            finished = self.cache.get(key)
            if finished is not None:
                return self.answer(request, finished)
            try:
                found = await handler(self, request)
                if isinstance(found, Response):
                    return found
                finished = self._finished(request, found) if isinstance(found, Page) else found
            except ImrGraphError as error:
                return self.failure(request, _status(error), str(error))
            except TimeoutError:
                return self.failure(request, 503, _TOO_LONG)
            except Exception as error:  # a fault of ours: the log gets its name, the reader a sentence
                self.log.event("failed", path=scope["path"], error=repr(error))
                return self.failure(request, 500, _BROKEN)
            # What was begun with one generation and ended with another is of neither.
            if finished.status == 200 and mark == self.mark(form):
                finished.headers["etag"] = mark
                self.cache.keep(key, finished)
            return self.answer(request, finished)

        return answer

    def failure(self, request: Request, status: int, sentence: str) -> Response:
        """Return a page that says what went wrong and what to do; a program that reads no HTML gets the sentence."""
        accept, headers = request.headers.get("accept", ""), {"cache-control": "no-store", "vary": "accept"}
        if status == 503:
            headers["retry-after"] = "2"
        choice = best(accept, _FAILURES)
        if choice is None or choice[0] != "html" or getattr(request.state, "data", False):
            return Response(f"{sentence}\n", status, headers, "text/plain; charset=utf-8")
        values = {"title": _TITLES.get(status, "Not now"), "sentence": sentence, "status": status}
        finished = self._finished(request, Page("failure.html", values, status))
        return Response(finished.body, status, {**finished.headers, **headers})

    def _finished(self, request: Request, page: Page) -> RenderedPage:
        frame = {
            "path": request.scope["path"],
            "generation": self.pool.manifest.generation,
            "public": origin(request.scope, self.settings),
        }
        body = render_template(page.template, {**frame, **page.values}, self.pool.manifest.base).encode(errors="replace")
        headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-cache"}
        headers["vary"] = "accept, accept-encoding"
        return RenderedPage(body, page.status, {**headers, **page.headers})

    def mark(self, form: str = "") -> str:
        """Return what tells apart what is served now from what was and will be: an ETag for what is made of it."""
        edition = self.pool.edition
        seen = f"{edition.manifest.generation}-{edition.mark[1]:x}-{self.live_store.version}{form}"
        return f'W/"{seen}-{_version()}"'

    def answer(self, request: Request, finished: RenderedPage) -> Response:
        """Return what is finished, compressed where the client takes it, or say that what the client has is right."""
        headers = dict(finished.headers)
        asked = request.headers.get("if-none-match", "")
        if asked and finished.status == 200 and _covers(asked, headers.get("etag", "")):
            kept = ("etag", "vary", "cache-control", "content-location", "link")
            return Response(status_code=304, headers={name: headers[name] for name in kept if name in headers})
        body = finished.body
        if accepts_gzip(request.headers.get("accept-encoding", "")) and (packed := finished.packed) is not None:
            body, headers["content-encoding"] = packed, "gzip"
        return Response(body, finished.status, headers)


class QueryFailedError(ImrGraphError):
    """A question that found no worker, or whose answer a limit cut."""


_version = cache(software_version)  # looking it up takes longer than answering from what is kept


def site_of(app: Starlette) -> Site:
    """Return the site of an application that `create_site` made."""
    site: Site = app.state.site
    return site


def _status(error: ImrGraphError) -> int:
    if isinstance(error, PageNotFoundError | UnknownNameError):
        return 404
    return 400 if isinstance(error, UsageError) else 503


def _covers(asked: str, mark: str) -> bool:
    """Return whether an If-None-Match header names an ETag; the comparison is the weak one (RFC 9110, 8.8.3.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    return "*" in tags or mark.removeprefix("W/") in tags
