"""A picture of a network: its strongest ties, two kinds of nodes in two columns, one kind in a circle.

Needs matplotlib, which the extra `pictures` installs; networkx's own layouts need numpy and let labels overlap, while
columns and circles keep every label readable.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeAlias

import networkx as nx

from imr_graph.analysis.charts.matplotlib_charts import short
from imr_graph.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["available", "draw", "places", "strongest"]

Network: TypeAlias = "nx.Graph[str]"
Place: TypeAlias = tuple[float, float]

# Okabe and Ito's palette, which people with any common colour vision tell apart
_COLOURS: Final[Mapping[str, str]] = {
    "case": "#009E73",  # bluish green
    "reviewer profile": "#CC79A7",  # reddish purple
    "treatment": "#0072B2",  # blue
    "guideline of the claims administrator": "#56B4E9",  # sky blue
    "section": "#D55E00",  # vermilion
    "page": "#D55E00",
    "guideline": "#D55E00",
    "guideline of the expert reviewer": "#D55E00",
}
_OTHER_COLOUR: Final = "#E69F00"  # orange
# What matplotlib would write of the day or of itself
_STAMPS: Final[Mapping[str, tuple[str, ...]]] = {"svg": ("Date", "Creator"), "png": ("Software",)}
_LONGEST_LABEL: Final = {True: 62, False: 46}  # characters, in columns and in a circle
_ROW: Final = 0.3  # inches between two labels of a column
_MOST_POINTS: Final = 340.0  # area of the largest node
_WIDEST_LINE: Final = 7.0


def available() -> bool:
    """Return whether pictures can be drawn here: whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def strongest(network: Network, edges: int) -> Network:
    """Return the sub-network of the `edges` heaviest ties (ties in weight: by name), without lone nodes."""
    ranked = sorted(network.edges(data="weight"), key=lambda e: (-e[2], *sorted((e[0], e[1]))))
    kept: Network = nx.Graph(**network.graph)
    ends = {node for one, other, _ in ranked[:edges] for node in (one, other)}
    kept.add_nodes_from((node, network.nodes[node]) for node in sorted(ends))
    kept.add_edges_from((one, other, network.edges[one, other]) for one, other, _ in ranked[:edges])
    return kept


def places(network: Network) -> dict[str, Place]:
    """Return where each node is drawn: x in -1 to 1, y in rows from 0 down (two columns) or in -1 to 1 (a circle)."""
    kinds = _kinds(network)
    if len(kinds) != 2:
        turn = 2 * math.pi / max(len(network), 1)
        ring = sorted(network, key=lambda node: (network.nodes[node]["label"], node))
        return {node: (math.cos((i + 0.5) * turn), math.sin((i + 0.5) * turn)) for i, node in enumerate(ring)}
    left = sorted((n for n in network if network.nodes[n]["kind"] == kinds[0]), key=lambda n: _rank(network, n))
    right = sorted((n for n in network if network.nodes[n]["kind"] == kinds[1]), key=lambda n: _rank(network, n))
    for _ in range(4):  # each column in the order of its neighbours' middles: few crossings after a few turns
        right = _by_neighbours(network, right, left)
        left = _by_neighbours(network, left, right)
    rows = max(len(left), len(right))
    found = {}
    for x, column in ((-1.0, left), (1.0, right)):
        step = rows / len(column)
        found.update({node: (x, -(i + 0.5) * step) for i, node in enumerate(column)})
    return found


def draw(network: Network, stream: BinaryIO, format: str = "svg", *, edges: int = 60) -> None:
    """Draw the `edges` strongest ties of a network as "svg" or "png"; equal networks give equal bytes.

    Raises UsageError where matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError("A picture needs matplotlib: install it with pip install 'imr-graph[pictures]'.") from None
    shown = strongest(network, edges)
    position = places(shown)
    columns = len(_kinds(shown)) == 2
    rows = max((-y for _, y in position.values()), default=1.0) + 0.5
    with (
        warnings.catch_warnings(),
        matplotlib.rc_context(
            {"svg.hashsalt": "imr-graph", "svg.fonttype": "none", "font.size": 9, "text.parse_math": False}
        ),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        figure = Figure(figsize=(13.0, rows * _ROW + 1.9) if columns else (11.0, 11.6), layout="constrained")
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_xlim(-3.1 if columns else -2.15, 3.1 if columns else 2.15)
        axes.set_ylim((-rows - 0.2, 0.2) if columns else (-2.15, 2.15))
        _edges(axes, shown, position)
        _nodes(axes, shown, position, columns)
        figure.suptitle(shown.graph.get("title", ""), fontsize=13, fontweight="bold")
        figure.supxlabel(_caption(network, shown), fontsize=8.5, color="#444444")
        figure.savefig(stream, format=format, dpi=150, metadata=dict.fromkeys(_STAMPS[format]))


def _kinds(network: Network) -> list[str]:
    """Return the kinds of nodes, what asks or is denied before what answers: the left column comes first."""
    order = list(_COLOURS)
    found = {kind for _, kind in network.nodes(data="kind")}
    return sorted(found, key=lambda kind: (order.index(kind) if kind in order else -1, kind))


def _rank(network: Network, node: str) -> tuple[int, str, str]:
    return -network.nodes[node]["weight"], network.nodes[node]["label"], node


def _by_neighbours(network: Network, column: list[str], other: list[str]) -> list[str]:
    row = {node: (i + 0.5) / len(other) for i, node in enumerate(other)}
    around = network.to_undirected(as_view=True)

    def middle(node: str) -> float:
        # No tie counts for nothing: association can be negative.
        ties = [(row[neighbour], max(tie["weight"], 1e-6)) for neighbour, tie in around[node].items()]
        return float(round(sum(at * weight for at, weight in ties) / sum(weight for _, weight in ties), 9))

    return sorted(column, key=lambda node: (middle(node), *_rank(network, node)))


def _edges(axes: Axes, network: Network, position: Mapping[str, Place]) -> None:
    heaviest = max((weight for *_, weight in network.edges(data="weight") if weight > 0), default=1)
    for one, other, weight in network.edges(data="weight"):
        (x1, y1), (x2, y2) = position[one], position[other]
        width = 0.5 + (_WIDEST_LINE - 0.5) * max(weight, 0) / heaviest
        axes.plot([x1, x2], [y1, y2], color="#8c8c8c", alpha=0.55, linewidth=width, solid_capstyle="round", zorder=1)


def _nodes(axes: Axes, network: Network, position: Mapping[str, Place], columns: bool) -> None:
    from matplotlib.collections import PathCollection

    heaviest = max((weight for _, weight in network.nodes(data="weight")), default=1)
    for kind in _kinds(network):
        members = [node for node in network if network.nodes[node]["kind"] == kind]
        axes.scatter(
            [position[node][0] for node in members],
            [position[node][1] for node in members],
            s=[24 + (_MOST_POINTS - 24) * network.nodes[node]["weight"] / heaviest for node in members],
            color=_COLOURS.get(kind, _OTHER_COLOUR),
            edgecolor="white",
            zorder=2,
            label=kind,
        )
        for node in members:
            _label(axes, network.nodes[node], position[node], columns)
    if len(network):
        # Above the drawing, where no tie runs through it
        legend = axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=6, frameon=False)
        for handle in legend.legend_handles:
            if isinstance(handle, PathCollection):
                handle.set_sizes([60.0])


def _label(axes: Axes, node: Mapping[str, Any], place: Place, columns: bool) -> None:
    text = f"{short(node['label'], _LONGEST_LABEL[columns])}: {node['weight']}"
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
        return "There is nothing to show: no disputed item makes such a tie."
    unit = whole.graph.get("unit", "disputed item")
    widths = {"jaccard": "widths show the Jaccard index", "npmi": "widths show pointwise mutual information"}
    counted = widths.get(whole.graph.get("weight", "count"))
    said = f"Sizes and numbers count {unit}s; {counted}" if counted else f"Sizes, widths and numbers count {unit}s"
    return (
        f"The {shown.number_of_edges()} strongest of {whole.number_of_edges()} ties, "
        f"between {len(shown)} of {len(whole)} nodes. {said}.\n"
        "Letters that reached independent medical review only: not all requests, and not medical or legal advice."
    )
