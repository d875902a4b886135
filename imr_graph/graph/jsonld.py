"""JSON-LD with a context made from the ontology: one object a node, short names, numbers and truth values as in JSON.

rdflib's writer holds the whole graph as one tree; this one writes node by node, in the order that it is given.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any, Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.iris import IMR, RDF, RDFS, SKOS, XSD

__all__ = ["END", "begin", "context", "format_document", "format_nodes", "prefixes_of"]

END: Final = b"\n]\n}\n"
"""What stands behind the nodes of a document."""


def prefixes_of(base: str) -> Mapping[str, str]:
    """Return the prefixes of a graph's files; a base of one's own gets the prefix `data`."""
    return {**terms.PREFIXES, **({"data": base} if base != terms.BASE else {})}


@cache
def context() -> Mapping[str, Any]:
    """Return the context: short names for the ontology's terms and SKOS, and what their values are, by their ranges."""
    found: dict[str, Any] = {"@version": 1.1, "@vocab": IMR, **terms.PREFIXES}
    ontology = defaultdict[str, dict[str, set[str]]](lambda: defaultdict(set))
    for quad in ox.parse(path=resources.ontology() / "imr.ttl", format=ox.RdfFormat.TURTLE):
        ontology[_iri(quad.subject)][quad.predicate.value].add(_iri(quad.object))
    classes_of_individuals = {cls for said in ontology.values() for cls in said[f"{RDF}type"] if cls.startswith(IMR)}
    for iri, said in ontology.items():
        if not iri.startswith(IMR) or f"{_OWL}inverseOf" in said:
            continue  # what the graph does not hold
        value = next(iter(said[_RANGE_INCLUDES] or said[f"{RDFS}range"]), "")
        if f"{_OWL}ObjectProperty" in said[f"{RDF}type"]:
            found[iri.removeprefix(IMR)] = {"@type": "@vocab" if value in classes_of_individuals else "@id"}
        elif f"{_OWL}DatatypeProperty" in said[f"{RDF}type"] and value != f"{XSD}string":
            found[iri.removeprefix(IMR)] = {"@type": _short(value, terms.PREFIXES)}
    for name, coercion in _SKOS_TERMS.items():
        found[name] = {"@id": f"skos:{name}", **coercion}
    return found


def format_document(triples: Iterable[ox.Triple], base: str) -> bytes:
    """Return triples, grouped by subject, as a document."""
    prefixes = prefixes_of(base)
    return begin(prefixes) + format_nodes(triples, prefixes) + END


def begin(prefixes: Mapping[str, str]) -> bytes:
    """Return what stands before the nodes of a document, the context with all prefixes first."""
    return b'{\n"@context": ' + _json({**context(), **prefixes}) + b',\n"@graph": ['


def format_nodes(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return triples, grouped by subject, as nodes of a document, each on a line of its own; a comma parts them."""
    prefixes = {
        name: prefixes[name] for name in reversed(tuple(prefixes))
    }  # the last one is that of a base of one's own, which comes first
    groups = groupby(triples, key=lambda triple: triple.subject)
    return b",".join(b"\n" + _json(_object(subject, group, prefixes)) for subject, group in groups)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _object(subject: object, triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"@id": _short(_iri(subject), prefixes)}
    for predicate, group in groupby(triples, key=lambda triple: triple.predicate.value):
        name, values = _property(predicate, [triple.object for triple in group], prefixes)
        found[name] = values[0] if len(values) == 1 else values
    return found


def _property(predicate: str, objects: list[Any], prefixes: Mapping[str, str]) -> tuple[str, list[Any]]:
    if predicate == f"{RDF}type":
        return "@type", [_class(_iri(node), prefixes) for node in objects]
    name = predicate.removeprefix(IMR) if predicate.startswith(IMR) else _SKOS_NAMES.get(predicate, "")
    coercion = context().get(name) if name else None
    key = name or _short(predicate, prefixes)
    return key, list(_values(objects, coercion if isinstance(coercion, dict) else {}, prefixes))


def _values(objects: list[Any], coercion: Mapping[str, str], prefixes: Mapping[str, str]) -> Iterator[Any]:
    wanted, language = coercion.get("@type", ""), coercion.get("@language")
    for node in objects:
        if not isinstance(node, ox.Literal):
            iri = _iri(node)
            if wanted == "@vocab" and iri.startswith(IMR):
                yield iri.removeprefix(IMR)
            elif wanted == "@id":
                yield _short(iri, prefixes)
            else:
                yield {"@id": _short(iri, prefixes)}
        elif node.language:
            yield node.value if node.language == language else {"@value": node.value, "@language": node.language}
        else:
            yield _literal(
                node.value, node.datatype.value, wanted, plain=not wanted and not language, prefixes=prefixes
            )


def _literal(value: str, datatype: str, wanted: str, *, plain: bool, prefixes: Mapping[str, str]) -> Any:
    short = _short(datatype, prefixes)
    if short == wanted:
        if wanted == "xsd:integer" and _JSON_INTEGER.fullmatch(value):
            return int(value)
        if wanted == "xsd:boolean" and value in ("true", "false"):
            return value == "true"
        if wanted not in ("xsd:integer", "xsd:boolean"):
            return value
    if datatype == f"{XSD}string":
        return value if plain else {"@value": value}
    return {"@value": value, "@type": short}


def _class(iri: str, prefixes: Mapping[str, str]) -> str:
    return iri.removeprefix(IMR) if iri.startswith(IMR) else _short(iri, prefixes)


def _short(iri: str, prefixes: Mapping[str, str]) -> str:
    for prefix, namespace in prefixes.items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def _iri(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode) else f"_:{getattr(node, 'value', node)}"


# Integers that every JSON reader takes exactly and writes back as they stood.
_JSON_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_OWL = "http://www.w3.org/2002/07/owl#"
_RANGE_INCLUDES = "https://schema.org/rangeIncludes"  # where OWL 2 lacks the datatype
_ENGLISH, _NODE = {"@language": "en"}, {"@type": "@id"}
_SKOS_TERMS: Mapping[str, Mapping[str, str]] = {
    "prefLabel": _ENGLISH,
    "altLabel": _ENGLISH,
    "hiddenLabel": _ENGLISH,
    "notation": {},
    "broader": _NODE,
    "inScheme": _NODE,
}
_SKOS_NAMES = {f"{SKOS}{name}": name for name in _SKOS_TERMS}
