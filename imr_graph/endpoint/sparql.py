"""The SPARQL endpoint: queries to the workers, their answers to the client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from imr_graph.endpoint.http import Headers, Receive, Scope, Send, header_of, respond, say
from imr_graph.endpoint.logs import Log
from imr_graph.endpoint.metrics import Metrics
from imr_graph.endpoint.negotiation import prefers_html
from imr_graph.endpoint.protocol import METHODS, Asked, Wrong, asked
from imr_graph.endpoint.service_description import Describer
from imr_graph.endpoint.settings import Settings
from imr_graph.endpoint.urls import address
from imr_graph.endpoint.workers.exchange import Exchange, Failure
from imr_graph.endpoint.workers.pool import Pool, Turned

__all__ = ["Endpoint"]

_LOOK_FOR_CLIENT = 0.5  # seconds after which it is watched whether the client still waits
_VARY = (b"vary", b"accept, accept-encoding")


@dataclass
class Endpoint:
    """The ASGI application at /sparql.

    `page` answers a plain GET of a client that prefers HTML, where there are pages; the description answers others.
    """

    settings: Settings
    pool: Pool
    metrics: Metrics
    log: Log
    describer: Describer
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
            question = await asked(scope, receive, self.settings)
        except Wrong as wrong:
            more = [(b"allow", METHODS.encode())] if wrong.status == 405 else []
            # What is left of a body that was refused is not waited for.
            more += [(b"connection", b"close")] if wrong.status in (408, 413) else []
            await say(send, wrong.status, wrong.sentence, more)
            return
        if question is None:
            await self._describe(scope, receive, send)
        else:
            await self._query(question, scope, receive, send)

    async def _describe(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = header_of(scope, b"accept")
        if self.page is not None and prefers_html(accept):
            await self.page(scope, receive, send)
            return
        found = await self.describer.written(accept, address(scope, self.settings))
        if found is None:
            await say(send, 406, "The description comes as text/turtle, application/n-triples, RDF/XML or JSON-LD.")
            return
        media_type, body = found
        await respond(send, 200, media_type, body, [_VARY, self._limits])

    async def _query(self, question: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        client = scope["client"][0] if scope.get("client") else ""
        record: dict[str, Any] = {}
        try:
            job = question.job(address(scope, self.settings), head=scope["method"] == "HEAD")
            async with self.pool.asked(job, client) as exchange:
                await self._relay(exchange, record, receive, send)
        except Turned as turned:
            record["failure"] = turned.failure.name
            await self._fail(turned.failure, send)
        finally:
            seconds = time.perf_counter() - begun
            self.metrics.query(seconds, record.get("cut"), record.get("failure"))
            self.log.event(
                "query",
                ms=round(seconds * 1000, 2),
                query=question.query if self.settings.log_queries else None,
                client=client if self.settings.log_clients else None,
                **record,
            )

    async def _relay(self, exchange: Exchange, record: dict[str, Any], receive: Receive, send: Send) -> None:
        """Pass an answer on; where it cannot be whole, say so, or break it off if it has begun."""
        watch = _Watch(exchange, receive)
        try:
            failure = await exchange.started()
            if failure is not None:
                record["failure"] = failure.name
                await self._fail(failure, send)
                return
            await self._answer(exchange, record, send)
        finally:
            watch.stop()

    async def _answer(self, exchange: Exchange, record: dict[str, Any], send: Send) -> None:
        head = exchange.head or {}
        record["status"] = head["status"]
        whole = exchange.whole()
        if whole is not None:
            await send({"type": "http.response.start", "status": head["status"], "headers": self._headers(head)})
            await send({"type": "http.response.body", "body": whole})
        else:
            await send({"type": "http.response.start", "status": head["status"], "headers": self._headers(head)})
            async for piece in exchange.pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if exchange.failure is not None:
                record["failure"] = exchange.failure.name
                return  # without its end: the HTTP server closes the connection, and the client sees the break
            await send({"type": "http.response.body", "body": b""})
        end = exchange.end or {}
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

    async def _fail(self, failure: Failure, send: Send) -> None:
        if failure.name != "left":
            headers = [self._retry] if failure.status in (429, 503) else []
            await say(send, failure.status, failure.sentence, [*headers, self._limits])


class _Watch:
    """Sees, in queries that take some time, whether the client has gone, and then ends the work for it."""

    def __init__(self, exchange: Exchange, receive: Receive) -> None:
        self._exchange, self._receive = exchange, receive
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
        if self._exchange.abandon is not None:
            self._exchange.abandon("left")
