"""Stores of the form before this one: what lay in three files comes into the catalog; graph and table stay as they are.

Format 1 had `ledger.sqlite` (letters), `sources.sqlite` (what builds had found out) and `texts.sqlite`.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import StoreError
from imr_graph.graph.cases import key_of
from imr_graph.store import catalog
from imr_graph.store.failures import translate_errors
from imr_graph.store.generations import FORMAT, Manifest, folder_of, publish

__all__ = ["OLD_FORMAT", "renew"]

OLD_FORMAT: Final = 1

_LEDGER, _SOURCES, _TEXTS = "ledger.sqlite", "sources.sqlite", "texts.sqlite"
# The case number that a key of format 1 stands for: letters that were kept beside another added the beginning of their
# digest to it, and a letter without a number had the beginning of its digest instead.
_NUMBER = (
    "case when substr(key, -9) = '-' || substr(sha256, 1, 8) then substr(key, 1, length(key) - 9) "
    "when key = substr(sha256, 1, 16) then null else key end"
)
# file -> table of the catalog -> what it takes from the table of the same name
_MOVES = {
    _LEDGER: {
        "letter": f"key, sha256, source, source_sha256, software, vocabulary, {_NUMBER}, '', came, went",
    },
    _SOURCES: {
        "place": "place, digest, stamp",
        "content": "digest, sha256, reason, incomplete, software, vocabulary",
        "superseded": f"sha256, {_NUMBER}, came",
        "corrected": "sha256, number, fingerprint, applied, stale",
    },
    _TEXTS: {"text": "sha256, packed"},
}


def renew(path: Path, manifest: Manifest) -> Manifest:
    """Bring a store of the old format into today's, and return its manifest; the caller is its one writer.

    Whoever stops it leaves a store of the old format, which is as it was. Raises StoreError where it cannot be done.
    """
    if not (path / _LEDGER).is_file():
        raise StoreError(f"The store {path} lacks its {_LEDGER}: restore it from a copy, or build it anew elsewhere.")
    unfinished = path / f"{catalog.FILE}.new"
    with translate_errors(path):
        unfinished.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
                catalog.create(connection)
                for file, tables in _MOVES.items():
                    if (path / file).is_file():
                        _move(connection, path / file, tables)
                _date(connection, path, manifest)
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"The store {path} is of an earlier version of imr-graph and cannot be renewed ({error}): restore it "
                "from a copy, or build it anew elsewhere."
            ) from error
        os.replace(unfinished, path / catalog.FILE)
        renewed = replace(manifest, format=FORMAT)
        publish(path, renewed)
        for name in (_LEDGER, _SOURCES, _TEXTS):
            for more in ("", "-wal", "-shm", "-journal"):
                (path / f"{name}{more}").unlink(missing_ok=True)
    return renewed


def _move(connection: sqlite3.Connection, file: Path, tables: dict[str, str]) -> None:
    connection.execute("attach database ? as old", (str(file),))
    there = {name for (name,) in connection.execute("select name from old.sqlite_master where type = 'table'")}
    connection.execute("begin")
    for table, columns in tables.items():
        if table in there:
            connection.execute(f"insert or ignore into main.{table} select {columns} from old.{table}")
    connection.execute("commit")
    connection.execute("detach database old")


def _date(connection: sqlite3.Connection, path: Path, manifest: Manifest) -> None:
    """Note the days of the decisions, which only the graph knew."""
    graph = ox.Store.read_only(str(folder_of(path, manifest.generation)))
    found = graph.quads_for_pattern(None, ox.NamedNode(terms.term("decisionDate")), None, ox.DefaultGraph())
    connection.execute("begin")
    connection.executemany(
        "update letter set decided = ? where key = ?",
        (
            (quad.object.value, key_of(quad.subject.value))
            for quad in found
            if isinstance(quad.object, ox.Literal) and isinstance(quad.subject, ox.NamedNode)
        ),
    )
    connection.execute("commit")
