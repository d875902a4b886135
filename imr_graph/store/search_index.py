"""The full-text index: an SQLite FTS5 database of what letters say, one entry for each row of the table.

Each entry says in which generation it came and went, as the catalog does: readers count what their generation holds,
and what was never published counts for nothing and is taken back by the next writer. What filters ask for (decision,
treatments, states ...) is indexed as marks beside the text, so that a filter costs no more than a word.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Final

from imr_graph.store.generations import present_in
from imr_graph.store.sqlite_files import connect_reading, translate_sqlite_errors
from imr_graph.table.dimensions import INDEXED
from imr_graph.table.rows import Row

__all__ = [
    "EVERY",
    "FIELDS",
    "NOT_STATED",
    "PRESENT",
    "has_unpublished",
    "index_damage",
    "mark_values",
    "open_reading",
    "passage_of",
    "translate_index_errors",
]

FIELDS: Final = ("heading", "rationale", "summary", "citations")
"""What is searched, in the order in which the index holds it."""

PRESENT: Final = (
    "words.rowid not in (select id from entry where came > :now union all select id from entry where went <= :now)"
)
"""The condition that a row of `words` belongs to the generation `:now`: the few that do not are looked up once."""

EVERY: Final = "every"
"""The dimension of the mark that each entry has."""

NOT_STATED: Final = ""
"""The value of a dimension where a row has none."""


@contextmanager
def open_reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open an index without writing to it, also on a disk that cannot be written.

    Raises StoreError where it cannot be read.
    """
    with translate_index_errors(file), closing(connect_reading(file)) as connection:
        yield connection


def translate_index_errors(file: Path) -> AbstractContextManager[None]:
    """Return what turns the database's refusals into a sentence about the index."""
    anew = f"make it anew with imr-graph reindex --store {file.parent.parent}"
    return translate_sqlite_errors(f"index {file}", f"check space and permissions, or {anew}", anew)


def has_unpublished(connection: sqlite3.Connection, generation: int) -> bool:
    """Say whether an index holds entries of generations after the published one."""
    sql = "select exists (select 1 from entry where came > ?)"
    return bool(connection.execute(sql, (generation,)).fetchone()[0])


def mark_values(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the dimensions and values by which a row is found."""
    yield EVERY, ""
    for dimension, of in INDEXED.items():
        held = [row[column] for column in of.indexed]
        if of.index_value:
            values = [of.index_value(value) for value in held if value is not None]
        else:
            values = [each for value in held for each in _values(dimension, value)]
        yield from ((dimension, value) for value in values or (NOT_STATED,))


def passage_of(row: Row) -> dict[str, str | None]:
    """Return what is searched of a row, by the names of `FIELDS`."""
    citations = [*(row["administrator_citations"] or ()), *(row["reviewer_citations"] or ())]
    said = {"heading": row["heading"], "rationale": row["rationale"], "summary": row["summary"]}
    return {**said, "citations": "\n".join(citations) or None}


def _values(dimension: str, value: object) -> list[str]:
    """Return the values of a column as the dimension writes them: years for dates, yes and no."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(value)[:4] if dimension == "year" else str(value)]


_ENTRIES = f"""
select e.id, e.decision, e.decided, {", ".join(f"p.{field}" for field in FIELDS)}, p.marks
from entry e join passage p on p.id = e.id
where e.key = :key and e.position is :position and {present_in("e")}
"""


def index_damage(file: Path, generation: int, rows: Iterable[Row]) -> str | None:
    """Return what is wrong with an index, as the end of a sentence, or None.

    `rows` are those of the table of a generation, which the index has to hold and no others.
    """
    try:
        with _open_checking(file) as connection:
            for (found,) in connection.execute("pragma integrity_check"):
                if found != "ok":
                    return f"is damaged ({' '.join(str(found).split())})"
            # With rank 1 the words are compared with the rows that they were taken from.
            connection.execute("insert into words (words, rank) values ('integrity-check', 1)")
            return _difference(connection, generation, rows)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return f"is damaged ({error})"


def _difference(connection: sqlite3.Connection, generation: int, rows: Iterable[Row]) -> str | None:
    marks = {f"x{id}": (name, value) for id, name, value in connection.execute("select id, dimension, value from mark")}
    seen = 0
    for row in rows:
        seen += 1
        values = {"key": row["case_key"], "position": row["position"], "now": generation}
        found = connection.execute(_ENTRIES, values).fetchall()
        expected = (row["decision"], row["decision_date"], *passage_of(row).values())
        said = [(entry[1:-1], Counter(marks.get(mark) for mark in entry[-1].split())) for entry in found]
        if said != [(expected, Counter(mark_values(row)))]:
            return f"does not say what the table says of {row['case_key']}"
    (held,) = connection.execute(
        f"select count(*) from entry where {present_in('entry')}", {"now": generation}
    ).fetchone()
    return None if held == seen else f"has {held:,} entries, and the table {seen:,} rows"


@contextmanager
def _open_checking(file: Path) -> Iterator[sqlite3.Connection]:
    """Open an index so that it can check itself, which is a way of writing: a copy where nobody may write."""
    with tempfile.TemporaryDirectory(prefix="imr-graph-") as temporary:
        if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
            file = Path(shutil.copy(file, temporary))
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            yield connection
            connection.rollback()
