"""The one writer of a store's next generation: letters go into its graph, its index and the catalog's texts.

Nothing of it is visible before it is published, and nothing of it is left when it is not.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.builder.portions import Portion
from imr_graph.errors import StoreError
from imr_graph.graph.cases import remove_case, remove_unused_nodes
from imr_graph.store import follow, letter_triples, texts
from imr_graph.store.catalog import Entry
from imr_graph.store.failures import translate_errors
from imr_graph.store.graph_store import Draft, HeldStore
from imr_graph.store.index_writer import IndexWriter, begin_index

__all__ = ["GenerationWriter", "Lane", "open_writer"]

# Bytes of packed N-Triples. Several shards are one bulk load, as there are fewer files for the database to merge, and
# several loads follow each other: while they do, the database merges more files at a time, and so each of them less
# often. Of what comes in a long build, as much waits as a share of what is in the graph; see
# docs/decisions/loading-ahead.md.
_FIRST = 1 << 20
_TOGETHER = 5 << 20
_MOST_WAITING = 40 << 20
_WAITING_SHARE = 0.5
_MOST_TASKS = 64  # pieces of work, of which a shard has a few; beyond it letters wait for the end


class Lane:
    """Work in its order: in a thread `beside` the caller, or at once.

    An error of the work is raised where the caller next asks for something. The database and the index do theirs
    without Python's lock, so that a thread of the builder is enough for a second processor.
    """

    def __init__(self, *, beside: bool) -> None:
        self._thread = ThreadPoolExecutor(1) if beside else None
        self._waiting: deque[Future[None]] = deque()

    def run(self, work: Callable[[], None]) -> None:
        """Do some work, after that which came before; waits while there is much of it."""
        self._wait_for_most(_MOST_TASKS)
        if self._thread is None:
            work()
        else:
            self._waiting.append(self._thread.submit(work))

    @property
    def busy(self) -> bool:
        """Whether more work would have to wait long."""
        self._wait_for_most(len(self._waiting))
        return len(self._waiting) >= _MOST_TASKS

    def wait(self, tick: Callable[[], object] = lambda: None) -> None:
        """Wait until all is done; `tick` is called after each piece."""
        while self._waiting:
            self._wait_for_most(len(self._waiting) - 1)
            tick()

    def close(self) -> None:
        """Wait for what is under way and leave the rest undone."""
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)

    def _wait_for_most(self, most: int) -> None:
        while self._waiting and (len(self._waiting) > most or self._waiting[0].done()):
            self._waiting.popleft().result()


class GenerationWriter:
    """The next generation of a store: `begin`, `write`, `take_back` and `remove` as often as needed, `publish`.

    Letters are written beside the caller, who meets an error at the next call. `loaded` counts those in the graph,
    `went` has the keys of the cases that go with the generation. `abandon` leaves the store as it was.
    """

    def __init__(self, store: HeldStore, *, beside: bool) -> None:
        self.store = store
        self.generation = (store.manifest.generation if store.manifest else 0) + 1
        self.loaded = 0
        self.anew = False
        self._graph_lane, self._index_lane = Lane(beside=beside), Lane(beside=beside)
        self._open, self._index_open = ExitStack(), ExitStack()
        self._draft: Draft | None = None
        self._index: IndexWriter | None = None  # None: it is made when all is known
        self._waiting: list[Portion] = []  # that were written and are not loaded yet
        self._bytes_loaded = 0
        self._shared: set[str] = set()  # nodes that cases which went had in common with others

    @property
    def begun(self) -> bool:
        """Whether there is anything of the generation yet."""
        return self._draft is not None

    @property
    def busy(self) -> bool:
        """Whether letters come faster than they are loaded."""
        return self._graph_lane.busy or self._index_lane.busy

    def begin(self, *, anew: bool) -> None:
        """Start from the current generation, or `anew` from the vocabularies alone; a second call changes nothing."""
        if self._draft is None:
            self._draft = self._open.enter_context(self.store.next(anew=anew))
            self._open.enter_context(self._index_open)
            self._index = self._index_open.enter_context(begin_index(self.store.path, self.generation, anew=anew))
            self._open.callback(self._index_lane.close)
            self._open.callback(self._graph_lane.close)
            self.anew = anew

    def write(self, portion: Portion) -> None:
        """Add letters whose cases the generation does not have."""
        self._graph_lane.run(partial(self._load, portion))
        if self._index is not None:
            self._index_lane.run(partial(self._add_to_index, self._index, portion))
        self._index_lane.run(partial(self._keep_texts, portion))
        self._index_lane.run(partial(self._keep_triples, portion))

    def wait(self, tick: Callable[[int], object]) -> None:
        """Wait until all letters are loaded; `tick` is told how many are."""
        self._index_lane.wait(lambda: tick(self.loaded))
        self._graph_lane.wait(lambda: tick(self.loaded))
        with translate_errors(self.store.path):
            self._load_waiting()
        tick(self.loaded)

    def take_back(self, keys: Iterable[str]) -> None:
        """Take out letters that this generation brought, by the keys of their cases; nothing may be under way."""
        keys = list(keys)
        self._remove_cases(keys)
        if self._index is not None:
            self._index.drop(keys)

    def remove(self, keys: Iterable[str]) -> None:
        """Take out letters of the generation before, by the keys of their cases; nothing may be under way."""
        keys = list(keys)
        self._remove_cases(keys)
        self._required.went += keys
        if self._index is not None:
            self._index.depart(keys)

    def publish(self, came: Iterable[Entry], rows: Iterable[bytes | Path]) -> bool:
        """Write what goes with the graph and make the generation the current one.

        `came` is what the catalog says of its letters, `rows` are theirs in the table (`follow.record_rows`). Returns
        False where the generation before has no table, so that `follow.derive` has to make it.
        """
        draft, path = self._required, self.store.path
        remove_unused_nodes(draft.graph, self._shared)
        self._index_open.close()
        draft.many = came
        indexed = self._index.file if self._index else None
        kept = follow.record_rows(path, self.generation, rows, draft.went, anew=self.anew, indexed=indexed)
        self._open.close()
        with suppress(StoreError):  # on a full disk the next build deletes them
            follow.tidy(path, self.generation)
        return kept is not None

    def abandon(self) -> None:
        """Throw the generation away, if it was begun."""
        with suppress(_AbandonedError), self._open:
            raise _AbandonedError

    @property
    def _required(self) -> Draft:
        if self._draft is None:
            raise RuntimeError("the generation is not begun")
        return self._draft

    def _remove_cases(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._shared |= remove_case(self._required.graph, terms.case_iri(key, self.store.base))

    def _load(self, portion: Portion) -> None:
        self._waiting.append(portion)
        enough = min(_MOST_WAITING, max(_FIRST, int(self._bytes_loaded * _WAITING_SHARE)))
        if _size(self._waiting) >= enough:
            with translate_errors(self.store.path):
                self._load_waiting()

    def _load_waiting(self) -> None:
        for some in _together(self._waiting):
            text = b"".join(triples for portion in some for triples in portion.read_triples())
            self._required.graph.bulk_load(text, format=ox.RdfFormat.N_TRIPLES, lenient=True)
            self.loaded += sum(len(portion.letters) for portion in some)
        self._bytes_loaded += _size(self._waiting)
        self._waiting.clear()

    def _keep_texts(self, portion: Portion) -> None:
        texts.keep(self.store.path, portion.read_texts())

    def _keep_triples(self, portion: Portion) -> None:
        letter_triples.keep(self.store.path, self.generation, portion.read_packed())

    def _add_to_index(self, index: IndexWriter, portion: Portion) -> None:
        index.add(json.loads(line) for line in portion.read_rows().splitlines())


def _size(portions: Iterable[Portion]) -> int:
    return sum(portion.size for portion in portions)


def _together(portions: Iterable[Portion]) -> Iterator[list[Portion]]:
    """Yield what one bulk load takes after the other."""
    some: list[Portion] = []
    for portion in portions:
        some.append(portion)
        if _size(some) >= _TOGETHER:
            yield some
            some = []
    if some:
        yield some


class _AbandonedError(Exception):
    """Ends a generation that is not wanted."""


@contextmanager
def open_writer(store: HeldStore, *, beside: bool) -> Iterator[GenerationWriter]:
    """Yield the writer of a store's next generation, which is lost unless it is published.

    `beside` says that letters are written in threads of their own.
    """
    writer = GenerationWriter(store, beside=beside)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise
