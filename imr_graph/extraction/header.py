"""The header of a letter: case number, priority and the five dates.

Most letters print a two-column table. A PDF extractor gives it row by row (a label, then its value), or column by
column (a run of labels, then the run of their values), or with a label torn by its value ("Application 11/03/2016
Received:"). Letters of 2013 give dates in sentences instead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import zip_longest
from typing import NamedTuple

from imr_graph.extraction.dates import DATE, parse_date
from imr_graph.extraction.fixed_words import DIGITS, FixedWords
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.plain_text import Edit, PlainText
from imr_graph.extraction.text import Findings, Reading, alternatives, phrase
from imr_graph.model import Dates, Priority, Span, Unparsed

__all__ = ["Header", "read_header"]

# The table stands at the beginning of a letter.
_LONGEST_TABLE = 1_500
# A date or a case number in which scanners took digits for letters: "l0/2l/2016", "CM16-O251108".
_DIGIT = r"[\dOolIi|!SsBZz]"
_DAMAGED_VALUE = re.compile(
    rf"""(?<![\w/-])(?<!\d[ ])(?:
        {_DIGIT}(?:[ ]?{_DIGIT})? (?P<sep>[/-]) {_DIGIT}(?:[ ]?{_DIGIT})? (?P=sep) {_DIGIT}(?:[ ]?{_DIGIT}){{3}}
      | CM{_DIGIT}{{2}}[-–]{_DIGIT}{{7}}
    )(?![\w/-])""",
    re.VERBOSE,
)
# Up to four words before a colon; each may be the beginning of a label.
_BEFORE_COLON = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,20}(?:[ ]{1,3}[^\W\d_]{1,20}){0,3}(?=:)")
_WORD = re.compile(r"[^\W\d_]+")
# A month or day with a zero before it: in such a header a single digit has lost the other.
_PADDED = re.compile(r"(?<!\d)0\d[/-]")
_SINGLE = re.compile(r"(?<!\d)\d[/-]")
_FOUR_DIGITS = re.compile(r"\d{4}\Z")
# A word that is neither label nor value: what stands behind it does not belong to a label before it.
_OTHER_WORD = re.compile(r"[^\W\d_]{3,}")
# What follows a label on its line.
_REST_OF_LINE = re.compile(r"[ \t]*(?P<rest>\S(?:[^\n\f]{0,200}[^\s])?)")

_DATE_FIELDS = ("injured", "ur_denied", "received", "assigned", "decided")


@dataclass(frozen=True, slots=True)
class Header:
    """What the header states."""

    case_number: str | None = None
    priority: Priority | None = None
    dates: Dates = field(default_factory=Dates)


class _Token(NamedTuple):
    kind: str  # the name of a label, or "=case_number", "=priority", "=date" for a value
    start: int
    end: int

    @property
    def is_value(self) -> bool:
        return self.kind.startswith("=")


def read_header(text: str, part: Span) -> Reading[Header]:
    """Read the header from the part of a letter that stands before its first section.

    A value without a label is not used, except a case number, whose form is unmistakable. Where something is missing,
    labels and values are looked for with a letter wrong as well.
    """
    reading = _read(text, part)
    if len(reading.spans) == len(_kinds_of_values()):
        return reading
    end = min(part.end, part.start + _LONGEST_TABLE)
    values = [Edit(*m.span(), m[0].translate(DIGITS)) for m in _DAMAGED_VALUE.finditer(text, part.start, end)]
    labels = [edit for edit in _damaged_labels(text, part.start, end) if not _overlaps(edit, values)]
    edits = sorted(edit for edit in [*values, *labels] if text[edit.start : edit.end] != edit.words)
    if not edits:
        return reading
    plain = PlainText.of(text).apply_edits(edits)
    longer = len(plain.text) - len(text)
    mended = _read(plain.text, Span(part.start, part.end + longer))
    return _place_header(mended, plain) if len(mended.spans) > len(reading.spans) else reading


def _damaged_labels(text: str, start: int, end: int) -> Iterator[Edit]:
    """Yield the edits that make labels what they should be: with one letter wrong, before a colon with two."""
    near = _labels().find_damaged(text, start, end)
    yield from near
    for words in _BEFORE_COLON.finditer(text, start, end):
        for word in _WORD.finditer(text, words.start(), words.end()):
            label = _labels().meant_by(text[word.start() : words.end()])
            edit = Edit(word.start(), words.end() + 1, label or "")
            if label and not _overlaps(edit, near):
                yield edit
                break


def _overlaps(edit: Edit, others: list[Edit]) -> bool:
    return any(edit.start < other.end and other.start < edit.end for other in others)


def _place_header(reading: Reading[Header], plain: PlainText) -> Reading[Header]:
    """Carry the places of a reading back to the text that was mended."""
    spans = {pointer: place for pointer, span in reading.spans.items() if (place := plain.find_printed(span))}
    unparsed = tuple(
        replace(u, start=place.start, end=place.end)
        for u in reading.unparsed
        if (place := plain.find_printed(Span(u.start, u.end)))
    )
    return Reading(reading.value, spans, unparsed)


def _read(text: str, part: Span) -> Reading[Header]:
    tokens = list(_tokens(text, part))
    places = _pair(list(_with_breaks(text, tokens)))
    for token in tokens:
        if token.kind == "=case_number":
            places.setdefault("case_number", Span(token.start, token.end))
    for name, span in _in_sentences(text, part, places):
        places.setdefault(name, span)
    findings = Findings(unparsed=list(_not_values(text, tokens, part)))
    return findings.reading(_header(text, places, findings))


def _header(text: str, places: dict[str, Span], findings: Findings) -> Header:
    dates: dict[str, date] = {}
    printed = {name: text[span.start : span.end] for name in _DATE_FIELDS if (span := places.get(name))}
    for name, words in printed.items():
        span = places[name]
        value = None if _lost_a_digit(words, printed.values()) else parse_date(words)
        if value:
            dates[name] = value
            findings.spans[f"/dates/{name}"] = span
        else:
            findings.unparsed.append(Unparsed(span.start, span.end, words, f"/dates/{name}"))
    for name in ("case_number", "priority"):
        if name in places:
            findings.spans[f"/{name}"] = places[name]
    number, priority = places.get("case_number"), places.get("priority")
    return Header(
        case_number=_number(text[number.start : number.end]) if number else None,
        priority=_priorities()[text[priority.start : priority.end]] if priority else None,
        dates=Dates(**dates),
    )


def _lost_a_digit(words: str, printed: Collection[str]) -> bool:
    """Whether a date has fewer digits than the others of its header: "03/2/2018" may have been the 25th.

    >>> _lost_a_digit("11/2/2018", ["11/2/2018", "03/05/2018"]), _lost_a_digit("3/2/2018", ["3/2/2018", "3/5/2018"])
    (True, False)
    """
    short = _SINGLE.search(words) and any(map(_PADDED.search, printed))
    return bool(short or (words[-3:-2] in "/-" and any(map(_FOUR_DIGITS.search, printed))))


def _number(words: str) -> str:
    """Return a case number as the state writes it, whatever stands around its hyphen."""
    return re.sub(r"\s*[-–‑]\s*", "-", " ".join(words.split()))


def _not_values(text: str, tokens: list[_Token], part: Span) -> Iterator[Unparsed]:
    """Yield what stands behind a label, on its line, and is no value of any kind."""
    for token, behind in zip_longest(tokens, tokens[1:]):
        if token.is_value or text[token.end - 1] != ":":
            continue
        rest = _REST_OF_LINE.match(text, token.end, behind.start if behind else part.end)
        if rest:
            where = f"/{token.kind}" if token.kind in ("case_number", "priority") else f"/dates/{token.kind}"
            yield Unparsed(rest.start("rest"), rest.end("rest"), rest["rest"], where)


def _tokens(text: str, part: Span) -> Iterator[_Token]:
    """Yield labels and values in the order of the text."""
    for match in _token_pattern().finditer(text, part.start, part.end):
        kind = match.lastgroup or ""
        yield _Token("=" + kind[2:] if kind.startswith("v_") else kind[2:], match.start(kind), match.end(kind))


def _with_breaks(text: str, tokens: list[_Token]) -> Iterator[_Token]:
    """Yield labels and values, with a token of no kind where other words stand between a label and a value."""
    for token, behind in zip_longest(tokens, tokens[1:]):
        yield token
        if behind and behind.is_value and not token.is_value and _OTHER_WORD.search(text, token.end, behind.start):
            yield _Token("", token.end, token.end)


def _pair(tokens: list[_Token]) -> dict[str, Span]:
    """Pair labels with values: a run of labels with the run of values behind it.

    As many values as labels: in order, each value to the first label that takes its kind. Fewer values: the last
    labels have them (the others were left empty), if there is one value; else the table is not understood.
    """
    places: dict[str, Span] = {}
    labels: list[str] = []
    values: list[_Token] = []
    for token in [*tokens, _Token("end", 0, 0)]:
        if token.is_value:
            values.append(token)
            continue
        if values or not token.kind:
            if values:
                _pair_run(labels, values, places)
            labels, values = [], []
        if token.kind:
            labels.append(token.kind)
    return places


def _pair_run(labels: list[str], values: list[_Token], places: dict[str, Span]) -> None:
    if len(values) < len(labels):
        if len(values) > 1:
            return
        labels = [label for label in labels if _kind(label) == values[0].kind][-1:]
    waiting = list(labels)
    for value in values:
        label = next((name for name in waiting if _kind(name) == value.kind), None)
        if label:
            waiting.remove(label)
            places.setdefault(label, Span(value.start, value.end))


def _kind(label: str) -> str:
    return f"={label}" if label in ("case_number", "priority") else "=date"


def _in_sentences(text: str, part: Span, found: Collection[str]) -> Iterator[tuple[str, Span]]:
    """Yield the dates that sentences give and the table does not."""
    for name, pattern in _sentence_patterns():
        match = pattern.search(text, part.start, part.end) if name not in found else None
        if match:
            yield name, Span(*match.span("date"))


@cache
def _labels() -> FixedWords:
    """Return the labels of the table, to be found with a letter wrong."""
    words = (phrase for name, phrases in settings().header["labels"].items() for phrase in phrases if " " in phrase)
    return FixedWords.of([*(f"{label}:" for label in words), "Priority:", "Received:"])


def _kinds_of_values() -> tuple[str, ...]:
    return ("case_number", "priority", *_DATE_FIELDS)


@cache
def _priorities() -> dict[str, Priority]:
    return {word: name for name, words in settings().header["priorities"].items() for word in words}


@cache
def _token_pattern() -> re.Pattern[str]:
    """One pattern for all labels and values; `l_` groups are labels, `v_` groups values.

    What can begin neither is passed over first: that is most of the text.
    """
    header = settings().header
    firsts = {word[0] for words in (*header["labels"].values(), _priorities()) for word in words}
    labels = [
        rf"(?P<l_{name}>(?<!\w){alternatives(words)}(?!\w)\s*:?)"
        for name, words in sorted(header["labels"].items(), key=lambda entry: -max(map(len, entry[1])))
    ]
    values = [
        rf"(?P<v_case_number>{'|'.join(header['case_number'])})",
        rf"(?P<v_date>{DATE})",
        rf"(?P<v_priority>\b(?:{'|'.join(_priorities())})\b)",
    ]
    return re.compile(rf"(?=[A-Z\d{re.escape(''.join(sorted(firsts)))}])(?:{'|'.join(labels + values)})")


@cache
def _sentence_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Dates within sentences, for letters without a table."""
    sentences = settings().header["sentences"].items()
    return tuple(
        (name, re.compile(rf"(?:{'|'.join(phrase(w) for w in words)})\s+(?P<date>{DATE})", re.IGNORECASE))
        for name, words in sentences
    )
