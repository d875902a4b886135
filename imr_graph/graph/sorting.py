"""All triples of a store as its subjects, sorted, range by range, by as many processes as there are processors.

Processes share the subjects (`subjects`). What they read goes into files, one for each range of subjects; then each
range is sorted in memory and converted by itself. So a store of any size needs the memory of one range for each
process, and the disk that its triples take.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyoxigraph as ox

from imr_graph.errors import ToolError
from imr_graph.graph.readable import GraphStore, ReadableGraph
from imr_graph.graph.subjects import (
    HEAD_END,
    NEXT,
    Query,
    count_triples,
    group_lines,
    list_subjects,
    make_query,
    slice_subjects,
)
from imr_graph.iris import term

__all__ = ["RANGE", "Convert", "Progress", "Subjects", "convert_ranges"]

RANGE: Final = 250_000
"""Triples of a range, about: some 150 MB while they are sorted and converted."""

Subjects: TypeAlias = Iterable[tuple[bytes, list[bytes]]]
"""Subjects with a row for each triple, `\\t"code of the property"\\tvalue`, in the order of N-Triples."""

Convert: TypeAlias = Callable[[Subjects, Mapping[bytes, bytes]], bytes]
"""Makes what is written of the subjects of a range, given the properties by their codes; it has to be picklable."""

Progress: TypeAlias = Callable[[str, int, int], None]
"""Is told what is done ("reading", "writing"), how much of it, and of how much."""

_SAMPLE: Final = 100  # subjects for each range that are looked at to find where ranges begin
_POLL: Final = 0.5  # seconds between two reports of what other processes have read
# How work is handed out: the results of a method of `_Sorter` for each of some arguments, in their order.
_Run: TypeAlias = Callable[[str, Iterable[Any]], Iterable[Any]]


def convert_ranges(
    store: GraphStore,
    convert: Convert,
    *,
    for_reading: bool = False,
    left_out: bytes = b"",
    size: int = RANGE,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Yield, in their order, what `convert` makes of each range of a store's subjects.

    With `for_reading` an IRI that another one continues comes first, a case before its items; without it, subjects
    stand in the order of their lines as bytes. `left_out` are lines of N-Triples that are passed over.
    `size` is how many triples a range has, about; `jobs` how many processes work; a store in memory and one of a
    single range are read by this one. Raises ToolError where a process dies.
    """
    counted = count_triples(store)
    total, report = sum(counted.values()), progress or (lambda *_: None)
    starts = _find_starts(store, total // size)
    iris = sorted(b"<%b>" % name.encode() for name in counted)
    codes = {name: b'"%0*d"' % (len(str(len(iris))), number) for number, name in enumerate(iris)}
    names = {code: name for name, code in codes.items()}
    query = make_query(store, names)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done = min(done + count, total)
        report("reading", done, total)

    with tempfile.TemporaryDirectory(prefix="imr-graph-") as folder:
        sorter = _Sorter(
            store.graph,
            query,
            Path(folder),
            starts,
            names,
            for_reading,
            group_lines(left_out, codes),
            convert,
            advance,
        )
        with _open_runner(sorter, store.folder if starts else None, jobs) as run:
            list(run("part_subjects", slice_subjects(store, jobs)))
            if done < total:
                raise ToolError(f"The database listed {done:,} of {total:,} triples, so nothing was written.")
            for number, path in enumerate(run("convert_range", range(len(starts) + 1)), 1):
                yield path.read_bytes()
                path.unlink()
                report("writing", total * number // (len(starts) + 1), total)


def _find_starts(store: GraphStore, ranges: int) -> tuple[bytes, ...]:
    """Return the subjects at which ranges begin, about so many; a database lists cases in no order."""
    if ranges < 2:
        return ()
    query = f"SELECT ?case WHERE {{ ?case a <{term('Case')}> }} LIMIT {ranges * _SAMPLE}"
    solutions = store.graph.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    sample = sorted({row["case"].value.encode() for row in solutions})
    return tuple(sample[:: max(len(sample) // ranges, 1)][1:])


@dataclass(frozen=True)
class _Sorter:
    """What each process works with: its database, and where ranges begin, how they are sorted and converted.

    `names` are the properties by their codes, `left_out` the rows that are passed over, by their subjects; `advance`
    is told of triples that were read.
    """

    graph: ReadableGraph | None
    query: Query
    folder: Path
    starts: tuple[bytes, ...]
    names: Mapping[bytes, bytes]
    for_reading: bool
    left_out: Mapping[bytes, frozenset[bytes]]
    convert: Convert
    advance: Callable[[int], None]

    def part_subjects(self, limits: str) -> None:
        """Write the subjects of a part of the database, with their triples, to files by their ranges."""
        assert self.graph is not None
        list_subjects(self.graph, self.query, limits, self._part)

    def _part(self, text: bytes) -> None:
        self.advance(text.count(b"\n\t"))
        blocks = text[1:].split(NEXT)
        blocks.sort()
        bounds = [0, *(bisect_left(blocks, start) for start in self.starts), len(blocks)]
        for number, (begin, end) in enumerate(pairwise(bounds)):
            if begin < end:
                with (self.folder / f"{number}-{os.getpid()}").open("ab") as file:
                    file.write(NEXT + NEXT.join(blocks[begin:end]))

    def convert_range(self, number: int) -> Path:
        """Sort the subjects of a range and convert them; return the file that has the result."""
        blocks: set[bytes] = set()  # a graph in memory has no order of subjects, so some are read again
        for path in self.folder.glob(f"{number}-*"):
            blocks.update(path.read_bytes().split(NEXT)[1:])
            path.unlink()
        converted = self.folder / f"converted-{number}"
        ordered = sorted(blocks, key=_open_subject if self.for_reading else None)
        converted.write_bytes(self.convert(self._sort_rows(ordered), self.names))
        return converted

    def _sort_rows(self, blocks: Iterable[bytes]) -> Subjects:
        for block in blocks:
            head, *rows = block.split(b"\n")
            subject = b"<" + head.removesuffix(HEAD_END)
            if subject in self.left_out:
                rows = list(set(rows) - self.left_out[subject])
            if rows:
                rows.sort()
                yield subject, rows


def _open_subject(block: bytes) -> bytes:
    """Return a subject's lines with a space in place of what ends its IRI: so it comes before those that go on."""
    return block.replace(b">", b" ", 1)


@contextmanager
def _open_runner(sorter: _Sorter, database: Path | None, jobs: int) -> Iterator[_Run]:
    """Yield what runs the methods of a sorter: in processes that open the database, or here where it is None."""
    if database is None or jobs < 2:
        yield lambda method, arguments: map(getattr(sorter, method), arguments)
        return
    from concurrent.futures import ProcessPoolExecutor, wait  # here, as few exports need processes
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # "spawn", as a fork would inherit locks that the database's own threads hold
    context = get_context("spawn")
    read, seen = context.Value("q"), 0
    given = replace(sorter, graph=None, advance=partial(_add, read))
    pool = ProcessPoolExecutor(jobs, context, initializer=_begin_process, initargs=(given, database))

    def run(method: str, arguments: Iterable[Any]) -> Iterator[Any]:
        nonlocal seen
        for task in [pool.submit(_call, method, argument) for argument in arguments]:
            is_done = False
            while not is_done:
                is_done = bool(wait([task], _POLL).done)
                if seen < read.value:
                    before, seen = seen, read.value
                    sorter.advance(seen - before)
            yield task.result()

    try:
        yield run
    except BrokenProcessPool:
        raise ToolError("A process of the export was ended, perhaps because memory is short.") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _add(total: Any, count: int) -> None:
    with total.get_lock():
        total.value += count


_sorter: _Sorter


def _begin_process(sorter: _Sorter, database: Path) -> None:
    global _sorter
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this process ends it
    parent = parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _sorter = replace(sorter, graph=ox.Store.read_only(str(database)))


def _end_with(sentinel: int) -> None:
    """End this process when the one that started it is gone, however it went."""
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(1)


def _call(method: str, argument: Any) -> Any:
    return getattr(_sorter, method)(argument)
