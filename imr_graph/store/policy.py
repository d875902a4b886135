"""Which of two letters of one case stays: the one decided last, whoever brings them and in whatever order.

A corrected determination is issued after the one that it corrects. Where two were decided on the same day, or neither
says when, the digests of their texts decide: arbitrary, but the same on every machine and in every order.
`imr_graph.add` asks in Python, builds ask in SQL.
"""

from __future__ import annotations

from datetime import date

__all__ = ["outranks", "rank"]


def rank(decided: date | str | None, sha256: str) -> tuple[str, str]:
    """Return what letters of one case are compared by: the day of the decision (ISO date), then the text's digest.

    >>> rank(date(2017, 1, 12), "0a") > rank("2017-01-02", "ff") > rank(None, "ff")
    True
    """
    return decided.isoformat() if isinstance(decided, date) else decided or "", sha256


def outranks(one: str, other: str) -> str:
    """Return the SQL condition that one row stays before another: rows with the columns `decided` and `sha256`.

    >>> outranks("a", "b")
    '(a.decided, a.sha256) > (b.decided, b.sha256)'
    """
    return f"({one}.decided, {one}.sha256) > ({other}.decided, {other}.sha256)"
