"""Tables of `ontology/` that experts edit, and the Turtle files that are made from them.

`sections.csv` (with the named lists of `section-lists.csv`) makes `sections.ttl`, `drugs.csv` makes `drugs.ttl`. A cell
that holds several names parts them by `|`. `docs/vocabulary.md` says what each column means.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from imr_graph import iris
from imr_graph.errors import ToolError

__all__ = [
    "SECTIONS",
    "SECTION_LISTS",
    "TABLES",
    "Problem",
    "Row",
    "VocabularyEntry",
    "VocabularyTable",
    "make_turtle",
    "near",
    "read_entries",
    "read_rows",
]

_SEPARATOR = "|"
_LISTS = "section-lists"
_YES = "yes"
_WIDTH = 118


class Problem(NamedTuple):
    """Something wrong in a file of the vocabulary, and the way out; `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Row:
    """One row of a table: its cells by column, and the line of the file on which it ends."""

    line: int
    cells: Mapping[str, str]

    def names(self, column: str) -> tuple[str, ...]:
        """Return the names in a cell."""
        return tuple(name for part in self.cells[column].split(_SEPARATOR) if (name := part.strip()))


@dataclass(frozen=True)
class VocabularyEntry:
    """What a row says of one concept: its IRI, and the Turtle that describes it."""

    iri: str
    turtle: str
    row: Row


@dataclass(frozen=True)
class VocabularyTable:
    """A table: its name without suffix, its columns, those that may not be empty, and how rows become entries.

    `choices` are the only words that a cell of a column may hold. A table without `entries` makes no file of its own;
    others read it.
    """

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    entries: Callable[[Path, list[Row]], Iterator[VocabularyEntry]] | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def near(name: str, known: Iterable[str]) -> str:
    """Return a question that offers the known name most like a wrong one, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {found[0]!r}?" if found else ""


def read_rows(folder: Path, table: VocabularyTable) -> tuple[list[Row], list[Problem]]:
    """Return the rows of a table in a folder, and what is wrong with its form."""
    file = f"{table.name}.csv"
    if not (folder / file).is_file():
        return [], []
    rows: list[Row] = []
    with (folder / file).open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        problems = [Problem(file, 1, message) for message in _header_problems(header, table)]
        for cells in () if problems else reader:
            row = Row(reader.line_num, dict(zip(header, map(str.strip, cells), strict=False)))
            found = [Problem(file, row.line, message) for message in _row_problems(row, table)]
            problems += found
            rows += [] if found else [row]
    return rows, problems


def _header_problems(header: list[str], table: VocabularyTable) -> Iterator[str]:
    unknown = [column for column in header if column not in table.columns]
    for column in unknown:
        yield f"There is no column {column!r}.{near(column, table.columns)}"
    for column in table.columns:
        if column not in header and not unknown:
            yield f"The column {column!r} is missing."


def _row_problems(row: Row, table: VocabularyTable) -> Iterator[str]:
    if len(row.cells) != len(table.columns):
        yield f"{len(row.cells)} cells instead of {len(table.columns)}."
        return
    for column in table.required:
        if not row.cells[column]:
            yield f"The cell of column {column!r} is empty."
    for column, words in table.choices.items():
        if row.cells[column] and row.cells[column] not in words:
            yield f"The column {column!r} holds {row.cells[column]!r}: write {' or '.join(words)}, or nothing."


def read_entries(folder: Path, table: VocabularyTable) -> list[VocabularyEntry]:
    """Return the entries of a table; raise ToolError where a table is not of its form."""
    rows, problems = read_rows(folder, table)
    if problems:
        raise ToolError(str(problems[0]))
    return list(table.entries(folder, rows)) if table.entries else []


def make_turtle(folder: Path, table: VocabularyTable) -> str:
    """Return the text of the Turtle file that a table makes; raise ToolError where a table is not of its form."""
    used = ("id", "imr", "skos")
    head = [f"# Made from {table.name}.csv by 'imr-graph vocabulary make': edit the table, not this file.", ""]
    head += [f"@prefix {prefix}: <{iris.PREFIXES[prefix]}> ." for prefix in used]
    return "\n".join([*head, "", *(entry.turtle for entry in read_entries(folder, table))])


def _sections(folder: Path, rows: list[Row]) -> Iterator[VocabularyEntry]:
    lists = {row.cells["list"]: row.names("guidelines") for row in read_rows(folder, SECTION_LISTS)[0]}
    for row in rows:
        owners = [guideline for name in row.names("of") for guideline in lists.get(name, (name,))]
        facts = [
            _labels("skos:prefLabel", (row.cells["label"],)),
            _labels("skos:altLabel", row.names("alternatives")),
            _labels("skos:hiddenLabel", row.names("misspellings")),
            'skos:notation "chapter"' if row.cells["chapter"] == _YES else "",
            "skos:inScheme id:scheme-sections",
        ]
        for owner in dict.fromkeys(owners):
            yield _entry(
                iris.section_iri(owner, row.cells["label"]), "Section", [*facts, _links("sectionOf", owner)], row
            )


def _drugs(_folder: Path, rows: list[Row]) -> Iterator[VocabularyEntry]:
    for row in rows:
        identifier, ingredients = row.cells["id"], row.names("ingredients")
        facts = [
            _labels("skos:prefLabel", (row.cells["label"],)),
            _labels("skos:altLabel", row.names("alternatives")),
            _labels("skos:hiddenLabel", row.names("misspellings")),
            f'skos:notation "{identifier}"',
            f"skos:broader id:{iris.local_name(iris.category_iri(row.cells['class']))}" if row.cells["class"] else "",
            _links("hasIngredient", *ingredients),
        ]
        if ingredients:
            facts.append("skos:inScheme id:scheme-drug-products")
            yield _entry(iris.product_iri(identifier), "DrugProduct", facts, row)
        else:
            facts.append("skos:inScheme id:scheme-treatments")
            yield _entry(iris.treatment_iri(identifier), "Treatment", facts, row)


def _entry(iri: str, class_name: str, facts: list[str], row: Row) -> VocabularyEntry:
    body = " ;\n    ".join(fact for fact in facts if fact)
    return VocabularyEntry(iri, f"id:{iris.local_name(iri)} a imr:{class_name} ;\n    {body} .\n", row)


def _labels(predicate: str, names: tuple[str, ...]) -> str:
    if not names:
        return ""
    lines = [predicate]
    for number, name in enumerate(names, 1):
        literal = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"@en' + "," * (number < len(names))
        if len(lines[-1]) + len(literal) < _WIDTH:
            lines[-1] += f" {literal}"
        else:
            lines.append(f"    {literal}")
    return "\n    ".join(lines)


_PREFIX_OF = {"sectionOf": "guideline-", "hasIngredient": "treatment-"}


def _links(name: str, *ids: str) -> str:
    """Return links to guidelines or ingredients, or nothing where there are none."""
    return f"imr:{name} " + ", ".join(f"id:{_PREFIX_OF[name]}{id}" for id in ids) if ids else ""


_SECTION_COLUMNS = ("of", "label", "alternatives", "misspellings", "chapter")
_DRUG_COLUMNS = ("id", "label", "class", "alternatives", "misspellings", "ingredients", "note")
SECTION_LISTS = VocabularyTable(_LISTS, ("list", "guidelines", "note"), ("list", "guidelines"))
SECTIONS = VocabularyTable("sections", _SECTION_COLUMNS, ("of", "label"), _sections, {"chapter": (_YES,)})
TABLES = (SECTION_LISTS, SECTIONS, VocabularyTable("drugs", _DRUG_COLUMNS, ("id", "label"), _drugs))
