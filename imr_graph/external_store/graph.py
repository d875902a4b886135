"""A graph in an external store, with as much of the interface of Oxigraph's store as reading takes.

`RemoteGraph` stands where questions, pages and workers expect an Oxigraph store that they only read: the same code asks
both, so answers can differ only where the stores do. A query is parsed here first, by the parser that the embedded
store has, so what is no SPARQL 1.1 gets the same sentence and never leaves this machine.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import IO, Any, Final, TypeAlias, cast

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import StoreError
from imr_graph.external_store.http import ResponseStream, StoreClient, find_row_limit, timeout_form

__all__ = ["RemoteGraph"]

Result: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Node: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None

# Virtuoso 7 writes true and false as 1 and 0 in JSON, but as they are in XML.
_TABLE: Final = "application/sparql-results+xml"
# Virtuoso 7 answers an ASK that begins with prefixes by a table of this one column.
_TRUTH: Final = "__ASK_RETVAL"
_GRAPH: Final = "application/n-triples, text/turtle;q=0.5"
_NO_GRAPH: Final = "urn:imr-graph:none"
_NODES_KEPT: Final = 20_000
# Classes whose nodes are asked for together and then one by one: names are looked up among all of them.
_TOGETHER: Final = frozenset(terms.term(name) for name in ("Section", "Specialty"))
_TYPE: Final = f"{terms.RDF}type"


class RemoteGraph:
    """A graph that is read through SPARQL; `graph` names it among the store's, None is the store's default graph.

    With `streamed` answers are passed on as they come, otherwise only once they are whole. `most` is how many triples
    of a CONSTRUCT are taken (None for all), `seconds` the time that the store is told for each query.
    """

    def __init__(
        self,
        client: StoreClient,
        graph: str | None = None,
        *,
        streamed: bool = False,
        most: int | None = None,
        seconds: float | None = None,
    ) -> None:
        self.client, self.graph = client, graph
        self._streamed, self._most = streamed, most
        self._form = {} if seconds is None else timeout_form(seconds)
        self._empty = ox.Store()
        self._body: ResponseStream | None = None
        self._nodes: OrderedDict[str, tuple[ox.Quad, ...]] = OrderedDict()

    def query(
        self,
        query: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        base_iri: str | None = None,
        default_graph: Sequence[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None,
        named_graphs: Sequence[ox.NamedNode | ox.BlankNode] | None = None,
    ) -> Result:
        """Return the answer to a query; the arguments are those of `pyoxigraph.Store.query`.

        A dataset of the request holds none of the store's graphs, as in the embedded store, so it is answered here.
        Raises SyntaxError where the query is no SPARQL 1.1, StoreError where the store does not answer,
        RequestRefusedError where it refuses.
        """
        self.release()
        known = dict(prefixes or {})
        if default_graph is not None or named_graphs is not None:
            return self._empty.query(
                query, base_iri=base_iri, prefixes=known,
                default_graph=list(default_graph or ()), named_graphs=list(named_graphs or ()),
            )  # fmt: skip
        kind = _answer_type(self._empty.query(query, base_iri=base_iri, prefixes=known))
        head = "".join(f"PREFIX {name}: <{iri}> " for name, iri in known.items())
        return self._send_query(f"{f'BASE <{base_iri}> ' if base_iri else ''}{head}\n{query}", kind)

    def quads_for_pattern(
        self, subject: Node, predicate: Node, object: Node, graph: object = None
    ) -> Iterator[ox.Quad]:
        """Yield the triples of a pattern (None stands for any); `graph` is taken for the default graph."""
        del graph
        if isinstance(subject, ox.NamedNode):
            found: Iterable[ox.Quad] = self._node(subject.value)
        elif isinstance(object, ox.NamedNode) and object.value in _TOGETHER and predicate == ox.NamedNode(_TYPE):
            found = self._class(object)
        else:
            found = self._match(subject, predicate, object)
        for quad in found:
            if predicate in (None, quad.predicate) and object in (None, quad.object):
                yield quad

    def __len__(self) -> int:
        return int(self._value("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"))

    def release(self) -> None:
        """Break off an answer that nobody reads any more."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def _value(self, query: str) -> str:
        (row,) = cast("ox.QuerySolutions", self.query(query))
        return cast("ox.Literal", row[0]).value

    def _send_query(self, query: str, wanted: type[Result]) -> Result:
        """Send a query and return its answer, which is to be of a kind."""
        is_graph = wanted is ox.QueryTriples
        accept = _GRAPH if is_graph else _TABLE
        form = {"query": query, **self._form}
        if self.graph:  # to Virtuoso all graphs are named graphs of the dataset unless one is named
            form |= {"default-graph-uri": self.graph, "named-graph-uri": _NO_GRAPH}
        response = self.client.send("POST", self.client.address.url, form=form, headers={"accept": accept})
        if cut := find_row_limit(response):
            response.close()
            raise StoreError(
                f"{self.client.name} cuts answers off (it says {cut}): raise its limits of rows and time "
                "(ResultSetMaxRows, MaxQueryExecutionTime of Virtuoso), or ask for less."
            )
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = ResponseStream(response, self.client.name)
        self._body = body
        try:
            stream: IO[bytes] = io.BufferedReader(body, 1 << 16) if self._streamed else io.BytesIO(body.read())
            if is_graph:
                return self._as_graph(stream, kind)
            format = ox.QueryResultsFormat.from_media_type(kind)
            if format is None:
                raise StoreError(self._not_sparql(kind))
            if not self._streamed:  # what is broken is found before anybody has a part of it
                held = stream.read()
                for _ in _iter_rows(held, format):
                    pass
                stream = io.BytesIO(held)
            found = ox.parse_query_results(stream, format=format)
            return self._as_boolean(found) if wanted is ox.QueryBoolean else _as_table(found)
        except (SyntaxError, OSError) as error:
            raise StoreError(f"{self.client.name} gave an answer that cannot be read ({error}).") from None

    def _as_boolean(self, found: ox.QuerySolutions | ox.QueryBoolean) -> ox.QueryBoolean:
        if isinstance(found, ox.QueryBoolean):
            return found
        if [variable.value for variable in found.variables] != [_TRUTH]:
            raise SyntaxError("a table where a truth value was asked for")
        true = any(isinstance(row[0], ox.Literal) and row[0].value in ("1", "true") for row in found)
        return cast("ox.QueryBoolean", self._empty.query(f"ASK {{ FILTER({str(true).lower()}) }}"))

    def _as_graph(self, stream: IO[bytes], kind: str) -> ox.QueryTriples:
        format = ox.RdfFormat.from_media_type(kind)
        if format is None:
            raise StoreError(self._not_sparql(kind))
        held = ox.Store()
        quads = ox.parse(stream, format=format)
        held.bulk_extend(islice(quads, self._most))
        self.release()
        return cast("ox.QueryTriples", held.query("CONSTRUCT WHERE { ?s ?p ?o }"))

    def _not_sparql(self, kind: str) -> str:
        return (
            f"{self.client.name} answers a query with {kind or 'a body of no type'}, which no SPARQL endpoint does: "
            "check the URL."
        )

    def _node(self, iri: str) -> tuple[ox.Quad, ...]:
        """Return what is said of a node: asked once, then remembered."""
        if iri not in self._nodes:
            self._remember(iri, tuple(self._match(ox.NamedNode(iri), None, None)))
        return self._nodes[iri]

    def _class(self, kind: ox.NamedNode) -> Iterator[ox.Quad]:
        """Yield the triples that say which nodes are of a class, having remembered all that is said of these."""
        nodes: dict[str, list[ox.Quad]] = {}
        for quad in self._rows(f"?s <{_TYPE}> {kind} ; ?p ?o", None, None, None):
            if isinstance(quad.subject, ox.NamedNode):
                nodes.setdefault(quad.subject.value, []).append(quad)
        for iri, quads in nodes.items():
            self._remember(iri, tuple(quads))
        return (quad for quads in nodes.values() for quad in quads if quad.object == kind)

    def _match(self, *pattern: Node) -> Iterator[ox.Quad]:
        shown = (f"?{name}" if term is None else str(term) for name, term in zip("spo", pattern, strict=True))
        return self._rows(" ".join(shown), *pattern)

    def _rows(self, pattern: str, *known: Node) -> Iterator[ox.Quad]:
        free = [name for name, term in zip("spo", known, strict=True) if term is None]
        variables = " ".join(f"?{name}" for name in free) or "(1 AS ?there)"
        solutions = cast("ox.QuerySolutions", self.query(f"SELECT {variables} WHERE {{ {pattern} }}"))
        for row in solutions:
            terms_of_row: list[Any] = [row[n] if t is None else t for n, t in zip("spo", known, strict=True)]
            yield ox.Quad(*terms_of_row)

    def _remember(self, iri: str, quads: tuple[ox.Quad, ...]) -> None:
        while len(self._nodes) >= _NODES_KEPT:
            self._nodes.popitem(last=False)
        self._nodes[iri] = quads


def _answer_type(answer: Result) -> type[Result]:
    """Return the kind of an answer, and let go of it: it may not outlive its thread in some traceback."""
    return type(answer)


def _iter_rows(held: bytes, format: ox.QueryResultsFormat) -> Iterable[object]:
    found = ox.parse_query_results(held, format=format)
    return () if isinstance(found, ox.QueryBoolean) else found


def _as_table(found: ox.QuerySolutions | ox.QueryBoolean) -> ox.QuerySolutions:
    if isinstance(found, ox.QueryBoolean):
        raise SyntaxError("a truth value where a table was asked for")
    return found
