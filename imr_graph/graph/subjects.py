r"""The triples of a store, subject by subject: what sorting works with, and how it is asked of Oxigraph.

Oxigraph looks up the text of each term that it writes, which is most of what an export costs. So its triples are asked
for in the order of the database, with each subject written once and each property as a short code. A subject is listed
as a line `<IRI>\t""\t` and a line for each triple, `\t"code"\tvalue`; values are terms of N-Triples.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

import pyoxigraph as ox

from imr_graph.errors import ToolError
from imr_graph.graph.readable import GraphStore, ReadableGraph
from imr_graph.iris import XSD

__all__ = [
    "HEAD_END",
    "NEXT",
    "Query",
    "count_triples",
    "group_lines",
    "list_subjects",
    "make_query",
    "slice_subjects",
]

Query: TypeAlias = Callable[..., str]
"""Makes the query of the subjects within given `limits`."""

_CHUNK: Final = 16 << 20  # bytes that are read, sorted and parted into ranges at a time
# The subjects of a part of the database, each before the rows of its triples. REDUCED leaves out a subject that follows
# itself, which in the order of the database is all that DISTINCT would, without its memory. The codes of properties are
# short enough for Oxigraph to hold them in the term itself, so it need not look them up. OPTIONAL, as the other joins
# may keep their left side in memory.
_QUERY: Final = """SELECT ?head ?code ?o WHERE {{
  {{ SELECT REDUCED ?s WHERE {{ ?s ?any ?thing }} {limits} }}
  LATERAL {{ {{ VALUES ?p {{ <{mark}> }} BIND(?s AS ?head) }} UNION {{ ?s ?p ?o }} }}
  OPTIONAL {{ VALUES (?p ?code) {{ (<{mark}> "") {codes} }} }}
}}"""
_MARKS: Final = 50
_UNKNOWN_ORDER: Final = "This version of pyoxigraph lists triples in an order that no export can read."
HEAD_END: Final = b'\t""\t'  # what stands behind a subject, on a line of its own
NEXT: Final = b"\n<"  # where another subject begins: rows begin with a tab, line feeds in literals are escaped
# Oxigraph writes these as Turtle does in its tab-separated values, without quotes and datatype.
_BARE: Final = re.compile(rb"\t(?:([+-]?\d+)|([+-]?\d*\.\d+)|([+-]?[\d.]+[eE][+-]?\d+)|(true|false))(?=\n|$)")
_BARE_TYPES: Final = [f'"^^<{XSD}{name}>'.encode() for name in ("integer", "decimal", "double", "boolean")]
# Characters that N-Triples escapes in its canonical form, and tab-separated values do not.
_CONTROLS: Final = bytes({*range(32), 127} - set(b"\t\n\r"))
_CONTROL: Final = re.compile(b"[%b]" % re.escape(_CONTROLS))
_SHORT_ESCAPES: Final = {b"\x08": rb"\b", b"\x0c": rb"\f"}


def count_triples(store: GraphStore) -> dict[str, int]:
    """Return how many triples there are of each property, by its IRI."""
    counts = store.graph.query("SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p")
    assert isinstance(counts, ox.QuerySolutions)
    return {row["p"].value: int(row["n"].value) for row in counts}


def make_query(store: GraphStore, names: Mapping[bytes, bytes]) -> Query:
    """Return what makes the query of the subjects within given `limits`, with each before its triples.

    Oxigraph orders the branches of a UNION by their hashes, so marks are tried until one stands first.
    """
    codes = " ".join(f"({name.decode()} {code.decode()})" for code, name in names.items())
    for number in range(_MARKS):
        query = partial(_QUERY.format, mark=f"urn:head:{number}", codes=codes)
        solutions = store.graph.query(query(limits="LIMIT 1"))
        assert isinstance(solutions, ox.QuerySolutions)
        first = next(solutions, None)
        if first is None or first["head"] is not None:
            return query
    raise ToolError(_UNKNOWN_ORDER)


def slice_subjects(store: GraphStore, slices: int) -> list[str]:
    """Return what restricts a query of subjects to each of so many parts of them, which are about equal."""
    solutions = store.graph.query("SELECT (COUNT(*) AS ?n) WHERE { ?s a ?class }")  # nearly all have one class
    assert isinstance(solutions, ox.QuerySolutions)
    size = sum(int(row["n"].value) for row in solutions) // slices + 1
    limits = [f"OFFSET {number * size} LIMIT {size}" for number in range(slices)]
    return [*limits[:-1], limits[-1].partition(" LIMIT")[0]]


def group_lines(text: bytes, codes: Mapping[bytes, bytes]) -> dict[bytes, frozenset[bytes]]:
    """Return lines of N-Triples as rows by their subjects; `codes` gives the codes of properties."""
    found = defaultdict[bytes, set[bytes]](set)
    for line in text.splitlines():
        subject, name, value = line.removesuffix(b" .").split(b" ", 2)
        if name in codes:
            found[subject].add(b"\t%b\t%b" % (codes[name], value))
    return {subject: frozenset(rows) for subject, rows in found.items()}


def list_subjects(graph: ReadableGraph, query: Query, limits: str, take: Callable[[bytes], None]) -> None:
    """Give the subjects within limits, with their triples, to `take`, many at a time and never a part of one.

    Raises ToolError where the database lists them in another order.
    """
    solutions = graph.query(query(limits=limits))
    assert isinstance(solutions, ox.QuerySolutions)
    sink = _Sink(take)
    solutions.serialize(sink, format=ox.QueryResultsFormat.TSV)  # type: ignore[arg-type] # all it does is write
    sink.finish()


class _Sink:
    """Takes the tab-separated values of a query as they are written; gives on subjects that are whole."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._pieces: list[bytes] = []
        self._size, self._is_begun = 0, False

    def write(self, piece: bytes) -> int:
        """Take some bytes."""
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        if self._size > _CHUNK:
            self._give_whole()
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what was written so far may end within a subject."""

    def finish(self) -> None:
        """Give on the last subjects."""
        self._give(b"".join(self._pieces).removesuffix(b"\n"))

    def _give_whole(self) -> None:
        text, _, rest = b"".join(self._pieces).rpartition(NEXT)
        self._pieces, self._size = [b"<", rest], len(rest)
        self._give(text)

    def _give(self, text: bytes) -> None:
        if not self._is_begun:
            _, _, text = text.partition(b"\n")  # the names of the variables
            self._is_begun = True
        if not text:
            return
        if not text.startswith(b"<") or text.endswith(HEAD_END):
            raise ToolError(_UNKNOWN_ORDER)
        self._take(_to_ntriples(text))


def _to_ntriples(text: bytes) -> bytes:
    """Return tab-separated values, without the last end of a line, with all terms as N-Triples writes them."""
    text = _BARE.sub(_quote, text)
    if len(text.translate(None, _CONTROLS)) < len(text):  # many times as fast as to look by a pattern
        text = _CONTROL.sub(_escape, text)
    return text


def _quote(found: re.Match[bytes]) -> bytes:
    kind = found.lastindex or 0
    return b'\t"' + found[kind] + _BARE_TYPES[kind - 1]


def _escape(found: re.Match[bytes]) -> bytes:
    return _SHORT_ESCAPES.get(found[0]) or b"\\u%04X" % found[0][0]
