"""Loading N-Triples files that were written beforehand into the next generation: the way of large builds."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import UnreadableError
from imr_graph.graph.cases import remove_case, remove_unused_nodes
from imr_graph.resources import needed_zstandard, zstandard
from imr_graph.store.catalog import Entry
from imr_graph.store.graph_store import write_store

__all__ = ["load_files", "open_file"]


def load_files(
    store: Path | str,
    files: Iterable[Path],
    *,
    letters: Iterable[Entry] = (),
    removed: Iterable[str] = (),
    anew: bool = False,
    base: str | None = None,
) -> int:
    """Load N-Triples files (plain, `.gz`, `.zst`) as the next generation of a store and return its number.

    `removed` are keys of cases that go before the files come; whoever calls sees to it that no letter in the files is
    in the store already. `letters` is what the catalog will say of those that come. `anew` starts from the
    vocabularies alone. All of it becomes visible at once, or nothing does. Raises UnreadableError where a file is not
    N-Triples, StoreError where the store cannot be written.
    """
    with write_store(store, base=base) as writing:
        with writing.next(anew=anew) as draft:
            touched: set[str] = set()
            for key in removed:
                touched |= remove_case(draft.graph, terms.case_iri(key, writing.base))
                draft.went.append(key)
            draft.came += letters
            for file in files:
                _load(draft.graph, file)
            remove_unused_nodes(draft.graph, touched)
        return (writing.manifest.generation if writing.manifest else 0) + 1


@contextmanager
def open_file(file: Path) -> Iterator[IO[bytes]]:
    """Open a file of N-Triples for reading, decompressing it by its name's ending."""
    if file.suffix == ".gz":
        with gzip.open(file, "rb") as packed:
            yield cast("IO[bytes]", packed)
    elif file.suffix == ".zst":
        with needed_zstandard(zstandard()).open(file, "rb") as stream:
            yield stream
    else:
        with file.open("rb") as stream:
            yield stream


class _Whole:
    """A stream that names its file where the compression is damaged or ends early."""

    def __init__(self, file: Path, stream: IO[bytes]) -> None:
        self._file, self._stream = file, stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, zlib.error, OSError) as error:
            raise _unreadable(self._file, error) from error


def _load(graph: ox.Store, file: Path) -> None:
    try:
        if file.suffix in (".gz", ".zst"):
            with open_file(file) as stream:
                graph.bulk_load(cast("IO[bytes]", _Whole(file, stream)), format=ox.RdfFormat.N_TRIPLES)
        else:
            graph.bulk_load(path=file, format=ox.RdfFormat.N_TRIPLES)
    except FileNotFoundError:
        raise UnreadableError(str(file), "it is not there; write it again") from None
    except SyntaxError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: Exception) -> UnreadableError:
    return UnreadableError(str(file), f"not N-Triples as this product writes them ({error}); write it anew")
