"""Adding letters to a store, with its table, its index and its texts in step.

What has to happen is settled first, against the store as it is (`policy`); only if something has to happen does a
change begin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from imr_graph.graph.resolver import NameResolver, default_resolver
from imr_graph.model import Determination, Letter
from imr_graph.store import catalog, texts
from imr_graph.store.follow import record
from imr_graph.store.graph_store import GraphStore, HeldStore, write_store
from imr_graph.store.policy import Changes, apply_changes, plan_changes

__all__ = ["add"]


def add(
    target: GraphStore | Path | str,
    determinations: Iterable[Determination],
    *,
    keep_both: bool = False,
    base: str | None = None,
    names: NameResolver | None = None,
    letters: Iterable[Letter] = (),
) -> Changes:
    """Put determinations into a store in memory, or into one on disk (by its path; made where there is none).

    Of two letters with one case number and different content the one decided last stays (`store.policy`), unless
    `keep_both`; whether it came before or comes now makes no difference. On disk all of it becomes visible at once,
    as the next generation, or nothing does; table and index follow. `base` is for a store that is made. `letters` are
    those that the determinations were read from: a store on disk keeps their texts, so
    that facts can be shown where they stand. Raises StoreError where the store cannot be written.

    >>> from imr_graph.store.graph_store import memory_store
    >>> add(memory_store(), []).changed
    False
    """
    names = names or default_resolver()
    if isinstance(target, GraphStore):
        plan = plan_changes(target.database, target.base, determinations, keep_both, names)
        apply_changes(target.database, plan)
        return plan.changes()
    with write_store(target, base=base) as writing:
        changes = _add(writing, determinations, keep_both, names)
        texts.keep(writing.path, ((letter.sha256, texts.pack(letter.text)) for letter in letters))
        texts.tidy(writing.path, changes.generation)
        return changes


def _add(writing: HeldStore, determinations: Iterable[Determination], keep_both: bool, names: NameResolver) -> Changes:
    current = writing.current.database if writing.current else ox.Store()
    plan = plan_changes(current, writing.base, determinations, keep_both, names)
    before = writing.manifest.generation if writing.manifest else 0
    if not (plan.pending or plan.dropped) and writing.current:
        return replace(plan.changes(), generation=before)
    with writing.next() as draft:
        draft.went += sorted(plan.dropped)
        draft.came += plan.entries()
        catalog.forget_removed(writing.path, draft.came)
        apply_changes(draft.graph, plan)
        record(writing.path, before + 1, plan.coming(), draft.went)
    return replace(plan.changes(), generation=before + 1)
