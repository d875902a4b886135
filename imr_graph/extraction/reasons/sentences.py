"""The sentences of a rationale: who speaks in each, over which words something is absent, and where the verdict is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import cast

from imr_graph.extraction.reasons.knowledge import Topic, read_table
from imr_graph.extraction.reasons.phrases import FittedWords, PhraseMatch, read_words
from imr_graph.model import Span

__all__ = ["Sentence", "read_sentence", "split_sentences"]

# A full stop, closing marks, white space and what begins a sentence; abbreviations and initials are no ends.
_END = re.compile(
    r"""
    [.?!]
    (?<! \b [A-Zp] \. ) (?<! \b (?:Dr|Mr|Ms|vs|No|St|al|pg|pp) \. ) (?<! \b (?:Mrs|i\.e|e\.g|Fig|Inc) \. )
    (?<! \b dept \. ) (?<! \b approx \. )
    [\"”’')\]]* \s+ (?= [\"“(\[]? [A-Z\d] )
    """,
    re.VERBOSE,
)
# "As guidelines recommend 8 visits, 12 are too many" speaks of the request.
_SUBORDINATE = frozenset({"as", "given", "while", "since", "because"})
_DOCUMENTS = frozenset({"evidence", "documentation", "indication"})
# How many words may stand between a cue and "to support ..." that belongs to the cue: "lack of evidence to support
# that the patient failed therapy" says what is absent, "no red flags to support imaging" what is requested.
_PURPOSE_OF_CUE = 4
# What a clause begins with, and no part of a list.
_SUBJECTS = frozenset({"the", "this", "there", "it", "he", "she"})
_LEADING_VOICE = 3  # words at a sentence's beginning, among which a single word ("guidelines") leads it
_LED_SENTENCE = 5  # words within which a rule's voice outweighs words of this case


@dataclass(frozen=True)
class Sentence:
    """A sentence: its words, with what they fit."""

    words: list[str]
    fitted: FittedWords

    @cached_property
    def cues(self) -> dict[str, list[PhraseMatch[str]]]:
        """The cues in it, by their kinds."""
        cues: dict[str, list[PhraseMatch[str]]] = {}
        for match in cast(list[PhraseMatch[str]], read_table().find(self.fitted, "cue")):
            cues.setdefault(match.meaning, []).append(match)
        return cues

    def find_topics(self, group: str) -> list[PhraseMatch[Topic]]:
        """Return the topics of a group in it: "for", "against", "premise"."""
        return cast(list[PhraseMatch[Topic]], read_table().find(self.fitted, group))

    def __contains__(self, kind: str) -> bool:
        """Return whether the sentence has a cue of a kind."""
        return kind in self.cues

    @cached_property
    def speaks_of_case(self) -> bool:
        """Whether it speaks of this patient, these records or this request rather than of a guideline's rule."""
        voices = [m for m in self.cues.get("rule_voice", ()) if m.end - m.start > 1 or m.start < _LEADING_VOICE]
        led = bool(voices) and self.words[0] not in _SUBORDINATE
        if "here" in self:
            return not (led and "rule" in self and voices[0].start < _LED_SENTENCE)
        if not ("case" in self or "absence_behind" in self or self._lacks_documents):
            return False
        return not led and ("rule" not in self or "absence" in self or "absence_behind" in self)

    @property
    def _lacks_documents(self) -> bool:
        return self.words[:1] == ["no"] or any(a == "no" and b in _DOCUMENTS for a, b in pairwise(self.words))

    @cached_property
    def absences(self) -> list[tuple[int, int]]:
        """The words (start, end) over which each cue of absence holds."""
        ends = [cue.start for cue in self.cues.get("scope_ends", ())]
        ends += [index for index, word in enumerate(self.words) if word == ";" or self._begins_clause(index)]
        purposes = [cue.start for cue in self.cues.get("purposes", ())]
        scopes = []
        for cue in self.cues.get("absence", ()):
            limits = [end for end in ends if end >= cue.end]
            limits += [purpose for purpose in purposes if purpose > cue.end + _PURPOSE_OF_CUE]
            scopes.append((cue.start, min(limits, default=len(self.words))))
        return scopes + [
            (max((end + 1 for end in ends if end < cue.start), default=0), cue.end)
            for cue in self.cues.get("absence_behind", ())
        ]

    def _begins_clause(self, index: int) -> bool:
        """Whether a comma parts clauses rather than the parts of a list."""
        if self.words[index] != ",":
            return False
        behind = index + 2 if self.words[index + 1 : index + 2] == ["and"] else index + 1
        return not _SUBJECTS.isdisjoint(self.words[behind : behind + 1])

    @cached_property
    def verdicts(self) -> list[tuple[int, int]]:
        """The clauses (start, end) that hold a verdict: from its subject, or the comma before it, to the comma behind.

        "Not supported" is a verdict where the request is its subject, "not medically necessary" always.
        """
        commas = [index for index, word in enumerate(self.words) if word in ",;"]
        subjects = [cue.start for cue in self.cues.get("subjects", ())]
        clauses = []
        for cue in self.cues.get("verdicts", ()):
            start = max((place for place in (*commas, *subjects) if place <= cue.start), default=0)
            plain = {"medically", "certified", "necessity"} & set(self.words[cue.start : cue.end])
            if plain or any(start <= subject <= cue.start for subject in subjects):
                clauses.append((start, min((comma for comma in commas if comma >= cue.end), default=len(self.words))))
        return clauses

    @cached_property
    def requests(self) -> list[tuple[int, int]]:
        """The clauses that hold a verdict on the request itself."""
        subjects = [cue.start for cue in self.cues.get("subjects", ())]
        return [(start, end) for start, end in self.verdicts if any(start <= subject < end for subject in subjects)]


def split_sentences(text: str) -> Iterator[Span]:
    """Yield the places of the sentences of a text.

    >>> [span.start for span in split_sentences("See p. 24. No red flags, i.e. none. Denied.")]
    [0, 11, 36]
    """
    start, stop = 0, len(text.rstrip())
    for match in _END.finditer(text):
        yield Span(start, match.start() + 1)
        start = match.end()
    if start < stop:
        yield Span(start, stop)


def read_sentence(text: str) -> Sentence:
    """Return a sentence with its words."""
    words = read_words(text)
    return Sentence(words, read_table().fit(words))
