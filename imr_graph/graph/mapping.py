"""From a determination to its triples: pure, from templates, sorted, without blank nodes.

The text is the one truth: `triples` parses what `ntriples` writes. A line is a triple; lines are in code point order
and none stands twice, so that equal determinations give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.fields import CASE, CITATION, ITEM, LETTER, LEVELS, REASON, REVIEWER, SIDES, Field, Level
from imr_graph.graph.literals import (
    SpanCollector,
    boolean,
    date_literal,
    element_name,
    english_literal,
    integer,
    string,
)
from imr_graph.graph.resolver import NameResolver, default_resolver
from imr_graph.iris import IMR, RDF, SKOS
from imr_graph.model import Citation, Determination, DisputedItem, Span

__all__ = ["ntriples", "triples"]

_TYPE: Final = f"<{RDF}type> <{IMR}"
_DAYS: Final = 4_096  # ten years and more of letters
_KEPT: Final = 4_096  # concepts
_LITERALS: Final[Mapping[str, Callable[[Any], str]]] = {
    "text": string,
    "word": string,
    "date": lru_cache(_DAYS)(lambda day: date_literal(day.isoformat())),
    "number": integer,
    "flag": {value: boolean(value) for value in (True, False)}.__getitem__,
}
_MINTED: Final = ("guideline", "specialty", "section", "page")
_CONCEPTS: Final[Mapping[str, Callable[[str], str]]] = {
    "treatments": terms.treatment_iri,
    "body_regions": terms.region_iri,
    "states": terms.state_iri,
    "reasons": terms.reason_type_iri,
}


def triples(
    determination: Determination,
    *,
    base: str = terms.BASE,
    names: NameResolver | None = None,
    key: str | None = None,
) -> Iterator[ox.Triple]:
    """Yield the triples of a determination in order; the arguments are those of `ntriples`."""
    text = ntriples(determination, base=base, names=names, key=key)
    return (quad.triple for quad in ox.parse(text.encode(), ox.RdfFormat.N_TRIPLES))


def ntriples(
    determination: Determination,
    *,
    base: str = terms.BASE,
    names: NameResolver | None = None,
    key: str | None = None,
) -> str:
    """Return a determination as N-Triples, sorted, each line once.

    `base` starts the IRIs of the data. `names` resolves section and specialty names (the shipped vocabularies by
    default). `key` names the case where its own key is taken by another letter of the same case number.
    """
    sheet = _TripleBuffer(base, names or default_resolver(), determination.spans)
    case = terms.case_iri(key or determination.key, base)
    _case(sheet, determination, case)
    _letter(sheet, determination, case)
    _reviewer(sheet, determination, case)
    for number, item in enumerate(determination.items, 1):
        _item(sheet, item, number, case)
    sheet.lines += [f"<{node}> <{SKOS}prefLabel> {label} ." for node, label in sheet.labels.items()]
    return "\n".join(sorted(set(sheet.lines))) + "\n"


@dataclass(slots=True)
class _TripleBuffer:
    """What one letter's triples are written on; `labels` are those of the nodes that it mints."""

    base: str
    names: NameResolver
    spans: Mapping[str, Span]
    lines: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    def label(self, node: str, name: str) -> None:
        """Note the label of a node that the letter shares with others; it follows from the node's IRI."""
        self.labels[node] = english_literal(name)


class _Plan(NamedTuple):
    """How a level's fields are written, but for those that mint nodes: what is the same for all letters, made once.

    `values` returns the values of all fields of a record. For each there are its pointer, its property, and the
    function that makes an object of N-Triples of a value, and where there may be several what places call it as well.
    """

    type: str
    values: Callable[[Any], tuple[Any, ...]]
    written: tuple[tuple[str, str, Callable[[Any], Any], bool], ...]


def _plan(level: Level) -> _Plan:
    fields = [each for each in level.fields if each.kind not in _MINTED]
    return _Plan(
        level.type,
        _values([each.path.replace("/", ".") for each in fields]),
        tuple(
            (f"/{each.path}", each.term, _element_writer(each) if each.several else _writer(each), each.several)
            for each in fields
        ),
    )


def _values(paths: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    found = attrgetter(*paths)
    return found if len(paths) > 1 else lambda holder: (found(holder),)


def _writer(of: Field) -> Callable[[Any], str]:
    if of.codes is not None:
        return {word: f"<{IMR}{individual}>" for word, individual in of.codes.items()}.__getitem__
    if of.scheme is not None:
        concept = _CONCEPTS[of.scheme]
        return lambda id: f"<{concept(id)}>"
    return _LITERALS[of.kind]


def _element_writer(of: Field) -> Callable[[Any], tuple[str, str]]:
    """Return what makes of one of several values its object and what its places call it."""
    if of.scheme is None:
        return lambda word: (string(word), element_name(word))
    concept = _CONCEPTS[of.scheme]
    return lru_cache(_KEPT)(lambda id: (f"<{concept(id)}>", terms.local_name(concept(id))))


_PLANS: Final[Mapping[str, _Plan]] = {level.name: _plan(level) for level in LEVELS}


def _write_fields(sheet: _TripleBuffer, level: Level, holder: Any, node: str, seen: SpanCollector) -> None:
    """Write the fields of a node, but for those that mint nodes."""
    start, at, lines, plan = f"<{node}> <{IMR}", seen.pointer, sheet.lines, _PLANS[level.name]
    lines.append(f"<{node}> {_TYPE}{plan.type}> .")
    for value, (pointer, prop, write, several) in zip(plan.values(holder), plan.written, strict=True):
        if several:
            for index, each in enumerate(value):
                object, name = write(each)
                lines.append(f"{start}{prop}> {object} .")
                seen.value(f"{at}{pointer}/{index}", prop, name)
        elif value is not None:
            lines.append(f"{start}{prop}> {write(value)} .")
            seen.value(at + pointer, prop)


def _case(sheet: _TripleBuffer, d: Determination, case: str) -> None:
    seen = SpanCollector(sheet.spans)
    _write_fields(sheet, CASE, d, case, seen)
    passages = (f"{u.start}-{u.end} {u.where} {u.text}" for u in d.unparsed)
    sheet.lines += [f"<{case}> <{IMR}unparsedPassage> {string(passage)} ." for passage in passages]
    sheet.lines += seen.lines(case, placed=False)


def _letter(sheet: _TripleBuffer, d: Determination, case: str) -> None:
    letter = terms.letter_iri(d.sha256, sheet.base)
    sheet.lines.append(f"<{case}> <{IMR}documentedIn> <{letter}> .")
    _write_fields(sheet, LETTER, d, letter, SpanCollector({}))


def _reviewer(sheet: _TripleBuffer, d: Determination, case: str) -> None:
    reviewer = terms.reviewer_iri(case)
    lines, seen = sheet.lines, SpanCollector(sheet.spans, "/reviewer")
    lines.append(f"<{case}> <{IMR}hasReviewer> <{reviewer}> .")
    _write_fields(sheet, REVIEWER, d.reviewer, reviewer, seen)
    for index, label in enumerate(d.reviewer.specialties):
        iri, minted = sheet.names.specialty(label, sheet.base)
        if minted is not None:
            lines.append(f"<{reviewer}> <{IMR}specialtyName> {string(label)} .")
            _mint_concept(sheet, iri, "Specialty", minted)
        lines.append(f"<{reviewer}> <{IMR}hasSpecialty> <{iri}> .")
        seen.value(f"/reviewer/specialties/{index}", "hasSpecialty", iri)
    lines += seen.lines(reviewer)


def _item(sheet: _TripleBuffer, item: DisputedItem, number: int, case: str) -> None:
    node, seen = terms.item_iri(case, number), SpanCollector(sheet.spans, f"/items/{number - 1}")
    sheet.lines += (
        f"<{case}> <{IMR}hasDisputedItem> <{node}> .",
        f"<{node}> <{IMR}position> {integer(number)} .",
    )
    _write_fields(sheet, ITEM, item, node, seen)
    position = 0
    for side in SIDES:
        for index, citation in enumerate(getattr(item, side.path).citations):
            position += 1
            iri = terms.citation_iri(node, position)
            sheet.lines += (f"<{node}> <{IMR}hasCitation> <{iri}> .", f"<{iri}> <{IMR}citedBy> <{IMR}{side.party}> .")
            within = SpanCollector(sheet.spans, f"{seen.pointer}/{side.path}/citations/{index}")
            _citation(sheet, citation, iri, f"<{node}> <{IMR}{side.shortcut}", within)
            seen.widen(within)
    for index, reason in enumerate(item.reasons):
        iri = terms.reason_iri(node, index + 1)
        within = SpanCollector({}, at=sheet.spans.get(f"{seen.pointer}/reasons/{index}/text"))
        because = terms.reason_type_iri(reason.reason)
        sheet.lines += (f"<{node}> <{IMR}hasReason> <{iri}> .", f"<{node}> <{IMR}decidedBecause> <{because}> .")
        _write_fields(sheet, REASON, reason, iri, within)
        sheet.lines += within.lines(iri)
    sheet.lines += seen.lines(node)


def _mint_concept(sheet: _TripleBuffer, iri: str, class_name: str, label: str) -> None:
    """Write what is said of a concept that no vocabulary lists."""
    sheet.lines += (f"<{iri}> {_TYPE}{class_name}> .", f"<{iri}> <{RDF}type> <{SKOS}Concept> .")
    sheet.label(iri, label)


def _guideline(sheet: _TripleBuffer, identifier: str) -> str:
    """Return the IRI of a guideline; of one that the vocabulary does not list, write what its id says of it."""
    iri, minted = sheet.names.guideline(identifier, sheet.base)
    if minted is not None:
        found = sheet.names.vocabulary.guideline(identifier)
        _mint_concept(sheet, iri, "Guideline", minted)
        sheet.lines += [f"<{iri}> <{SKOS}broader> <{above}> ." for above in found.broader]
        sheet.lines += [f"<{iri}> <{IMR}year> {integer(found.year)} ."] if found.year else []
    return iri


def _citation(sheet: _TripleBuffer, citation: Citation, node: str, shortcut: str, seen: SpanCollector) -> None:
    lines, at = sheet.lines, seen.pointer
    start = f"<{node}> <{IMR}"
    guideline = _guideline(sheet, citation.guideline)
    _write_fields(sheet, CITATION, citation, node, seen)
    lines += (f"{start}citesGuideline> <{guideline}> .", f"{shortcut}Guideline> <{guideline}> .")
    seen.value(f"{at}/guideline", "citesGuideline")
    for index, label in enumerate(citation.sections):
        iri, minted = sheet.names.section(citation.guideline, citation.chapter, label, sheet.base)
        if minted is not None:
            lines.append(f"<{iri}> <{IMR}sectionOf> <{guideline}> .")
            _mint_concept(sheet, iri, "Section", minted)
        lines += (
            f"{start}citesSection> <{iri}> .",
            f"{start}sectionName> {string(label)} .",
            f"{shortcut}Section> <{iri}> .",
        )
        seen.value(f"{at}/sections/{index}", "citesSection", iri)
    for index, number in enumerate(citation.pages):
        iri = terms.page_iri(citation.guideline, number, sheet.base)
        lines += (
            f"{start}citesPage> <{iri}> .",
            f"{shortcut}Page> <{iri}> .",
            f"<{iri}> {_TYPE}Page> .",
            f"<{iri}> <{IMR}pageOf> <{guideline}> .",
            f"<{iri}> <{IMR}pageNumber> {integer(number)} .",
        )
        sheet.label(iri, f"{sheet.names.page_prefix(citation.guideline)}, page {number}")
        seen.value(f"{at}/pages/{index}", "citesPage", iri)
    lines += seen.lines(node)
