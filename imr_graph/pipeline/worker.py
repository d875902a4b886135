"""What worker processes do: digests of contents, and shards from contents.

A worker reads its own input and writes its own shard; only counts go back. Everything it is given can be pickled, so
that the same functions serve a process pool and a cluster.
"""

from __future__ import annotations

import gc
import hashlib
import pickle
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from imr_graph.errors import LetterError, ToolError, UnreadableError
from imr_graph.graph import mapping
from imr_graph.graph.findings import ValidationReport, merged
from imr_graph.graph.names import Names, shipped_names
from imr_graph.letters import Source, read_letter
from imr_graph.model import Determination, Letter
from imr_graph.pipeline.compression import pack, suffix
from imr_graph.pipeline.folders import ShardFolder
from imr_graph.pipeline.shards import Block, Failure, Manifest
from imr_graph.pipeline.validators import VALIDATORS
from imr_graph.pipeline.versions import Versions, current_versions
from imr_graph.tables.lines import encoded
from imr_graph.tables.rows import item_rows

__all__ = ["Content", "Done", "Rules", "ShardTask", "digests", "make_shard", "peak_memory", "try_letter", "validated"]

# Letters validated in one graph: more cost memory, fewer the time to set up; see docs/performance.md.
_CHUNK = 100
_KEPT_NAMES = 200  # unmatched names that a manifest lists


@dataclass(frozen=True, slots=True)
class Content:
    """One content to read: its digest, its name, and the pickled `Source` that gives its bytes."""

    digest: str
    name: str
    source: bytes


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides what becomes of a content: versions, base of the IRIs, validator (empty: none), and the reader."""

    versions: Versions
    base: str
    validator: str
    extract: Callable[[Letter], Determination]
    incompleteness: Callable[[Determination], str | None]


@dataclass(frozen=True)
class ShardTask:
    """A shard to make; contents in `passed_over` (digest to reason) are not read but reported as failed."""

    name: str
    contents: tuple[Content, ...]
    folder: ShardFolder
    rules: Rules
    passed_over: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What comes back of a shard: its name and counts; `unreadable` are inputs that were there and are not any more."""

    name: str
    letters: int
    failed: int
    unreadable: int


@dataclass
class _Work:
    """A shard in the making."""

    blocks: list[Block] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    length: int = 0
    specialties: Counter[str] = field(default_factory=Counter)
    treatments: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def spend(self, step: str, seconds: float) -> None:
        """Add to the time of a step."""
        self.seconds[step] = self.seconds.get(step, 0.0) + seconds


def digests(sources: tuple[tuple[int, bytes], ...]) -> tuple[tuple[int, str, str], ...]:
    """Return for numbered sources (pickled) their number, the SHA-256 of their bytes, or else why there are none."""
    found = []
    for number, pickled in sources:
        try:
            found.append((number, hashlib.sha256(_source(pickled).read()).hexdigest(), ""))
        except LetterError as error:
            found.append((number, "", error.reason))
    return tuple(found)


def make_shard(task: ShardTask) -> Done:
    """Read, map and validate the contents of a shard, and write it with its manifest."""
    _same_rules(task.rules.versions)
    work, names = _Work(), shipped_names()
    gc.disable()  # nothing here makes cycles before validation, and looking for them takes a tenth of the time
    try:
        for content in task.contents:
            if content.digest in task.passed_over:
                work.failures.append(Failure(content.digest, content.name, task.passed_over[content.digest], "fault"))
            else:
                _read(work, content, task.rules, names)
    finally:
        gc.enable()
    started = time.process_time()
    report = validated(work.texts, task.rules.validator)
    if task.rules.validator:
        work.spend("validating", time.process_time() - started)
    _write(task, work, report)
    unreadable = sum(failure.kind == "gone" for failure in work.failures)
    return Done(task.name, len(work.blocks), len(work.failures), unreadable)


def try_letter(task: ShardTask) -> str:
    """Do all the work on the letters of a task and write nothing; return the task's name."""
    work = _Work()
    for content in task.contents:
        _read(work, content, task.rules, shipped_names())
    validated(work.texts, task.rules.validator)
    return task.name


def peak_memory() -> int:
    """Return the largest memory that this process has had, in MB."""
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def _read(work: _Work, content: Content, rules: Rules, names: Names) -> None:
    """Read one content into the shard; whatever is wrong with it is the fault of this letter alone."""
    started = time.process_time()
    try:
        letter = _letter(content)
        read = time.process_time()
        determination = rules.extract(letter)
        extracted = time.process_time()
        text = mapping.ntriples(determination, base=rules.base, names=names).encode()
        mapped = time.process_time()
        rows = encoded(item_rows(determination, names=names))
        incomplete = rules.incompleteness(determination) or ""
    except LetterError as error:
        kind: Literal["gone", "content"] = "gone" if isinstance(error, _GoneError) else "content"
        work.failures.append(Failure(content.digest, content.name, error.reason, kind))
        work.spend("failing", time.process_time() - started)
        return
    except Exception as error:
        words = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        reason = f"made the reader fail ({words}): please report it."
        work.failures.append(Failure(content.digest, content.name, reason, "fault"))
        return
    work.spend("reading", read - started)
    work.spend("extracting", extracted - read)
    work.spend("mapping", mapped - extracted)
    work.spend("tabulating", time.process_time() - mapped)
    work.rows.append(rows)
    work.blocks.append(_block(determination, content, work.length, len(text), incomplete))
    work.texts.append(text)
    work.length += len(text)
    _note_unmatched(work, determination, names, rules.base)


class _GoneError(UnreadableError):
    """What was there when digests were taken cannot be read any more, or is another content now."""


def _letter(content: Content) -> Letter:
    try:
        data = _source(content.source).read()
    except UnreadableError as error:
        raise _GoneError(error.source, error.reason) from None
    if hashlib.sha256(data).hexdigest() != content.digest:
        raise _GoneError(content.name, "changed while it was being read: build again.")
    return read_letter(Source(content.name, len(data), partial(bytes, data)))


def _source(pickled: bytes) -> Source:
    # The bytes come from the work list that this build wrote itself, under the lock of its store.
    source: Source = pickle.loads(pickled)
    return source


def _block(d: Determination, content: Content, start: int, length: int, incomplete: str) -> Block:
    decided = d.dates.decided.isoformat() if d.dates.decided else ""
    read_from = (content.digest, d.sha256, d.key, d.case_number, decided, content.name)
    return Block(*read_from, start, length, len(d.unparsed), incomplete)


def _note_unmatched(work: _Work, d: Determination, names: Names, base: str) -> None:
    work.specialties.update(label for label in d.reviewer.specialties if names.specialty(label, base).label is not None)
    work.treatments.update(item.service for item in d.items if not item.treatments)


def validated(texts: list[bytes], validator: str) -> ValidationReport:
    """Return what a validator (by name; empty: none) finds in letters, each given as its N-Triples."""
    if not validator:
        return ValidationReport()
    validate = VALIDATORS[validator]
    return merged(validate(b"".join(some)) for some in _chunks(texts))


def _chunks(texts: list[bytes]) -> Iterator[list[bytes]]:
    return (texts[i : i + _CHUNK] for i in range(0, len(texts), _CHUNK))


def _write(task: ShardTask, work: _Work, report: ValidationReport) -> None:
    started = time.process_time()
    packed = pack(b"".join(work.texts))
    data = f"{task.name}.nt{suffix()}"
    task.folder.write(data, packed)
    rows, packed_rows = f"{task.name}.rows{suffix()}", pack(b"".join(work.rows))
    task.folder.write(rows, packed_rows)
    work.spend("writing", time.process_time() - started)
    manifest = Manifest(
        name=task.name,
        data=data,
        sha256=hashlib.sha256(packed).hexdigest(),
        rows=rows,
        rows_sha256=hashlib.sha256(packed_rows).hexdigest(),
        versions=task.rules.versions,
        base=task.rules.base,
        validator=task.rules.validator,
        blocks=tuple(work.blocks),
        failures=tuple(work.failures),
        looked_at=report.looked_at,
        found=report.found,
        unmatched={"specialties": _most(work.specialties), "treatments": _most(work.treatments)},
        seconds={step: round(seconds, 6) for step, seconds in sorted(work.seconds.items())},
        memory=peak_memory(),
    )
    task.folder.write(f"{task.name}.json", manifest.as_json())


def _most(counts: Counter[str]) -> dict[str, int]:
    """Return the most frequent names, and the rest as one count under the empty name."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rest = sum(count for _, count in ordered[_KEPT_NAMES:])
    return dict(ordered[:_KEPT_NAMES]) | ({"": rest} if rest else {})


def _same_rules(wanted: Versions) -> None:
    mine = current_versions()
    if mine != wanted:
        raise ToolError(
            f"A worker has imr-graph {mine.software} with vocabulary {mine.vocabulary[:8]}, the build has "
            f"{wanted.software} with {wanted.vocabulary[:8]}: install the same version everywhere."
        )
