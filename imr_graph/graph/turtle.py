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
# Datatypes whose values Turtle may write without quotes.
_ABBREVIATED: Final = frozenset(f"^^<{XSD}{name}>".encode() for name in ("integer", "decimal", "double", "boolean"))
_END: Final = b" .\n"
_INTEGER: Final = f'"^^<{XSD}integer>'.encode() + _END
_TRIPLE: Final = b"<urn:s> <urn:p> "


def begin_turtle(prefixes: Mapping[str, str]) -> bytes:
    """Return the lines that declare prefixes."""
    text = _write(b'""', prefixes)
    return text[: text.index(_TRIPLE)]


def format_turtle(lines: Iterable[bytes], prefixes: Mapping[str, str]) -> bytes:
    """Return lines of N-Triples, sorted for reading (`sorting`), as Turtle."""
    terms = _Terms(prefixes)
    verbs = _Verbs(terms)
    pieces: list[bytes] = []
    subject = verb = b""
    for line in lines:
        node, name, value = line.split(b" ", 2)
        if node != subject:
            pieces += (b" .\n" if subject else b"", terms.node(node), b" ", verbs[name])
            subject = node
        elif name != verb:
            pieces += b" ;\n\t", verbs[name]
        else:
            pieces.append(b" , ")
        verb = name
        if value.endswith(_INTEGER) and value[1 : -len(_INTEGER)].isdigit():
            pieces.append(value[1 : -len(_INTEGER)])
        else:
            value = value[: -len(_END)]
            pieces.append(value if value.endswith(b'"') else terms[value])
    return b"".join((*pieces, _END)) if pieces else b""


class _Verbs(dict[bytes, bytes]):
    """How Turtle writes properties, with a space behind; each is worked out when it is first looked up."""

    def __init__(self, terms: _Terms) -> None:
        super().__init__({_TYPE: b"a "})
        self._terms = terms

    def __missing__(self, name: bytes) -> bytes:
        self[name] = shown = self._terms.node(name) + b" "
        return shown


class _Terms(dict[bytes, bytes]):
    """How Turtle writes the terms of N-Triples; each is worked out when it is first looked up."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        super().__init__()
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
