"""From a settled work list to the next generation of the store.

Most letters are in it already (`ahead`). Those of them that give way leave, what the store had and gives way leaves,
and the letters that had to wait come. A load of some shards is one bulk load.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress

from imr_graph.builder import early_loading as ahead
from imr_graph.builder import source_cache
from imr_graph.builder.portions import portions
from imr_graph.builder.versions import Versions
from imr_graph.builder.writer import Making
from imr_graph.errors import StoreError
from imr_graph.graph.resolver import NameResolver
from imr_graph.store import follow, texts
from imr_graph.store.catalog import Entry
from imr_graph.store.generations import translate_errors
from imr_graph.store.graph_store import open_store

__all__ = ["publish_changes"]


def publish_changes(
    making: Making, plan: sqlite3.Connection, versions: Versions, names: NameResolver, tick: Callable[[int], object]
) -> int:
    """Publish the generation that the fates in a work list make, and return its number.

    `tick` is told how many letters are loaded so far. All becomes visible at once, or nothing does.
    """
    store, generation = making.writing.path, making.generation
    staying = "select exists (select 1 from stored s where not exists (select 1 from gone g where g.key = s.key))"
    begun = making.begin(anew=not plan.execute(staying).fetchone()[0])
    with translate_errors(store):
        making.wait(begun, lambda: tick(making.loaded))
        making.give_way(begun, ahead.fallen(plan))
        if not begun.anew:
            making.go(begun, (key for (key,) in plan.execute("select key from gone order by key").fetchall()))
        for portion in ahead.waiting(plan):
            making.come(begun, portion)
            tick(making.loaded)
        making.wait(begun, lambda: tick(making.loaded))
        making.finish(begun)
        begun.draft.many = _entries(plan, versions)
        source_cache.remember_superseded(plan, generation)
        kept = follow.record_lines(
            store,
            generation,
            (portion.rows(making.folder) for portion in portions(plan, "fate = 'load'")),
            begun.draft.went,
            anew=begun.anew,
            indexed=begun.index.file if begun.index else None,
        )
    making.publish()
    with suppress(StoreError):  # on a full disk the next build deletes them
        texts.tidy(store, generation)
    if not kept:  # the store comes from a version that kept no table
        follow.derive(open_store(store), store, names=names)
    return generation


def _entries(plan: sqlite3.Connection, versions: Versions) -> Iterator[Entry]:
    rows = plan.execute(
        "select coalesce(own_key, key), sha256, source, digest, number, decided from letter "
        "where fate = 'load' order by 1"
    )
    for key, sha256, source, digest, number, decided in rows:
        yield Entry(key, sha256, source, digest, versions.software, versions.vocabulary, number, decided)
