"""Case numbers as people write them: `CM16-0232543`, `cm160232543`, `16-0232543`, `CM16 0232543`, `0232543`."""

from __future__ import annotations

import re
from typing import Final

from imr_graph.store.table import Table

__all__ = ["begin_of_case_number", "find_cases", "read_case_number"]

# Layout of the numbers: two letters, the year of the application, seven digits. Fewer than seven name no case.
_NUMBER: Final = re.compile(r"(?:(?P<letters>[A-Za-z]{2})?[\s-]*(?P<year>\d{2})[\s-]*)?(?P<digits>\d{7})", re.ASCII)
_BEGUN: Final = re.compile(
    r"(?P<letters>[A-Za-z]{2})[\s-]*(?P<year>\d{2})(?:[\s-]*(?P<digits>\d{1,6}))?[\s-]*", re.ASCII
)
_KEY: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)
_MOST: Final = 6


def read_case_number(written: str) -> str | None:
    """Return a case number in its usual form, `%` for what is not said; None for what is no case number.

    >>> read_case_number("cm160232543"), read_case_number("16 0232543"), read_case_number("0232543")
    ('CM16-0232543', '%16-0232543', '%-0232543')
    >>> read_case_number("120 tablets") is None
    True
    """
    found = _NUMBER.fullmatch(written.strip())
    if found is None:
        return None
    letters = (found["letters"] or "%").upper()
    return f"{letters}{found['year']}-{found['digits']}" if found["year"] else f"%-{found['digits']}"


def begin_of_case_number(written: str) -> str | None:
    """Return how the case numbers begin that a text being typed may become; None where it is no case number.

    >>> begin_of_case_number("cm16 02"), begin_of_case_number("CM16"), begin_of_case_number("L4")
    ('CM16-02', 'CM16-', None)
    """
    found = _BEGUN.fullmatch(written.strip())
    return f"{found['letters'].upper()}{found['year']}-{found['digits'] or ''}" if found else None


def find_cases(table: Table, written: str) -> tuple[str, ...]:
    """Return the keys of the cases that a text names by its number, or by the digest of a letter without one."""
    text = written.strip().removeprefix("case-")
    pattern = text.lower() if _KEY.fullmatch(text.lower()) else read_case_number(text)
    if pattern is None:
        return ()
    sql = "select case_key from cases where case_key like ? order by case_key limit ?"
    return tuple(key for (key,) in table.rows(sql, [pattern, _MOST]))
