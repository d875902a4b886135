"""Decisions as records of files: what each requests and rests on, who decided it and why, by the names people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias, TypeVar

from imr_graph.analysis.dimensions.values import make_value
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["COLUMNS", "Details", "Key", "batches", "read_details"]

Key: TypeAlias = tuple[str, int | None]
"""A disputed item: the key of its case and its position."""

Details: TypeAlias = tuple[object, ...]
"""The values of `COLUMNS`."""

T = TypeVar("T")

# A column of a file: the column of the table, and the dimension that names its values where they are ids.
_COLUMNS: Final[Mapping[str, tuple[str, str | None]]] = {
    "service": ("service", None),
    "treatments": ("treatments", "treatment"),
    "regions": ("body_regions", "region"),
    "guidelines": ("reviewer_guidelines", "guideline"),
    "sections": ("reviewer_sections", None),
    "specialties": ("reviewer_specialties", None),
    "states": ("reviewer_states", "state"),
    "reasons": ("reasons", "reason"),
    "treatment_ids": ("treatments", None),
    "guideline_ids": ("reviewer_guidelines", None),
    "reason_ids": ("reasons", None),
    "rationale": ("rationale", None),
}
COLUMNS: Final = tuple(_COLUMNS)
"""What files tell of a decision besides its case, its date and how it ended."""

_FIRST, _MOST = 250, 8_000  # decisions that are read together: few at first, so that a file begins at once


def read_details(table: Table, keys: Iterable[Key]) -> dict[Key, Details]:
    """Return the values of `COLUMNS` of disputed items; those that the table does not have are missing."""
    wanted = set(keys)
    cases = sorted({case for case, _ in wanted})
    columns = ", ".join(column for column, _ in _COLUMNS.values())
    sql = f"select case_key, position, {columns} from items where case_key in (select unnest(?))"
    return {
        (case, position): tuple(_names(table, value, of) for value, (_, of) in zip(row, _COLUMNS.values(), strict=True))
        for case, position, *row in table.rows(sql, [cases])
        if (case, position) in wanted
    }


def batches(things: Iterable[T]) -> Iterator[list[T]]:
    """Yield things in lists whose details are read together, each twice as long as the one before, up to a size."""
    iterator, size = iter(things), _FIRST
    while some := list(islice(iterator, size)):
        yield some
        size = min(2 * size, _MOST)


def _names(table: Table, value: Any, dimension: str | None) -> object:
    if dimension is None or value is None:
        return value
    return [make_value(DIMENSIONS[dimension], id, table.store.base).label for id in value]
