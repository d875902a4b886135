"""What `ontology/reason-phrases.toml` knows: cues by kind, and the phrases of each reason by the way they state it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from imr_graph import resources, vocabulary
from imr_graph.errors import ToolError
from imr_graph.extraction.reasons.phrases import PhraseTable, read_phrase
from imr_graph.vocabulary.tables import Problem, near

__all__ = ["CUES", "WAYS", "Topic", "check_reason_phrases", "read_table"]

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
    "boilerplate",
    "places",
)
WAYS = (
    "absent",
    "stated",
    "affirmed",
    "own",
    "flat",
    "ruled",
    "premise",
    "applied",
    "otherwise",
    "requested",
    "present",
)
_FAULT_OF_TOML = re.compile(r"at line (?P<line>\d+)")


class Topic(NamedTuple):
    """What a phrase says: the reason, the way it states it, and whether the reason speaks for the request."""

    reason: str
    way: str
    speaks_for: bool


@cache
def read_table() -> PhraseTable[str | Topic]:
    """Return the phrases of all cues, each with its kind, and of all reasons, each with its topic.

    Raises ToolError, with file, line and the nearest right name, where the file says what cannot be read.
    """
    folder = resources.ontology()
    for problem in check_reason_phrases(folder, {concept.id for concept in vocabulary.load().reasons}):
        raise ToolError(f"ontology/{problem}")
    knowledge = tomllib.loads((folder / _FILE).read_text(encoding="utf-8"))
    phrases: list[tuple[str, str | Topic]] = [(one, kind) for kind, some in knowledge["cues"].items() for one in some]
    for reason, ways in knowledge["reasons"].items():
        phrases += [(one, Topic(reason, way, "present" in ways)) for way, some in ways.items() for one in some]
    return PhraseTable(phrases, _group_of)


def _group_of(meaning: str | Topic) -> str:
    """Return the group in which a phrase is looked for: cues, premises, topics that speak against or for a request."""
    if isinstance(meaning, str):
        return "cue"
    return meaning.way if meaning.way in ("premise", "requested") else "for" if meaning.speaks_for else "against"


def check_reason_phrases(folder: Path, reasons: Collection[str]) -> list[Problem]:
    """Return everything that is wrong in the file of a folder, with its line; `reasons` are the ids that there are."""
    text = (folder / _FILE).read_text(encoding="utf-8")
    try:
        knowledge = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _FAULT_OF_TOML.search(str(error))
        return [Problem(_FILE, int(at["line"]) if at else 1, f"This is not TOML: {error}.")]
    faults = [*_check_cues(knowledge), *_check_reasons(knowledge, reasons)]
    return [Problem(_FILE, _find_line(text, words), message) for words, message in faults]


def _check_cues(knowledge: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what is wrong with the cues: the words at its place, one after the other, and a sentence."""
    if "cues" not in knowledge:
        yield (), "There is no table [cues]; it says by which words reviewers say that something is absent."
    for kind, phrases in knowledge.get("cues", {}).items():
        if kind not in CUES:
            yield ("[cues]", kind), f"There is no kind of cue {kind!r}.{near(kind, CUES)}"
        yield from _check_phrases(phrases, ("[cues]", kind))


def _check_reasons(knowledge: dict[str, Any], reasons: Collection[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    if "reasons" not in knowledge:
        yield (), "There is no table [reasons.ID] of a reason's phrases."
    for reason, ways in knowledge.get("reasons", {}).items():
        head = f"[reasons.{reason}]"
        if reason not in reasons:
            yield (head,), f"There is no reason {reason!r} in reasons.ttl.{near(reason, reasons)}"
        for way, phrases in ways.items():
            if way not in WAYS:
                yield (head, way), f"There is no way {way!r} of stating a reason.{near(way, WAYS)}"
            yield from _check_phrases(phrases, (head, way))


def _check_phrases(phrases: list[str], place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for phrase in phrases:
        try:
            read_phrase(phrase)
        except ValueError as error:
            yield (*place, phrase), f"{str(error).rstrip('.')}."


def _find_line(text: str, words: tuple[str, ...]) -> int:
    """Return the line of the last of some words, each looked for behind the one before."""
    at = 0
    for each in words:
        at = max(text.find(each, at), at)
    return text.count("\n", 0, at) + 1
