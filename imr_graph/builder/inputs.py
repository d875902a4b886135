"""The places that a build was given: whether they are still there, and what in them may count as vanished."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from imr_graph.builder.worklist import place_of
from imr_graph.errors import UnreadableError
from imr_graph.letters.source import display_name

__all__ = ["Root", "check", "looked_up", "to_prune"]

# A shard with so many letters of which not one can be read any more means that the place is gone, not the letters.
_MANY = 20


@dataclass(frozen=True, slots=True)
class Root:
    """One argument of a build: the place it stands for and, of a folder, the device and number it has there."""

    argument: str
    place: str
    identity: tuple[int, int] | None
    is_folder: bool


def looked_up(arguments: Sequence[str]) -> tuple[Root, ...]:
    """Return the arguments as they are before anything is listed."""
    return tuple(_root(argument) for argument in arguments)


def _root(argument: str) -> Root:
    try:
        status = os.stat(argument)
    except (OSError, ValueError):
        return Root(argument, place_of(argument).rstrip("/"), None, "://" in argument)
    is_folder = os.path.isdir(argument)
    identity = (status.st_dev, status.st_ino) if is_folder else None
    return Root(argument, place_of(display_name(argument)), identity, is_folder)


def check(roots: Sequence[Root], letters: int, unreadable: int) -> None:
    """Raise UnreadableError where a place went away, given how many of some letters could not be read any more.

    One letter that is gone fails alone; a drive that is gone would fail them all, so the build stops instead.
    """
    if not unreadable:
        return
    for root in roots:
        if root.identity is not None and _root(root.argument).identity != root.identity:
            raise UnreadableError(display_name(root.argument), _AWAY)
    if letters >= _MANY and unreadable == letters:
        raise UnreadableError(", ".join(display_name(root.argument) for root in roots), _AWAY)


_AWAY = (
    "went away while it was being read: connect it and build again; the store is as it was, and what was read "
    "already is kept for then."
)


def to_prune(plan: sqlite3.Connection, roots: Sequence[Root]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return the ranges of places in which what was not listed has vanished, and remarks on roots that are left alone.

    Only folders, archives and URLs that gave letters this time count: a folder that is empty all at once is more
    likely a drive that is not connected.
    """
    ranges: list[tuple[str, str]] = []
    remarks: list[str] = []
    for root in roots:
        for low, high in _ranges(root):
            if _any(plan, "input where digest is not null and", low, high):
                ranges.append((low, high))
            elif _any(plan, "catalog.place where", low, high):
                remarks.append(
                    f"{display_name(root.argument)} holds no letter now: nothing was taken out; is its drive connected?"
                )
    return tuple(ranges), tuple(remarks)


def _ranges(root: Root) -> list[tuple[str, str]]:
    """Return the places below a folder, and those within an archive: `/` and `!` and the characters after them."""
    below = (f"{root.place}/", f"{root.place}0") if root.place != "/" else ("/", "0")
    return [below] if root.is_folder else [(f"{root.place}!", f'{root.place}"')]


def _any(plan: sqlite3.Connection, what: str, low: str, high: str) -> bool:
    found = plan.execute(f"select exists (select 1 from {what} place >= ? and place < ?)", (low, high))
    return bool(found.fetchone()[0])
