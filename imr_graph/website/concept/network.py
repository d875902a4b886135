"""The network that a person can walk in: what is requested, or cited, together with one treatment or guideline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.networks.ego_network import ego_network
from imr_graph.live_store import StoreSnapshot
from imr_graph.website import urls
from imr_graph.website.concept.figures import network_of
from imr_graph.website.svg.network import NetworkDrawing, draw_network

__all__ = ["Walk", "walk_from"]

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
    drawing: NetworkDrawing | None


def walk_from(snapshot: StoreSnapshot, kind: str, home: str, name: str = "", here: str = "") -> Walk:
    """Return where a reader stands who came to the page of a node and walked to another of its kind.

    A name that is not in the network leads nowhere: the reader stays at home.
    """
    network = network_of(snapshot, kind)
    wanted = name if name.startswith(f"{kind}-") and terms.BASE + name in network else home
    found = ego_network(network, terms.BASE + wanted, _NEIGHBOURS)
    concept = KINDS[kind].concept(wanted)
    label = found.label if found else concept.label if concept else wanted
    return Walk(kind, wanted, label, home, here or urls.resource_named(home), draw_network(found) if found else None)
