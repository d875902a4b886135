"""Where the server is, as its clients see it."""

from __future__ import annotations

from imr_graph.endpoint.http import Scope, header_of
from imr_graph.endpoint.settings import Settings

__all__ = ["ENDPOINT", "address", "origin"]

ENDPOINT = "/sparql"


def origin(scope: Scope, settings: Settings) -> str:
    """Return scheme, host and port of the server: the setting, or what the request was addressed to."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    return f"{scope['scheme']}://{header_of(scope, b'host')}"


def address(scope: Scope, settings: Settings) -> str:
    """Return the URL of the endpoint."""
    return origin(scope, settings) + ENDPOINT
