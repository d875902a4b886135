"""The facts of a graph as tables, as mapping engines take them: one for each class, one for each repeated property.

A table is a CSV file whose first column is the subject's IRI; an empty cell is no fact. `tables.json` says what the
other columns are: the property, and the kind of value (`iri`, a language, or the IRI of a datatype).
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

__all__ = ["write_tables"]

_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


class Column(NamedTuple):
    """What a column holds."""

    property: str
    kind: str


def write_tables(ntriples: Path, out: Path) -> int:
    """Write the tables of a graph; return its number of triples, each counted once."""
    classes: dict[str, str] = {}
    said: defaultdict[tuple[str, Column], list[str]] = defaultdict(list)
    triples = {quad.triple for quad in ox.parse(path=ntriples, format=ox.RdfFormat.N_TRIPLES)}
    for subject, predicate, value in sorted(triples, key=str):
        if predicate.value == _TYPE:
            classes.setdefault(subject.value, value.value)
        said[subject.value, Column(predicate.value, _kind(value))].append(value.value)
    out.mkdir(exist_ok=True)
    for old in out.iterdir():
        old.unlink()
    described = _write(out, classes, said)
    (out / "tables.json").write_text(json.dumps(described, indent=1))
    return len(triples)


def _kind(value: ox.NamedNode | ox.Literal) -> str:
    if isinstance(value, ox.NamedNode):
        return "iri"
    return f"@{value.language}" if value.language else value.datatype.value


def _write(out: Path, classes: dict[str, str], said: dict[tuple[str, Column], list[str]]) -> dict[str, list[Column]]:
    single: defaultdict[str, dict[Column, bool]] = defaultdict(dict)
    for (subject, column), values in said.items():
        columns = single[classes[subject]]
        columns[column] = columns.get(column, True) and len(values) == 1
    subjects: defaultdict[str, list[str]] = defaultdict(list)
    for subject, cls in classes.items():
        subjects[cls].append(subject)
    described: dict[str, list[Column]] = {}
    for cls, columns in single.items():
        name = cls.rpartition("#")[2]
        alone = [column for column, once in columns.items() if once]
        rows = [[s, *(said.get((s, column), [""])[0] for column in alone)] for s in subjects[cls]]
        described[name] = _table(out, name, alone, rows)
        for number, column in enumerate(column for column, once in columns.items() if not once):
            pairs = [[s, value] for s in subjects[cls] for value in said.get((s, column), ())]
            described[f"{name}{number}"] = _table(out, f"{name}{number}", [column], pairs)
    return described


def _table(out: Path, name: str, columns: list[Column], rows: list[list[str]]) -> list[Column]:
    with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["s", *(f"c{index}" for index in range(len(columns)))])
        writer.writerows(rows)
    return columns
