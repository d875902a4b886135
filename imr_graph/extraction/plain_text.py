"""The text that rules read, beside the text as printed: without page furniture, with plain letters and whole labels.

Rules find words by their plain form. What an extractor, a scanner or a typist did to them is undone in a copy of the
text first, edit by edit, and every place that a rule finds there is carried back to the text as printed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from imr_graph.model import Span

__all__ = ["Edit", "PlainText"]


class Edit(NamedTuple):
    """A passage of the text as printed (code points `start` to `end`) and the words that rules read instead.

    `page` marks a page that is passed over because the letter holds it a second time.
    """

    start: int
    end: int
    words: str = ""
    page: bool = False


@dataclass(frozen=True)
class PlainText:
    """A text as rules read it; `edits`, in order and apart from each other, lead back to the text as printed."""

    text: str
    edits: tuple[Edit, ...] = ()
    under: PlainText | None = None

    @classmethod
    def of(cls, text: str) -> PlainText:
        """Return a text in which nothing is edited."""
        return cls(text)

    def apply_edits(self, edits: Iterable[Edit]) -> PlainText:
        """Return the text with further edits, whose places are those of this text.

        >>> PlainText.of("Upheid, page 2").apply_edits([Edit(0, 6, "Upheld"), Edit(6, 14)]).text
        'Upheld'
        """
        kept = tuple(edits)
        if not kept:
            return self
        pieces, position = [], 0
        for edit in kept:
            pieces += [self.text[position : edit.start], edit.words]
            position = edit.end
        return PlainText("".join([*pieces, self.text[position:]]), kept, self)

    def find_printed(self, span: Span) -> Span | None:
        """Return where a passage stands in the text as printed; what is edited inside it belongs to it.

        A passage that goes over a page passed over has no single place: None.

        >>> plain = PlainText.of("the rec- 2 ords").apply_edits([Edit(7, 11)])
        >>> plain.text, plain.find_printed(Span(4, 11))
        ('the records', Span(start=4, end=15))
        """
        if self.under is None:
            return span
        starts, ends, shifts = self._places
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end)
        start, end = span.start - shifts[first], span.end - shifts[last]
        if first < last:  # edits lie in the passage, the first and last perhaps not whole
            edits = self.edits[first:last]
            if any(edit.page for edit in edits):
                return None
            start = edits[0].start if starts[first] < span.start else start
            end = max(end, edits[-1].end)
        return self.under.find_printed(Span(start, end))

    @cached_property
    def _places(self) -> tuple[list[int], list[int], list[int]]:
        """Where the edits' words start and end in the edited text, and how much longer it is before each."""
        shifts = list(accumulate((len(edit.words) - edit.end + edit.start for edit in self.edits), initial=0))
        starts = [edit.start + shift for edit, shift in zip(self.edits, shifts, strict=False)]
        return starts, [start + len(edit.words) for edit, start in zip(self.edits, starts, strict=True)], shifts
