"""Records that pages hand to the components of `templates/components.html`, and what addresses say of their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol, Self

from starlette.datastructures import QueryParams

from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates
from imr_graph.errors import UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS

__all__ = [
    "DECISIONS",
    "Choice",
    "Crumb",
    "Figures",
    "FormField",
    "GroupTable",
    "Pager",
    "Words",
    "frequent_names",
    "read_dates",
    "read_values",
    "read_whole_number",
    "read_words",
]

Words = tuple[str, str]
"""A link: its words and its address."""

Crumb = tuple[str, str | None]
"""A step on the way to a page: its words, and its address where it has a page."""


class Figures(Protocol):
    """Decisions counted: how many, how many were overturned, and the share with its interval."""

    @property
    def decisions(self) -> int:
        """The number of decisions."""

    @property
    def overturned(self) -> int:
        """How many of them overturned the denial."""

    @property
    def cases(self) -> int:
        """How many cases they are of."""

    @property
    def share(self) -> float:
        """The share of these, from 0 to 1."""

    @property
    def low(self) -> float:
        """The lower end of its 95% interval."""

    @property
    def high(self) -> float:
        """The upper end of its 95% interval."""

    @property
    def small(self) -> bool:
        """Whether they are of fewer than 30 cases."""


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Groups of decisions with their shares.

    `heads` names the columns of values; a row pairs the values of a group (None: all) with its figures. `count` heads
    the number of decisions. A `compact` table leaves out how many were overturned, and fits beside another. `label`
    says what the table is where it has no caption. `short_name` gives the names of values where they are not shown as
    they are; `kind` is a class of its own for style sheets. Without `shares` only decisions and
    cases are shown: those of one reason all ended alike.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[Value | None, ...], Figures], ...]
    caption: str = ""
    label: str = ""
    count: str = "Decided"
    compact: bool = False
    kind: str = ""
    short_name: Callable[[Value], str] | None = None
    shares: bool = True

    @classmethod
    def of(
        cls,
        groups: Iterable[RateGroup],
        *heads: str,
        caption: str = "",
        label: str = "",
        count: str = "Decided",
        compact: bool = False,
        short_name: Callable[[Value], str] | None = None,
        shares: bool = True,
    ) -> Self:
        """Return the table of groups by one or more dimensions, whose names are `heads`."""
        rows = tuple((group.values or (None,), group) for group in groups)
        return cls(heads, rows, caption, label, count, compact, short_name=short_name, shares=shares)

    def name(self, value: Value | None) -> str:
        """Return the name that stands for a value's own; empty where its own is shown."""
        return self.short_name(value) if self.short_name and value is not None else ""


@dataclass(frozen=True, slots=True)
class Pager:
    """A piece of a list: the places of its first and last row, of how many, and the addresses before and after it."""

    unit: str
    first: int
    last: int
    total: int | None
    before: str | None
    after: str | None


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
