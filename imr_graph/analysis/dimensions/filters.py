"""Which decisions are meant: filters by dimension and by the date of the decision, from users' words to SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from imr_graph import vocabulary
from imr_graph.analysis.dimensions.values import find_dimension, make_values, parse_value
from imr_graph.errors import UsageError
from imr_graph.store.graph_store import GraphStore
from imr_graph.table.dimensions import DIMENSIONS

if TYPE_CHECKING:
    from imr_graph.store.table import Table

__all__ = [
    "NO_FILTERS",
    "FilterValues",
    "Filters",
    "check_minimum",
    "describe_derivative",
    "describe_filters",
    "parse_date",
    "parse_whole_number",
    "resolve_filters",
    "to_sql",
    "unnest_or_null",
]


@dataclass(frozen=True, slots=True)
class Filters:
    """What decisions have to be like.

    `values` pairs a dimension's name with the ids of which one has to be there (None: not stated); `since` and
    `until` are the first and the last day of decisions in ISO form, both included.
    """

    values: tuple[tuple[str, tuple[str | None, ...]], ...] = ()
    since: str | None = None
    until: str | None = None


NO_FILTERS = Filters()

Written: TypeAlias = str | int
FilterValues: TypeAlias = Mapping[str, Written | Iterable[Written]]
"""Values by dimension as users write them: texts, numbers, and True or False where a dimension is yes or no."""

_WHOLE_NUMBER: Final = re.compile(r"-?\d{1,18}", re.ASCII)


def resolve_filters(
    store: GraphStore,
    written: FilterValues | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
) -> Filters:
    """Return the filters that a user's words mean: `{"treatment": "MRI", "state": ["California", "US-TX"]}`.

    `{"year": 2016, "derivative": False}` says the same as the words "2016" and "no". Of several values of one
    dimension any will do; all dimensions have to fit. A drug product that stands alone means all of its ingredients
    together: `{"treatment": "Norco"}`. Raises UnknownNameError, with near
    names, for a dimension or value that does not exist, UsageError for a malformed value or an empty span of time.
    """
    values: list[tuple[str, tuple[str | None, ...]]] = []
    for name, given in (written or {}).items():
        of = find_dimension(name)
        listed = tuple(map(_as_text, (given,) if isinstance(given, Written) else given))
        if ingredients := _ingredients(name, listed):
            values += [(name, (id,)) for id in ingredients]
        elif listed:
            ids = {parse_value(of, value, store) for value in listed}
            values.append((name, tuple(sorted(ids, key=lambda id: (id is None, id or "")))))
    first = None if since is None else parse_date("since", since).isoformat()
    last = None if until is None else parse_date("until", until).isoformat()
    if first and last and first > last:
        raise UsageError(f"No day is both since {first} and until {last}: exchange the two.")
    return Filters(tuple(sorted(values)), first, last)


def _as_text(value: Written) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _ingredients(name: str, listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the active ingredients where the one value of a filter is a product of several; else none."""
    if name != "treatment" or len(listed) != 1:
        return ()
    known = vocabulary.load()
    product = known.products.unique_by_label(listed[0])
    return product.ingredients if product and not known.treatments.by_label(listed[0]) else ()


def describe_filters(filters: Filters, table: Table) -> str:
    """Return in words which decisions are meant, with the names of values: `Treatment: Acupuncture; decided to ...`."""
    from imr_graph.labels import format_date  # here, as a question of a small store needs no table and no fields

    parts: list[str] = []
    for name, ids in filters.values:
        values = make_values(DIMENSIONS[name], ids, table)
        parts.append(f"{DIMENSIONS[name].title}: {' or '.join(values[id].label for id in ids)}")
    days = ((filters.since, "decided from"), (filters.until, "decided to"))
    parts += [f"{words} {format_date(date.fromisoformat(day))}" for day, words in days if day]
    return "; ".join(parts) or "all decisions"


def describe_derivative(filters: Filters) -> str:
    """Return the sentence on decisions that follow from the denial of another service: whether they count."""
    wanted = dict(filters.values).get("derivative")
    if wanted == ("no",):
        return "Decisions that depend on a denied service are left out."
    if wanted == ("yes",):
        return "Only decisions that depend on a denied service count."
    return "Decisions that depend on a denied service count; the filter derivative=no leaves them out."


def to_sql(filters: Filters) -> tuple[str, list[Any]]:
    """Return the SQL condition on a row of `items`, and its parameters."""
    conditions = ["true"]
    parameters: list[Any] = []
    for name, ids in filters.values:
        of = DIMENSIONS[name]
        matched = of.matched or of.values
        either = []
        if present := [id for id in ids if id is not None]:
            either.append(f"list_has_any({matched}, ?::varchar[])")
            parameters.append(present)
        if None in ids:
            either.append(f"len({of.values}) = 0")
        conditions.append(f"({' or '.join(either)})")
    for day, sign in ((filters.since, ">="), (filters.until, "<=")):
        if day is not None:
            conditions.append(f"decision_date {sign} ?::date")
            parameters.append(day)
    return " and ".join(conditions), parameters


def unnest_or_null(values: str) -> str:
    """Return the SQL that gives a row for each value of a list, and one with null where the list is empty."""
    return f"unnest(case when len({values}) = 0 then [null] else {values} end)"


def check_minimum(minimum: int, unit: str = "decisions") -> None:
    """Raise UsageError for a smallest size of groups that is no number of `unit` to count."""
    if minimum < 1:
        raise UsageError(f"A minimum of {minimum} {unit} leaves nothing out: give 1 or more.")


def parse_date(name: str, written: str | date) -> date:
    """Return the day that a user wrote for a parameter `name`, in ISO form; raises UsageError for anything else."""
    if isinstance(written, date):
        return written
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise UsageError(f"The value {written!r} of {name!r} is not a date, such as 2016-07-28.") from None


def parse_whole_number(name: str, written: str) -> int:
    """Return the number that a user wrote for a parameter `name`; raises UsageError for anything but a whole one.

    >>> parse_whole_number("minimum", "10")
    10
    """
    if not _WHOLE_NUMBER.fullmatch(written):
        raise UsageError(f"The value {written[:50]!r} of {name!r} is not a whole number, such as 10.")
    return int(written)
