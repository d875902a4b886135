"""A picture of a network: its strongest edges, two kinds of nodes in two columns, one kind in a circle.

Needs matplotlib, which the extra `pictures` installs; networkx's own layouts need numpy and let labels overlap, while
columns and circles keep every label readable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeAlias

import networkx as nx

from imr_graph.analysis.charts.style import LIMITS, PALETTE, elide_middle, new_figure, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["available", "draw", "layout", "top_edges"]

Network: TypeAlias = "nx.Graph[str]"
Place: TypeAlias = tuple[float, float]

_BLUE, _VERMILION, _GREEN, _PURPLE, _ORANGE, _SKY = PALETTE
_COLOURS: Final[Mapping[str, str]] = {
    "case": _GREEN,
    "reviewer profile": _PURPLE,
    "treatment": _BLUE,
    "guideline of the claims administrator": _SKY,
    "section": _VERMILION,
    "page": _VERMILION,
    "guideline": _VERMILION,
    "guideline of the expert reviewer": _VERMILION,
}
_LONGEST_LABEL: Final = {True: 62, False: 46}  # characters, in columns and in a circle
_ROW: Final = 0.3  # inches between two labels of a column
_MOST_POINTS: Final = 340.0  # area of the largest node
_WIDEST_LINE: Final = 7.0


def available() -> bool:
    """Return whether pictures can be drawn here: whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def top_edges(network: Network, edges: int) -> Network:
    """Return the sub-network of the `edges` heaviest edges (edges in weight: by name), without lone nodes."""
    ranked = sorted(network.edges(data="weight"), key=lambda e: (-e[2], *sorted((e[0], e[1]))))
    kept: Network = nx.Graph(**network.graph)
    ends = {node for one, other, _ in ranked[:edges] for node in (one, other)}
    kept.add_nodes_from((node, network.nodes[node]) for node in sorted(ends))
    kept.add_edges_from((one, other, network.edges[one, other]) for one, other, _ in ranked[:edges])
    return kept


def layout(network: Network) -> dict[str, Place]:
    """Return where each node is drawn: x in -1 to 1, y in rows from 0 down (two columns) or in -1 to 1 (a circle)."""
    kinds = _kinds(network)
    if len(kinds) != 2:
        turn = 2 * math.pi / max(len(network), 1)
        ring = sorted(network, key=lambda node: (network.nodes[node]["label"], node))
        return {node: (math.cos((i + 0.5) * turn), math.sin((i + 0.5) * turn)) for i, node in enumerate(ring)}
    left = sorted((n for n in network if network.nodes[n]["kind"] == kinds[0]), key=lambda n: _rank(network, n))
    right = sorted((n for n in network if network.nodes[n]["kind"] == kinds[1]), key=lambda n: _rank(network, n))
    for _ in range(4):  # each column in the order of its neighbors' middles: few crossings after a few turns
        right = _by_neighbors(network, right, left)
        left = _by_neighbors(network, left, right)
    rows = max(len(left), len(right))
    found = {}
    for x, column in ((-1.0, left), (1.0, right)):
        step = rows / len(column)
        found.update({node: (x, -(i + 0.5) * step) for i, node in enumerate(column)})
    return found


def draw(network: Network, stream: BinaryIO, format: str = "svg", *, edges: int = 60) -> None:
    """Draw the `edges` strongest edges of a network as "svg" or "png"; equal networks give equal bytes.

    Raises UsageError where matplotlib is not installed.
    """
    save(lambda: _figure(network, edges), stream, format)


def _figure(network: Network, edges: int) -> Figure:
    shown = top_edges(network, edges)
    position = layout(shown)
    columns = len(_kinds(shown)) == 2
    rows = max((-y for _, y in position.values()), default=1.0) + 0.5
    width, height = (13.0, rows * _ROW + 1.2) if columns else (11.0, 11.0)
    figure = new_figure(height, shown.graph.get("title", ""), _caption(network, shown), width=width)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(-3.1 if columns else -2.15, 3.1 if columns else 2.15)
    axes.set_ylim((-rows - 0.2, 0.2) if columns else (-2.15, 2.15))
    _draw_edges(axes, shown, position)
    _draw_nodes(axes, shown, position, columns)
    return figure


def _kinds(network: Network) -> list[str]:
    """Return the kinds of nodes, what asks or is denied before what answers: the left column comes first."""
    order = list(_COLOURS)
    found = {kind for _, kind in network.nodes(data="kind")}
    return sorted(found, key=lambda kind: (order.index(kind) if kind in order else -1, kind))


def _rank(network: Network, node: str) -> tuple[int, str, str]:
    return -network.nodes[node]["weight"], network.nodes[node]["label"], node


def _by_neighbors(network: Network, column: list[str], other: list[str]) -> list[str]:
    row = {node: (i + 0.5) / len(other) for i, node in enumerate(other)}
    around = network.to_undirected(as_view=True)

    def middle(node: str) -> float:
        # No edge counts for nothing: association can be negative.
        edges = [(row[neighbor], max(edge["weight"], 1e-6)) for neighbor, edge in around[node].items()]
        return float(round(sum(at * weight for at, weight in edges) / sum(weight for _, weight in edges), 9))

    return sorted(column, key=lambda node: (middle(node), *_rank(network, node)))


def _draw_edges(axes: Axes, network: Network, position: Mapping[str, Place]) -> None:
    heaviest = max((weight for *_, weight in network.edges(data="weight") if weight > 0), default=1)
    for one, other, weight in network.edges(data="weight"):
        (x1, y1), (x2, y2) = position[one], position[other]
        width = 0.5 + (_WIDEST_LINE - 0.5) * max(weight, 0) / heaviest
        axes.plot([x1, x2], [y1, y2], color="#8c8c8c", alpha=0.55, linewidth=width, solid_capstyle="round", zorder=1)


def _draw_nodes(axes: Axes, network: Network, position: Mapping[str, Place], columns: bool) -> None:
    from matplotlib.collections import PathCollection

    heaviest = max((weight for _, weight in network.nodes(data="weight")), default=1)
    for kind in _kinds(network):
        members = [node for node in network if network.nodes[node]["kind"] == kind]
        axes.scatter(
            [position[node][0] for node in members],
            [position[node][1] for node in members],
            s=[24 + (_MOST_POINTS - 24) * network.nodes[node]["weight"] / heaviest for node in members],
            color=_COLOURS.get(kind, _ORANGE),
            edgecolor="white",
            zorder=2,
            label=kind,
        )
        for node in members:
            _draw_label(axes, network.nodes[node], position[node], columns)
    if len(network):
        # Above the drawing, where no edge runs through it
        legend = axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=6, frameon=False)
        for handle in legend.legend_handles:
            if isinstance(handle, PathCollection):
                handle.set_sizes([60.0])


def _draw_label(axes: Axes, node: Mapping[str, Any], place: Place, columns: bool) -> None:
    text = f"{elide_middle(node['label'], _LONGEST_LABEL[columns])}: {node['weight']}"
    x, y = place
    if columns:
        axes.text(x * 1.09, y, text, ha="right" if x < 0 else "left", va="center")
        return
    angle = math.degrees(math.atan2(y, x))
    turned = angle + 180 if abs(angle) > 90 else angle  # never upside down
    side = "right" if abs(angle) > 90 else "left"
    axes.text(x * 1.08, y * 1.08, text, ha=side, va="center", fontsize=8, rotation=turned, rotation_mode="anchor")


def _caption(whole: Network, shown: Network) -> str:
    if not len(whole):
        return "There is nothing to show: no disputed item makes such an edge."
    unit = whole.graph.get("unit", "disputed item")
    widths = {"jaccard": "widths show the Jaccard index", "npmi": "widths show pointwise mutual information"}
    counted = widths.get(whole.graph.get("weight", "count"))
    said = f"Sizes and numbers count {unit}s; {counted}" if counted else f"Sizes, widths and numbers count {unit}s"
    return (
        f"The {shown.number_of_edges()} strongest of {whole.number_of_edges()} edges, "
        f"between {len(shown)} of {len(whole)} nodes. {said}.\n"
        f"{LIMITS}"
    )
