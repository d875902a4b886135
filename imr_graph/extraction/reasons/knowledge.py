"""What `ontology/reason-phrases.toml` knows: cues by kind, and the phrases of each reason by the way they state it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple, TypeVar

from imr_graph import resources
from imr_graph.errors import ToolError
from imr_graph.extraction.reasons.phrases import PhraseTable

__all__ = ["CUES", "WAYS", "Topic", "read_cues", "read_topics"]

T = TypeVar("T")

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
WAYS = ("absent", "stated", "affirmed", "own", "flat", "ruled", "present")


class Topic(NamedTuple):
    """What a phrase says: the reason, the way it states it, and its place among the phrases of that reason and way."""

    reason: str
    way: str
    rank: int


@cache
def read_cues() -> PhraseTable[str]:
    """Return the cues of all kinds.

    Raises ToolError, with file, table and the nearest right name, where the file says what cannot be read.
    """
    cues = _read()["cues"]
    _check("cues", cues, CUES)
    return _table((phrase, kind) for kind, phrases in cues.items() for phrase in phrases)


@cache
def read_topics() -> PhraseTable[Topic]:
    """Return the phrases of all reasons; raises ToolError as `read_cues` does."""
    reasons = _read()["reasons"]
    for reason, ways in reasons.items():
        _check(f"reasons.{reason}", ways, WAYS)
    return _table(
        (phrase, Topic(reason, way, rank))
        for reason, ways in reasons.items()
        for way, phrases in ways.items()
        for rank, phrase in enumerate(phrases)
    )


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
            near = get_close_matches(key, list(known), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(known)}."
            raise ToolError(f"ontology/{_FILE}: [{table}] has no key {key!r}.{hint}")


def _table(phrases: Iterable[tuple[str, T]]) -> PhraseTable[T]:
    try:
        return PhraseTable(phrases)
    except ValueError as error:
        raise ToolError(f"ontology/{_FILE}: {error}") from None
