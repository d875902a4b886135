"""From what a user types into a search to an expression of the full-text index.

Words side by side have all to be there; `OR` and brackets make alternatives; `NOT word` or `-word` excludes; "words in
quotes" stand together as they are; `word*` is any word that begins so; `rationale:word` looks in one field. A plain
word also finds its plural and singular, which quotes switch off.

Each word reaches the index between quotation marks, so that nothing a user types is read as its syntax.

>>> print(parse_query('opioid* -"opioid naive"').split(" : ", 1)[1])
("opioid"* ) NOT {heading rationale summary citations} : ("opioid naive" ))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from imr_graph.errors import UsageError
from imr_graph.graph.literals import replace_surrogates
from imr_graph.store.search_index import FIELDS

__all__ = ["number_forms", "parse_query"]

_VOWELS = "aeiou"


def number_forms(word: str) -> tuple[str, ...]:
    """Return the singulars that a plural may have, or the plural of a singular; none for "status" or "diagnosis".

    >>> number_forms("therapies"), number_forms("patches"), number_forms("box"), number_forms("status")
    (('therapy',), ('patch', 'patche'), ('boxes',), ())
    """
    lower = word.lower()
    if lower.endswith("ies") and len(word) > 4:
        return (f"{word[:-3]}y",)
    if lower.endswith(("ses", "xes", "ches", "shes")):  # "doses" is of "dose", "patches" of "patch"
        return word[:-2], word[:-1]
    if lower.endswith("s"):
        return () if lower.endswith(("ss", "us", "is")) else (word[:-1],)
    if lower.endswith("y") and lower[-2:-1] not in _VOWELS:
        return (f"{word[:-1]}ies",)
    return (word + ("es" if lower.endswith(("x", "ch", "sh")) else "s"),)


_MOST_WORDS: Final = 64
_DEEPEST: Final = 20
_ANYWHERE: Final = "{" + " ".join(FIELDS) + "}"
# A token: an excluding hyphen (before a word, after a space), a field, a phrase, a bracket, or a word up to a space,
# bracket or quotation mark.
_TOKEN: Final = re.compile(
    r"(?P<minus>(?<!\S)-(?=[\w\"(]))"
    rf"|(?P<field>(?:{'|'.join(FIELDS)}):)"
    r"|\"(?P<phrase>[^\"]*)\"(?P<phrase_star>\*?)"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<word>[^\s()\"]+)"
    r"|(?P<quote>\")"
)
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\0": " "})


def parse_query(text: str, *, every: str = "") -> str | None:
    """Return the index's expression of a search; None where the text holds nothing to search for.

    `every` is the mark that each entry has, for a search that only excludes. Raises UsageError, saying what is wrong,
    for a search that cannot be understood.
    """
    tokens = _tokens(text)
    if not tokens:
        if text.strip():
            raise UsageError(f"The search {text.strip()!r} holds no word to look for.")
        return None
    parser = _Parser(tokens, every)
    found = parser.alternatives(0)
    if parser.place < len(tokens):
        raise UsageError("The search closes a bracket that was not opened: take it out, or put the words in quotes.")
    return found


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str = ""
    prefix: bool = False


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(replace_surrogates(text).translate(_QUOTES)):
        kind = match.lastgroup or ""
        if kind == "quote":
            raise UsageError("The search opens a quotation mark that is not closed: close it, or take it out.")
        if kind in ("phrase", "phrase_star"):
            found = _Token("phrase", match["phrase"], match["phrase_star"] == "*")
        elif kind == "word" and match["word"] in ("AND", "OR", "NOT"):
            found = _Token(match["word"])
        elif kind == "word":
            found = _Token("word", match["word"].rstrip("*"), match["word"].endswith("*"))
        else:
            found = _Token(kind, match[0].removesuffix(":"))
        # What has no letter or digit is no word of the index ("&", "#").
        if found.kind not in ("word", "phrase") or any(c.isalnum() for c in found.text):
            tokens.append(found)
    if sum(token.kind in ("word", "phrase") for token in tokens) > _MOST_WORDS:
        raise UsageError(f"The search has more than {_MOST_WORDS} words: leave the common ones out.")
    return tokens


class _Parser:
    """A recursive descent over the tokens; `place` is the next one."""

    def __init__(self, tokens: list[_Token], every: str) -> None:
        self.tokens, self.every, self.place = tokens, every, 0

    def alternatives(self, depth: int, field: str | None = None) -> str:
        if depth > _DEEPEST:
            raise UsageError(f"The search has more than {_DEEPEST} brackets within each other: write it more simply.")
        found = [self._together(depth, field)]
        while self._next("OR"):
            found.append(self._together(depth, field))
        return found[0] if len(found) == 1 else f"({' OR '.join(found)})"

    def _together(self, depth: int, field: str | None) -> str:
        """Read what stands side by side: all of it has to be there, but what is excluded."""
        wanted: list[str] = []
        excluded: list[str] = []
        while self.place < len(self.tokens) and self.tokens[self.place].kind not in ("OR", "close"):
            joined = self._next("AND")
            if joined and not (wanted or excluded):
                raise UsageError("The search has an AND without words on both sides: add them, or write it in quotes.")
            negative = self._next("NOT") or self._next("minus")
            (excluded if negative else wanted).append(self._unit(depth, field))
        if not wanted and not excluded:
            raise UsageError("The search has an OR or a bracket without words on both sides: add them, or take it out.")
        if not wanted and not self.every:
            raise UsageError("The search says only what to leave out: say also what to find.")
        both = " AND ".join(wanted) or f"marks : {self.every}"
        both = f"({both})" if len(wanted) > 1 else both
        return f"({both}{''.join(f' NOT {each}' for each in excluded)})" if excluded else both

    def _unit(self, depth: int, field: str | None) -> str:
        if self.place >= len(self.tokens):
            raise UsageError("The search ends with an operator: add what is to follow, or put it in quotes.")
        token = self.tokens[self.place]
        self.place += 1
        if token.kind == "field":
            return self._unit(depth, token.text)
        if token.kind == "open":
            found = self.alternatives(depth + 1, field)
            if not self._next("close"):
                raise UsageError("The search opens a bracket that is not closed: close it, or put the words in quotes.")
            return found
        if token.kind in ("word", "phrase"):
            return f"{field or _ANYWHERE} : ({' OR '.join(_forms(token))})"
        raise UsageError("The search has two operators side by side, or one at its end: put words between them.")

    def _next(self, kind: str) -> bool:
        there = self.place < len(self.tokens) and self.tokens[self.place].kind == kind
        self.place += there
        return there


def _forms(token: _Token) -> list[str]:
    """Return what a token finds: itself, and for a plain word its plural or singular."""
    words = [token.text]
    if token.kind == "word" and not token.prefix and token.text.isalpha() and len(token.text) > 3:
        words += number_forms(token.text)
    return [f'"{word}"{"*" if token.prefix else ""} ' for word in words]
