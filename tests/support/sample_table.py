"""Stores with tables for tests: letters of a generated corpus, and a store that is kept together with its tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from corpus import generate

from imr_graph.model import Determination
from imr_graph.records import from_record
from imr_graph.store import follow
from imr_graph.store.changes import add, remove
from imr_graph.store.graph_store import open_store
from imr_graph.store.policy import Changes
from imr_graph.store.search_index import FIELDS, PRESENT
from imr_graph.store.table import open_table
from support.sample_world import with_reasons


@cache
def generated(number: int, seed: int = 3) -> tuple[Determination, ...]:
    """Return determinations of generated letters, those that are not damaged."""
    letters = (letter for letter in generate(number, seed) if letter.record is not None and letter.damage is None)
    return tuple(
        with_reasons(
            replace(
                from_record(letter.record or {}),
                source=f"{letter.name}.txt",
                sha256=hashlib.sha256(letter.text.encode()).hexdigest(),
                layout=letter.layout,
            )
        )
        for letter in letters
    )


def put(store: Path, determinations: Iterable[Determination], **options: Any) -> Changes:
    """Add determinations to a store."""
    return add(store, determinations, **options)


def take(store: Path, name: str) -> Changes:
    """Remove a letter from a store."""
    return remove(store, name)


def held(store: Path) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return all that a store's table and index hold of the current generation, in one order."""
    opened = open_store(store)
    with open_table(opened) as table:
        rows = table.rows("select * from living order by case_key, position")
        rows = [row[:-1] for row in rows]  # without the generation that it came with
    with follow.open_index(opened) as index:
        marks = {f"x{id}": (d, value) for id, d, value in index.execute("select id, dimension, value from mark")}
        sql = (
            f"select e.key, e.position, e.decision, e.decided, {', '.join(f'p.{field}' for field in FIELDS)}, p.marks "
            f"from words join entry e on e.id = words.rowid join passage p on p.id = words.rowid where {PRESENT} "
            "order by 1, 2"
        )
        found = index.execute(sql, {"now": opened.generation})
        entries = [(*row[:-1], sorted(marks[mark] for mark in row[-1].split())) for row in found]
    return rows, entries


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Take away the right to write in a folder and below it."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in reversed(paths):
        path.chmod(modes[path] & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
