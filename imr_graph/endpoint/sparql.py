"""The SPARQL endpoint: queries to the workers, their answers to clients, and to the pages of this server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from imr_graph.endpoint.formats import BY_NAME, KINDS, prefers_html
from imr_graph.endpoint.http import (
    Headers,
    QueryError,
    Receive,
    Scope,
    Send,
    address,
    header_of,
    respond,
    send_sentence,
)
from imr_graph.endpoint.observability import Log, Metrics
from imr_graph.endpoint.protocol import METHODS, parse_request
from imr_graph.endpoint.service_description import ServiceDescription
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.exchange import PendingResponse
from imr_graph.endpoint.workers.messages import Job
from imr_graph.endpoint.workers.pool import Pool

__all__ = ["Endpoint", "FetchedAnswer", "fetch"]

_LOOK_FOR_CLIENT = 0.5  # seconds after which it is watched whether the client still waits
_VARY = (b"vary", b"accept, accept-encoding")


@dataclass(frozen=True, slots=True)
class FetchedAnswer:
    """An answer as a whole: its body, and the limit that cut it."""

    body: bytes
    cut: str | None = None


async def fetch(pool: Pool, query: str, base: str, format: str, client: str = "") -> FetchedAnswer:
    """Return the answer to a query in a format of `formats.BY_NAME`, within the same limits as everybody's.

    `client` is whose queries it counts among. Raises QueryError where there is no answer.
    """
    one = BY_NAME[format]
    suits = {**dict.fromkeys(KINDS), **dict.fromkeys(one.kinds, (one.name, one.media_types[0]))}
    async with pool.acquire(Job(query, suits, base), client) as response:
        body = b"".join([piece async for piece in response.iter_pieces()])
    if response.failure is not None:
        raise response.failure
    status = (response.head or {})["status"]
    if status != 200:
        raise QueryError(status, "refused", body.decode(errors="replace").strip())
    return FetchedAnswer(body, (response.end or {}).get("cut"))


@dataclass
class Endpoint:
    """The ASGI application at /sparql.

    `page` answers a plain GET of a client that prefers HTML, where there are pages; the description answers others.
    """

    settings: ServerSettings
    pool: Pool
    metrics: Metrics
    log: Log
    description: ServiceDescription
    page: Callable[[Scope, Receive, Send], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        s = self.settings
        limits = f"seconds={s.query_seconds:g}, rows={s.rows}, bytes={s.result_bytes}"
        self._limits = (b"imr-limits", limits.encode())
        self._retry = (b"retry-after", str(max(1, round(s.quick_seconds * 2))).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] == "OPTIONS":
            await respond(send, 204, "text/plain", b"", [(b"allow", METHODS.encode())])
            return
        try:
            job = await parse_request(scope, receive, self.settings)
        except QueryError as error:
            more = [(b"allow", METHODS.encode())] if error.status == 405 else []
            # What is left of a body that was refused is not waited for.
            more += [(b"connection", b"close")] if error.status in (408, 413) else []
            await send_sentence(send, error.status, error.message, more)
            return
        if job is None:
            await self._describe(scope, receive, send)
        else:
            await self._query(job, scope, receive, send)

    async def _describe(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = header_of(scope, b"accept")
        if self.page is not None and prefers_html(accept):
            await self.page(scope, receive, send)
            return
        found = await self.description.serialize(accept, address(scope, self.settings))
        if found is None:
            await send_sentence(
                send, 406, "The description comes as text/turtle, application/n-triples, RDF/XML or JSON-LD."
            )
            return
        media_type, body = found
        await respond(send, 200, media_type, body, [_VARY, self._limits])

    async def _query(self, job: Job, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        client = scope["client"][0] if scope.get("client") else ""
        record: dict[str, Any] = {}
        try:
            async with self.pool.acquire(job, client) as response:
                await self._relay(response, record, receive, send)
        except QueryError as error:
            record["failure"] = error.code
            await self._fail(error, send)
        finally:
            seconds = time.perf_counter() - begun
            self.metrics.query(seconds, record.get("cut"), record.get("failure"))
            self.log.event(
                "query",
                ms=round(seconds * 1000, 2),
                query=job.query if self.settings.log_queries else None,
                client=client if self.settings.log_clients else None,
                **record,
            )

    async def _relay(self, response: PendingResponse, record: dict[str, Any], receive: Receive, send: Send) -> None:
        """Pass an answer on; where it cannot be whole, say so, or break it off if it has begun."""
        watch = _Watch(response, receive)
        try:
            failure = await response.wait_for_head()
            if failure is not None:
                record["failure"] = failure.code
                await self._fail(failure, send)
                return
            await self._answer(response, record, send)
        finally:
            watch.stop()

    async def _answer(self, response: PendingResponse, record: dict[str, Any], send: Send) -> None:
        head = response.head or {}
        record["status"] = head["status"]
        whole = response.take_whole()
        await send({"type": "http.response.start", "status": head["status"], "headers": self._headers(head)})
        if whole is not None:
            await send({"type": "http.response.body", "body": whole})
        else:
            async for piece in response.iter_pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if response.failure is not None:
                record["failure"] = response.failure.code
                return  # without its end: the HTTP server closes the connection, and the client sees the break
            await send({"type": "http.response.body", "body": b""})
        end = response.end or {}
        record |= {key: end[key] for key in ("rows", "cut") if end.get(key) is not None}

    def _headers(self, head: dict[str, Any]) -> Headers:
        headers: Headers = [(b"content-type", head["type"].encode("latin-1")), _VARY, self._limits]
        if "length" in head:
            headers.append((b"content-length", b"%d" % head["length"]))
        if "encoding" in head:
            headers.append((b"content-encoding", head["encoding"].encode()))
        if head.get("cut"):
            headers.append((b"imr-cut", head["cut"].encode()))
        return headers

    async def _fail(self, failure: QueryError, send: Send) -> None:
        if failure.code != "left":
            headers = [self._retry] if failure.status in (429, 503) else []
            await send_sentence(send, failure.status, failure.message, [*headers, self._limits])


class _Watch:
    """Sees, in queries that take some time, whether the client has gone, and then ends the work for it."""

    def __init__(self, response: PendingResponse, receive: Receive) -> None:
        self._response, self._receive = response, receive
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_LOOK_FOR_CLIENT, self._begin)

    def stop(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._response.cancel is not None:
            self._response.cancel("left")
