"""Disputed items in the letters of 2013 and early 2014: numbered verdicts, or one issue with headings of its own.

"1) MAXIMUS Federal Services, Inc. has determined the request for X is not medically necessary and appropriate."
stands twice in a letter and is one item; its reasons follow under "1) Regarding the request for X:". Later letters
have "1. X is not medically necessary and appropriate." with the reasons right behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_graph.extraction.items import ItemPlace
from imr_graph.extraction.layouts import Layout, Sections, heading_of
from imr_graph.extraction.passages import trim
from imr_graph.model import Decision, Span

__all__ = ["find_numbered_items", "find_single_item"]

# The number, the words that lead to the treatment, the treatment, the verdict. "notmedically" is what an extractor
# makes of an underlined word.
_VERDICT = re.compile(
    r"(?:^|(?<=[\n\f]))[ \t\f]*(?P<number>\d{1,2})\s?[.)]\s+"
    r"(?:MAXIMUS\s+Federal\s+Services,\s+Inc\.?\s+has\s+determined\s+(?:that\s+)?)?"
    r"(?:the\s+(?:request|decision)\s+for\s+)?"
    r"(?P<heading>(?!Regarding\b)\S(?:(?!\n[ \t]*\d{1,2}[.)]\s)[\s\S]){0,600}?)\s+"
    r"(?:is|are|was|were)\s+(?P<verdict>(?P<no>not\s*)?medically\s+necessary)\b(?:\s+and\s+appropriate)?\s*\.?",
    re.IGNORECASE | re.MULTILINE,
)
_REGARDING = re.compile(
    r"(?:^|(?<=[\n\f]))[ \t\f]*(?P<number>\d{1,2})\s?[.)]\s+Regarding\s+(?:the\s+request\s+for\s+)?[^:]{1,600}:",
    re.IGNORECASE | re.MULTILINE,
)
_NEGATION = re.compile(r"\bNOT\s+(?P<verdict>MEDICALLY\s+NECESSARY)", re.IGNORECASE)
_VERDICT_WORDS = re.compile(r"\bMEDICALLY\s+NECESSARY", re.IGNORECASE)


def find_numbered_items(text: str, parts: Sections, layout: Layout) -> Iterator[ItemPlace]:
    """Yield the items of a letter with numbered verdicts, in the order of their numbers' first places."""
    part = parts.get("items", Span(0, len(text)))
    end = heading_of(parts, "effect").start if "effect" in parts else part.end
    verdicts: dict[str, re.Match[str]] = {}
    for match in _VERDICT.finditer(text, part.start, end):
        verdicts.setdefault(match["number"], match)
    starts = sorted(match.start() for match in _VERDICT.finditer(text, part.start, end))
    details = {m["number"]: m for m in _REGARDING.finditer(text, part.start, end)}
    starts = sorted([*starts, *(m.start() for m in details.values())])
    for number, verdict in verdicts.items():
        opening = details.get(number, verdict)
        stop = next((start for start in starts if start > opening.start()), end)
        yield _place(text, verdict, Span(opening.end(), stop), layout)


def _place(text: str, verdict: re.Match[str], body: Span, layout: Layout) -> ItemPlace:
    """Cut an item's reasons at the words that open each part."""
    administrator = layout.labels["claims_administrator"].search(text, body.start, body.end)
    reviewer = layout.labels["reviewer"].search(text, administrator.end() if administrator else body.start, body.end)
    rationale = layout.labels["rationale"].search(text, body.start, body.end)
    if reviewer and rationale and reviewer.start() >= rationale.start():
        reviewer = None
    reasons = rationale.start() if rationale else body.end
    return ItemPlace(
        heading=Span(*verdict.span("heading")),
        decision="upheld" if verdict["no"] else "overturned",
        decided=Span(*verdict.span("verdict")),
        claims_administrator=_between(text, administrator, reviewer.start() if reviewer else reasons),
        reviewer=_between(text, reviewer, reasons),
        rationale=trim(text, rationale.end(), body.end) if rationale else None,
    )


def _between(text: str, opening: re.Match[str] | None, stop: int) -> Span | None:
    """A side's statements, with the words that name the side: they are part of its sentence."""
    return trim(text, opening.start(), stop) if opening and opening.start() < stop else None


def find_single_item(text: str, parts: Sections, layout: Layout) -> Iterator[ItemPlace]:
    """Yield the one item of a letter whose rationale's heading holds the verdict."""
    del layout  # its headings have been used to cut the parts
    if "issue" not in parts or "rationale" not in parts:
        return
    rationale, heading = parts["rationale"], heading_of(parts, "rationale")
    negated = _NEGATION.search(text, heading.start, heading.end)
    verdict = negated or _VERDICT_WORDS.search(text, heading.start, heading.end)
    if not verdict:
        return
    decision: Decision = "upheld" if negated else "overturned"
    yield ItemPlace(
        heading=trim(text, parts["issue"].start, parts["issue"].end, drop="."),
        decision=decision,
        decided=Span(*verdict.span()),
        reviewer=trim(text, parts["guidelines"].start, parts["guidelines"].end) if "guidelines" in parts else None,
        rationale=trim(text, rationale.start, rationale.end),
    )
