"""Undoing what extractors, scanners and typists did to a letter, before any rule reads it.

Each kind of damage is found as edits of a `PlainText`: characters that stand for others, furniture of pages, labels
and headings with a letter wrong, pages that stand twice, decision words in other forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import accumulate

from imr_graph.extraction.characters import find_broken_words, find_characters
from imr_graph.extraction.fixed_words import KEY, FixedWords, fold, is_near
from imr_graph.extraction.layouts import settings
from imr_graph.extraction.page_breaks import find_empty_pages, find_furniture, find_repeated_pages
from imr_graph.extraction.plain_text import Edit, PlainText
from imr_graph.model import Decision, Letter

__all__ = ["decision_of", "find_decision_words", "find_gaps", "undo_damage"]

# A word at a line's end behind a colon, a semicolon or a dash, as decisions stand.
_AT_LINE_END = re.compile(r"[:;-]\s{0,4}(?P<word>[^\W_][\w|!]{4,11}+)[ \t]{0,9}+[.,]?+[ \t]{0,9}+(?=[\n\f]|\Z)")
# The same without any mark, right before the first label of an item.
_BEFORE_LABEL = re.compile(r"(?<=[\s)\d])(?P<word>[^\W_][\w|!]{4,11})[ \t]{0,9}\.?\s{0,9}\Z")
_MARKED = re.compile(r":\s{0,4}(?:\w{1,20}\s)?\Z")  # with a word between: a decision of another kind
_LONGEST_BEFORE = 40  # characters before a label in which a decision may stand: a blank line and two words
_WHOLE = (": Upheld", ": Overturned")
_AS_PRINTED = frozenset(("Upheld", "Overturned", "UPHELD", "OVERTURNED"))
_FORMS: dict[str, Decision] = {
    **dict.fromkeys(("upheld", "uphold", "upholds"), "upheld"),
    **dict.fromkeys(("overturned", "overturn", "overturns"), "overturned"),
}

# A page break without a line end of its own: what stands before and behind it are two lines.
_BARE_BREAK = re.compile(r"\f(?=\S)(?<=[^\s\ufffe]\f)")
# Where a page without text was.
_GAP = re.compile(r"\f\s*(?=\f)")
# How a line begins that may be the number of a page.
_NUMBERED = re.compile(r"\d{1,3}\s*\Z|\d{1,3}\s+(?:[o0]f|/)|[-–—\[]\s?\d|P(?:age|g|\.)\b", re.IGNORECASE)
_BEHIND_LABEL = re.compile(r"(?P<colon>[ \t]{0,9}[:;])?\s*(?P<next>\S?)")
_LINE_ENDS = re.compile(r"[ \t]*:?[ \t]*(?=[\n\f]|\Z)")
_QUOTATION_MARKS = "\"'“”‘’("
_MOST_KEYS = 65_536
_LONGEST_LABEL = 60  # characters of a line in which the colon of a label is looked for
_ORDINARY, _LABEL, _NUMBER = range(3)


def undo_damage(letter: Letter) -> tuple[PlainText, tuple[str, ...]]:
    """Return the text that rules read, and a sentence for each page of the letter that holds no text."""
    plain = PlainText.of(letter.text)
    if not letter.text.isascii() or "\0" in letter.text:
        plain = plain.apply_edits(find_characters(plain.text))
    plain = plain.apply_edits(find_broken_words(plain.text))
    plain = plain.apply_edits(find_repeated_pages(plain.text))
    if "\f" in plain.text:
        plain = plain.apply_edits([Edit(*bare.span(), "\n\f") for bare in _BARE_BREAK.finditer(plain.text)])
    plain = plain.apply_edits(_find_damaged_lines(plain.text))
    empty = (f"Page {page} of {pages} " for page, pages in find_empty_pages(plain.text))
    untold = (page for page in empty if not any(told.startswith(page) for told in letter.lost))
    lost = (*letter.lost, *(f"{page}holds no text." for page in untold))
    return plain.apply_edits(_find_decisions(plain.text)), lost


def find_gaps(text: str) -> list[int]:
    """Return the places of a plain text where a page without text was."""
    return [match.start() for match in _GAP.finditer(text)] if "\f" in text else []


def decision_of(word: str) -> Decision | None:
    """Return the decision that a word states, in any case and form, with one letter wrong at most or two exchanged.

    >>> decision_of("0VERTUNED"), decision_of("Uphold"), decision_of("approved")
    ('overturned', 'upheld', None)
    """
    return _decision(word)


@lru_cache(maxsize=65_536)
def _decision(word: str) -> Decision | None:
    plain = word.lower()
    read = {plain, plain.replace("ri", "n"), fold(word)}  # where one letter is wrong, two may be taken for one
    near = (d for form, d in _FORMS.items() if any(is_near(r, w, 1) for r in read for w in _list_spellings(form)))
    return next(near, None)


@cache
def _list_spellings(form: str) -> tuple[str, ...]:
    return form, fold(form)


def find_decision_words(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield the decision words that end a line behind a mark, in any form; before a dash there is a blank."""
    plain = text if text.isascii() else text.replace("–", "-").replace("—", "-")
    for match in _AT_LINE_END.finditer(plain, start, end):
        if match["word"] in _AS_PRINTED or decision_of(match["word"]):
            before = plain[match.start() - 1 : match.start()]
            if plain[match.start()] != "-" or before.isspace() or before == ")":
                yield match


class _Kinds(dict[str, int]):
    """What a line may be, by its first characters: worked out once for each beginning, since lines begin alike."""

    def __missing__(self, key: str) -> int:
        bare = key.strip()
        if _NUMBERED.match(bare) or (not bare and len(key) == KEY):
            kind = _NUMBER
        else:
            kind = _LABEL if bare and bare[0] not in _QUOTATION_MARKS and _fixed_words().near(bare) else _ORDINARY
        if len(self) < _MOST_KEYS:
            self[key] = kind
        return kind


_kinds = _Kinds()


def _find_damaged_lines(text: str) -> list[Edit]:
    """Find furniture of pages and damaged labels at the beginnings of lines."""
    lines = text.split("\n")
    kinds = [_kinds[line[:KEY]] for line in lines]
    furniture = find_furniture(text, lines, [index for index, kind in enumerate(kinds) if kind == _NUMBER])
    exact, likely = _fixed_words().phrases, _fixed_words().likely
    suspects = [
        index
        for index, (kind, line) in enumerate(zip(kinds, lines, strict=True))
        if (kind == _LABEL and likely(line.lstrip()[: 4 * KEY])) or (":" in line[:_LONGEST_LABEL] and kind != _NUMBER)
    ]
    suspects = [index for index in suspects if not lines[index].lstrip().startswith(exact)]
    if not suspects:
        return furniture
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    edits = (_damaged_label(text, starts[k], lines[k]) or _far_label(starts[k], lines[k]) for k in suspects)
    return sorted([*furniture, *filter(None, edits)])


def _far_label(start: int, line: str) -> Edit | None:
    """Return the edit of a label with two letters wrong, which only the colon behind it shows."""
    colon = line.find(":", 0, _LONGEST_LABEL)
    quoted = line.lstrip()[:1] in _QUOTATION_MARKS
    label = _fixed_words().meant_by(line[:colon]) if colon > 0 and not quoted else None
    return Edit(start + len(line) - len(line.lstrip()), start + colon + 1, label) if label else None


def _damaged_label(text: str, start: int, line: str) -> Edit | None:
    """Return the edit that makes the fixed words at a line's beginning what the layouts say, if it needs one.

    Words that end in a colon may lack it where what follows shows that they are a label; others need a line of their
    own.
    """
    start += len(line) - len(line.lstrip())
    found = _fixed_words().find(text, start, len(text))
    behind = _BEHIND_LABEL.match(text, found.end) if found else None
    if found is None or found.exact or behind is None or text[start] in _QUOTATION_MARKS:
        return None
    alone = _LINE_ENDS.match(text, found.end)
    if not found.phrase.endswith(":"):
        return Edit(start, found.end, found.phrase) if alone else None
    if behind["colon"] or text[found.end - 1] in ":;":
        return Edit(start, behind.end("colon") if behind["colon"] else found.end, found.phrase)
    if text[start].isupper() and (alone or (" " in found.phrase and behind["next"].isupper())):
        return Edit(start, found.end, found.phrase)
    return None


def _find_decisions(text: str) -> list[Edit]:
    """Find decision words in front of a label, or at the letter's end, that are not written as rules read them."""
    edits = {}
    for match in find_decision_words(text, 0, len(text)):
        if text[match.start()] == ":" and match["word"] in _AS_PRINTED:
            continue
        if _label_follows(text, match.end()):
            edits[match.start("word")] = _decision_edit(match.start(), match)
    for label in settings().first_labels:
        at = text.find(label)
        while at >= 0:
            line = text[max(0, at - _LONGEST_BEFORE) : at].rstrip()
            whole = line.endswith(_WHOLE)
            before = None if whole else _BEFORE_LABEL.search(text, max(0, at - _LONGEST_BEFORE), at)
            place = before.start("word") if before else -1
            if before and place not in edits and not _is_marked(text, place) and decision_of(before["word"]):
                edits[place] = _decision_edit(place, before)
            at = text.find(label, at + 1)
    return [edits[place] for place in sorted(edits)]


def _decision_edit(start: int, found: re.Match[str]) -> Edit:
    return Edit(start, found.end("word"), f": {(decision_of(found['word']) or '').capitalize()}")


def _is_marked(text: str, start: int) -> bool:
    return bool(_MARKED.search(text, max(0, start - _LONGEST_BEFORE), start))


def _label_follows(text: str, position: int) -> bool:
    while position < len(text) and text[position].isspace():
        position += 1
    return position == len(text) or text.startswith(settings().item_labels, position)


@cache
def _fixed_words() -> FixedWords:
    return FixedWords.of(settings().fixed_words)
