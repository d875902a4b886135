"""The catalog's own check: a digest of its rows, kept in it, from the end of one change of the store to the next.

The catalog changes in place, and its bytes also change where SQLite moves pages about, so a digest of the file would
say nothing. The seal is broken by whoever writes the catalog and set when the change is done; a build that was killed
leaves none, and the next one sets it again. Texts are named by their own digests; the seal has those names.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from imr_graph.errors import StoreError
from imr_graph.store import catalog

__all__ = ["DAMAGED", "MISSING", "OPEN", "SEALED", "check", "seal", "state"]

SEALED: Final = "seal_fields"
OPEN: Final = "open"
DAMAGED: Final = "damaged"
MISSING: Final = "missing"

# table -> what of it the seal covers, in an order that no rewriting of the file changes
_COVERED: Final = {
    "letter": "* from letter order by rowid",
    "superseded": "* from superseded order by sha256, came",
    "place": "* from place order by place, digest",
    "content": "* from content order by digest",
    "corrected": "* from corrected order by sha256",
    "removed": "* from removed order by sha256, digest",
    "text": "sha256 from text order by sha256",
}


def seal(store: Path) -> None:
    """Write down the digest of a catalog's rows; the caller is the store's one writer and has done its work."""
    if not (store / catalog.FILE).is_file():
        return
    with catalog.writing(store) as connection:
        with connection:
            connection.execute("insert into seal values (?)", (_digest(connection),))
        # Nothing that was erased stays in the log, unless somebody has been reading for long: then the next change
        # does it.
        catalog.truncate_log(connection)


def state(store: Path) -> str:
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
            seals = [found for (found,) in connection.execute("select digest from seal")]
            if not seals:
                return OPEN
            return SEALED if seals == [_digest(connection)] else DAMAGED
    except (StoreError, sqlite3.Error, ValueError):
        return DAMAGED


def check(store: Path) -> None:
    """Refuse to go on with a catalog that is missing or damaged; raises StoreError."""
    found = state(store)
    if found in (DAMAGED, MISSING):
        raise StoreError(
            f"The catalog {store / catalog.FILE} is {found}: restore it from a copy; or imr-graph verify --repair "
            f"--store {store} derives again what the graph knows."
        )


def _digest(connection: sqlite3.Connection) -> str:
    digest = hashlib.sha256()
    for table, rows in _COVERED.items():
        digest.update(table.encode())
        for row in connection.execute(f"select {rows}"):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
