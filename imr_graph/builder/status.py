"""How a store stands: what it holds, what in it is stale and why, and what of some inputs it does not have yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from imr_graph.builder import inputs as places
from imr_graph.builder import worklist
from imr_graph.builder.conflicts import changed_texts, settle_vanished
from imr_graph.builder.shards import Versions, current_versions
from imr_graph.corrections import Corrections, read
from imr_graph.letters import find
from imr_graph.store import digests
from imr_graph.store.graph_store import cases, open_store

__all__ = ["Some", "Status", "status"]

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Some:
    """How many of something there are, why they are counted, and the first few."""

    count: int
    why: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """How a store stands.

    `letters` are in it; `stale` are those that other versions read, or with other corrections, by reason. Of the given
    inputs, `known` are read already, `new` and `changed` are not, and `vanished` are stored letters whose files are
    gone. `unfinished` counts shards that an interrupted build left, with which the next one goes on.
    """

    store: str
    generation: int
    letters: int
    stale: tuple[Some, ...]
    inputs: int
    known: int
    new: Some
    changed: Some
    vanished: int
    unfinished: int
    remarks: tuple[str, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """Return the status as a JSON object."""
        return asdict(self)

    def as_lines(self, limit: int = _EXAMPLES) -> Iterator[str]:
        """Yield the status for people, with at most `limit` examples of each kind."""
        yield f"{self.store}: {self.letters:,} letters, generation {self.generation}."
        for some in self.stale:
            yield from _lines(some, "stale", limit)
        if not self.stale:
            yield "Nothing is stale."
        if self.inputs:
            yield f"{self.inputs:,} inputs, {self.known:,} of them read already."
        for what, some in (("new", self.new), ("changed", self.changed)):
            if some.count:
                yield from _lines(some, what, limit)
        if self.vanished:
            yield f"{self.vanished:,} letters' files are gone; imr-graph build --prune takes the letters out."
        if self.unfinished:
            yield f"An interrupted build left {self.unfinished:,} shards; the next build goes on with them."
        yield from self.remarks


def _lines(some: Some, what: str, limit: int) -> Iterator[str]:
    yield f"{some.count:,} {what}: {some.why}"
    yield from (f"  {example}" for example in some.examples[:limit])
    if some.count > len(some.examples[:limit]):
        yield f"  and {some.count - len(some.examples[:limit]):,} more"


def status(
    store: Path | str,
    sources: Sequence[str | PathLike[str]] = (),
    *,
    corrections: Sequence[str | PathLike[str]] = (),
) -> Status:
    """Return how a store stands, and how some inputs (as `build` takes them) stand to it; nothing is read or changed.

    `corrections` are the files and folders that the next build is to take. Raises StoreError where there is no store,
    or one of another format, and UsageError for a mistake in a file of corrections.
    """
    path = Path(store)
    wanted = read(Path(each) for each in corrections)
    graph = open_store(path)
    digests.check_catalog(path)
    arguments = [fspath(source) for source in sources]
    with worklist.open_list(None, path, graph.generation) as plan:
        watched = places.look_up_roots(arguments)
        inputs = worklist.list_inputs(plan, find(arguments), lambda _: None)
        worklist.fetch_known(plan)
        ranges, remarks = places.find_prunable(plan, watched)
        mark = "from input i where digest is null"
        elsewhere = "exists (select 1 from catalog.place p where p.place = i.place)"
        left = path / "work" / "shards"
        letters, there = worklist.count(plan, "select count(*) from stored"), sum(1 for _ in cases(graph))
        if letters != there:
            remarks += (
                f"The graph has {there:,} letters and the catalog {letters:,}: imr-graph verify --store {path} says "
                "what is damaged.",
            )
        return Status(
            store=str(path),
            generation=graph.generation,
            letters=letters,
            stale=(*_stale(plan, current_versions()), *_otherwise_corrected(plan, wanted)),
            inputs=inputs,
            known=worklist.count(plan, "select count(*) from input where digest is not null"),
            new=_some(plan, "not read yet", f"name {mark} and not {elsewhere}"),
            changed=_some(plan, "another time or size than when they were read", f"name {mark} and {elsewhere}"),
            vanished=settle_vanished(plan, ranges, prune=False),
            unfinished=len(list(left.glob("shard-*.json"))),
            remarks=remarks,
        )


def _stale(plan: sqlite3.Connection, now: Versions) -> Iterator[Some]:
    rows = plan.execute("select software, vocabulary, count(*) from stored group by 1, 2 order by 1, 2").fetchall()
    for software, vocabulary, _ in rows:
        why = []
        if software.partition(" with ")[0] != now.software:
            why.append(f"read by version {software or 'unknown'}, this is {now.software}")
        if vocabulary != now.vocabulary:
            why.append(f"read with the vocabulary {vocabulary[:8]}, this has {now.vocabulary[:8]}")
        if why:
            what = "key from stored where software = ? and vocabulary = ?"
            yield _some(plan, f"{' and '.join(why)}; the next build of their files reads them again", what,
                        (software, vocabulary))  # fmt: skip


def _otherwise_corrected(plan: sqlite3.Connection, corrections: Corrections) -> Iterator[Some]:
    plan.execute("create temp table otherwise (sha256 text primary key) without rowid")
    plan.executemany("insert into otherwise values (?)", ((text,) for text in changed_texts(plan, corrections)))
    why = "corrections were added, changed or deleted; the next build of their files reads them again"
    some = _some(plan, why, "key from otherwise o cross join stored s on s.sha256 = o.sha256")
    if some.count:
        yield some


def _some(plan: sqlite3.Connection, why: str, what: str, values: tuple[str, ...] = ()) -> Some:
    column, _, rest = what.partition(" ")
    found: int = plan.execute(f"select count(*) {rest}", values).fetchone()[0]
    examples = plan.execute(f"select {column} {rest} order by 1 limit {_EXAMPLES}", values)
    return Some(found, why, tuple(example for (example,) in examples))
