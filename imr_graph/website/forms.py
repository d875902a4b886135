"""Forms: their fields, what addresses say of them, and the parameters of a query of the library as such fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import QueryParams

from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.queries.library import Parameter, Question
from imr_graph.analysis.queries.parameters import CHOICES, bind_parameters, parse_parameter
from imr_graph.analysis.search.search import search
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS

__all__ = [
    "DECISIONS",
    "Choice",
    "FormField",
    "QueryForm",
    "Words",
    "fill_form",
    "find_examples",
    "frequent_names",
    "read_dates",
    "read_values",
    "read_whole_number",
    "read_words",
    "title_of",
]

Words = tuple[str, str]
"""A link: its words and its address."""

Choice = tuple[str, str]
"""A value that a field can have, and what it is called."""

DECISIONS: Final[tuple[Choice, ...]] = (("overturned", "Overturned"), ("upheld", "Upheld"))

_MOST_NAMES: Final = 400
_DIGITS: Final = 9
_INPUTS: Final = {"integer": "number", "year": "number", "date": "date"}
_LONGEST: Final = 500  # characters of a value


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    `kind` is an input's type or "select"; an input offers its `choices`, a select has them. `error` says what is wrong
    with the value, `near` leads to what was perhaps meant, `example` is a value to try. `least` and `most` bound a
    number. `key` tells fields of one name apart: the first of them has the choices of all.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False
    example: str | None = None
    error: str | None = None
    near: tuple[Words, ...] = ()
    least: int | None = None
    most: int | None = None
    key: str = ""


def read_words(parameters: QueryParams, name: str, longest: int, advice: str) -> str:
    """Return a text with single spaces; raises UsageError where it is longer than `longest` characters."""
    text = " ".join(parameters.get(name, "").split())
    if len(text) > longest:
        raise UsageError(f"The text has more than {longest:,} characters: {advice}.")
    return text


def read_values(parameters: QueryParams, name: str) -> tuple[str, ...]:
    """Return the values of a parameter, without repetition and without those that are empty."""
    return tuple(dict.fromkeys(value.strip() for value in parameters.getlist(name) if value.strip()))


def read_dates(parameters: QueryParams) -> dict[str, str | None]:
    """Return the days between which decisions count, as they were written, by the names of their parameters."""
    return {name: parameters.get(name, "").strip() or None for name in ("since", "until")}


def read_whole_number(parameters: QueryParams, name: str, default: int, least: int, most: int, title: str) -> int:
    """Return a whole number, `default` where the parameter is empty or missing.

    Raises UsageError where it is none or not between `least` and `most`; the sentence calls it `title`.
    """
    written = parameters.get(name, "").strip() or str(default)
    number = int(written) if written.isascii() and written.isdigit() and len(written) <= _DIGITS else None
    if number is None or not least <= number <= most:
        raise UsageError(f"{title} is a whole number from {least} to {most:,}, not {written[:50]!r}.")
    return number


def frequent_names(snapshot: StoreSnapshot, dimension: str) -> tuple[Choice, ...]:
    """Return the values of a dimension that letters have, as users may write them, the most frequent first."""
    return snapshot.once(("names", dimension), lambda: _frequent_names(snapshot, dimension))


def _frequent_names(snapshot: StoreSnapshot, dimension: str) -> tuple[Choice, ...]:
    values = (group.values[0] for group in overturn_rates(snapshot.table, dimension).groups)
    stated = [value for value in values if value.id is not None][:_MOST_NAMES]
    kind = KINDS.get(DIMENSIONS[dimension].kind or "")
    concepts = kind.concepts() if kind is not None and kind.unique_names else None

    def means_one(label: str) -> bool:
        """Return whether a name means just one concept, so that it can stand for it."""
        return concepts is not None and len(concepts.by_label(label)) == 1

    return tuple((v.label if means_one(v.label) else str(v.id), v.label) for v in stated)


@dataclass(frozen=True, slots=True)
class QueryForm:
    """The fields of a query, and its SPARQL with the values set: None where one is wrong or missing."""

    fields: tuple[FormField, ...]
    sparql: str | None

    @property
    def wrong(self) -> tuple[FormField, ...]:
        """The fields with an error."""
        return tuple(field for field in self.fields if field.error)


def fill_form(
    snapshot: StoreSnapshot,
    query: Question,
    written: Mapping[str, str],
    replace: Callable[[str, str], str],
    asked: bool,
) -> QueryForm:
    """Return a query's form with what was written; `asked` is False where it is only looked at.

    `replace` returns the address with another value of a parameter. A required value that is missing is an error only
    where the query is asked. Reads the store, so it runs in a thread.
    """
    values = {name: value.strip() for name, value in written.items() if value.strip()}
    fields = tuple(_field(snapshot, each, values.get(each.name, ""), replace, asked) for each in query.parameters)
    missing = any(parameter.required and parameter.name not in values for parameter in query.parameters)
    if missing or any(field.error for field in fields):
        return QueryForm(fields, None)
    return QueryForm(fields, bind_parameters(query, values, snapshot.store))


def find_examples(snapshot: StoreSnapshot, query: Question) -> dict[str, str]:
    """Return a value for each parameter that is required: one that the store has something for, where it can tell."""
    found = ((p, _example(snapshot, p)) for p in query.parameters if p.required)
    return {parameter.name: value for parameter, value in found if value is not None}


def title_of(name: str) -> str:
    """Return a name of the query library as words.

    >>> title_of("denialGuideline")
    'Denial guideline'
    """
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words[:1].upper() + words[1:]


def _field(
    snapshot: StoreSnapshot, parameter: Parameter, value: str, replace: Callable[[str, str], str], asked: bool
) -> FormField:
    error, near = _fault(snapshot, parameter, value, asked)
    is_select = parameter.type in CHOICES
    nothing = ("", "" if parameter.required else "–")
    kind = "select" if is_select else _INPUTS.get(parameter.type, "text")
    choices = _choices(snapshot, parameter.type)
    example = _example(snapshot, parameter) if parameter.required else None
    return FormField(
        parameter.name,
        title_of(parameter.name),
        kind,
        value,
        _hint(parameter),
        (nothing, *choices) if is_select else choices,
        parameter.required,
        example if kind == "text" else None,
        error,
        tuple((name, replace(parameter.name, name)) for name in dict.fromkeys(near)),
    )


def _fault(
    snapshot: StoreSnapshot, parameter: Parameter, value: str, asked: bool
) -> tuple[str | None, tuple[str, ...]]:
    if not value:
        return ("A value is needed here." if parameter.required and asked else None), ()
    if len(value) > _LONGEST:
        return f"This is longer than {_LONGEST} characters: write less.", ()
    try:
        parse_parameter(parameter, value, snapshot.store)
    except UsageError as error:
        return str(error), error.near if isinstance(error, UnknownNameError) else ()
    return None, ()


def _hint(parameter: Parameter) -> str:
    default = f" Without a value: {parameter.default}." if parameter.default is not None else ""
    return f"{parameter.description[:1].upper()}{parameter.description[1:]}.{default}"


def _example(snapshot: StoreSnapshot, parameter: Parameter) -> str | None:
    if parameter.type == "case":
        return snapshot.once("a case", lambda: next((hit.case for hit in search(snapshot.store, limit=1).hits), None))
    known = [value for value, _ in _choices(snapshot, parameter.type)]
    return parameter.example if parameter.example in known or not known else known[0]


def _choices(snapshot: StoreSnapshot, type: str) -> tuple[Choice, ...]:
    """Return what there is to choose from for a type of parameters, the most frequent first."""
    if type in CHOICES:
        return tuple((value, value.replace("-", " ")) for value in CHOICES[type])
    return frequent_names(snapshot, type) if type in KINDS else ()
