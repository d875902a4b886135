"""Words of purpose, cause or time in a heading: what stands behind them is not itself requested.

"Medical clearance for lumbar fusion" requests the clearance, "therapy status post knee arthroscopy" the therapy, "liver
function tests due to chronic Tylenol use" the tests. The words are in `ontology/phrases.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate

from imr_graph.model import Span
from imr_graph.vocabulary import Words
from imr_graph.vocabulary.phrases import load_phrases

__all__ = ["PurposeReader"]

_REACH = 25  # words that a word of purpose governs at most; a bound, so that time stays linear in the heading
_OPENERS = "purpose.openers"
_NOWHERE = 1_000  # deeper than any bracket
_BREAKS = frozenset(",;:.")
_BREAKS_BUT_COMMAS = frozenset(";:")


class PurposeReader:
    """Tells what in a heading stands behind a word of purpose, place or manner."""

    def __init__(self, words: Words, regions: Sequence[Span]) -> None:
        """Look at a heading; `regions` are the places of body regions, in order and apart from each other."""
        self._words = words
        self._fillers = _filler_mask(words, regions)
        gaps = [words.text[: words.starts[0]] if words else "", *(words.gap(k) for k in range(1, len(words)))]
        self._depths = list(accumulate(gap.count("(") - gap.count(")") for gap in gaps))
        self._gaps = gaps

    def find_opener(self, start: int, end: int, openers: str = _OPENERS) -> int | None:
        """Return the index of a word of purpose, at or behind word `start`, that leads to word `end`, or None.

        Between the two stand only fillers; or, behind an opener that is no short one, any words but no joining word.
        No comma stands between them, unless it is in brackets of its own. `openers` names the list of words.
        """
        only_fillers, broken, lowest = True, _NOWHERE, self._depths[end]
        start = max(start, end - _REACH)
        for index in range(end, start, -1):
            kinds = ("purpose.short_openers", openers) if only_fillers and openers == _OPENERS else (openers,)
            lowest = min(lowest, self._depths[index - 1])
            for kind in kinds:
                found = self._opener_before(start, index, kind)
                if found is not None and broken > lowest and self._depths[found] <= lowest:
                    return found
            if self._parts(index):
                broken = min(broken, self._depths[index - 1], self._depths[index])
            if not self._fillers[index - 1]:
                only_fillers = False
                if self._joins(index - 1) or self._words.words[index - 1] in load_phrases().words["purpose.closing"]:
                    broken = min(broken, self._depths[index - 1])
            if broken <= 0:
                return None
        return None

    def find_bracket_opener(self, start: int, end: int) -> int | None:
        """Return the index of a word of purpose with which the brackets around word `end` begin, or None."""
        first = end
        while first >= max(start, end - _REACH) and "(" not in self._gaps[first]:
            first -= 1
        if first < start or "(" not in self._gaps[first] or self._depths[end] < self._depths[first]:
            return None
        runs = load_phrases().runs[_OPENERS]
        begins = any(self._words.words[first : first + n] in runs for n in range(1, _longest(_OPENERS) + 1))
        return first if begins else None

    def follows(self, kind: str, end: int, *, fillers: bool = False) -> int | None:
        """Return where a phrase of a kind begins that leads to word `end`, or None; `fillers` may lie between."""
        for index in range(end, max(0, end - _REACH), -1):
            found = self._opener_before(0, index, kind)
            if found is not None:
                return found
            if not fillers or not self._fillers[index - 1] or self._parts(index):
                return None
        return None

    def continues_list(self, start: int, end: int, *, alike: bool, commas: bool) -> bool:
        """Return whether word `end` continues a list whose last treatment ends before word `start`.

        Only joining words and fillers stand between them; without a joining word the two must be `alike`, of one kind
        ("after an arthroscopic meniscectomy", but not "post-injection physical therapy"). There may be `commas`
        between drugs ("refill of Norco 10/325, Soma").
        """
        breaks = _BREAKS_BUT_COMMAS if commas else _BREAKS
        if any(not breaks.isdisjoint(self._gaps[index]) for index in range(start, end + 1)):
            return False
        joining = [self._joins(index) for index in range(start, end)]
        if len(joining) > 1 and joining[1]:
            start, joining = start + 1, joining[1:]  # "wound vac changes and ..."
        return all(self._fillers[start + k] or joins for k, joins in enumerate(joining)) and (alike or any(joining))

    def find_time(self, end: int) -> int | None:
        """Return the index of a word of time that leads to word `end`, where something stands before it, or None."""
        asking = load_phrases().words["place.asking"]
        found = self.find_opener(0, end, "purpose.times")
        before = range(found or 0)
        return found if any(not self._fillers[k] and self._words.words[k] not in asking for k in before) else None

    def find_gain(self, end: int) -> int | None:
        """Return the index of a word of purpose behind something that has no name: "gas money for therapy"; or None."""
        found = self.find_opener(0, end, "purpose.gains")
        if not found:
            return None
        phrases = load_phrases().words
        says_nothing = phrases["purpose.counts"]
        before = [(k, word) for k, word in enumerate(self._words.words[:found]) if word not in says_nothing]
        known = any(self._fillers[k] or word in phrases["purpose.asking"] for k, word in before)
        return None if known or not before else found

    def find_escorted(self, start: int, end: int) -> int | None:
        """Return the index of a word, from `start` on, that says where a ride goes and governs word `end`; or None."""
        kinds = (_OPENERS, "purpose.short_openers")
        for index in range(end, max(start, end - _REACH), -1):
            found = next((at for kind in kinds if (at := self._opener_before(start, index, kind)) is not None), None)
            if found is not None or not _BREAKS_BUT_COMMAS.isdisjoint(self._gaps[index]):
                return found
        return None

    def leaves_open(self, opener: int) -> bool:
        """Return whether behind a word of purpose is said who is visited or what for: "referral to"."""
        runs = load_phrases().runs
        kinds = (_OPENERS, "purpose.short_openers")
        longest = max(_longest(kind) for kind in kinds)
        found = [self._words.words[opener : opener + n] for n in range(1, longest + 1)]
        return max((run for run in found if any(run in runs[k] for k in kinds)), key=len) in runs["purpose.completing"]

    def purpose_of(self, start: int, end: int) -> int | None:
        """Return the index of a word of purpose, at or behind word `start`, in whose part of the heading word `end` is.

        A region that ends its part is no purpose but a place: "cane for the left knee".
        """
        if end + 1 >= len(self._words) or self._parts(end + 1):
            return None
        for index in range(end, max(start, end - _REACH), -1):
            if self._parts(index):
                return None
            found = self._opener_before(start, index, _OPENERS)
            if found is not None:
                return found
        return None

    def scope_end(self, start: int) -> int:
        """Return the index of the word behind the last one that a word of purpose at `start` still governs."""
        last = min(start + _REACH, len(self._words))
        parted = (k for k in range(start + 1, last) if self._parts(k) and self._depths[k] <= self._depths[start])
        return next(parted, last)

    def _parts(self, index: int) -> bool:
        """Whether a comma or its like stands before a word."""
        return not _BREAKS.isdisjoint(self._gaps[index])

    def _joins(self, index: int) -> bool:
        return self._words.words[index] in load_phrases().words["purpose.joining"]

    def _opener_before(self, start: int, index: int, kind: str) -> int | None:
        """Return where the longest phrase of a kind begins that ends right before word `index`, or None."""
        runs = load_phrases().runs[kind]
        for length in range(min(_longest(kind), index - start), 0, -1):
            first = index - length
            if self._words.words[first:index] in runs and not self._is_joined(first) and not self._says_how_long(index):
                return first
        return None

    def _is_joined(self, index: int) -> bool:
        """Whether "with" stands before a word of time: "discogram with post CT" requests both."""
        words = self._words.words
        return index > 0 and words[index] == "post" and words[index - 1] in ("with", "w", "and")

    def _says_how_long(self, index: int) -> bool:
        """Whether a number and a unit of time follow: "for 6 weeks"."""
        following = self._words.words[index : index + 3]
        durations = load_phrases().words["purpose.durations"]
        return bool(following) and following[0].isdigit() and not durations.isdisjoint(following[1:])


@cache
def _longest(kind: str) -> int:
    return max(map(len, load_phrases().runs[kind]))


def _filler_mask(words: Words, regions: Sequence[Span]) -> list[bool]:
    """Return for each word whether it may stand between a short word of purpose and the treatment it leads to."""
    fillers = load_phrases().words["purpose.fillers"]
    mask = []
    place = 0
    for word, start in zip(words.words, words.starts, strict=True):
        while place < len(regions) and regions[place].end <= start:
            place += 1
        inside = place < len(regions) and regions[place].start <= start
        mask.append(inside or word in fillers or word.isdigit() or len(word) == 1)
    return mask
