"""The places that a build was given: whether they are still there, and what in them may count as vanished."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from imr_graph.builder.shards import ShardManifest
from imr_graph.builder.worklist import place_of
from imr_graph.errors import UnreadableError
from imr_graph.letters.source import display_name

__all__ = [
    "Root",
    "check_roots",
    "find_prunable",
    "forget_places",
    "look_up_roots",
    "remember_contents",
    "remember_places",
    "remember_superseded",
]

# A shard with so many letters of which not one can be read any more means that the place is gone, not the letters.
_MANY = 20


@dataclass(frozen=True, slots=True)
class Root:
    """One argument of a build: the place it stands for and, of a folder, the device and number it has there."""

    argument: str
    place: str
    identity: tuple[int, int] | None
    is_folder: bool


def look_up_roots(arguments: Sequence[str]) -> tuple[Root, ...]:
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


def check_roots(roots: Sequence[Root], manifest: ShardManifest) -> None:
    """Raise UnreadableError where a place went away while a shard was made.

    One letter that is gone fails alone; a drive that is gone would fail them all, so the build stops instead.
    """
    gone = sum(failure.kind == "gone" for failure in manifest.failures)
    if not gone and not any(outcome.reason for outcome in manifest.outcomes):
        return
    for root in roots:
        if root.identity is not None and _root(root.argument).identity != root.identity:
            raise UnreadableError(display_name(root.argument), _AWAY)
    if gone >= _MANY and gone == len(manifest.outcomes):
        raise UnreadableError(", ".join(display_name(root.argument) for root in roots), _AWAY)


_AWAY = (
    "went away while it was being read: connect it and build again; the store is as it was, and what was read "
    "already is kept for then."
)


def find_prunable(
    plan: sqlite3.Connection, roots: Sequence[Root]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
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


def remember_places(plan: sqlite3.Connection) -> None:
    """Write down which content each listed place holds; a stamp tells later whether it still does."""
    plan.execute(
        "insert into catalog.place (place, digest, stamp) select place, digest, stamp from input "
        "where digest is not null "
        "on conflict (place, digest) do update set stamp = excluded.stamp where stamp <> excluded.stamp"
    )


def remember_contents(plan: sqlite3.Connection, software: str, vocabulary: str) -> None:
    """Write down what these versions made of the contents that this build read."""
    for table, columns in (("letter", "sha256, '', incomplete"), ("failed", "'', reason, ''")):
        lasting = " where kind = 'content'" if table == "failed" else ""
        plan.execute(
            f"insert or replace into catalog.content select digest, {columns}, ?, ? from main.{table}{lasting}",
            (software, vocabulary),
        )
    _remember_corrected(plan)
    # Of a removed case another content was read now: the next build does not have to read it.
    plan.execute(
        "insert or ignore into catalog.removed select l.sha256, l.digest, r.number, r.key, r.came, 1 "
        "from main.letter l cross join catalog.removed r on r.sha256 = l.sha256 or r.number = l.number "
        "where l.fate = 'removed'"
    )
    # A text that is in the store has not given way any more; of several times that a text did, the last one counts.
    plan.execute(
        "delete from catalog.superseded where exists (select 1 from main.letter l where l.fate = 'load' "
        "and l.sha256 = catalog.superseded.sha256) or exists (select 1 from catalog.superseded n "
        "where n.sha256 = catalog.superseded.sha256 and n.came > catalog.superseded.came)"
    )


def _remember_corrected(plan: sqlite3.Connection) -> None:
    """Write down which corrections concerned the letters that this build read, and which letters have none any more."""
    read = "exists (select 1 from main.letter l where l.sha256 = catalog.corrected.sha256)"
    plan.execute(
        f"insert into taken_back select sha256 from catalog.corrected where applied > 0 and {read} and not exists "
        "(select 1 from main.corrected c where c.sha256 = catalog.corrected.sha256)"
    )
    plan.execute(f"delete from catalog.corrected where {read}")
    plan.execute("insert or replace into catalog.corrected select * from main.corrected")


def remember_superseded(plan: sqlite3.Connection, generation: int) -> None:
    """Write down which texts give way to others with a generation that is about to be published."""
    plan.execute(
        "insert or ignore into catalog.superseded select sha256, number, :now from main.letter where fate = 'lost' "
        "union all select sha256, number, :now from gone where why = 'replaced' and number is not null",
        {"now": generation},
    )


def forget_places(plan: sqlite3.Connection) -> None:
    """Forget the places that are gone, once their letters are."""
    plan.execute(
        "delete from catalog.place where exists (select 1 from vanished v where v.place = place.place "
        "and v.digest = place.digest)"
    )
