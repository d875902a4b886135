"""Reading the SKOS files of `ontology/` into concepts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from imr_graph.errors import ToolError
from imr_graph.vocabulary.concepts import Concept, Guideline, Kind, Section, Treatment

__all__ = ["FILES", "concepts"]

# imr.ttl is read for the lateralities, whose names are found in headings as those of body regions are.
FILES = (
    "imr.ttl",
    "guidelines.ttl",
    "sections.ttl",
    "specialties.ttl",
    "states.ttl",
    "categories.ttl",
    "procedures.ttl",
    "drugs.ttl",
    "body-regions.ttl",
)

_IMR = "https://w3id.org/imr-graph/ontology#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_CHAPTER = "chapter"  # the skos:notation that marks a section of the ODG as one of its chapters

# class -> kind, and the prefix that an individual's local name carries before its id
_KINDS: dict[str, tuple[Kind, str]] = {
    _IMR + "BodyRegion": ("body-region", "region-"),
    _IMR + "TreatmentCategory": ("category", "category-"),
    _IMR + "Guideline": ("guideline", "guideline-"),
    _IMR + "Laterality": ("laterality", ""),
    _IMR + "NonTreatment": ("phrase", "phrase-"),
    _IMR + "DrugProduct": ("product", "product-"),
    _IMR + "Section": ("section", "section-"),
    _IMR + "Specialty": ("specialty", "specialty-"),
    _IMR + "State": ("state", "state-"),
    _IMR + "Treatment": ("treatment", "treatment-"),
}

_Properties = dict[str, list[Any]]


def concepts(folder: Path) -> Iterator[Concept]:
    """Yield every concept of the vocabulary files in a folder, in file order; a file that is not there is left out.

    Raises ToolError where a file is not valid Turtle.
    """
    for name in FILES:
        path = folder / name
        if path.is_file():
            for iri, properties in _subjects(path).items():
                kind = next((_KINDS[t] for t in properties.get(_TYPE, ()) if t in _KINDS), None)
                if kind is not None:
                    yield _concept(iri, kind, properties)


def _subjects(path: Path) -> dict[str, _Properties]:
    subjects: dict[str, _Properties] = defaultdict(lambda: defaultdict(list))
    try:
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            subjects[quad.subject.value][quad.predicate.value].append(quad.object.value)
    except (SyntaxError, ValueError) as error:
        raise ToolError(f"{path}: the vocabulary is not valid Turtle ({error}); restore or mend the file.") from error
    return subjects


def _concept(iri: str, kind: tuple[Kind, str], properties: _Properties) -> Concept:
    def texts(name: str, base: str = _SKOS) -> tuple[str, ...]:
        return tuple(properties.get(base + name, ()))

    def ids(name: str, prefix: str) -> tuple[str, ...]:
        return tuple(_local(value, prefix) for value in properties.get(_IMR + name, ()))

    name, prefix = kind
    local = _local(iri, prefix)
    notations = texts("notation")
    shared: dict[str, Any] = {
        "id": local if name == "section" else next(iter(notations), local),
        "iri": iri,
        "kind": name,
        "label": next(iter(texts("prefLabel")), local),
        "alternatives": texts("altLabel"),
        "hidden": texts("hiddenLabel"),
        "broader": texts("broader"),
    }
    if name == "guideline":
        return Guideline(
            **shared,
            year=next((int(y) for y in texts("year", _IMR)), None),
            regulation=next(iter(texts("regulation", _IMR)), None),
            chapters=tuple(sorted(int(c) for c in texts("acoemChapter", _IMR))),
        )
    if name == "section":
        return Section(**shared, guideline=next(iter(ids("sectionOf", "guideline-"))), is_chapter=_CHAPTER in notations)
    if name in ("treatment", "product", "phrase"):
        return Treatment(
            **shared,
            fallbacks=texts("fallbackLabel", _IMR),
            fields=texts("fieldLabel", _IMR),
            subsumes=frozenset(ids("subsumes", "treatment-")),
            regions=frozenset(ids("typicalRegion", "region-")),
            ingredients=ids("hasIngredient", "treatment-"),
        )
    return Concept(**shared)


def _local(iri: str, prefix: str) -> str:
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1].removeprefix(prefix)
