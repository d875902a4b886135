"""What of a shard is loaded together: the letters of it that come, under the keys that their cases get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import unpack_part
from imr_graph.store.packing import pack
from imr_graph.store.texts import split_frames
from imr_graph.table.jsonlines import select_rows

__all__ = ["Placed", "Portion"]


class Placed(NamedTuple):
    """A letter in a shard: where its packed triples are, the key of its case, and the digest of its text.

    `own_key` is the key that it is to have where that is another.
    """

    start: int
    length: int
    key: str
    own_key: str | None
    sha256: str

    @property
    def is_as_read(self) -> bool:
        """Whether it comes under the key that it was read with."""
        return self.own_key in (None, self.key)


@dataclass(frozen=True, slots=True)
class Portion:
    """Letters of one shard: the shard's name, the name of its file of triples, and how many letters it holds in all."""

    folder: ShardFolder
    base: str
    shard: str
    data: str
    held: int
    letters: tuple[Placed, ...]

    @property
    def whole(self) -> bool:
        """Whether these are all letters of the shard, as it has them."""
        return len(self.letters) == self.held and all(letter.is_as_read for letter in self.letters)

    @property
    def size(self) -> int:
        """How many bytes the letters' packed triples have: about an eighth of what they have as N-Triples."""
        return sum(letter.length for letter in self.letters)

    def read_triples(self) -> Iterator[bytes]:
        """Yield each letter's N-Triples, under the key that its case is to have."""
        for letter, packed in self._cut_triples():
            text = unpack_part(self.folder, self.data, packed)
            yield text if letter.is_as_read else _rename_case(text, letter, self.base)

    def read_packed(self) -> Iterator[tuple[str, bytes]]:
        """Yield the key that each letter's case is to have with its N-Triples, packed."""
        for letter, packed in self._cut_triples():
            if letter.is_as_read:
                yield letter.key, packed
            else:
                text = _rename_case(unpack_part(self.folder, self.data, packed), letter, self.base)
                yield letter.own_key or letter.key, pack(text)

    def _cut_triples(self) -> Iterator[tuple[Placed, bytes]]:
        data = self.folder.read(self.data)
        return ((letter, data[letter.start : letter.start + letter.length]) for letter in self.letters)

    def read_rows(self) -> bytes:
        """Return the letters' rows of the table, as JSON lines."""
        lines = unpack_part(self.folder, self._rows, self.folder.read(self._rows))
        if self.whole:
            return lines
        return b"".join(select_rows(lines, {letter.sha256: letter.own_key or letter.key for letter in self.letters}))

    def rows(self) -> bytes | Path:
        """Return the rows, or the file that has just these: so they need not be unpacked and packed again."""
        return (self.folder.local_file(self._rows) if self.whole else None) or self.read_rows()

    def read_texts(self) -> Iterator[tuple[str, bytes]]:
        """Yield the letters' texts, as `store.texts` keeps them, by their digests."""
        wanted = {letter.sha256 for letter in self.letters}
        return (found for found in split_frames(self.folder.read(f"{self.shard}.texts")) if found[0] in wanted)

    @property
    def _rows(self) -> str:
        return self.data.replace(f"{self.shard}.nt", f"{self.shard}.rows")


def _rename_case(text: bytes, letter: Placed, base: str) -> bytes:
    old, new = terms.case_iri(letter.key, base), terms.case_iri(letter.own_key or letter.key, base)
    triples = (quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES))
    renamed = (
        ox.Triple(_rename(triple.subject, old, new), triple.predicate, _rename(triple.object, old, new))
        for triple in triples
    )
    return ox.serialize(renamed, format=ox.RdfFormat.N_TRIPLES) or b""


def _rename(node: Any, old: str, new: str) -> Any:
    """Return a case's node, or one of those whose IRIs continue the case's, under another key; others as they are."""
    if isinstance(node, ox.NamedNode) and (node.value == old or node.value.startswith(f"{old}-")):
        return ox.NamedNode(new + node.value.removeprefix(old))
    return node
