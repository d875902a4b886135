"""The triples of each letter as text, in the catalog of a store: what exports are made of.

The graph's database looks up the text of every term that it writes, which takes most of the time of an export. So the
lines that a letter was loaded from are kept too, packed, under the key of its case and the generation it came with, as
the letter itself is in the catalog. They say nothing that the graph does not: where they are missing or damaged, it is
asked.
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from imr_graph import iris
from imr_graph.errors import StoreError, ToolError
from imr_graph.graph.resolver import vocabulary_text
from imr_graph.store.catalog import reading, writing
from imr_graph.store.failures import translate_errors
from imr_graph.store.generations import PRESENT, present_in
from imr_graph.store.packing import DAMAGED, unpack
from imr_graph.vocabulary import load_version

__all__ = ["StoredTriples", "drop", "forget", "keep", "list_damaged", "vocabulary_file"]

_BATCH: Final = 500  # letters that are written at one time
_READ: Final = f"""
select t.packed from letter l left join triples t on t.key = l.key and t.came = l.came
where l.key = :key and {present_in("l")}
"""
_PRESENT: Final = f"""
select t.key, t.packed from triples t join letter l on t.key = l.key and t.came = l.came where {present_in("l")}
"""


@dataclass(frozen=True, slots=True)
class StoredTriples:
    """The triples of a generation's letters; see `graph.readable.LetterTriples`."""

    store: Path
    base: str
    generation: int
    version: str

    def vocabulary(self) -> bytes:
        """Return the lines of the vocabularies that the generation holds, as N-Triples."""
        file = vocabulary_file(self.store, self.version)
        if self.version == load_version() or not file.is_file():
            return vocabulary_text()
        with translate_errors(self.store):
            return gzip.decompress(file.read_bytes())

    def keys(self, *, by_digest: bool = False) -> Iterator[str]:
        """Yield the keys of all cases in the order of their IRIs, or of the digests of their letters."""
        with reading(self.store) as connection:
            if connection:
                connection.create_function("iri", 1, partial(iris.case_iri, base=self.base), deterministic=True)
                order = "sha256" if by_digest else "iri(key)"
                sql = f"select key from letter where {PRESENT} order by {order}"
                yield from (key for (key,) in connection.execute(sql, {"now": self.generation}))

    def read(self, keys: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield each of some keys with the lines of its letter; None where they were not kept or are damaged.

        Raises StoreError where the store does not hold the letters any more.
        """
        with reading(self.store) as connection:
            has_triples = connection is not None and _has_table(connection)
            for key in keys:
                row = (None,)
                if connection is not None and has_triples:
                    row = connection.execute(_READ, {"key": key, "now": self.generation}).fetchone()
                if row is None:
                    raise StoreError(f"The store {self.store} was changed meanwhile: export it again.")
                yield key, None if row[0] is None else _unpack(row[0])


def _has_table(connection: sqlite3.Connection) -> bool:
    """Say whether a catalog has the table: one of an earlier version lacks it until it is next written."""
    return connection.execute("select 1 from sqlite_master where name = 'triples'").fetchone() is not None


def _unpack(packed: bytes) -> bytes | None:
    try:
        return unpack(packed)
    except (*DAMAGED, TypeError, ToolError):
        return None


def keep(store: Path, generation: int, letters: Iterable[tuple[str, bytes]]) -> None:
    """Keep the triples of letters that come with a generation, given as the key of the case and what `pack` made.

    The caller is the store's one writer. Raises StoreError where they cannot be written.
    """
    iterator = iter(letters)
    sql = "insert or replace into triples (key, came, packed) values (?, ?, ?)"
    with writing(store) as connection:
        while batch := [(key, generation, packed) for key, packed in islice(iterator, _BATCH)]:
            with connection:
                connection.executemany(sql, batch)


def forget(store: Path, generation: int) -> None:
    """Delete what was kept for a generation that was never published, and later ones."""
    with writing(store) as connection, connection:
        connection.execute("delete from triples where came >= ?", (generation,))


def drop(store: Path, keys: Sequence[str]) -> None:
    """Delete the triples of some letters, by the keys of their cases; those of all where none is named."""
    with writing(store) as connection, connection:
        if keys:
            connection.executemany("delete from triples where key = ?", ((key,) for key in keys))
        else:
            connection.execute("delete from triples")


def list_damaged(store: Path, generation: int) -> Iterator[str]:
    """Yield the keys of the letters of a generation whose triples are not as they were written."""
    with reading(store) as connection:
        if connection is not None and _has_table(connection):
            for key, packed in connection.execute(_PRESENT, {"now": generation}):
                if _unpack(packed) is None:
                    yield key


def vocabulary_file(store: Path, version: str) -> Path:
    """Return the file of a store that has the triples of the vocabularies of a version."""
    return store / "vocabularies" / f"{version}.nt.gz"
