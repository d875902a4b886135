"""A row of the table: what was measured, the figure, what was asked of it, and whether it is met."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from process_timer import HERE, Measured

__all__ = ["Row", "largest", "missing", "number", "ratio", "row"]


@dataclass(frozen=True)
class Row:
    """One figure.

    `key` names the row for `reasons.toml` and for the capacity plan, `value` is the figure as a number (None where it
    could not be measured), `met` is None where nothing was asked.
    """

    key: str
    what: str
    figure: str
    value: float | None = None
    asked: str = ""
    met: bool | None = None
    note: str = ""


def row(
    key: str,
    what: str,
    value: float,
    unit: str,
    *,
    least: float | None = None,
    most: float | None = None,
    note: str = "",
) -> Row:
    """Return a row; `least` or `most` is what is asked of the value, in the same unit."""
    met, asked = None, ""
    if least is not None:
        met, asked = value >= least, f"{number(least)} {unit} or more"
    elif most is not None:
        met, asked = value <= most, f"{number(most)} {unit} or less"
    reason = _reasons().get(key, "") if met is False else ""
    return Row(key, what, f"{number(value)} {unit}", value, asked, met, ". ".join(filter(None, (note, reason))))


def ratio(
    key: str, what: str, value: float, *, least: float | None = None, most: float | None = None, note: str = ""
) -> Row:
    """Return a row whose figure is how many times one thing is another."""
    return row(key, what, value, "times", least=least, most=most, note=note)


def missing(key: str, what: str, reason: str, asked: str = "") -> Row:
    """Return the row of what could not be measured, and why."""
    return Row(key, what, "not measured", None, asked, None, reason)


def largest(key: str, what: str, measured: Measured, *, asked: bool = True) -> Row:
    """Return the row of the largest process's memory."""
    return row(f"{key}.memory", f"{what}: largest process", measured.memory, "MB", most=2048 if asked else None)


def number(value: float) -> str:
    """Return a number with three digits that say something.

    >>> number(123456.7), number(12.345), number(0.01234)
    ('123,457', '12.3', '0.0123')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@cache
def _reasons() -> Mapping[str, str]:
    """Return by the key of a row why it falls short, where it does."""
    with (HERE / "reasons.toml").open("rb") as file:
        return {key: " ".join(text.split()) for key, text in tomllib.load(file).items()}
