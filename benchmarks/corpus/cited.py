"""One citation of a record, and the pages that a printed list of pages names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["Cited", "cited", "expand_pages"]

Cited = dict[str, Any]


def cited(
    basis: str,
    guideline: str,
    text: str,
    sections: Iterable[str] = (),
    pages: Iterable[int] = (),
    chapter: str | None = None,
) -> Cited:
    """Return one citation in the shape of the gold files."""
    return {
        "basis": basis,
        "guideline": guideline,
        "chapter": chapter,
        "sections": list(sections),
        "pages": list(pages),
        "text": text,
    }


def expand_pages(printed: str) -> list[int]:
    """Return the pages of a printed list: "76, 78-80" is 76, 78, 79, 80."""
    pages: list[int] = []
    for part in printed.split(", "):
        first, _, last = part.partition("-")
        pages.extend(range(int(first), int(last or first) + 1))
    return pages
