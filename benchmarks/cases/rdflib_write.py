"""The same triples through rdflib: terms, `Graph.add`, `serialize` to N-Triples: `rdflib_write.py PREPARED OUT`."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

import pyoxigraph as ox
import rdflib
from stopwatch import Stopwatch


def main(prepared: Path, out: Path) -> None:
    """Time making terms and adding them, and writing; which facts there are is known before."""
    quads = ox.parse(path=prepared / "facts.nt", format=ox.RdfFormat.N_TRIPLES)
    facts = [(q.subject.value, q.predicate.value, *_value(q.object)) for q in quads]
    gc.freeze()
    watch = Stopwatch()
    graph = rdflib.Graph()
    for subject, predicate, value, language, datatype in facts:
        if datatype is None:
            term: rdflib.term.Node = rdflib.URIRef(value)
        else:
            term = rdflib.Literal(value, lang=language, datatype=None if language else rdflib.URIRef(datatype))
        graph.add((rdflib.URIRef(subject), rdflib.URIRef(predicate), term))
    graph.serialize(out, format="nt", encoding="utf-8")
    took = watch.read()
    print(json.dumps({**took, "triples": len(facts)}))


def _value(value: ox.NamedNode | ox.Literal) -> tuple[str, str | None, str | None]:
    if isinstance(value, ox.NamedNode):
        return value.value, None, None
    return value.value, value.language, value.datatype.value


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
