"""Which decisions are meant: filters by dimension and by the date of the decision, from users' words to SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from imr_graph.analysis.dimensions.values import find_dimension, parse_value
from imr_graph.errors import UsageError
from imr_graph.store.graph_store import GraphStore
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["NO_FILTERS", "Filters", "resolve_filters", "to_sql"]


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


def resolve_filters(
    store: GraphStore,
    written: Mapping[str, str | Iterable[str]] | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
) -> Filters:
    """Return the filters that a user's words mean: `{"treatment": "MRI", "state": ["California", "US-TX"]}`.

    Of several values of one dimension any will do; all dimensions have to fit. Raises UnknownNameError, with near
    names, for a dimension or value that does not exist, UsageError for a malformed value or an empty span of time.
    """
    values = []
    for name, given in (written or {}).items():
        of = find_dimension(name)
        listed = (given,) if isinstance(given, str) else tuple(given)
        if listed:
            ids = {parse_value(of, value, store) for value in listed}
            values.append((name, tuple(sorted(ids, key=lambda id: (id is None, id or "")))))
    first, last = _day("since", since), _day("until", until)
    if first and last and first > last:
        raise UsageError(f"No day is both since {first} and until {last}: exchange the two.")
    return Filters(tuple(sorted(values)), first, last)


def to_sql(filters: Filters) -> tuple[str, list[Any]]:
    """Return the SQL condition on a row of `items`, and its parameters."""
    said = ["true"]
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
        said.append(f"({' or '.join(either)})")
    for day, sign in ((filters.since, ">="), (filters.until, "<=")):
        if day is not None:
            said.append(f"decision_date {sign} ?::date")
            parameters.append(day)
    return " and ".join(said), parameters


def _day(name: str, written: str | date | None) -> str | None:
    if written is None:
        return None
    try:
        return (written if isinstance(written, date) else date.fromisoformat(written)).isoformat()
    except ValueError:
        raise UsageError(f"The value {written!r} of {name!r} is not a date, such as 2016-07-28.") from None
