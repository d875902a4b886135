"""What `ontology/reason-phrases.toml` knows: cues by kind, and the phrases of each reason by the way they state it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from imr_graph import resources
from imr_graph.errors import ToolError, UnknownNameError
from imr_graph.extraction.reasons.phrases import PhraseTable

__all__ = ["CUES", "WAYS", "Topic", "read_table"]

_FILE = "reason-phrases.toml"
# The kinds of cues and the ways of stating a reason; the head of the file says what each means.
CUES = (
    "absence",
    "absence_behind",
    "scope_ends",
    "purposes",
    "examples",
    "verdicts",
    "subjects",
    "named",
    "case",
    "here",
    "rule",
    "rule_voice",
)
WAYS = ("absent", "stated", "affirmed", "own", "flat", "ruled", "premise", "applied", "present", "otherwise")


class Topic(NamedTuple):
    """What a phrase says: the reason, the way it states it, its place among the phrases of that reason and way, and
    whether the reason speaks for the request."""

    reason: str
    way: str
    rank: int
    speaks_for: bool


@cache
def read_table() -> PhraseTable[str | Topic]:
    """Return the phrases of all cues, each with its kind, and of all reasons, each with its topic.

    Raises ToolError, with file, table and the nearest right name, where the file says what cannot be read.
    """
    cues, reasons = _read()["cues"], _read()["reasons"]
    _check("cues", cues, CUES)
    phrases: list[tuple[str, str | Topic]] = [(phrase, kind) for kind, some in cues.items() for phrase in some]
    for reason, ways in reasons.items():
        _check(f"reasons.{reason}", ways, WAYS)
        phrases += [
            (phrase, Topic(reason, way, rank, "present" in ways)) for way, some in ways.items() for rank, phrase in enumerate(some)
        ]
    try:
        return PhraseTable(phrases)
    except ValueError as error:
        raise ToolError(f"ontology/{_FILE}: {error}") from None


@cache
def _read() -> dict[str, Any]:
    path = resources.ontology() / _FILE
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ToolError(f"{path}: this is not TOML: {error}") from None


def _check(table: str, keys: Iterable[str], known: Iterable[str]) -> None:
    for key in keys:
        if key not in known:
            raise ToolError(f"ontology/{_FILE}: {UnknownNameError(f'key of [{table}]', key, known)}")
