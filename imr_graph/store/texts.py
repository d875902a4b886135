"""The texts of the letters, in the catalog of a store, so that a fact can be shown where it stands.

The places of facts in the graph count the code points of these texts. A text is kept under the digest that its letter
has in the graph, so it belongs to no generation: texts are there before the generation that speaks of them is
published, and those that none speaks of any more are deleted later (`catalog.tidy`). A store without texts lacks
nothing else.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from imr_graph.errors import StoreError
from imr_graph.store.catalog import FILE, reading, writing

__all__ = ["digest_of", "frame", "keep", "pack", "split_frames", "text_of", "unpack"]

_BATCH: Final = 500  # texts that are written at one time
_LEVEL: Final = 6  # of zlib; 1 saves 0.04 ms a letter and costs 7% more space, 9 gains nothing
_DIGEST, _LENGTH = 32, 4  # bytes that a text's digest and its length take in a file of many


def pack(text: str) -> bytes:
    r"""Return a letter's text as it is kept.

    >>> unpack(pack("Case Number: CM16-9990007\f"))
    'Case Number: CM16-9990007\x0c'
    """
    return zlib.compress(text.encode("utf-8", "surrogatepass"), _LEVEL)


def unpack(kept: bytes) -> str:
    """Return the text that `pack` was given; raises zlib.error or ValueError for other bytes."""
    return zlib.decompress(kept).decode("utf-8", "surrogatepass")


def digest_of(text: str) -> str:
    """Return the digest by which a letter's text is named, as `Letter.sha256` is."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def frame(sha256: str, packed: bytes) -> bytes:
    """Return a text as it stands in a file of many: digest, length, what `pack` made of it."""
    return bytes.fromhex(sha256) + len(packed).to_bytes(_LENGTH, "big") + packed


def split_frames(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the texts of a file of many, as `keep` takes them.

    >>> [(digest[:2], text) for digest, text in split_frames(frame("ab" * 32, b"one") + frame("cd" * 32, b"two"))]
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

    `store` is the store's folder. None where the store does not have the text. Nothing is written, and a build that is
    under way does not disturb. Raises StoreError where the texts cannot be read.

    >>> text_of(Path("no-such-store"), "0" * 64) is None
    True
    """
    with reading(store) as connection:
        if connection is None:
            return None
        row = connection.execute("select packed from text where sha256 = ?", (sha256.lower(),)).fetchone()
        if row is None:
            return None
        try:
            text = unpack(row[0])
        except (zlib.error, ValueError, TypeError):
            text = None
        if text is None or digest_of(text) != sha256.lower():
            raise StoreError(
                f"The text {sha256[:16]} in {store / FILE} is damaged: imr-graph verify --repair --store {store} lets "
                "the next build read the letter again."
            )
        return text


def keep(store: Path, texts: Iterable[tuple[str, bytes]]) -> int:
    """Keep texts, given as digest and what `pack` made of them, and return how many of them are new.

    `store` is the store's folder; the caller is its one writer. It is done before a generation that speaks of the
    texts is published; where that fails, `catalog.tidy` takes them out again. Raises StoreError where they cannot be
    written.
    """
    added, iterator = 0, iter(texts)
    batch = list(islice(iterator, _BATCH))
    if not batch:
        return 0
    with writing(store) as connection:
        while batch:
            with connection:
                found = connection.executemany("insert or ignore into text (sha256, packed) values (?, ?)", batch)
            added += found.rowcount
            batch = list(islice(iterator, _BATCH))
    return added
