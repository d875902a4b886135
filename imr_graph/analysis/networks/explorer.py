"""A network as one page that opens offline: search a node, see its strongest neighbours, walk on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, BinaryIO, Final, TypeAlias

import networkx as nx

__all__ = ["embed_json", "write_page"]

Network: TypeAlias = "nx.Graph[str]"

_MARK: Final = "/*network*/"
# What could end the element that holds the data, begin a comment in it, or end a line of a script
_UNSAFE: Final[Mapping[int, str]] = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
# Colour and shape of each kind, by their number on the page: what asks, what answers, the rest
_LOOKS: Final[Mapping[str, int]] = {
    "treatment": 0,
    "page": 1,
    "section": 1,
    "guideline": 1,
    "guideline of the expert reviewer": 1,
    "guideline of the claims administrator": 2,
    "case": 2,
    "reviewer profile": 3,
}


def write_page(network: Network, stream: BinaryIO) -> None:
    """Write a network as one HTML page, without any outside resource; equal networks give equal bytes."""
    before, _, after = _page().partition(_MARK)
    stream.write(f"{before}{embed_json(data_of(network))}{after}".encode("utf-8", "replace"))


def embed_json(data: Any) -> str:
    r"""Return data as JSON that can stand inside a script element, whatever texts it holds.

    >>> embed_json("</script><!--")
    '"\\u003c/script\\u003e\\u003c!--"'
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)


def data_of(network: Network) -> dict[str, Any]:
    """Return what the page knows: nodes and ties as flat lists, so that large networks stay small."""
    order = list(network)
    place = {node: index for index, node in enumerate(order)}
    kinds = sorted({kind for _, kind in network.nodes(data="kind")})
    measures = [name for name in _first(network) if name not in ("kind", "label", "weight", "occurrences")]
    return {
        "title": network.graph.get("title", ""),
        "unit": network.graph.get("unit", "disputed item"),
        "weight": network.graph.get("weight", "count"),
        "directed": network.is_directed(),
        "kinds": kinds,
        "looks": [_LOOKS.get(kind, 3) for kind in kinds],
        "measures": measures,
        "nodes": [
            [kinds.index(data["kind"]), data["label"], data["weight"], *(_round(data[name]) for name in measures)]
            for _, data in network.nodes(data=True)
        ],
        "ties": [
            number
            for one, other, tie in network.edges(data=True)
            for number in (place[one], place[other], tie["count"], tie["overturned"], _round(tie["weight"]))
        ],
    }


def _first(network: Network) -> Mapping[str, Any]:
    return next((data for _, data in network.nodes(data=True)), {})


def _round(number: float) -> float:
    return number if isinstance(number, int) else round(number, 4)


@cache
def _page() -> str:
    return files("imr_graph.analysis.networks").joinpath("explorer.html").read_text(encoding="utf-8")
