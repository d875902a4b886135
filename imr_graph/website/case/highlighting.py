"""A letter's text with the words of every fact marked, as HTML that works without a script.

Each place is one element with the id `at-START-END`, so that a link can lead to it and `:target` can show it. Places
within places become elements within elements; where two overlap without one holding the other, the later is cut at the
end of the earlier, and its further pieces say by `data-of` what they belong to.

Lines that the letter broke because they were full flow on; the text itself stays as it is, line ends included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from imr_graph.model import Span
from imr_graph.website.rendering import plain

__all__ = ["Highlight", "Segment", "highlight", "place_id", "segments"]

_PAGE_END: Final = '<span class="page-end">\f</span>'
_FULL: Final = 0.75  # of the length of long lines; a shorter one ends where it was meant to
_HYPHENS: Final = ("-", "\u2010", "\u2011")


@dataclass(frozen=True, slots=True)
class Highlight:
    """Words of a letter that facts were read from: what they say, and whether they are one fact or hold several."""

    span: Span
    words: str
    kind: str = "value"


class Segment(NamedTuple):
    """A part of a marked place that can be one element; `later` says that the place began before it."""

    start: int
    end: int
    later: bool
    mark: Highlight


def place_id(span: Span) -> str:
    """Return what the id of a place's element has behind `at-`.

    >>> place_id(Span(120, 140))
    '120-140'
    """
    return f"{span.start}-{span.end}"


def highlight(text: str, marks: Iterable[Highlight]) -> Markup:
    """Return a letter's text as HTML with its marks; of marks with one place the first counts.

    Places that are empty or beyond the text have no words, and so no mark.

    >>> print(highlight("MRI of the knee", [Highlight(Span(0, 15), "heading"), Highlight(Span(0, 3), "treatment")]))
    <mark class="value" id="at-0-15" title="heading"><mark class="value" id="at-0-3" title="treatment">MRI</mark> \
of the knee</mark>
    """
    by_place: dict[Span, Highlight] = {}
    for mark in marks:
        if 0 <= mark.span.start < mark.span.end <= len(text):
            by_place.setdefault(mark.span, mark)
    written: list[str] = []
    open_: list[Segment] = []
    at = 0

    text = plain(text)
    ends = _line_ends(text)

    def words(end: int) -> None:
        nonlocal at
        if end > at:
            written.append(_escape(text, at, end, ends))
            at = end

    for piece in segments(by_place):
        while open_ and open_[-1].end <= piece.start:
            words(open_[-1].end)
            written.append(_end(open_.pop()))
        words(piece.start)
        written.append(_begin(piece))
        open_.append(piece)
    while open_:
        words(open_[-1].end)
        written.append(_end(open_.pop()))
    words(len(text))
    return Markup("".join(written))


def segments(marks: Mapping[Span, Highlight]) -> Iterator[Segment]:
    """Yield the pieces of marks in the order of their beginning, each within or beside those before it."""
    waiting = [(span.start, -span.end, False, number) for number, span in enumerate(marks)]
    listed = list(marks.values())
    heapify(waiting)
    ends: list[int] = []
    while waiting:
        start, minus_end, later, number = heappop(waiting)
        end = -minus_end
        while ends and ends[-1] <= start:
            ends.pop()
        if ends and ends[-1] < end:
            heappush(waiting, (ends[-1], minus_end, True, number))
            end = ends[-1]
        ends.append(end)
        yield Segment(start, end, later, listed[number])


def _begin(piece: Segment) -> str:
    mark = piece.mark
    name = place_id(mark.span)
    identity = f'data-of="{name}"' if piece.later else f'id="at-{name}"'
    return f'<{_tag(mark)} class="{mark.kind}" {identity} title="{_title(mark.words)}">'


@lru_cache(1_024)
def _title(words: str) -> str:
    return str(escape(plain(words)))


def _end(piece: Segment) -> str:
    return f"</{_tag(piece.mark)}>"


def _tag(mark: Highlight) -> str:
    return "span" if mark.kind == "extent" else "mark"


def _escape(text: str, start: int, end: int, ends: Mapping[int, str]) -> str:
    """Return a part of the text as HTML; `ends` has what stands for the line ends that do not flow on."""
    shown: list[str] = []
    while (at := text.find("\n", start, end)) >= 0:
        shown += (str(escape(text[start:at])), ends.get(at, "\n"))
        start = at + 1
    shown.append(str(escape(text[start:end])))
    return "".join(shown).replace("\f", _PAGE_END)


def _line_ends(text: str) -> dict[int, str]:
    """Return what stands for those line ends that are more than white space: real ends, and ends within a word."""
    lines = text.split("\n")
    lengths = sorted(len(line) for line in lines if line.strip())
    full = _FULL * lengths[len(lengths) * 9 // 10] if lengths else 0
    found: dict[int, str] = {}
    at = -1
    for line, following in pairwise(lines):
        at += len(line) + 1
        if len(line) < full or not following.strip() or "\f" in following[:1] or following[:1].isspace():
            found[at] = "\n<br>"
        elif line.endswith(_HYPHENS):
            found[at] = '<span class="cut">\n</span>'
    return found
