"""The data dictionary: each column of the table with its type and its meaning in the words of the ontology."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.errors import UnknownNameError
from imr_graph.table.columns import COLUMNS

__all__ = ["FORMATS", "DictionaryEntry", "describe_columns", "format_dictionary"]

_TYPES: Final[Mapping[str, str]] = {
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
    comments = _comments()
    return tuple(
        DictionaryEntry(
            column.name,
            _TYPES[column.type],
            column.level,
            " ".join(filter(None, (comments[column.term] if column.term else None, column.comment))),
            terms.term(column.term) if column.term else None,
        )
        for column in COLUMNS
    )


def format_dictionary(format: str) -> str:
    """Return the dictionary as text in a format of `FORMATS`; raise UnknownNameError for another."""
    if format not in FORMATS:
        raise UnknownNameError("format of the data dictionary", format, FORMATS)
    return FORMATS[format]()


def _comments() -> dict[str, str]:
    """Return the comments of the ontology's terms by their local names."""
    file = resources.ontology() / "imr.ttl"
    comment = f"{terms.RDFS}comment"
    return {
        terms.local_name(quad.subject.value): quad.object.value
        for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE)
        if quad.predicate.value == comment
        and isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.Literal)
    }


def _csv() -> str:
    stream = io.StringIO()
    rows = [asdict(entry) for entry in describe_columns()]
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


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
