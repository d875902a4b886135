"""Pages that a letter holds twice in a row: an extractor's or a copier's slip. The second copy is passed over.

What is passed over must be a page, or look like one: two services with the same words are two items.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from imr_graph.model import Span

__all__ = ["Shortened", "without_repeats"]

# A page has at least so many characters. Where form feeds do not part pages, so many lines in a row are taken for one.
_FEWEST_CHARACTERS = 200
_FEWEST_LINES, _MOST_LINES = 12, 200


@dataclass(frozen=True, slots=True)
class Shortened:
    """A letter's text without the second copies of pages; `cuts` are their places in the whole text."""

    text: str
    cuts: tuple[Span, ...] = ()

    def restored(self, span: Span) -> Span | None:
        """Return a span's place in the whole text; None where a cut is inside: such a passage has no single place.

        >>> shortened = Shortened("onetwo", (Span(3, 6),))
        >>> shortened.restored(Span(3, 6)), shortened.restored(Span(1, 4))
        (Span(start=6, end=9), None)
        """
        if not self.cuts:
            return span
        lengths = list(accumulate((cut.end - cut.start for cut in self.cuts), initial=0))
        places = [cut.start - length for cut, length in zip(self.cuts, lengths, strict=False)]
        before_start, before_end = bisect_right(places, span.start), bisect_left(places, span.end)
        if before_end > before_start:
            return None
        return Span(span.start + lengths[before_start], span.end + lengths[before_start])


def without_repeats(text: str) -> Shortened:
    r"""Return the text without second copies.

    >>> page = "A page of the letter. " * 40
    >>> without_repeats(page + "\f" + page + "\fThe end.").text == page + "\fThe end."
    True
    """
    cuts = tuple(_pages(text) if "\f" in text else _blocks(text))
    if not cuts:
        return Shortened(text)
    starts = [0, *(cut.end for cut in cuts)]
    ends = [*(cut.start for cut in cuts), len(text)]
    return Shortened("".join(text[start:end] for start, end in zip(starts, ends, strict=True)), cuts)


def _pages(text: str) -> Iterator[Span]:
    pages = text.split("\f")
    ends = list(accumulate(len(page) + 1 for page in pages))
    for index, (page, after) in enumerate(pairwise(pages)):
        if len(page) >= _FEWEST_CHARACTERS and page.strip() and page.strip() == after.strip():
            yield Span(ends[index] - 1, ends[index + 1] - 1)


def _blocks(text: str) -> Iterator[Span]:
    """Yield blocks of lines that stand right behind an equal block.

    A line that was seen before tells how far above the first copy would be; then all lines between must agree. What
    was yielded stays behind: the first copy may not reach into it, so a page that stands many times gives a cut for
    each copy but one, and every cut begins where the one before ends, or later.
    """
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    lines = [line.strip() for line in lines]
    seen: dict[str, int] = {}
    index = floor = 0
    while index < len(lines):
        line = lines[index]
        shift = index - seen.get(line, index)
        if line:
            seen[line] = index
        index += 1
        if _FEWEST_LINES <= shift <= _MOST_LINES:
            first, last = _run(lines, index - 1, shift, floor)
            if last - first >= shift and starts[first] - starts[first - shift] >= _FEWEST_CHARACTERS:
                yield Span(starts[first], min(starts[first + shift], len(text)))
                seen.update((line, at) for at, line in enumerate(lines[first : first + shift], first) if line)
                index = floor = first + shift


def _run(lines: list[str], index: int, shift: int, floor: int) -> tuple[int, int]:
    """Return the run of lines around one that are each equal to the line `shift` lines above.

    It begins no higher than line `floor`, and its first copy not above the beginning of the text.
    """
    first, last = index, index + 1
    lowest = max(shift, floor)
    while first > lowest and index - first < _MOST_LINES and lines[first - 1] == lines[first - 1 - shift]:
        first -= 1
    while last < len(lines) and last - first < shift and lines[last] == lines[last - shift]:
        last += 1
    return first, last
