"""Find the reasons of a rationale: topics under cues of absence, and phrases that state a reason by themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from imr_graph.extraction.reasons.knowledge import Topic
from imr_graph.extraction.reasons.phrases import PhraseMatch, read_words
from imr_graph.extraction.reasons.sentences import Sentence, read_sentence, split_sentences
from imr_graph.extraction.text import clean
from imr_graph.model import Decision, Span

__all__ = ["FoundReason", "find_reasons"]

_JOINS = frozenset({"and", "or", "nor", ","})
# The reason for all that is absent and has no reason of its own; it gives way to a narrower one of the same words.
_GENERAL = "lacks-indication"
_FARTHEST_JOINED = 5  # words between a narrow topic and a general one that is listed with it
_STEM, _SHORTEST = 6, 4  # how names of a heading are recognized in a sentence
_ABBREVIATION = re.compile(r"\b[A-Z]{3}\b")
_AFFIRMATIVE = frozenset({"affirmed", "applied", "present"})  # no reasons where they are said to be absent
# What is said as well where something narrower is: the narrower one says it.
_GIVES_WAY = {"criteria-not-met": None, "not-recommended": "compound-ingredient"}


# How a sentence that speaks of the records begins one of its words.
_OF_RECORDS = ("document", "evidence", "indicat", "record", "information", "note")


class _Weight(NamedTuple):
    """How well a sentence states a reason; the first difference decides. Records count for what they lack."""

    of_case: bool = False
    no_verdict: bool = False
    says_for_what: bool = False
    of_records: bool = False
    brevity: int = 0


class FoundReason(NamedTuple):
    """A reason by its id, and the sentence that states it."""

    reason: str
    span: Span


def find_reasons(text: str, decision: Decision, heading: str = "") -> list[FoundReason]:
    """Return the reasons that a rationale states for its decision, each once, in the order of their sentences.

    `text` is the rationale; spans count its code points. `heading` is that of the disputed item: a flat rule ("X is not
    recommended") is a reason only where it names what was requested. Where several sentences state a reason, the one
    is given that states it best. What speaks for an upheld item, or against an
    overturned one, is no reason.

    >>> find_reasons("MTUS recommends it. The request exceeds the recommended amount.", "upheld")
    [FoundReason(reason='exceeds-recommended-amount', span=Span(start=20, end=63))]
    """
    names = _read_names(heading)
    best: dict[str, tuple[tuple[bool, _Weight], Span]] = {}
    read = [(span, _read_topics(clean(text[span.start : span.end]), decision)) for span in split_sentences(text)]
    premises = frozenset().union(*(stated.premises for _, stated in read))
    for span, stated in read:
        ruled = stated.ruled if not stated.words.isdisjoint(names) else ()
        applied = (match for match in stated.applied if match.meaning.reason in premises)
        for match in (*stated.topics, *ruled, *applied):
            topic = match.meaning
            weight = stated.weight if topic.way == "absent" else stated.weight._replace(of_records=False)
            weight_of_way = topic.way != "applied", weight
            if topic.reason not in best or weight_of_way > best[topic.reason][0]:
                best[topic.reason] = weight_of_way, span
    found = [FoundReason(reason, span) for reason, (_, span) in best.items() if not _gives_way(reason, best)]
    return sorted(found, key=lambda one: one.span.start)


def _read_names(heading: str) -> set[str]:
    """Return what names a request: the stems of its words, and its abbreviations."""
    short = set() if heading.isupper() else {word.lower() for word in _ABBREVIATION.findall(heading)}
    return {word[:_STEM] for word in (*read_words(heading), *short) if len(word) >= _SHORTEST or word in short}


def _gives_way(reason: str, found: Iterable[str]) -> bool:
    if reason not in _GIVES_WAY:
        return False
    narrower = _GIVES_WAY[reason]
    return any(other == narrower or (narrower is None and other != reason) for other in found)


class _Stated(NamedTuple):
    """What a sentence states, and how well.

    `topics` count as they are, `ruled` where the sentence's `words`, by their stems, name the request, `applied` where
    the rationale has the rule that they break; `premises` are the reasons for which the sentence has such a rule.
    """

    topics: tuple[PhraseMatch[Topic], ...] = ()
    ruled: tuple[PhraseMatch[Topic], ...] = ()
    words: frozenset[str] = frozenset()
    weight: _Weight = _Weight()
    premises: frozenset[str] = frozenset()
    applied: tuple[PhraseMatch[Topic], ...] = ()


@lru_cache(maxsize=8192)
def _read_topics(text: str, decision: Decision) -> _Stated:
    """Return what a sentence states, by the ways that the head of the phrases' file names.

    Reviewers use many sentences again and again, so what was read of one is kept.
    """
    sentence = read_sentence(text)
    of_case = sentence.speaks_of_case
    premises = frozenset(match.meaning.reason for match in sentence.topics if match.meaning.way == "premise")
    if "rule" in sentence and not of_case:
        return _Stated(premises=premises)
    weight = _weigh(sentence)
    by_way: dict[str, list[PhraseMatch[Topic]]] = defaultdict(list)
    speaking = [match for match in sentence.topics if match.meaning.speaks_for == (decision == "overturned")]
    if decision == "overturned":
        speaking = _outside(speaking, sentence.requests)
    denied = [match for match in speaking if match.meaning.way in _AFFIRMATIVE]
    denied = [match for match in denied if not _outside([match], sentence.absences)]
    for match in _without_covered([match for match in speaking if match not in denied]):
        by_way[match.meaning.way].append(match)
    topics = list(_read_case(sentence, by_way)) if of_case else []
    if of_case and len(by_way) == 1:
        topics += by_way["otherwise"]
    applied = tuple(by_way["applied"]) if of_case else ()
    if "rule" in sentence:
        return _Stated(tuple(topics), weight=weight, premises=premises, applied=applied)
    topics += by_way["flat"]
    if not of_case and "rule_voice" not in sentence:
        topics += by_way["own"]
    narrower = [(match.start - 1, match.end) for match in (*by_way["flat"], *by_way["own"])]
    ruled = tuple(_outside(by_way["ruled"], [*sentence.verdicts, *narrower]))
    if "named" in sentence:
        return _Stated((*topics, *ruled), weight=weight, premises=premises, applied=applied)
    words = frozenset(word[:_STEM] for word in sentence.words if ruled)
    return _Stated(tuple(topics), ruled, words, weight, premises, applied)


def _weigh(sentence: Sentence) -> _Weight:
    of_records = any(word.startswith(_OF_RECORDS) for word in sentence.words)
    for_what = "purposes" in sentence
    return _Weight(sentence.speaks_of_case, not sentence.verdicts, for_what, of_records, -len(sentence.words))


def _read_case(sentence: Sentence, by_way: Mapping[str, Sequence[PhraseMatch[Topic]]]) -> Iterator[PhraseMatch[Topic]]:
    """Yield what a sentence on this patient, these records or this request states."""
    outside = _outside(by_way["absent"], sentence.verdicts)
    for start, end in sentence.absences:
        yield from _join_listed([match for match in outside if start <= match.start and match.end <= end], sentence)
    yield from by_way["stated"]
    yield from by_way["own"]
    yield from by_way["affirmed"]
    yield from by_way["present"]


def _outside(matches: Iterable[PhraseMatch[Topic]], clauses: Sequence[tuple[int, int]]) -> list[PhraseMatch[Topic]]:
    """Return the matches that begin in none of some clauses."""
    return [match for match in matches if not any(start <= match.start < end for start, end in clauses)]


def _without_covered(matches: Sequence[PhraseMatch[Topic]]) -> list[PhraseMatch[Topic]]:
    """Return the matches that lie in no longer one, nor in one of the same words that says more."""

    def weigh(match: PhraseMatch[Topic]) -> tuple[int, bool, int]:
        return match.end - match.start, match.meaning.reason != _GENERAL, match.size

    def covers(other: PhraseMatch[Topic], match: PhraseMatch[Topic]) -> bool:
        within = other.start <= match.start and match.end <= other.end
        if other.meaning.reason == _GENERAL and other.size < other.end - other.start:
            return False
        return within and other.meaning.reason != match.meaning.reason and weigh(other) > weigh(match)

    return [match for match in matches if not any(covers(other, match) for other in matches)]


def _join_listed(matches: Sequence[PhraseMatch[Topic]], sentence: Sentence) -> list[PhraseMatch[Topic]]:
    """Return the first topic under a cue and those that are listed with it.

    "No rationale for imaging" lacks a rationale, not imaging; "no red flags or neurological deficit" lacks both.
    """
    kept: list[PhraseMatch[Topic]] = []
    narrow_first = sorted(matches, key=lambda match: (match.meaning.reason == _GENERAL, match.start))
    for match in narrow_first:
        if not kept or _is_joined(match, kept, sentence):
            kept.append(match)
    return kept


def _is_joined(match: PhraseMatch[Topic], kept: Sequence[PhraseMatch[Topic]], sentence: Sentence) -> bool:
    words = sentence.words
    general = match.meaning.reason == _GENERAL
    if general and any(cue.start < match.start for cue in sentence.cues.get("examples", ())):
        return False
    if before := [other.end for other in kept if other.start < match.start]:
        between = words[max(before) : match.start]
        joined = max(before) > match.start or _has_join([*between, words[match.start]])
    else:
        between = words[match.end : min(other.start for other in kept)]
        joined = not general or _has_join(between)
    return joined and not (general and len(between) > _FARTHEST_JOINED)


def _has_join(words: Iterable[str]) -> bool:
    return any(word in _JOINS for word in words)
