"""Finding the names of a vocabulary in free text: longest whole-word match, in linear time.

Names are compared as words, in lower case, whatever stands between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Match", "Matcher", "Words", "fold", "normalise", "split", "split_words"]

V = TypeVar("V")

# A run of letters (with apostrophes inside: "ESI's") or a run of digits; "10mg" and "L4" are two words each, so that
# "Valium10 mg" is found, and labels such as "B12" still match because words may be joined (see Matcher).
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’])*|\d+")
_APOSTROPHES = str.maketrans("", "", "'’")

# Between two words of a match: these may stand where the label has none ("x-ray", "x ray", "xray" are one name) ...
_SOFT = frozenset(" \t\r\n\f\v-‐‑‒–—.\u00a0\u00ad®™")
# ... a slash, ampersand, bracket may stand only at a word boundary of the label ("C/T spine" is no "CT spine"), and
# these only where the label has punctuation too ("TENS unit, electrodes" are two things, "TENS unit electrodes" one).
_BREAKS = frozenset(",;:!?|•+")
_INDEXING = Lock()  # threads that ask the same matcher
_STEM = 4  # labels are grouped by their first letters, so that most words of a text are passed over at once


def fold(word: str) -> str:
    """Return one word as it is compared: lower case, no accents, no apostrophes.

    >>> fold("ESI's")
    'esis'
    """
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return word.lower().translate(_APOSTROPHES)


@dataclass(frozen=True)
class Words:
    """A text cut into folded words.

    `words[i]` stands at `text[starts[i]:ends[i]]`. `squeezed` is all words without a gap, word i at
    `squeezed[offsets[i]:offsets[i + 1]]`.
    """

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    offsets: tuple[int, ...]
    squeezed: str

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def normalised(self) -> str:
        """The words joined by single spaces."""
        return " ".join(self.words)

    def gap(self, index: int) -> str:
        """Return what stands between word `index - 1` and word `index` (0 < index < len)."""
        return self.text[self.ends[index - 1] : self.starts[index]]


def split(text: str) -> Words:
    """Cut a text into folded words with their places.

    >>> split("X-rays, L4-5").words
    ('x', 'rays', 'l', '4', '5')
    """
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    is_plain = _is_plain(text)
    for match in _WORD.finditer(text.lower() if is_plain else text):
        raw = match[0] if is_plain else match[0].rstrip("'’")
        word = raw if is_plain else fold(raw)
        if not word:
            continue
        start = match.start()
        words.append(word)
        starts.append(start)
        ends.append(start + len(raw))
    offsets = (0, *accumulate(map(len, words)))
    return Words(text, tuple(words), tuple(starts), tuple(ends), offsets, "".join(words))


def split_words(text: str) -> list[str]:
    """Return the folded words of a text without their places, which is quicker.

    >>> split_words("X-rays, L4-5")
    ['x', 'rays', 'l', '4', '5']
    """
    return _WORD.findall(text.lower()) if _is_plain(text) else list(split(text).words)


def _is_plain(text: str) -> bool:
    """Whether the words of a text in lower case are folded, and stand where they stand in the text."""
    return text.isascii() and "'" not in text


def normalise(name: str) -> str:
    """Return a name as it is compared: folded words joined by single spaces.

    >>> normalise("Forearm, Wrist, & Hand")
    'forearm wrist hand'
    """
    return " ".join(split_words(name))


class Match(NamedTuple, Generic[V]):
    """Something found in a text: `text[start:end]` is one of the names of each of `values`.

    `first` and `last` are the indexes of the words (last excluded).
    """

    values: tuple[V, ...]
    start: int
    end: int
    first: int
    last: int

    @property
    def value(self) -> V:
        """The one value, or the first where a name belongs to several."""
        return self.values[0]


@dataclass(slots=True)
class _Entry(Generic[V]):
    """What is known of one name: whose it is, where its words begin, where it has punctuation."""

    values: list[V] = field(default_factory=list)
    boundaries: set[int] = field(default_factory=set)
    breaks: set[int] = field(default_factory=set)


class Matcher(Generic[V]):
    """Finds names in text.

    Names are compared as folded words (see `words`); words may be joined or parted by blanks, hyphens and full stops;
    the last word of a name may be a plural. Of the names that begin at a word the longest wins, and the search goes
    on behind it, so matches never overlap. Time is linear in the text.

    >>> [m.value for m in Matcher([("X-ray", 1), ("MRI", 2)]).find("Xrays and open MRI")]
    [1, 2]
    """

    def __init__(self, names: Iterable[tuple[str, V]]) -> None:
        """Take pairs of a name and its value; a name given for several values belongs to all of them.

        Names are indexed when a text first has a word with their first letter: a short text needs few of them.
        """
        self._entries: dict[str, _Entry[V]] = {}
        self._longest: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[str, V]]] = {}
        for name, value in names:
            if words := split_words(name):
                self._waiting.setdefault(words[0][0], []).append((name, value))

    def _index(self, letter: str) -> None:
        with _INDEXING:
            for name, value in self._waiting.get(letter, ()):
                words = split(name)
                for key in _with_plural(words):
                    self._add(key, words, value)
            self._waiting.pop(letter, None)  # last, so that no other thread misses a name

    def _add(self, key: str, words: Words, value: V) -> None:
        entry = self._entries.setdefault(key, _Entry())
        if value not in entry.values:
            entry.values.append(value)
        for index in range(1, len(words)):
            entry.boundaries.add(words.offsets[index])
            if not _BREAKS.isdisjoint(words.gap(index)) or words.gap(index).strip():
                entry.breaks.add(words.offsets[index])
        stem = key[:_STEM]
        self._longest[stem] = max(self._longest.get(stem, 0), len(key))

    def values_of(self, name: str) -> tuple[V, ...]:
        """Return the values that have this name (case, punctuation, a plural ending aside), or an empty tuple."""
        key = "".join(split_words(name))
        if key[:1] in self._waiting:
            self._index(key[0])
        entry = self._entries.get(key)
        return tuple(entry.values) if entry else ()

    def find(self, text: str | Words, admit: Callable[[V], bool] | None = None) -> list[Match[V]]:
        """Return the matches in a text in order; they do not overlap.

        With `admit`, names count only for the values that it accepts.
        """
        words = text if isinstance(text, Words) else split(text)
        squeezed, offsets, longest, waiting = words.squeezed, words.offsets, self._longest, self._waiting
        matches: list[Match[V]] = []
        floor = 0
        for index, offset in enumerate(offsets[:-1]):
            may_begin = (  # for most words, no name has their first letters
                squeezed[offset : offset + _STEM] in longest
                or offsets[index + 1] < offset + _STEM
                or squeezed[offset] in waiting
            )
            if may_begin and index >= floor and (match := self.at(words, index, admit)):
                matches.append(match)
                floor = match.last
        return matches

    def at(self, words: Words, index: int, admit: Callable[[V], bool] | None = None) -> Match[V] | None:
        """Return the longest match that begins at a word, or None; `admit` as for `find`."""
        offset, squeezed = words.offsets[index], words.squeezed
        if squeezed[offset] in self._waiting:
            self._index(squeezed[offset])
        bound = max(self._longest.get(squeezed[offset : offset + _STEM], 0), _STEM - 1) + offset
        best: tuple[int, tuple[V, ...]] | None = None
        for last in range(index + 1, len(words.words) + 1):
            end = words.offsets[last]
            if end > bound:
                break
            entry = self._entries.get(squeezed[offset:end])
            if entry is not None and _fits(words, index, last, entry):
                values = tuple(entry.values) if admit is None else tuple(filter(admit, entry.values))
                best = (last, values) if values else best
        if best is None:
            return None
        last, values = best
        return Match(values, words.starts[index], words.ends[last - 1], index, last)


def _fits(words: Words, first: int, last: int, entry: _Entry[V]) -> bool:
    """Whether what stands between the words of the text agrees with the label."""
    base = words.offsets[first]
    for index in range(first + 1, last):
        gap, place = words.gap(index), words.offsets[index] - base
        if words.words[index] == "s" and place not in entry.boundaries:
            return False  # "rollator s/p fracture" are not rollators
        if gap == " " or gap == "-" or _SOFT.issuperset(gap):
            continue
        if place not in entry.boundaries:
            return False
        if not _BREAKS.isdisjoint(gap) and place not in entry.breaks:
            return False
    return True


def _with_plural(words: Words) -> tuple[str, ...]:
    """Return a name's key, and that of its plural where its last word can have one."""
    key, last = words.squeezed, words.words[-1]
    if len(last) < 3 or last[-1] == "s" or not last.isalpha():
        return (key,)
    if last[-1] == "y" and last[-2] not in "aeiou":
        return key, key[:-1] + "ies"
    return key, key + ("es" if last.endswith(("x", "ch", "sh", "z")) else "s")
