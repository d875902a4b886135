"""The network that a person can walk in: what is requested, or cited, together with one treatment or guideline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from imr_graph import iris as terms
from imr_graph.analysis.networks.ego_network import ego_network
from imr_graph.website.concept.context import concept_of
from imr_graph.website.concept.figures import NETWORKS, network_of
from imr_graph.website.concept.kinds import KINDS
from imr_graph.website.live_store import Opened
from imr_graph.website.site import NotThere, Page, Site
from imr_graph.website.svg.network import Drawn, drawn

__all__ = ["Walk", "around", "routes"]

_NEIGHBOURS: Final = 12


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a reader stands in the network: the node (`name` and `label`), and what is drawn; None without ties.

    `home` is the node that the page is about, `here` the path of the page.
    """

    kind: str
    name: str
    label: str
    home: str
    here: str
    drawing: Drawn | None


def routes(site: Site) -> list[BaseRoute]:
    """Return the route of the network's own page."""
    return [Route("/network", site.page(_answered), methods=["GET"])]


def around(opened: Opened, kind: str, home: str, name: str = "", here: str = "") -> Walk:
    """Return where a reader stands who came to the page of a node and walked to another of its kind.

    A name that is not in the network leads nowhere: the reader stays at home.
    """
    network = network_of(opened, kind)
    wanted = name if name.startswith(f"{kind}-") and terms.BASE + name in network else home
    found = ego_network(network, terms.BASE + wanted, _NEIGHBOURS)
    concept = concept_of(wanted)
    label = found.label if found else concept.label if concept else wanted
    return Walk(kind, wanted, label, home, here or f"/id/{home}", drawn(found) if found else None)


async def _answered(site: Site, request: Request) -> Page | Response:
    name = request.query_params.get("around", "")
    kind = name.partition("-")[0]
    if kind not in NETWORKS or concept_of(name) is None:
        raise NotThere(
            "There is no such treatment or guideline: choose one of the list of treatments or of guidelines."
        )
    walk = await site.verb(lambda opened: around(opened, kind, name, here="/network"))
    return Page("network.html", {"title": f"Around {walk.label}", "walk": walk, "kind": KINDS[kind]})
