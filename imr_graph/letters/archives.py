"""Archives: zip and tar, whose members are listed, and read by their place in the file.

A zip archive's member is read without the directory: the reader opens the file, jumps and inflates. So the cost of a
member does not grow with their number, and no open archive is shared between processes. A plain tar archive is read at
the member's place as well. A compressed one can only be read from its beginning, so its members are taken out one
after the other while it is listed, and travel as bytes.
"""

from __future__ import annotations

import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

from imr_graph.errors import UnreadableError
from imr_graph.letters.source import MAX_BYTES, Source, display_name, os_reason, refuse_source, stamp_of

__all__ = [
    "LETTER_SUFFIXES",
    "MAX_ARCHIVE_BYTES",
    "MAX_ARCHIVE_RATIO",
    "MAX_MEMBER_RATIO",
    "TAR_SUFFIXES",
    "tar_sources",
    "zip_sources",
]

# What a letter's file is called; other files in folders and archives are skipped and counted.
LETTER_SUFFIXES = (".txt", ".text", ".pdf")

TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
"""What tar archives are called."""

# Letters deflate to a third or a quarter, PDFs hardly at all. Deflate itself ends near 1,032 to 1, which only endless
# repetition reaches. Small members are harmless whatever their ratio.
MAX_MEMBER_RATIO = 100
_SMALL_MEMBER = 1_000_000

# An archive whose directory promises more than 4 GB from less than a twentieth of that is a bomb; one that is itself
# that large (a year of letters as PDF has 15 GB) is not.
MAX_ARCHIVE_BYTES = 4_000_000_000
MAX_ARCHIVE_RATIO = 20

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = "is damaged: get its archive again."
_TAR_DAMAGE = (tarfile.TarError, EOFError, ValueError, zlib.error, OverflowError)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a member's bytes lie in its archive, and what they must become."""

    archive: str
    offset: int
    packed: int
    size: int
    method: int
    checksum: int


def zip_sources(path: str, skipped: Callable[[str], object]) -> Iterator[Source]:
    """Yield a source for each letter in a zip archive, by name; nothing is unpacked and nothing touches the disk.

    Members that are no letters by their names go to `skipped`. Members that are refused (a path that climbs out of the
    archive, a password, an expansion without end, an archive within) are sources whose reading says so.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = sorted(archive.infolist(), key=lambda info: (info.filename, info.header_offset))
            length, stamp = _state(archive)
    except OSError as error:
        yield refuse_source(path, os_reason(error, path))
        return
    # zipfile lets several exceptions through where the directory's own numbers are wrong.
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, EOFError, OverflowError):
        yield refuse_source(path, "is not a whole zip archive: get it again.")
        return
    total = sum(info.file_size for info in infos)
    if total > MAX_ARCHIVE_BYTES and total > MAX_ARCHIVE_RATIO * length:
        yield refuse_source(path, f"would expand from {length:,} to {total:,} bytes, so it is refused.")
        return
    for info in infos:
        yield from _member(path, info, stamp, skipped)


def _state(archive: zipfile.ZipFile) -> tuple[int, str]:
    assert archive.fp is not None  # it is open
    status = os.fstat(archive.fp.fileno())
    return status.st_size, stamp_of(status)


def _member(path: str, info: zipfile.ZipInfo, stamp: str, skipped: Callable[[str], object]) -> Iterator[Source]:
    name = f"{path}!{info.filename}"
    if info.is_dir():
        return
    judged = _judge_name(name, info.filename, skipped)
    if isinstance(judged, Source):
        yield judged
    elif not judged:
        return
    elif reason := _refusal(info):
        yield refuse_source(name, reason)
    else:
        place = _Place(path, info.header_offset, info.compress_size, info.file_size, info.compress_type, info.CRC)
        own = f"{stamp}-{info.header_offset}-{info.CRC}" if stamp else ""
        yield Source(display_name(name), info.file_size, partial(_read_zip, display_name(name), place), own)


def _judge_name(name: str, member: str, skipped: Callable[[str], object]) -> Source | bool:
    """Return whether a member is a letter by its name, or a source that says why it is refused."""
    parts = member.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or parts[0][1:2] == ":":
        return refuse_source(name, "points outside its archive, so it is refused.")
    if parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts if part != "."):
        return False
    if member.lower().endswith((".zip", *TAR_SUFFIXES)):
        return refuse_source(name, "is an archive within an archive: unpack it first.")
    if not member.lower().endswith(LETTER_SUFFIXES):
        skipped(display_name(name))
        return False
    return True


def _refusal(info: zipfile.ZipInfo) -> str | None:
    """Return why a member cannot be read, from what the archive's directory says of it."""
    if info.flag_bits & _ENCRYPTED:
        return "is protected by a password: pack it without one."
    if info.compress_type not in _METHODS:
        return "is packed by a method other than deflate: unpack it and pack it again."
    if info.file_size > MAX_BYTES:
        return _too_large()
    if info.file_size > _SMALL_MEMBER and info.file_size > MAX_MEMBER_RATIO * info.compress_size:
        return f"would expand from {info.compress_size:,} to {info.file_size:,} bytes, so it is refused."
    if info.compress_size > 2 * info.file_size + _LOCAL_HEADER.size:
        return _DAMAGED
    return None


def _read_zip(name: str, place: _Place) -> bytes:
    try:
        with open(place.archive, "rb") as file:
            file.seek(place.offset)
            signature, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
            file.seek(name_length + extra_length, 1)
            packed = file.read(place.packed)
        data = packed if place.method == zipfile.ZIP_STORED else _inflate(packed, place.size)
    except OSError as error:
        raise UnreadableError(name, os_reason(error, place.archive)) from None
    except (struct.error, zlib.error, ValueError):
        raise UnreadableError(name, _DAMAGED) from None
    if signature != b"PK\3\4" or len(data) != place.size or zlib.crc32(data) != place.checksum:
        raise UnreadableError(name, _DAMAGED)
    return data


def _inflate(packed: bytes, size: int) -> bytes:
    """Return at most `size` bytes and one more, so that a directory that lies about the size is found out."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)


def _too_large() -> str:
    return f"is larger than {MAX_BYTES // 1_000_000} MB, so it is not one letter."


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
                yield from _tar_members(path, archive, plain, status, skipped)
    except _TAR_DAMAGE:
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


def _tar_members(
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
        if not member.isreg():
            continue
        judged = _judge_name(name, member.name, skipped)
        if isinstance(judged, Source):
            yield judged
        elif not judged:
            continue
        elif member.size > MAX_BYTES:
            yield refuse_source(name, _too_large())
        else:
            own = f"{stamp}-{member.offset_data}-{member.size}" if stamp else ""
            yield Source(display_name(name), member.size, _reader(name, path, archive, member, plain), own)


def _reader(
    name: str, path: str, archive: tarfile.TarFile, member: tarfile.TarInfo, plain: bool
) -> Callable[[], bytes]:
    if plain and not member.issparse():
        return partial(_read_tar, display_name(name), path, member.offset_data, member.size)
    content = archive.extractfile(member)
    return partial(bytes, content.read() if content else b"")


def _read_tar(name: str, path: str, offset: int, size: int) -> bytes:
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            data = file.read(size)
    except OSError as error:
        raise UnreadableError(name, os_reason(error, path)) from None
    if len(data) != size:
        raise UnreadableError(name, "is cut: its archive ends before it does, get the archive again.")
    return data
