"""What holds for every request: who it is addressed to, which headers the answer carries, that it is counted."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from imr_graph.endpoint.http import Headers, Receive, Scope, Send, header_of, say
from imr_graph.endpoint.logs import Log
from imr_graph.endpoint.metrics import Metrics
from imr_graph.endpoint.settings import Settings

__all__ = ["CONTENT_SECURITY_POLICY", "Guard"]

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_OWN_NAMES: Final = frozenset(("localhost", "127.0.0.1", "[::1]"))
_SECURITY: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"interest-cohort=()"),
]
_PREFLIGHT: Final[Headers] = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
    (b"access-control-allow-headers", b"accept, content-type"),
    (b"access-control-max-age", b"86400"),
]
_EXPOSED: Final = (b"access-control-expose-headers", b"imr-cut, imr-limits, retry-after")


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: Any, settings: Settings, metrics: Metrics, log: Log) -> None:
        self.app, self.metrics, self.log = app, metrics, log
        public = settings.public_url.partition("://")[2].partition("/")[0]
        self._hosts = frozenset(
            {*_OWN_NAMES, *(name.lower() for name in settings.hosts), _without_port(public), settings.host.lower()}
            - {""}
        )
        self._origins = frozenset(settings.cors)
        resource_policy = b"cross-origin" if self._origins else b"same-origin"
        self._security: Headers = [*_SECURITY, (b"cross-origin-resource-policy", resource_policy)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        cross = self._cross_origin(scope) if self._origins else []

        started = False

        async def guarded(event: MutableMapping[str, Any]) -> None:
            nonlocal started
            if event["type"] == "http.response.start":
                started = True
                self.metrics.request(event["status"])
                given = event.get("headers", [])
                named = {name for name, _ in given}
                event["headers"] = [*given, *(pair for pair in self._security if pair[0] not in named), *cross]
            await send(event)

        host = _without_port(header_of(scope, b"host"))
        if host not in self._hosts and "*" not in self._hosts:
            await say(guarded, 421, "This server does not answer for that host.")
            return
        try:
            await self.app(scope, receive, guarded)
        except Exception as error:  # a fault of ours: the log gets its name, the client a sentence
            self.log.event("failed", path=scope["path"], error=repr(error))
            if not started:
                await say(guarded, 500, "The server failed to answer this request; it goes on.")

    def _cross_origin(self, scope: Scope) -> Headers:
        """Return the headers that let scripts of another origin read the answer, where the setting allows them to."""
        origin = header_of(scope, b"origin")
        if not origin:
            return [(b"vary", b"origin")]
        if "*" in self._origins:
            headers: Headers = [(b"access-control-allow-origin", b"*"), _EXPOSED]
        elif origin in self._origins:
            allowed = (b"access-control-allow-origin", origin.encode("latin-1"))
            headers = [allowed, _EXPOSED, (b"vary", b"origin")]
        else:
            return [(b"vary", b"origin")]
        return headers + (_PREFLIGHT if scope["method"] == "OPTIONS" else [])


def _without_port(host: str) -> str:
    """Return a Host header's name in lower case; an IPv6 address keeps its brackets."""
    host = host.lower()
    end = host.find("]")
    return host[: end + 1] if end >= 0 else host.partition(":")[0]
