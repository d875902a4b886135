"""Checking the vocabulary files of a folder, for those who edit them: every problem with its file, line and way out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from imr_graph import iris, resources
from imr_graph.errors import ToolError
from imr_graph.vocabulary.concepts import KINDS, Kind
from imr_graph.vocabulary.mappings import check_mappings
from imr_graph.vocabulary.matching import split
from imr_graph.vocabulary.phrases import FILE as PHRASES
from imr_graph.vocabulary.phrases import read_phrases
from imr_graph.vocabulary.tables import (
    SECTION_LISTS,
    SECTIONS,
    TABLES,
    Problem,
    VocabularyTable,
    make_turtle,
    near,
    read_entries,
    read_rows,
)

__all__ = ["check_vocabulary", "list_notations"]

_Lines: TypeAlias = tuple[str, ...]

# A description in Turtle begins with its subject at the beginning of a line.
_SUBJECT = re.compile(r"(?:id|imr):(?P<name>\S+)\s")
_BY_CLASS = {f"imr:{kind.class_name}": kind for kind in KINDS}
_SCHEME = "skos:ConceptScheme"
_ANNOTATIONS = (
    "rdf:type",
    "skos:prefLabel",
    "skos:altLabel",
    "skos:hiddenLabel",
    "skos:notation",
    "skos:note",
    "skos:definition",
    "skos:example",
)
_LABELS = _ANNOTATIONS[1:4]
_PROPERTIES = frozenset(
    (*_ANNOTATIONS, "skos:broader", "skos:inScheme", "dcterms:title", "dcterms:description", "dcterms:valid")
)
# What a link may lead to, by the kind of concept or "scheme".
_LINKS = {
    "skos:inScheme": ("scheme",),
    "skos:broader": ("category", "guideline", "reason-group", "treatment"),
    "imr:sectionOf": ("guideline",),
    "imr:hasIngredient": ("treatment",),
    "imr:counterpart": ("reason",),
    "imr:subsumes": ("treatment",),
    "imr:typicalRegion": ("body-region",),
}
# Hidden labels of these kinds may stand on two concepts: the name means both ("thoracolumbar"), or context decides.
_MAY_SHARE_HIDDEN = frozenset(("treatment", "product", "phrase", "body-region"))


@dataclass
class _Node:
    """What the files say of one individual, in abbreviated names, and where they say it."""

    name: str
    file: str
    start: int
    lines: _Lines
    facts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def problem(self, message: str, words: str | None = None) -> Problem:
        """Return a problem at the first line of the description that holds some words, else at its beginning."""
        at = next((n for n, line in enumerate(self.lines) if words and words in line), 0)
        return Problem(self.file, self.start + at, f"{self.name} {message}")

    @property
    def kind(self) -> Kind | None:
        return next((_BY_CLASS[name] for name in self.facts["rdf:type"] if name in _BY_CLASS), None)

    @property
    def role(self) -> str | None:
        """The name of its kind, "scheme" for a scheme, None for anything else."""
        if self.kind:
            return self.kind.name
        return "scheme" if _SCHEME in self.facts["rdf:type"] else None


def check_vocabulary(folder: Path) -> list[Problem]:
    """Return everything that is wrong in the vocabulary files of a folder, in order of files and lines.

    Checked are the form of the tables and of the Turtle, classes and properties, what each kind of concept has to
    have, that links lead to something of the right kind, that a name belongs to one concept, and that the Turtle made
    from a table is up to date.
    """
    problems = [problem for table in TABLES for problem in read_rows(folder, table)[1]]
    nodes: dict[str, _Node] = {}
    for path in resources.vocabulary_files(folder):
        try:
            described = list(_of_file(path))
        except SyntaxError as error:
            problems.append(Problem(path.name, error.lineno or 1, f"This is not valid Turtle: {error.msg}."))
            continue
        table = next((t for t in TABLES if t.entries and path.name == f"{t.name}.ttl"), None)
        if table and (folder / f"{table.name}.csv").is_file() and not problems:
            described = list(_of_table(folder, table))
            problems += _stale(path, folder, table)
        for node in described:
            first = nodes.setdefault(node.name, node)
            if first is not node:
                problems.append(node.problem(f"is described already in {first.file}, line {first.start}."))
    if any("not valid Turtle" in problem.message for problem in problems):
        return sorted(problems)  # what a file that cannot be read describes would be missed everywhere
    terms = frozenset(name for name in nodes if name.startswith("imr:"))
    for node in nodes.values():
        if node.name.startswith("id:"):
            problems += [*_check_class(node), *_check_facts(node, terms), *_check_links(node, nodes)]
    problems += [*_check_owners(folder, nodes), *_check_names(nodes), *_check_phrases(folder, nodes)]
    labels = {node.name: node.facts["skos:prefLabel"][0] for node in nodes.values() if node.facts["skos:prefLabel"]}
    problems += check_mappings(folder, labels)
    return sorted(set(problems))


def list_notations(folder: Path, role: str) -> set[str]:
    """Return the notations of a kind of concepts in the Turtle of a folder, as far as it can be read."""
    found: set[str] = set()
    for path in resources.vocabulary_files(folder):
        with suppress(SyntaxError):
            nodes = [node for node in _of_file(path) if node.role == role]
            found.update(notation for node in nodes for notation in node.facts["skos:notation"])
    return found


def _stale(path: Path, folder: Path, table: VocabularyTable) -> list[Problem]:
    if path.read_text(encoding="utf-8") == make_turtle(folder, table):
        return []
    return [Problem(path.name, 1, f"This is not what {table.name}.csv makes: run 'imr-graph vocabulary make'.")]


def _of_table(folder: Path, table: VocabularyTable) -> Iterator[_Node]:
    """Yield the individuals of a table, each at its row."""
    nodes: dict[str, _Node] = {}
    again: list[_Node] = []
    for entry in read_entries(folder, table):
        node = _Node(_short(entry.iri), f"{table.name}.csv", entry.row.line, ())
        if nodes.setdefault(node.name, node) is not node:
            again.append(node)
    for quad in ox.parse(make_turtle(folder, table).encode(), format=ox.RdfFormat.TURTLE):
        node = nodes[_short(quad.subject.value)]
        node.facts[_short(quad.predicate.value)].append(_short(quad.object.value))
    yield from (*nodes.values(), *again)


def _of_file(path: Path) -> Iterator[_Node]:
    """Yield the individuals of a Turtle file; raise SyntaxError where it is none."""
    content = path.read_text(encoding="utf-8")
    lines = content.splitlines()
    starts = [(match["name"], n) for n, line in enumerate(lines) if (match := _SUBJECT.match(line))]
    ends = [start for _, start in starts[1:]] + [len(lines)]
    places = {name: (start, end) for (name, start), end in zip(reversed(starts), reversed(ends), strict=True)}
    nodes: dict[str, _Node] = {}
    for quad in ox.parse(content.encode(), format=ox.RdfFormat.TURTLE):
        name = _short(quad.subject.value)
        if name not in nodes:
            start, end = places.get(name.partition(":")[2], (0, 0))
            nodes[name] = _Node(name, path.name, start + 1, tuple(lines[start:end]))
        nodes[name].facts[_short(quad.predicate.value)].append(_short(quad.object.value))
    yield from nodes.values()


@cache
def _short(value: str) -> str:
    """Return an IRI of the common namespaces with its prefix; any other value as it is."""
    for prefix, namespace in iris.PREFIXES.items():
        if value.startswith(namespace):
            return f"{prefix}:{value.removeprefix(namespace)}"
    return value


def _check_class(node: _Node) -> Iterator[Problem]:
    if node.role is not None:
        return
    known = (*_BY_CLASS, _SCHEME)
    for name in node.facts["rdf:type"]:
        yield node.problem(f"is of the class {name}, which no vocabulary has.{near(name, known)}", name)
    if not node.facts["rdf:type"]:
        yield node.problem(f"has no class: say what it is ('a {', '.join(_BY_CLASS)}').")


def _check_facts(node: _Node, terms: frozenset[str]) -> Iterator[Problem]:
    known = (*_PROPERTIES, *terms)
    for name in node.facts:
        if name not in _PROPERTIES and name not in terms:
            yield node.problem(f"has the property {name}, which does not exist.{near(name, known)}", name)
    for name in ("skos:prefLabel", "skos:notation", "imr:sectionOf"):
        if len(node.facts.get(name, ())) > 1:
            yield node.problem(f"has several of {name}; leave one.", name)
    labels = [label for name in _LABELS for label in node.facts.get(name, ())]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield node.problem(f"has the label {label!r} twice; leave one.", f'"{label}"')
    if node.role == "scheme" or node.kind is None:
        return
    for name in ("skos:prefLabel", *node.kind.required):
        if not node.facts.get(name):
            yield node.problem(f"has no {name}, which each {node.kind.title} needs.{near(name, node.facts)}")
    local = node.name.removeprefix("id:").removeprefix(node.kind.prefix)
    for notation in node.facts.get("skos:notation", ()):
        if node.kind.name != "section" and notation.replace("/", "-") != local:
            yield node.problem(f"has the notation {notation!r}, which does not agree with its name.", notation)


def _check_links(node: _Node, nodes: dict[str, _Node]) -> Iterator[Problem]:
    for name, ends in node.facts.items():
        for end in ends:
            if not end.startswith("id:"):
                continue
            wanted = _LINKS.get(name, ())
            if end not in nodes:
                known = [other.name for other in nodes.values() if not wanted or other.role in wanted]
                yield node.problem(f"names {end} ({name}), which nothing describes.{near(end, known)}", end)
            elif wanted and nodes[end].role not in wanted:
                yield node.problem(f"names {end} as its {name}: that has to be a {' or '.join(wanted)}.", end)


def _check_owners(folder: Path, nodes: dict[str, _Node]) -> Iterator[Problem]:
    """Yield each name in the tables that is neither a guideline nor a list of guidelines."""
    guidelines = {n.name.removeprefix("id:guideline-") for n in nodes.values() if n.role == "guideline"}
    lists = {row.cells["list"] for row in read_rows(folder, SECTION_LISTS)[0]}
    for table, column, known in ((SECTION_LISTS, "guidelines", guidelines), (SECTIONS, "of", guidelines | lists)):
        for row in read_rows(folder, table)[0]:
            for name in row.names(column):
                if name not in known:
                    message = f"There is no {'guideline' if column != 'of' else 'list or guideline'} {name!r}."
                    yield Problem(f"{table.name}.csv", row.line, message + near(name, known))


def _check_phrases(folder: Path, nodes: dict[str, _Node]) -> Iterator[Problem]:
    """Yield what is wrong in the file of phrases: its form, and ids and names of drugs that do not exist."""
    try:
        phrases = read_phrases(folder)
    except ToolError as error:
        yield Problem(PHRASES, 1, str(error))
        return
    known = [name.removeprefix("id:treatment-") for name in nodes if name.startswith("id:treatment-")]
    lines = (folder / PHRASES).read_text(encoding="utf-8").splitlines()
    for identifier in (*phrases.treatments, *phrases.short_names.values()):
        if identifier not in known:
            line = next(n for n, line in enumerate(lines, 1) if f'"{identifier}"' in line)
            yield Problem(PHRASES, line, f"There is no treatment {identifier!r}.{near(identifier, known)}")


def _check_names(nodes: dict[str, _Node]) -> Iterator[Problem]:
    """Yield each name that belongs to two concepts of one scheme without meaning both."""
    owners: dict[tuple[str, str], _Node] = {}
    for node in nodes.values():
        for label in _own_labels(node):
            first = owners.setdefault((_scheme(node), split(label).squeezed), node)
            if first is not node and not _are_editions(first, node):
                yield node.problem(f"has the name {label!r} of {first.name} ({first.file}, line {first.start}).", label)


def _own_labels(node: _Node) -> list[str]:
    """Return the names that have to be one concept's own."""
    if node.kind is None:
        return []
    hidden = [] if node.kind.name in _MAY_SHARE_HIDDEN else node.facts.get("skos:hiddenLabel", [])
    return [*node.facts.get("skos:prefLabel", []), *node.facts.get("skos:altLabel", []), *hidden]


def _scheme(node: _Node) -> str:
    """Return where a node's names have to be its own: a guideline's sections, drugs and treatments, else its kind."""
    if node.role == "section":
        return " ".join(node.facts.get("imr:sectionOf", ()))
    return "treatment" if node.role == "product" else node.role or ""


def _are_editions(one: _Node, other: _Node) -> bool:
    """Tell whether two nodes are guidelines that may share a name: editions of one, or of one regulation."""
    if one.role != "guideline" or other.role != "guideline":
        return False
    stems = {label.rstrip("0123456789 ") for node in (one, other) for label in node.facts.get("skos:prefLabel", ())}
    regulations = [node.facts.get("imr:regulation") for node in (one, other)]
    return len(stems) == 1 or (regulations[0] is not None and regulations[0] == regulations[1])
