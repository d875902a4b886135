"""The ontology and its vocabularies as records: what the documentation and the query editor tell of each term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import resources

__all__ = ["KINDS", "Ontology", "Term", "VocabularyInfo", "read_ontology", "read_schemes"]

_OWL: Final = "http://www.w3.org/2002/07/owl#"
_RANGE_INCLUDES: Final = "https://schema.org/rangeIncludes"  # where OWL 2 lacks the datatype
# The kinds of terms in the order of the page, by their class; what has another class is an individual of it.
KINDS: Final[Mapping[str, str]] = {
    f"{_OWL}Class": "class",
    f"{_OWL}ObjectProperty": "relation",
    f"{_OWL}DatatypeProperty": "attribute",
    f"{_OWL}AnnotationProperty": "label",
    f"{terms.RDFS}Datatype": "datatype",
    "": "individual",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the ontology; `aligned` are terms of other vocabularies with the kind of alignment, as IRIs.

    `types` are the classes of an individual, `parents` what a class or a property is a kind of. `inverse` is what the
    graph holds in the place of this property.
    """

    iri: str
    name: str
    kind: str
    label: str
    comment: str
    examples: tuple[str, ...]
    types: tuple[str, ...]
    parents: tuple[str, ...]
    domains: tuple[str, ...]
    ranges: tuple[str, ...]
    aligned: tuple[tuple[str, str], ...]
    inverse: str = ""


@dataclass(frozen=True, slots=True)
class Ontology:
    """The ontology: what it says of itself by local names, and its terms in the order of the file."""

    about: Mapping[str, str]
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class VocabularyInfo:
    """A vocabulary: its id, title, description, the number of its concepts, and the files of `ontology/` it is in."""

    name: str
    title: str
    description: str
    concepts: int
    files: tuple[str, ...]


@cache
def read_ontology() -> Ontology:
    """Return the ontology of `ontology/imr.ttl`."""
    facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in _triples(resources.ontology() / "imr.ttl"):
        facts[subject][predicate].append(value)
    own = facts.pop(terms.IMR.removesuffix("#"))
    about = {terms.local_name(predicate): values[0] for predicate, values in own.items()}
    return Ontology(about, tuple(_term(iri, said) for iri, said in facts.items() if iri.startswith(terms.IMR)))


@cache
def read_schemes() -> tuple[VocabularyInfo, ...]:
    """Return the vocabularies, by their titles."""
    titles: dict[str, dict[str, str]] = defaultdict(dict)
    concepts: dict[str, int] = defaultdict(int)
    files: dict[str, set[str]] = defaultdict(set)
    for path in resources.vocabulary_files():
        for subject, predicate, value in _triples(path):
            if predicate == f"{terms.SKOS}inScheme":
                concepts[value] += 1
                files[value].add(path.name)
            elif predicate.startswith(terms.DCTERMS) and "/id/scheme-" in subject:
                titles[subject][terms.local_name(predicate)] = value
    found = (
        VocabularyInfo(
            terms.local_name(iri), said["title"], said["description"], concepts[iri], tuple(sorted(files[iri]))
        )
        for iri, said in titles.items()
    )
    return tuple(sorted(found, key=lambda scheme: scheme.title))


def _triples(path: Path) -> Iterator[tuple[str, str, str]]:
    for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            yield subject.value, quad.predicate.value, value.value


def _term(iri: str, said: Mapping[str, list[str]]) -> Term:
    types = said.get(f"{terms.RDF}type", [])
    kind = next((KINDS[one] for one in types if one in KINDS), "individual")
    parents = said.get(f"{terms.RDFS}subClassOf", []) + said.get(f"{terms.RDFS}subPropertyOf", [])
    matches = [(p, v) for p, values in said.items() if p.endswith("Match") for v in values]
    return Term(
        iri=iri,
        name=iri.removeprefix(terms.IMR),
        kind=kind,
        label=said.get(f"{terms.RDFS}label", [""])[0],
        comment=" ".join(said.get(f"{terms.RDFS}comment", [])),
        examples=tuple(said.get(f"{terms.SKOS}example", ())),
        types=tuple(one for one in types if one.startswith(terms.IMR)),
        parents=tuple(parents),
        domains=tuple(said.get(f"{terms.RDFS}domain", ())),
        ranges=tuple(said.get(_RANGE_INCLUDES, said.get(f"{terms.RDFS}range", ()))),
        inverse=next(iter(said.get(f"{_OWL}inverseOf", ())), ""),
        aligned=tuple((terms.local_name(predicate), value) for predicate, value in matches),
    )
