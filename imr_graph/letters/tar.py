"""Tar archives: members of a plain one are read by their place in it, those of a compressed one travel as bytes.

A compressed archive can only be read from its beginning, so its members are taken out one after the other while it is
listed; a plain one is read again at the member's place, as a zip archive is.
"""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from imr_graph.errors import UnreadableError
from imr_graph.letters.archives import LETTER_SUFFIXES, MAX_ARCHIVE_BYTES, MAX_ARCHIVE_RATIO
from imr_graph.letters.source import MAX_BYTES, Source, display_name, os_reason, refuse_source, stamp_of

__all__ = ["TAR_SUFFIXES", "tar_sources"]

TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
"""What tar archives are called."""

_ARCHIVES = (".zip", *TAR_SUFFIXES)
_DAMAGE = (tarfile.TarError, EOFError, ValueError, zlib.error, OverflowError)


def tar_sources(path: str, skipped: Callable[[str], object]) -> Iterator[Source]:
    """Yield a source for each letter in a tar archive, in the archive's order; nothing touches the disk.

    Members that are no letters by their names go to `skipped`. Members that are refused (a path that climbs out of the
    archive, more than a letter can have, an archive within) are sources whose reading says so, and so is the rest of
    an archive that is damaged or expands without end.
    """
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            plain = _is_plain(file)
            with tarfile.open(fileobj=file, mode="r:" if plain else "r|*") as archive:
                yield from _members(path, archive, plain, status, skipped)
    except _DAMAGE:
        yield refuse_source(path, "is not a whole tar archive: get it again; letters before the damage were read.")
    except OSError as error:
        # A broken gzip or bzip2 stream is an OSError without a number.
        yield refuse_source(
            path, os_reason(error, path) if error.errno else "is not a whole tar archive: get it again."
        )


def _is_plain(file: IO[bytes]) -> bool:
    head = file.read(262)
    file.seek(0)
    return head[257:262] == b"ustar"


def _members(
    path: str, archive: tarfile.TarFile, plain: bool, status: os.stat_result, skipped: Callable[[str], object]
) -> Iterator[Source]:
    total, stamp = 0, stamp_of(status)
    for member in archive:
        archive.members = []  # type: ignore[attr-defined]  # a million members are not to be remembered
        total += member.size
        if total > MAX_ARCHIVE_BYTES and total > MAX_ARCHIVE_RATIO * status.st_size:
            yield refuse_source(
                path, f"expands from {status.st_size:,} to over {total:,} bytes, so its rest is refused."
            )
            return
        name = f"{path}!{member.name}"
        parts = member.name.replace("\\", "/").split("/")
        if ".." in parts or not parts[0] or parts[0][1:2] == ":":
            yield refuse_source(name, "points outside its archive, so it is refused.")
        elif not member.isreg() or any(part.startswith(".") for part in parts if part != "."):
            continue
        elif member.name.lower().endswith(_ARCHIVES):
            yield refuse_source(name, "is an archive within an archive: unpack it first.")
        elif not member.name.lower().endswith(LETTER_SUFFIXES):
            skipped(display_name(name))
        elif member.size > MAX_BYTES:
            yield refuse_source(name, f"is larger than {MAX_BYTES // 1_000_000} MB, so it is not one letter.")
        else:
            own = f"{stamp}-{member.offset_data}-{member.size}" if stamp else ""
            yield Source(display_name(name), member.size, _reader(name, path, archive, member, plain), own)


def _reader(
    name: str, path: str, archive: tarfile.TarFile, member: tarfile.TarInfo, plain: bool
) -> Callable[[], bytes]:
    if plain and not member.issparse():
        return partial(_read, display_name(name), path, member.offset_data, member.size)
    content = archive.extractfile(member)
    return partial(bytes, content.read() if content else b"")


def _read(name: str, path: str, offset: int, size: int) -> bytes:
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            data = file.read(size)
    except OSError as error:
        raise UnreadableError(name, os_reason(error, path)) from None
    if len(data) != size:
        raise UnreadableError(name, "is cut: its archive ends before it does, get the archive again.")
    return data
