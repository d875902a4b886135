"""Which letters stay: one text once, and of the letters of one case the one decided last, in whatever order they come.

A corrected determination is issued after the one that it corrects. Where two were decided on the same day, or neither
says when, the digests of their texts decide: arbitrary, but the same on every machine and in every order.
`imr_graph.add` asks in Python (`plan_changes`), builds ask in SQL (`builder.conflicts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.graph import mapping
from imr_graph.graph.cases import (
    cases_of_number,
    has_case,
    key_of,
    owned_triples,
    remove_case,
    remove_unused_nodes,
    text_of,
)
from imr_graph.model import Determination
from imr_graph.resources import software_version
from imr_graph.store import catalog
from imr_graph.store.packing import pack
from imr_graph.vocabulary import load_version

__all__ = ["ChangePlan", "Changes", "Replacement", "apply_changes", "outranks", "plan_changes", "rank"]


def rank(decided: date | str | None, sha256: str) -> tuple[str, str]:
    """Return what letters of one case are compared by: the day of the decision (ISO date), then the text's digest.

    >>> rank(date(2017, 1, 12), "0a") > rank("2017-01-02", "ff") > rank(None, "ff")
    True
    """
    return decided.isoformat() if isinstance(decided, date) else decided or "", sha256


def outranks(one: str, other: str) -> str:
    """Return the SQL condition that one row stays before another: rows with the columns `decided` and `sha256`.

    >>> outranks("a", "b")
    '(a.decided, a.sha256) > (b.decided, b.sha256)'
    """
    return f"({one}.decided, {one}.sha256) > ({other}.decided, {other}.sha256)"


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
    """What adding or removing did, by the keys of cases; `generation` is the store's afterwards (0 in memory).

    `left_out` are letters that were given and did not stay, as `new` of their case was decided later.
    """

    added: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    replaced: tuple[Replacement, ...] = ()
    kept_both: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left_out: tuple[Replacement, ...] = ()
    generation: int = 0

    @property
    def changed(self) -> bool:
        """Whether the graph is another than before."""
        return bool(self.added or self.replaced or self.kept_both or self.removed)


@dataclass
class ChangePlan:
    """What is to happen to a store, by the keys of cases.

    `pending` are letters to load (record, N-Triples), `dropped` cases to take out.
    """

    base: str
    pending: dict[str, tuple[Determination, str]] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    replaced: list[Replacement] = field(default_factory=list)
    kept_both: list[str] = field(default_factory=list)
    left_out: list[Replacement] = field(default_factory=list)

    def changes(self) -> Changes:
        """Return what the plan does, once it is carried out."""
        return Changes(
            added=tuple(self.added),
            unchanged=tuple(self.unchanged),
            replaced=tuple(self.replaced),
            kept_both=tuple(self.kept_both),
            left_out=tuple(self.left_out),
        )

    def entries(self) -> list[catalog.Entry]:
        """Return what the catalog says of the letters that come."""
        software, vocabulary = software_version(), load_version()
        return [
            catalog.Entry(
                key, d.sha256, d.source, "", software, vocabulary, d.case_number, rank(d.dates.decided, d.sha256)[0]
            )
            for key, (d, _) in self.pending.items()
        ]

    def packed_triples(self) -> Iterator[tuple[str, bytes]]:
        """Yield the triples of the letters that come, packed, by the keys of their cases."""
        return ((key, pack(text.encode())) for key, (_, text) in self.pending.items())

    def coming(self) -> Iterator[tuple[str, Determination]]:
        """Yield the letters that come, by the keys of their cases."""
        return ((key, determination) for key, (determination, _) in self.pending.items())


def plan_changes(graph: ox.Store, base: str, determinations: Iterable[Determination], keep_both: bool) -> ChangePlan:
    """Settle what happens to letters, in a graph as it is: which of them come, and which cases leave for them."""
    plan = ChangePlan(base)
    for determination in determinations:
        _place(plan, graph, determination, keep_both)
    return plan


def _place(plan: ChangePlan, graph: ox.Store, d: Determination, keep_both: bool) -> None:
    """Settle what happens to one letter, given the store and the letters before it."""
    present = {key: (decided, sha256) for key, decided, sha256 in _present(plan, graph, d)}
    same = [key for key, (_, sha256) in present.items() if sha256 == d.sha256]
    if same:
        _again(plan, graph, d, same[0])
    elif not present:
        plan.added.append(_load_later(plan, d, d.key))
    elif keep_both:
        key = terms.second_key(d.key, d.sha256) if d.key in present else d.key
        plan.kept_both.append(_load_later(plan, d, key))
    elif (last := max(present.values())) > rank(d.dates.decided, d.sha256):
        plan.left_out.append(Replacement(d.key, d.sha256, last[1]))
    else:
        for key, (_, sha256) in present.items():
            _give_way(plan, key, sha256, d.sha256)
        _load_later(plan, d, d.key)


def _give_way(plan: ChangePlan, key: str, old: str, new: str) -> None:
    """Let a letter of the store, or one that was to come, give way to another of its case."""
    if key not in plan.pending:
        plan.dropped.add(key)
        plan.replaced.append(Replacement(key, old, new))
    else:
        gone, _ = plan.pending.pop(key)
        if gone.case_number is not None:
            plan.numbers[gone.case_number].remove(key)
        # What gave way to the letter that was to come gives way to this one.
        plan.replaced = [replace(one, new=new) if one.new == old else one for one in plan.replaced]
        plan.left_out = [replace(one, new=new) if one.new == old else one for one in plan.left_out]
        plan.left_out.append(Replacement(key, old, new))


def _present(plan: ChangePlan, graph: ox.Store, d: Determination) -> Iterator[tuple[str, str, str]]:
    """Yield key and rank of the letters of the same case that are there, or will be once the plan is carried out."""
    if d.case_number is None:
        stored: tuple[str, ...] = (terms.case_iri(d.key, plan.base),)
        waiting = [d.key] if d.key in plan.pending else []
    else:
        stored = cases_of_number(graph, d.case_number)
        waiting = plan.numbers.get(d.case_number, [])
    for case in stored:
        key = key_of(case)
        if key not in plan.dropped and key not in waiting and has_case(graph, case):
            yield key, *rank(text_of(graph, case, "decisionDate"), _digest(graph, case))
    for key in waiting:
        letter, _ = plan.pending[key]
        yield key, *rank(letter.dates.decided, letter.sha256)


def _again(plan: ChangePlan, graph: ox.Store, d: Determination, key: str) -> None:
    """Settle what happens to a letter whose text is known: nothing, unless it is read differently now."""
    text = mapping.ntriples(d, base=plan.base, key=key)
    if key in plan.pending:
        # The same letter twice in one run, perhaps under two file names: which one counts does not hang on the order.
        if text < plan.pending[key][1]:
            plan.pending[key] = (d, text)
        plan.unchanged.append(key)
    elif _but_source(owned_triples(graph, terms.case_iri(key, plan.base))) == _but_source(
        _owned_by(text, key, d, plan)
    ):
        plan.unchanged.append(key)
    else:
        plan.dropped.add(key)
        plan.replaced.append(Replacement(key, d.sha256, d.sha256))
        _load_later(plan, d, key, text)


def apply_changes(graph: ox.Store, plan: ChangePlan) -> None:
    """Take out of a graph what a plan drops, and load what it adds."""
    touched: set[str] = set()
    for key in sorted(plan.dropped):
        touched |= remove_case(graph, terms.case_iri(key, plan.base))
    if plan.pending:
        texts = [text for _, text in plan.pending.values()]
        graph.bulk_load("".join(texts), format=ox.RdfFormat.N_TRIPLES)
    remove_unused_nodes(graph, touched)


def _owned_by(text: str, key: str, d: Determination, plan: ChangePlan) -> set[ox.Triple]:
    case, letter = terms.case_iri(key, plan.base), terms.letter_iri(d.sha256, plan.base)
    own = [line for line in text.splitlines() if line.startswith((f"<{case}", f"<{letter}>"))]
    return {quad.triple for quad in ox.parse("\n".join(own), format=ox.RdfFormat.N_TRIPLES)}


def _but_source(triples: set[ox.Triple]) -> set[ox.Triple]:
    return {triple for triple in triples if triple.predicate.value != terms.term("sourceName")}


def _load_later(plan: ChangePlan, d: Determination, key: str, text: str | None = None) -> str:
    text = text or mapping.ntriples(d, base=plan.base, key=key)
    plan.pending[key] = (d, text)
    if d.case_number is not None:
        plan.numbers.setdefault(d.case_number, []).append(key)
    return key


def _digest(graph: ox.Store, case: str) -> str:
    letter = text_of(graph, case, "documentedIn")
    return (text_of(graph, letter, "sha256") if letter else None) or ""
