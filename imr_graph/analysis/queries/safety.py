"""What a query may not do here: change the store, or reach out of it; and what is wrong with its syntax.

Oxigraph follows `SERVICE` to other machines, so it is refused before evaluation, by its tokens: what stands inside a
string, a comment, an IRI, a variable or the local part of a prefixed name is no keyword. The check errs on the safe
side, because Oxigraph's grammar needs no space around keywords (`1e5SERVICE<...>`, `SERVICE:x` are calls): a bare word
or a prefix that contains the keyword is refused as well.
"""

from __future__ import annotations

import re
from typing import Final

from imr_graph.errors import UsageError

__all__ = ["UPDATES", "calls_service", "describe_syntax_error", "keywords", "reject_unsafe", "unescape_variants"]

# The tokens of SPARQL 1.1 (section 19.8) that can hide a word. Alternatives begin with different characters and each
# is read once, possessively where it could be re-read, so a scan is linear.
_TOKEN = re.compile(
    r"""
      \#[^\n\r]*                                              # comment
    | <[^<>"{}|^`\\\x00-\x20]*+>                              # IRI
    | \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"                    # strings, long forms first
    | '''(?:[^'\\]|\\.|'(?!''))*+'''
    | "(?:[^"\\\n\r]|\\[^\n\r])*+"
    | '(?:[^'\\\n\r]|\\[^\n\r])*+'
    | [?$]\w+                                                 # variable
    | @[A-Za-z]+(?:-[A-Za-z0-9]+)*                            # language tag
    | (?P<word>[^\W\d][\w.\-]*+)                              # keyword, function, or the prefix of a name
    | :(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)(?:[\w:.\-]|%[0-9A-Fa-f]{2}|\\.)*+  # local part of a name; no dot or hyphen first
    """,
    re.VERBOSE | re.DOTALL,
)
# SPARQL lets a query spell any character as a code point (section 19.2), keywords too.
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

UPDATES: Final = frozenset(("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"))
_FORMS = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))


def keywords(query: str) -> list[str]:
    """Return the bare words and prefixes of a query in upper case, in order.

    >>> keywords('PREFIX x: <http://a/SERVICE> ASK { ?service x:service "SERVICE" } # SERVICE')
    ['PREFIX', 'X', 'ASK', 'X']
    """
    return [token["word"].upper() for token in _TOKEN.finditer(query) if token["word"]]


def reject_unsafe(query: str) -> None:
    """Raise UsageError where a query would change the store, call another service or name another graph."""
    if calls_service(query):
        raise UsageError("SERVICE is refused, because it sends data to another server: leave the clause out.")
    for spelled in unescape_variants(query):
        found = keywords(spelled)
        first = next((word for word in found if word in UPDATES | _FORMS), None)
        if first in UPDATES:
            raise UsageError(
                f"{first} is an update, and questions only read: change the store with 'imr-graph build' or 'remove'."
            )
        if any("FROM" in word for word in found):
            raise UsageError("FROM is refused: all is in one graph, and nothing is fetched from files or the web.")


def calls_service(query: str) -> bool:
    r"""Return whether a query calls another server, however the keyword is spelled; in doubt, yes.

    >>> calls_service('ASK { ?service ?p "SERVICE" }'), calls_service(r"ASK { S\u0045RVICE <urn:x> {} }")
    (False, True)
    """
    lowered = query.lower()
    if "service" not in lowered and "\\u" not in lowered:
        return False
    return any("SERVICE" in word for spelled in unescape_variants(query) for word in keywords(spelled))


def unescape_variants(query: str) -> tuple[str, ...]:
    """Return a query as it is written and, where it spells characters as code points, with these."""
    return (query, _CODE_POINT.sub(_character, query)) if "\\u" in query.lower() else (query,)


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code < 0x110000 else found[0]


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
