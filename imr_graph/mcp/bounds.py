"""How much one answer may hold, so that an assistant's context is not flooded; what is left out is always said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from imr_graph.errors import UsageError

__all__ = ["CHARACTERS", "ROWS", "TEXT", "Answer", "checked_limit", "fitted", "shortened"]

ROWS: Final = 50
"""The most rows (hits, precedents, groups, items) of one answer."""

CHARACTERS: Final = 30_000
"""The most characters of one answer, as JSON."""

TEXT: Final = 1_500
"""The most characters of one text within an answer."""

Answer = dict[str, Any]


def checked_limit(limit: int) -> int:
    """Return a limit that a client asked for; raises UsageError where it is not 1 to `ROWS`."""
    if not 1 <= limit <= ROWS:
        raise UsageError(f"An answer has 1 to {ROWS} rows: change the limit {limit}.")
    return limit


def shortened(text: str | None, most: int = TEXT) -> str | None:
    """Return a text, cut with a note of how much was left out where it is longer than allowed.

    >>> shortened("word " * 5, 10)
    'word word … [15 more characters]'
    """
    if text is None or len(text) <= most:
        return text
    kept = text[:most].rstrip()
    return f"{kept} … [{len(text) - most} more characters]"


def fitted(answer: Answer, rows: str, more: str, lists: Sequence[str] = ()) -> Answer:
    """Return an answer that keeps to `CHARACTERS`: what is too much goes from the end of its list `rows`.

    Lists named in `lists` are shortened first. `more` says how to get at what is left out.
    """
    left_out = 0
    for name in (*lists, rows):
        # Each round drops a tenth, so that a long list is not written out again for each of its rows.
        while answer[name] and _size(answer) > CHARACTERS:
            kept = len(answer[name]) - max(1, len(answer[name]) // 10)
            left_out += len(answer[name]) - kept
            answer[name] = answer[name][:kept]
    if left_out:
        answer["left_out"] = f"{left_out} rows did not fit into {CHARACTERS:,} characters: {more}"
    return answer


def _size(answer: Answer) -> int:
    return len(json.dumps(answer, ensure_ascii=False))
