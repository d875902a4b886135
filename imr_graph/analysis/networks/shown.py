"""Networks that show themselves in notebooks: graphs of networkx with a heading and their strongest ties."""

from __future__ import annotations

from html import escape
from typing import Final

import networkx as nx

__all__ = ["DirectedNetwork", "UndirectedNetwork"]

_TIES: Final = 10  # that a notebook shows


class UndirectedNetwork(nx.Graph):  # type: ignore[misc] # networkx has no types
    """A graph of networkx; what is made of it by networkx is one as well."""

    def _repr_html_(self) -> str:
        return _show(self)


class DirectedNetwork(nx.DiGraph):  # type: ignore[misc] # as above
    """The same for a projection whose edges have a direction."""

    def _repr_html_(self) -> str:
        return _show(self)


def _show(network: nx.Graph[str]) -> str:
    title = escape(str(network.graph.get("title", network)))
    unit = escape(f"{network.graph.get('unit', 'unit')}s")
    ties = sorted(network.edges(data=True), key=lambda tie: (-tie[2].get("weight", 0), tie[:2]))[:_TIES]
    rows = "".join(
        f"<tr><td>{_label(network, one)}</td><td>{_label(network, other)}</td>"
        f"<td>{data.get('count', '')}</td><td>{data.get('overturned', '')}</td></tr>"
        for one, other, data in ties
    )
    head = f"<tr><th>one</th><th>other</th><th>{unit}</th><th>overturned</th></tr>"
    count = f"{len(network):,} nodes, {network.number_of_edges():,} edges; the strongest"
    return f"<p><b>{title}</b>: {count}</p><table>{head}{rows}</table>"


def _label(network: nx.Graph[str], node: str) -> str:
    return escape(str(network.nodes[node].get("label", node)))
