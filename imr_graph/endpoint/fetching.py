"""Queries for pages: the answer of a worker as a whole, within the same limits as everybody's."""

from __future__ import annotations

from dataclasses import dataclass

from imr_graph.endpoint.formats import BY_NAME, KINDS
from imr_graph.endpoint.workers.exchange import Failure
from imr_graph.endpoint.workers.pool import Pool, Turned

__all__ = ["Fetched", "fetch"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: the status of HTTP, its body, the limit that cut it, and why there is none.

    A status other than 200 comes with a sentence for people as the body.
    """

    status: int
    body: bytes
    cut: str | None = None
    failure: Failure | None = None


async def fetch(pool: Pool, query: str, base: str, format: str, client: str = "") -> Fetched:
    """Return the answer to a query in a format of `formats.BY_NAME`; `client` is whose queries it counts among."""
    one = BY_NAME[format]
    chosen = dict.fromkeys(one.kinds, (one.name, one.media_types[0]))
    formats = {**dict.fromkeys(KINDS), **chosen}
    dataset = {"default_graphs": None, "named_graphs": None}
    job = {"query": query, "formats": formats, "base": base, "gzip": False, "head": False, **dataset}
    try:
        async with pool.asked(job, client) as exchange:
            body = b"".join([piece async for piece in exchange.pieces()])
    except Turned as turned:
        return _failed(turned.failure)
    if exchange.failure is not None:
        return _failed(exchange.failure)
    head, end = exchange.head or {}, exchange.end or {}
    return Fetched(head["status"], body, end.get("cut"))


def _failed(failure: Failure) -> Fetched:
    return Fetched(failure.status, failure.sentence.encode(), failure=failure)
