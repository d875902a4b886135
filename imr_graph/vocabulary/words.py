"""How names are compared: as words, lower case, whatever stands between them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Words", "fold", "normalise", "split"]

# A run of letters (with apostrophes inside: "ESI's") or a run of digits; "10mg" and "L4" are two words each, so that
# "Valium10 mg" is found, and labels such as "B12" still match because words may be joined (see Matcher).
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’])*|\d+")
_APOSTROPHES = str.maketrans("", "", "'’")


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
    offsets = [0]
    for match in _WORD.finditer(text):
        raw = match.group().rstrip("'’")
        word = fold(raw)
        if not word:
            continue
        words.append(word)
        starts.append(match.start())
        ends.append(match.start() + len(raw))
        offsets.append(offsets[-1] + len(word))
    return Words(text, tuple(words), tuple(starts), tuple(ends), tuple(offsets), "".join(words))


def normalise(name: str) -> str:
    """Return a name as it is compared: folded words joined by single spaces.

    >>> normalise("Forearm, Wrist, & Hand")
    'forearm wrist hand'
    """
    return split(name).normalised
