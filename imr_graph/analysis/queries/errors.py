"""One sentence for a query that is not valid SPARQL, with the place and the way out."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["describe_syntax_error"]

# `error at 1:25: expected ...`, as Oxigraph words it
_PLACE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_LONGEST_REASON: Final = 160  # characters
_BEFORE, _AFTER = 16, 8  # characters shown around the place of an error


def describe_syntax_error(query: str, message: str) -> str:
    """Return a sentence on what is wrong with a query, from what Oxigraph says of it.

    >>> describe_syntax_error("SELECT * {", "error at 1:11: expected end of group")
    "The query is not valid SPARQL at line 1, column 11, near 'SELECT * {': expected end of group."
    """
    found = _PLACE.search(message)
    if not found:
        return f"The query is not valid SPARQL: {' '.join(message.split())[:_LONGEST_REASON]}."
    line, column, reason = int(found[1]), int(found[2]), " ".join(found[3].split())
    if "Prefix not found" in reason:
        reason = "a prefix is used that no PREFIX line declares"
    if "LATERAL" in reason:  # Oxigraph lists what may open a group, though the fault is in the pattern before it
        reason = "a term or a sign is missing or out of place"
    if len(reason) > _LONGEST_REASON:
        reason = reason[:_LONGEST_REASON].rsplit(" ", 1)[0] + " ..."
    lines = query.splitlines()
    around = lines[line - 1][max(column - _BEFORE, 0) : column + _AFTER].strip() if line <= len(lines) else ""
    place = f"line {line}, column {column}" + (f", near {around!r}" if around else "")
    return f"The query is not valid SPARQL at {place}: {reason}."
