"""What SKOS tools expect beside what the vocabularies' files say: it follows from them, so nobody writes it.

Source of the rules: SKOS Reference (W3C, 2009), sections 4 and 8.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from imr_graph.iris import RDF, RDFS, SKOS

__all__ = ["CONCEPT", "complete_skos"]

CONCEPT: Final = ox.NamedNode(f"{SKOS}Concept")
_TYPE, _SUBCLASS = ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{RDFS}subClassOf")
_BROADER, _NARROWER = ox.NamedNode(f"{SKOS}broader"), ox.NamedNode(f"{SKOS}narrower")
_IN_SCHEME, _TOP = ox.NamedNode(f"{SKOS}inScheme"), ox.NamedNode(f"{SKOS}hasTopConcept")

_Links = dict[ox.NamedNode, set[ox.NamedNode]]


def complete_skos(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield what follows from the triples of the ontology and all its vocabularies together.

    Each individual of a subclass of skos:Concept is one explicitly. The hierarchy is said downwards as well. What
    stands above a concept belongs to the concept's scheme too, so that each scheme is a whole tree: that of treatments
    begins with the categories. A concept with nothing above it is a top concept of its schemes.
    """
    links: dict[ox.NamedNode, _Links] = {each: defaultdict(set) for each in (_TYPE, _SUBCLASS, _BROADER, _IN_SCHEME)}
    for triple in triples:
        if triple.predicate in links:
            assert isinstance(triple.subject, ox.NamedNode)
            assert isinstance(triple.object, ox.NamedNode)
            links[triple.predicate][triple.subject].add(triple.object)
    broader, schemes = links[_BROADER], links[_IN_SCHEME]
    classes = {name for name, above in links[_SUBCLASS].items() if CONCEPT in above}
    for concept in [node for node, types in links[_TYPE].items() if types & classes]:
        yield ox.Triple(concept, _TYPE, CONCEPT)
        above = _ancestors(concept, broader)
        yield from (ox.Triple(parent, _NARROWER, concept) for parent in broader.get(concept, ()))
        for scheme in schemes.get(concept, ()):
            yield from (ox.Triple(each, _IN_SCHEME, scheme) for each in above)
            yield from (ox.Triple(scheme, _TOP, each) for each in (concept, *above) if not broader.get(each))


def _ancestors(concept: ox.NamedNode, broader: _Links) -> set[ox.NamedNode]:
    found, waiting = set[ox.NamedNode](), [concept]
    while waiting:
        for parent in broader.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
