"""Adding letters to a store and taking them out, with its table, its index and its texts in step.

What has to happen is settled first, against the store as it is (`policy`); only if something has to happen does a
change begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph.cases import case_of_letter, cases_of_number, has_case, key_of, remove_case, remove_unused_nodes
from imr_graph.graph.resolver import NameResolver, default_resolver
from imr_graph.model import Determination, Letter
from imr_graph.store import catalog, texts
from imr_graph.store.follow import record
from imr_graph.store.graph_store import GraphStore, Writing, cases, open_store, write_store
from imr_graph.store.policy import ChangePlan, Changes, plan_changes

__all__ = ["add", "remove"]


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
        _apply(target.database, plan)
        return plan.changes()
    with write_store(target, base=base) as writing:
        changes = _add(writing, determinations, keep_both, names)
        texts.keep(writing.path, ((letter.sha256, texts.packed(letter.text)) for letter in letters))
        texts.tidy(writing.path, changes.generation)
        return changes


def _add(writing: Writing, determinations: Iterable[Determination], keep_both: bool, names: NameResolver) -> Changes:
    current = writing.current.database if writing.current else ox.Store()
    plan = plan_changes(current, writing.base, determinations, keep_both, names)
    before = writing.manifest.generation if writing.manifest else 0
    if not (plan.pending or plan.dropped) and writing.current:
        return replace(plan.changes(), generation=before)
    with writing.next() as draft:
        draft.went += sorted(plan.dropped)
        draft.came += plan.entries()
        _apply(draft.graph, plan)
        record(writing.path, before + 1, plan.coming(), draft.went)
    return replace(plan.changes(), generation=before + 1)


def remove(target: GraphStore | Path | str, name: str, *, names: NameResolver | None = None) -> Changes:
    """Take a letter out of a store: all letters of a case number, one case by its key, or one letter by its digest.

    Table, index and texts follow. A digest may be cut to its first 8 or more hex digits.

    Raises UnknownNameError, with near names, where there is no such letter, and StoreError where the store cannot be
    written.
    """
    names = names or default_resolver()
    if isinstance(target, GraphStore):
        found = _found(target, name)
        _apply(target.database, ChangePlan(target.base, names, dropped=dict.fromkeys(found, "")))
        return Changes(removed=found)
    open_store(target)  # no lock and no folder where there is no store
    with write_store(target) as writing:
        current = writing.current or GraphStore(ox.Store())
        found = _found(current, name)
        with writing.next() as draft:
            draft.went += found
            _apply(draft.graph, ChangePlan(writing.base, names, dropped=dict.fromkeys(found, "")))
            record(writing.path, current.generation + 1, (), draft.went)
        texts.tidy(writing.path, current.generation + 1)
        return Changes(removed=found, generation=current.generation + 1)


def _apply(graph: ox.Store, plan: ChangePlan) -> None:
    touched: set[str] = set()
    for key in sorted(plan.dropped):
        touched |= remove_case(graph, terms.case_iri(key, plan.base))
    if plan.pending:
        texts = [text for _, _, text, _ in plan.pending.values()]
        graph.bulk_load("".join(texts), format=ox.RdfFormat.N_TRIPLES)
    remove_unused_nodes(graph, touched)


def _found(store: GraphStore, name: str) -> tuple[str, ...]:
    """Return the keys of the cases that a case number, a key or a digest names."""
    by_key = terms.case_iri(name, store.base)
    found = cases_of_number(store.graph, name) or ((by_key,) if has_case(store.graph, by_key) else ())
    found = found or _of_digest(store.database, name.lower())
    if not found:
        known = catalog.near_keys(store.path, store.generation, name) if store.path else tuple(cases(store))
        raise UnknownNameError("case or letter", name, known)
    return tuple(sorted(key_of(case) for case in found))


def _of_digest(graph: ox.Store, digest: str) -> tuple[str, ...]:
    if not _PART_OF_DIGEST.fullmatch(digest):
        return ()
    quads = graph.quads_for_pattern(None, ox.NamedNode(terms.term("sha256")), None, ox.DefaultGraph())
    letters = sorted(q.subject.value for q in quads if _is(q, digest) and isinstance(q.subject, ox.NamedNode))
    return tuple(case for letter in letters for case in case_of_letter(graph, letter))


def _is(quad: ox.Quad, digest: str) -> bool:
    return isinstance(quad.object, ox.Literal) and quad.object.value.startswith(digest)


_PART_OF_DIGEST = re.compile(r"[0-9a-f]{8,64}")
