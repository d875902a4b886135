"""Adding letters to a store and taking them out.

What has to happen is settled first, against the store as it is; only if something has to happen does a change begin.
A letter is known by the digest of its text. The same letter again changes nothing; another letter of the same case
number replaces what is there, unless both are to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph import mapping
from imr_graph.graph.cases import (
    case_of_letter,
    cases_of_number,
    has_case,
    key_of,
    owned_triples,
    remove_case,
    remove_unused_nodes,
    text_of,
)
from imr_graph.graph.resolver import Names, shipped_names
from imr_graph.model import Determination
from imr_graph.resources import software_version
from imr_graph.store import ledger
from imr_graph.store.graph_store import GraphStore, cases, open_store, write_store
from imr_graph.vocabulary import load

__all__ = ["Changes", "Follower", "Replacement", "add", "remove"]


Follower: TypeAlias = Callable[[Path, int, Iterable[tuple[str, Determination]], Iterable[str]], object]
"""What keeps something beside a store in step: it is told, just before a generation is published, the store's folder,
the generation, what comes (keys of cases with their determinations) and what goes (keys)."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A letter that gave way to another of its case: keys of the case, digests of the two texts.

    The digests are equal where the same letter was read differently (another version of the rules).
    """

    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What adding or removing did, by the keys of cases; `generation` is the store's afterwards (0 in memory)."""

    added: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    replaced: tuple[Replacement, ...] = ()
    kept_both: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    generation: int = 0

    @property
    def changed(self) -> bool:
        """Whether the graph is another than before."""
        return bool(self.added or self.replaced or self.kept_both or self.removed)


def add(
    target: GraphStore | Path | str,
    determinations: Iterable[Determination],
    *,
    keep_both: bool = False,
    base: str | None = None,
    names: Names | None = None,
    followers: Sequence[Follower] = (),
) -> Changes:
    """Put determinations into a store in memory, or into one on disk (by its path; made where there is none).

    Of two letters with one case number and different content the later one stays, unless `keep_both`. On disk all of
    it becomes visible at once, as the next generation, or nothing does. `base` is for a store that is made;
    `followers` are told before a store on disk changes.
    Raises StoreError where the store cannot be written.

    >>> from imr_graph.store.graph_store import memory_store
    >>> add(memory_store(), []).changed
    False
    """
    names = names or shipped_names()
    if isinstance(target, GraphStore):
        plan = _planned(target.database, target.base, determinations, keep_both, names)
        _apply(target.database, plan)
        return plan.changes()
    with write_store(target, base=base) as writing:
        current = writing.current.database if writing.current else ox.Store()
        plan = _planned(current, writing.base, determinations, keep_both, names)
        before = writing.manifest.generation if writing.manifest else 0
        if not (plan.pending or plan.dropped) and writing.current:
            return replace(plan.changes(), generation=before)
        with writing.next() as draft:
            draft.went += sorted(plan.dropped)
            draft.came += plan.entries()
            _apply(draft.graph, plan)
            for follow in followers:
                follow(writing.path, before + 1, plan.coming(), draft.went)
        return replace(plan.changes(), generation=before + 1)


def remove(
    target: GraphStore | Path | str, name: str, *, names: Names | None = None, followers: Sequence[Follower] = ()
) -> Changes:
    """Take a letter out of a store: all letters of a case number, one case by its key, or one letter by its digest.

    A digest may be cut to its first 8 or more hex digits. Raises UnknownNameError, with near names, where there is no
    such letter, and StoreError where the store cannot be written.
    """
    names = names or shipped_names()
    if isinstance(target, GraphStore):
        found = _found(target, name)
        _apply(target.database, _Plan(target.base, names, dropped=dict.fromkeys(found, "")))
        return Changes(removed=found)
    open_store(target)  # no lock and no folder where there is no store
    with write_store(target) as writing:
        current = writing.current or GraphStore(ox.Store())
        found = _found(current, name)
        with writing.next() as draft:
            draft.went += found
            _apply(draft.graph, _Plan(writing.base, names, dropped=dict.fromkeys(found, "")))
            for follow in followers:
                follow(writing.path, current.generation + 1, (), draft.went)
        return Changes(removed=found, generation=current.generation + 1)


@dataclass
class _Plan:
    """What is to happen: letters to load (digest, source, N-Triples, record) and cases to take out (digest), by key."""

    base: str
    names: Names
    pending: dict[str, tuple[str, str, str, Determination]] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    replaced: list[Replacement] = field(default_factory=list)
    kept_both: list[str] = field(default_factory=list)

    def changes(self) -> Changes:
        return Changes(tuple(self.added), tuple(self.unchanged), tuple(self.replaced), tuple(self.kept_both))

    def entries(self) -> list[ledger.Entry]:
        software, vocabulary = software_version(), load().version
        return [
            ledger.Entry(key, digest, source, "", software, vocabulary)
            for key, (digest, source, _, _) in self.pending.items()
        ]

    def coming(self) -> Iterator[tuple[str, Determination]]:
        return ((key, determination) for key, (_, _, _, determination) in self.pending.items())


def _planned(
    graph: ox.Store, base: str, determinations: Iterable[Determination], keep_both: bool, names: Names
) -> _Plan:
    plan = _Plan(base, names)
    for determination in determinations:
        _place(plan, graph, determination, keep_both)
    return plan


def _place(plan: _Plan, graph: ox.Store, d: Determination, keep_both: bool) -> None:
    """Settle what happens to one letter, given the store and the letters before it."""
    present = dict(_present(plan, graph, d))
    same = [key for key, digest in present.items() if digest == d.sha256]
    if same:
        _again(plan, graph, d, same[0])
    elif not present:
        plan.added.append(_load_later(plan, d, d.key))
    elif keep_both:
        key = terms.second_key(d.key, d.sha256) if d.key in present else d.key
        plan.kept_both.append(_load_later(plan, d, key))
    else:
        for key, digest in present.items():
            _drop(plan, key, digest, in_store=key not in plan.pending)
            plan.replaced.append(Replacement(key, digest, d.sha256))
        _load_later(plan, d, d.key)


def _present(plan: _Plan, graph: ox.Store, d: Determination) -> Iterator[tuple[str, str]]:
    """Yield key and digest of the letters of the same case that are there, or will be once the plan is carried out."""
    if d.case_number is None:
        stored: tuple[str, ...] = (terms.case_iri(d.key, plan.base),)
        waiting = [d.key] if d.key in plan.pending else []
    else:
        stored = cases_of_number(graph, d.case_number)
        waiting = plan.numbers.get(d.case_number, [])
    for case in stored:
        key = key_of(case)
        if key not in plan.dropped and key not in waiting and has_case(graph, case):
            yield key, _digest(graph, case)
    for key in waiting:
        yield key, plan.pending[key][0]


def _again(plan: _Plan, graph: ox.Store, d: Determination, key: str) -> None:
    """Settle what happens to a letter whose text is known: nothing, unless it is read differently now."""
    text = mapping.ntriples(d, base=plan.base, names=plan.names, key=key)
    if key in plan.pending:
        # The same letter twice in one run, perhaps under two file names: which one counts does not hang on the order.
        if text < plan.pending[key][2]:
            plan.pending[key] = (d.sha256, d.source, text, d)
        plan.unchanged.append(key)
    elif _but_source(owned_triples(graph, terms.case_iri(key, plan.base))) == _but_source(_owned(text, key, d, plan)):
        plan.unchanged.append(key)
    else:
        plan.dropped[key] = d.sha256
        plan.replaced.append(Replacement(key, d.sha256, d.sha256))
        _load_later(plan, d, key, text)


def _owned(text: str, key: str, d: Determination, plan: _Plan) -> set[ox.Triple]:
    case, letter = terms.case_iri(key, plan.base), terms.letter_iri(d.sha256, plan.base)
    own = [line for line in text.splitlines() if line.startswith((f"<{case}", f"<{letter}>"))]
    return {quad.triple for quad in ox.parse("\n".join(own), format=ox.RdfFormat.N_TRIPLES)}


def _but_source(triples: set[ox.Triple]) -> set[ox.Triple]:
    return {triple for triple in triples if triple.predicate.value != terms.term("sourceName")}


def _load_later(plan: _Plan, d: Determination, key: str, text: str | None = None) -> str:
    text = text or mapping.ntriples(d, base=plan.base, names=plan.names, key=key)
    plan.pending[key] = (d.sha256, d.source, text, d)
    if d.case_number is not None:
        plan.numbers.setdefault(d.case_number, []).append(key)
    return key


def _drop(plan: _Plan, key: str, digest: str, *, in_store: bool) -> None:
    if in_store:
        plan.dropped[key] = digest
        return
    del plan.pending[key]
    for keys in plan.numbers.values():
        if key in keys:
            keys.remove(key)


def _apply(graph: ox.Store, plan: _Plan) -> None:
    touched: set[str] = set()
    for key in sorted(plan.dropped):
        touched |= remove_case(graph, terms.case_iri(key, plan.base))
    if plan.pending:
        texts = [text for _, _, text, _ in plan.pending.values()]
        graph.bulk_load("".join(texts), format=ox.RdfFormat.N_TRIPLES)
    remove_unused_nodes(graph, touched)


def _digest(graph: ox.Store, case: str) -> str:
    letter = text_of(graph, case, "documentedIn")
    return (text_of(graph, letter, "sha256") if letter else None) or ""


def _found(store: GraphStore, name: str) -> tuple[str, ...]:
    """Return the keys of the cases that a case number, a key or a digest names."""
    by_key = terms.case_iri(name, store.base)
    found = cases_of_number(store.graph, name) or ((by_key,) if has_case(store.graph, by_key) else ())
    found = found or _of_digest(store.database, name.lower())
    if not found:
        known = ledger.near_keys(store.path, store.generation, name) if store.path else tuple(cases(store))
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
