"""The page of a resource that has no page of its own kind: what the graph says of it, and what refers to it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.website.site import Page, PageRequest

__all__ = ["show_resource"]

_SHOWN: Final = 60  # nodes that refer to a resource
_LABELS: Final = (f"{terms.SKOS}prefLabel", f"{terms.RDFS}label")
_FOREIGN: Final = {
    "prefLabel": "name",
    "altLabel": "other names",
    "hiddenLabel": "also written",
    "inScheme": "scheme",
    "notation": "id",
    "isDefinedBy": "defined by",
}
# Vocabularies whose terms say in English what they mean.
_OTHERS: Final = ("http://www.w3.org/", "http://purl.org/", "http://rdfs.org/", "https://schema.org/")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_REFERRING: Final = "SELECT ?node ?p WHERE {{ ?node ?p <{iri}> . FILTER(isIRI(?node)) }} ORDER BY ?node ?p LIMIT {most}"
_NAMED: Final = """SELECT ?node ?label WHERE {{
  VALUES ?node {{ {nodes} }} ?node <{label}> ?label
}}"""


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """A value: its words, and the IRI that it is, None for a literal."""

    words: str
    iri: str | None = None


@dataclass(frozen=True, slots=True)
class PropertyView:
    """A property with its values; `comment` says what it means where the ontology does."""

    iri: str
    label: str
    comment: str
    values: tuple[PropertyValue, ...]


async def show_resource(asked: PageRequest, listed: list[ox.Triple]) -> Page:
    """Return the page that lists a resource's triples and the nodes that refer to it."""
    iri = _iri(listed[0].subject)
    rows = await asked.rows(_REFERRING.format(iri=iri, most=_SHOWN + 1))
    referring = [(row["p"], ox.NamedNode(row["node"])) for row in rows[:_SHOWN]]
    wanted = {_iri(node) for triple in listed for node in (triple.predicate, triple.object)}
    wanted |= {name for prop, node in referring for name in (prop, node.value)}
    labels = {**await _labels(asked, wanted), **_own_labels(listed)}
    return Page(
        "resource.html",
        title=labels.get(iri, terms.local_name(iri)),
        name=asked.name,
        iri=iri,
        stated=_properties(((_iri(t.predicate), t.object) for t in listed), labels),
        referring=_properties(referring, labels),
        more=len(rows) > _SHOWN,
    )


def _properties(
    pairs: Iterable[tuple[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]], labels: Mapping[str, str]
) -> list[PropertyView]:
    found: dict[str, set[PropertyValue]] = defaultdict(set)
    for prop, value in pairs:
        if isinstance(value, ox.NamedNode):
            found[prop].add(PropertyValue(labels.get(value.value) or _spell_name(value.value), value.value))
        elif isinstance(value, ox.Literal):
            found[prop].add(PropertyValue(value.value))
    listed = (
        PropertyView(prop, labels.get(prop) or _spell_name(prop), _comments().get(prop, ""), _sort_values(values))
        for prop, values in found.items()
    )
    return sorted(listed, key=lambda each: (each.iri not in _LABELS, each.label.lower(), each.iri))


def _spell_name(iri: str) -> str:
    """Return the name of something of another vocabulary: its words, as the IRI ends in them."""
    name = terms.local_name(iri) or iri
    return _FOREIGN.get(name) or (_HUMP.sub(" ", name).lower() if iri.startswith(_OTHERS) else name)


def _sort_values(values: Iterable[PropertyValue]) -> tuple[PropertyValue, ...]:
    return tuple(sorted(values, key=lambda value: (value.words.lower(), value.words, value.iri or "")))


async def _labels(asked: PageRequest, iris: set[str]) -> dict[str, str]:
    """Return the labels of nodes: of the shipped vocabularies from memory, of others from the graph."""
    known = {iri: _shipped_labels()[iri] for iri in iris if iri in _shipped_labels()}
    own = sorted(iri for iri in iris - known.keys() if iri.startswith(asked.site.pool.manifest.base))
    for label in _LABELS if own else ():
        nodes = " ".join(f"<{iri}>" for iri in own)
        rows = await asked.rows(_NAMED.format(nodes=nodes, label=label))
        known |= {row["node"]: row["label"] for row in rows if row["node"] not in known}
    return known


def _own_labels(triples: Iterable[ox.Triple]) -> dict[str, str]:
    return {_iri(t.subject): _words(t.object) for t in triples if _iri(t.predicate) in _LABELS}


def _iri(node: object) -> str:
    """Return the IRI of a node, nothing for a node of another kind."""
    return node.value if isinstance(node, ox.NamedNode) else ""


def _words(node: object) -> str:
    """Return what a literal says."""
    return node.value if isinstance(node, ox.Literal) else ""


@cache
def _shipped_labels() -> Mapping[str, str]:
    """Return the labels of all that the ontology and the vocabularies name."""
    return {**_of_vocabulary(_LABELS[1]), **_of_vocabulary(_LABELS[0])}


@cache
def _comments() -> Mapping[str, str]:
    return _of_vocabulary(f"{terms.RDFS}comment")


def _of_vocabulary(prop: str) -> dict[str, str]:
    return {_iri(t.subject): _words(t.object) for t in vocabulary_triples() if _iri(t.predicate) == prop}
