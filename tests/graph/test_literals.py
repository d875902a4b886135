"""N-Triples as text: every string survives two independent parsers."""

from __future__ import annotations

import pyoxigraph as ox
import rdflib
from hypothesis import example, given
from hypothesis import strategies as st

from imr_graph.graph.literals import escape, replace_surrogates, string, typed_literal

_LINE = "<http://example.org/s> <http://example.org/p> {} ."
_ANY = st.text(st.characters(codec=None, exclude_categories=()))


@given(_ANY)
@example('\\ " \n \r \t \b \f \x00 \x1f \x7f \x85 \u2028 \ufeff \ufffe \U0010ffff')
@example("a\\u0041")
def test_strings_come_back_from_oxigraph_and_rdflib(text: str) -> None:
    """Every code point, control characters and astral ones included; a lone surrogate becomes U+FFFD."""
    line = _LINE.format(replace_surrogates(string(text)))
    expected = "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text)
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    assert quad.object == ox.Literal(expected)
    (value,) = rdflib.Graph().parse(data=line.encode(), format="nt").objects()
    assert str(value) == expected


@given(_ANY)
def test_lines_are_those_that_oxigraph_writes(text: str) -> None:
    """The canonical form, so that a file written from templates compares byte by byte with an export."""
    line = _LINE.format(replace_surrogates(string(text))) + "\n"
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    assert ox.serialize([quad.triple], format=ox.RdfFormat.N_TRIPLES) == line.encode()


def test_all_code_points_of_the_basic_plane_at_once() -> None:
    """A literal that holds each of them once comes back whole."""
    every = "".join(chr(c) for c in range(0x10000) if not 0xD800 <= c < 0xE000)
    (quad,) = ox.parse(_LINE.format(string(every)), format=ox.RdfFormat.N_TRIPLES)
    assert quad.object == ox.Literal(every)


def test_escaping_leaves_ordinary_text_alone() -> None:
    assert escape("L4-5, 3x/week – ok") == "L4-5, 3x/week – ok"
    assert typed_literal("a@1-2", "spanList") == '"a@1-2"^^<https://w3id.org/imr-graph/ontology#spanList>'
