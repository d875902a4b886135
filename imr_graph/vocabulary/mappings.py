"""Mappings of concepts to public vocabularies: the file `ontology/mappings.sssom.tsv`, and the triples that follow.

Source of the form: SSSOM 1.0, a table of tab-separated values whose metadata stand before it as comments.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from imr_graph.vocabulary.tables import Problem, near

__all__ = ["CODES", "FILE", "ConceptMapping", "check_mappings", "mapping_triples", "read_mappings", "read_prefixes"]

FILE: Final = "mappings.sssom.tsv"
CODES: Final[Mapping[str, re.Pattern[str]]] = {
    "RXNORM": re.compile(r"[1-9][0-9]{1,6}"),
    "ATC": re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}"),
    "NUCC": re.compile(r"[0-9A-Z]{9}X"),
    "ISO3166": re.compile(r"US-[A-Z]{2}"),
    "WIKIDATA": re.compile(r"Q[1-9][0-9]*"),
}
"""The vocabularies that are mapped to, by their prefixes, and the form of their codes."""

_PREDICATES = tuple(f"skos:{name}Match" for name in ("exact", "close", "broad", "narrow", "related"))
_JUSTIFICATIONS = ("semapv:ManualMappingCuration", "semapv:LexicalMatching")
_PREFIX = re.compile(r"#\s+(?P<prefix>\w+): \"?(?P<iri>https?://[^\s\"]+)\"?\s*")


class ConceptMapping(NamedTuple):
    """One row: IRIs abbreviated as in the file, the label that the row gives its subject, and its line."""

    line: int
    subject: str
    label: str
    predicate: str
    object: str
    justification: str


def read_prefixes(folder: Path) -> Mapping[str, str]:
    """Return the prefixes (curie_map) of the mappings in a folder of vocabularies."""
    lines = _lines(folder)
    start = next((n for n, line in enumerate(lines) if line.startswith("# curie_map:")), len(lines))
    found = (match for line in lines[start:] if (match := _PREFIX.fullmatch(line)))
    return {match["prefix"]: match["iri"] for match in found}


def read_mappings(folder: Path) -> Iterator[ConceptMapping]:
    """Yield the mappings of a folder of vocabularies, none where it has no such file."""
    lines = _lines(folder)
    comments = sum(line.startswith("#") for line in lines)
    names = ("subject_id", "subject_label", "predicate_id", "object_id", "mapping_justification")
    reader = csv.DictReader(lines[comments:], delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in reader:
        yield ConceptMapping(comments + reader.line_num, *(row[name] or "" for name in names))


def mapping_triples(folder: Path) -> Iterator[ox.Triple]:
    """Yield the mappings of a folder of vocabularies as triples of SKOS."""
    prefixes = read_prefixes(folder)
    for row in read_mappings(folder):
        iris = (_expand(name, prefixes) for name in (row.subject, row.predicate, row.object))
        yield ox.Triple(*map(ox.NamedNode, iris))


def check_mappings(folder: Path, labels: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is wrong in the mappings of a folder; `labels` has the label of each concept by its short name."""
    prefixes = read_prefixes(folder)
    for row in read_mappings(folder):
        if row.subject not in labels:
            message = f"There is no concept {row.subject!r}.{near(row.subject, labels)}"
            yield Problem(FILE, row.line, message)
        elif row.label != labels[row.subject]:
            message = f"{row.subject} is called {labels[row.subject]!r}, not {row.label!r}."
            yield Problem(FILE, row.line, message)
        if row.predicate not in _PREDICATES:
            yield Problem(FILE, row.line, f"{row.predicate!r} is no mapping of SKOS.{near(row.predicate, _PREDICATES)}")
        prefix, _, code = row.object.partition(":")
        if prefix not in CODES or prefix not in prefixes:
            yield Problem(FILE, row.line, f"There is no vocabulary {prefix!r}.{near(prefix, CODES)}")
        elif not CODES[prefix].fullmatch(code):
            yield Problem(FILE, row.line, f"{code!r} has not the form of a code of {prefix}.")
        if row.justification not in _JUSTIFICATIONS:
            yield Problem(
                FILE, row.line, f"{row.justification!r} justifies nothing: say {' or '.join(_JUSTIFICATIONS)}."
            )


def _expand(name: str, prefixes: Mapping[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return prefixes[prefix] + local


def _lines(folder: Path) -> list[str]:
    path = folder / FILE
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
