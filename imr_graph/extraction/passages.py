"""Passages of a letter: how words are found in text that breaks lines anywhere, and how values are read from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from imr_graph.model import Span, Unparsed

__all__ = ["Reading", "Spans", "alternatives", "clean", "phrase", "trim"]

T = TypeVar("T")
Spans = Mapping[str, Span]

# A hyphen at the end of a line joins the parts of one word; a dash after a space does not.
_LINE_END_HYPHEN = re.compile(r"(?<=\w)-[ \t]*[\n\f]\s*(?=\w)")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value with the spans it was read from (by JSON pointer below the value) and what was not understood."""

    value: T
    spans: Spans = field(default_factory=dict)
    unparsed: tuple[Unparsed, ...] = ()

    def under(self, pointer: str) -> dict[str, Span]:
        """Return the spans with `pointer` before each key.

        >>> Reading("x", {"/age": Span(1, 3)}).under("/patient")
        {'/patient/age': Span(start=1, end=3)}
        """
        return {pointer + key: span for key, span in self.spans.items()}


def phrase(words: str) -> str:
    """Return the pattern source of fixed words as letters print them.

    White space may be any, also none after a hyphen, since lines break anywhere; a blank behind a closing mark may
    be missing ("Guidelines.Decision").

    >>> bool(re.fullmatch(phrase("Non-MTUS Citation"), "Non-\\nMTUS\\nCitation"))
    True
    """
    return r"\s+".join(re.escape(word).replace(r"\-", r"-\s*") for word in words.split())


def alternatives(phrases: Iterable[str]) -> str:
    """Return one pattern source for several phrases, longest first so that the fullest wording wins."""
    return "(?:" + "|".join(phrase(p) for p in sorted(phrases, key=len, reverse=True)) + ")"


def clean(raw: str) -> str:
    """Return the value that a passage says: white space collapsed, words joined that a line end had cut.

    >>> clean("electro- \\n diagnostic  testing")
    'electro-diagnostic testing'
    """
    if "-" in raw:
        raw = _LINE_END_HYPHEN.sub("-", raw)
    return " ".join(raw.split())


def trim(text: str, start: int, end: int, drop: str = "") -> Span:
    """Return the span without the white space at its ends, nor the characters of `drop` at its end."""
    while end > start and (text[end - 1].isspace() or text[end - 1] in drop):
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return Span(start, end)
