"""The plain way: one rdflib graph, pyshacl over all of it, rdflib's Turtle: `plain.py FOLDER OUT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyshacl
import rdflib
from stopwatch import Stopwatch

from imr_graph import resources
from imr_graph.extraction import extract_all
from imr_graph.graph.mapping import triples


def main(folder: str, out: Path) -> None:
    """Time all of it and its steps: reading and extraction are ours, the rest is rdflib's and pyshacl's."""
    watch, steps = Stopwatch(), dict[str, float]()

    def end(step: str) -> None:
        steps[step] = watch.read()["processor"] - sum(steps.values())

    determinations = list(extract_all(folder, failed=lambda _: None))
    end("reading and extraction")
    graph = rdflib.Graph()
    for file in sorted(resources.ontology().glob("*.ttl")):
        graph.parse(file, format="turtle")
    for determination in determinations:
        for triple in triples(determination):
            graph.add((_term(triple.subject), _term(triple.predicate), _term(triple.object)))
    end("graph")
    shapes = rdflib.Graph()
    for file in sorted(resources.shapes().glob("*.ttl")):
        shapes.parse(file, format="turtle")
    pyshacl.validate(graph, shacl_graph=shapes, inference="none")
    end("validation")
    graph.serialize(out, format="turtle", encoding="utf-8")
    end("Turtle")
    print(json.dumps({**watch.read(), "steps": steps, "triples": len(graph)}))


def _term(node: object) -> rdflib.term.Node:
    value = str(getattr(node, "value", ""))
    datatype = getattr(node, "datatype", None)
    if datatype is None:
        return rdflib.URIRef(value)
    language = getattr(node, "language", None)
    return rdflib.Literal(value, lang=language, datatype=None if language else rdflib.URIRef(datatype.value))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
