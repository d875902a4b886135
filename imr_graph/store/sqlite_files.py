"""What the SQLite databases of a store have in common, catalog and search index: others read while one writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from imr_graph.errors import StoreError

__all__ = ["WAIT", "connect_reading", "readable_address", "translate_sqlite_errors", "truncate_log"]

WAIT: Final = 30.0
"""Seconds that one who writes or reads waits for another: a build writes texts while it notes what it read."""
_READERS: Final = 2_000  # milliseconds that readers have to end


def connect_reading(file: Path) -> sqlite3.Connection:
    """Open a database of a store that nothing is written to."""
    connection = sqlite3.connect(readable_address(file), uri=True, timeout=WAIT, check_same_thread=False)
    connection.execute("pragma query_only = on")
    return connection


def readable_address(file: Path) -> str:
    """Return the address at which a database can be read, as SQLite's `uri`.

    The write-ahead log needs files beside the database. Where none can be made nobody can write, so the database does
    not change and is read as it is.
    """
    uri = file.resolve().as_uri()
    try:
        # Not "mode=ro": such a connection would leave those files behind when it is the last to close.
        with closing(sqlite3.connect(f"{uri}?mode=rw", uri=True, timeout=WAIT)) as connection:
            connection.execute("select 1 from sqlite_master limit 1").fetchone()
    except sqlite3.OperationalError:
        return f"{uri}?immutable=1"
    return f"{uri}?mode=rw"


def truncate_log(connection: sqlite3.Connection) -> bool:
    """Empty the write-ahead log of a database; return False where a long reader keeps it, which is waited for a bit."""
    connection.execute(f"pragma busy_timeout = {_READERS}")
    busy: int = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    return not busy


@contextmanager
def translate_sqlite_errors(what: str, unusable: str, damaged: str) -> Iterator[None]:
    """Turn refusals of an SQLite database into a sentence; the ways out are those of one that is or is not damaged."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"The {what} cannot be used ({error}): {unusable}.") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"The {what} is damaged ({error}): {damaged}.") from error
