"""From a determination to its triples: pure, from templates, sorted, without blank nodes.

The text is the one truth: `triples` parses what `ntriples` writes. A line is a triple; lines are in code point order
and none stands twice, so that equal determinations give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.graph.literals import boolean, date_literal, english, escaped, integer, string
from imr_graph.graph.resolver import Names, shipped_names
from imr_graph.graph.spans import Evidence
from imr_graph.iris import IMR, RDF, SKOS
from imr_graph.model import Citation, Determination, DisputedItem, Party, Span

__all__ = ["BASES", "DATES", "DECISIONS", "LATERALITIES", "SEXES", "STANCES", "ntriples", "triples"]

# The individuals of the ontology that the values of a record become.
DECISIONS: Final[Mapping[str, str]] = {
    "upheld": "Upheld",
    "overturned": "Overturned",
    "partially overturned": "PartiallyOverturned",
}
STANCES: Final[Mapping[str, str]] = {"outside the MTUS": "OutsideMTUS", "no evidence cited": "NoEvidenceCited"}
SEXES: Final[Mapping[str, str]] = {"female": "Female", "male": "Male"}
LATERALITIES: Final[Mapping[str, str]] = {"left": "Left", "right": "Right", "bilateral": "Bilateral"}
BASES: Final[Mapping[str, str]] = {"mtus": "MTUS", "non-mtus": "NonMTUS"}
# The dates of the header table, as the record and as the ontology name them.
DATES: Final[Mapping[str, str]] = {
    "injured": "dateOfInjury",
    "ur_denied": "utilizationReviewDate",
    "received": "applicationReceivedDate",
    "assigned": "assignedDate",
    "decided": "decisionDate",
}

_SIDES: Final = (
    ("claims_administrator", "ClaimsAdministrator", "administratorStance", "denialBasedOn"),
    ("reviewer", "ExpertReviewer", "reviewerStance", "basedOn"),
)
_TYPE: Final = f"<{RDF}type> <{IMR}"


def triples(
    determination: Determination,
    *,
    base: str = terms.BASE,
    names: Names | None = None,
    key: str | None = None,
) -> Iterator[ox.Triple]:
    """Yield the triples of a determination in order; the arguments are those of `ntriples`."""
    text = ntriples(determination, base=base, names=names, key=key)
    return (quad.triple for quad in ox.parse(text.encode(), ox.RdfFormat.N_TRIPLES))


def ntriples(
    determination: Determination,
    *,
    base: str = terms.BASE,
    names: Names | None = None,
    key: str | None = None,
) -> str:
    """Return a determination as N-Triples, sorted, each line once.

    `base` starts the IRIs of the data. `names` resolves section and specialty names (the shipped vocabularies by
    default). `key` names the case where its own key is taken by another letter of the same case number.
    """
    sheet = _Sheet(base, names or shipped_names(), determination.spans)
    case = terms.case_iri(key or determination.key, base)
    _case(sheet, determination, case)
    _letter(sheet, determination, case)
    _reviewer(sheet, determination, case)
    for number, item in enumerate(determination.items, 1):
        _item(sheet, item, number, case)
    sheet.lines += [f"<{node}> <{SKOS}prefLabel> {label} ." for node, label in sheet.labels.items()]
    return "\n".join(sorted(set(sheet.lines))) + "\n"


@dataclass(slots=True)
class _Sheet:
    """What one letter's triples are written on; `labels` are those of the nodes that it mints."""

    base: str
    names: Names
    spans: Mapping[str, Span]
    lines: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    def label(self, node: str, name: str) -> None:
        """Note the label of a node that the letter shares with others; it follows from the node's IRI."""
        self.labels[node] = english(name)


def _case(sheet: _Sheet, d: Determination, case: str) -> None:
    lines, seen = sheet.lines, Evidence(sheet.spans)
    start = f"<{case}> <{IMR}"
    lines.append(f"<{case}> {_TYPE}Case> .")
    if d.case_number is not None:
        lines.append(f"{start}caseNumber> {string(d.case_number)} .")
        seen.value("/case_number", "caseNumber")
    if d.priority is not None:
        lines.append(f"{start}priority> {string(d.priority)} .")
        seen.value("/priority", "priority")
    for name, prop in DATES.items():
        day = getattr(d.dates, name)
        if day is not None:
            lines.append(f"{start}{prop}> {date_literal(day.isoformat())} .")
            seen.value(f"/dates/{name}", prop)
    if d.outcome is not None:
        lines.append(f"{start}outcome> <{IMR}{DECISIONS[d.outcome]}> .")
        seen.value("/outcome", "outcome")
    if d.patient.age is not None:
        lines.append(f"{start}patientAge> {integer(d.patient.age)} .")
        seen.value("/patient/age", "patientAge")
    if d.patient.sex is not None:
        lines.append(f"{start}patientSex> <{IMR}{SEXES[d.patient.sex]}> .")
        seen.value("/patient/sex", "patientSex")
    if d.summary is not None:
        lines.append(f"{start}clinicalSummary> {string(d.summary)} .")
        seen.value("/summary", "clinicalSummary")
    lines += [f"{start}unparsedPassage> {string(f'{u.start}-{u.end} {u.where} {u.text}')} ." for u in d.unparsed]
    lines += seen.lines(case, placed=False)


def _letter(sheet: _Sheet, d: Determination, case: str) -> None:
    letter = terms.letter_iri(d.sha256, sheet.base)
    name = d.source.replace("\\", "/").rsplit("/", 1)[-1].rsplit("!", 1)[-1]
    sheet.lines += (
        f"<{case}> <{IMR}documentedIn> <{letter}> .",
        f"<{letter}> {_TYPE}Letter> .",
        f"<{letter}> <{IMR}sha256> {string(d.sha256)} .",
        f"<{letter}> <{IMR}sourceName> {string(name)} .",
        f"<{letter}> <{IMR}layout> {string(d.layout)} .",
    )


def _reviewer(sheet: _Sheet, d: Determination, case: str) -> None:
    reviewer = terms.reviewer_iri(case)
    lines, seen = sheet.lines, Evidence(sheet.spans, "/reviewer")
    start = f"<{reviewer}> <{IMR}"
    lines += (f"<{case}> <{IMR}hasReviewer> <{reviewer}> .", f"<{reviewer}> {_TYPE}Reviewer> .")
    for index, label in enumerate(d.reviewer.specialties):
        iri, minted = sheet.names.specialty(label, sheet.base)
        if minted is not None:
            lines += (f"{start}specialtyName> {string(label)} .", f"<{iri}> {_TYPE}Specialty> .")
            sheet.label(iri, minted)
        lines.append(f"{start}hasSpecialty> <{iri}> .")
        seen.value(f"/reviewer/specialties/{index}", "hasSpecialty", iri)
    for index, code in enumerate(d.reviewer.states):
        iri = terms.state_iri(code)
        lines.append(f"{start}licensedIn> <{iri}> .")
        seen.value(f"/reviewer/states/{index}", "licensedIn", iri)
    lines += seen.lines(reviewer)


def _item(sheet: _Sheet, item: DisputedItem, number: int, case: str) -> None:
    node, at = terms.item_iri(case, number), f"/items/{number - 1}"
    lines, seen = sheet.lines, Evidence(sheet.spans, at)
    start = f"<{node}> <{IMR}"
    lines += (
        f"<{case}> <{IMR}hasDisputedItem> <{node}> .",
        f"<{node}> {_TYPE}DisputedItem> .",
        f"{start}position> {integer(number)} .",
        f"{start}decision> <{IMR}{DECISIONS[item.decision]}> .",
        f"{start}retrospective> {boolean(item.retrospective)} .",
        f"{start}surgicalAdjunct> {boolean(item.surgical_adjunct)} .",
    )
    for name, prop in _ITEM_WORDS:
        seen.value(f"{at}/{name}", prop)
    for name, prop in _ITEM_TEXTS:
        text = getattr(item, name)
        if text is not None:
            lines.append(f'{start}{prop}> "{escaped(text)}" .')
            seen.value(f"{at}/{name}", prop)
    for index, identifier in enumerate(item.treatments):
        iri = terms.treatment_iri(identifier)
        lines.append(f"{start}requestsTreatment> <{iri}> .")
        seen.value(f"{at}/treatments/{index}", "requestsTreatment", iri)
    for index, identifier in enumerate(item.body_regions):
        iri = terms.region_iri(identifier)
        lines.append(f"{start}bodyRegion> <{iri}> .")
        seen.value(f"{at}/body_regions/{index}", "bodyRegion", iri)
    if item.laterality is not None:
        lines.append(f"{start}laterality> <{IMR}{LATERALITIES[item.laterality]}> .")
        seen.value(f"{at}/laterality", "laterality")
    _parties(sheet, item, node, seen)
    lines += seen.lines(node)


_ITEM_WORDS: Final = (
    ("decision", "decision"),
    ("retrospective", "retrospective"),
    ("surgical_adjunct", "surgicalAdjunct"),
)
_ITEM_TEXTS: Final = (
    ("heading", "heading"),
    ("service", "service"),
    ("requested", "requestedService"),
    ("authorized", "authorizedService"),
    ("rationale", "rationale"),
)


def _parties(sheet: _Sheet, item: DisputedItem, node: str, seen: Evidence) -> None:
    position = 0
    for name, side, stance, shortcut in _SIDES:
        party: Party = getattr(item, name)
        at = f"{seen.pointer}/{name}"
        if party.stance is not None:
            sheet.lines.append(f"<{node}> <{IMR}{stance}> <{IMR}{STANCES[party.stance]}> .")
            seen.value(f"{at}/stance", stance)
        for index, citation in enumerate(party.citations):
            position += 1
            iri = terms.citation_iri(node, position)
            sheet.lines += (f"<{node}> <{IMR}hasCitation> <{iri}> .", f"<{iri}> <{IMR}citedBy> <{IMR}{side}> .")
            within = Evidence(sheet.spans, f"{at}/citations/{index}")
            _citation(sheet, citation, iri, f"<{node}> <{IMR}{shortcut}", within)
            seen.widen(within)


def _citation(sheet: _Sheet, citation: Citation, node: str, shortcut: str, seen: Evidence) -> None:
    lines, at = sheet.lines, seen.pointer
    start = f"<{node}> <{IMR}"
    guideline = terms.guideline_iri(citation.guideline)
    lines += (
        f"<{node}> {_TYPE}Citation> .",
        f"{start}basis> <{IMR}{BASES[citation.basis]}> .",
        f"{start}citesGuideline> <{guideline}> .",
        f'{start}citationText> "{escaped(citation.text)}" .',
        f"{shortcut}Guideline> <{guideline}> .",
    )
    seen.value(f"{at}/basis", "basis")
    seen.value(f"{at}/guideline", "citesGuideline")
    seen.value(f"{at}/text", "citationText")
    if citation.chapter is not None:
        lines.append(f"{start}chapter> {string(citation.chapter)} .")
        seen.value(f"{at}/chapter", "chapter")
    for index, label in enumerate(citation.sections):
        iri, minted = sheet.names.section(citation.guideline, citation.chapter, label, sheet.base)
        if minted is not None:
            lines += (f"<{iri}> {_TYPE}Section> .", f"<{iri}> <{IMR}sectionOf> <{guideline}> .")
            sheet.label(iri, minted)
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
        sheet.label(iri, f"{sheet.names.guideline(citation.guideline)}, page {number}")
        seen.value(f"{at}/pages/{index}", "citesPage", iri)
    lines += seen.lines(node)
