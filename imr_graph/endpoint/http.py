"""HTTP in ASGI's terms: cheap answers, the address that clients see, and the one error of a query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import ImrGraphError

__all__ = [
    "ENDPOINT",
    "Headers",
    "QueryError",
    "Receive",
    "Scope",
    "Send",
    "address",
    "failure",
    "header_of",
    "origin",
    "respond",
    "send_sentence",
]


class QueryError(ImrGraphError):
    """A query that is not answered, or not wholly.

    `status` is the status of HTTP, `code` the reason's name in logs and metrics, `message` the sentence for whoever
    asked.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


_FAILURES: Final[Mapping[str, tuple[int, str]]] = {
    "time": (504, "The query took longer than a query may here: ask for less at a time."),
    "memory": (507, "The query took more memory than a query may here: ask for less at a time."),
    "depth": (400, "The query is nested too deep to be evaluated: write it flatter."),
    "crowded": (503, "Many long queries are running, and this one was not quick: come back later."),
    "queue": (503, "Too many queries are waiting: come back later."),
    "client": (429, "Too many queries of yours are running or waiting: let them end first."),
    "left": (499, "The client left."),
    "lost": (500, "The query could not be evaluated; the server goes on."),
}


def failure(code: str) -> QueryError:
    """Return the error for a reason that lies with the server: its limits, or a worker that ended."""
    status, message = _FAILURES[code]
    return QueryError(status, code, message)


ENDPOINT: Final = "/sparql"

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

TEXT: Final = "text/plain; charset=utf-8"


def header_of(scope: Scope, name: bytes) -> str:
    """Return a request's header, several of a name joined by commas, empty where there is none."""
    found = [value for key, value in scope["headers"] if key == name]
    return b",".join(found).decode("latin-1")


async def respond(send: Send, status: int, media_type: str, body: bytes, headers: Headers | None = None) -> None:
    """Send a whole response."""
    start: Headers = [
        (b"content-type", media_type.encode("latin-1")),
        (b"content-length", str(len(body)).encode()),
        *(headers or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def send_sentence(send: Send, status: int, sentence: str, headers: Headers | None = None) -> None:
    """Send a sentence as plain text."""
    await respond(send, status, TEXT, sentence.encode(errors="replace") + b"\n", headers)


def origin(scope: Scope, settings: ServerSettings) -> str:
    """Return scheme, host and port of the server: the setting, or what the request was addressed to."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    return f"{scope['scheme']}://{header_of(scope, b'host')}"


def address(scope: Scope, settings: ServerSettings) -> str:
    """Return the URL of the endpoint."""
    return origin(scope, settings) + ENDPOINT
