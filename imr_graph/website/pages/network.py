"""The page of the network around one treatment or guideline."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.website import urls
from imr_graph.website.concept.network import Walk, walk_from
from imr_graph.website.site import Page, PageNotFoundError, Site
from imr_graph.website.views import Crumb

__all__ = ["show_network"]


@dataclass(frozen=True, slots=True)
class NetworkView:
    """The network around one node."""

    title: str
    walk: Walk
    crumbs: tuple[Crumb, ...]


async def show_network(site: Site, request: Request) -> Page:
    """Show the network around the node of the parameter `around`."""
    name = request.query_params.get("around", "")
    kind = KINDS.get(name.partition("-")[0])
    if kind is None or kind.network is None or kind.concept(name) is None:
        raise PageNotFoundError(
            "There is no such treatment or guideline: choose one of the list of treatments or of guidelines."
        )
    walk = await site.run_in_thread(lambda snapshot: walk_from(snapshot, kind.name, name, here=urls.NETWORK))
    crumbs = ((kind.listing.title, kind.listing.path), (walk.label, urls.named(walk.name)))
    return Page("network.html", NetworkView(f"Around {walk.label}", walk, crumbs))
