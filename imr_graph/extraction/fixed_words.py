"""Fixed words of letters, found although a letter in them is wrong, missing or too many.

"Claims Adminstrator guideline:", "Decison rational:", "HOW THE 1MR FINAL DETERMINATION WAS MADE": words are compared
as a reader sees them, without case, blanks and marks, with the characters that scanners confuse made one, at a small
edit distance. The work for one place is bounded by the length of the phrase.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from rapidfuzz.distance import OSA

from imr_graph.extraction.plain_text import Edit

__all__ = ["DIGITS", "KEY", "FixedWords", "Found", "fold", "is_near"]

# Characters that scanners take for each other, and what all of them are compared as.
_CONFUSED = str.maketrans("01i|!¡5$869", "ollllls" + "s" + "bbg")
# Letters that stand where only digits can, and the digits.
DIGITS = str.maketrans("OoQDlIi|!SsBZz", "00001111155822", " ")
_CONFUSED_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_NOT_COMPARED = re.compile(r"[^a-z0-9|!¡$]+")
_ARTICLE = "the"

KEY = 6  # characters of a place that tell whether a phrase can stand there
_OPENING = 5  # letters in which the beginning of a phrase is compared, with one of them wrong
_COMPARED = 18  # letters that are compared before a whole phrase is
_BLOCK = 4  # letters of a block: the 18 that are compared have four, and of these three slips leave one whole
_LETTERS_A_SLIP = 6  # one letter in so many may be wrong
_SHORTEST_WITH_TWO = 10  # letters of a phrase in which two may be wrong
_LETTERS_LOST = 4  # a slip weighs as much as so many letters that agree


class Found(NamedTuple):
    """A phrase that stands in a text up to `end`; `exact` tells whether letter by letter."""

    phrase: str
    end: int
    exact: bool


@lru_cache(maxsize=65_536)
def fold(words: str) -> str:
    """Return words as they are compared.

    >>> fold("HOW THE 1MR") == fold("How the IMR"), fold("0vertumed") == fold("Overturned")
    (True, True)
    """
    return _fold(words)


def _letters(words: str) -> str:
    return _NOT_COMPARED.sub("", words.lower())


def _fold(words: str) -> str:
    plain = _letters(words)
    for pair, letter in _CONFUSED_PAIRS:
        plain = plain.replace(pair, letter)
    return plain.translate(_CONFUSED)


def is_near(words: str, phrase: str, most: int) -> bool:
    """Tell whether two words are a number of slips apart at most: letters left out, added, changed or exchanged.

    >>> is_near("overtuned", "overturned", 1), is_near("upheld", "overturned", 1)
    (True, False)
    """
    return OSA.distance(words, phrase, score_cutoff=most) <= most


@dataclass(frozen=True)
class FixedWords:
    """Phrases to be found at given places of a text; an article before them may be there or not."""

    phrases: tuple[str, ...]
    _plain: Mapping[str, str] = field(repr=False)
    _bare: Mapping[str, str] = field(repr=False)
    _openings: Mapping[str, tuple[str, ...]] = field(repr=False)
    _heads: frozenset[str] = field(repr=False)
    _tails: frozenset[str] = field(repr=False)
    _near: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _likely: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _meant: dict[str, str | None] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, phrases: Iterable[str]) -> FixedWords:
        """Return the phrases, longest first so that the fullest wording wins."""
        ordered = tuple(sorted(dict.fromkeys(phrases), key=lambda phrase: (-len(phrase), phrase)))
        plain = {phrase: _without_article(_fold(phrase)) for phrase in ordered}
        bare = {phrase: _without_article(_letters(phrase)) for phrase in ordered}
        openings: dict[str, tuple[str, ...]] = {}
        for phrase, letters in [*plain.items(), *bare.items()]:
            for start in ("", _ARTICLE):
                for key in _slips((start + letters)[:_OPENING]):
                    openings[key] = (*openings.get(key, ()), phrase)
        forms = (*plain.values(), *bare.values())
        starts = [(start + letters)[:_OPENING] for letters in forms for start in ("", _ARTICLE)]
        unique = {key: tuple(dict.fromkeys(found)) for key, found in openings.items()}
        return cls(ordered, plain, bare, unique, frozenset(s[:2] for s in starts), frozenset(s[2:] for s in starts))

    def near(self, key: str) -> tuple[str, ...]:
        """Return the phrases that may stand at a place whose first characters (`KEY` of them) are `key`."""
        known = self._near.get(key)
        if known is None:
            known = self._find_near(_fold(key))
            if _letters(key) != _fold(key):
                known = tuple(dict.fromkeys((*known, *self._find_near(_letters(key)))))
            if len(self._near) < _MOST_KEPT:
                self._near[key] = known
        return known

    def _find_near(self, opening: str) -> tuple[str, ...]:
        # With one letter wrong of five, the first two or the last three are right, these perhaps one place off; or two
        # are exchanged.
        heads = (opening[:2], opening[:1] + opening[2:3], opening[1::-1])
        if self._heads.isdisjoint(heads) and self._tails.isdisjoint((opening[1:4], opening[2:5], opening[3:6])):
            return ()
        found = {p: None for slip in _slips(opening[:_OPENING]) for p in self._openings.get(slip, ())}
        for index in range(_OPENING + 1):  # a letter too many
            found |= dict.fromkeys(self._openings.get(opening[:index] + opening[index + 1 : _OPENING + 1], ()))
        return tuple(found)

    def likely(self, beginning: str) -> tuple[str, ...]:
        """Return the phrases that may stand at a place which begins so (four times `KEY` characters)."""
        near = self.near(beginning[:KEY])
        if not near:
            return ()
        known = self._likely.get(beginning)
        if known is None:
            plain, bare = _without_article(_fold(beginning)), _without_article(_letters(beginning))
            known = tuple(p for p in near if _opens(plain, self._plain[p]) or _opens(bare, self._bare[p]))
            if len(self._likely) < _MOST_KEPT:
                self._likely[beginning] = known
        return known

    def find(self, text: str, start: int, end: int) -> Found | None:
        """Return the phrase that stands at `start`, word for word or nearly; it ends with a word.

        Of several, that which most letters speak for: a longer one with a slip rather than the first words of it.
        """
        best: tuple[int, bool, int, Found] | None = None
        for phrase in self.likely(text[start : start + 4 * KEY]):
            plain = self._plain[phrase]
            if best and len(plain) < -best[0]:
                continue
            if " ".join(text[start : start + len(phrase) + _BLANKS].split()).startswith(phrase):
                best = (-len(plain), False, 0, Found(phrase, start + len(phrase), True))
                continue
            limit = max(1, len(plain) // _LETTERS_A_SLIP)
            endings = (
                _endings(text, start, end, plain, limit, _fold),
                _endings(text, start, end, self._bare[phrase], limit, _letters),
            )
            for cost, stop in chain(*endings):
                rank = (_LETTERS_LOST * cost - len(plain), phrase.isupper() != text[start:stop].isupper(), cost)
                if best is None or rank < best[:3]:
                    best = (*rank, Found(phrase, stop, False))
        return best[3] if best else None

    def meant_by(self, words: str) -> str | None:
        """Return the phrase of one colon that words before a colon mean: two slips are allowed, as the whole agrees.

        >>> FixedWords.of(["Decision rationale:"]).meant_by("Deciion ratonale")
        'Decision rationale:'
        """
        if words not in self._meant:
            if len(self._meant) >= _MOST_KEPT:
                self._meant.clear()
            self._meant[words] = self._find_meant(words)
        return self._meant[words]

    def _find_meant(self, words: str) -> str | None:
        best, most = None, 2
        for form, by_length in self._forms.items():
            letters = _without_article(form(words))
            for length in range(len(letters) - 2, len(letters) + 3):
                for plain, phrase in by_length.get(length, ()):
                    cost = OSA.distance(letters, plain, score_cutoff=most)
                    if cost == 0:
                        return phrase
                    if cost <= most:
                        best, most = phrase, cost - 1
        return best

    @cached_property
    def _forms(self) -> Mapping[Callable[[str], str], Mapping[int, list[tuple[str, str]]]]:
        """What is compared of phrases of one colon, by its length: typists err in letters, scanners in their looks."""
        forms: dict[Callable[[str], str], dict[int, list[tuple[str, str]]]] = {_letters: {}, _fold: {}}
        for form, by_length in forms.items():
            for phrase in self.phrases:
                plain = _without_article(form(phrase))
                if phrase.endswith(":") and len(plain) >= _SHORTEST_WITH_TWO:
                    by_length.setdefault(len(plain), []).append((plain, phrase))
        return forms

    def find_damaged(self, text: str, start: int, end: int) -> list[Edit]:
        """Return the edits that make all phrases between two places what they should be, wherever a word begins."""
        edits: list[Edit] = []
        floor = start
        for word in _BEGINNING.finditer(text, start, end):
            found = self.find(text, word.start(), end) if word.start() >= floor else None
            if found:
                floor = found.end
                if not found.exact and text[word.start() : found.end] != found.phrase:
                    edits.append(Edit(word.start(), found.end, found.phrase))
        return edits


_BEGINNING = re.compile(r"(?<![^\s(,;:.])[\w|!]")
_MOST_KEPT = 65_536  # beginnings of places that are kept in memory: they recur
_BLANKS = 9  # further blanks that may stand in a phrase
_WORD = re.compile(r"[^\s:;]+[:;]?|[:;]")


def _without_article(plain: str) -> str:
    return plain.removeprefix(_ARTICLE) if len(plain) > len(_ARTICLE) + _OPENING else plain


def _slips(opening: str) -> Iterator[str]:
    """Yield an opening with any one of its letters left open or left out, or two neighbors exchanged."""
    yield opening
    for index in range(len(opening) - 1):
        yield opening[:index] + opening[index + 1] + opening[index] + opening[index + 2 :]
    for index in range(len(opening)):
        yield f"{opening[:index]}?{opening[index + 1 :]}"
        yield opening[:index] + opening[index + 1 :]


def _opens(letters: str, plain: str) -> bool:
    """Tell whether the first letters of a place are those of a phrase, but for slips."""
    length = min(len(letters), len(plain), _COMPARED)
    for at in range(0, length - _BLOCK + 1, _BLOCK):  # slips leave one of four blocks as it is
        if plain[at : at + _BLOCK] in letters:
            break
    else:
        return False
    limit = max(1, length // _LETTERS_A_SLIP)
    stops = range(max(0, length - limit), min(len(letters), length + 2) + 1)
    return any(is_near(letters[:stop], plain[:length], limit) for stop in stops)


def _endings(
    text: str, start: int, end: int, plain: str, limit: int, form: Callable[[str], str]
) -> Iterator[tuple[int, int]]:
    """Yield each word's end up to which a place says a phrase, with the number of letters that differ."""
    words, ends = "", {}
    for match in _WORD.finditer(text, start, min(end, start + 2 * len(plain) + KEY)):
        words += form(match[0])
        ends[len(words)] = match.end()
        if len(words) > len(plain) + limit:
            break
    article = len(words) - len(_without_article(words))
    for length, stop in ends.items():
        if length > article and abs(length - article - len(plain)) <= limit:
            cost = OSA.distance(words[article:length], plain, score_cutoff=limit)
            if cost <= limit:
                yield cost, stop
