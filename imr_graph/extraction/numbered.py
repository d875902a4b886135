"""Disputed items in the letters of 2013 and early 2014: numbered verdicts, or one issue with headings of its own.

"1) MAXIMUS Federal Services, Inc. has determined the request for X is not medically necessary and appropriate."
stands twice in a letter and is one item; its reasons follow under "1) Regarding the request for X:". Later letters
have "1. X is not medically necessary and appropriate." with the reasons right behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from imr_graph.extraction.fixed_words import FixedWords
from imr_graph.extraction.item_heading import find_heading, measure
from imr_graph.extraction.item_places import (
    FoundItems,
    ItemPlace,
    Label,
    cut_item,
    introduction_end,
    items_part,
    label_pattern,
)
from imr_graph.extraction.layout_table import ITEM_PARTS
from imr_graph.extraction.layouts import Layout, Sections, heading_of, settings
from imr_graph.extraction.plain_text import Edit
from imr_graph.extraction.text import clean, starts_line, trim
from imr_graph.model import Decision, Span

__all__ = ["find_damaged_verdicts", "find_determined_items", "find_numbered_items", "find_single_item"]

# The verdict on a request. "notmedically" is what an extractor makes of an underlined word.
_VERDICT = re.compile(
    r"""
    \b (?:is|are|was|were) \s+
    (?P<verdict> (?P<no> not\s* )? medicall?e?y \s+ nec{1,2}es{1,2}ary ) \b
    (?: \s+and (?: \s+appropriate\b )? )? \s* \.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What a notice says of all items before it decides on each.
_STATED = re.compile(
    r"""
    \bdecided \s+ that \s+ (?: (?P<upheld>none) | (?P<overturned>all) | (?P<both>some) (?: \s+\(but\s+not\s+all\) )? )
    \s+ of \s+ the \s+ disputed \s+ items
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = r"(?P<number>\d{1,2})\s?[.)]\s+"
_DETERMINED = re.compile(_NUMBER + r"MAXIMUS\s+Federal\s+Services,\s+Inc\.?\s+has\s+determined\s+(?:that\s+)?")
_REGARDING = re.compile(_NUMBER + r"Regarding\s[\s\S]{1,600}?:[ \t]{0,9}(?=[\n\f]|\Z)", re.IGNORECASE)
_REQUEST = re.compile(r"the\s+(?:request|decision)\s+for\s+", re.IGNORECASE)
_LONGEST_REQUEST = 700  # characters from a number to its verdict

# The number that leads a heading, and where a line begins with one.
_LEADING_NUMBER = re.compile(r"(?:\d{1,2}\s?[.)]\s+)?(?:the\s+(?:request|decision)\s+for\s+)?", re.IGNORECASE)
_FIRST_NUMBER = re.compile(_NUMBER)
_NUMBERED_LINE = re.compile(r"(?:^|(?<=\f))[ \t]{0,9}\d{1,2}\s?[.)]\s", re.MULTILINE)

_NEGATION = re.compile(r"\bNOT\s+(?P<verdict>MEDICALLY\s+NECESSARY)", re.IGNORECASE)
_VERDICT_WORDS = re.compile(r"\bMEDICALLY\s+NECESSARY", re.IGNORECASE)


def find_damaged_verdicts(text: str) -> list[Edit]:
    """Return the edits that make the words around verdicts and statements what they should be."""
    return _fixed_words().find_damaged(text, 0, len(text))


@cache
def _fixed_words() -> FixedWords:
    layouts = (layout for layout in settings().layouts if layout.style in ("numbered", "determined"))
    labels = (phrase for layout in layouts for phrases in layout.labels.values() for phrase in phrases)
    return FixedWords.of(["medically necessary", "has determined the request for", *labels])


def find_determined_items(text: str, parts: Sections, layout: Layout) -> FoundItems:
    """Find the items of a letter whose decisions are listed before their reasons, in the order of their numbers.

    A decision is given twice; two that contradict each other are none.
    """
    end = heading_of(parts, "effect").start if "effect" in parts else len(text)
    details = {m["number"]: m for m in _REGARDING.finditer(text, 0, end) if starts_line(text, m.start())}
    starts = sorted(m.start() for m in details.values())
    places: list[ItemPlace] = []
    unread: list[Span] = []
    given = _find_determinations(text, end)
    for number, decisions in sorted(given.items(), key=lambda entry: int(entry[0])):
        if len({bool(verdict["no"]) for _, verdict in decisions}) > 1:
            unread += [Span(heading.start, verdict.end()) for heading, verdict in decisions]
            continue
        heading, verdict = decisions[0]
        opening = details.get(number)
        if not opening:
            places.append(_cut(text, heading, verdict, Span(verdict.end(), verdict.end()), layout, []))
            continue
        stop = next((start for start in starts if start > opening.start()), end)
        places.append(_cut(text, heading, verdict, Span(opening.end(), stop), layout, [Span(*opening.span())]))
    doubts = [f"Item {clean(text[u.start : u.end])!r} is decided in two ways." for u in unread[:1]]
    if details and set(details) != set(given):
        doubts.append("The items that are decided and those that are reasoned differ, so an item may be missing.")
    doubts += [*_missing_numbers(map(int, given)), *_find_contradictions(text, places)]
    whole = Span(min(starts, default=end), end)
    return FoundItems(tuple(places), whole, unread=tuple(unread), doubts=tuple(doubts))


def _missing_numbers(numbers: Iterable[int]) -> Iterator[str]:
    """Yield a sentence if numbered items do not run from 1 on."""
    found = sorted(set(numbers))
    missing = sorted(set(range(1, max(found, default=0))) - set(found))
    if missing:
        yield f"The items are numbered up to {found[-1]}, but item {missing[0]} was not read."


def _find_contradictions(text: str, places: Sequence[ItemPlace]) -> Iterator[str]:
    """Yield a sentence if the notice says of all items what the decisions read do not bear out."""
    stated = _STATED.search(text)
    decided = {place.decision for place in places}
    if stated and decided != {"both": {"upheld", "overturned"}}.get(stated.lastgroup or "", {stated.lastgroup}):
        yield f"The letter says {clean(stated[0])!r}, but the items read say otherwise."


def _find_determinations(text: str, end: int) -> dict[str, list[tuple[Span, re.Match[str]]]]:
    """By number, each place where a decision is given: the request, and the verdict on it."""
    found: dict[str, list[tuple[Span, re.Match[str]]]] = {}
    for opening in _DETERMINED.finditer(text, 0, end):
        stop = min(end, opening.end() + _LONGEST_REQUEST)
        verdict = _VERDICT.search(text, opening.end(), stop)
        if verdict and starts_line(text, opening.start()):
            request = _REQUEST.match(text, opening.end(), stop)
            heading = trim(text, request.end() if request else opening.end(), verdict.start())
            found.setdefault(opening["number"], []).append((heading, verdict))
    return found


def find_numbered_items(text: str, parts: Sections, layout: Layout) -> FoundItems:
    """Find the items of a letter with a verdict in each heading; a side's statement or the letter's end follows it."""
    part = items_part(text, parts)
    start = introduction_end(text, part, layout)
    verdicts = [m for m in _VERDICT.finditer(text, start, part.end) if _opens_reasons(text, m.end(), part.end, layout)]
    if not verdicts:
        return FoundItems()
    lines = measure(text, part, spaced=True)
    headings: list[Span] = []
    for floor, verdict in zip([start, *(m.end() for m in verdicts[:-1])], verdicts, strict=True):
        headings.append(find_heading(text, _last_number(text, floor, verdict.start()), verdict.start(), lines))
    if trim(text, verdicts[-1].end(), part.end).end == verdicts[-1].end() and not _has_number(text, headings[-1]):
        verdicts, headings = verdicts[:-1], headings[:-1]  # the last words of a rationale, not a heading
    if not verdicts:
        return FoundItems()
    stops = [*(heading.start for heading in headings[1:]), part.end]
    places = []
    for verdict, heading, stop in zip(verdicts, headings, stops, strict=True):
        number = _LEADING_NUMBER.match(text, heading.start, heading.end)
        words = Span(number.end() if number else heading.start, heading.end)
        lead = [Span(heading.start, words.start)]
        places.append(_cut(text, words, verdict, Span(verdict.end(), stop), layout, lead))
    return FoundItems(tuple(places), Span(start, part.end), doubts=tuple(_doubts(text, part, places, headings, layout)))


def _doubts(
    text: str, part: Span, places: Sequence[ItemPlace], headings: Sequence[Span], layout: Layout
) -> Iterator[str]:
    """Yield sentences on why an item of a numbered list may be missing."""
    numbers = [match for heading in headings if (match := _FIRST_NUMBER.match(text, heading.start, heading.end))]
    yield from _missing_numbers(int(match["number"]) for match in numbers)
    yield from _find_contradictions(text, places)
    labels = {span.start for place in places for span in place.labels}
    for match in label_pattern(layout.labels["rationale"]).finditer(text, part.start, part.end):
        if match.start() not in labels and starts_line(text, match.start()) and " " in match[0]:
            yield f"{clean(match[0])!r} stands where no item begins, so an item may be missing."


def _has_number(text: str, heading: Span) -> bool:
    return bool(_NUMBERED_LINE.match(text, heading.start, heading.end))


def _opens_reasons(text: str, position: int, end: int, layout: Layout) -> bool:
    behind = trim(text, position, end).start
    if behind >= end:
        return True
    return any(label_pattern(layout.labels[name]).match(text, behind, end) for name in ITEM_PARTS)


def _last_number(text: str, floor: int, end: int) -> int:
    """Where the last line before a verdict begins that has a number: a heading does not reach over it."""
    last = floor
    for match in _NUMBERED_LINE.finditer(text, max(floor, end - _LONGEST_REQUEST), end):
        last = match.start()
    return last


def _cut(
    text: str, heading: Span, verdict: re.Match[str], body: Span, layout: Layout, lead: Iterable[Span]
) -> ItemPlace:
    """Cut an item's reasons at the words that open each part, looked for one behind the other."""
    own: list[Label] = []
    known = [Span(*verdict.span()), *lead]
    position = body.start
    for name in ITEM_PARTS:
        label = label_pattern(layout.labels[name]).search(text, position, body.end)
        if label:
            own.append(Label(name, *label.span(), is_apart=label[0].endswith(":")))
            position = label.end()
    introduction = layout.labels.get("reviewer_guideline")
    match = label_pattern(introduction).search(text, body.start, body.end) if introduction else None
    if match:
        known.append(Span(*match.span()))
    decision: Decision = "upheld" if verdict["no"] else "overturned"
    return cut_item(text, heading, (decision, Span(*verdict.span("verdict"))), own, body.end, known)


def find_single_item(text: str, parts: Sections, layout: Layout) -> FoundItems:
    """Find the one item of a letter whose rationale's heading holds the verdict."""
    del layout  # its headings have been used to cut the parts
    if "issue" not in parts or "rationale" not in parts:
        return FoundItems()
    rationale, heading = parts["rationale"], heading_of(parts, "rationale")
    negated = _NEGATION.search(text, heading.start, heading.end)
    verdict = negated or _VERDICT_WORDS.search(text, heading.start, heading.end)
    if not verdict:
        return FoundItems()
    decision: Decision = "upheld" if negated else "overturned"
    place = ItemPlace(
        heading=trim(text, parts["issue"].start, parts["issue"].end, drop="."),
        decision=decision,
        decided=Span(*verdict.span()),
        reviewer=trim(text, parts["guidelines"].start, parts["guidelines"].end) if "guidelines" in parts else None,
        rationale=trim(text, rationale.start, rationale.end),
    )
    return FoundItems((place,))
