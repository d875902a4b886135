"""The expert reviewer's profile: certified specialties and states of licensure.

Reviewers are anonymous (Labor Code 4610.6(f)); a profile is a pair of sets, never a person. Letters list the
credentials behind labels (from 2015) or say them in a sentence (before).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import zip_longest
from typing import Literal

from imr_graph.extraction.fixed_words import FixedWords
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.text import Reading, alternatives, clean, split_at, trim
from imr_graph.model import Reviewer, Span, Unparsed
from imr_graph.vocabulary import Concept, Scheme, load

__all__ = ["read_reviewer"]

# What joins names in a list; "&" does not: it is part of names ("Physical Medicine & Rehabilitation").
_COMMA = re.compile(r"[,;]|\s/\s")
_AND = re.compile(r"[,;]|\band\b(?:\s+the\b)?")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# A sentence's list of names ends with the sentence or where its next statement begins.
_CLAUSE_END = re.compile(
    r"\.(?:\s|\Z)|(?:,|(?<!\s)\s)\s*(?:and\s+)?(?:is|has|holds|with)\s|(?<!\s)\s+(?:He|She|The)\b|;"
)
# Names in which one letter may be wrong ("Sports Medicinea"); shorter ones are too much alike.
_SHORTEST_SLIP, _LONGEST_NAME = 7, 80
# Profiles recur: the boilerplate around them is the same in all letters. A longer part is not kept in memory.
_KEPT, _LONGEST_KEPT = 2048, 3000


def read_reviewer(words: str) -> Reading[Reviewer]:
    """Read the profile from the part of the letter that describes the reviewer; spans count from its beginning.

    Specialties that the vocabulary does not have are kept as printed; states that it does not have are left out and
    reported as not understood.
    """
    return (_read if len(words) <= _LONGEST_KEPT else _read.__wrapped__)(words)


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> Reading[Reviewer]:
    spans: dict[str, Span] = {}
    unparsed: list[Unparsed] = []
    specialties: dict[str, Span] = {}
    states: dict[str, Span] = {}
    for kind, place in _places(text):
        known = _state if kind == "states" else _specialty
        for name in _names(text, place, known):
            words = clean(text[name.start : name.end])
            concept = known(words)
            if kind == "specialties":
                specialties.setdefault(concept.label if concept else words, name)
            elif concept:
                states.setdefault(concept.id, name)
            else:
                unparsed.append(Unparsed(name.start, name.end, words, "/states"))
    for pointer, found in (("/specialties", specialties), ("/states", states)):
        spans.update({f"{pointer}/{k}": found[value] for k, value in enumerate(sorted(found))})
    return Reading(Reviewer(tuple(sorted(specialties)), tuple(sorted(states))), spans, tuple(unparsed))


def _places(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the lists of names: behind the labels, or else in the sentence about the reviewer."""
    labels = list(_labels().finditer(text))
    for label, after in zip_longest(labels, labels[1:]):
        end = after.start() if after else len(text)
        gap = _BLANK_LINE.search(text, label.end(), end)
        yield label.lastgroup or "", trim(text, label.end(), gap.start() if gap else end, drop=".")
    if labels:
        return
    phrases = list(_sentences().finditer(text))
    for phrase, behind in zip_longest(phrases, phrases[1:]):
        end = behind.start() if behind else len(text)
        stop = _CLAUSE_END.search(text, phrase.end(), end)
        yield phrase.lastgroup or "", trim(text, phrase.end(), stop.start() if stop else end, drop=",")


def _names(text: str, place: Span, known: Callable[[str], Concept | None]) -> Iterator[Span]:
    """Split a list of names at commas, and at "and" where what stands between is no name as a whole."""
    for piece in split_at(text, place, _COMMA):
        if _training().match(text, piece.start, piece.end):
            continue  # no certification
        if known(clean(text[piece.start : piece.end])):
            yield piece
            continue
        parts = list(split_at(text, piece, _AND))
        if parts and all(known(clean(text[p.start : p.end])) for p in parts):
            yield from parts
        else:
            yield piece


@cache
def _codes() -> dict[str, Concept]:
    return {state.id.removeprefix("US-"): state for state in load().states}


@lru_cache(maxsize=4096)
def _state(words: str) -> Concept | None:
    return load().states.unique_by_label(words) or _codes().get(words) or _find_confused("states", words)


@lru_cache(maxsize=4096)
def _specialty(words: str) -> Concept | None:
    """Return the specialty of a name, also with one letter too many, too few or wrong."""
    found = load().specialties.unique_by_label(words)
    if found or not _SHORTEST_SLIP <= len(words) <= _LONGEST_NAME:
        return found
    meant = {id for spelling in _slips(words.lower()) for id in _spellings().get(spelling, ())}
    return load().specialties[meant.pop()] if len(meant) == 1 else _find_confused("specialties", words)


def _find_confused(scheme: Literal["specialties", "states"], words: str) -> Concept | None:
    """Return the concept whose name scanners made of other letters: "Occiipational Medicine", "Califomia"."""
    names = _fixed_words(scheme)
    found = names.find(words, 0, len(words)) if len(words) >= _SHORTEST_SLIP else None
    concepts: Scheme[Concept] = getattr(load(), scheme)
    return concepts.unique_by_label(found.phrase) if found and found.end == len(words) else None


@cache
def _fixed_words(scheme: str) -> FixedWords:
    labels = (label for concept in getattr(load(), scheme) for label in concept.labels)
    return FixedWords.of(label for label in labels if len(label) >= _SHORTEST_SLIP)


def _slips(word: str) -> Iterator[str]:
    """Yield a word and all that is left of it without one of its letters: words that share one are a slip apart."""
    yield word
    for index in range(len(word)):
        yield word[:index] + word[index + 1 :]


@cache
def _spellings() -> dict[str, set[str]]:
    spellings: dict[str, set[str]] = {}
    for concept in load().specialties:
        for label in concept.labels:
            if len(label) >= _SHORTEST_SLIP:
                for spelling in _slips(label.lower()):
                    spellings.setdefault(spelling, set()).add(concept.id)
    return spellings


@cache
def _labels() -> re.Pattern[str]:
    """Return the pattern of the labels; what can begin none is passed over first."""
    reviewer = settings().reviewer
    firsts = "".join(sorted({label[0] for kind in ("states", "specialties") for label in reviewer[kind]}))
    return re.compile(
        rf"(?=[{re.escape(firsts)}])(?:(?P<states>{alternatives(reviewer['states'])})"
        rf"|(?P<specialties>{alternatives(reviewer['specialties'])}))\s*:"
    )


@cache
def _training() -> re.Pattern[str]:
    """Return the pattern of what says that a reviewer was trained in something, not certified."""
    return re.compile(alternatives(settings().reviewer["training"]), re.IGNORECASE)


@cache
def _sentences() -> re.Pattern[str]:
    reviewer = settings().reviewer
    return re.compile(
        rf"\b(?P<states>{alternatives(reviewer['state_sentences'])})\b"
        rf"|\b(?P<specialties>{alternatives(reviewer['specialty_sentences'])})\b",
        re.IGNORECASE,
    )
