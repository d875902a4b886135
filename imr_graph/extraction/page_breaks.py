"""What stands between the pages of a letter and is none of its words: running heads and feet, pages that stand twice.

A line next to a page break or between blank lines is furniture if it is a page number, holds the letter's case number,
or comes back from page to page but for its digits. Pages that hold no text at all are named: what stood there is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby, pairwise

from imr_graph.extraction.plain_text import Edit
from imr_graph.model import Span

__all__ = ["find_empty_pages", "find_furniture", "find_repeated_pages"]

# "Page 3 of 5", "Page 3", "3 of 5", "- 3 -": page numbers wherever they have a line of their own.
_PAGE_NUMBER = re.compile(
    r"""
    \s* (?: P(?:age|g\.?|\.) \s{0,4} \#? \s? [\dlIO]{1,3} (?: \s{0,4} (?:[o0]f|/) \s{0,4} [\dlIO]{1,3} )?
          | \d{1,3} \s{0,4} (?:[o0]f|/) \s{0,4} \d{1,3}
          | [-–—] \s? \d{1,3} \s? [-–—]
          | \[ \s? \d{1,3} \s? \]
        ) \s*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONE_NUMBER = re.compile(r"\s*\d{1,3}\s*")
# What stands beside a case number in a foot: words with capitals, and at their end the number of the page.
_FOOT = re.compile(r"(?:[^\W\d_a-z]\w*[ \t:,-]+|(?:for|of|and|the)[ \t]+){0,12}\d{1,3}(?:[ \t]+of[ \t]+\d{1,3})?")
_DIGITS = re.compile(r"\d+")
_CASE_NUMBER = re.compile(r"\bCM\d{2}[ ]?[-–‑][ ]?\d{7}\b|\bIMR[ ]?\d{2}-\d{6}\b")
_DECISION_WORD = re.compile(r"\b(?:upheld|overturned)\b", re.IGNORECASE)
_LONGEST_FOOT = 120  # characters of a running head or foot; a full line of text is about as long
_FEWEST_BREAKS = 2  # pages on which words must come back

# A page has at least so many characters. Where form feeds do not part pages, so many lines in a row are taken for one.
_FEWEST_CHARACTERS = 200
_FEWEST_LINES, _MOST_LINES = 12, 200


def find_furniture(text: str, lines: Sequence[str], suspected: Sequence[int]) -> list[Edit]:
    """Return the edits that take running heads and feet out, with the blank lines around them.

    `lines` are the lines of the text, `suspected` the numbers of those that may be page numbers by their beginning.
    """
    found = {index for index in suspected if _is_page_number(lines, index)}
    found |= set(_with_case_number(text, lines))
    found |= set(_coming_back(text, lines))
    if not found:
        return []
    found |= _neighbors(lines, found)
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    return [_taken_out(text, starts[min(group)], starts[max(group) + 1] - 1) for group in _groups(lines, found)]


def _is_page_number(lines: Sequence[str], index: int) -> bool:
    line = lines[index].strip("\f")
    if _PAGE_NUMBER.fullmatch(line):
        return True
    return bool(_LONE_NUMBER.fullmatch(line)) and _stands_apart(lines, index)


def _stands_apart(lines: Sequence[str], index: int) -> bool:
    """Tell whether a line is the first or last of its page, or stands between blank lines."""
    above = index == 0 or not lines[index - 1].strip() or lines[index].startswith("\f")
    below = index + 1 >= len(lines) or not lines[index + 1].strip() or lines[index + 1].startswith("\f")
    page_ends = lines[index].startswith("\f") or (index + 1 < len(lines) and lines[index + 1].startswith("\f"))
    return page_ends or (above and below)


def _with_case_number(text: str, lines: Sequence[str]) -> Iterator[int]:
    """Yield the short lines behind the header that hold the case number again and are no part of a sentence."""
    first = _CASE_NUMBER.search(text)
    if first is None or text.find(first[0], first.end()) < 0:
        return
    header = text.count("\n", 0, first.start())
    for index, line in enumerate(lines):
        if index > header and len(line) <= _LONGEST_FOOT and first[0] in line:
            rest = line.replace(first[0], "").strip()
            if _stands_apart(lines, index) or not rest or _FOOT.fullmatch(rest):
                yield index


def _coming_back(text: str, lines: Sequence[str]) -> Iterator[int]:
    """Yield the first and last lines of pages that come back: with a number that grows, or set apart and unchanged."""
    if not _edges_agree(text):
        return
    breaks = [index for index, line in enumerate(lines) if line.startswith("\f")]
    for edge in (_edge(lines, breaks, -1), _edge(lines, breaks, 1)):
        forms: dict[str, list[int]] = {}
        for index in edge:
            line = lines[index].strip()
            if len(line) <= _LONGEST_FOOT and line[-1] not in ".:;," and not _DECISION_WORD.search(line):
                forms.setdefault(_DIGITS.sub("#", line), []).append(index)
        for form, places in forms.items():
            numbers = [int(_DIGITS.findall(lines[index])[-1]) for index in places] if "#" in form else []
            grows = len(numbers) >= _FEWEST_BREAKS and all(one < other for one, other in pairwise(numbers))
            same = len(places) > _FEWEST_BREAKS and all(_stands_apart(lines, index) for index in places)
            if grows or (same and "#" not in form):
                yield from places


def _edges_agree(text: str) -> bool:
    """Tell cheaply whether pages begin or end with the same line, but for its digits."""
    pages = [stripped for page in text.split("\f") if (stripped := page.strip())] if "\f" in text else []
    for edges in ([page.partition("\n")[0] for page in pages], [page.rpartition("\n")[2] for page in pages]):
        if len({_DIGITS.sub("#", line.strip()) for line in edges}) < len(edges):
            return True
    return False


def _edge(lines: Sequence[str], breaks: Sequence[int], step: int) -> list[int]:
    """Return the last lines before page breaks (`step` -1) or the first ones behind them, blank lines aside."""
    found = []
    for index in breaks:
        at = index - 1 if step < 0 else index
        while 0 <= at < len(lines) and not lines[at].strip() and abs(at - index) < _FEWEST_LINES:
            at += step
        if 0 <= at < len(lines) and lines[at].strip():
            found.append(at)
    return found


def _neighbors(lines: Sequence[str], found: set[int]) -> set[int]:
    """Return the lines right above or below furniture that come back there: a foot of two lines, set apart."""
    more: set[int] = set()
    for step in (-1, 1):
        side = [index + step for index in found if 0 <= index + step < len(lines) and index + step not in found]
        words = Counter(lines[index].strip() for index in side)
        for index in side:
            outer = index + step
            apart = not 0 <= outer < len(lines) or not lines[outer].strip() or "\f" in lines[max(index, outer)]
            if apart and lines[index].strip() and words[lines[index].strip()] >= _FEWEST_BREAKS:
                more.add(index)
    return more


def _groups(lines: Sequence[str], found: set[int]) -> Iterator[list[int]]:
    """Yield lines of furniture that only blank lines part."""
    ordered = sorted(found)
    number = 0
    apart = [0]
    for one, other in pairwise(ordered):
        number += any(line.strip() for line in lines[one + 1 : other])
        apart.append(number)
    for _, group in groupby(zip(apart, ordered, strict=False), key=lambda pair: pair[0]):
        yield [index for _, index in group]


def _taken_out(text: str, start: int, end: int) -> Edit:
    """Return the edit that leaves a page break of furniture and the blanks around it, or as many as were printed."""
    while start and text[start - 1].isspace():
        start -= 1
    while end < len(text) and text[end].isspace():
        end += 1
    inside = start > 0 and end < len(text)
    return Edit(start, end, "\n" + "\f" * max(text.count("\f", start, end), inside))


def find_empty_pages(text: str) -> list[tuple[int, int]]:
    r"""Return the number of each page without a word between two others, and the number of all pages.

    `text` is without furniture. Behind the last page an extractor may print one break more.

    >>> find_empty_pages("one\f\n\fthree\f")
    [(2, 3)]
    """
    pages = text.rstrip().split("\f") if "\f" in text else []
    first = next((number for number, page in enumerate(pages) if page.strip()), 0)
    return [(number, len(pages)) for number, page in enumerate(pages, 1) if number > first and not page.strip()]


def find_repeated_pages(text: str) -> list[Edit]:
    r"""Return the edits that take out the further copies of pages that stand twice or more in a row.

    What is passed over must be a page, or look like one: two services with the same words are two items.

    >>> page = "A page of the letter. " * 40
    >>> find_repeated_pages(page + "\f" + page + "\fThe end.")
    [Edit(start=880, end=1761, words='', page=True)]
    """
    return [Edit(cut.start, cut.end, page=True) for cut in (_pages(text) if "\f" in text else _blocks(text))]


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
