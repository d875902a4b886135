"""From what a user writes for a parameter to a term of the graph, and from a question to the SPARQL that is asked.

A value becomes an RDF term first and is written by the RDF library, so no user's text is ever pasted into a query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeAlias

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.filters import parse_date, parse_whole_number
from imr_graph.analysis.dimensions.lookup import resolve_node
from imr_graph.analysis.queries.library import Parameter, Question
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.fields import DECISIONS
from imr_graph.store.graph_store import GraphStore

__all__ = ["CHOICES", "ParameterValue", "Value", "bind_parameters", "parse_parameter", "parse_parameters"]

Value: TypeAlias = ox.NamedNode | ox.Literal
ParameterValue: TypeAlias = str | int | date
"""What a parameter can be given as: the words of a user, or a Python value."""

CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "decision": DECISIONS,
    "side": {"claims-administrator": "ClaimsAdministrator", "expert-reviewer": "ExpertReviewer"},
}
"""The values that parameters of some types can have, with the individuals of the ontology that they mean."""

_FOUR_DIGITS = re.compile(r"\d{4}", re.ASCII)


def bind_parameters(question: Question, values: Mapping[str, ParameterValue], store: GraphStore) -> str:
    """Return a question's SPARQL with its parameters set.

    `values` holds what the user wrote, by parameter; a name or an id is looked up in the vocabulary and the store.
    Raises UsageError for a value that is missing or malformed, UnknownNameError for a name that does not exist.
    """
    sparql = question.sparql
    for parameter, term in parse_parameters(question, values, store).items():
        sparql = _set(sparql, parameter.name, term)
    return sparql


def parse_parameters(
    question: Question, values: Mapping[str, ParameterValue], store: GraphStore
) -> dict[Parameter, Value | None]:
    """Return the terms of all parameters of a question, None for one that is left out; raises as `bind_parameters`."""
    for name in values:
        question.parameter(name)
    found: dict[Parameter, Value | None] = {}
    for parameter in question.parameters:
        written = values.get(parameter.name, parameter.default)
        if written is None and parameter.required:
            raise UsageError(
                f"{question.name} needs a value for {parameter.name!r} ({parameter.description}), "
                f"for example {parameter.example!r}."
            )
        found[parameter] = None if written is None else parse_parameter(parameter, written, store)
    return found


def _set(sparql: str, name: str, term: Value | None) -> str:
    """Return SPARQL with a parameter's clauses set, or, where it has no value, taken out.

    A filter that counts only where the parameter is given (`FILTER(!BOUND(?x) || ...)`, a line of its own) goes with
    the clauses of one that is not. Of one that is, a pattern that has to exist is asked for as a plain pattern: as
    its other end is one node, the rows are the same, and Virtuoso does not end some questions with several such
    filters.
    """
    line = rf"^([ \t]*)FILTER\(!BOUND\(\?{re.escape(name)}\) \|\| "
    clause = re.compile(rf"^([ \t]*)VALUES \?{re.escape(name)} \{{[^\n]*\}}\n", re.MULTILINE)
    if term is None:  # the variable stays free
        return re.sub(rf"{line}[^\n]*\)\n", "", clause.sub("", sparql), flags=re.MULTILINE)
    sparql = re.sub(rf"{line}EXISTS \{{ ([^{{}}\n]*) \}}\)\n", r"\1\2 .\n", sparql, flags=re.MULTILINE)
    return clause.sub(lambda found: f"{found[1]}VALUES ?{name} {{ {term} }}\n", sparql)


def parse_parameter(parameter: Parameter, value: ParameterValue, store: GraphStore) -> Value:
    """Return the term that a written value means for a parameter.

    For a node that is its id ("mri"), a name ("Magnetic resonance imaging") or its IRI; otherwise a plain value.
    Raises UsageError for a malformed value, UnknownNameError for a name that does not exist.
    """
    written = str(value).strip()
    if parameter.type in _LITERALS:
        return _LITERALS[parameter.type](parameter.name, written)
    if parameter.type in CHOICES:
        return _choice(parameter.type, written)
    return resolve_node(parameter.type, written, store)


def _choice(kind: str, written: str) -> ox.NamedNode:
    found = CHOICES[kind].get("-".join(written.lower().split()))
    if found is None:
        raise UnknownNameError(kind, written, CHOICES[kind])
    return ox.NamedNode(terms.term(found))


def _integer(name: str, written: str) -> ox.Literal:
    return ox.Literal(parse_whole_number(name, written))


def _date(name: str, written: str) -> ox.Literal:
    return ox.Literal(parse_date(name, written).isoformat(), datatype=ox.NamedNode(f"{terms.XSD}date"))


def _year(name: str, written: str) -> ox.Literal:
    if not _FOUR_DIGITS.fullmatch(written):
        raise UsageError(f"The value {written!r} of {name!r} is not a year, such as 2016.")
    return ox.Literal(int(written))


def _text(name: str, written: str) -> ox.Literal:
    if not written:
        raise UsageError(f"The value of {name!r} is empty.")
    return ox.Literal(written)


_LITERALS: Final[Mapping[str, Callable[[str, str], ox.Literal]]] = {
    "integer": _integer,
    "date": _date,
    "year": _year,
    "text": _text,
}
