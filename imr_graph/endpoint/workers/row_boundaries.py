"""Rows in written answers: where they end, so that an answer can be cut after a whole row.

Oxigraph writes answers much faster than Python could row by row, so rows are counted in what it wrote. The
delimiters of rows cannot stand inside a value, because each format escapes them there; only CSV lets line ends stand
in quotes, so quotes are counted too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

__all__ = ["BOUNDARIES", "RowBoundaries"]


class RowBoundaries(Protocol):
    """Where rows end in one format."""

    def ends(self, text: bytes) -> Iterator[int]:
        """Yield the offset after each row that another row follows."""

    def count(self, text: bytes) -> int:
        """Return how many offsets `ends` would yield."""

    def last(self, text: bytes) -> int:
        """Return the last offset that `ends` would yield, or -1."""

    def opening(self, text: bytes) -> int:
        """Return the offset where the first row begins, or -1 where it has not come yet."""

    def closing(self) -> bytes:
        """Return what ends a document after a row, or after its opening."""


@dataclass(frozen=True)
class _DelimiterBoundaries:
    """Rows divided by a fixed delimiter: `kept` bytes of it belong to the row before.

    `not_before` are bytes that, following the delimiter, show it to be part of a value.
    """

    delimiter: bytes
    kept: int
    start: bytes
    end: bytes
    not_before: tuple[bytes, ...] = ()

    def ends(self, text: bytes) -> Iterator[int]:
        at = text.find(self.delimiter)
        while at >= 0:
            if self._is_boundary(text, at):
                yield at + self.kept
            at = text.find(self.delimiter, at + 1)

    def count(self, text: bytes) -> int:
        found = text.count(self.delimiter)
        if self.not_before:
            found -= sum(text.count(self.delimiter + byte) for byte in self.not_before) + text.endswith(self.delimiter)
        return found

    def last(self, text: bytes) -> int:
        at = text.rfind(self.delimiter)
        while at >= 0 and not self._is_boundary(text, at):
            at = text.rfind(self.delimiter, 0, at + len(self.delimiter) - 1)
        return at + self.kept if at >= 0 else -1

    def opening(self, text: bytes) -> int:
        at = text.find(self.start)
        return at + len(self.start) if at >= 0 else -1

    def closing(self) -> bytes:
        return self.end

    def _is_boundary(self, text: bytes, at: int) -> bool:
        if not self.not_before:
            return True
        following = text[at + len(self.delimiter) : at + len(self.delimiter) + 1]
        return bool(following) and following not in self.not_before


@dataclass(frozen=True)
class _LineBoundaries:
    """Rows on lines that end in a line feed, which values spell otherwise (TSV)."""

    def ends(self, text: bytes) -> Iterator[int]:
        at = text.find(b"\n")
        while 0 <= at < len(text) - 1:
            yield at + 1
            at = text.find(b"\n", at + 1)

    def count(self, text: bytes) -> int:
        return text.count(b"\n", 0, max(len(text) - 1, 0))

    def last(self, text: bytes) -> int:
        return text.rfind(b"\n", 0, max(len(text) - 1, 0)) + 1 or -1

    def opening(self, text: bytes) -> int:
        return text.find(b"\n") + 1 or -1

    def closing(self) -> bytes:
        return b""


@dataclass(frozen=True)
class _QuotedLineBoundaries(_LineBoundaries):
    """Rows on lines, where a quoted value may hold line ends (CSV, RFC 4180); text begins outside of quotes."""

    def ends(self, text: bytes) -> Iterator[int]:
        at = 0
        for position, piece in enumerate(text.split(b'"')):
            if position % 2 == 0:
                for end in super().ends(piece + b"."):
                    if at + end < len(text):
                        yield at + end
            at += len(piece) + 1

    def count(self, text: bytes) -> int:
        if b'"' not in text:
            return super().count(text)
        return sum(1 for _ in self.ends(text))

    def last(self, text: bytes) -> int:
        if b'"' not in text:
            return super().last(text)
        return max(self.ends(text), default=-1)


# JSON: `}},{"` divides rows unless a value ends in `}},{`: then its closing quote is followed by a comma or a brace.
# A row without any value (`{}`) is not told apart from the row before it.
BOUNDARIES: Final[dict[str, RowBoundaries]] = {
    "json": _DelimiterBoundaries(b'}},{"', 2, b'"bindings":[', b"]}}", (b",", b"}")),
    "xml": _DelimiterBoundaries(b"</result><result>", 9, b"<results>", b"</results></sparql>"),
    "csv": _QuotedLineBoundaries(),
    "tsv": _LineBoundaries(),
}
