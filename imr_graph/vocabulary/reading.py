"""Reading the SKOS files of `ontology/` into concepts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from imr_graph import iris
from imr_graph.errors import ToolError
from imr_graph.vocabulary.concepts import KINDS, Concept, Guideline, Kind, ReasonType, Section, Treatment

__all__ = ["read_concepts"]

_TYPE = f"{iris.RDF}type"
_CHAPTER = "chapter"  # the skos:notation that marks a section of the ODG as one of its chapters
_BY_TYPE = {iris.IMR + kind.class_name: kind for kind in KINDS}
_ALSO = frozenset((f"{iris.SKOS}ConceptScheme",))  # classes of individuals that are no concepts

_Properties = dict[str, list[Any]]


def read_concepts(files: Iterable[Path]) -> Iterator[Concept]:
    """Yield every concept of vocabulary files, in their order.

    Raises ToolError where a file is not valid Turtle, or an individual has no class of `KINDS` or lacks what each of
    its kind has to have; `imr-graph vocabulary check` names all such places with their lines.
    """
    for path in files:
        for iri, properties in _subjects(path).items():
            kind = next((_BY_TYPE[t] for t in properties.get(_TYPE, ()) if t in _BY_TYPE), None)
            if kind is not None:
                yield _concept(path, iri, kind, properties)
            elif iri.startswith(iris.BASE) and _ALSO.isdisjoint(properties.get(_TYPE, ())):
                raise _broken(path, iri, "has no class of the vocabulary")


def _broken(path: Path, iri: str, what: str) -> ToolError:
    where = f"{path}: id:{iris.local_name(iri)}"
    return ToolError(f"{where} {what}; 'imr-graph vocabulary check' names the line and the way out.")


def _subjects(path: Path) -> dict[str, _Properties]:
    subjects: dict[str, _Properties] = defaultdict(lambda: defaultdict(list))
    try:
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            subjects[quad.subject.value][quad.predicate.value].append(quad.object.value)
    except (SyntaxError, ValueError) as error:
        raise ToolError(f"{path}: the vocabulary is not valid Turtle ({error}); restore or mend the file.") from error
    return subjects


def _concept(path: Path, iri: str, kind: Kind, properties: _Properties) -> Concept:
    def texts(name: str, base: str = iris.SKOS) -> tuple[str, ...]:
        return tuple(properties.get(base + name, ()))

    def ids(name: str, prefix: str) -> tuple[str, ...]:
        return tuple(iris.local_name(value).removeprefix(prefix) for value in properties.get(iris.IMR + name, ()))

    for name in ("skos:prefLabel", *kind.required):
        prefix, _, local = name.partition(":")
        if not properties.get(iris.PREFIXES[prefix] + local):
            raise _broken(path, iri, f"has no {name}")
    local = iris.local_name(iri).removeprefix(kind.prefix)
    notations = texts("notation")
    shared: dict[str, Any] = {
        "id": local if kind.record is Section else next(iter(notations), local),
        "iri": iri,
        "kind": kind.name,
        "label": texts("prefLabel")[0],
        "alternatives": texts("altLabel"),
        "hidden": texts("hiddenLabel"),
        "broader": texts("broader"),
    }
    if kind.record is Guideline:
        return Guideline(
            **shared,
            year=next((int(y) for y in texts("year", iris.IMR)), None),
            regulation=next(iter(texts("regulation", iris.IMR)), None),
            chapters=tuple(sorted(int(c) for c in texts("acoemChapter", iris.IMR))),
            in_force=next(map(date.fromisoformat, texts("valid", iris.DCTERMS)), None),
        )
    if kind.record is Section:
        return Section(**shared, guideline=ids("sectionOf", "guideline-")[0], is_chapter=_CHAPTER in notations)
    if kind.record is Treatment:
        return Treatment(
            **shared,
            fallbacks=texts("fallbackLabel", iris.IMR),
            fields=texts("fieldLabel", iris.IMR),
            subsumes=frozenset(ids("subsumes", "treatment-")),
            regions=frozenset(ids("typicalRegion", "region-")),
            ingredients=ids("hasIngredient", "treatment-"),
        )
    if kind.record is ReasonType:
        return ReasonType(**shared, counterpart=next(iter(ids("counterpart", kind.prefix)), None))
    return Concept(**shared)
