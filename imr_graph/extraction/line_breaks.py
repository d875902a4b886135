"""Letters whose line ends were lost: where lines must have begun, blanks are read as line ends.

The text keeps its length, so spans stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imr_graph.extraction.item_heading import ORIGINAL_REQUEST
from imr_graph.extraction.item_places import label_pattern
from imr_graph.extraction.layouts import Layout

__all__ = ["unfold"]

_DECISION = re.compile(r":\s{1,4}(?:Upheld|Overturned)\b\.?(?=\s)")
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*(?P<blank>\s)")
_LONGEST_HEADING = 600  # characters in front of a decision word in which its heading starts


def unfold(text: str, layout: Layout) -> str:
    """Return the text with a line end for the blank around each heading, label and decision word of a layout."""
    breaks = set(_around_words(text, layout)) | set(_before_headings(text))
    characters = list(text)
    for place in breaks:
        if 0 <= place < len(text) and characters[place] == " ":
            characters[place] = "\n"
    return "".join(characters)


def _around_words(text: str, layout: Layout) -> Iterator[int]:
    for heading in layout.sections.values():
        for match in heading.alone.finditer(text) if heading.alone else ():
            yield from (match.start() - 1, match.end())
    for words in layout.labels.values():
        for match in label_pattern(words).finditer(text):
            yield match.start() - 1
    for opening in layout.openings.values():
        for match in opening.inline.finditer(text) if opening.inline else ():
            yield match.start() - 1
    introduction = layout.labels.get("introduction")
    for match in label_pattern(introduction).finditer(text) if introduction else ():
        yield match.end()


def _before_headings(text: str) -> Iterator[int]:
    """Yield the end of the sentence in front of each heading; a partial certification's has sentences of its own."""
    for decision in _DECISION.finditer(text):
        start = max(0, decision.start() - _LONGEST_HEADING)
        requests = [request.start() for request in ORIGINAL_REQUEST.finditer(text, start, decision.start())]
        ends = list(_SENTENCE_END.finditer(text, start, requests[-1] if requests else decision.start()))
        if ends:
            yield ends[-1].start("blank")
