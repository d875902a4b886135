"""A sound graph, and the faults that shapes must find in it."""

from __future__ import annotations

import rdflib

PREFIXES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX id: <https://w3id.org/imr-graph/id/>
PREFIX imr: <https://w3id.org/imr-graph/ontology#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""


# A small world in which every shape finds something to look at and no shape finds a fault.
SOUND = (
    PREFIXES
    + """
id:case-1 a imr:Case ; imr:caseNumber "CM20-0000001" ; imr:priority "standard" ; imr:outcome imr:PartiallyOverturned ;
    imr:dateOfInjury "2020-01-07"^^xsd:date ; imr:utilizationReviewDate "2020-02-03"^^xsd:date ;
    imr:applicationReceivedDate "2020-02-20"^^xsd:date ; imr:assignedDate "2020-03-02"^^xsd:date ;
    imr:decisionDate "2020-03-30"^^xsd:date ; imr:patientAge 44 ; imr:patientSex imr:Female ;
    imr:clinicalSummary "The patient packs boxes." ; imr:spans "caseNumber@13-25 priority@40-48"^^imr:spanList ;
    imr:hasReviewer id:case-1-reviewer ; imr:documentedIn id:letter-1 ;
    imr:hasDisputedItem id:case-1-item-1 , id:case-1-item-2 ; imr:hasCorrection id:case-1-correction-1 .
id:case-1-correction-1 a imr:Correction ; imr:corrects id:case-1-item-2 ; imr:correctedField "/items/1/decision" ;
    imr:valueWas "upheld" ; imr:valueIs "overturned" ; prov:used id:letter-1 ; dcterms:creator "A. Reader" ;
    dcterms:date "2026-11-20"^^xsd:date ; rdfs:comment "The heading on page 2 says so." .
id:letter-1 a imr:Letter ; imr:sourceName "CM20-0000001.txt" ; imr:layout "L5" ;
    imr:sha256 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" .
id:case-1-reviewer a imr:Reviewer ; imr:hasSpecialty id:specialty-s ; imr:licensedIn id:state-US-CA ;
    imr:textStart 60 ; imr:textEnd 90 .
id:case-1-item-1 a imr:DisputedItem ; imr:position 1 ; imr:heading "Knee brace" ; imr:service "Knee brace" ;
    imr:requestedService "Two" ; imr:authorizedService "One" ; imr:retrospective false ; imr:surgicalAdjunct false ;
    imr:decision imr:Upheld ; imr:requestsTreatment id:treatment-t ; imr:bodyRegion id:region-knee ;
    imr:laterality imr:Left ; imr:rationale "It is not supported." ; imr:hasCitation id:case-1-item-1-citation-1 ;
    imr:topical false ; imr:quantity 2 ; imr:hasReason id:case-1-item-1-reason-1 ; imr:decidedBecause id:reason-r ;
    imr:administratorAction imr:Denied ; imr:administratorStance imr:NoEvidenceCited ;
    imr:basedOnGuideline id:guideline-m ;
    imr:basedOnSection id:section-m-s ; imr:basedOnPage id:page-m-7 .
id:case-1-item-1-citation-1 a imr:Citation ; imr:citedBy imr:ExpertReviewer ; imr:basis imr:MTUS ;
    imr:citesGuideline id:guideline-m ; imr:citesSection id:section-m-s ; imr:sectionName "S" ;
    imr:citesPage id:page-m-7 ; imr:citationText "M, S, page 7" .
id:case-1-item-2 a imr:DisputedItem ; imr:position 2 ; imr:heading "MRI" ; imr:service "MRI" ;
    imr:retrospective true ; imr:surgicalAdjunct false ; imr:topical false ; imr:decision imr:Overturned ;
    imr:requestsTreatment id:treatment-t ; imr:rationale "It is supported." ; imr:reviewerStance imr:OutsideMTUS ;
    imr:hasCitation id:case-1-item-2-citation-1 ; imr:denialBasedOnGuideline id:guideline-odg ;
    imr:denialBasedOnSection id:section-odg-knee-mri .
id:case-1-item-2-citation-1 a imr:Citation ; imr:citedBy imr:ClaimsAdministrator ; imr:basis imr:NonMTUS ;
    imr:citesGuideline id:guideline-odg ; imr:chapter "Knee" ; imr:citesSection id:section-odg-knee-mri ;
    imr:sectionName "MRI" ; imr:citationText "ODG, Knee, MRI" .
id:case-1-item-1-reason-1 a imr:Reason ; imr:reasonType id:reason-r ; imr:reasonText "It is not supported." ;
    imr:textStart 300 ; imr:textEnd 320 .
id:guideline-m a imr:Guideline ; skos:prefLabel "M" ; skos:inScheme id:scheme ; imr:regulation "8 CCR 9792.22" .
id:guideline-odg a imr:Guideline ; skos:prefLabel "ODG" ; skos:inScheme id:scheme .
id:section-m-s a imr:Section ; skos:prefLabel "S" ; imr:sectionOf id:guideline-m .
id:section-odg-knee-mri a imr:Section ; skos:prefLabel "MRI" ; imr:sectionOf id:guideline-odg .
id:page-m-7 a imr:Page ; skos:prefLabel "M, page 7" ; imr:pageOf id:guideline-m ; imr:pageNumber 7 .
id:specialty-s a imr:Specialty ; skos:prefLabel "S" ; skos:inScheme id:scheme .
id:state-US-CA a imr:State ; skos:prefLabel "California" ; skos:inScheme id:scheme .
id:reason-r a imr:ReasonType ; skos:prefLabel "R" ; skos:inScheme id:scheme ; skos:broader id:reason-group-g .
id:reason-group-g a imr:ReasonGroup ; skos:prefLabel "G" ; skos:inScheme id:scheme .
id:reason-f a imr:ReasonType ; skos:prefLabel "F" ; skos:inScheme id:scheme ; skos:broader id:reason-group-speaks-for .
id:reason-group-speaks-for a imr:ReasonGroup ; skos:prefLabel "For" ; skos:inScheme id:scheme .
id:treatment-t a imr:Treatment ; skos:prefLabel "T" ; skos:inScheme id:scheme .
id:region-knee a imr:BodyRegion ; skos:prefLabel "knee" ; skos:inScheme id:scheme .
"""
)


def change(node: str, prop: str, *values: str) -> str:
    """Return the update that gives a node other values of a property (none: takes them away)."""
    gone = f"DELETE WHERE {{ id:{node} {prop} ?o }}"
    return f"{gone} ; INSERT DATA {{ id:{node} {prop} {' , '.join(values)} }}" if values else gone


CASE, MADE, ITEM, OTHER, CITED, ODG = (
    "case-1",
    "case-1-correction-1",
    "case-1-item-1",
    "case-1-item-2",
    "case-1-item-1-citation-1",
    "case-1-item-2-citation-1",
)


REASON = "case-1-item-1-reason-1"
LATE = '"2021-01-01"^^xsd:date'


NOBODY = "id:nobody"


# shape -> changes, each of which it alone finds, with the node at fault
PLANTED: dict[str, list[tuple[str, str]]] = {
    "Case-caseNumber": [(CASE, change(CASE, "imr:caseNumber", '"CM20-0000001"', '"CM20-0000002"'))],
    "Case-priority": [
        (CASE, change(CASE, "imr:priority", '"urgent"')),
        (CASE, change(CASE, "imr:priority", '"standard"', '"expedited"')),
    ],
    "Case-outcome": [(CASE, change(CASE, "imr:outcome", "imr:PartiallyOverturned", "imr:Upheld"))],
    "Case-incomplete": [
        (
            CASE,
            change(CASE, "imr:outcome") + f' ; INSERT DATA {{ id:{CASE} imr:incomplete "Page 2 of 4 holds no text." }}',
        ),
    ],
    "Case-patientAge": [(CASE, change(CASE, "imr:patientAge", age)) for age in ("9", "111", '"44"', "44, 45")],
    "Case-patientSex": [(CASE, change(CASE, "imr:patientSex", sex)) for sex in ('"female"', "imr:Female, imr:Male")],
    "Case-clinicalSummary": [
        (CASE, change(CASE, "imr:clinicalSummary", text)) for text in ('""', '"a", "b"', '"a"@en')
    ],
    "Case-hasReviewer": [(CASE, change(CASE, "imr:hasReviewer", "id:case-1-reviewer", NOBODY))],
    "Case-hasDisputedItem": [(CASE, f"INSERT DATA {{ id:{CASE} imr:hasDisputedItem {NOBODY} }}")],
    "Case-documentedIn": [
        (CASE, change(CASE, "imr:documentedIn")),
        (CASE, change(CASE, "imr:documentedIn", NOBODY)),
    ],
    "CaseHeader-caseNumber": [
        (CASE, change(CASE, "imr:caseNumber")),
        (CASE, change(CASE, "imr:caseNumber", '"CM20-1"')),
    ],
    "CaseHeader-decisionDate": [(CASE, change(CASE, "imr:decisionDate"))],
    "CaseHeader-unparsedPassage": [(CASE, change(CASE, "imr:unparsedPassage", '"1-2 /summary x"'))],
    "CaseDates-dateOfInjury": [(CASE, change(CASE, "imr:dateOfInjury", d)) for d in (LATE, '"2020"', '"7 January"')],
    "CaseDates-utilizationReviewDate": [(CASE, change(CASE, "imr:utilizationReviewDate", LATE))],
    "CaseDates-applicationReceivedDate": [(CASE, change(CASE, "imr:applicationReceivedDate", LATE))],
    "CaseDates-assignedDate": [(CASE, change(CASE, "imr:assignedDate", LATE))],
    "CaseDates-decisionDate": [
        (CASE, change(CASE, "imr:decisionDate", '"2020-03-30"^^xsd:date', '"2020-03-31"^^xsd:date')),
        (
            CASE,
            "DELETE { ?c ?p ?d } WHERE { ?c a imr:Case ; ?p ?d FILTER(datatype(?d) = xsd:date) } ; "
            f'INSERT DATA {{ id:{CASE} imr:decisionDate "2012-12-31"^^xsd:date }}',
        ),
    ],
    "CaseOutcome": [
        (CASE, change(CASE, "imr:outcome", "imr:Upheld")),
        (CASE, change(CASE, "imr:outcome", "imr:Overturned")),
        (CASE, change(CASE, "imr:outcome")),
    ],
    "Reviewer-hasSpecialty": [
        ("case-1-reviewer", change("case-1-reviewer", "imr:hasSpecialty")),
        ("case-1-reviewer", change("case-1-reviewer", "imr:hasSpecialty", NOBODY)),
    ],
    "Reviewer-licensedIn": [
        ("case-1-reviewer", change("case-1-reviewer", "imr:licensedIn")),
        ("case-1-reviewer", change("case-1-reviewer", "imr:licensedIn", '"California"')),
    ],
    "Reviewer-specialtyName": [("case-1-reviewer", change("case-1-reviewer", "imr:specialtyName", '""'))],
    "Reviewer-case": [("case-1-reviewer", "INSERT DATA { id:case-2 imr:hasReviewer id:case-1-reviewer }")],
    "Letter-sha256": [("letter-1", change("letter-1", "imr:sha256", d)) for d in ('"ab"', f'"{"A" * 64}"')],
    "Letter-sourceName": [
        ("letter-1", change("letter-1", "imr:sourceName", '"jane.txt"')),
        ("letter-1", change("letter-1", "imr:sourceName", '"/home/a.txt"')),
        ("letter-1", change("letter-1", "imr:sourceName", '"C:\\\\a.txt"')),
    ],
    "Letter-layout": [("letter-1", change("letter-1", "imr:layout", '"5"'))],
    "Place-textStart": [
        ("case-1-reviewer", change("case-1-reviewer", "imr:textStart")),
        ("case-1-reviewer", change("case-1-reviewer", "imr:textStart", "90")),
        ("case-1-reviewer", change("case-1-reviewer", "imr:textStart", "-1")),
    ],
    "Place-textEnd": [
        ("case-1-reviewer", change("case-1-reviewer", "imr:textEnd")),
        ("case-1-reviewer", change("case-1-reviewer", "imr:textEnd", "90", "91")),
    ],
    "Spans-spans": [
        (CASE, change(CASE, "imr:spans", value))
        for value in ('"caseNumber@13-25"', '"caseNumber 13-25"^^imr:spanList', '"a@1-2  b@3-4"^^imr:spanList')
    ],
    "Item-case": [(ITEM, f"INSERT DATA {{ id:case-2 imr:hasDisputedItem id:{ITEM} }}")],
    "Item-position": [(ITEM, change(ITEM, "imr:position", value)) for value in ("0", '"1"', "1, 2")],
    "Item-heading": [(ITEM, change(ITEM, "imr:heading")), (ITEM, change(ITEM, "imr:heading", '""'))],
    "Item-service": [(ITEM, change(ITEM, "imr:service")), (ITEM, change(ITEM, "imr:service", '"a"', '"b"'))],
    "Item-requestedService": [(ITEM, change(ITEM, "imr:requestedService", '"a"', '"b"'))],
    "Item-authorizedService": [(ITEM, change(ITEM, "imr:authorizedService", '""'))],
    "Item-retrospective": [
        (ITEM, change(ITEM, "imr:retrospective")),
        (ITEM, change(ITEM, "imr:retrospective", "true", "false")),
    ],
    "Item-surgicalAdjunct": [(ITEM, change(ITEM, "imr:surgicalAdjunct", '"no"'))],
    "Item-laterality": [(ITEM, change(ITEM, "imr:laterality", "imr:Left", "imr:Right"))],
    "Item-hasCitation": [(OTHER, f"INSERT DATA {{ id:{OTHER} imr:hasCitation {NOBODY} }}")],
    "Item-administratorAction": [(ITEM, change(ITEM, "imr:administratorAction", "imr:Denied", "imr:Upheld"))],
    "Item-administratorStance": [(ITEM, change(ITEM, "imr:administratorStance", "imr:NoEvidenceCited", "imr:MTUS"))],
    "Item-reviewerStance": [(OTHER, change(OTHER, "imr:reviewerStance", "imr:OutsideMTUS", "imr:Upheld"))],
    "ItemTerms-requestsTreatment": [
        (ITEM, change(ITEM, "imr:requestsTreatment")),
        (ITEM, change(ITEM, "imr:requestsTreatment", "id:treatment-t", NOBODY)),
    ],
    "ItemTerms-bodyRegion": [(ITEM, change(ITEM, "imr:bodyRegion", NOBODY))],
    "ItemGrounds-rationale": [(ITEM, change(ITEM, "imr:rationale"))],
    "ItemGrounds-basedOnGuideline": [(ITEM, f"INSERT DATA {{ id:{ITEM} imr:basedOnGuideline {NOBODY} }}")],
    "ItemGrounds-denialBasedOnGuideline": [
        (OTHER, f"INSERT DATA {{ id:{OTHER} imr:denialBasedOnGuideline {NOBODY} }}")
    ],
    "ItemGrounds-basedOnSection": [(OTHER, change(OTHER, "imr:denialBasedOnSection", "id:page-m-7"))],
    "ItemGrounds-basedOnPage": [(ITEM, change(ITEM, "imr:basedOnPage", "id:section-m-s"))],
    "ItemGrounds-given": [(OTHER, change(OTHER, "imr:reviewerStance"))],
    "ItemStance-reviewer": [(ITEM, change(ITEM, "imr:reviewerStance", "imr:NoEvidenceCited"))],
    "ItemStance-administrator": [(OTHER, change(OTHER, "imr:administratorStance", "imr:NoEvidenceCited"))],
    "Item-topical": [(ITEM, change(ITEM, "imr:topical", '"no"'))],
    "Item-decidedBecause": [(ITEM, change(ITEM, "imr:decidedBecause", NOBODY))],
    "ItemReasons-upheld": [(ITEM, change(ITEM, "imr:decidedBecause", "id:reason-f"))],
    "ItemReasons-overturned": [(OTHER, f"INSERT DATA {{ id:{OTHER} imr:decidedBecause id:reason-r }}")],
    "Reason-item": [(REASON, f"DELETE DATA {{ id:{ITEM} imr:hasReason id:{REASON} }}")],
    "Reason-reasonType": [
        (REASON, change(REASON, "imr:reasonType")),
        (REASON, change(REASON, "imr:reasonType", NOBODY)),
    ],
    "Reason-reasonText": [(REASON, change(REASON, "imr:reasonText", '""'))],
    "Citation-item": [(CITED, f"DELETE DATA {{ id:{ITEM} imr:hasCitation id:{CITED} }}")],
    "Citation-citedBy": [(CITED, change(CITED, "imr:citedBy")), (CITED, change(CITED, "imr:citedBy", NOBODY))],
    "Citation-citationText": [
        (CITED, change(CITED, "imr:citationText")),
        (CITED, change(CITED, "imr:citationText", '""')),
    ],
    "Citation-sectionName": [(CITED, change(CITED, "imr:sectionName", '""'))],
    "CitationBasis": [
        (ODG, change(ODG, "imr:basis", "imr:MTUS")),
        (CITED, "DELETE WHERE { id:guideline-m imr:regulation ?r }"),
    ],
    "CitationChapter-chapter": [(ODG, change(ODG, "imr:chapter", '"Knee"', '"Leg"'))],
    "CitationChapter-citesGuideline": [(CITED, change(CITED, "imr:chapter", '"Knee"'))],
    "CitationPlaces-citesSection": [(CITED, change(CITED, "imr:citesSection", "id:section-odg-knee-mri"))],
    "CitationPlaces-citesPage": [(ODG, change(ODG, "imr:citesPage", "id:page-m-7"))],
    "CitationPlaces-given": [(ODG, change(ODG, "imr:citesSection"))],
    "Case-hasCorrection": [(CASE, f"INSERT DATA {{ id:{CASE} imr:hasCorrection {NOBODY} }}")],
    "Correction-case": [(MADE, change(CASE, "imr:hasCorrection"))],
    "Correction-corrects": [
        (MADE, change(MADE, "imr:corrects", *nodes)) for nodes in ((), ("id:letter-1",), (f"id:{CASE}", f"id:{ITEM}"))
    ],
    "Correction-correctedField": [
        (MADE, change(MADE, "imr:correctedField", *fields)) for fields in ((), ('"decision"',), ('"/a"', '"/b"'))
    ],
    "Correction-valueWas": [(MADE, change(MADE, "imr:valueWas", '"a"', '"b"'))],
    "Correction-valueIs": [(MADE, change(MADE, "imr:valueIs", "imr:Overturned"))],
    "Correction-value": [(MADE, f"{change(MADE, 'imr:valueWas')} ; {change(MADE, 'imr:valueIs')}")],
    "Correction-used": [(MADE, change(MADE, "prov:used", *nodes)) for nodes in ((), (f"id:{CASE}",))],
    "Correction-creator": [(MADE, change(MADE, "dcterms:creator", *who)) for who in ((), ('""',))],
    "Correction-date": [(MADE, change(MADE, "dcterms:date", *days)) for days in ((), ('"2026-11-20"',))],
    "Correction-comment": [(MADE, change(MADE, "rdfs:comment", *why)) for why in ((), ('"a"', '"b"'))],
    "Section-sectionOf": [("section-m-t", 'INSERT DATA { id:section-m-t a imr:Section ; skos:prefLabel "T" }')],
    "Page-pageOf": [("page-m-8", 'INSERT DATA { id:page-m-8 a imr:Page ; skos:prefLabel "8" ; imr:pageNumber 8 }')],
    "Page-pageNumber": [
        ("page-m-7", change("page-m-7", "imr:pageNumber")),
        ("page-m-7", change("page-m-7", "imr:pageNumber", "0")),
        ("page-m-7", change("page-m-7", "imr:pageNumber", "2001")),
    ],
    "Guideline-inScheme": [("guideline-m", change("guideline-m", "skos:inScheme"))],
    "Specialty-inScheme": [("specialty-s", change("specialty-s", "skos:inScheme"))],
    "Concept-prefLabel": [
        (node, change(node, "skos:prefLabel", *labels))
        for node in (
            "guideline-m",
            "section-m-s",
            "page-m-7",
            "specialty-s",
            "treatment-t",
            "state-US-CA",
            "region-knee",
        )
        for labels in ((), ('"a"', '"b"'), ('""',))
    ],
    "Concept-inScheme": [
        (node, change(node, "skos:inScheme")) for node in ("treatment-t", "state-US-CA", "region-knee")
    ],
}


# What a fault in one place brings with it in another is part of what the report has to say.
PLANTED_WITH: list[tuple[str, dict[str, str]]] = [
    (change(ITEM, "imr:decision"), {"Item-decision": ITEM, "CaseOutcome": CASE}),
    (change(ITEM, "imr:decision", "imr:Overturned"), {"CaseOutcome": CASE, "ItemReasons-overturned": ITEM}),
    (change(ITEM, "imr:decision", "imr:PartiallyOverturned"), {"Item-decision": ITEM, "CaseOutcome": CASE}),
    (change(CASE, "imr:hasReviewer"), {"Case-hasReviewer": CASE, "Reviewer-case": "case-1-reviewer"}),
    (change(CITED, "imr:basis"), {"Citation-basis": CITED}),
    (change(CITED, "imr:citesPage", NOBODY), {"Citation-citesPage": CITED, "CitationPlaces-citesPage": CITED}),
    (change(CITED, "imr:citesSection", NOBODY), {"Citation-citesSection": CITED, "CitationPlaces-citesSection": CITED}),
    (
        change(CITED, "imr:citesGuideline", NOBODY),
        dict.fromkeys(("Citation-citesGuideline", "CitationPlaces-citesSection", "CitationPlaces-citesPage"), CITED),
    ),
    (
        change(CASE, "imr:assignedDate", '"2019-01-01"^^xsd:date'),
        {"CaseDates-applicationReceivedDate": CASE},
    ),
]


def graph(update: str = "") -> rdflib.Graph:
    made = rdflib.Graph().parse(data=SOUND, format="turtle")
    if update:
        before = set(made)
        made.update(PREFIXES + update)
        assert set(made) != before, "the change changes nothing"
    return made
