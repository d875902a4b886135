"""What a stage is given: where to work, how much to measure, and the prepared inputs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from builds import build
from corpora import Corpus, corpus
from environment import cores
from process_timer import Measured, probe, run

from imr_graph.store.generations import manifest_of

__all__ = ["Bench", "Prepared"]


@dataclass(frozen=True)
class Prepared:
    """A folder of prepared inputs, and what is known of them (letters, triples, bytes of N-Triples)."""

    folder: Path
    made: Measured


@dataclass(frozen=True)
class Bench:
    """One run of the benchmark.

    `sizes` are numbers of letters, ascending; `sample` is how many the stages that are measured alone get, `pdfs` how
    many letters as PDF; `baselines` is the interpreter of the baselines' environment, None where they are left out.
    """

    work: Path
    sizes: tuple[int, ...]
    sample: int
    pdfs: int
    rounds: int
    baselines: Path | None

    @property
    def middle(self) -> int:
        """The size of runs that are not repeated at every size: the smaller one of two."""
        return self.sizes[(len(self.sizes) - 1) // 2]

    def letters(self, count: int, *, format_: str = "text", later: int = 0) -> Corpus:
        """Return a corpus."""
        return corpus(self.work, count, format_=format_, later=later, jobs=cores())

    def prepared(self, count: int, *, tables: bool = False) -> Prepared:
        """Return the texts, determinations and triples of so many letters, made once in a run of the command."""
        return _prepared(self.letters(count), self.work / f"prepared-{count}{'-tables' if tables else ''}", tables)

    def store(self, count: int) -> Path:
        """Return a store of so many letters, to be read only: that of an earlier run, where there is one."""
        path = self.work / f"store-{count}"
        if manifest_of(path) is None:
            build(path, self.letters(count).folder, validated=False)
        return path

    def keep_store(self, built: Path, count: int) -> None:
        """Make a store that was just built the one that `store` returns."""
        kept = self.work / f"store-{count}"
        _clear(kept)
        built.rename(kept)

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """Give a path that nothing stands at, and clear it afterwards."""
        path = self.work / name
        _clear(path)
        try:
            yield path
        finally:
            _clear(path)


@cache
def _prepared(letters: Corpus, out: Path, tables: bool) -> Prepared:
    _clear(out)
    return Prepared(out, run(probe("prepare", letters.folder, out, "tables" if tables else "")))


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
