"""The SHACL engines: by name, a function from a graph's triples to the nodes that each shape finds at fault.

pyshacl is the reference. Another engine is here only because it finds the same, which `docs/decisions/validators.md`
and a differential test over mutations of letters show; what it decides otherwise, pyshacl decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
import rdflib
from rdflib import SH, URIRef

from imr_graph import iris as terms
from imr_graph.errors import ToolError, UsageError
from imr_graph.validation.lines import Line, join_lines, unify_values
from imr_graph.validation.shapes import SHAPES, read_shapes

if TYPE_CHECKING:
    import shifty

__all__ = ["ENGINES", "Engine", "Faults", "collect_faults", "find_results", "graph_faults", "read_graph"]

Faults = set[tuple[str, str]]
"""Pairs of a shape's name and the node that it finds at fault."""
Engine = Callable[[Sequence[Line]], Faults]
_Triple = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]
_STRING: Final = f"{terms.XSD}string"
# Only here do the engines differ: whether values of different kinds, such as a date and a number, can be compared, and
# whether a pattern may end before a last line break, as in Python. pyshacl finds less in both cases.
_DOUBTFUL: Final = (SH.lessThan, SH.lessThanOrEquals, SH.pattern)


def graph_faults(graph: rdflib.Graph, shapes: Iterable[str] = (), nodes: Iterable[str] = ()) -> Faults:
    """Return what pyshacl finds at fault in an rdflib graph; `shapes` and `nodes` are those of `find_results`."""
    return collect_faults(find_results(graph, shapes, nodes))


def find_results(graph: rdflib.Graph, shapes: Iterable[str] = (), nodes: Iterable[str] = ()) -> rdflib.Graph:
    """Return pyshacl's report on a graph; `shapes` (names) and `nodes` given, only these shapes on these nodes."""
    import pyshacl  # takes half a second, and nothing needs it where another engine finds no fault

    try:
        _, results, _ = pyshacl.validate(
            graph,
            shacl_graph=read_shapes().graph,
            inference="none",
            inplace=True,
            use_shapes=[URIRef(f"{SHAPES}{name}") for name in shapes],
            focus_nodes=[URIRef(node) for node in nodes],
        )
    except (TypeError, RuntimeError) as error:
        raise ToolError(f"The validator failed ({error}): look for values of the wrong kind in the graph.") from error
    if not isinstance(results, rdflib.Graph):
        raise ToolError(f"The validator failed ({results}): check the files under shapes/.")
    return results


def collect_faults(results: rdflib.Graph) -> Faults:
    """Return the pairs of shape and node of a report of the W3C's form."""
    return {
        _fault(str(results.value(result, SH.sourceShape)), str(results.value(result, SH.focusNode)))
        for result in results.objects(None, SH.result)
    }


def _fault(shape: str, node: str) -> tuple[str, str]:
    name = shape.removeprefix(SHAPES)
    if name not in read_shapes().infos:
        raise ToolError(f"A shape without a name of its own found a fault ({shape}): name it under shapes/.")
    return name, node


def _pyshacl(lines: Sequence[Line]) -> Faults:
    return graph_faults(read_graph(lines))


def read_graph(lines: Iterable[Line]) -> rdflib.Graph:
    """Return the graph of lines of N-Triples."""
    graph = rdflib.Graph()
    for quad in ox.parse(join_lines(lines), format=ox.RdfFormat.N_TRIPLES):
        graph.add(_convert_triple(quad.triple))
    return graph


@lru_cache(65_536)
def _iri(value: str) -> URIRef:
    return URIRef(value)


def _convert_triple(triple: ox.Triple) -> _Triple:
    return _node(triple.subject), _iri(triple.predicate.value), _node(triple.object)


def _node(node: object) -> rdflib.term.Node:
    if isinstance(node, ox.NamedNode):
        return _iri(node.value)
    if isinstance(node, ox.Literal):
        if node.language:
            return rdflib.Literal(node.value, lang=node.language)
        datatype = node.datatype.value
        return rdflib.Literal(node.value, datatype=None if datatype == _STRING else _iri(datatype), normalize=False)
    return rdflib.BNode(getattr(node, "value", None))


def _pyshifty(lines: Sequence[Line]) -> Faults:
    text = join_lines(unify_values(lines))
    result = _prepare_validator().validate_algebra(text, graph_mode="data", infer=False, on_unsupported="error")
    if result.diagnostics:
        raise ToolError(f"The validator failed ({result.diagnostics[0]}): use the validator pyshacl.")
    faults = {_fault(v.shape_name or "", v.focus_node.removeprefix("<").removesuffix(">")) for v in result.violations}
    doubtful = {fault for fault in faults if fault[0] in _doubtful_paths()}
    return (faults - doubtful) | _confirm_faults(lines, doubtful) if doubtful else faults


def _confirm_faults(lines: Sequence[Line], doubtful: Faults) -> Faults:
    """Return which faults pyshacl finds too; where it cannot compare the values at all, they stand.

    Comparisons and patterns look at properties of the node itself, so its own triples are enough. Where the node lacks
    the property there is nothing to compare, and what was found is that it is missing.
    """
    paths = _doubtful_paths()
    subjects = {(node if node.startswith("_:") else f"<{node}>").encode(): node for _, node in doubtful}
    own = [line for line in lines if line[0] in subjects]
    stated = {(subjects[line[0]], line[1]) for line in own}
    certain = {(shape, node) for shape, node in doubtful if paths[shape] and (node, paths[shape]) not in stated}
    return certain | _confirm_with_pyshacl(own, doubtful - certain)


def _confirm_with_pyshacl(own: Sequence[Line], doubtful: Faults) -> Faults:
    if not doubtful:
        return doubtful
    shapes, nodes = {shape for shape, _ in doubtful}, {node for _, node in doubtful}
    try:
        return doubtful & graph_faults(read_graph(own), sorted(shapes), sorted(nodes))
    except ToolError:
        return doubtful


@cache
def _doubtful_paths() -> Mapping[str, bytes]:
    """Return, for each shape about which the engines may differ, its property in N-Triples; empty for a longer path."""
    graph = read_shapes().graph
    paths = {shape: graph.value(shape, SH.path) for prop in _DOUBTFUL for shape in graph.subjects(prop)}
    return {
        str(shape).removeprefix(SHAPES): f"<{path}>".encode() if isinstance(path, URIRef) else b""
        for shape, path in paths.items()
    }


@cache
def _prepare_validator() -> shifty.PreparedValidator:
    try:
        import shifty
    except ImportError:
        raise UsageError("The validator pyshifty is not installed: pip install 'imr-graph[validators]'.") from None
    return shifty.PreparedValidator(read_shapes().graph)


ENGINES: Final[Mapping[str, Engine]] = MappingProxyType({"pyshacl": _pyshacl, "pyshifty": _pyshifty})
"""By the name of the engine."""
