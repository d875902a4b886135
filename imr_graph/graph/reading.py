"""From the graph back to the record: a determination as its nodes tell it.

Lookups go node by node (`quads_for_pattern`): an OPTIONAL in a query would be evaluated for the whole graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.fields import CASE, CITATION, ITEM, LETTER, REASON, REVIEWER, SIDES, Field, Level
from imr_graph.graph.cases import has_case, near_cases, owned_nodes
from imr_graph.graph.literals import element_name, read_spans
from imr_graph.graph.readable import GraphStore, ReadableGraph
from imr_graph.graph.resolver import NameResolver, default_resolver
from imr_graph.model import Determination, Span
from imr_graph.records import from_record

__all__ = ["determination_of"]

_Values = Mapping[str, list[str]]
_Record = dict[str, Any]
_SORTED_BY: Final[Mapping[str, Callable[[str], Any]]] = {"page": lambda iri: int(iri.rpartition("-")[2])}


def determination_of(store: GraphStore, key: str, *, names: NameResolver | None = None) -> Determination:
    """Return the determination of a case as the graph holds it; `key` is the case number or what stands in for it.

    Sets come sorted (treatments, regions, states); sections in the order in which they stand in the citation's text.
    `source` is the file's name without folders. Raises UnknownNameError, with near keys, where there is no such case.
    """
    case = terms.case_iri(key, store.base)
    if not has_case(store.graph, case):
        raise UnknownNameError("case", key, near_cases(store, key))
    return _CaseReader(store, case, names or default_resolver()).determination()


class _CaseReader:
    """The nodes of one case, read once, and the spans found on the way."""

    def __init__(self, store: GraphStore, case: str, names: NameResolver) -> None:
        self.case, self.names, self.base = case, names, store.base
        self.nodes = {node: _values(store.graph, node) for node in owned_nodes(store.graph, case)}
        self.spans: dict[str, Span] = {}

    def determination(self) -> Determination:
        values = self.nodes[self.case]
        letter = self._fields(LETTER, self.nodes[values["documentedIn"][0]], "")
        items = sorted(values["hasDisputedItem"], key=lambda item: int(self.nodes[item]["position"][0]))
        passages = sorted(map(_passage, values["unparsedPassage"]), key=lambda u: (u["start"], u["end"]))
        record = {
            "source": letter.pop("file_name") or letter["sha256"],
            **letter,
            **self._fields(CASE, values, ""),
            "reviewer": self._reviewer(self.nodes[values["hasReviewer"][0]]),
            "items": [self._item(item, f"/items/{index}") for index, item in enumerate(items)],
            "unparsed": passages,
        }
        return replace(from_record(record), spans=self.spans)

    def _fields(self, level: Level, values: _Values, at: str) -> _Record:
        """Return the fields of a node as the record has them, and note their places."""
        record: _Record = {}
        self._note_spans(level, values, at)
        for each in level.fields:
            holder = record
            for step in each.steps[:-1]:
                holder = holder.setdefault(step, {})
            holder[each.steps[-1]] = self._value(each, values, at)
        return record

    def _value(self, of: Field, values: _Values, at: str) -> Any:
        if not of.several:
            found = values[of.term]
            return _parse_value(of, found[0]) if found else ("" if of.required else None)
        if of.kind in ("specialty", "section"):
            return None  # by their printed names
        if of.kind == "word":
            return self._words(values, f"{at}/{of.path}", of.term)
        iris = sorted(values[of.term], key=_SORTED_BY.get(of.kind))
        self._note_elements(values, f"{at}/{of.path}", of.term, iris)
        return [_parse_value(of, iri) for iri in iris]

    def _words(self, values: _Values, at: str, prop: str) -> list[str]:
        """Return a property's several texts as the letter prints them: in their order, one as often as it stands."""
        by_name = {element_name(text): text for text in sorted(values[prop])}
        places = [(place.span, place.value) for place in _places(values) if place.property == prop and place.value]
        named = [(span, name) for span, name in sorted(places) if name in by_name]
        self.spans |= {f"{at}/{index}": span for index, (span, _) in enumerate(named)}
        placed = {name for _, name in named}
        return [by_name[name] for _, name in named] + [text for name, text in by_name.items() if name not in placed]

    def _reviewer(self, values: _Values) -> _Record:
        printed = {self.names.specialty(label, self.base).iri: label for label in sorted(values["specialtyName"])}
        labelled = {iri: printed.get(iri) or self._label(iri) for iri in values["hasSpecialty"]}
        specialties = sorted(labelled, key=lambda iri: labelled[iri])
        self._note_elements(values, "/reviewer/specialties", "hasSpecialty", specialties)
        return {**self._fields(REVIEWER, values, "/reviewer"), "specialties": [labelled[iri] for iri in specialties]}

    def _item(self, node: str, at: str) -> _Record:
        values = self.nodes[node]
        record = self._fields(ITEM, values, at)
        for side in SIDES:
            cited = [
                node for node in values["hasCitation"] if self.nodes[node]["citedBy"][0].endswith(f"#{side.party}")
            ]
            cited.sort(key=lambda node: int(node.rpartition("-")[2]))
            where = f"{at}/{side.path}/citations"
            record[side.path]["citations"] = [self._citation(node, f"{where}/{n}") for n, node in enumerate(cited)]
        reasons = sorted(values["hasReason"], key=lambda node: int(node.rpartition("-")[2]))
        record["reasons"] = [self._reason(node, f"{at}/reasons/{index}") for index, node in enumerate(reasons)]
        return record

    def _reason(self, node: str, at: str) -> _Record:
        values = self.nodes[node]
        record = self._fields(REASON, values, at)
        if span := self.spans.pop(at, None):  # the sentence states both the reason and its words
            self.spans |= {f"{at}/reason": span, f"{at}/text": span}
        return record

    def _citation(self, node: str, at: str) -> _Record:
        values = self.nodes[node]
        record = self._fields(CITATION, values, at)
        guideline, chapter, text = record["guideline"], record["chapter"], record["text"]
        places = _by_value(values, "citesSection")
        nodes = {name: self.names.section(guideline, chapter, name, self.base).iri for name in values["sectionName"]}
        # Two names may mean one section: then the first of them stands at the first of its places.
        printed = sorted(nodes, key=lambda name: (_position(text, name), name))
        starts = {name: next(places[terms.local_name(nodes[name])], Span(0, 0)).start for name in printed}
        sections = sorted(printed, key=lambda name: (starts[name], _position(text, name), name))
        self._note_elements(values, f"{at}/sections", "citesSection", [nodes[name] for name in sections])
        return {**record, "sections": sections}

    def _note_spans(self, level: Level, values: _Values, at: str) -> None:
        """Note the spans of a node and of its single values."""
        if values["textStart"] and values["textEnd"]:
            self.spans[at] = Span(int(values["textStart"][0]), int(values["textEnd"][0]))
        pointers = {each.term: f"{at}/{each.path}" for each in level.fields if not each.several}
        for place in _places(values):
            if place.value is None and place.property in pointers:
                self.spans[pointers[place.property]] = place.span

    def _note_elements(self, values: _Values, at: str, prop: str, iris: list[str]) -> None:
        """Note the spans of a property's several values, by their places in the record's list."""
        places = _by_value(values, prop)
        for index, iri in enumerate(iris):
            span = next(places[terms.local_name(iri)], None)
            if span is not None:
                self.spans[f"{at}/{index}"] = span

    def _label(self, iri: str) -> str:
        concept = self.names.vocabulary.concept(iri)
        return concept.label if concept else _id(iri)


def _parse_value(of: Field, value: str) -> Any:
    """Return a value as the record has it from what the graph has."""
    if of.codes is not None:
        return next((word for word, name in of.codes.items() if value == terms.term(name)), None)
    if of.scheme is not None:
        return _id(value)
    if of.kind == "page":
        return int(value.rpartition("-")[2])
    if of.kind == "number":
        return int(value)
    return value == "true" if of.kind == "flag" else value


def _values(graph: ReadableGraph, node: str) -> _Values:
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


def _id(iri: str) -> str:
    """Return the id of a concept: what follows the kind in its IRI."""
    return unquote(terms.local_name(iri).partition("-")[2])


def _position(text: str, name: str) -> int:
    for within, wanted in ((text, name), (text.lower(), name.lower())):
        if (found := within.find(wanted)) >= 0:
            return found
    return len(text)


def _passage(literal: str) -> _Record:
    place, where, text = literal.split(" ", 2)
    start, _, end = place.partition("-")
    return {"start": int(start), "end": int(end), "text": text, "where": where}
