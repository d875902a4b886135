"""All triples of a store as sorted lines of N-Triples, range by range, by as many processes as there are processors.

The database is read one property at a time, which gives its triples in bulk and lets processes share the work. What is
read goes into files, one for each range of subjects; then each range is sorted in memory and converted by itself. So a
store of any size needs the memory of one range for each process, and the disk that its N-Triples take.
"""

from __future__ import annotations

import os
import re
import signal
import tempfile
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyoxigraph as ox

from imr_graph.errors import ToolError
from imr_graph.graph.readable import GraphStore, ReadableGraph
from imr_graph.iris import XSD, term

__all__ = ["RANGE", "Convert", "Progress", "convert_ranges", "open_subject"]

RANGE: Final = 250_000
"""Triples of a range, about: some 150 MB while they are sorted and converted."""

Convert: TypeAlias = Callable[[list[bytes]], bytes]
"""Makes what is written of the sorted lines of a range; it goes to other processes, so it has to be picklable."""

Progress: TypeAlias = Callable[[str, int, int], None]
"""Is told what is done ("reading", "writing"), how much of it, and of how much."""

_CHUNK: Final = 16 << 20  # bytes that are read, sorted and parted into ranges at a time
_SAMPLE: Final = 100  # subjects for each range that are looked at to find where ranges begin
# Oxigraph writes these as Turtle does in its tab-separated values, without quotes and datatype.
_BARE: Final = re.compile(rb"\t(?:([+-]?\d+)|([+-]?\d*\.\d+)|([+-]?[\d.]+[eE][+-]?\d+)|(true|false))(?=\n)")
_BARE_TYPES: Final = (b"integer", b"decimal", b"double", b"boolean")
# Characters that N-Triples escapes in its canonical form, and tab-separated values do not.
_CONTROLS: Final = bytes({*range(32), 127} - set(b"\t\n\r"))
_CONTROL: Final = re.compile(b"[%b]" % re.escape(_CONTROLS))
_SHORT_ESCAPES: Final = {b"\x08": rb"\b", b"\x0c": rb"\f"}


def open_subject(line: bytes) -> bytes:
    """Return a line with a space in place of what ends its subject: `<a  <b> <c> .`."""
    return line.replace(b"> ", b"  ", 1)


# How work is handed out: the results of a method of `_Sorter` for each of some arguments, in the order they are done
# in, or in that of the arguments.
_Run: TypeAlias = Callable[[str, Iterable[Any], bool], Iterable[Any]]


def convert_ranges(
    store: GraphStore,
    convert: Convert,
    *,
    for_reading: bool = False,
    left_out: frozenset[bytes] = frozenset(),
    size: int = RANGE,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Yield, in their order, what `convert` makes of each range of a store's lines, but those that are `left_out`.

    With `for_reading` an IRI that another one continues comes first, a case before its items: the lines are sorted, and
    converted, with a space in place of what ends the subject (`open_subject`).
    `size` is how many triples a range has, about; `jobs` how many processes work (by default one for each processor; a
    store in memory and one of a single range are read by this one). Raises ToolError where a process dies.
    """
    counted = _count_triples(store)
    total, report = sum(counted.values()), progress or (lambda *_: None)
    starts = _find_starts(store, total // size)
    with tempfile.TemporaryDirectory(prefix="imr-graph-") as folder:
        sorter = _Sorter(store.graph, Path(folder), starts, for_reading, left_out, convert)
        with _open_runner(sorter, store.folder if starts else None, jobs or os.cpu_count() or 1) as run:
            done = 0
            for name in run("part_property", sorted(counted, key=lambda name: -counted[name]), False):
                done += counted[name]
                report("reading", done, total)
            for number, path in enumerate(run("convert_range", range(len(starts) + 1), True), 1):
                yield path.read_bytes()
                path.unlink()
                report("writing", total * number // (len(starts) + 1), total)


def _count_triples(store: GraphStore) -> dict[str, int]:
    """Return how many triples there are of each property, by its IRI."""
    counts = store.graph.query("SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p")
    assert isinstance(counts, ox.QuerySolutions)
    return {row["p"].value: int(row["n"].value) for row in counts}


def _find_starts(store: GraphStore, ranges: int) -> tuple[bytes, ...]:
    """Return what the lines begin with at which ranges begin, about so many; a database lists cases in no order."""
    if ranges < 2:
        return ()
    query = f"SELECT ?case WHERE {{ ?case a <{term('Case')}> }} LIMIT {ranges * _SAMPLE}"
    solutions = store.graph.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    sample = sorted({row["case"].value.encode() for row in solutions})
    return tuple(b"<" + subject for subject in sample[:: max(len(sample) // ranges, 1)][1:])


@dataclass(frozen=True)
class _Sorter:
    """What each process works with: its database, and where ranges begin, how they are sorted and converted."""

    graph: ReadableGraph | None
    folder: Path
    starts: tuple[bytes, ...]
    for_reading: bool
    left_out: frozenset[bytes]
    convert: Convert

    def part_property(self, name: str) -> str:
        """Write the lines of a property, by its IRI, to files by their ranges; return the IRI."""
        assert self.graph is not None
        solutions = self.graph.query(f"SELECT ?s ?o WHERE {{ ?s <{name}> ?o }}")
        assert isinstance(solutions, ox.QuerySolutions)
        sink = _Sink((b"  <" if self.for_reading else b"> <") + name.encode() + b"> ", self._part)
        solutions.serialize(sink, format=ox.QueryResultsFormat.TSV)  # type: ignore[arg-type] # all it does is write
        sink.flush()
        return name

    def _part(self, lines: list[bytes]) -> None:
        lines.sort()
        bounds = [0, *(bisect_left(lines, start) for start in self.starts), len(lines)]
        for number, (begin, end) in enumerate(pairwise(bounds)):
            if begin < end:
                with (self.folder / f"{number}-{os.getpid()}").open("ab") as file:
                    file.writelines(lines[begin:end])

    def convert_range(self, number: int) -> Path:
        """Sort the lines of a range and convert them; return the file that has the result."""
        lines: set[bytes] = set()
        for path in self.folder.glob(f"{number}-*"):
            lines.update(path.read_bytes().splitlines(keepends=True))
            path.unlink()
        converted = self.folder / f"converted-{number}"
        converted.write_bytes(self.convert(sorted(lines - self.left_out)))
        return converted


class _Sink:
    """Takes the tab-separated values of subjects and objects as they are written; gives on lines of N-Triples."""

    def __init__(self, between: bytes, take: Callable[[list[bytes]], None]) -> None:
        self._between, self._take = between, take
        self._pieces: list[bytes] = []
        self._size, self._is_begun = 0, False

    def write(self, piece: bytes) -> int:
        """Take some bytes."""
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        if self._size > _CHUNK:
            self.flush()
        return len(piece)

    def flush(self) -> None:
        """Give on the lines that are whole."""
        text, _, rest = b"".join(self._pieces).rpartition(b"\n")
        self._pieces, self._size = [rest], len(rest)
        if not self._is_begun:
            _, _, text = text.partition(b"\n")  # the names of the variables
            self._is_begun = True
        if text:
            self._take(self._to_ntriples(text + b"\n"))

    def _to_ntriples(self, text: bytes) -> list[bytes]:
        text = _BARE.sub(_quote, text)
        if len(text.translate(None, _CONTROLS)) < len(text):  # many times as fast as to look by a pattern
            text = _CONTROL.sub(_escape, text)
        return text.replace(b">\t", self._between).replace(b"\n", b" .\n").splitlines(keepends=True)


def _quote(found: re.Match[bytes]) -> bytes:
    kind = found.lastindex or 0
    return b'\t"%b"^^<%b%b>' % (found[kind], XSD.encode(), _BARE_TYPES[kind - 1])


def _escape(found: re.Match[bytes]) -> bytes:
    return _SHORT_ESCAPES.get(found[0]) or b"\\u%04X" % found[0][0]


@contextmanager
def _open_runner(sorter: _Sorter, database: Path | None, jobs: int) -> Iterator[_Run]:
    """Yield what runs the methods of a sorter: in processes that open the database, or here where it is None."""
    if database is None or jobs < 2:
        yield lambda method, arguments, _: map(getattr(sorter, method), arguments)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed  # here, as few exports need processes
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # "spawn", as a fork would inherit locks that the database's own threads hold
    pool = ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_begin_process, initargs=(replace(sorter, graph=None), database)
    )

    def run(method: str, arguments: Iterable[Any], ordered: bool) -> Iterator[Any]:
        tasks = [pool.submit(_call, method, argument) for argument in arguments]
        for task in tasks if ordered else as_completed(tasks):
            yield task.result()

    try:
        yield run
    except BrokenProcessPool:
        raise ToolError("A process of the export was ended, perhaps because memory is short.") from None
    finally:
        pool.shutdown(cancel_futures=True)


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
