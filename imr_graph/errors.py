"""The errors of the product, one tree.

ImrGraphError                  anything a user can be told in one sentence
├── UsageError                 wrong request: unknown name, contradictory options            exit 2
│   └── UnknownNameError       a query, format, guideline ... that does not exist; carries near names
├── LetterError                one input cannot be read or understood                        exit 1 (--strict)
│   ├── UnreadableError        the file, its encoding, archive or PDF cannot be read
│   ├── NoTextError            a PDF without a text layer: needs OCR
│   ├── NotALetterError        readable, but not an IMR determination
│   └── OverLimitError         reading it takes more time or memory than one letter may
├── NonconformingError         the data does not conform to the shapes                       exit 1
├── StoreError                 the store is missing, locked, of another version, not writable exit 3
└── ToolError                  the tool itself failed                                        exit 3
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

__all__ = [
    "ImrGraphError",
    "LetterError",
    "NoTextError",
    "NonconformingError",
    "NotALetterError",
    "OverLimitError",
    "StoreError",
    "ToolError",
    "UnknownNameError",
    "UnreadableError",
    "UsageError",
]


_NEAR: Final = 3  # names that are offered


class ImrGraphError(Exception):
    """Anything that a user can be told in one sentence; the sentence carries the way out."""

    exit_code = 3


class UsageError(ImrGraphError, ValueError):
    """The request itself is wrong: an unknown name, contradictory options, a malformed value."""

    exit_code = 2


class UnknownNameError(UsageError, LookupError):
    """A name that does not exist, with the nearest ones that do, whatever their case."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        folded: dict[str, str] = {}
        for each in known:
            folded.setdefault(each.casefold(), each)
        wanted = name.casefold()
        found = difflib.get_close_matches(wanted, folded, n=_NEAR, cutoff=0.5)
        near = [folded[each] for each in found or [each for each in folded if f" {wanted} " in f" {each} "][:_NEAR]]
        hint = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        super().__init__(f"There is no {kind} {name!r}.{hint}")
        self.kind, self.name, self.near = kind, name, tuple(near)


class LetterError(ImrGraphError):
    """One input cannot become a determination.

    `source` names the input as the user did; `reason` says what is wrong and what to do.
    """

    exit_code = 1

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source, self.reason = source, reason

    def __reduce__(self) -> tuple[type[LetterError], tuple[str, str]]:
        """Errors travel from worker processes, so they must survive pickling."""
        return type(self), (self.source, self.reason)


class UnreadableError(LetterError, OSError):
    """The file, its encoding, its archive or its PDF structure cannot be read."""


class NoTextError(LetterError):
    """A PDF whose pages carry no text: it needs optical character recognition first."""


class NotALetterError(LetterError):
    """Text that is readable but holds no IMR determination, or only part of one."""


class OverLimitError(LetterError):
    """A letter that takes more time or memory to read than one letter may."""


class NonconformingError(ImrGraphError):
    """The data does not conform to the shapes."""

    exit_code = 1


class StoreError(ImrGraphError):
    """The store is missing, locked by another writer, of another version or not writable."""


class ToolError(ImrGraphError):
    """The tool failed through no fault of the input."""
