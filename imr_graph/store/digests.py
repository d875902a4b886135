"""What tells whether files are as they were written: digests of a generation's files, and the seal of the catalog.

The files of the graph's database do not change once it is closed, and readers open it without writing. So their sizes
and digests are taken after that and before the generation is published. The list, `DIR/digests/<n>.json`, which
`store.json` names by its own digest, also has the manifest, from which a lost `store.json` can be made again.

The catalog changes in place, and its bytes also change where SQLite moves pages about, so a digest of the file would
say nothing. Its seal is a digest of its rows, kept in it: the first row that is written breaks it, and it is set again
when the change of the store is done. A build that was killed leaves none, and the next one sets it again. Texts are
named by their own digests; the seal has those names. Table and index have checks of their own (`table_manifest`,
`search_index`).
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from imr_graph.errors import StoreError
from imr_graph.store import catalog
from imr_graph.store.generations import Manifest, folder_of, seal_fields, unseal_fields, write_durably
from imr_graph.store.sqlite_files import truncate_log

__all__ = [
    "DAMAGED",
    "MISSING",
    "OPEN",
    "REBUILD",
    "SEALED",
    "FileDigest",
    "catalog_state",
    "check_catalog",
    "check_cheaply",
    "damage",
    "file_of",
    "measure",
    "read_digests",
    "record",
    "seal_catalog",
    "tidy",
]

SEALED: Final = "sealed"
OPEN: Final = "open"
DAMAGED: Final = "damaged"
MISSING: Final = "missing"

REBUILD: Final = "restore it from a copy of the store, or build the store anew elsewhere from its letters"
"""The way out where a file cannot be derived from others."""

_SMALL: Final = 256 << 10  # bytes; smaller files are read whole when a store is opened
_FOLDER: Final = "digests"
_SEAL: Final = "2:"  # how a seal begins; earlier versions took digests in another way
_ROWS: Final = 2_000  # that are digested together
_CHANGING: Final = ("LOG", "LOCK")  # the database's own report and its lock say nothing of the data


@dataclass(frozen=True, slots=True)
class FileDigest:
    """The size of a file in bytes and the SHA-256 of its content."""

    size: int
    sha256: str


FileList: TypeAlias = tuple[Manifest, Mapping[str, FileDigest]]
"""The manifest of a generation and its files, by their paths in the store."""


def measure(file: Path) -> FileDigest:
    """Return size and digest of a file; raises OSError where it cannot be read."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileDigest(stream.tell(), digest)


def damage(file: Path, expected: FileDigest, *, whole: bool = True) -> str | None:
    """Return what is wrong with a file, as the end of a sentence, or None; without `whole` only its size is compared.

    Raises OSError where the file is there and cannot be read.
    """
    try:
        size = file.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return "is missing"
    if size != expected.size:
        return f"has {size:,} bytes instead of {expected.size:,}"
    return "has other content than when it was written" if whole and measure(file) != expected else None


def file_of(path: Path, generation: int) -> Path:
    """Return the file that lists the digests of a generation."""
    return path / _FOLDER / f"{generation}.json"


def record(path: Path, manifest: Manifest) -> Manifest:
    """List the files of a generation that is about to be published; return its manifest with the list's digest.

    What the generation before has in common with it (the same file under two names) is not read again.
    """
    before = read_digests(path, manifest.generation - 1)
    plain = replace(manifest, digests="")
    files = {name: asdict(_reuse_digest(path, name, before) or measure(path / name)) for name in _names(path, manifest)}
    file = file_of(path, manifest.generation)
    file.parent.mkdir(exist_ok=True)
    write_durably(file, seal_fields({"manifest": asdict(plain), "files": files}))
    return replace(manifest, digests=measure(file).sha256)


def read_digests(path: Path, generation: int) -> FileList | None:
    """Return the manifest and the files (by path in the store) of a generation; None where the list is no good."""
    try:
        fields = unseal_fields(json.loads(file_of(path, generation).read_bytes()))
        files = {name: FileDigest(**of) for name, of in fields["files"].items()}
        return Manifest(**fields["manifest"]), files
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return None


def check_cheaply(path: Path, manifest: Manifest) -> None:
    """Compare the sizes of a generation's files, and the content of small ones, with its list.

    Raises StoreError, naming the file, where one is not as it was written. Generations of versions without digests
    pass.
    """
    if not manifest.digests:
        return
    found = read_digests(path, manifest.generation)
    file = file_of(path, manifest.generation)
    if found is None or measure(file).sha256 != manifest.digests:
        raise StoreError(
            f"{file} is missing or damaged: imr-graph verify --repair --store {path} writes it again where the graph "
            "is whole."
        )
    for name, expected in found[1].items():
        if wrong := damage(path / name, expected, whole=expected.size <= _SMALL):
            raise StoreError(f"{path / name} {wrong}: {REBUILD}; imr-graph verify --store {path} looks at all files.")


def tidy(path: Path, kept: set[int]) -> None:
    """Delete the lists of all generations but some."""
    for found in (path / _FOLDER).glob("*.json"):
        if not (found.stem.isdigit() and int(found.stem) in kept):
            found.unlink(missing_ok=True)


def _names(path: Path, manifest: Manifest) -> Iterator[str]:
    folder = folder_of(path, manifest.generation)
    for file in (*sorted(folder.iterdir()), *sorted((path / "vocabularies").glob(f"{manifest.vocabulary}.nt.gz"))):
        if not file.name.startswith(_CHANGING):
            yield file.relative_to(path).as_posix()


def _reuse_digest(path: Path, name: str, before: FileList | None) -> FileDigest | None:
    """Return the digest of a file that the generation before has as well."""
    if before is None:
        return None
    manifest, files = before
    old = f"generations/{manifest.generation}/{Path(name).name}" if name.startswith("gen") else name
    try:
        return files.get(old) if (path / name).samefile(path / old) else None
    except OSError:
        return None


def seal_catalog(store: Path) -> None:
    """Write down the digest of a catalog's rows, where any were written; the caller is the store's one writer."""
    if not (store / catalog.FILE).is_file():
        return
    with catalog.writing(store) as connection:
        if not _seals(connection):
            with connection:
                connection.execute("delete from seal")
                connection.execute("insert into seal values (?)", (_digest_rows(connection),))
        # Nothing that was erased stays in the log, unless somebody has been reading for long: then the next change
        # does it.
        truncate_log(connection)


def catalog_state(store: Path) -> str:
    """Return whether a catalog is `SEALED` and whole, `OPEN` (its last change did not end), `DAMAGED` or `MISSING`.

    Raises StoreError where it may not be read.
    """
    file = store / catalog.FILE
    if file.is_file() and not os.access(file, os.R_OK):
        raise StoreError(f"The catalog {file} cannot be read: change its permissions.")
    try:
        with catalog.reading(store) as connection:
            if connection is None:
                return MISSING
            if not connection.execute("select 1 from sqlite_master where name = 'seal'").fetchone():
                whole = connection.execute("select 1 from sqlite_master where name = 'letter'").fetchone()
                return OPEN if whole else DAMAGED  # one of an earlier version
            seals = _seals(connection)
            if not seals:
                return OPEN
            return SEALED if seals == [_digest_rows(connection)] else DAMAGED
    except (StoreError, sqlite3.Error, ValueError):
        return DAMAGED


def check_catalog(store: Path) -> None:
    """Refuse to go on with a catalog that is missing or damaged; raises StoreError."""
    found = catalog_state(store)
    if found in (DAMAGED, MISSING):
        raise StoreError(f"The catalog {store / catalog.FILE} is {found}: {catalog.restore_sentence(store)}.")


def _seals(connection: sqlite3.Connection) -> list[str]:
    """Return the seals of a catalog that this version understands: one, or none."""
    return [seal for (seal,) in connection.execute("select digest from seal") if str(seal).startswith(_SEAL)]


def _digest_rows(connection: sqlite3.Connection) -> str:
    digest = hashlib.sha256()
    for table, rows in catalog.COVERED.items():
        digest.update(table.encode())
        found = connection.execute(f"select {rows}")
        while some := found.fetchmany(_ROWS):
            digest.update(marshal.dumps(some, 2))  # equal rows are equal bytes; a third faster than their `repr`
    return f"{_SEAL}{digest.hexdigest()}"
