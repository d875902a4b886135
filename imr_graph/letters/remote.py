"""Letters at URLs: any file system that fsspec knows, such as S3, Google Storage, Azure, SFTP, HTTP.

Listing asks folder by folder; a letter is fetched where it is read, so that workers fetch their own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from imr_graph.errors import UnreadableError
from imr_graph.letters.archives import LETTER_SUFFIXES
from imr_graph.letters.source import MAX_BYTES, Source, display_name, refuse_source

__all__ = ["SCHEMES", "remote_sources"]

SCHEMES = tuple(
    f"{name}://"
    for name in (
        *("file", "memory", "s3", "s3a", "gs", "gcs", "az", "abfs", "adl"),
        *("http", "https", "ftp", "sftp", "ssh", "smb", "hdfs", "webhdfs", "github", "oss"),
    )
)
"""The beginnings of URLs that fsspec is asked for."""

_NEEDED = "needs more packages ({}): pip install 'imr-graph[remote]' and the one that serves its address."
# What tells one state of a remote file from the next, by the names that file systems give it.
_STATES = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "updated", "mtime", "modified")


def remote_sources(url: str, skipped: Callable[[str], object]) -> Iterator[Source]:
    """Yield a source for each letter at a URL: one file, or all below a folder, each folder's by name.

    Nothing is raised: what cannot be listed is a source whose `read` raises `UnreadableError`.
    """
    try:
        system, path = importlib.import_module("fsspec").core.url_to_fs(url)
        details = system.info(path)
    except Exception as error:  # each file system has errors of its own
        yield refuse_source(url, _reason(error))
        return
    if details["type"] == "directory":
        yield from _folder(system, path, skipped)
    else:
        yield _source(system, details)


def _folder(system: Any, path: str, skipped: Callable[[str], object]) -> Iterator[Source]:
    try:
        found = sorted(system.ls(path, detail=True), key=lambda details: str(details["name"]))
    except Exception as error:  # as above
        yield refuse_source(system.unstrip_protocol(path), _reason(error))
        return
    for details in found:
        name = str(details["name"]).rstrip("/")
        if name == path.rstrip("/") or name.rsplit("/", 1)[-1].startswith("."):
            continue
        if details["type"] == "directory":
            yield from _folder(system, name, skipped)
        elif name.lower().endswith((".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")):
            yield refuse_source(system.unstrip_protocol(name), "is an archive at a URL: fetch it first.")
        elif name.lower().endswith(LETTER_SUFFIXES):
            yield _source(system, details)
        else:
            skipped(display_name(system.unstrip_protocol(name)))


def _source(system: Any, details: Mapping[str, Any]) -> Source:
    url = system.unstrip_protocol(details["name"])
    size = int(details.get("size") or 0)
    state = next((str(details[name]) for name in _STATES if details.get(name)), "")
    return Source(display_name(url), size, partial(_read, url), f"{size}-{state}" if state else "")


def _read(url: str) -> bytes:
    name = display_name(url)
    try:
        with importlib.import_module("fsspec").open(url, "rb") as file:
            data: bytes = file.read(MAX_BYTES + 1)
    except Exception as error:  # as above
        raise UnreadableError(name, _reason(error)) from None
    if len(data) > MAX_BYTES:
        raise UnreadableError(name, f"is larger than {MAX_BYTES // 1_000_000} MB, so it is not one letter.")
    return data


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split())[:200]
    match error:
        case ImportError():
            return _NEEDED.format(words)
        case FileNotFoundError():
            return "does not exist: check the address."
        case PermissionError():
            return "cannot be read: permission is denied."
    return f"cannot be reached ({type(error).__name__}: {words}): check the address and the network, and try again."
