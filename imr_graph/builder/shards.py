"""Shards: some hundred letters' triples in one file, each packed by itself, and the manifest that says what is in it.

A shard holds what a worker made of the inputs of one task, in the order of their places, whatever the order in which
they were named, the number of workers and the engine. Its letters stand in the order of their contents' digests and of
file names, so that of two with one text the one that stays comes first. The manifest is written last: a shard without
one is not finished. What an earlier build left is found by the digests in manifests, not by the names of shards.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.errors import StoreError
from imr_graph.letters.pdf import recognizer
from imr_graph.resources import software_version
from imr_graph.store.packing import DAMAGED, unpack
from imr_graph.validation.report import NodeCount, ValidationReport
from imr_graph.vocabulary import load_version

__all__ = [
    "Block",
    "Failure",
    "KnownDigests",
    "Mark",
    "Outcome",
    "ShardManifest",
    "Versions",
    "block_values",
    "current_versions",
    "file_of",
    "is_whole",
    "list_frequent",
    "read_manifest",
    "unpack_part",
]

FORMAT = 5
_DIGEST = 32  # bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """What corrections did to a letter that some concern.

    `number` is its case number as it was read without them, `fingerprint` stands for those that concern it (see
    `Corrections.fingerprint`), `applied` counts those that were applied; `stale` has of the others their digest and
    why they were not.
    """

    number: str | None
    fingerprint: str
    applied: int
    stale: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One letter in a shard.

    `digest` is that of the bytes it was read from, `sha256` that of its text; `key` names its case, `number` is its
    case number; `decided` is the ISO date of its decision, empty where it states none. `start` and `length` are the
    bytes of its packed triples in the file of them. `incomplete` says in words why it seems to be cut, empty where it
    does not; `unparsed` counts passages that no rule understood. `mark` is there where corrections concern the letter.
    """

    digest: str
    sha256: str
    key: str
    number: str | None
    decided: str
    source: str
    start: int
    length: int
    unparsed: int
    incomplete: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """One content that gave no letter.

    `kind` is "content" where the content is at fault and would fail again, "gone" where it cannot be had any more,
    "fault" where the reader is.
    """

    digest: str
    source: str
    reason: str
    kind: Literal["content", "gone", "fault"] = "content"


class Outcome(NamedTuple):
    """What was found at a place: the digest of its bytes, or where they cannot be had the reason."""

    place: str
    stamp: str
    digest: str
    reason: str


# `dataclasses.astuple` copies and takes 0.1 ms a letter.
block_values = attrgetter(*(f.name for f in fields(Block)))
"""The values of a block, in their order."""
_failure_values = attrgetter(*(f.name for f in fields(Failure)))
_mark_values = attrgetter(*(f.name for f in fields(Mark)))


@dataclass(frozen=True)
class ShardManifest:
    """What a shard is made of and by what.

    `files` have the names of the packed files of triples, of the letters' rows of the table and of their texts, each
    with its digest. `outcomes` are those of its inputs, in the order of the task.
    `validator` is the name of the SHACL engine, empty where the letters were not validated. `unmatched` counts by kind
    the names that the vocabularies do not know; `seconds` are processor time by step of the work, `memory` is the
    worker's peak in MB.
    """

    name: str
    files: Mapping[str, str]
    versions: Versions
    base: str
    validator: str
    outcomes: tuple[Outcome, ...]
    blocks: tuple[Block, ...]
    failures: tuple[Failure, ...]
    looked_at: Mapping[str, NodeCount] = field(default_factory=dict)
    found: Mapping[str, NodeCount] = field(default_factory=dict)
    unmatched: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    memory: int = 0

    @property
    def data(self) -> str:
        """The name of the file of triples."""
        return next(name for name in self.files if name.startswith(f"{self.name}.nt."))

    def report(self) -> ValidationReport:
        """Return what validation looked at and found, without the descriptions of the shapes."""
        return ValidationReport({}, self.looked_at, self.found)

    def as_json(self) -> bytes:
        """Return the manifest as a file."""
        record: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        record |= {
            "format": FORMAT,
            "versions": asdict(self.versions),
            "blocks": [(*block_values(block)[:-1], block.mark and _mark_values(block.mark)) for block in self.blocks],
            "failures": [_failure_values(failure) for failure in self.failures],
        }
        for tallies in ("looked_at", "found"):
            record[tallies] = {n: [t.own, sorted(t.shared), t.examples] for n, t in record[tallies].items()}
        return json.dumps(record, ensure_ascii=True, sort_keys=True).encode()


def read_manifest(folder: ShardFolder, name: str) -> ShardManifest | None:
    """Return the manifest of a finished shard, None where it is not whole or of another format."""
    try:
        record = json.loads(folder.read(f"{name}.json"))
        if record.pop("format") != FORMAT:
            return None
        for tallies in ("looked_at", "found"):
            record[tallies] = {n: NodeCount(o, frozenset(s), tuple(e)) for n, (o, s, e) in record[tallies].items()}
        record["versions"] = Versions(**record["versions"])
        record["outcomes"] = tuple(Outcome(*outcome) for outcome in record["outcomes"])
        record["blocks"] = tuple(Block(*(*block[:-1], _mark(block[-1]))) for block in record["blocks"])
        record["failures"] = tuple(Failure(*failure) for failure in record["failures"])
        return ShardManifest(**record)
    except (StoreError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _mark(values: list[Any] | None) -> Mark | None:
    if values is None:
        return None
    number, fingerprint, applied, stale = values
    return Mark(number, fingerprint, applied, tuple((digest, reason) for digest, reason in stale))


@dataclass(frozen=True, slots=True)
class KnownDigests:
    """Digests of contents that need not be read: a file of them beside the shards, sorted, 32 bytes each."""

    data: bytes = b""

    def __contains__(self, digest: str) -> bool:
        wanted, count = bytes.fromhex(digest), len(self.data) // _DIGEST
        at = bisect_left(range(count), wanted, key=self._digest_at)
        return at < count and self._digest_at(at) == wanted

    def _digest_at(self, number: int) -> bytes:
        return self.data[_DIGEST * number : _DIGEST * (number + 1)]

    @staticmethod
    @lru_cache(1)
    def read(folder: ShardFolder, name: str) -> KnownDigests:
        """Return the digests in a file of a folder, whose name no two builds share; without a name none."""
        return KnownDigests(folder.read(name) if name else b"")

    @staticmethod
    def write(folder: ShardFolder, name: str, digests: Iterable[str]) -> None:
        """Write digests, which come sorted, for workers to read."""
        folder.write(name, bytes.fromhex("".join(digests)))


def file_of(name: str) -> str:
    """Return the name of a source's file alone."""
    return name.replace("\\", "/").rsplit("/", 1)[-1].rsplit("!", 1)[-1]


def list_frequent(counts: Counter[str], number: int) -> dict[str, int]:
    """Return the most frequent names; the rest is one count under the empty name."""
    ordered = sorted(((name, n) for name, n in counts.items() if name), key=lambda pair: (-pair[1], pair[0]))
    rest = counts[""] + sum(n for _, n in ordered[number:])
    return dict(ordered[:number]) | ({"": rest} if rest else {})


def is_whole(folder: ShardFolder, manifest: ShardManifest) -> bool:
    """Say whether a shard's data is what its manifest says."""
    try:
        files = manifest.files.items()
        return all(hashlib.sha256(folder.read(name)).hexdigest() == digest for name, digest in files)
    except StoreError:
        return False


def unpack_part(folder: ShardFolder, data: str, packed: bytes) -> bytes:
    """Return what was packed in a file of a shard; raise StoreError where it is damaged."""
    try:
        return unpack(packed)
    except DAMAGED as error:
        damaged = f"The shard {data} in {folder.place} is damaged ({error})"
        raise StoreError(f"{damaged}: delete it and build again.") from None


@dataclass(frozen=True, slots=True)
class Versions:
    """The version of the software, whose rules read letters, and the digest of the vocabularies and the layouts.

    Where pages without text are recognized, what does it belongs to the software: "1.0 with Tesseract 5.3.0".
    Rules that change under one version of the software, in a checkout, mark no letter as stale.
    """

    software: str
    vocabulary: str


def current_versions(*, ocr: bool = False) -> Versions:
    """Return the versions that this process reads letters with; raises ToolError where `ocr` is asked and missing."""
    software = software_version()
    return Versions(f"{software} with {recognizer()}" if ocr else software, load_version())
