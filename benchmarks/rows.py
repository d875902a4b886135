"""A row of the table: what was measured and the figure; `targets.toml` has what is asked of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from process_timer import HERE, Measured

__all__ = ["NO_BASELINES", "Row", "Verdict", "as_text", "largest", "missing", "number", "ratio", "row", "verdict"]

NO_BASELINES = "only with --baselines"
_NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Row:
    """One figure.

    `key` names the row and ends with the number of letters where the figure depends on it, `value` is the figure as a
    number of `unit` (None where it could not be measured), `processor` what it is by processor time.
    """

    key: str
    what: str
    value: float | None
    unit: str = ""
    processor: str = ""
    note: str = ""

    @property
    def figure(self) -> str:
        """The value as people read it."""
        return _NOT_MEASURED if self.value is None else f"{number(self.value)} {self.unit}".rstrip()


class Verdict(NamedTuple):
    """What is asked of a figure, whether it is met (None where nothing is asked or measured), and else why not."""

    asked: str = ""
    met: bool | None = None
    reason: str = ""


def row(key: str, what: str, value: float, unit: str, *, processor: float | None = None, note: str = "") -> Row:
    """Return a row; `processor` are the seconds that all processes worked."""
    if processor is None:
        return Row(key, what, value, unit, note=note)
    busy = f"{number(1000 * processor)} ms" if unit == "ms" else f"{number(processor)} s"
    return Row(key, what, value, unit, busy, note)


def ratio(key: str, what: str, slower: Measured, faster: Measured, note: str = "") -> Row:
    """Return the row of how many times the time of one run is that of another."""
    busy = f"{number(slower.processor / faster.processor)} times" if faster.processor and slower.processor else ""
    return Row(key, what, slower.seconds / faster.seconds, "times", busy, note)


def missing(key: str, what: str, reason: str) -> Row:
    """Return the row of what could not be measured, and why."""
    return Row(key, what, None, note=reason)


def largest(key: str, what: str, measured: Measured) -> Row:
    """Return the row of the largest process's memory."""
    return row(key, f"{what}: largest process", measured.memory, "MB")


def verdict(one: Row) -> Verdict:
    """Return what is asked of a row by `targets.toml`."""
    target = next((target for key, target in _targets().items() if fnmatchcase(one.key, key)), None)
    if target is None:
        return Verdict()
    least, most = target.get("least"), target.get("most")
    bound, words = (least, "or more") if most is None else (most, "or less")
    asked = f"{number(bound)} {one.unit}".rstrip() + f" {words}"
    if one.value is None:
        return Verdict(asked)
    met = (least is None or one.value >= least) and (most is None or one.value <= most)
    return Verdict(asked, met, "" if met else " ".join(target.get("reason", "").split()))


def as_text(one: Row) -> str:
    """Return a row as a line for a terminal."""
    asked, met, _ = verdict(one)
    words = {True: "met", False: "NOT met", None: _NOT_MEASURED}
    parts = [
        f"{one.what}: {one.figure}",
        one.processor and f"(by processor time {one.processor})",
        asked and f"[asked: {asked}: {words[met]}]",
        one.note and f"({one.note})",
    ]
    return " ".join(filter(None, parts))


def number(value: float) -> str:
    """Return a number with three digits that say something.

    >>> number(123456.7), number(12.345), number(0.01234)
    ('123,457', '12.3', '0.0123')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@cache
def _targets() -> Mapping[str, Mapping[str, object]]:
    with (HERE / "targets.toml").open("rb") as file:
        return tomllib.load(file)
