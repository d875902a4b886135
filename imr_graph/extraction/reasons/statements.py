"""What a sentence of a rationale states: topics under cues of absence, and phrases that are reasons by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from imr_graph.extraction.reasons.knowledge import Topic
from imr_graph.extraction.reasons.phrases import PhraseMatch
from imr_graph.extraction.reasons.sentences import Sentence, read_sentence
from imr_graph.model import Decision

__all__ = ["GENERAL", "Statement", "Weight", "read_statement", "stem"]

_JOINS = frozenset({"and", "or", "nor", ","})
# The reason for all that is absent and has no reason of its own; it gives way to a narrower one of the same words.
GENERAL = "lacks-indication"
_FARTHEST_JOINED = 5  # words between a narrow topic and a general one that is listed with it
_BRIEF = 12  # words of a sentence, below which it states a reason no more plainly
_STEM = 6  # letters by which names are recognized
_AFFIRMATIVE = frozenset({"affirmed", "applied", "present"})  # no reasons where they are said to be absent
# How a sentence that speaks of the records begins one of its words.
_OF_RECORDS = ("document", "evidence", "indicat", "record", "information", "note")


class Weight(NamedTuple):
    """How well a sentence states a reason; the first difference decides. Records count for what they lack."""

    of_case: bool = False
    no_verdict: bool = False
    says_for_what: bool = False
    of_records: bool = False
    brevity: int = 0


class Statement(NamedTuple):
    """What a sentence states, and how well.

    `topics` count as they are, `ruled` where the sentence's `words`, by their stems, name the request, `applied` where
    the rationale has the rule that they break; `premises` are the reasons for which the sentence has such a rule.
    """

    topics: tuple[PhraseMatch[Topic], ...] = ()
    ruled: tuple[PhraseMatch[Topic], ...] = ()
    words: frozenset[str] = frozenset()
    weight: Weight = Weight()
    premises: frozenset[str] = frozenset()
    applied: tuple[PhraseMatch[Topic], ...] = ()


@lru_cache(maxsize=8192)
def read_statement(text: str, decision: Decision) -> Statement:
    """Return what a sentence states, by the ways that the head of the phrases' file names.

    Reviewers use many sentences again and again, so what was read of one is kept.
    """
    sentence = read_sentence(text)
    premises = frozenset(match.meaning.reason for match in sentence.find_topics("premise"))
    speaking = sentence.find_topics("for" if decision == "overturned" else "against")
    if not speaking:
        return Statement(premises=premises)
    of_case = sentence.speaks_of_case
    if "boilerplate" in sentence or ("rule" in sentence and not of_case):
        return Statement(premises=premises)
    weight = _weigh(sentence)
    by_way: dict[str, list[PhraseMatch[Topic]]] = defaultdict(list)
    speaking = [match for match in speaking if not _is_within(match, sentence.cues.get("places", ()))]
    if decision == "overturned":
        speaking = _outside(speaking, sentence.requests)
    for match in _without_covered([match for match in speaking if _is_said(match, sentence.absences)]):
        by_way[match.meaning.way].append(match)
    topics = list(_read_case(sentence, by_way)) if of_case else []
    if of_case and len(by_way) == 1:
        topics += by_way["otherwise"]
    applied = tuple(by_way["applied"]) if of_case else ()
    if "rule" in sentence:
        return Statement(tuple(topics), weight=weight, premises=premises, applied=applied)
    topics += by_way["flat"]
    if not of_case and "rule_voice" not in sentence:
        topics += by_way["own"]
    narrower = (*by_way["flat"], *by_way["own"], *by_way["stated"])
    ruled = tuple(
        match
        for match in _outside(by_way["ruled"], sentence.verdicts)
        if not any(match.start <= other.end and other.start <= match.end for other in narrower)
    )
    if "named" in sentence:
        return Statement((*topics, *ruled), weight=weight, premises=premises, applied=applied)
    words = frozenset(stem(word) for word in sentence.words if ruled)
    return Statement(tuple(topics), ruled, words, weight, premises, applied)


def _weigh(sentence: Sentence) -> Weight:
    of_records = any(word.startswith(_OF_RECORDS) for word in sentence.words)
    for_what = "purposes" in sentence
    return Weight(
        sentence.speaks_of_case, not sentence.verdicts, for_what, of_records, -min(len(sentence.words), _BRIEF)
    )


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


def _is_within(match: PhraseMatch[Topic], others: Iterable[PhraseMatch[str]]) -> bool:
    return any(other.start <= match.start and match.end <= other.end for other in others)


def _is_said(match: PhraseMatch[Topic], absences: Sequence[tuple[int, int]]) -> bool:
    """Whether a match stands under a cue of absence where its way asks for one, and under none where it may not."""
    absent = any(start <= match.start < end for start, end in absences)
    if match.meaning.way in _AFFIRMATIVE:
        return not absent
    return absent or match.meaning.way != "absent"


def _without_covered(matches: Sequence[PhraseMatch[Topic]]) -> list[PhraseMatch[Topic]]:
    """Return the matches that lie in no longer one, nor in one of the same words that says more."""

    def weigh(match: PhraseMatch[Topic]) -> tuple[int, bool, int]:
        return match.end - match.start, match.meaning.reason != GENERAL, match.size

    def covers(other: PhraseMatch[Topic], match: PhraseMatch[Topic]) -> bool:
        within = other.start <= match.start and match.end <= other.end
        if other.meaning.reason == GENERAL and other.size < other.end - other.start:
            return False
        return within and other.meaning.reason != match.meaning.reason and weigh(other) > weigh(match)

    return [match for match in matches if not any(covers(other, match) for other in matches)]


def _join_listed(matches: Sequence[PhraseMatch[Topic]], sentence: Sentence) -> list[PhraseMatch[Topic]]:
    """Return the first topic under a cue and those that are listed with it.

    "No rationale for imaging" lacks a rationale, not imaging; "no red flags or neurological deficit" lacks both.
    """
    kept: list[PhraseMatch[Topic]] = []
    narrow_first = sorted(matches, key=lambda match: (match.meaning.reason == GENERAL, match.start))
    for match in narrow_first:
        if not kept or _is_joined(match, kept, sentence):
            kept.append(match)
    return kept


def _is_joined(match: PhraseMatch[Topic], kept: Sequence[PhraseMatch[Topic]], sentence: Sentence) -> bool:
    words = sentence.words
    general = match.meaning.reason == GENERAL
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


def stem(word: str) -> str:
    """Return the letters by which a word is known, whatever its ending."""
    singular = word.rstrip("s")
    return (f"{singular[:-2]}y" if singular.endswith("ie") else singular)[:_STEM]
