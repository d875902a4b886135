"""The forms that a network is written in: for reading, for other programs and notebooks, as a picture, as a page.

The page opens offline: search a node, see its strongest neighbors, walk on.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, BinaryIO, Final, TypeAlias

import networkx as nx
import pyoxigraph as ox

from imr_graph.analysis.charts.style import NOT_IN_XML
from imr_graph.analysis.networks import drawing
from imr_graph.analysis.queries.results import ResultTable, format_answer
from imr_graph.errors import UnknownNameError
from imr_graph.record_files import stream_csv

__all__ = ["FORMATS", "DirectedNetwork", "Network", "UndirectedNetwork", "embed_json", "write_network", "write_page"]

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
    before, _, after = _page_template().partition(_MARK)
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
    measures = _measures(network)
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


def _round(number: float) -> float:
    return number if isinstance(number, int) else round(number, 4)


@cache
def _page_template() -> str:
    return files("imr_graph.analysis.networks").joinpath("explorer.html").read_text(encoding="utf-8")


_ALWAYS: Final = ("kind", "label", "weight", "occurrences")
_SHOWN: Final = 50


def write_network(network: Network, format: str, stream: BinaryIO) -> None:
    """Write a network to a binary stream in a format of `FORMATS`; equal networks give equal bytes.

    What `measures.with_measures` put on the nodes goes into every format but the pictures. Raises UnknownNameError for
    another format; UsageError where a picture needs a library that is not installed.
    """
    if format not in FORMATS:
        raise UnknownNameError("format of networks", format, FORMATS)
    FORMATS[format](network, stream)


def _table(network: Network, stream: BinaryIO) -> None:
    """Write the strongest ties, or, where nodes were measured, the nodes by their first measure."""
    names = _measures(network)
    table, left_out = _node_table(network, names) if names else _tie_table(network)
    title = network.graph.get("title", "")
    more = f"({left_out} more: write json or graphml for all of them)\n" if left_out else ""
    stream.write(f"{title}\n\n{format_answer(table)}{more}".encode())


def _measures(network: Network) -> list[str]:
    first: Mapping[str, Any] = next((data for _, data in network.nodes(data=True)), {})
    return [name for name in first if name not in _ALWAYS]


def _node_table(network: Network, names: list[str]) -> tuple[ResultTable, int]:
    ranked = sorted(
        network.nodes(data=True),
        key=lambda n: (
            n[1][names[0]] if names[0] == "community" else -n[1][names[0]],
            -n[1]["weight"],
            n[1]["label"],
            n[0],
        ),
    )
    columns = ("label", "kind", network.graph.get("unit", "unit") + "s", *names)
    rows = tuple(
        (
            ox.Literal(data["label"]),
            ox.Literal(data["kind"]),
            ox.Literal(data["weight"]),
            *(_cell(data[n]) for n in names),
        )
        for _, data in ranked[:_SHOWN]
    )
    return ResultTable(columns, rows), max(len(ranked) - _SHOWN, 0)


def _tie_table(network: Network) -> tuple[ResultTable, int]:
    label = {node: data["label"] for node, data in network.nodes(data=True)}
    ranked = sorted(network.edges(data=True), key=lambda e: (-e[2]["weight"], -e[2]["count"], label[e[0]], label[e[1]]))
    counted = network.graph.get("weight") == "count"
    columns = ("one", "other", network.graph.get("unit", "unit") + "s", "overturned")
    rows = tuple(
        (
            ox.Literal(label[one]),
            ox.Literal(label[other]),
            ox.Literal(data["count"]),
            ox.Literal(data["overturned"]),
            *(() if counted else (_cell(data["weight"]),)),
        )
        for one, other, data in ranked[:_SHOWN]
    )
    return ResultTable(columns if counted else (*columns, network.graph["weight"]), rows), max(len(ranked) - _SHOWN, 0)


def _cell(value: float) -> ox.Literal:
    return ox.Literal(value) if isinstance(value, int) else ox.Literal(f"{value:.4f}", datatype=_DECIMAL)


_DECIMAL: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")


def _graphml(network: Network, stream: BinaryIO) -> None:
    nx.write_graphml_xml(_writable(network), stream, encoding="utf-8", prettyprint=True)


# networkx stamps the day into GEXF; without it equal networks are equal files. Its schema has no name of a graph.
_STAMP = re.compile(rb' lastmodifieddate="[^"]*"| name=""(?=>)')


def _gexf(network: Network, stream: BinaryIO) -> None:
    plain = _writable(network)
    plain.graph.clear()  # GEXF has no place for these
    buffer = io.BytesIO()
    nx.write_gexf(plain, buffer, encoding="utf-8", prettyprint=True)
    stream.write(_STAMP.sub(b"", buffer.getvalue()))


def _writable(network: Network) -> Network:
    """Return a copy whose labels XML can hold."""
    plain: Network = network.copy()
    for _, data in plain.nodes(data=True):
        data["label"] = NOT_IN_XML.sub("\ufffd", data["label"])
    unsound = {node: NOT_IN_XML.sub("\ufffd", node) for node in plain if NOT_IN_XML.search(node)}
    return nx.relabel_nodes(plain, unsound) if unsound else plain


def _edge_list(network: Network, stream: BinaryIO) -> None:
    """Write a line for each edge: both ends with kind and label, count, overturned and weight."""
    columns = ("source", "target", "source_kind", "target_kind", "source_label", "target_label", *_COUNTED)
    rows = (
        (
            one,
            other,
            *(network.nodes[end][name] for name in ("kind", "label") for end in (one, other)),
            *(data[name] for name in _COUNTED),
        )
        for one, other, data in network.edges(data=True)
    )
    stream.writelines(piece.encode("utf-8", "replace") for piece in stream_csv(columns, rows))


_COUNTED: Final = ("count", "overturned", "weight")


def _json(network: Network, stream: BinaryIO) -> None:
    data: dict[str, Any] = nx.node_link_data(network, edges="edges")  # type: ignore[no-untyped-call]
    stream.write((json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())


FORMATS: Final[Mapping[str, Callable[[Network, BinaryIO], None]]] = {
    "table": _table,
    "graphml": _graphml,
    "gexf": _gexf,
    "edges": _edge_list,
    "json": _json,
    "svg": lambda network, stream: drawing.draw(network, stream, "svg"),
    "png": lambda network, stream: drawing.draw(network, stream, "png"),
    "html": write_page,
}


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
