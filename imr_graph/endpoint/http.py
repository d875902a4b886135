"""Answers in ASGI's terms, without the cost of response objects on the way of every query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

__all__ = ["Headers", "Receive", "Scope", "Send", "header_of", "respond", "say"]

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


async def say(send: Send, status: int, sentence: str, headers: Headers | None = None) -> None:
    """Send a sentence as plain text."""
    await respond(send, status, TEXT, sentence.encode(errors="replace") + b"\n", headers)
