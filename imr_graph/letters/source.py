"""One input of a build: what it is called, how large it is, and how its bytes are had when they are wanted.

A `Source` is small and can be pickled, so that a million of them can be listed in one process and read in others.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from imr_graph.errors import UnreadableError

__all__ = [
    "MAX_BYTES",
    "Source",
    "display_name",
    "file_source",
    "os_reason",
    "refuse_source",
    "stamp_of",
    "stream_source",
]

# A letter as text has 4 to 60 KB, as PDF 20 to 200 KB; a scan of one a few MB. More than this is something else.
MAX_BYTES = 20_000_000

# Without O_NONBLOCK, opening a named pipe that nobody writes to would wait for ever; Windows has neither that flag nor
# such pipes, and wants to be told that a file is no text.
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

# Two writes within one tick of a file system's clock (2 s on FAT) leave the same time of change, in nanoseconds.
_STILL_WARM = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """One input, not yet read.

    `name` is the input as the user named it, below a folder the folder's name and the path within, for an archive's
    member `archive.zip!member.txt`. `size` is its number of bytes, 0 where it is not known before reading. `stamp` is
    what its place says of the content's state: while it stays the same, so do the bytes; empty where nothing is said.
    """

    name: str
    size: int = 0
    reader: Callable[[], bytes] = field(default=bytes, repr=False, compare=False)
    stamp: str = ""

    def __reduce__(self) -> tuple[Callable[..., Source], tuple[object, ...]]:
        """Pickle a source in half the time that a dataclass takes, a file's in a quarter: a million of them are."""
        if isinstance(self.reader, partial) and self.reader.func is _read_file:
            return _restore_file, (self.name, self.size, self.stamp, *self.reader.args)
        return Source, (self.name, self.size, self.reader, self.stamp)

    def read(self) -> bytes:
        """Return the bytes; raise `UnreadableError` where there is no way to have them."""
        return self.reader()


def file_source(path: str, status: os.stat_result | None = None) -> Source:
    """Return the source for a file, which is opened when it is read; a missing one says so then."""
    size, stamp = (status.st_size, stamp_of(status)) if status else (0, "")
    return Source(display_name(path), size, partial(_read_file, path), stamp)


def _restore_file(name: str, size: int, stamp: str, path: str) -> Source:
    return Source(name, size, partial(_read_file, path), stamp)


def stamp_of(status: os.stat_result) -> str:
    """Return a file's size and time of change as a stamp; none where it is so new that it may be changing still."""
    if time.time_ns() - status.st_mtime_ns < _STILL_WARM:
        return ""
    return f"{status.st_size}-{status.st_mtime_ns}"


def stream_source(name: str, path: str | None = None) -> Source:
    """Return the source for a stream: standard input, or a pipe that the shell made (`path`).

    A stream can be read only here and only once, so its bytes travel with the source.
    """
    try:
        if path is not None:
            with open(path, "rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        elif sys.stdin is None:
            return refuse_source(name, "is closed.")
        else:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        return refuse_source(name, os_reason(error, name))
    if len(data) > MAX_BYTES:
        return refuse_source(name, _too_large())
    return Source(display_name(name), len(data), partial(bytes, data))


def refuse_source(name: str, reason: str) -> Source:
    """Return a source that cannot be read: reading it raises `UnreadableError` with the reason."""
    return Source(display_name(name), 0, partial(_refuse, display_name(name), reason))


def display_name(name: str) -> str:
    """Return a file's name as it can be printed: one line, without bytes that are no UTF-8."""
    if name.isprintable():
        return name
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def os_reason(error: OSError, path: str) -> str:
    """Return in words why the operating system does not hand out a file."""
    match error:
        case FileNotFoundError() if os.path.islink(path):
            return "is a link to a file that does not exist."
        case FileNotFoundError() | NotADirectoryError():
            return "does not exist: check the path."
        case PermissionError():
            return "cannot be read: permission is denied."
        case IsADirectoryError():
            return "is a folder, not a letter."
    return f"cannot be read: {error.strerror or 'input/output error'}."


def _refuse(name: str, reason: str) -> NoReturn:
    raise UnreadableError(name, reason)


def _too_large() -> str:
    return f"is larger than {MAX_BYTES // 1_000_000} MB, so it is not one letter."


def _read_file(path: str) -> bytes:
    name = display_name(path)
    try:
        handle = os.open(path, _OPEN)
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise UnreadableError(name, "is a pipe or a device, not a file.")
            data = file.read(MAX_BYTES + 1)
    except UnreadableError:
        raise
    except OSError as error:
        raise UnreadableError(name, os_reason(error, path)) from None
    except ValueError:  # a NUL in the path
        raise UnreadableError(name, "does not exist: check the path.") from None
    if len(data) > MAX_BYTES:
        raise UnreadableError(name, _too_large())
    return data
