"""All triples of a store as lines of N-Triples, sorted, range by range, by as many processes as there are processors.

A store on disk keeps the triples of each letter as text (`readable.LetterTriples`), and all nodes that a letter has to
itself are named after its case or by its digest. So the letters, in the order of their cases, are the sorted graph but
for some nodes that they share, which the database is asked for; a second walk in the order of digests gives the nodes
of the letters themselves. The memory needed is that of a range for each process, whatever the size of the store.
"""

from __future__ import annotations

import os
import signal
import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import pyoxigraph as ox

from imr_graph import iris
from imr_graph.errors import ToolError
from imr_graph.graph.cases import owned_triples, shared_nodes
from imr_graph.graph.readable import GraphStore, LetterTriples, ReadableGraph
from imr_graph.graph.resolver import vocabulary_text

__all__ = ["RANGE", "Convert", "Progress", "convert_ranges"]

RANGE: Final = 100_000
"""Triples of a range, about: some 100 MB while they are sorted and converted."""

Convert: TypeAlias = Callable[[list[bytes]], bytes]
"""Makes what is written of the sorted lines of a range; it has to be picklable."""

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many triples are done, and of how many."""

_OF_LETTER: Final = 4  # triples of a letter's own node
_AHEAD: Final = 2  # ranges for each process that wait to be written


@dataclass(frozen=True, slots=True)
class _Range:
    """What is sorted and converted at a time: some lines, or of the letters of some cases those that begin so."""

    lines: Sequence[bytes] = ()
    keys: Sequence[str] = ()
    begin: bytes = b""


def convert_ranges(
    store: GraphStore,
    convert: Convert,
    *,
    for_reading: bool = False,
    include_vocabulary: bool = False,
    size: int = RANGE,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Yield, in their order, what `convert` makes of each range of a store's sorted lines.

    With `for_reading` an IRI that another one continues comes first, a case before its items; without it, the lines
    stand in the order of their bytes. `size` is how many triples a range has, about; `jobs` how many processes work;
    a store in memory is read by this one. Raises ToolError where a process dies, or at the end where the texts of the
    letters do not have the triples of the graph.
    """
    total = len(store.graph)
    rest, done = _split_vocabulary(_list_rest(store), store, include_vocabulary)
    rest.sort(key=_open_subject if for_reading else None)
    ranges = list(_list_ranges(store, rest, size, total, for_reading))
    converter = _Converter(store.letters, store.folder, store.base, convert, for_reading)
    with _open_runner(converter, store, jobs if total > size else 1) as run:
        for text, count in run(ranges):
            done += count
            yield text
            if progress:
                progress(min(done, total), total)
    if done != total:
        raise ToolError(
            f"The letters in the catalog have {done:,} of the graph's {total:,} triples: imr-graph verify --repair "
            f"--store {store.path} mends it; if the store was changed meanwhile, export again."
        )


def _list_rest(store: GraphStore) -> set[bytes]:
    """Return the lines of all nodes that no letter has to itself; of a store in memory, all lines."""
    if store.letters is None:
        found: Iterable[ox.Quad] = store.graph.quads_for_pattern(None, None, None, ox.DefaultGraph())
        return set(_serialize(quad.triple for quad in found).splitlines(keepends=True))
    vocabulary = store.letters.vocabulary().splitlines(keepends=True)
    known = {line.partition(b" ")[0] for line in vocabulary}
    shared = (node for node in shared_nodes(store.graph) if b"<%b>" % node.value.encode() not in known)
    triples = (q.triple for node in shared for q in store.graph.quads_for_pattern(node, None, None, ox.DefaultGraph()))
    return {*vocabulary, *_serialize(triples).splitlines(keepends=True)}


def _split_vocabulary(lines: set[bytes], store: GraphStore, is_included: bool) -> tuple[list[bytes], int]:
    """Return the lines that are to be written, and how many are left out."""
    if is_included:
        return list(lines), 0
    text = vocabulary_text() if store.letters is None else store.letters.vocabulary()
    kept = lines.difference(text.splitlines(keepends=True))
    return list(kept), len(lines) - len(kept)


def _list_ranges(store: GraphStore, rest: list[bytes], size: int, total: int, for_reading: bool) -> Iterator[_Range]:
    order = _open_subject if for_reading else None
    start = 0
    if store.letters is not None:
        case, letter = (b"<" + f"{store.base}{kind}-".encode() for kind in ("case", "letter"))
        keys = list(store.letters.keys())
        by_case = _cut_keys(keys, max(1, size * len(keys) // max(total, 1)))
        by_digest = _cut_keys(store.letters.keys(by_digest=True), max(1, size // _OF_LETTER))
        for begin, cut in ((case, by_case), (letter, by_digest)):
            end = bisect_left(rest, begin, key=order)
            yield from _cut_lines(rest[start:end], size)
            yield from (_Range(keys=some, begin=begin) for some in cut)
            start = end
    yield from _cut_lines(rest[start:], size)


def _cut_keys(keys: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield some keys at a time; one that continues another stays with it, as the nodes of both are sorted together."""
    some: list[str] = []
    root = ""
    for key in keys:
        if not root or not key.startswith(root):
            root = key
            if len(some) >= size:
                yield some
                some = []
        some.append(key)
    if some:
        yield some


def _cut_lines(lines: list[bytes], size: int) -> Iterator[_Range]:
    """Yield some lines at a time, with all that is said of a subject."""
    start = 0
    while start < len(lines):
        end = start + size
        while 0 < end < len(lines) and _subject_of(lines[end]) == _subject_of(lines[end - 1]):
            end += 1
        yield _Range(lines[start:end])
        start = end


def _subject_of(line: bytes) -> bytes:
    return line.partition(b" ")[0]


def _open_subject(line: bytes) -> bytes:
    """Return a line with a space in place of what ends its subject's IRI: so it comes before those that go on."""
    return line.replace(b">", b" ", 1)


def _serialize(triples: Iterable[ox.Triple]) -> bytes:
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


@dataclass(frozen=True)
class _Converter:
    """What each process works with; the database is opened where it has to be asked for the triples of a letter."""

    letters: LetterTriples | None
    database: Path | None
    base: str
    convert: Convert
    for_reading: bool

    def convert_range(self, part: _Range) -> tuple[bytes, int]:
        """Return what becomes of a range, and how many triples it has."""
        lines = list(part.lines or self._read(part))
        lines.sort(key=_open_subject if self.for_reading else None)
        return self.convert(lines), len(lines)

    def _read(self, part: _Range) -> Iterator[bytes]:
        assert self.letters is not None
        begin = b"\n" + part.begin
        for key, kept in self.letters.read(part.keys):
            text = b"\n" + (kept or _serialize(owned_triples(self._graph, iris.case_iri(key, self.base))))
            found = text[text.find(begin) + 1 : text.find(b"\n", text.rfind(begin) + 1) + 1]
            yield from (line for line in found.splitlines(keepends=True) if line.startswith(part.begin))

    @cached_property
    def _graph(self) -> ReadableGraph:
        return ox.Store.read_only(str(self.database))


_Run: TypeAlias = Callable[[Iterable[_Range]], Iterator[tuple[bytes, int]]]


@contextmanager
def _open_runner(converter: _Converter, store: GraphStore, jobs: int) -> Iterator[_Run]:
    """Yield what converts ranges: in processes, or here where one works or the store lies in memory."""
    if store.letters is None or jobs < 2:
        yield lambda ranges: map(converter.convert_range, ranges)
        return
    from concurrent.futures import Future, ProcessPoolExecutor  # here, as few exports need processes
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # "spawn", as a fork would inherit locks that the database's own threads hold
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_begin_process, initargs=(converter,))

    def run(ranges: Iterable[_Range]) -> Iterator[tuple[bytes, int]]:
        waiting: deque[Future[tuple[bytes, int]]] = deque()
        for part in ranges:
            waiting.append(pool.submit(_convert_range, part))
            if len(waiting) > _AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    try:
        yield run
    except BrokenProcessPool:
        raise ToolError("A process of the export was ended, perhaps because memory is short.") from None
    finally:
        pool.shutdown(cancel_futures=True)


_converter: _Converter


def _begin_process(converter: _Converter) -> None:
    global _converter
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this process ends it
    parent = parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _converter = converter


def _end_with(sentinel: int) -> None:
    """End this process when the one that started it is gone, however it went."""
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(1)


def _convert_range(part: _Range) -> tuple[bytes, int]:
    return _converter.convert_range(part)
