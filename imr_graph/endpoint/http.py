"""HTTP in ASGI's terms: answers without the cost of response objects, and the address that clients see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

from imr_graph.endpoint.settings import ServerSettings

__all__ = [
    "ENDPOINT",
    "Headers",
    "Receive",
    "Scope",
    "Send",
    "address",
    "header_of",
    "origin",
    "respond",
    "send_sentence",
]

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
