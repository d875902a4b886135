"""Characters that stand for others, and words that a line end breaks: undone before rules read a letter.

Ligatures, hyphens of other kinds, invisible and full-width characters have one plain form each. A character without
a meaning (private use, U+FFFD, NUL) is what some extractors print for a ligature, the same one throughout a letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from imr_graph.extraction.layouts import settings
from imr_graph.extraction.plain_text import Edit
from imr_graph.vocabulary import load

__all__ = ["find_broken_words", "find_characters"]

_PLAIN = {
    **dict(
        zip("\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)
    ),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),  # seen by nobody
    **dict.fromkeys("\u2010\u2011\u2012\u2015\u2212\u2043", "-"),  # en and em dash are words' own marks and stay
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F)},  # full-width forms
}
_WITHOUT_MEANING = "\0\ufffd\ue000-\uf8ff"
_CHARACTER = re.compile(f"[{''.join(_PLAIN)}{_WITHOUT_MEANING}]")  # all that may need a plain form
_WORD_WITHOUT_MEANING = re.compile(rf"[^\W\d_]*[{_WITHOUT_MEANING}][\w{_WITHOUT_MEANING}]*")
_LIGATURES = ("fi", "fl", "ff", "ffi", "ffl", "ti", "tt")
# Words of rationales that ligatures stand in and no vocabulary holds.
_COMMON = """
    affect affected afflict beneficial benefit benefits certified classified confirm confirmed deficiency deficit
    deficits define defined differ different difficult difficulty effect effective effects efficacy efficient effort
    exemplified fifteen fifty file filed finally find finding findings fine first fit five fix flare flow fluid
    fracture identified indefinite inflammation inflammatory influence insufficient justification justified
    justifies modification modified off offer offered office official qualified reflect reflects reflex reflexes
    scientific significant significantly specific specifically specified staff stiff stiffness suffer suffered
    sufficient suffix unspecified verified verify
"""
_WORD = re.compile(r"[^\W\d_]{3,}")
_MOST_WORDS = 500  # words with such a character that are looked at, of one letter

# A hyphen at a line's end.
_BROKEN = re.compile(r"-[ \t]{0,9}\n\s{0,9}(?=[a-z])")
_LONGEST_PART = 20  # letters of a word's part; no word that layouts print has more


def find_characters(text: str) -> list[Edit]:
    """Return the edits that make characters plain."""
    odd = list(_CHARACTER.finditer(text))
    plain = {**_PLAIN, **_meanings(text)} if any(match[0] not in _PLAIN for match in odd) else _PLAIN
    return [Edit(match.start(), match.end(), plain[match[0]]) for match in odd if match[0] in plain]


def _meanings(text: str) -> dict[str, str]:
    """Return the ligature that each character without a meaning stands for: the one that makes most words known."""
    places: dict[str, Counter[str]] = {}
    for number, match in enumerate(_WORD_WITHOUT_MEANING.finditer(text)):
        if number == _MOST_WORDS:
            break
        for character in set(match[0]) - set(_PLAIN):
            if not character.isalnum():
                places.setdefault(character, Counter())[match[0].lower()] += 1
    meanings: dict[str, str] = {}
    for character, words in sorted(places.items(), key=lambda place: (-len(place[1]), place[0])):
        known = {
            ligature: sum(word.replace(character, ligature) in _known_words() for word in words)
            for ligature in _LIGATURES
        }
        for taken in meanings.values():
            known.pop(taken)
        best = max(known, key=lambda ligature: known[ligature])
        if known[best] and list(known.values()).count(known[best]) == 1:
            meanings[character] = best
    return meanings


def find_broken_words(text: str) -> Iterator[Edit]:
    """Yield the edits that join words of guidelines' names and of layouts which a hyphen breaks at a line's end.

    Other words keep their hyphen: it may be their own ("long-term").
    """
    for match in _BROKEN.finditer(text):
        start, end = match.start(), match.end()
        while start and match.start() - start < _LONGEST_PART and text[start - 1].isalpha():
            start -= 1
        while end < len(text) and end - match.end() < _LONGEST_PART and text[end].isalpha():
            end += 1
        if (text[start : match.start()] + text[match.end() : end]).lower() in _fixed_words():
            while end < len(text) and not text[end].isspace():
                end += 1
            yield Edit(match.start(), end, text[match.end() : end] + "\n")


@cache
def _fixed_words() -> frozenset[str]:
    guidelines = (label for guideline in load().guidelines for label in guideline.labels)
    chapters = (label for chapter in load().odg_chapters for label in chapter.labels)
    return _words([*settings().fixed_words, *guidelines, *chapters])


@cache
def _known_words() -> frozenset[str]:
    vocabulary = load()
    schemes = (vocabulary.treatments, vocabulary.products, vocabulary.all_sections, vocabulary.specialties)
    labels = (label for scheme in schemes for concept in scheme for label in concept.labels)
    return _fixed_words() | _words([_COMMON, *labels])


def _words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower() for name in names for word in _WORD.findall(name))
