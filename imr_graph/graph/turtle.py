"""Turtle from sorted lines of N-Triples, byte for byte as Oxigraph writes it, without an object for each triple.

Terms of a simple form are shortened here; what others become is asked of Oxigraph, each once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import pyoxigraph as ox

from imr_graph.iris import RDF, XSD

__all__ = ["begin_turtle", "format_turtle"]

# An IRI whose last part needs no escapes, as most have; what stands before is shortened alike for all of them.
_SIMPLE: Final = re.compile(rb"<([^>]*[/#])([A-Za-z0-9_][A-Za-z0-9_-]*)>")
_TYPE: Final = f"<{RDF}type>".encode()
# Datatypes whose values Turtle may write without quotes; integers are the most of them.
_ABBREVIATED: Final = frozenset(f"^^<{XSD}{name}>".encode() for name in ("integer", "decimal", "double", "boolean"))
_INTEGER: Final = re.compile(rf'"([+-]?\d+)"\^\^<{re.escape(XSD)}integer>'.encode())
_TRIPLE: Final = b"<urn:s> <urn:p> "


def begin_turtle(prefixes: Mapping[str, str]) -> bytes:
    """Return the lines that declare prefixes."""
    text = _write(b'""', prefixes)
    return text[: text.index(_TRIPLE)]


def format_turtle(lines: Iterable[bytes], prefixes: Mapping[str, str]) -> bytes:
    """Return the triples of lines, sorted for reading with their subjects open (`sorting`), as Turtle."""
    names = _Terms(prefixes, {_TYPE: b"a"})  # what stands for properties
    terms = _Terms(prefixes, {})
    pieces: list[bytes] = []
    before_subject = before_name = b""
    for line in lines:
        subject, _, name, value = line.split(b" ", 3)
        if subject != before_subject:
            end = b" .\n" if before_subject else b""
            pieces += end, terms.node(subject + b">"), b" ", names[name], b" "
            before_subject, before_name = subject, name
        elif name != before_name:
            pieces += b" ;\n\t", names[name], b" "
            before_name = name
        else:
            pieces.append(b" , ")
        value = value[:-3]  # without the full stop and the end of the line
        pieces.append(value if value.endswith(b'"') else terms[value])
    if pieces:
        pieces.append(b" .\n")
    return b"".join(pieces)


class _Terms(dict[bytes, bytes]):
    """How Turtle writes the terms of N-Triples; each is worked out when it is first looked up."""

    def __init__(self, prefixes: Mapping[str, str], known: Mapping[bytes, bytes]) -> None:
        super().__init__(known)
        self._prefixes = prefixes
        self._namespaces: dict[bytes, tuple[bytes, bytes]] = {}
        self._types: dict[bytes, bytes] = {}

    def __missing__(self, term: bytes) -> bytes:
        if not term.startswith(b"<"):
            return self._literal(term)
        self[term] = shown = self.node(term)
        return shown

    def node(self, iri: bytes) -> bytes:
        """Return what stands for an IRI, without remembering it."""
        simple = _SIMPLE.fullmatch(iri)
        if not simple:
            return self._as_oxigraph(iri)
        start, name = simple.groups()
        if start not in self._namespaces:
            before, _, after = self._as_oxigraph(b"<" + start + b"x>").rpartition(b"x")
            self._namespaces[start] = before, after
        before, after = self._namespaces[start]
        return before + name + after

    def _literal(self, term: bytes) -> bytes:
        """Return a literal that has a datatype or a language."""
        if integer := _INTEGER.fullmatch(term):
            return integer[1]
        text, quote, tail = term.rpartition(b'"')
        if tail.startswith(b"@"):
            return term
        if tail in _ABBREVIATED:
            self[term] = shown = self._as_oxigraph(term)
            return shown
        if tail not in self._types:
            self._types[tail] = self._as_oxigraph(b'""' + tail)[2:]
        return text + quote + self._types[tail]

    def _as_oxigraph(self, term: bytes) -> bytes:
        text = _write(term, self._prefixes)
        return text[text.index(_TRIPLE) + len(_TRIPLE) : -3]


def _write(term: bytes, prefixes: Mapping[str, str]) -> bytes:
    triples = [quad.triple for quad in ox.parse(_TRIPLE + term + b" .", ox.RdfFormat.N_TRIPLES)]
    return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=dict(prefixes)) or b""
