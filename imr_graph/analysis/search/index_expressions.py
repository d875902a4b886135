"""Names and filters as expressions of the full-text index, which has a mark for each value of a dimension."""

from __future__ import annotations

import sqlite3
from bisect import bisect
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, islice
from typing import Final

from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.search.meaning import SearchTerm, correct_words, find_terms, other_names
from imr_graph.analysis.search.query_syntax import Expression, words_expression
from imr_graph.vocabulary import normalise

__all__ = ["NOTHING", "filter_expression", "find_mark", "name_concepts"]

NOTHING: Final = "marks : x0"
"""What no entry has: marks are numbered from 1."""

_MOST_NAMES: Final = 4
_PRINTED: Final = "select 1 from words where words match ? limit 1"


def name_concepts(
    index: sqlite3.Connection, terms: list[SearchTerm], written: Sequence[str]
) -> list[tuple[int, int, Expression]]:
    """Return the names in words side by side as expressions of the index; each name is added to `terms`."""
    words = correct_words(written, lambda word: bool(index.execute(_PRINTED, (f'"{word}"',)).fetchone()))
    begins = [0, *accumulate(len(word) + 1 for word in words)]
    found = []
    for start, end, term in find_terms(" ".join(words)):
        first, last = bisect(begins, start) - 1, bisect(begins, end - 1)
        terms.append(replace(term, written=" ".join(written[first:last]), also=_printed_names(index, term)))
        asked = _requests_expression(index, term)
        mention = words_expression(" ".join(words[first:last]), together=term.phrase)
        both = asked or NOTHING if term.strict else f"({asked} OR {mention})" if asked else mention
        found.append((first, last, Expression(both, asked or both)))
    return found


def _printed_names(index: sqlite3.Connection, term: SearchTerm) -> tuple[str, ...]:
    """Return some other names of what a term names, such as headings print."""
    short = (name for name in other_names(term) if " " not in name and normalise(name))
    printed = (name for name in short if index.execute(_PRINTED, (f'heading : "{normalise(name)}"',)).fetchone())
    return tuple(islice(printed, _MOST_NAMES))


def _requests_expression(index: sqlite3.Connection, term: SearchTerm) -> str:
    """Return the expression for the items that have what a term names; empty where the store has none."""
    either = []
    for facts in term.values:
        marks = [find_mark(index, dimension, id) for dimension, id in facts]
        if all(marks):
            either.append(f"({' AND '.join(mark for mark in marks if mark)})")
    return f"marks : ({' OR '.join(either)})" if either else ""


def filter_expression(index: sqlite3.Connection, filters: Filters) -> str | None:
    """Return the expression for filters, empty where there are none; None where nothing can fit."""
    parts = []
    for name, ids in filters.values:
        marks = [mark for id in ids if (mark := find_mark(index, name, id or ""))]
        if not marks:
            return None
        parts.append(f"marks : ({' OR '.join(marks)})")
    if filters.since or filters.until:
        # The years are found by their marks; days are compared, entry by entry, only where a year is not whole.
        years = _years(index, filters)
        if not years:
            return None
        parts.append(f"marks : ({' OR '.join(years)})")
    return " AND ".join(parts)


def find_mark(index: sqlite3.Connection, dimension: str, value: str) -> str | None:
    """Return the mark of a dimension's value as a word of the index; None where no entry has it."""
    sql = "select id from mark where dimension = ? and value = ?"
    found = index.execute(sql, (dimension, value)).fetchone()
    return f"x{found[0]}" if found else None


def _years(index: sqlite3.Connection, filters: Filters) -> list[str]:
    first, last = (filters.since or "0000")[:4], (filters.until or "9999")[:4]
    sql = "select id from mark where dimension = 'year' and value between ? and ?"
    return [f"x{id}" for (id,) in index.execute(sql, (first, last))]
