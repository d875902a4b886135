"""The columns of the table of disputed items: name, type, meaning.

A column that is a property of the ontology names its term, whose comment is the column's entry in the data
dictionary; the others have a comment of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["CASE_COLUMNS", "COLUMNS", "NAMES", "TYPES", "Column", "Level", "Type"]

Level = Literal["case", "item"]
Type = Literal["VARCHAR", "VARCHAR[]", "DATE", "INTEGER", "BOOLEAN"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `type` is DuckDB's name of the type; `level` says whether the value belongs to the case, and so stands in each of
    its rows, or to the disputed item; `term` is the local name of the ontology's property, `comment` what its comment
    does not say.
    """

    name: str
    type: Type
    level: Level
    term: str | None = None
    comment: str | None = None


def _case() -> Iterator[Column]:
    def column(name: str, type: Type, term: str | None = None, comment: str | None = None) -> Column:
        return Column(name, type, "case", term, comment)

    yield column("case_key", "VARCHAR", None, "What names the case in the graph: its number, or the beginning of the "
                 "digest of the letter's text where it gives none, or both where letters share a number.")  # fmt: skip
    yield column("case_number", "VARCHAR", "caseNumber")
    yield column("letter_sha256", "VARCHAR", "sha256")
    yield column("source_name", "VARCHAR", "sourceName")
    yield column("layout", "VARCHAR", "layout")
    yield column("priority", "VARCHAR", "priority")
    yield column("date_of_injury", "DATE", "dateOfInjury")
    yield column("utilization_review_date", "DATE", "utilizationReviewDate")
    yield column("application_received_date", "DATE", "applicationReceivedDate")
    yield column("assigned_date", "DATE", "assignedDate")
    yield column("decision_date", "DATE", "decisionDate")
    yield column("outcome", "VARCHAR", "outcome")
    yield column("patient_age", "INTEGER", "patientAge")
    yield column("patient_sex", "VARCHAR", "patientSex")
    yield column("reviewer_specialties", "VARCHAR[]", "hasSpecialty", "By label, in the order of their ids.")
    yield column("reviewer_specialty_ids", "VARCHAR[]", None, "Ids of the specialties: what follows `specialty-` in "
                 "the names of the graph.")  # fmt: skip
    yield column("reviewer_states", "VARCHAR[]", "licensedIn", "ISO 3166-2 codes, sorted.")
    yield column("reviewer_profile", "VARCHAR", None, "Specialties and states together. Reviewers are anonymous: equal "
                 "profiles are not the same person.")  # fmt: skip
    yield column("unmatched_specialties", "VARCHAR[]", None, "Specialties that the vocabulary does not know.")
    yield column("unparsed_passages", "INTEGER", None, "How many passages of the letter no rule understood.")
    yield column("items_in_case", "INTEGER", None, "How many disputed items the letter decides.")


def _item() -> Iterator[Column]:
    def column(name: str, type: Type, term: str | None = None, comment: str | None = None) -> Column:
        return Column(name, type, "item", term, comment)

    yield column("position", "INTEGER", "position")
    yield column("heading", "VARCHAR", "heading")
    yield column("service", "VARCHAR", "service")
    yield column("requested_service", "VARCHAR", "requestedService")
    yield column("authorized_service", "VARCHAR", "authorizedService")
    yield column("partial_certification", "BOOLEAN", None, "True where the claims administrator authorized a part of "
                 "what was requested.")  # fmt: skip
    yield column("retrospective", "BOOLEAN", "retrospective")
    yield column("surgical_adjunct", "BOOLEAN", "surgicalAdjunct")
    yield column("decision", "VARCHAR", "decision", "Written `upheld` or `overturned`.")
    yield column("treatments", "VARCHAR[]", "requestsTreatment", "Ids of the vocabulary, sorted; none where no "
                 "treatment was recognised.")  # fmt: skip
    yield column("drug_classes", "VARCHAR[]", None, "Classes of the drugs among the treatments, by the vocabulary.")
    yield column("categories", "VARCHAR[]", None, "Top request categories of the treatments, by the vocabulary.")
    yield column("subcategories", "VARCHAR[]", None, "Request categories below the top ones, by the vocabulary.")
    yield column("body_regions", "VARCHAR[]", "bodyRegion")
    yield column("laterality", "VARCHAR", "laterality")
    for prefix, shortcut, party in (("administrator", "denialBasedOn", "claims administrator"),
                                    ("reviewer", "basedOn", "expert reviewer")):  # fmt: skip
        yield column(f"{prefix}_stance", "VARCHAR", f"{prefix}Stance")
        yield column(f"{prefix}_bases", "VARCHAR[]", None, f"How the letter introduces the {party}'s citations: "
                     "`mtus`, `non-mtus`.")  # fmt: skip
        yield column(f"{prefix}_guidelines", "VARCHAR[]", f"{shortcut}Guideline")
        yield column(f"{prefix}_chapters", "VARCHAR[]", None, f"Chapters of the Official Disability Guidelines that "
                     f"the {party} cites, as printed.")  # fmt: skip
        yield column(f"{prefix}_sections", "VARCHAR[]", f"{shortcut}Section", "By label, in the order of their ids.")
        yield column(f"{prefix}_section_ids", "VARCHAR[]", None, f"Ids of the sections that the {party} cites: what "
                     "follows `section-` in the names of the graph.")  # fmt: skip
        yield column(f"{prefix}_pages", "VARCHAR[]", f"{shortcut}Page", "Guideline and number, joined by a hyphen.")
        yield column(f"{prefix}_citations", "VARCHAR[]", None, f"The words of the {party}'s citations, in order.")
    yield column("unmatched_sections", "VARCHAR[]", None, "Sections that the vocabulary does not know, each after its "
                 "guideline's id and a colon.")  # fmt: skip
    yield column("rationale", "VARCHAR", "rationale")
    yield Column("summary", "VARCHAR", "case", "clinicalSummary", "Once for each case: in its first row.")


COLUMNS: Final[tuple[Column, ...]] = (*_case(), *_item())
NAMES: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS)
TYPES: Final[dict[str, str]] = {column.name: column.type for column in COLUMNS}
CASE_COLUMNS: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS if column.level == "case")
