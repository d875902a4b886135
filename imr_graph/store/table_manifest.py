"""Which files make up the table of each generation: `STORE/tables/<generation>.json`.

Files are only ever added; a generation's manifest names those that count for it. So a reader of one generation is not
disturbed by the making of the next, and what a crash leaves behind is named by no generation that was published.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from imr_graph.store.digests import FileDigest, damage, measure
from imr_graph.store.generations import seal_fields, unseal_fields, write_durably
from imr_graph.table.columns import TYPES

__all__ = [
    "FORMAT",
    "Gone",
    "Part",
    "TableManifest",
    "clear",
    "damages",
    "folder_of",
    "fresh",
    "parse",
    "read",
    "tidy",
    "write",
]

FORMAT: Final = 1
_FOLDER: Final = "tables"
COLUMNS: Final = hashlib.sha256(repr(sorted(TYPES.items())).encode()).hexdigest()
"""The digest of the columns that this version's tables have."""


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file of rows; `came` is the last generation that any of them came with.

    `size` and `sha256` are those of the file; both are missing where an earlier version wrote it.
    """

    file: str
    rows: int
    came: int
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """A file of keys of cases that went with generation `went`; rows that came with it or later stay."""

    file: str
    keys: int
    went: int
    size: int = 0
    sha256: str = ""


_File = TypeVar("_File", Part, Gone)


@dataclass(frozen=True)
class TableManifest:
    """What the table of one generation is made of; `vocabulary` is the digest of the vocabulary that grouped it.

    `columns` is the digest of the columns that its files have.
    """

    generation: int
    vocabulary: str
    search: str
    parts: tuple[Part, ...] = ()
    gone: tuple[Gone, ...] = ()
    columns: str = ""
    format: int = FORMAT

    @property
    def files(self) -> frozenset[str]:
        """The names of all files that the generation needs."""
        return frozenset((self.search, *(part.file for part in self.parts), *(gone.file for gone in self.gone)))

    @property
    def rows(self) -> int:
        """How many rows the parts hold, those that went included."""
        return sum(part.rows for part in self.parts)

    @property
    def dead(self) -> int:
        """How many keys have gone since the parts were written."""
        return sum(gone.keys for gone in self.gone)


def folder_of(store: Path) -> Path:
    """Return the folder of a store's tables."""
    return store / _FOLDER


def read(store: Path, generation: int) -> TableManifest | None:
    """Return the manifest of a generation.

    None where there is none that counts, a file of it has another size, or a version with other columns made it.
    """
    manifest = parse(store, generation)
    if manifest is None or manifest.columns != COLUMNS or not (folder_of(store) / manifest.search).is_file():
        return None
    return None if any(damages(store, manifest, whole=False)) else manifest


def parse(store: Path, generation: int) -> TableManifest | None:
    """Return the manifest of a generation whatever became of its files; None where it is damaged or not there."""
    folder = folder_of(store)
    try:
        fields = unseal_fields(json.loads((folder / f"{generation}.json").read_bytes()))
        if fields["format"] != FORMAT:
            return None
        parts = tuple(Part(**part) for part in fields.pop("parts"))
        gone = tuple(Gone(**gone) for gone in fields.pop("gone"))
        manifest = TableManifest(parts=parts, gone=gone, **fields)
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return manifest if manifest.generation == generation else None


def damages(store: Path, manifest: TableManifest, *, whole: bool) -> Iterator[tuple[Path, str]]:
    """Yield the files of a table that are not as they were written, and what is wrong; without `whole` by size alone.

    The index is not among them: it goes on changing, and `search_index` compares it with the rows.
    """
    files: tuple[Part | Gone, ...] = (*manifest.parts, *manifest.gone)
    for each in files:
        file = folder_of(store) / each.file
        if each.sha256 and (wrong := damage(file, FileDigest(each.size, each.sha256), whole=whole)):
            yield file, wrong
        elif not file.is_file():
            yield file, "is missing"


def write(store: Path, manifest: TableManifest) -> None:
    """Write a manifest in one step, after its files have reached the disk."""
    folder = folder_of(store)
    for name in sorted(manifest.files):
        _to_disk(folder / name)
    parts = tuple(_with_digest(folder, part) for part in manifest.parts)
    gone = tuple(_with_digest(folder, each) for each in manifest.gone)
    write_durably(
        folder / f"{manifest.generation}.json",
        seal_fields(asdict(replace(manifest, parts=parts, gone=gone, columns=COLUMNS))),
    )


def _with_digest(folder: Path, file: _File) -> _File:
    """Return what is said of a file with its digest, which it keeps for all generations that have it."""
    return file if file.sha256 else replace(file, **asdict(measure(folder / file.file)))


def fresh(store: Path, stem: str, suffix: str) -> Path:
    """Return the path of a file that is not there yet: `<stem>-<n><suffix>` in the folder of the tables."""
    folder = folder_of(store)
    taken = {path.name for path in folder.glob(f"{stem}-*")}
    number = next(n for n in range(len(taken) + 1) if f"{stem}-{n}{suffix}" not in taken)
    return folder / f"{stem}-{number}{suffix}"


def clear(store: Path, generation: int) -> None:
    """Take back the manifests of a generation and of later ones: they were never published."""
    for number in _numbers(store):
        if number >= generation:
            (folder_of(store) / f"{number}.json").unlink(missing_ok=True)


def tidy(store: Path, kept: Iterable[int]) -> None:
    """Delete the manifests of all generations but those, and every file that none of these needs."""
    kept = set(kept)
    manifests = [found for number in sorted(kept) if (found := read(store, number))]
    needed = {file for manifest in manifests for file in manifest.files}
    needed |= {f"{manifest.generation}.json" for manifest in manifests}
    needed |= {f"{file}{more}" for file in needed for more in ("-wal", "-shm", "-journal")}
    folder = folder_of(store)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in needed and path.is_file():
            path.unlink(missing_ok=True)


def _numbers(store: Path) -> tuple[int, ...]:
    return tuple(sorted(int(path.stem) for path in folder_of(store).glob("*.json") if path.stem.isdigit()))


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
