"""The columns of the table of disputed items: name, type, meaning; and the data dictionary.

A column of a field takes name and type from the field's row and its entry in the data dictionary from the property's
comment in the ontology. The columns that are made of several fields stand here, each with a comment of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from functools import cache
from typing import Final, Literal

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.fields import CASE, ITEM, LETTER, REVIEWER, SIDES, Field, Side
from imr_graph.labels import comment, label
from imr_graph.record_files import format_csv

__all__ = [
    "CASE_COLUMNS",
    "COLUMNS",
    "FORMATS",
    "NAMES",
    "TYPES",
    "DictionaryEntry",
    "Level",
    "TableColumn",
    "Type",
    "describe_columns",
    "format_dictionary",
]

Level = Literal["case", "item"]
Type = Literal["VARCHAR", "VARCHAR[]", "DATE", "INTEGER", "BOOLEAN"]
_TYPES: Final[Mapping[str, Type]] = {"date": "DATE", "number": "INTEGER", "flag": "BOOLEAN"}


@dataclass(frozen=True, slots=True)
class TableColumn:
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


def _of_field(of: Field, level: Level) -> TableColumn | None:
    type: Type = "VARCHAR[]" if of.several else _TYPES.get(of.kind, "VARCHAR")
    return TableColumn(of.column, type, level, of.term, of.note) if of.column else None


def _case_columns(name: str) -> Iterator[TableColumn]:
    """Yield the columns of the case that follow another, by its name; "" stands before the first."""

    def column(name: str, type: Type, comment: str) -> TableColumn:
        return TableColumn(name, type, "case", None, comment)

    match name:
        case "":
            yield column("case_key", "VARCHAR", "What names the case in the graph: its number, or the beginning of the "
                         "digest of the letter's text where it gives none, or both where letters share a "
                         "number.")  # fmt: skip
        case "case_number":
            yield from filter(None, (_of_field(each, "case") for each in LETTER.fields))
        case "reviewer_specialties":
            yield column("reviewer_specialty_ids", "VARCHAR[]", "Ids of the specialties: what follows `specialty-` in "
                         "the names of the graph.")  # fmt: skip
        case "reviewer_states":
            yield column("reviewer_profile", "VARCHAR", "Specialties and states together. Reviewers are anonymous: "
                         "equal profiles are not the same person.")  # fmt: skip
            yield column("unmatched_specialties", "VARCHAR[]", "Specialties that the vocabulary does not know.")
            yield column("unparsed_passages", "INTEGER", "How many passages of the letter no rule understood.")
            yield column("items_in_case", "INTEGER", "How many disputed items the letter decides.")


def _item_columns(name: str) -> Iterator[TableColumn]:
    """Yield the columns of the item that follow another, by its name; "" stands before the first."""

    def column(name: str, type: Type, comment: str) -> TableColumn:
        return TableColumn(name, type, "item", None, comment)

    match name:
        case "":
            yield TableColumn("position", "INTEGER", "item", "position")
        case "authorized_service":
            yield column("partial_certification", "BOOLEAN", "True where the claims administrator authorized a part of "
                         "what was requested.")  # fmt: skip
        case "treatments":
            yield column(
                "drug_classes",
                "VARCHAR[]",
                "Classes of the drugs among the treatments, by the "
                "vocabulary; drugs applied to the skin are topical analgesics or compounds.",
            )
            yield column("categories", "VARCHAR[]", "Top request categories of the treatments, by the vocabulary.")
            yield column("subcategories", "VARCHAR[]", "Request categories below the top ones, by the vocabulary.")
        case "rationale":
            yield TableColumn("reasons", "VARCHAR[]", "item", "decidedBecause", "Ids of the vocabulary, sorted.")
        case "administrator_stance":
            yield from _side_columns(SIDES[0])
        case "reviewer_stance":
            yield from _side_columns(SIDES[1])
            yield column("unmatched_sections", "VARCHAR[]", "Sections that the vocabulary does not know, each after "
                         "its guideline's id and a colon.")  # fmt: skip


def _side_columns(side: Side) -> Iterator[TableColumn]:
    party = label(side.party)

    def column(name: str, term: str | None, comment: str | None = None) -> TableColumn:
        return TableColumn(f"{side.column}_{name}", "VARCHAR[]", "item", term, comment)

    yield column("bases", None, f"How the letter introduces the {party}'s citations: `mtus`, `non-mtus`.")
    yield column("guidelines", f"{side.shortcut}Guideline")
    yield column(
        "chapters", None, f"Chapters of the Official Disability Guidelines that the {party} cites, as printed."
    )
    yield column("sections", f"{side.shortcut}Section", "By label, in the order of their ids.")
    yield column("section_ids", None, f"Ids of the sections that the {party} cites: what follows `section-` in the "
                 "names of the graph.")  # fmt: skip
    yield column("pages", f"{side.shortcut}Page", "Guideline and number, joined by a hyphen.")
    yield column("citations", None, f"The words of the {party}'s citations, in order.")


def _columns() -> Iterator[TableColumn]:
    of_case = [_of_field(each, "case") for each in (*CASE.fields, *REVIEWER.fields) if not each.last]
    of_item = [_of_field(each, "item") for each in ITEM.fields if not each.last]
    for found, more in ((of_case, _case_columns), (of_item, _item_columns)):
        yield from more("")
        for column in filter(None, found):
            yield column
            yield from more(column.name)
    yield from filter(None, (_of_field(each, "case") for each in CASE.fields if each.last))


COLUMNS: Final[tuple[TableColumn, ...]] = tuple(_columns())
NAMES: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS)
TYPES: Final[dict[str, str]] = {column.name: column.type for column in COLUMNS}
CASE_COLUMNS: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS if column.level == "case")


_DATA_TYPES: Final[Mapping[str, str]] = {
    "VARCHAR": "text",
    "VARCHAR[]": "list of texts",
    "DATE": "date",
    "INTEGER": "whole number",
    "BOOLEAN": "true or false",
}
_SEPARATOR: Final = "In CSV the values are separated by a vertical bar with a space on each side."


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """One column: `level` is what the value belongs to, `term` the property of the ontology that it is, if any."""

    column: str
    type: str
    level: str
    meaning: str
    term: str | None


@cache
def describe_columns() -> tuple[DictionaryEntry, ...]:
    """Return the entries of all columns, in their order.

    >>> next(entry.meaning for entry in describe_columns() if entry.column == "assigned_date")
    'The day on which the case was assigned to the expert reviewer.'
    """
    return tuple(
        DictionaryEntry(
            column.name,
            _DATA_TYPES[column.type],
            column.level,
            " ".join(filter(None, (comment(column.term) if column.term else None, column.comment))),
            terms.term(column.term) if column.term else None,
        )
        for column in COLUMNS
    )


def format_dictionary(format: str) -> str:
    """Return the dictionary as text in a format of `FORMATS`; raise UnknownNameError for another."""
    if format not in FORMATS:
        raise UnknownNameError("format of the data dictionary", format, FORMATS)
    return FORMATS[format]()


def _csv() -> str:
    return format_csv([each.name for each in fields(DictionaryEntry)], map(astuple, describe_columns()))


def _markdown() -> str:
    head = ["# Columns of the table of disputed items", "", f"One row for each disputed item. {_SEPARATOR}", ""]
    head += ["| column | type | of the | meaning |", "|---|---|---|---|"]
    rows = [
        f"| `{e.column}` | {e.type} | {e.level} | {e.meaning.replace('|', chr(92) + '|')} |" for e in describe_columns()
    ]
    return "\n".join([*head, *rows]) + "\n"


def _json() -> str:
    return json.dumps([asdict(entry) for entry in describe_columns()], ensure_ascii=False, indent=1) + "\n"


FORMATS: Final[Mapping[str, Callable[[], str]]] = {"csv": _csv, "json": _json, "markdown": _markdown}
