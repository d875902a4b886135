"""The query library: ready-made questions in `queries/*.rq`, each with a header that people and programs read.

The grammar of the header is in `queries/README.md`. A question's text is whole SPARQL that runs as it stands: its
parameters are `VALUES` clauses that hold the default, an example, or `UNDEF` for a parameter that may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from imr_graph import resources
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.errors import ToolError, UnknownNameError

__all__ = ["TYPES", "Column", "Parameter", "Question", "find_question", "parse", "questions"]

# Kinds of concepts and cases, individuals of the ontology, and literals.
TYPES = frozenset({*KINDS, "case", "decision", "side", "integer", "date", "year", "text"})
"""What a parameter can be."""

# `# key: value`; the header is the run of comment lines at the top of the file.
_FIELD = re.compile(r"^# (\w+): (.+)$")
# `minimum (integer, default 1): leave out ...`; the default ends at the first closing parenthesis with a colon.
_PARAMETER = re.compile(
    r"^(?P<name>[a-z]\w*) \((?P<type>\w+), (?:(?P<optional>optional)|default (?P<default>.+?)"
    r"|required, example (?P<example>.+?))\): (?P<description>.+)$"
)
# `share: overturned divided by decisions`
_COLUMN = re.compile(r"^(?P<name>\w+): (?P<description>.+)$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that a question takes.

    `type` is one of `TYPES`. `default` is the value that counts where none is given, None for a parameter that is
    required or may be left out; `example` is given for a required one.
    """

    name: str
    type: str
    description: str
    required: bool = False
    default: str | None = None
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """What one column of the answer means."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the library; `name` is the file's stem, `sparql` the file's whole text."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    tags: tuple[str, ...]
    sparql: str

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of this name; raises UnknownNameError with the near ones."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise UnknownNameError(f"parameter of {self.name!r} with the name", name, (p.name for p in self.parameters))


def questions(folder: Path | None = None) -> tuple[Question, ...]:
    """Return every question of a folder, by default the library's own, in the order of their names."""
    return _read(folder or resources.queries())


@cache
def _read(folder: Path) -> tuple[Question, ...]:
    return tuple(parse(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.rq")))


def find_question(name: str, folder: Path | None = None) -> Question:
    """Return the question of this name; raises UnknownNameError with the near ones.

    >>> find_question("overturn-rate-by-year").title
    'Overturn rate by year of decision'
    """
    known = {question.name: question for question in questions(folder)}
    if name not in known:
        raise UnknownNameError("question", name, known)
    return known[name]


def parse(name: str, text: str) -> Question:
    """Return the question of a file's text; raises ToolError where the header breaks its grammar."""
    fields = list(_fields(name, text))
    one = {key: value for key, value in fields if key in ("title", "description", "tags")}
    for key in ("title", "description", "tags"):
        if key not in one:
            raise ToolError(f"{name}.rq: the header has no line '# {key}: ...'.")
    return Question(
        name=name,
        title=one["title"],
        description=one["description"],
        parameters=tuple(_parameter(name, value) for key, value in fields if key == "param"),
        columns=tuple(_column(name, value) for key, value in fields if key == "column"),
        tags=tuple(tag.strip() for tag in one["tags"].split(",")),
        sparql=text,
    )


def _fields(name: str, text: str) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#"):
            return
        found = _FIELD.match(line)
        if not found or found[1] not in ("title", "description", "param", "column", "tags"):
            raise ToolError(
                f"{name}.rq, line {number}: a header line is '# title: ...', description, param, column or tags."
            )
        yield found[1], found[2].strip()


def _parameter(name: str, value: str) -> Parameter:
    found = _PARAMETER.match(value)
    if not found:
        raise ToolError(
            f"{name}.rq: the parameter {value!r} is not of the form "
            "'name (type, optional | default VALUE | required, example VALUE): what it does'."
        )
    if found["type"] not in TYPES:
        raise UnknownNameError(f"parameter type (asked for by {name}.rq)", found["type"], TYPES)
    return Parameter(
        name=found["name"],
        type=found["type"],
        description=found["description"],
        required=found["example"] is not None,
        default=found["default"],
        example=found["example"],
    )


def _column(name: str, value: str) -> Column:
    found = _COLUMN.match(value)
    if not found:
        raise ToolError(f"{name}.rq: the column {value!r} is not of the form 'name: what it means'.")
    return Column(found["name"], found["description"])
