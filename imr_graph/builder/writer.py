"""The generation in the making: letters come into its graph, in bulk, and into the index of what they say.

Nothing of it is visible before it is published, and nothing of it is left when it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.builder.portions import Portion
from imr_graph.builder.serial_executor import Lane
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.graph.cases import remove_case, remove_unused_nodes
from imr_graph.store import texts
from imr_graph.store.generations import translate_errors
from imr_graph.store.graph_store import Draft, Writing
from imr_graph.store.indexing import Indexing, indexing

__all__ = ["Begun", "Making", "making"]

# Bytes of N-Triples. Several shards are one bulk load, as there are fewer files for the database to merge, and several
# loads follow each other: while they do, the database merges more files at a time, and so each of them less often.
# Of what comes in a long build, as much waits as a share of what is in the graph; see docs/decisions/loading-ahead.md.
_FIRST = 8 << 20
_TOGETHER = 40 << 20
_MOST_WAITING = 320 << 20
_WAITING_SHARE = 0.5


@dataclass(frozen=True)
class Begun:
    """What there is once a generation is begun: its draft, its index (None: made later) and how it began."""

    draft: Draft
    index: Indexing | None
    anew: bool
    index_open: ExitStack


@dataclass
class Making:
    """The next generation of a store; it begins with the first letters that come, or with `begin`.

    Letters are loaded beside the caller, who meets an error at the next call. `loaded` counts those in the graph.
    """

    writing: Writing
    folder: ShardFolder
    graph_lane: Lane
    index_lane: Lane
    generation: int
    loaded: int = 0
    begun: Begun | None = None
    _open: ExitStack = field(default_factory=ExitStack)
    _waiting: list[Portion] = field(default_factory=list)  # that came and are not loaded yet
    _bytes_loaded: int = 0
    _shared: set[str] = field(default_factory=set)  # nodes that cases which went had in common with others

    @property
    def busy(self) -> bool:
        """Whether letters come faster than they are loaded."""
        return self.graph_lane.busy or self.index_lane.busy

    def begin(self, *, anew: bool) -> Begun:
        """Start from the current generation, or `anew` from the vocabularies alone; a second call changes nothing."""
        if self.begun is None:
            draft = self._open.enter_context(self.writing.next(anew=anew))
            index_open = self._open.enter_context(ExitStack())
            index = index_open.enter_context(indexing(self.writing.path, self.generation, anew=anew))
            self._open.callback(self.index_lane.close)
            self._open.callback(self.graph_lane.close)
            self.begun = Begun(draft, index, anew, index_open)
        return self.begun

    def come(self, begun: Begun, portion: Portion) -> None:
        """Let letters come whose cases the generation does not have."""
        self.graph_lane.run(partial(self._load, begun.draft, portion))
        if begun.index is not None:
            self.index_lane.run(partial(self._enter, begun.index, portion))
        self.index_lane.run(partial(self._keep, portion))

    def wait(self, begun: Begun, tick: Callable[[], object]) -> None:
        """Wait until all letters that came are loaded."""
        self.index_lane.settle(tick)
        self.graph_lane.settle(tick)
        with translate_errors(self.writing.path):
            self._load_waiting(begun.draft)
        tick()

    def give_way(self, begun: Begun, keys: Iterable[str]) -> None:
        """Take out letters that came with this generation, by the keys of their cases; nothing may be under way."""
        keys = list(keys)
        for key in keys:
            self._shared |= remove_case(begun.draft.graph, terms.case_iri(key, self.writing.base))
        if begun.index is not None:
            begun.index.drop(keys)

    def go(self, begun: Begun, keys: Iterable[str]) -> None:
        """Take out letters of the generation before, by the keys of their cases; nothing may be under way."""
        for key in keys:
            self._shared |= remove_case(begun.draft.graph, terms.case_iri(key, self.writing.base))
            begun.draft.went.append(key)
        if begun.index is not None:
            begun.index.depart(begun.draft.went)

    def finish(self, begun: Begun) -> None:
        """Take out the shared nodes that no case uses any more; close the index."""
        remove_unused_nodes(begun.draft.graph, self._shared)
        begun.index_open.close()

    def publish(self) -> None:
        """Make the generation the current one."""
        self._open.close()

    def discard(self) -> None:
        """Throw the generation away, if it was begun."""
        with suppress(_DiscardedError), self._open:
            raise _DiscardedError

    def _load(self, draft: Draft, portion: Portion) -> None:
        self._waiting.append(portion)
        enough = min(_MOST_WAITING, max(_FIRST, int(self._bytes_loaded * _WAITING_SHARE)))
        if _size(self._waiting) >= enough:
            with translate_errors(self.writing.path):
                self._load_waiting(draft)

    def _load_waiting(self, draft: Draft) -> None:
        for some in _together(self._waiting):
            texts = [portion.text(self.folder, self.writing.base) for portion in some]
            draft.graph.bulk_load(b"".join(texts), format=ox.RdfFormat.N_TRIPLES, lenient=True)
            self.loaded += sum(len(portion.letters) for portion in some)
        self._bytes_loaded += _size(self._waiting)
        self._waiting.clear()

    def _keep(self, portion: Portion) -> None:
        texts.keep(self.writing.path, portion.texts(self.folder))

    def _enter(self, index: Indexing, portion: Portion) -> None:
        index.add(portion.rows(self.folder))


def _size(portions: Iterable[Portion]) -> int:
    return sum(portion.size for portion in portions)


def _together(portions: Iterable[Portion]) -> Iterator[list[Portion]]:
    """Yield the portions of one bulk load after the other."""
    some: list[Portion] = []
    for portion in portions:
        some.append(portion)
        if _size(some) >= _TOGETHER:
            yield some
            some = []
    if some:
        yield some


class _DiscardedError(Exception):
    """Ends the making of a generation that is not wanted."""


@contextmanager
def making(writing: Writing, folder: ShardFolder, *, beside: bool) -> Iterator[Making]:
    """Make the next generation of a store, whose letters are shards of a folder; it is lost unless it is published.

    `beside` says that letters are loaded in threads of their own.
    """
    generation = (writing.manifest.generation if writing.manifest else 0) + 1
    made = Making(writing, folder, Lane(beside=beside), Lane(beside=beside), generation)
    try:
        yield made
    except BaseException:
        made.discard()
        raise
