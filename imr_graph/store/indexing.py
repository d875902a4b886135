"""The index of a generation in the making: rows come while it is not settled yet which letters will stay.

What is entered counts for nothing until the generation is published, so letters can be indexed while others are still
being read, and the few that give way in the end are taken out again. It is one transaction: a build that is killed
leaves nothing in an index that is being read, where the words of letters would count for the rank of others.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imr_graph.store import search_index as passages
from imr_graph.store import table_manifest as manifests
from imr_graph.store.generations import depart
from imr_graph.vocabulary import load

__all__ = ["Indexing", "begin_index"]


@dataclass(frozen=True)
class Indexing:
    """An index that rows are added to; one thread at a time may use it."""

    file: Path
    generation: int
    connection: sqlite3.Connection
    marks: passages.Marks

    def add(self, lines: bytes) -> None:
        """Index rows of the table, given as whole JSON lines (`lines.encoded`)."""
        with passages.translate_errors(self.file):
            rows = (json.loads(line) for line in lines.splitlines())
            passages.load(self.connection, self.generation, rows, self.marks)

    def drop(self, keys: Iterable[str]) -> None:
        """Take cases out that were added, by their keys."""
        with passages.translate_errors(self.file):
            passages.take_back(self.connection, self.generation, keys)

    def depart(self, went: Iterable[str]) -> None:
        """Let cases of generations before go, by their keys."""
        with passages.translate_errors(self.file):
            depart(self.connection, "entry", self.generation, went)


@contextmanager
def begin_index(path: Path, generation: int, *, anew: bool = False) -> Iterator[Indexing | None]:
    """Begin the index of a store's next generation, and close it when the block ends.

    `anew` says that the generation starts empty. Yields None where all of the index has to be made once it is known
    what the generation holds: the one before has none, or another vocabulary grouped it.
    """
    manifests.folder_of(path).mkdir(exist_ok=True)
    manifests.clear(path, generation)
    before = None if anew else manifests.read(path, generation - 1)
    if before is None and not anew and generation > 1:
        yield None
    elif before is None:
        with _open(manifests.fresh(path, f"search-{generation}", ".sqlite"), generation) as index:
            yield index
    elif before.vocabulary == load().version:
        with _open(manifests.folder_of(path) / before.search, generation) as index:
            yield index
    else:
        yield None


@contextmanager
def _open(file: Path, generation: int) -> Iterator[Indexing]:
    with passages.open_index(file) as connection:
        passages.begin(connection, generation)
        connection.commit()
        yield Indexing(file, generation, connection, passages.Marks(connection))
