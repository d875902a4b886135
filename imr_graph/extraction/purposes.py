"""Words of purpose or time: what stands behind them in a heading is not itself requested.

"Medical clearance for lumbar fusion" requests the clearance, "therapy status post knee arthroscopy" the therapy.
"""

from __future__ import annotations

from collections.abc import Sequence

from imr_graph.model import Span
from imr_graph.vocabulary import Words, split

__all__ = ["fillers", "goes_on", "lead_to"]

# Each as the run of words that makes it ("s/p" is two words).
_PURPOSES = frozenset(
    split(phrase).words
    for phrase in (
        "for",
        "to",
        "from",
        "before",
        "after",
        "following",
        "during",
        "post",
        "pending",
        "re",
        "regarding",
        "concerning",
        "prior to",
        "status post",
        "s/p",
        "to evaluate",
        "to assess",
        "to assist with",
        "to discuss",
        "in preparation for",
        "in anticipation of",
        "to and from",
    )
)
_LONGEST = max(len(phrase) for phrase in _PURPOSES)
# What may stand between a word of purpose and the treatment it leads to, besides regions, sides and numbers.
_FILLERS = frozenset(
    split(
        "a an the her his any all of possible potential upcoming future planned proposed scheduled pending "
        "consideration considering left right bilateral lt rt spine joint level levels total further additional new "
        "repeat current previous recent initial second first"
    ).words
)
_JOINING = frozenset(split("and or with plus including").words)
_BREAKS = frozenset(",;:.")


def fillers(words: Words, regions: Sequence[Span]) -> list[bool]:
    """Return for each word whether it may stand between a word of purpose and the treatment it leads to.

    `regions` are the places of body regions, in order and apart from each other.
    """
    free = []
    place = 0
    for word, start in zip(words.words, words.starts, strict=True):
        while place < len(regions) and regions[place].end <= start:
            place += 1
        inside = place < len(regions) and regions[place].start <= start
        free.append(inside or word in _FILLERS or word.isdigit() or len(word) == 1)
    return free


def lead_to(words: Words, start: int, end: int, free: Sequence[bool]) -> bool:
    """Return whether a word of purpose, at or behind word `start`, leads to word `end`: only fillers between them."""
    index = end
    while index > start:
        if any(
            words.words[index - length : index] in _PURPOSES for length in range(1, min(_LONGEST, index - start) + 1)
        ):
            return True
        if not free[index - 1] or not _BREAKS.isdisjoint(words.gap(index)):
            return False
        index -= 1
    return False


def goes_on(words: Words, start: int, end: int, free: Sequence[bool], *, alike: bool) -> bool:
    """Return whether word `end` goes on with a list whose last treatment ends before word `start`.

    Only joining words and fillers stand between them; without a joining word the two must be `alike`, of one kind
    ("after an arthroscopic meniscectomy", but not "post-injection physical therapy").
    """
    if any(not _BREAKS.isdisjoint(words.gap(index)) for index in range(start, end + 1)):
        return False
    joining = [words.words[index] in _JOINING for index in range(start, end)]
    return all(free[start + k] or joins for k, joins in enumerate(joining)) and (alike or any(joining))
