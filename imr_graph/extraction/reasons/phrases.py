"""A small language of phrases, and the words of a text that they are looked for in.

A phrase is a row of words; case, line ends and hyphens do not count:

- `deficit*` is a word with any ending, `deficit/finding*` one of several words;
- `?the` may be missing;
- `..` stands for up to four words within a clause, `...` for up to nine, commas and semicolons among them.

Looking for phrases is linear in the text: a phrase is tried only where its first word stands, and the words that it
may pass over are few.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

__all__ = ["FittedWords", "PhraseMatch", "PhraseTable", "read_phrase", "read_words"]

T = TypeVar("T")

_WORD = re.compile(r"[a-z]+(?:['’](?!s\b)[a-z]+)?|\d+(?:[.,]\d+)*%?|[;:().,]")
_NOT = re.compile(r"n['’]t\b")
_GAPS = {"..": 4, "...": 9}
_ENDS = frozenset(":.")
_KEPT = 100_000  # words whose numbers are remembered
_STEM = 3  # a word with any ending is indexed by so many first letters, so its given part has at least as many


class PhraseMatch(NamedTuple, Generic[T]):
    """A phrase that was found: words `start` (included) to `end` (excluded), how many it names, what it stands for."""

    start: int
    end: int
    size: int
    meaning: T


class Step(NamedTuple):
    """One word of a phrase: its forms, how many words may come before it, and whether it may be missing."""

    forms: str
    gap: int
    optional: bool


def read_words(text: str) -> list[str]:
    """Return the words of a text in lower case without possessive endings, and the marks that part clauses.

    >>> read_words("The patient's long-term use;")
    ['the', 'patient', 'long', 'term', 'use', ';']
    """
    return [word for word in _WORD.findall(_NOT.sub(" not", text.lower())) if word != "s"]


class _Phrase(NamedTuple, Generic[T]):
    """A phrase whose words are numbered: its steps as (number, gap, optional), and the numbers that must be there."""

    steps: tuple[tuple[int, int, bool], ...]
    needed: frozenset[int]
    meaning: T


class FittedWords(NamedTuple):
    """Words of a text with the numbers that each fits, and all of these numbers.

    `places` are those behind the words that fit a number, as far as they were looked for.
    """

    words: Sequence[str]
    fitting: Sequence[frozenset[int]]
    present: frozenset[int]
    places: dict[int, list[int]]


class PhraseTable(Generic[T]):
    """Phrases with what each stands for, in groups that are looked for one by one.

    The forms of a phrase's word ("deficit*/finding*") have a number; a word of a text is known by the numbers that it
    fits, which are worked out once for each word. A phrase is tried only in a text that has all its numbers; it is
    asked for by that of its words which is likely to be the rarest, the longest.

    >>> table = PhraseTable([("no .. deficit*", "none"), ("neuro*", "nerves")])
    >>> words = table.fit(read_words("There are no neurologic deficits."))
    >>> [(m.start, m.end, m.meaning) for m in table.find(words)]
    [(2, 5, 'none'), (3, 4, 'nerves')]
    """

    def __init__(self, phrases: Iterable[tuple[str, T]], group_of: Callable[[T], str] = lambda _: "") -> None:
        """Take phrases with what each stands for, which says the group that it is in.

        Raises ValueError, with the phrase, where one cannot be read.
        """
        self._words: dict[str, set[int]] = {}
        self._stems: dict[str, list[tuple[str, int]]] = {}
        self._groups: dict[str, dict[int, list[_Phrase[T]]]] = {}
        self._known = _Known(self._find_fitting)
        numbers: dict[str, int] = {}
        for phrase, meaning in phrases:
            read = read_phrase(phrase)
            steps = tuple((self._number(step.forms, numbers), step.gap, step.optional) for step in read)
            needed = frozenset(number for number, _, optional in steps if not optional)
            rarest = max((step for step in read if not step.optional), key=_shortest_form).forms
            group = self._groups.setdefault(group_of(meaning), {})
            group.setdefault(numbers[rarest], []).append(_Phrase(steps, needed, meaning))

    def _number(self, forms: str, numbers: dict[str, int]) -> int:
        if forms not in numbers:
            number = numbers[forms] = len(numbers)
            for form in forms.split("/"):
                if form.endswith("*"):
                    self._stems.setdefault(form[:_STEM], []).append((form[:-1], number))
                else:
                    self._words.setdefault(form, set()).add(number)
        return numbers[forms]

    def _find_fitting(self, word: str) -> frozenset[int]:
        """Return the numbers that a word fits."""
        stems = (number for stem, number in self._stems.get(word[:_STEM], ()) if word.startswith(stem))
        return frozenset((*self._words.get(word, ()), *stems))

    def fit(self, words: Sequence[str]) -> FittedWords:
        """Return words with what each fits, as `find` takes them."""
        fitting = [self._known[word] for word in words]
        return FittedWords(words, fitting, frozenset().union(*fitting), {})

    def find(self, fitted: FittedWords, group: str = "") -> list[PhraseMatch[T]]:
        """Return every phrase of a group that stands in the words, from left to right; phrases may overlap."""
        words, fitting, present, places = fitted
        found: list[PhraseMatch[T]] = []
        by_rarest = self._groups.get(group, {})
        for rarest in present & by_rarest.keys():
            for steps, needed, meaning in by_rarest[rarest]:
                if needed <= present:
                    first = steps[0][0]
                    if first not in places:  # many phrases share their first word
                        places[first] = [place for place, numbers in enumerate(fitting, 1) if first in numbers]
                    found += [
                        PhraseMatch(behind - 1, end, len(needed), meaning)
                        for behind in places[first]
                        if (end := _match_steps(words, fitting, steps, 1, behind))
                    ]
        return sorted(found, key=itemgetter(0, 1))


class _Known(dict[str, frozenset[int]]):
    """The numbers that words fit, worked out once for each word."""

    def __init__(self, find: Callable[[str], frozenset[int]]) -> None:
        self._find = find

    def __missing__(self, word: str) -> frozenset[int]:
        numbers = self._find(word)
        if len(self) < _KEPT:
            self[word] = numbers
        return numbers


def _shortest_form(step: Step) -> int:
    return min(map(len, step.forms.split("/")))


def read_phrase(phrase: str) -> tuple[Step, ...]:
    """Return the steps of a phrase.

    Raises ValueError where it begins with what may be missing, ends with a gap, or has a stem of under three letters.
    """
    steps: list[Step] = []
    gap = 0
    for part in phrase.lower().split():
        if part in _GAPS:
            gap = _GAPS[part]
            continue
        forms = part.removeprefix("?")
        if any(form.endswith("*") and len(form) <= _STEM for form in forms.split("/")):
            raise ValueError(f"{phrase!r}: a word with any ending needs at least {_STEM} letters before its '*'")
        steps.append(Step(forms, gap, part.startswith("?")))
        gap = 0
    if not steps or steps[0].optional or steps[0].gap or gap:
        raise ValueError(f"{phrase!r}: a phrase begins and ends with a word that must be there")
    return tuple(steps)


def _match_steps(
    words: Sequence[str],
    fitting: Sequence[frozenset[int]],
    steps: tuple[tuple[int, int, bool], ...],
    first: int,
    place: int,
) -> int:
    """Return where the rest of a phrase, from a step on, ends that goes on at a place; 0 where it does not."""
    for index, (number, gap, optional) in enumerate(steps[first:], first):
        if not gap:
            stands = place < len(words) and number in fitting[place]
            if stands and not optional:
                place += 1
            elif stands and (end := _match_steps(words, fitting, steps, index + 1, place + 1)):
                return end
            elif not optional:
                return 0
            continue
        for at in range(place, min(place + gap + 1, len(words))):
            if number in fitting[at] and (end := _match_steps(words, fitting, steps, index + 1, at + 1)):
                return end
            mark = words[at]
            if mark in _ENDS or (mark in ",;" and gap < _GAPS["..."]):
                break
        if not optional:
            return 0
    return place
