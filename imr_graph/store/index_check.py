"""Whether the full-text index says what the table says: its rows are compared, and its words with its rows."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from imr_graph.store.generations import PRESENT
from imr_graph.store.search_index import FIELDS, mark_values, passage_of
from imr_graph.table.rows import Row

__all__ = ["index_damage"]

_ENTRIES = f"""
select e.id, e.decision, e.decided, {", ".join(f"p.{field}" for field in FIELDS)}, p.marks
from entry e join passage p on p.id = e.id
where e.key = :key and e.position is :position and {PRESENT.replace("came", "e.came").replace("went", "e.went")}
"""


def index_damage(file: Path, generation: int, rows: Iterable[Row]) -> str | None:
    """Return what is wrong with an index, as the end of a sentence, or None.

    `rows` are those of the table of a generation, which the index has to hold and no others.
    """
    try:
        with _open_index(file) as connection:
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
    (held,) = connection.execute(f"select count(*) from entry where {PRESENT}", {"now": generation}).fetchone()
    return None if held == seen else f"has {held:,} entries, and the table {seen:,} rows"


@contextmanager
def _open_index(file: Path) -> Iterator[sqlite3.Connection]:
    """Open an index so that it can check itself, which is a way of writing: a copy where nobody may write."""
    with tempfile.TemporaryDirectory(prefix="imr-graph-") as temporary:
        if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
            file = Path(shutil.copy(file, temporary))
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            yield connection
            connection.rollback()
