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

# Where form feeds do not part pages, so many lines in a row are taken for one.
_FEWEST_LINES = 15
_MOST_LINES = 200
_FEWEST_CHARACTERS = 600


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
    """Return the text without second copies.

    >>> page = "A page of the letter. " * 40
    >>> without_repeats(page + "\\f" + page + "\\fThe end.").text == page + "\\fThe end."
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
        if len(page) == 0 or page[:40].strip() == "" or page.strip() != after.strip():
            continue
        if len(page) >= _FEWEST_CHARACTERS:
            yield Span(ends[index] - 1, ends[index + 1] - 1)


def _blocks(text: str) -> Iterator[Span]:
    """Yield blocks of lines that stand right behind an equal block."""
    lines = text.splitlines(keepends=True)
    starts = list(accumulate(map(len, lines), initial=0))
    seen: dict[str, int] = {}
    index = 0
    while index < len(lines):
        before = seen.get(lines[index])
        count = index - before if before is not None else 0
        if before is not None and _FEWEST_LINES <= count <= _MOST_LINES and _is_copy(lines, starts, before, index):
            yield Span(starts[index], starts[index + count])
            index += count
            continue
        if len(lines[index]) > 1:
            seen[lines[index]] = index
        index += 1


def _is_copy(lines: list[str], starts: list[int], first: int, second: int) -> bool:
    if starts[second] - starts[first] < _FEWEST_CHARACTERS:
        return False
    return lines[first:second] == lines[second : 2 * second - first]
