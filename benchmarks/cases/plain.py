"""The plain way: one rdflib graph, pyshacl over all of it, rdflib's Turtle: `plain.py FOLDER OUT`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pyshacl
import rdflib

from imr_graph import resources
from imr_graph.extraction import extract_all
from imr_graph.graph.mapping import triples


def main(folder: str, out: Path) -> None:
    """Time all of it: reading and extraction are ours, the rest is what rdflib and pyshacl offer."""
    started = time.perf_counter()
    seconds: dict[str, float] = {}
    determinations = list(extract_all(folder, failed=lambda _: None))
    seconds["reading and extraction"] = time.perf_counter() - started
    graph = rdflib.Graph()
    for file in sorted(resources.ontology().glob("*.ttl")):
        graph.parse(file, format="turtle")
    for determination in determinations:
        for triple in triples(determination):
            graph.add((_term(triple.subject), _term(triple.predicate), _term(triple.object)))
    seconds["graph"] = time.perf_counter() - started - sum(seconds.values())
    shapes = rdflib.Graph()
    for file in sorted(resources.shapes().glob("*.ttl")):
        shapes.parse(file, format="turtle")
    pyshacl.validate(graph, shacl_graph=shapes, inference="none")
    seconds["validation"] = time.perf_counter() - started - sum(seconds.values())
    graph.serialize(out, format="turtle", encoding="utf-8")
    seconds["Turtle"] = time.perf_counter() - started - sum(seconds.values())
    print(json.dumps({"seconds": sum(seconds.values()), "steps": seconds, "triples": len(graph)}))


def _term(node: object) -> rdflib.term.Node:
    value = str(getattr(node, "value", ""))
    datatype = getattr(node, "datatype", None)
    if datatype is None:
        return rdflib.URIRef(value)
    language = getattr(node, "language", None)
    return rdflib.Literal(value, lang=language, datatype=None if language else rdflib.URIRef(datatype.value))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
