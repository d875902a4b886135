"""Finding letters: arguments become sources, lazily and in a fixed order.

A place that is no file or folder (standard input, later a URL) is one line in `PLACES`, a kind of archive one line in
`ARCHIVES`.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Iterable, Iterator

from imr_graph.letters.archives import LETTER_SUFFIXES, TAR_SUFFIXES, tar_sources, zip_sources
from imr_graph.letters.remote import SCHEMES, remote_sources
from imr_graph.letters.source import Source, display_name, file_source, os_reason, refuse_source, stream_source

__all__ = ["ARCHIVES", "PLACES", "find"]

Skipped = Callable[[str], object]
Lister = Callable[[str, Skipped], Iterator[Source]]

_HEAD = 4
_PIPES = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def find(arguments: Iterable[str | os.PathLike[str]], skipped: Skipped = lambda _: None) -> Iterator[Source]:
    """Yield a source for every letter that the arguments name, in their order, below folders in order of names.

    `arguments` are files, folders (searched recursively), patterns such as `letters/**/*.pdf`, zip and tar archives,
    one member of an archive (`archive.zip!member.txt`), URLs (`s3://bucket/letters`) and `-` for standard input. A file
    that is named is tried whatever it is called; in folders and archives only `.txt`, `.text`, `.pdf` and archives are
    looked at. `skipped` is called with the name of each other file there; hidden ones are passed over in silence.

    Nothing is raised: what does not exist or may not be read is a source whose `read` raises `UnreadableError`.

    >>> [source.name for source in find(["no-such-file.txt"])]
    ['no-such-file.txt']
    """
    for argument in arguments:
        yield from _place(os.fspath(argument), skipped)


def _place(argument: str, skipped: Skipped) -> Iterator[Source]:
    lister = PLACES.get(argument) or PLACES.get(argument.partition("://")[0] + "://")
    if lister:
        return lister(argument, skipped)
    try:
        mode = os.stat(argument).st_mode
    except (OSError, ValueError):
        return _not_there(argument, skipped)
    if stat.S_ISDIR(mode):
        return _folder(argument, skipped)
    if argument.startswith(_PIPES):
        return iter([stream_source(argument, argument)])
    return _named_file(argument, skipped)


def _not_there(argument: str, skipped: Skipped) -> Iterator[Source]:
    """Yield what an argument means that is no path: a member of an archive, a pattern, or nothing."""
    archive, mark, member = argument.rpartition("!")
    if mark and os.path.isfile(archive):
        found = [source for source in _named_file(archive, lambda _: None) if source.name == display_name(argument)]
        yield from found or [
            refuse_source(argument, f"is not in the archive: it holds no letter {display_name(member)}.")
        ]
    elif glob.has_magic(argument):
        matches = sorted(glob.iglob(argument, recursive=True))
        for match in matches:
            # A recursive pattern names both a folder and what is in it; each file counts once.
            if not ("**" in argument and os.path.isdir(match)):
                yield from _place(match, skipped)
        if not matches:
            yield refuse_source(argument, "matches no file.")
    else:
        yield file_source(argument)


def _named_file(path: str, skipped: Skipped) -> Iterator[Source]:
    """Yield the sources of a file that the user named: an archive is known by its content, not by its name."""
    suffix = _suffix(path)
    lister = ARCHIVES.get(suffix)
    if not lister and suffix not in LETTER_SUFFIXES:
        lister = ARCHIVES.get(_MARKS.get(_head(path), ""))
    return lister(path, skipped) if lister else iter([file_source(path, _status(path))])


def _folder(folder: str, skipped: Skipped) -> Iterator[Source]:
    """Yield the sources below a folder; links to folders are not followed, so that there is an end."""
    pending = [_entries(folder)]
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
        elif isinstance(entry, Source):
            yield entry
        elif entry[1]:
            pending.append(_entries(entry[0]))
        elif isinstance(found := _file_in_folder(entry[0], skipped), Source):
            yield found
        else:
            yield from found


def _entries(folder: str) -> Iterator[tuple[str, bool] | Source]:
    """Yield the paths in a folder by name, and which are folders; or one refused source where it cannot be listed."""
    names, folders = list[str](), set[str]()
    try:
        with os.scandir(folder) as found:
            # Names alone: a folder of a million letters takes 100 MB of them, and thrice that as directory entries.
            for entry in found:
                names.append(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    folders.add(entry.name)
    except OSError as error:
        yield refuse_source(folder, os_reason(error, folder))
        return
    start = os.path.join(folder, "")
    for name in sorted(names):
        if not name.startswith("."):
            yield start + name, name in folders


def _file_in_folder(path: str, skipped: Skipped) -> Source | Iterable[Source]:
    """Return the source of a letter, which most files are, or the sources that some other file gives."""
    suffix = _suffix(path)
    letter = suffix in LETTER_SUFFIXES
    if not letter and suffix not in ARCHIVES:
        skipped(display_name(path))
        return ()
    try:
        status = os.stat(path)
    except OSError:
        return file_source(path)  # a broken link, or gone since: reading it says so
    if not stat.S_ISREG(status.st_mode):
        skipped(display_name(path))
        return ()
    return file_source(path, status) if letter else ARCHIVES[suffix](path, skipped)


def _suffix(path: str) -> str:
    """Return the ending of a file's name, which of a compressed tar archive has two parts."""
    stem, suffix = os.path.splitext(path)
    return f".tar{suffix.lower()}" if stem[-4:].lower() == ".tar" else suffix.lower()


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _standard_input(argument: str, skipped: Skipped) -> Iterator[Source]:  # noqa: ARG001
    yield stream_source("standard input")


PLACES: dict[str, Lister] = {"-": _standard_input, **dict.fromkeys(SCHEMES, remote_sources)}
"""Lister by what the argument is, or by its URL scheme with `://`."""

ARCHIVES: dict[str, Lister] = {".zip": zip_sources, **dict.fromkeys(TAR_SUFFIXES, tar_sources)}
"""Lister by file suffix."""

_MARKS = {b"PK\3\4": ".zip", b"PK\5\6": ".zip"}
"""Suffix by the first bytes of a file that is called otherwise."""
