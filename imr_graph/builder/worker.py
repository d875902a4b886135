"""What worker processes do: digests of contents, and shards from contents.

A worker reads its own input and writes its own shard; only counts go back. Everything it is given can be pickled, so
that the same functions serve a process pool and a cluster.
"""

from __future__ import annotations

import gc
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from imr_graph.builder.contents import Content, Rules, Work, read_content, source_of
from imr_graph.builder.shard_storage import ShardFolder, pack, suffix
from imr_graph.builder.shard_validation import validate_letters
from imr_graph.builder.shards import Failure, ShardManifest, Versions, current_versions
from imr_graph.errors import LetterError, ToolError
from imr_graph.graph.resolver import default_resolver
from imr_graph.letters.limits import Limits
from imr_graph.validation.report import ValidationReport

__all__ = ["Done", "ShardTask", "make_shard", "peak_memory", "take_digests", "try_letter"]

_KEPT_NAMES = 200  # unmatched names that a manifest lists


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


def take_digests(sources: tuple[tuple[int, bytes], ...]) -> tuple[tuple[int, str, str], ...]:
    """Return for numbered sources (pickled) their number, the SHA-256 of their bytes, or else why there are none."""
    found = []
    for number, pickled in sources:
        try:
            found.append((number, hashlib.sha256(source_of(pickled).read()).hexdigest(), ""))
        except LetterError as error:
            found.append((number, "", error.reason))
    return tuple(found)


def make_shard(task: ShardTask) -> Done:
    """Read, map and validate the contents of a shard, and write it with its manifest."""
    _same_rules(task.rules.versions, task.rules.limits)
    work, names = Work(), default_resolver()
    gc.disable()  # nothing here makes cycles before validation, and looking for them takes a tenth of the time
    try:
        for content in task.contents:
            if content.digest in task.passed_over:
                work.failures.append(Failure(content.digest, content.name, task.passed_over[content.digest], "fault"))
            else:
                read_content(work, content, task.rules, names)
    finally:
        gc.enable()
    started = time.process_time()
    report = validate_letters(work.graphs, task.rules.validator)
    if task.rules.validator:
        work.spend("validating", time.process_time() - started)
    _write(task, work, report)
    unreadable = sum(failure.kind == "gone" for failure in work.failures)
    return Done(task.name, len(work.blocks), len(work.failures), unreadable)


def try_letter(task: ShardTask) -> str:
    """Do all the work on the letters of a task and write nothing; return the task's name."""
    work = Work()
    for content in task.contents:
        read_content(work, content, task.rules, default_resolver())
    validate_letters(work.graphs, task.rules.validator)
    return task.name


def peak_memory() -> int:
    """Return the largest memory that this process has had, in MB; 0 where the system does not say (Windows)."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1_000_000 if sys.platform == "darwin" else 1_000  # bytes on macOS, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def _write(task: ShardTask, work: Work, report: ValidationReport) -> None:
    started = time.process_time()
    data, sha256 = _write_file(task, f".nt{suffix()}", pack(b"".join(work.graphs)))
    rows, rows_sha256 = _write_file(task, f".rows{suffix()}", pack(b"".join(work.rows)))
    texts, texts_sha256 = _write_file(task, ".texts", b"".join(work.texts))
    work.spend("writing", time.process_time() - started)
    manifest = ShardManifest(
        name=task.name,
        data=data,
        sha256=sha256,
        rows=rows,
        rows_sha256=rows_sha256,
        texts=texts,
        texts_sha256=texts_sha256,
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


def _write_file(task: ShardTask, ending: str, data: bytes) -> tuple[str, str]:
    """Write a file of a shard and return its name and its digest."""
    name = f"{task.name}{ending}"
    task.folder.write(name, data)
    return name, hashlib.sha256(data).hexdigest()


def _most(counts: Counter[str]) -> dict[str, int]:
    """Return the most frequent names, and the rest as one count under the empty name."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rest = sum(count for _, count in ordered[_KEPT_NAMES:])
    return dict(ordered[:_KEPT_NAMES]) | ({"": rest} if rest else {})


def _same_rules(wanted: Versions, limits: Limits) -> None:
    mine = current_versions(ocr=limits.ocr)
    if mine != wanted:
        raise ToolError(
            f"A worker has imr-graph {mine.software} with vocabulary {mine.vocabulary[:8]}, the build has "
            f"{wanted.software} with {wanted.vocabulary[:8]}: install the same version everywhere."
        )
