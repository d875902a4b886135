"""The texts of the letters beside a store: `STORE/texts.sqlite`, so that a fact can be shown where it stands.

The places of facts in the graph count the code points of these texts. A text is kept under the digest that its letter
has in the graph, so it belongs to no generation: texts are there before the generation that speaks of them is
published, and those that none speaks of any more are deleted later. A store without texts lacks nothing else.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from imr_graph.errors import StoreError
from imr_graph.store import ledger

__all__ = ["FILE", "framed", "frames", "keep", "packed", "text_of", "tidy", "unpacked"]

FILE: Final = "texts.sqlite"

_SCHEMA: Final = "create table if not exists text (sha256 text not null unique, packed blob not null)"
_BATCH: Final = 500  # texts that are written at one time
_LEVEL: Final = 6  # of zlib; 1 saves 0.04 ms a letter and costs 7 % more space, 9 gains nothing
_PAGE: Final = 16_384  # bytes; of SQLite's usual 4,096 each letter would leave a third empty
_WAIT: Final = 30.0  # seconds
_DIGEST, _LENGTH = 32, 4  # bytes that a text's digest and its length take in a file of many


def packed(text: str) -> bytes:
    r"""Return a letter's text as it is kept.

    >>> unpacked(packed("Case Number: CM16-9990007\f"))
    'Case Number: CM16-9990007\x0c'
    """
    return zlib.compress(text.encode("utf-8", "surrogatepass"), _LEVEL)


def unpacked(kept: bytes) -> str:
    """Return the text that `packed` was given; raises zlib.error or ValueError for other bytes."""
    return zlib.decompress(kept).decode("utf-8", "surrogatepass")


def framed(sha256: str, packed: bytes) -> bytes:
    """Return a text as it stands in a file of many: digest, length, what `packed` made of it."""
    return bytes.fromhex(sha256) + len(packed).to_bytes(_LENGTH, "big") + packed


def frames(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the texts of a file of many, as `keep` takes them.

    >>> [(digest[:2], text) for digest, text in frames(framed("ab" * 32, b"one") + framed("cd" * 32, b"two"))]
    [('ab', b'one'), ('cd', b'two')]
    """
    at = 0
    while at < len(data):
        digest, at = data[at : at + _DIGEST].hex(), at + _DIGEST
        length, at = int.from_bytes(data[at : at + _LENGTH], "big"), at + _LENGTH
        yield digest, data[at : at + length]
        at += length


def text_of(store: Path, sha256: str) -> str | None:
    """Return the text of a letter, by the digest that the graph gives it (64 hex digits).

    `store` is the store's folder. None where the store does not have the text, or has no texts at all. Nothing is
    written, and a build that is under way does not disturb. Raises StoreError where the texts cannot be read.

    >>> text_of(Path("no-such-store"), "0" * 64) is None
    True
    """
    file = store / FILE
    if not file.is_file():
        return None
    with _told(file), closing(_readable(file)) as connection:
        row = connection.execute("select packed from text where sha256 = ?", (sha256.lower(),)).fetchone()
        try:
            return unpacked(row[0]) if row else None
        except (zlib.error, ValueError, TypeError) as error:
            raise sqlite3.DatabaseError(f"the text {sha256[:16]}: {error}") from error


def keep(store: Path, texts: Iterable[tuple[str, bytes]]) -> int:
    """Keep texts, given as digest and what `packed` made of them, and return how many of them are new.

    `store` is the store's folder; the caller is its one writer. It is done before a generation that speaks of the
    texts is published; where that fails, `tidy` takes them out again. Raises StoreError where they cannot be written.
    """
    file, added, iterator = store / FILE, 0, iter(texts)
    batch = list(islice(iterator, _BATCH))
    if not batch:
        return 0
    with _told(file), _opened(file) as connection:
        while batch:
            with connection:
                found = connection.executemany("insert or ignore into text (sha256, packed) values (?, ?)", batch)
            added += found.rowcount
            batch = list(islice(iterator, _BATCH))
    return added


def tidy(store: Path, generation: int) -> int:
    """Delete the texts of which neither the current generation nor the one before it speaks; return their number.

    The one before stays readable for those who opened it, as in the store itself.
    """
    file = store / FILE
    if not file.is_file():
        return 0
    with _told(file), _opened(file) as connection:
        ledger.attach(connection, store, generation)
        sql = "select sha256 from text t where not exists (select 1 from stored s where s.sha256 = t.sha256)"
        gone = {digest for (digest,) in connection.execute(sql)}
        if gone:
            gone -= {entry.sha256 for entry in ledger.entries(store, generation - 1) if entry.sha256 in gone}
        with connection:
            connection.executemany("delete from text where sha256 = ?", ((digest,) for digest in gone))
    return len(gone)


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open the texts for writing; readers go on meanwhile (the write-ahead log)."""
    with closing(sqlite3.connect(file.resolve().as_uri(), uri=True, timeout=_WAIT)) as connection:
        connection.execute(f"pragma page_size = {_PAGE}")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute(_SCHEMA)
        yield connection
        connection.execute("pragma wal_checkpoint(truncate)")  # waits for the disk: what was kept is safe


def _readable(file: Path) -> sqlite3.Connection:
    uri = file.resolve().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=_WAIT)
    try:
        connection.execute("select 1 from text limit 1")
    except sqlite3.OperationalError:
        connection.close()
        # The write-ahead log cannot be set up beside the file: nobody can write there, so the file does not change.
        connection = sqlite3.connect(f"{uri}?immutable=1", uri=True)
    return connection


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"The letters' texts in {file} cannot be used ({error}): check space and permissions."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"The letters' texts in {file} are damaged ({error}): delete the file; letters that are read again bring "
            "theirs back."
        ) from error
