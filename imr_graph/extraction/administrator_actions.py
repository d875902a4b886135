"""What the claims administrator did with each request: denied, modified or delayed it, where the letter says so.

The heading of a partial certification says that a part was authorized; the clinical summary often tells what the
utilization review decided ("Utilization Review non-certified the request for X and modified that for Y"). An action is
an item's where its object names the item's treatment, or where the letter has one item and tells of one action.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from imr_graph.extraction.reasons.sentences import split_sentences
from imr_graph.extraction.requests import TreatmentReading, read_treatments
from imr_graph.extraction.text import Findings
from imr_graph.model import AdministratorAction, DisputedItem, Span

__all__ = ["add_actions"]

_ACTIONS: tuple[AdministratorAction, ...] = ("denied", "modified", "delayed")

_REVIEW = re.compile(
    r"[UuCc](?i: (?<=\bu) (?: tilization\s+review(?:er)? | r ) | (?<=\bc) laims\s+administrator )\b", re.VERBOSE
)
_ACTION = re.compile(
    r"""
    (?P<passive> \b(?: is|are|was|were|be|been )\s+ )?
    (?: (?P<denied> \b(?: denied | denying | non-?\s?certified | not\s+certified )\b )
      | (?P<modified> \b(?: modified | partially\s+certified )\b )
      | (?P<delayed> \b(?: delayed | deferred )\b ) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NEGATED = re.compile(r"\b(?:not|never)\s+(?:been\s+)?$", re.IGNORECASE)
_LONGEST = 1000  # letters of a sentence; longer ones are lists that lost their ends


class _Told(NamedTuple):
    """An action that the summary tells of, its place, and the words of its object."""

    action: AdministratorAction
    span: Span
    named: str

    def names(self, treatments: Sequence[str]) -> bool:
        """Whether its object names one of some treatments."""
        return any(concept.id in treatments for concept in _read_object(self.named).treatments)


@lru_cache(maxsize=64)
def _read_object(named: str) -> TreatmentReading:
    """Return what the object of an action names; the items of a letter ask for it one after the other."""
    return read_treatments(named)


def add_actions(text: str, items: tuple[DisputedItem, ...], findings: Findings) -> tuple[DisputedItem, ...]:
    """Return items with what was done with each request, where the letter says so and does not contradict itself.

    `findings` has the places of the summary and of what headings say was authorized; those of the actions are added.
    """
    told = _read_summary(text, findings.spans["/summary"]) if "/summary" in findings.spans else ()
    return tuple(
        _add_action(item, f"/items/{index}", told, len(items) == 1, findings) for index, item in enumerate(items)
    )


def _add_action(
    item: DisputedItem, pointer: str, told: Sequence[_Told], alone: bool, findings: Findings
) -> DisputedItem:
    if authorized := findings.spans.get(f"{pointer}/authorized"):
        fitting = [_Told("modified", authorized, "")]
    elif alone and len(told) == 1:
        fitting = list(told)  # whatever it names
    else:
        fitting = [each for each in told if each.names(item.treatments)]
        fitting = fitting or (list(told) if alone else [])
    if len({each.action for each in fitting}) != 1:
        return item
    findings.spans[f"{pointer}/administrator_action"] = fitting[0].span
    return replace(item, administrator_action=fitting[0].action)


def _read_summary(text: str, summary: Span) -> list[_Told]:
    """Return the actions that sentences on a utilization review tell of."""
    told: list[_Told] = []
    if not _REVIEW.search(text, summary.start, summary.end):
        return told
    for sentence in split_sentences(text[summary.start : summary.end]):
        at, end = summary.start + sentence.start, summary.start + sentence.end
        if end - at <= _LONGEST and _REVIEW.search(text, at, end):
            told += _read_sentence(text[at:end], at)
    return told


def _read_sentence(words: str, at: int) -> Iterator[_Told]:
    actions = [action for action in _ACTION.finditer(words) if not _NEGATED.search(words, 0, action.start())]
    for index, action in enumerate(actions):
        before = actions[index - 1].end() if index else 0
        behind = actions[index + 1].start() if index + 1 < len(actions) else len(words)
        named = words[before : action.start()] if action["passive"] else words[action.end() : behind]
        name = next(name for name in _ACTIONS if action[name])
        yield _Told(name, Span(at + action.start(name), at + action.end(name)), named)
