"""Years and months as places on an axis of time, so that one without decisions keeps its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imr_graph.analysis.statistics.overturn_rates import RateGroup

__all__ = ["PERIODS", "named_periods", "period_number"]

PERIODS: Final = ("year", "month")
"""The dimensions that are drawn along an axis of time."""

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d\d))?", re.ASCII)
_SHORT_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEARS: Final = (1, 2, 5, 10, 20, 50, 100, 1000)  # from one name to the next
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000)


def period_number(group: RateGroup) -> int | None:
    """Return the number of the year, or of the month since the year 0, that is a group's last value.

    None where it has none.
    """
    value = group.values[-1]
    found = _PERIOD.fullmatch(value.label) if value.id is not None else None
    if found is None:
        return None
    return int(found[1]) if found[2] is None else int(found[1]) * 12 + int(found[2]) - 1


def named_periods(first: int, last: int, most: int) -> Iterator[tuple[int, str]]:
    """Yield the periods whose names fit below an axis, at even distances and at most so many, with their names.

    >>> list(named_periods(2013, 2018, 4))
    [(2014, '2014'), (2016, '2016'), (2018, '2018')]
    >>> [name for _, name in named_periods(2016 * 12, 2016 * 12 + 11, 6)]
    ['Jan 2016', 'Mar 2016', 'May 2016', 'Jul 2016', 'Sep 2016', 'Nov 2016']
    """
    monthly = first > 9999
    step = next(step for step in (_MONTHS if monthly else _YEARS) if (last - first + 1) / step <= most)
    for number in range(first + -first % step, last + 1, step):
        year, month = divmod(number, 12) if monthly else (number, 0)
        yield number, f"{_SHORT_MONTHS[month]} {year}" if monthly and step < 12 else str(year)
