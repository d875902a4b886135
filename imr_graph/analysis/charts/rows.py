"""What charts are given: plain frozen rows, whatever counted them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Line", "Pair", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """One group of decisions: its name, how many there were and were overturned, the share and its interval."""

    label: str
    decisions: int
    overturned: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line over time: its name, and a row for each period, whose label is a year or a month (`2016-07`)."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Decisions on what two names have in common, such as a treatment and a guideline."""

    one: str
    other: str
    decisions: int
    overturned: int
