"""To come."""

from __future__ import annotations

from starlette.routing import BaseRoute

from imr_graph.site.site import Site

__all__ = ["routes"]


def routes(_site: Site) -> list[BaseRoute]:
    """Return no route yet."""
    return []
