"""Changing which letters a store holds: adding some, and removing some for good; table, index and texts follow.

What has to happen is settled first, against the store as it is (`policy`); only if something has to happen does a
change begin. Removed letters stay away from later builds, and their words leave the store's files. What is remembered
of one is its digests, its case number and its key, in the table `removed` of the catalog, until `restore`. Erasing
comes after the generation without the letter is published: what is interrupted is finished by the next writer.
docs/removal.md says what it means for replicas, exports and releases.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph.cases import case_of_letter, cases_of_number, has_case, key_of, near_cases
from imr_graph.model import Determination, Letter
from imr_graph.store import catalog, digests, letter_triples, parquet, texts
from imr_graph.store import table_manifest as manifests
from imr_graph.store.failures import translate_errors
from imr_graph.store.follow import record, tidy
from imr_graph.store.generations import keep_only, present_in, writer
from imr_graph.store.graph_store import GraphStore, HeldStore, open_store, write_store
from imr_graph.store.index_writer import erase_departed
from imr_graph.store.policy import ChangePlan, Changes, apply_changes, plan_changes
from imr_graph.store.sqlite_files import truncate_log

__all__ = ["add", "finish_erasing", "remove", "restore"]

_PART_OF_DIGEST = re.compile(r"[0-9a-f]{8,64}")
_REPORT = "build-report.json"  # quotes wordings of letters

# A case number is remembered where no other letter of it stays in the store; of each letter, all contents that had its
# text.
_REMEMBER = f"""
insert or replace into removed
select l.sha256, coalesce(c.digest, l.source_sha256), case when exists (
    select 1 from letter o where o.number = l.number and {present_in("o")}
    and o.key not in (select key from leaving)) then null else l.number end, l.key, :now + 1, 0
from leaving join letter l using (key) left join content c on c.sha256 = l.sha256
where {present_in("l")}
"""


def add(
    target: GraphStore | Path | str,
    determinations: Iterable[Determination],
    *,
    keep_both: bool = False,
    base: str | None = None,
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
    if isinstance(target, GraphStore):
        plan = plan_changes(target.database, target.base, determinations, keep_both)
        apply_changes(target.database, plan)
        return plan.changes()
    with write_store(target, base=base) as writing:
        changes = _add(writing, determinations, keep_both)
        texts.keep(writing.path, ((letter.sha256, texts.pack(letter.text)) for letter in letters))
        tidy(writing.path, changes.generation)
        return changes


def _add(writing: HeldStore, determinations: Iterable[Determination], keep_both: bool) -> Changes:
    current = writing.current.database if writing.current else ox.Store()
    plan = plan_changes(current, writing.base, determinations, keep_both)
    before = writing.manifest.generation if writing.manifest else 0
    if not (plan.pending or plan.dropped) and writing.current:
        return replace(plan.changes(), generation=before)
    with writing.next() as draft:
        draft.went += sorted(plan.dropped)
        draft.came += plan.entries()
        _forget_removed(writing.path, draft.came)
        letter_triples.keep(writing.path, before + 1, plan.packed_triples())
        apply_changes(draft.graph, plan)
        record(writing.path, before + 1, plan.coming(), draft.went)
    return replace(plan.changes(), generation=before + 1)


def _forget_removed(store: Path, came: Iterable[catalog.Entry]) -> None:
    """Forget that letters were removed, as they are put into the store again on purpose."""
    with catalog.writing(store) as connection, connection:
        sql = "delete from removed where sha256 = ? or number = ?"
        connection.executemany(sql, ((entry.sha256, entry.number) for entry in came))


def remove(target: GraphStore | Path | str, name: str) -> Changes:
    """Take a letter out of a store: all letters of a case number, one case by its key, or one letter by its digest.

    On disk, later builds pass the letter over until `restore`, and no file of the store holds its words afterwards;
    readers that have the generation before open have to open the store again. A digest may be cut to its first 8 or
    more hex digits.

    Raises UnknownNameError, with near names, where there is no such letter, and StoreError where the store cannot be
    written.
    """
    if isinstance(target, GraphStore):
        found = _find_keys(target, name)
        apply_changes(target.database, ChangePlan(target.base, dropped=set(found)))
        return Changes(removed=found)
    open_store(target)  # no lock and no folder where there is no store
    with write_store(target) as writing:
        current = writing.current or GraphStore(ox.Store())
        finish_erasing(writing.path, current.generation)
        found = _find_keys(current, name)
        generation = current.generation + 1
        with writing.next(erase=True) as draft:
            draft.went += found
            apply_changes(draft.graph, ChangePlan(writing.base, dropped=set(found)))
            record(writing.path, generation, (), draft.went)
            _remember(writing.path, current.generation, found)
        finish_erasing(writing.path, generation)
        return Changes(removed=found, generation=generation)


def restore(store: Path | str, name: str) -> tuple[str, ...]:
    """Let a removed letter come back with the next build that is given it, and return the keys it had.

    `name` is a case number, the key of a case, or a digest (8 or more hex digits). Raises UnknownNameError, with near
    names, where no such letter was removed, and StoreError where there is no store or it cannot be written.
    """
    path = Path(store)
    open_store(path)
    with writer(path):
        found = _forget(path, name)
        digests.seal_catalog(path)
    return found


def _forget(path: Path, name: str) -> tuple[str, ...]:
    start = name.lower() if _PART_OF_DIGEST.fullmatch(name.lower()) else "none"
    with catalog.writing(path) as connection, connection:
        known = dict(connection.execute("select key, number from removed order by key"))
        sql = "select distinct key from removed where key = :name or number = :name or substr(sha256, 1, :n) = :start"
        values = {"name": name, "n": len(start), "start": start}
        found = tuple(key for (key,) in connection.execute(f"{sql} order by key", values))
        if not found:
            raise UnknownNameError("removed letter", name, known)
        connection.executemany("delete from removed where key = ?", ((key,) for key in found))
        return found


def finish_erasing(path: Path, generation: int) -> None:
    """Erase the words of the letters that were removed up to a published generation, where that is still to be done.

    The caller is the store's one writer. Raises StoreError where the files cannot be rewritten.
    """
    with catalog.writing(path) as connection:
        connection.execute("delete from removed where came > ?", (generation,))
        connection.commit()
        left = connection.execute("select exists (select 1 from removed where not erased)").fetchone()[0]
    if not left:
        return
    with translate_errors(path):
        erased = _erase_in_table_and_index(path, generation)
        shutil.rmtree(path / "work", ignore_errors=True)  # an interrupted build's shards
        (path / _REPORT).unlink(missing_ok=True)
        keep_only(path, generation)
    with catalog.writing(path) as connection:
        _erase_in_catalog(connection, generation, erased)


def _remember(path: Path, generation: int, keys: Iterable[str]) -> None:
    """Remember the letters of cases that go with the generation after this one."""
    with catalog.writing(path) as connection, connection:
        connection.execute("create temp table leaving (key text primary key)")
        connection.executemany("insert into leaving values (?)", ((key,) for key in keys))
        connection.execute(_REMEMBER, {"now": generation})


def _erase_in_table_and_index(path: Path, generation: int) -> bool:
    manifest = manifests.read(path, generation)
    erased = True
    if manifest is not None:
        manifests.write(path, parquet.rewrite_all(path, manifest))
        erased = erase_departed(manifests.folder_of(path) / manifest.search, generation)
    manifests.tidy(path, (generation,))
    return erased


def _erase_in_catalog(connection: sqlite3.Connection, generation: int, others: bool) -> None:
    """Erase what the catalog holds; it is done, unless a long reader keeps its log or the `others`' words."""
    connection.execute("pragma secure_delete = on")
    with connection:
        connection.execute("delete from letter where went <= ?", (generation,))
        catalog.delete_unused(connection, generation)
        for table in ("content", "corrected"):
            connection.execute(f"delete from {table} where sha256 in (select sha256 from removed where not erased)")
    connection.execute("vacuum")
    if truncate_log(connection) and others:
        connection.execute("update removed set erased = 1")
        connection.commit()


def _find_keys(store: GraphStore, name: str) -> tuple[str, ...]:
    """Return the keys of the cases that a case number, a key or a digest names."""
    by_key = terms.case_iri(name, store.base)
    found = cases_of_number(store.graph, name) or ((by_key,) if has_case(store.graph, by_key) else ())
    found = found or _find_by_digest(store.database, name.lower())
    if not found:
        raise UnknownNameError("case or letter", name, near_cases(store, name))
    return tuple(sorted(key_of(case) for case in found))


def _find_by_digest(graph: ox.Store, digest: str) -> tuple[str, ...]:
    if not _PART_OF_DIGEST.fullmatch(digest):
        return ()
    quads = graph.quads_for_pattern(None, ox.NamedNode(terms.term("sha256")), None, ox.DefaultGraph())
    letters = sorted(q.subject.value for q in quads if _starts(q, digest) and isinstance(q.subject, ox.NamedNode))
    return tuple(case for letter in letters for case in case_of_letter(graph, letter))


def _starts(quad: ox.Quad, digest: str) -> bool:
    return isinstance(quad.object, ox.Literal) and quad.object.value.startswith(digest)
