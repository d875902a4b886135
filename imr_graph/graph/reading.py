"""From the graph back to the record: a determination as its nodes tell it.

Lookups go node by node (`quads_for_pattern`): an OPTIONAL in a query would be evaluated for the whole graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypeVar, cast
from urllib.parse import unquote

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph import mapping
from imr_graph.graph.resolver import Names, shipped_names
from imr_graph.graph.spans import read_spans
from imr_graph.model import Citation, Dates, Determination, DisputedItem, Party, Patient, Reviewer, Span, Unparsed
from imr_graph.store import catalog
from imr_graph.store.cases import has_case, owned_nodes
from imr_graph.store.graph_store import GraphStore, cases

__all__ = ["determination_of"]

_Values = Mapping[str, list[str]]
T = TypeVar("T")


def determination_of(store: GraphStore, key: str, *, names: Names | None = None) -> Determination:
    """Return the determination of a case as the graph holds it; `key` is the case number or what stands in for it.

    Sets come sorted (treatments, regions, states); sections in the order in which they stand in the citation's text.
    `source` is the file's name without folders. Raises UnknownNameError, with near keys, where there is no such case.
    """
    case = terms.case_iri(key, store.base)
    if not has_case(store.graph, case):
        known = catalog.near_keys(store.path, store.generation, key) if store.path else tuple(cases(store))
        raise UnknownNameError("case", key, known)
    return _Reading(store, case, names or shipped_names()).determination()


class _Reading:
    """The nodes of one case, read once, and the spans found on the way."""

    def __init__(self, store: GraphStore, case: str, names: Names) -> None:
        self.case, self.names, self.base = case, names, store.base
        self.nodes = {node: _values(store.graph, node) for node in owned_nodes(store.graph, case)}
        self.spans: dict[str, Span] = {}

    def determination(self) -> Determination:
        values = self.nodes[self.case]
        letter = self.nodes[values["documentedIn"][0]]
        self._evidence(values, "", _CASE_POINTERS)
        items = sorted(values["hasDisputedItem"], key=lambda item: int(self.nodes[item]["position"][0]))
        dates = {name: _one(values, prop) for name, prop in mapping.DATES.items()}
        return Determination(
            source=_one(letter, "sourceName") or "",
            sha256=_one(letter, "sha256") or "",
            layout=_one(letter, "layout") or "",
            case_number=_one(values, "caseNumber"),
            priority=cast("Any", _one(values, "priority")),
            dates=Dates(**{name: date.fromisoformat(day) if day else None for name, day in dates.items()}),
            outcome=_word(values, "outcome", mapping.DECISIONS),
            patient=self._patient(values),
            reviewer=self._reviewer(values),
            summary=_one(values, "clinicalSummary"),
            items=tuple(self._item(item, index) for index, item in enumerate(items)),
            unparsed=tuple(
                sorted((_passage(text) for text in values["unparsedPassage"]), key=lambda u: (u.start, u.end))
            ),
            spans=self.spans,
        )

    def _patient(self, values: _Values) -> Patient:
        age = _one(values, "patientAge")
        return Patient(int(age) if age else None, _word(values, "patientSex", mapping.SEXES))

    def _reviewer(self, case: _Values) -> Reviewer:
        values = self.nodes[case["hasReviewer"][0]]
        printed = {self.names.specialty(label, self.base).iri: label for label in sorted(values["specialtyName"])}
        labelled = {iri: printed.get(iri) or self._label(iri) for iri in values["hasSpecialty"]}
        specialties = sorted(labelled, key=lambda iri: labelled[iri])
        states = sorted(values["licensedIn"])
        self._evidence(values, "/reviewer", {})
        self._indexed(values, "/reviewer/specialties", "hasSpecialty", specialties)
        self._indexed(values, "/reviewer/states", "licensedIn", states)
        return Reviewer(tuple(labelled[iri] for iri in specialties), tuple(_id(iri, "state-") for iri in states))

    def _item(self, node: str, index: int) -> DisputedItem:
        values, at = self.nodes[node], f"/items/{index}"
        treatments, regions = sorted(values["requestsTreatment"]), sorted(values["bodyRegion"])
        self._evidence(values, at, _ITEM_POINTERS)
        self._indexed(values, f"{at}/treatments", "requestsTreatment", treatments)
        self._indexed(values, f"{at}/body_regions", "bodyRegion", regions)
        decision = _word(values, "decision", mapping.DECISIONS)
        return DisputedItem(
            heading=_one(values, "heading") or "",
            decision=cast("Any", decision),
            service=_one(values, "service") or "",
            requested=_one(values, "requestedService"),
            authorized=_one(values, "authorizedService"),
            retrospective=_one(values, "retrospective") == "true",
            surgical_adjunct=_one(values, "surgicalAdjunct") == "true",
            treatments=tuple(_id(iri, "treatment-") for iri in treatments),
            body_regions=tuple(_id(iri, "region-") for iri in regions),
            laterality=_word(values, "laterality", mapping.LATERALITIES),
            claims_administrator=self._party(values, f"{at}/claims_administrator", "Administrator"),
            reviewer=self._party(values, f"{at}/reviewer", "Reviewer"),
            rationale=_one(values, "rationale"),
        )

    def _party(self, item: _Values, at: str, side: str) -> Party:
        cited = [node for node in item["hasCitation"] if self.nodes[node]["citedBy"][0].endswith(side)]
        cited.sort(key=lambda node: int(node.rpartition("-")[2]))
        stance = _word(item, f"{side.lower()}Stance", mapping.STANCES)
        return Party(stance, tuple(self._citation(node, f"{at}/citations/{n}") for n, node in enumerate(cited)))

    def _citation(self, node: str, at: str) -> Citation:
        values = self.nodes[node]
        text = _one(values, "citationText") or ""
        chapter = _one(values, "chapter")
        guideline = _id(values["citesGuideline"][0], "guideline-")
        pages = sorted(values["citesPage"], key=lambda iri: int(iri.rpartition("-")[2]))
        self._evidence(values, at, _CITATION_POINTERS)
        places = _by_value(values, "citesSection")
        nodes = {name: self.names.section(guideline, chapter, name, self.base).iri for name in values["sectionName"]}
        # Two names may mean one section: then the first of them stands at the first of its places.
        printed = sorted(nodes, key=lambda name: (_position(text, name), name))
        starts = {name: next(places[terms.local_name(nodes[name])], Span(0, 0)).start for name in printed}
        sections = sorted(printed, key=lambda name: (starts[name], _position(text, name), name))
        self._indexed(values, f"{at}/sections", "citesSection", [nodes[name] for name in sections])
        self._indexed(values, f"{at}/pages", "citesPage", pages)
        return Citation(
            basis=cast("Any", _word(values, "basis", mapping.BASES)),
            guideline=guideline,
            text=text,
            chapter=chapter,
            sections=tuple(sections),
            pages=tuple(int(iri.rpartition("-")[2]) for iri in pages),
        )

    def _evidence(self, values: _Values, at: str, pointers: Mapping[str, str]) -> None:
        """Note the spans of a node and of its single values."""
        if values["textStart"] and values["textEnd"]:
            self.spans[at] = Span(int(values["textStart"][0]), int(values["textEnd"][0]))
        for place in _places(values):
            if place.value is None and place.property in pointers:
                self.spans[f"{at}{pointers[place.property]}"] = place.span

    def _indexed(self, values: _Values, at: str, prop: str, iris: list[str]) -> None:
        """Note the spans of a property's several values, by their places in the record's list."""
        places = _by_value(values, prop)
        for index, iri in enumerate(iris):
            span = next(places[terms.local_name(iri)], None)
            if span is not None:
                self.spans[f"{at}/{index}"] = span

    def _label(self, iri: str) -> str:
        concept = self.names.vocabulary.concept(iri)
        return concept.label if concept else _id(iri, "specialty-")


_CASE_POINTERS = {
    "caseNumber": "/case_number",
    "priority": "/priority",
    **{prop: f"/dates/{name}" for name, prop in mapping.DATES.items()},
    "outcome": "/outcome",
    "patientAge": "/patient/age",
    "patientSex": "/patient/sex",
    "clinicalSummary": "/summary",
}
_ITEM_POINTERS = {
    "heading": "/heading",
    "decision": "/decision",
    "service": "/service",
    "requestedService": "/requested",
    "authorizedService": "/authorized",
    "retrospective": "/retrospective",
    "surgicalAdjunct": "/surgical_adjunct",
    "laterality": "/laterality",
    "rationale": "/rationale",
    "administratorStance": "/claims_administrator/stance",
    "reviewerStance": "/reviewer/stance",
}
_CITATION_POINTERS = {"basis": "/basis", "citesGuideline": "/guideline", "citationText": "/text", "chapter": "/chapter"}


def _values(graph: ox.Store, node: str) -> _Values:
    found: dict[str, list[str]] = defaultdict(list)
    for quad in graph.quads_for_pattern(ox.NamedNode(node), None, None, ox.DefaultGraph()):
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            found[terms.local_name(quad.predicate.value)].append(quad.object.value)
    return found


def _places(values: _Values) -> tuple[Any, ...]:
    return read_spans(values["spans"][0]) if values["spans"] else ()


def _by_value(values: _Values, prop: str) -> Mapping[str, Iterator[Span]]:
    """Return the places of each of a property's values in their order, by the local name of the value's IRI."""
    found: dict[str, list[Span]] = defaultdict(list)
    for place in _places(values):
        if place.property == prop and place.value is not None:
            found[place.value].append(place.span)
    return defaultdict(lambda: iter(()), {value: iter(sorted(spans)) for value, spans in found.items()})


def _one(values: _Values, prop: str) -> str | None:
    return values[prop][0] if values[prop] else None


def _word(values: _Values, prop: str, individuals: Mapping[str, str]) -> Any:
    """Return the record's word for an individual of the ontology."""
    found = _one(values, prop)
    return next((word for word, name in individuals.items() if found and found.endswith(f"#{name}")), None)


def _id(iri: str, prefix: str) -> str:
    return unquote(terms.local_name(iri).removeprefix(prefix))


def _position(text: str, name: str) -> int:
    for within, wanted in ((text, name), (text.lower(), name.lower())):
        if (found := within.find(wanted)) >= 0:
            return found
    return len(text)


def _passage(literal: str) -> Unparsed:
    place, where, text = literal.split(" ", 2)
    start, _, end = place.partition("-")
    return Unparsed(int(start), int(end), text, where)
