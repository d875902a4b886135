"""What holds for every request: who it is addressed to, which headers the answer carries, that it is counted."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from imr_graph.endpoint.http import Headers, Receive, Scope, Send, header_of, send_sentence
from imr_graph.endpoint.observability import Log, Metrics
from imr_graph.endpoint.settings import ServerSettings

__all__ = ["CONTENT_SECURITY_POLICY", "EMBEDDED_POLICY", "Guard", "middleware"]

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EMBEDDED_POLICY: Final = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""What holds for a page that other sites may show within theirs."""

# A host and its port (RFC 9112, section 3.2; RFC 3986, section 3.2.2), without a user's name before it.
_HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,255})(?::[0-9]{0,5})?")
_OWN_NAMES: Final = frozenset(("localhost", "127.0.0.1", "[::1]"))
_SECURITY: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"interest-cohort=()"),
]


def middleware(settings: ServerSettings, metrics: Metrics, log: Log) -> list[Middleware]:
    """Return what stands around the application, the outermost first."""
    guard = Middleware(Guard, settings=settings, metrics=metrics, log=log)
    if not settings.cors:
        return [guard]
    cross_origin = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors,
        allow_methods=("GET", "HEAD", "POST", "OPTIONS"),
        allow_headers=("accept", "content-type"),
        expose_headers=("imr-cut", "imr-limits", "retry-after"),
        max_age=86400,
    )
    return [guard, cross_origin]


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: Any, settings: ServerSettings, metrics: Metrics, log: Log) -> None:
        self.app, self.metrics, self.log = app, metrics, log
        public = settings.public_url.partition("://")[2].partition("/")[0]
        self._hosts = frozenset(
            {*_OWN_NAMES, *(name.lower() for name in settings.hosts), _without_port(public), settings.host.lower()}
            - {"", None}
        )
        resource_policy = b"cross-origin" if settings.cors else b"same-origin"
        self._security: Headers = [*_SECURITY, (b"cross-origin-resource-policy", resource_policy)]
        # Also on answers to requests without an Origin, which caches may keep.
        self._vary: Headers = [(b"vary", b"origin")] if settings.cors else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        started = False

        async def send_guarded(event: MutableMapping[str, Any]) -> None:
            nonlocal started
            if event["type"] == "http.response.start":
                started = True
                self.metrics.request(event["status"])
                given = event.get("headers", [])
                named = {name for name, _ in given}
                event["headers"] = [*given, *(pair for pair in self._security if pair[0] not in named), *self._vary]
            await send(event)

        host = _without_port(header_of(scope, b"host"))
        if host is None or (host not in self._hosts and "*" not in self._hosts):
            await send_sentence(send_guarded, 421, "This server does not answer for that host.")
            return
        try:
            await self.app(scope, receive, send_guarded)
        except Exception as error:  # a fault of ours: the log gets its name, the client a sentence
            self.log.event("request_failed", path=scope["path"], error=repr(error))
            if not started:
                await send_sentence(send_guarded, 500, "The server failed to answer this request; it goes on.")


def _without_port(host: str) -> str | None:
    """Return a Host header's name in lower case, an IPv6 address with its brackets; None where it is no host.

    >>> _without_port("[::1]:7878"), _without_port("127.0.0.1:80@evil.example")
    ('[::1]', None)
    """
    found = _HOST.fullmatch(host.lower())
    return found["name"] if found else None
