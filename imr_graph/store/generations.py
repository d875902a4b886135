"""The store's folder: generations of a database, the file that names the current one, and the writer's lock.

`DIR/store.json` names the current generation; `DIR/generations/<n>/` holds it. A change prepares generation n+1 and
then replaces `store.json` in one step, so that a reader, a crash or a full disk meets the old state or the new one.
The generation before the current one stays, for readers that still have it open.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from imr_graph.errors import StoreError
from imr_graph.resources import software_version
from imr_graph.store.failures import translate_errors

__all__ = [
    "FORMAT",
    "PRESENT",
    "Manifest",
    "depart",
    "folder_of",
    "forget_unpublished",
    "keep_only",
    "manifest_of",
    "no_store",
    "present_in",
    "publish",
    "required_manifest",
    "roll_back",
    "seal_fields",
    "sync_to_disk",
    "tidy",
    "unseal_fields",
    "write_durably",
    "writer",
]

FORMAT = 2

PRESENT: Final = "came <= :now and (went is null or went > :now)"
"""The SQL condition that a row belongs to generation `:now`, in tables that say when each of their rows came and went.

Such tables need no step of their own in the store's atomic change: rows of a generation that was never published count
for nothing, and the next writer takes them back.
"""

_MANIFEST, _LOCK, _HOLDER, _GENERATIONS = "store.json", "lock", "lock-holder.json", "generations"
_PATIENCE: Final = 0.5  # seconds


def present_in(alias: str) -> str:
    """Return `PRESENT` for the columns of a table that a statement names so.

    >>> present_in("l")
    'l.came <= :now and (l.went is null or l.went > :now)'
    """
    return PRESENT.replace("came", f"{alias}.came").replace("went", f"{alias}.went")


@dataclass(frozen=True)
class Manifest:
    """What `store.json` says; `vocabulary` is the digest of the vocabularies that the generation holds.

    `digests` is the digest of the list of its files (`store.digests`), empty where an earlier version made it.
    """

    base: str
    generation: int
    vocabulary: str
    software: str
    format: int = FORMAT
    digests: str = ""

    def next(self, vocabulary: str) -> Manifest:
        """Return the manifest of the generation after this one."""
        return replace(self, generation=self.generation + 1, vocabulary=vocabulary, software=software_version(),
                       digests="")  # fmt: skip


def folder_of(path: Path, generation: int | str) -> Path:
    """Return the folder of a generation's database, or of one that is not finished."""
    return path / _GENERATIONS / str(generation)


def manifest_of(path: Path, *, also: int | None = None) -> Manifest | None:
    """Return what a store says of itself, or None where there is no store.

    `also` is another format that is welcome. Raises StoreError where the store has another format or its `store.json`
    cannot be understood.
    """
    file = path / _MANIFEST
    with translate_errors(path):
        try:
            raw = file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
    try:
        fields = json.loads(raw)
        found = fields["format"]
        manifest = Manifest(**unseal_fields(fields)) if found in (FORMAT, also) else None
    except (ValueError, KeyError, TypeError):
        raise StoreError(
            f"{file} is damaged: imr-graph verify --repair --store {path} writes it again, or restore it from a copy."
        ) from None
    if manifest is None and found == FORMAT - 1:
        raise StoreError(
            f"The store {path} was made by an earlier version of imr-graph: imr-graph build SOURCE --store {path} "
            "renews it, without reading letters again."
        )
    if manifest is None:
        raise StoreError(
            f"The store {path} has format {found} and this version of imr-graph reads {FORMAT}: "
            "build it anew, or use the version that wrote it."
        )
    return manifest


def required_manifest(path: Path) -> Manifest:
    """Return what a store says of itself; raises StoreError where there is none, and as `manifest_of`."""
    manifest = manifest_of(path)
    if manifest is None:
        raise no_store(path)
    return manifest


def no_store(path: Path) -> StoreError:
    """Return the error for a place that holds no store."""
    return StoreError(f"There is no store at {path}: make one with imr-graph build SOURCE --store {path}.")


def publish(path: Path, manifest: Manifest) -> None:
    """Make a generation the current one: the single step that changes what readers see."""
    write_durably(path / _MANIFEST, seal_fields(asdict(manifest)))


def seal_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a JSON file with their digest, so that a change of any of them is noticed.

    >>> unseal_fields(seal_fields({"base": "a"}))
    {'base': 'a'}
    """
    return {**fields, "check": _digest(fields)}


def unseal_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a JSON file without their digest; raises ValueError where they are not as written.

    Files that earlier versions wrote have none.
    """
    rest = {name: value for name, value in fields.items() if name != "check"}
    if "check" in fields and fields["check"] != _digest(rest):
        raise ValueError("the content is not what was written")
    return rest


def _digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def write_durably(file: Path, fields: Mapping[str, Any]) -> None:
    """Write a JSON file in one step, and wait until it is on the disk."""
    temporary = file.with_name(f"{file.name}.new")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(fields, stream, indent=1, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, file)
    # A file system that cannot sync a folder has renamed the file all the same: no reason to report a failure.
    with suppress(OSError):
        sync_to_disk(file.parent)


def sync_to_disk(path: Path) -> None:
    """Wait until a file, or the list of a folder's files, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget_unpublished(path: Path, generation: int) -> None:
    """Delete what a writer that was stopped noted beside the store for a generation that it never published."""
    for found in path.glob(f"*/{generation}.json"):
        found.unlink(missing_ok=True)


def roll_back(connection: sqlite3.Connection, table: str, generation: int) -> None:
    """Take back what was written of generations that were never published, this one and later ones."""
    connection.execute(f"update {table} set went = null where went >= ?", (generation,))
    connection.execute(f"delete from {table} where came >= ?", (generation,))


def depart(connection: sqlite3.Connection, table: str, generation: int, keys: Iterable[str]) -> None:
    """Let the rows of cases that came before a generation go with it, by the keys of the cases."""
    sql = f"update {table} set went = :now where key = :key and went is null and came < :now"
    connection.executemany(sql, ({"now": generation, "key": key} for key in keys))


def tidy(path: Path, manifest: Manifest | None) -> None:
    """Delete every generation but the current one and the one before it; unfinished ones go too."""
    kept = {manifest.generation, manifest.generation - 1} if manifest else set()
    folder = path / _GENERATIONS
    for found in folder.iterdir() if folder.is_dir() else ():
        if not (found.name.isdigit() and int(found.name) in kept):
            shutil.rmtree(found, ignore_errors=True)


def keep_only(path: Path, generation: int) -> None:
    """Delete every generation but one, also the one before it that readers may have open."""
    for found in (path / _GENERATIONS).iterdir():
        if found.name != str(generation):
            shutil.rmtree(found, ignore_errors=True)


@contextmanager
def writer(path: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the store as its one writer; a server that tidies up holds it for some milliseconds, which is waited for.

    `patience` is for how many seconds. Raises StoreError with a sentence that names the process that holds it.
    """
    with translate_errors(path):
        (path / _GENERATIONS).mkdir(parents=True, exist_ok=True)
        (path / _LOCK).touch()  # a folder that cannot be written is told from one that cannot be locked
    from filelock import FileLock, Timeout  # here, as only writers need it

    lock = FileLock(path / _LOCK, timeout=patience, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreError(
            f"The store {path} is being written by {_holder(path)}: wait until it is done, or stop it."
        ) from None
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreError(
            f"The store {path} cannot be locked ({reason}): its file system has no locks, use a local folder."
        ) from None
    try:
        _sign(path)
        yield
    finally:
        lock.release()


def _sign(path: Path) -> None:
    """Write down who writes the store, for the sentence that another writer gets; it is not worth failing for."""
    mine = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now().isoformat(" ", "seconds")}
    with suppress(OSError):
        (path / _HOLDER).write_text(json.dumps(mine), encoding="utf-8")


def _holder(path: Path) -> str:
    try:
        found = json.loads((path / _HOLDER).read_bytes())
        return f"process {found['pid']} on {found['host']} since {found['since']}"
    except (ValueError, KeyError, TypeError, OSError):
        return "another process"
