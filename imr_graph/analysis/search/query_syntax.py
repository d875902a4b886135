"""From what a user types into a search to an expression of the full-text index.

Words side by side have all to be there; `OR` and brackets make alternatives; `NOT word` or `-word` excludes; "words in
quotes" stand together as they are; `word*` is any word that begins so; `rationale:word` looks in one field. A plain
word also finds its plural and singular, which quotes switch off.

Words that name something (`meaning`) find what asks for it before what only mentions it, unless they stand in quotes
or a field. `name:value` filters by a dimension (`decision:overturned`, `treatment:"spinal fusion"`, `year:2017`).

Each word reaches the index between quotation marks, so that nothing a user types is read as its syntax.

>>> print(parse_query('opioid* -"opioid naive"').found.match.split(" : ", 1)[1])
("opioid"* ) NOT {heading rationale summary citations} : ("opioid naive" ))
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from imr_graph.analysis.search.words import AMOUNT_WORDS, EMPTY_WORDS, number_forms
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.graph.literals import replace_surrogates
from imr_graph.store.search_index import FIELDS
from imr_graph.table.dimensions import INDEXED

__all__ = [
    "Expression", "Filter", "Query", "Understand", "Unit",
    "join_expressions", "parse_query", "words_expression",
]  # fmt: skip

_UNITS: Final = ("word", "name", "phrase", "filter", "amount")
_MOST_WORDS: Final = 64
_DEEPEST: Final = 20
_ANYWHERE: Final = "{" + " ".join(FIELDS) + "}"
# A token: an excluding hyphen (before a word, after a space), a field, a filter, a phrase, a bracket, or a word up to a
# space, bracket or quotation mark.
_TOKEN: Final = re.compile(
    r"(?P<minus>(?<!\S)-(?=[\w\"(]))"
    rf"|(?P<field>(?:{'|'.join(FIELDS)}):)"
    r"|(?<![\w.:/])(?P<filter>[A-Za-z][A-Za-z-]{2,30}):(?:(?P<value>[^\s()\"/]+)|\"(?P<quoted>[^\"]*)\")"
    r"|\"(?P<phrase>[^\"]*)\"(?P<phrase_star>\*?)"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<word>[^\s()\"]+)"
    r"|(?P<quote>\")"
)
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\0": " "})


class Expression(NamedTuple):
    """Two expressions of the index: what fits, and what of it is asked for rather than mentioned."""

    match: str
    asked: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, phrase or name that has to be there: its expression, what was typed, and whether it names something."""

    found: Expression
    written: str
    named: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A search as the index is asked; `units` are what stands side by side, none where operators join or exclude."""

    found: Expression
    units: tuple[Unit, ...] = ()


Understand: TypeAlias = Callable[[Sequence[str]], list[tuple[int, int, Expression]]]
"""From words side by side to the names in them: the first word of each, the one behind its last, its expression."""

Filter: TypeAlias = Callable[[str, str], str]
"""From a dimension and a value as it was written to an expression of the index."""


def parse_query(
    text: str, *, every: str = "", understand: Understand | None = None, mark: Filter | None = None
) -> Query | None:
    """Return what to ask of the index for a search; None where the text holds nothing to search for.

    `every` is the mark that each entry has, for a search that only excludes; without `understand` words are words, and
    without `mark` filters are looked at but not resolved. Raises UsageError, saying what is wrong, for a search that
    cannot be understood, UnknownNameError for a field that there is not.
    """
    tokens = _tokens(text)
    if not tokens:
        if text.strip():
            raise UsageError(f"The search {text.strip()!r} holds no word to look for.")
        return None
    parser = _Parser(_name_runs(tokens, understand) if understand else tokens, every, mark)
    found = parser.alternatives(0)
    if parser.place < len(parser.tokens):
        raise UsageError("The search closes a bracket that was not opened: take it out, or put the words in quotes.")
    plain = all(token.kind in _UNITS for token in parser.tokens)
    return Query(found, tuple(parser.units) if plain else ())


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str = ""
    prefix: bool = False
    found: tuple[Expression, ...] = ()  # of a name
    value: str = ""  # of a filter


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(replace_surrogates(text).translate(_QUOTES)):
        kind = match.lastgroup or ""
        if kind == "quote":
            raise UsageError("The search opens a quotation mark that is not closed: close it, or take it out.")
        if kind in ("phrase", "phrase_star"):
            found = _Token("phrase", match["phrase"], match["phrase_star"] == "*")
        elif kind in ("value", "quoted"):
            found = _Token("filter", match["filter"].lower(), value=match["value"] or match["quoted"])
            if found.text not in INDEXED:
                raise UnknownNameError("field of searches", found.text, [*INDEXED, *FIELDS])
        elif kind == "word" and match["word"] in ("AND", "OR", "NOT"):
            found = _Token(match["word"])
        elif kind == "word":
            found = _Token("word", match["word"].rstrip("*"), match["word"].endswith("*"))
        else:
            found = _Token(kind, match[0].removesuffix(":"))
        # What has no letter or digit is no word of the index ("&", "#").
        if found.kind not in ("word", "phrase") or _is_word(found.text):
            tokens.append(found)
    if sum(token.kind in ("word", "phrase", "filter") for token in tokens) > _MOST_WORDS:
        raise UsageError(f"The search has more than {_MOST_WORDS} words: leave the common ones out.")
    return tokens


def _name_runs(tokens: Sequence[_Token], understand: Understand) -> list[_Token]:
    """Return the tokens with the names in each run of plain words as one token; what follows a field stays words."""
    named: list[_Token] = []
    run: list[_Token] = []
    for before, token in zip((_Token(""), *tokens), (*tokens, _Token("")), strict=True):
        plain = token.kind == "word" and not token.prefix and before.kind not in ("field", "NOT", "minus")
        if plain:
            run.append(token)
            continue
        named += _name_run(run, understand)
        run = []
        named.append(token)
    return named[:-1]


def _name_run(run: Sequence[_Token], understand: Understand) -> list[_Token]:
    words = [token.text for token in run]
    tokens: list[_Token] = []
    place = 0
    for first, last, found in understand(words) if words else ():
        if first < place:  # two names in the same words ("lumbar ESI")
            before = tokens[-1]
            last = max(last, place)
            written = " ".join([before.text, *words[place:last]])
            tokens[-1] = replace(before, text=written, found=(*before.found, found))
        else:
            tokens += run[place:first]
            tokens.append(_Token("name", " ".join(words[first:last]), found=(found,)))
        place = last
    tokens += run[place:]
    named = any(token.kind == "name" for token in tokens)
    telling = any(not _is_empty(token) for token in tokens)
    return [
        replace(token, kind="amount") if (named and _is_amount(token)) or (telling and _is_empty(token)) else token
        for token in tokens
    ]


def _is_amount(token: _Token) -> bool:
    """Tell whether a word says how much: beside a name it says which request is nearest, and no more."""
    return token.kind == "word" and (any(c.isdigit() for c in token.text) or token.text.lower() in AMOUNT_WORDS)


def _is_empty(token: _Token) -> bool:
    """Tell whether a word says nothing by itself: beside others it need not be there."""
    return token.kind == "word" and token.text.lower() in EMPTY_WORDS


class _Parser:
    """A recursive descent over the tokens; `place` is the next one, `units` are all words and names read so far."""

    def __init__(self, tokens: Sequence[_Token], every: str, mark: Filter | None) -> None:
        self.tokens, self.every, self.mark, self.place = tokens, every, mark, 0
        self.units: list[Unit] = []

    def alternatives(self, depth: int, field: str | None = None) -> Expression:
        if depth > _DEEPEST:
            raise UsageError(f"The search has more than {_DEEPEST} brackets within each other: write it more simply.")
        found = [self._together(depth, field)]
        while self._next("OR"):
            found.append(self._together(depth, field))
        return join_expressions(found, "OR")

    def _together(self, depth: int, field: str | None) -> Expression:
        """Read what stands side by side: all of it has to be there, but what is excluded."""
        wanted: list[Expression] = []
        excluded: list[Expression] = []
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
        both = join_expressions(wanted) if wanted else Expression(*2 * (f"marks : {self.every}",))
        left_out = "".join(f" NOT {each.match}" for each in excluded)
        return Expression(*(f"({each}{left_out})" for each in both)) if excluded else both

    def _unit(self, depth: int, field: str | None) -> Expression:
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
        if token.kind not in _UNITS:
            raise UsageError("The search has two operators side by side, or one at its end: put words between them.")
        found = self._expression(token, field)
        self.units.append(Unit(found, token.text, token.kind in ("name", "filter", "amount")))
        return found

    def _expression(self, token: _Token, field: str | None) -> Expression:
        if token.kind == "name":
            return join_expressions(token.found)
        if token.kind == "filter":
            return Expression(*2 * (self.mark(token.text, token.value) if self.mark else "",))
        words = f"{field or _ANYWHERE} : ({' OR '.join(_forms(token))})"
        return Expression(*2 * (f"({words} OR marks : {self.every})" if token.kind == "amount" else words,))

    def _next(self, kind: str) -> bool:
        there = self.place < len(self.tokens) and self.tokens[self.place].kind == kind
        self.place += there
        return there


def join_expressions(found: Sequence[Expression], operator: str = "AND") -> Expression:
    """Return the expression for all of some, or with "OR" for any of them."""
    if len(found) == 1:
        return found[0]
    return Expression(*(f"({f' {operator} '.join(each)})" for each in zip(*found, strict=True)))


def words_expression(words: str, *, together: bool = False) -> str:
    """Return the expression for words that all have to be there, each in any field; or `together`, as they stand."""
    if together:
        return f"{_ANYWHERE} : {_forms(_Token('phrase', words))[0]}"
    found = [f"{_ANYWHERE} : ({' OR '.join(_forms(_Token('word', word)))})" for word in words.split() if _is_word(word)]
    return f"({' AND '.join(found)})" if len(found) > 1 else "".join(found)


def _is_word(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _forms(token: _Token) -> list[str]:
    """Return what a token finds: itself, and for a plain word its plural or singular; "TENS" is an acronym."""
    words = [token.text]
    plain = token.kind == "word" and not token.prefix and not token.text.isupper()
    if plain and token.text.isalpha() and len(token.text) > 3:
        words += number_forms(token.text)
    return [f'"{word}"{"*" if token.prefix else ""} ' for word in words]
