"""From a determination to its triples: pure, from templates, sorted, without blank nodes.

The text is the one truth: `triples` parses what `ntriples` writes. A line is a triple; lines are in code point order
and none stands twice, so that equal determinations give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from imr_graph.graph import terms
from imr_graph.graph.names import Names, shipped_names
from imr_graph.graph.ntriples import boolean, date_literal, english, escaped, integer, sound, string
from imr_graph.graph.spans import Evidence
from imr_graph.graph.terms import IMR, RDF, SKOS
from imr_graph.model import Citation, Determination, DisputedItem, Party

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
    ("claims_administrator", "ClaimsAdministrator", "denialBasedOn"),
    ("reviewer", "ExpertReviewer", "basedOn"),
)
_TYPE: Final = f"<{RDF}type> <{IMR}"
_LABEL: Final = f"<{SKOS}prefLabel>"


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
    lines: list[str] = []
    case = terms.case_iri(key or determination.key, base)
    names = names or shipped_names()
    _case(lines, determination, case, base)
    _reviewer(lines, determination, case, names, base)
    for number, item in enumerate(determination.items, 1):
        lines.append(f"<{case}> <{IMR}hasDisputedItem> <{terms.item_iri(case, number)}> .")
        _item(lines, item, number, case, determination, names, base)
    lines = sorted(set(lines))
    return sound("\n".join(_one_label_each(lines)) + "\n")


def _case(lines: list[str], d: Determination, case: str, base: str) -> None:
    seen = Evidence(d.spans)
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
    _letter(lines, d, case, base)


def _letter(lines: list[str], d: Determination, case: str, base: str) -> None:
    letter = terms.letter_iri(d.sha256, base)
    name = d.source.replace("\\", "/").rsplit("/", 1)[-1].rsplit("!", 1)[-1]
    lines += (
        f"<{case}> <{IMR}documentedIn> <{letter}> .",
        f"<{letter}> {_TYPE}Letter> .",
        f"<{letter}> <{IMR}sha256> {string(d.sha256)} .",
        f"<{letter}> <{IMR}sourceName> {string(name)} .",
        f"<{letter}> <{IMR}layout> {string(d.layout)} .",
    )


def _reviewer(lines: list[str], d: Determination, case: str, names: Names, base: str) -> None:
    reviewer = terms.reviewer_iri(case)
    seen = Evidence(d.spans, "/reviewer")
    lines += (f"<{case}> <{IMR}hasReviewer> <{reviewer}> .", f"<{reviewer}> {_TYPE}Reviewer> .")
    for index, label in enumerate(d.reviewer.specialties):
        iri, minted = names.specialty(label, base)
        if minted is not None:
            lines += (
                f"<{reviewer}> <{IMR}specialtyName> {string(label)} .",
                f"<{iri}> {_TYPE}Specialty> .",
                f"<{iri}> {_LABEL} {english(minted)} .",
            )
        lines.append(f"<{reviewer}> <{IMR}hasSpecialty> <{iri}> .")
        seen.value(f"/reviewer/specialties/{index}", "hasSpecialty", iri)
    for index, code in enumerate(d.reviewer.states):
        iri = terms.state_iri(code)
        lines.append(f"<{reviewer}> <{IMR}licensedIn> <{iri}> .")
        seen.value(f"/reviewer/states/{index}", "licensedIn", iri)
    lines += seen.lines(reviewer)


def _item(
    lines: list[str], item: DisputedItem, number: int, case: str, d: Determination, names: Names, base: str
) -> None:
    node = terms.item_iri(case, number)
    at = f"/items/{number - 1}"
    seen = Evidence(d.spans, at)
    start = f"<{node}> <{IMR}"
    lines += (
        f"<{node}> {_TYPE}DisputedItem> .",
        f"{start}position> {integer(number)} .",
        f"{start}decision> <{IMR}{DECISIONS[item.decision]}> .",
        f"{start}retrospective> {boolean(item.retrospective)} .",
        f"{start}surgicalAdjunct> {boolean(item.surgical_adjunct)} .",
    )
    seen.value(f"{at}/decision", "decision")
    seen.value(f"{at}/retrospective", "retrospective")
    seen.value(f"{at}/surgical_adjunct", "surgicalAdjunct")
    for field, prop in _ITEM_TEXTS:
        text = getattr(item, field)
        if text is not None:
            lines.append(f'{start}{prop}> "{escaped(text)}" .')
            seen.value(f"{at}/{field}", prop)
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
    _parties(lines, item, node, at, seen, names, base)
    lines += seen.lines(node)


_ITEM_TEXTS: Final = (
    ("heading", "heading"),
    ("service", "service"),
    ("requested", "requestedService"),
    ("authorized", "authorizedService"),
    ("rationale", "rationale"),
)


def _parties(lines: list[str], item: DisputedItem, node: str, at: str, seen: Evidence, names: Names, base: str) -> None:
    position = 0
    for field, side, shortcut in _SIDES:
        party: Party = getattr(item, field)
        if party.stance is not None:
            prop = "administratorStance" if field == "claims_administrator" else "reviewerStance"
            lines.append(f"<{node}> <{IMR}{prop}> <{IMR}{STANCES[party.stance]}> .")
            seen.value(f"{at}/{field}/stance", prop)
        for index, citation in enumerate(party.citations):
            position += 1
            iri = terms.citation_iri(node, position)
            lines.append(f"<{node}> <{IMR}hasCitation> <{iri}> .")
            within = Evidence(seen.spans, f"{at}/{field}/citations/{index}")
            lines.append(f"<{iri}> <{IMR}citedBy> <{IMR}{side}> .")
            _citation(lines, citation, iri, f"<{node}> <{IMR}{shortcut}", within, names, base)
            seen.widen(within)


def _citation(
    lines: list[str], citation: Citation, node: str, shortcut: str, seen: Evidence, names: Names, base: str
) -> None:
    start, at = f"<{node}> <{IMR}", seen.pointer
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
        iri, minted = names.section(citation.guideline, citation.chapter, label, base)
        if minted is not None:
            lines += (
                f"<{iri}> {_TYPE}Section> .",
                f"<{iri}> <{IMR}sectionOf> <{guideline}> .",
                f"<{iri}> {_LABEL} {english(minted)} .",
            )
        lines += (
            f"{start}citesSection> <{iri}> .",
            f"{start}sectionName> {string(label)} .",
            f"{shortcut}Section> <{iri}> .",
        )
        seen.value(f"{at}/sections/{index}", "citesSection", iri)
    for index, number in enumerate(citation.pages):
        iri = terms.page_iri(citation.guideline, number, base)
        label = f"{names.guideline(citation.guideline)}, page {number}"
        lines += (
            f"{start}citesPage> <{iri}> .",
            f"{shortcut}Page> <{iri}> .",
            f"<{iri}> {_TYPE}Page> .",
            f"<{iri}> <{IMR}pageOf> <{guideline}> .",
            f"<{iri}> <{IMR}pageNumber> {integer(number)} .",
            f"<{iri}> {_LABEL} {english(label)} .",
        )
        seen.value(f"{at}/pages/{index}", "citesPage", iri)
    lines += seen.lines(node)


def _one_label_each(lines: list[str]) -> Iterator[str]:
    """Yield sorted lines with one preferred label for each node: the first of several that one letter prints."""
    labelled = ""
    for line in lines:
        subject, found, _ = line.partition(f"> {_LABEL} ")
        if found:
            if subject == labelled:
                continue
            labelled = subject
        yield line
