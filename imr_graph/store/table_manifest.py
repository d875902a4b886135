"""Which files make up the table of each generation: `STORE/tables/<generation>.json`.

Files are only ever added; a generation's manifest names those that count for it. So a reader of one generation is not
disturbed by the making of the next, and what a crash leaves behind is named by no generation that was published. Which
of their rows have gone the catalog knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from imr_graph.store.digests import FileDigest, damage, measure
from imr_graph.store.generations import seal_fields, sync_to_disk, unseal_fields, write_durably
from imr_graph.table.columns import TYPES

__all__ = [
    "FORMAT",
    "Part",
    "TableManifest",
    "damages",
    "describe_part",
    "file_of",
    "folder_of",
    "fresh",
    "parse",
    "read",
    "tidy",
    "write",
]

FORMAT: Final = 2
_EARLIER: Final = 1  # had lists of its own of what went; a table where nothing has gone yet is the same in both
_FOLDER: Final = "tables"
COLUMNS: Final = hashlib.sha256(repr(sorted(TYPES.items())).encode()).hexdigest()
"""The digest of the columns that this version's tables have."""


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file with its number of rows, its size in bytes and its SHA-256."""

    file: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class TableManifest:
    """The files of one generation: `search` is the index, `vocabulary` is the digest of the vocabulary that grouped it.

    No part has rows of cases that went with generation `cleaned` or before. `columns` is the digest of the columns that
    the files have.
    """

    generation: int
    vocabulary: str
    search: str
    parts: tuple[Part, ...]
    cleaned: int
    columns: str = COLUMNS
    format: int = FORMAT

    @property
    def files(self) -> frozenset[str]:
        """The names of all files that the generation needs."""
        return frozenset((self.search, *(part.file for part in self.parts)))

    @property
    def rows(self) -> int:
        """How many rows the parts hold, those that went included."""
        return sum(part.rows for part in self.parts)


def folder_of(store: Path) -> Path:
    """Return the folder of a store's tables."""
    return store / _FOLDER


def file_of(store: Path, generation: int) -> Path:
    """Return the file of a generation's manifest."""
    return folder_of(store) / f"{generation}.json"


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
    try:
        fields = unseal_fields(json.loads(file_of(store, generation).read_bytes()))
        if fields["format"] == _EARLIER and not fields.pop("gone"):
            fields |= {"format": FORMAT, "cleaned": generation}
        if fields["format"] != FORMAT or fields["generation"] != generation:
            return None
        parts = tuple(Part(**{name: part[name] for name in Part.__slots__}) for part in fields.pop("parts"))
        return TableManifest(parts=parts, **fields)
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return None


def damages(store: Path, manifest: TableManifest, *, whole: bool) -> Iterator[tuple[Path, str]]:
    """Yield the files of a table that are not as they were written, and what is wrong; without `whole` by size alone.

    The index is not among them: it goes on changing, and `search_index` compares it with the rows.
    """
    for part in manifest.parts:
        file = folder_of(store) / part.file
        if wrong := damage(file, FileDigest(part.size, part.sha256), whole=whole):
            yield file, wrong


def write(store: Path, manifest: TableManifest) -> None:
    """Write a manifest in one step, after the index has reached the disk, as its parts have."""
    sync_to_disk(folder_of(store) / manifest.search)
    write_durably(file_of(store, manifest.generation), seal_fields(asdict(manifest)))


def describe_part(file: Path, rows: int) -> Part:
    """Return what a manifest says of a new file of rows, after it has reached the disk."""
    sync_to_disk(file)
    return Part(file.name, rows, **asdict(measure(file)))


def fresh(store: Path, stem: str, suffix: str) -> Path:
    """Return the path of a file that is not there yet: `<stem>-<n><suffix>` in the folder of the tables."""
    folder = folder_of(store)
    taken = {path.name for path in folder.glob(f"{stem}-*")}
    number = next(n for n in range(len(taken) + 1) if f"{stem}-{n}{suffix}" not in taken)
    return folder / f"{stem}-{number}{suffix}"


def tidy(store: Path, kept: Iterable[int]) -> int | None:
    """Delete the manifests of all generations but those, and every file that none of these needs.

    Returns the last generation whose departures no part holds rows of, None where there is no table.
    """
    manifests = [found for number in sorted(set(kept)) if (found := read(store, number))]
    needed = {file for manifest in manifests for file in manifest.files}
    needed |= {f"{manifest.generation}.json" for manifest in manifests}
    needed |= {f"{file}{more}" for file in needed for more in ("-wal", "-shm", "-journal")}
    folder = folder_of(store)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in needed and path.is_file():
            path.unlink(missing_ok=True)
    return min((manifest.cleaned for manifest in manifests), default=None)
