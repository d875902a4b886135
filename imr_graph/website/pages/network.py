"""The page of the network around one treatment or guideline."""

from __future__ import annotations

from starlette.requests import Request

from imr_graph.website import urls
from imr_graph.website.concept.context import concept_of
from imr_graph.website.concept.figures import NETWORKS
from imr_graph.website.concept.kinds import KINDS
from imr_graph.website.concept.network import walk_from
from imr_graph.website.site import Page, PageNotFoundError, Site

__all__ = ["show_network"]


async def show_network(site: Site, request: Request) -> Page:
    """Show the network around the node of the parameter `around`."""
    name = request.query_params.get("around", "")
    kind = name.partition("-")[0]
    if kind not in NETWORKS or concept_of(name) is None:
        raise PageNotFoundError(
            "There is no such treatment or guideline: choose one of the list of treatments or of guidelines."
        )
    walk = await site.run_in_thread(lambda snapshot: walk_from(snapshot, kind, name, here=urls.NETWORK))
    return Page("network.html", {"title": f"Around {walk.label}", "walk": walk, "kind": KINDS[kind]})
