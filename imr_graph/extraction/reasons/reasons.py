"""Find the reasons of a rationale: what its sentences state, and which of them states each reason best."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from imr_graph import vocabulary
from imr_graph.extraction.reasons.knowledge import Topic, read_table
from imr_graph.extraction.reasons.phrases import read_words
from imr_graph.extraction.reasons.sentences import split_sentences
from imr_graph.extraction.reasons.statements import GENERAL, Weight, read_statement, stem
from imr_graph.extraction.text import clean
from imr_graph.model import Decision, Span

__all__ = ["FoundReason", "find_reasons"]

# The rule on compounds is copied for every cream; it says something of those of several drugs.
_COMPOUND = "compound-ingredient"
_SHORTEST = 4  # letters of a word of a heading that names what is requested
_ABBREVIATION = re.compile(r"\b[A-Z]{3}\b")
# What is said as well where something narrower is: the narrower one says it.
_GIVES_WAY = {"criteria-not-met": None, "not-recommended": _COMPOUND, "insufficient-evidence": _COMPOUND}


class FoundReason(NamedTuple):
    """A reason by its id, and the sentence that states it."""

    reason: str
    span: Span


def find_reasons(
    text: str, decision: Decision, heading: str = "", treatments: tuple[str, ...] = ()
) -> list[FoundReason]:
    """Return the reasons that a rationale states for its decision, each once, in the order of their sentences.

    `text` is the rationale; spans count its code points. `heading` and `treatments` (their ids) are those of the
    disputed item: a flat rule ("X is not recommended") is a reason only where it names what was requested, by a word of
    the heading or by the name of a treatment or its class. Where several sentences state a reason, the one is given
    that states it best. What speaks for an upheld item, or against an overturned one, is no reason.

    >>> find_reasons("MTUS recommends it. The request exceeds the recommended amount.", "upheld")
    [FoundReason(reason='exceeds-recommended-amount', span=Span(start=20, end=63))]
    """
    single = len(treatments) == 1 and "compound" not in heading.lower()
    best: dict[str, tuple[tuple[bool, Weight], Span]] = {}
    read = [(span, read_statement(clean(text[span.start : span.end]), decision)) for span in split_sentences(text)]
    for span, stated in read:
        topics = stated.topics
        if stated.ruled and _names_request(stated.words, heading, treatments):
            topics += stated.ruled
        if stated.applied:
            premises = frozenset().union(*(each.premises for _, each in read))
            topics += tuple(match for match in stated.applied if match.meaning.reason in premises)
        for match in topics:
            topic = match.meaning
            reason = GENERAL if topic.reason in _read_requested(heading) else topic.reason
            if single and topic.reason == _COMPOUND and not stated.weight.of_case:
                continue
            weight = stated.weight if topic.way == "absent" else stated.weight._replace(of_records=False)
            weight_of_way = topic.way != "applied", weight
            if reason not in best or weight_of_way > best[reason][0]:
                best[reason] = weight_of_way, span
    found = [FoundReason(reason, span) for reason, (_, span) in best.items() if not _gives_way(reason, best)]
    return sorted(found, key=lambda one: one.span.start)


def _names_request(words: frozenset[str], heading: str, treatments: tuple[str, ...]) -> bool:
    """Return whether the stems of a sentence's words name what is requested."""
    return not words.isdisjoint(_read_names(heading)) or any(name <= words for name in _names_of(treatments))


@lru_cache(maxsize=8192)
def _read_names(heading: str) -> frozenset[str]:
    """Return what names a request: the stems of its words, and its abbreviations."""
    short = set() if heading.isupper() else {word.lower() for word in _ABBREVIATION.findall(heading)}
    return frozenset(stem(word) for word in (*read_words(heading), *short) if len(word) >= _SHORTEST or word in short)


@lru_cache(maxsize=8192)
def _read_requested(heading: str) -> frozenset[str]:
    """Return the reasons by what is absent that the heading itself requests."""
    table = read_table()
    meanings = (match.meaning for match in table.find(table.fit(read_words(heading)), "requested"))
    return frozenset(each.reason for each in meanings if isinstance(each, Topic))


@lru_cache(maxsize=8192)
def _names_of(treatments: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Return the names of treatments and of their classes: the stems of the words of each, all of which must stand."""
    known = vocabulary.load()
    found = (known.treatments.get(id) for id in treatments)
    labels = (one.label for each in found if each for one in (each, *known.categories_of(each.id)[:1]))
    names = (frozenset(stem(word) for word in read_words(label) if len(word) >= _SHORTEST) for label in labels)
    return tuple(name for name in names if name)


def _gives_way(reason: str, found: Iterable[str]) -> bool:
    if reason not in _GIVES_WAY:
        return False
    narrower = _GIVES_WAY[reason]
    return any(other == narrower or (narrower is None and other != reason) for other in found)
