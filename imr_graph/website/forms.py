"""The fields of forms, and what addresses say in their parameters: one way to read a number, for every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import QueryParams

from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website.views import Words

__all__ = ["DECISIONS", "Choice", "FormField", "frequent_names", "read_values", "read_whole_number", "read_words"]

Choice = tuple[str, str]
"""A value that a field can have, and what it is called."""

DECISIONS: Final[tuple[Choice, ...]] = (("overturned", "Overturned"), ("upheld", "Upheld"))

_MOST_NAMES: Final = 400
_DIGITS: Final = 9


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
