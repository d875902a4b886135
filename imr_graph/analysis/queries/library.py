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

__all__ = [
    "TYPES",
    "ChartColumns",
    "Parameter",
    "Question",
    "ResultColumn",
    "find_question",
    "list_questions",
    "list_tags",
    "parse",
]

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
# `share: overturned divided by decisions`, or with what a text names: `upheldCase (case): the case that was upheld`
_COLUMN = re.compile(r"^(?P<name>\w+)(?: \((?P<type>case|item|share)\))?: (?P<description>.+)$")
# `share overturned of decisions by guideline`, `amount cases by first, second`
_CHART = re.compile(r"^(?:share (?P<part>\w+) of (?P<whole>\w+)|amount (?P<amount>\w+)) by (?P<by>\w+(?:, \w+)*)$")
_KEYS = ("title", "description", "param", "column", "chart", "tags")


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
class ResultColumn:
    """What one column of the answer means.

    `type` says what a text of the column names, "case" (by its number) or "item" ("CM16-9990007 item 2"), or that its
    numbers are a "share" from 0 to 1; it is None for nodes and for plain values.
    """

    name: str
    description: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ChartColumns:
    """What a chart of an answer shows, by the names of columns.

    `by` say what a row is about, a period where it is `year`. A bar is as long as `value`, as a share of `whole` where
    there is one.
    """

    by: tuple[str, ...]
    value: str
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the library; `name` is the file's stem, `sparql` the file's whole text."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    columns: tuple[ResultColumn, ...]
    tags: tuple[str, ...]
    sparql: str
    chart: ChartColumns | None = None

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of this name; raises UnknownNameError with the near ones."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise UnknownNameError(f"parameter of {self.name!r} with the name", name, (p.name for p in self.parameters))


def list_questions(folder: Path | None = None) -> tuple[Question, ...]:
    """Return every question of a folder, by default the library's own, in the order of their names."""
    return _read(folder or resources.queries())


def list_tags() -> list[str]:
    """Return the tags that questions have, by name."""
    return sorted({tag for question in list_questions() for tag in question.tags})


@cache
def _read(folder: Path) -> tuple[Question, ...]:
    files = sorted(folder.glob("*.rq"), key=lambda path: path.stem)
    return tuple(parse(path.stem, path.read_text("utf-8")) for path in files)


def find_question(name: str, folder: Path | None = None) -> Question:
    """Return the question of this name; raises UnknownNameError with the near ones.

    >>> find_question("overturn-rate-by-year").title
    'Overturn rate by year of decision'
    """
    known = {question.name: question for question in list_questions(folder)}
    if name not in known:
        raise UnknownNameError("question", name, known)
    return known[name]


def parse(name: str, text: str) -> Question:
    """Return the question of a file's text; raises ToolError where the header breaks its grammar."""
    fields = list(_fields(name, text))
    one = {key: value for key, value in fields if key not in ("param", "column")}
    for key in ("title", "description", "tags"):
        if key not in one:
            raise ToolError(f"{name}.rq: the header has no line '# {key}: ...'.")
    columns = tuple(_column(name, value) for key, value in fields if key == "column")
    return Question(
        name=name,
        title=one["title"],
        description=one["description"],
        parameters=tuple(_parameter(name, value) for key, value in fields if key == "param"),
        columns=columns,
        tags=tuple(tag.strip() for tag in one["tags"].split(",")),
        sparql=text,
        chart=_chart(name, one["chart"], columns) if "chart" in one else None,
    )


def _fields(name: str, text: str) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#"):
            return
        found = _FIELD.match(line)
        if not found or found[1] not in _KEYS:
            raise ToolError(f"{name}.rq, line {number}: a header line is '# KEY: ...', with one of {', '.join(_KEYS)}.")
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


def _column(name: str, value: str) -> ResultColumn:
    found = _COLUMN.match(value)
    if not found:
        raise ToolError(f"{name}.rq: the column {value!r} is not of the form 'name: what it means'.")
    return ResultColumn(found["name"], found["description"], found["type"])


def _chart(name: str, value: str, columns: Iterable[ResultColumn]) -> ChartColumns:
    found = _CHART.match(value)
    if not found:
        raise ToolError(
            f"{name}.rq: the chart {value!r} is not of the form 'share PART of WHOLE by COLUMN, ...' "
            "or 'amount COLUMN by COLUMN, ...'."
        )
    chart = ChartColumns(tuple(found["by"].split(", ")), found["part"] or found["amount"], found["whole"])
    known = [column.name for column in columns]
    for column in (*chart.by, chart.value, *([chart.whole] if chart.whole else [])):
        if column not in known:
            raise UnknownNameError(f"column of {name}.rq with the name", column, known)
    return chart
