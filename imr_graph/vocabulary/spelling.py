"""Words with one letter wrong, and the names they are meant for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import accumulate

from imr_graph.vocabulary.matching import Words

__all__ = ["Speller", "respell"]

# Short words have too many neighbors that are words themselves. In a name of five letters, one may be doubled or two be
# exchanged ("facett"); in one of six, one may also be left out or be too many ("lumar"); in a longer one, one may be
# another ("cervikal"; but "waist" is not wrist).
_SHORTEST = (5, 6, 7)
# Letters that scanners print for others ("poinf"): one may be wrong in any name. Pairs that stand for one letter.
_SCANNED = frozenset(("ft", "ce", "qg", "bh"))
_PAIRS = (("ii", "u"), ("rn", "m"), ("ri", "n"), ("vv", "w"))


class Speller:
    """Finds the one name that a word differs from by one letter: left out, too many, another, or two exchanged.

    The first letter has to be right. Names are found by what is left of them without one letter (deletion neighbors).

    >>> Speller(["cervical", "lumbar"], ["lumber"]).correct("cevical")
    'cervical'
    """

    def __init__(self, names: Iterable[str], words: Iterable[str], shortest: tuple[int, int, int] = _SHORTEST) -> None:
        """Index the words of right names; `words` are further words that are right as they are.

        `shortest` are the letters that a name has at least where any letter may be wrong, where one may be left out or
        be too many, and where one may be another.
        """
        self._shortest = shortest
        self._names = frozenset(names)
        self._known = self._names.union(words)
        self._by_rest: dict[str, dict[str, list[str]]] = {}

    def correct(self, word: str) -> str:
        """Return the one name that a word must mean, or the word itself where it is right, or none or several fit."""
        near = self.near(word)
        return near.pop() if len(near) == 1 else word

    def near(self, word: str) -> set[str]:
        """Return the names that a word may mean; none where it is right."""
        if len(word) < self._shortest[0] or word in self._known or not word.isalpha():
            return set()
        read = {word.replace(*pair) for pair in _PAIRS} & self._names
        if len(read) == 1:
            return read
        by_rest = self._by_rest.get(word[0]) or self._index(word[0])
        return {name for rest in _rests(word) for name in by_rest.get(rest, ()) if _is_slip(word, name, self._shortest)}

    def _index(self, letter: str) -> dict[str, list[str]]:
        """Return the names that begin with a letter by what is left of each; short texts need few of them."""
        by_rest: dict[str, list[str]] = {}
        for name in self._names:
            if name[0] == letter and len(name) >= self._shortest[0] and name.isalpha():
                for rest in _rests(name):
                    by_rest.setdefault(rest, []).append(name)
        self._by_rest[letter] = by_rest
        return by_rest


def respell(words: Words, correct: Callable[[str], str]) -> Words:
    """Return words of which each is replaced by another; their places in the text stay."""
    corrected = tuple(map(correct, words.words))
    if corrected == words.words:
        return words
    offsets = (0, *accumulate(map(len, corrected)))
    return replace(words, words=corrected, offsets=offsets, squeezed="".join(corrected))


def _rests(word: str) -> Iterator[str]:
    """Yield a word, and the word without one of its letters."""
    yield word
    for index in range(1, len(word)):
        yield word[:index] + word[index + 1 :]


def _is_slip(word: str, name: str, shortest: tuple[int, int, int]) -> bool:
    """Tell whether a word differs from a name by one letter, the first being right."""
    if word[0] != name[0] or abs(len(word) - len(name)) > 1:
        return False
    if len(word) != len(name):
        shorter, longer = sorted((word, name), key=len)
        places = [k for k in range(len(longer)) if longer[:k] + longer[k + 1 :] == shorter]
        doubled = len(word) > len(name) and any(longer[k - 1] == longer[k] for k in places if k)
        return bool(places) and (doubled or len(name) >= shortest[1])
    wrong = [k for k, letter in enumerate(word) if letter != name[k]]
    if len(wrong) == 1:
        return len(name) >= shortest[2] or word[wrong[0]] + name[wrong[0]] in _SCANNED
    exchanged = len(wrong) == 2 and wrong[1] == wrong[0] + 1
    return exchanged and word[wrong[0]] == name[wrong[1]] and word[wrong[1]] == name[wrong[0]]
