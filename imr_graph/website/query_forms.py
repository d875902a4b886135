"""The parameters of a ready-made question as the fields of a form, with the names that the store knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from imr_graph import vocabulary
from imr_graph.analysis.queries.library import Parameter, Question
from imr_graph.analysis.queries.parameters import bind_parameters, parse_parameter
from imr_graph.analysis.search.search import search
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot

__all__ = ["Field", "Form", "examples", "form", "options", "titled"]

_INPUTS: Final = {"integer": "number", "year": "number", "date": "date"}
_CHOICES: Final = {"decision": ("upheld", "overturned"), "side": ("claims-administrator", "expert-reviewer")}
_DIMENSIONS: Final = ("treatment", "category", "guideline", "section", "page", "specialty", "state", "region")
_MOST: Final = 400  # names to choose from
_LONGEST: Final = 500  # characters of a value


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter as people fill it in.

    `kind` is an input's type, or "select"; `options` are (value, label), which an input offers and a select has;
    `example` is a value to try; `error` says what is wrong with the value, and `near` are names to try instead.
    """

    name: str
    label: str
    hint: str
    kind: str
    value: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    example: str | None = None
    error: str | None = None
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a question, and its SPARQL with the values set: None where one is wrong or missing."""

    fields: tuple[Field, ...]
    sparql: str | None

    @property
    def wrong(self) -> tuple[Field, ...]:
        """The fields with an error."""
        return tuple(field for field in self.fields if field.error)


def form(snapshot: StoreSnapshot, question: Question, written: Mapping[str, str], *, asked: bool) -> Form:
    """Return a question's form with what was written; `asked` is False where it is only looked at.

    A required value that is missing is an error only where the question is asked. Reads the store, so it runs in a
    thread.
    """
    values = {name: value.strip() for name, value in written.items() if value.strip()}
    fields = tuple(
        _field(snapshot, parameter, values.get(parameter.name, ""), asked) for parameter in question.parameters
    )
    missing = any(parameter.required and parameter.name not in values for parameter in question.parameters)
    if missing or any(field.error for field in fields):
        return Form(fields, None)
    return Form(fields, bind_parameters(question, values, snapshot.store))


def examples(snapshot: StoreSnapshot, question: Question) -> dict[str, str]:
    """Return a value for each parameter that is required: one that the store has something for, where it can tell."""
    found = ((p, _example(snapshot, p)) for p in question.parameters if p.required)
    return {parameter.name: value for parameter, value in found if value is not None}


def titled(name: str) -> str:
    """Return a name of the query library as words.

    >>> titled("denialGuideline")
    'Denial guideline'
    """
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words[:1].upper() + words[1:]


def _field(snapshot: StoreSnapshot, parameter: Parameter, value: str, asked: bool) -> Field:
    error, near = _fault(snapshot, parameter, value, asked)
    kind = "select" if parameter.type in _CHOICES else _INPUTS.get(parameter.type, "text")
    return Field(
        parameter.name,
        titled(parameter.name),
        _hint(parameter),
        kind,
        value,
        parameter.required,
        options(snapshot, parameter.type),
        _example(snapshot, parameter) if parameter.required else None,
        error,
        near,
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
    known = [value for value, _ in options(snapshot, parameter.type)]
    return parameter.example if parameter.example in known or not known else known[0]


def options(snapshot: StoreSnapshot, type: str) -> tuple[tuple[str, str], ...]:
    """Return what there is to choose from for a type of parameters, the most frequent first."""
    if type in _CHOICES:
        return tuple((value, value.replace("-", " ")) for value in _CHOICES[type])
    if type not in _DIMENSIONS:
        return ()
    return snapshot.once(("options", type), lambda: _frequent(snapshot, type))


def _frequent(snapshot: StoreSnapshot, type: str) -> tuple[tuple[str, str], ...]:
    groups = overturn_rates(snapshot.table, type).groups
    values = [group.values[0] for group in groups if group.values[0].id is not None][:_MOST]
    return tuple((value.label if _means_one(type, value.label) else str(value.id), value.label) for value in values)


def _means_one(type: str, label: str) -> bool:
    """Return whether a name means just one concept of the vocabulary, so that it can stand for it."""
    known = vocabulary.load()
    schemes: dict[str, Any] = {
        "treatment": known.treatments,
        "category": known.categories,
        "guideline": known.guidelines,
        "specialty": known.specialties,
        "state": known.states,
        "region": known.body_regions,
    }
    return type in schemes and len(schemes[type].by_label(label)) == 1
