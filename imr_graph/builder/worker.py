"""What worker processes do: read inputs, and make a shard of their letters.

A worker reads its own input and writes its own shard; nothing but the shard's name goes back. Everything it is given
can be pickled, so that the same functions serve a process pool and a cluster.
"""

from __future__ import annotations

import gc
import hashlib
import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, NamedTuple

from imr_graph import corrections
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import (
    Block,
    Failure,
    KnownDigests,
    Mark,
    Outcome,
    ShardManifest,
    Versions,
    current_versions,
    file_of,
    list_frequent,
)
from imr_graph.corrections import CorrectedDetermination, Corrections
from imr_graph.errors import LetterError, OverLimitError, ToolError, UnreadableError
from imr_graph.graph import mapping
from imr_graph.graph.resolver import NameResolver, default_resolver
from imr_graph.letters import Limits, Source, limit_reading, read_letter
from imr_graph.limited_process import peak_memory
from imr_graph.model import Determination, Letter
from imr_graph.store.packing import pack, suffix
from imr_graph.store.texts import frame
from imr_graph.store.texts import pack as pack_text
from imr_graph.table.jsonlines import encode_rows
from imr_graph.table.rows import item_rows
from imr_graph.validation import validate_letters

__all__ = ["CRASHED", "Input", "Rules", "ShardTask", "make_shard", "try_letters"]

CRASHED = "made the reader crash, so it was passed over: please report it."

_UNMATCHED = ("specialties", "treatments")
_KEPT_NAMES = 200  # unmatched names of a kind that a manifest lists


@dataclass(frozen=True, slots=True)
class Input:
    """One input to read: its row of the work list, with the pickled `Source` that gives its bytes.

    `digest` is that of a content that has to be read again; empty where it may yet turn out to be known.
    """

    number: int
    place: str
    stamp: str
    name: str
    source: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides what becomes of a content; `validator` is empty where letters are not validated."""

    versions: Versions
    base: str
    validator: str
    extract: Callable[[Letter], Determination]
    incompleteness: Callable[[Determination], str | None]
    corrections: Corrections = field(default_factory=Corrections)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class ShardTask:
    """A shard to make of inputs.

    Contents whose digests are in the file `known` of the folder (empty: there is none) are not read further; inputs
    whose numbers are in `culprits` are not read but reported as failed.
    """

    name: str
    inputs: tuple[Input, ...]
    folder: ShardFolder
    rules: Rules
    known: str = ""
    culprits: frozenset[int] = frozenset()


class _Made(NamedTuple):
    """What was made of a letter: its triples, its rows of the table and its text; `block` does not know its start."""

    block: Block
    graph: bytes
    packed: bytes
    rows: bytes
    text: bytes


@dataclass
class _Work:
    """A shard in the making."""

    rules: Rules
    known: KnownDigests
    names: NameResolver = field(default_factory=default_resolver)
    outcomes: list[Outcome] = field(default_factory=list)
    letters: list[_Made] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unmatched: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in _UNMATCHED})
    seconds: dict[str, float] = field(default_factory=dict)

    def spend(self, step: str, since: float) -> float:
        """Add the processor time since a moment to a step; return the moment that it is now."""
        now = time.process_time()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - since
        return now

    def fail(self, one: Input, digest: str, reason: str, kind: Literal["gone", "content", "fault"]) -> None:
        """Note that an input gave no letter; `digest` is empty where its bytes cannot be had."""
        if digest:
            self.failures.append(Failure(digest, one.name, reason, kind))
        self.outcomes.append(Outcome(one.place, one.stamp, digest, "" if digest else reason))


def make_shard(task: ShardTask) -> str:
    """Read, map and validate the inputs of a task, write the shard with its manifest, and return its name."""
    _check_versions(task.rules)
    gc.disable()  # nothing here makes cycles before validation, and looking for them takes a tenth of the time
    try:
        work = _read_inputs(task)
    finally:
        gc.enable()
    started = time.process_time()
    letters = sorted(work.letters, key=lambda made: (made.block.digest, file_of(made.block.source), made.block.source))
    report = validate_letters([made.graph for made in letters], task.rules.validator)
    if task.rules.validator:
        started = work.spend("validating", started)
    files = {
        f"{task.name}.nt{suffix()}": b"".join(made.packed for made in letters),
        f"{task.name}.rows{suffix()}": pack(b"".join(made.rows for made in letters)),
        f"{task.name}.texts": b"".join(made.text for made in letters),
    }
    for name, data in files.items():
        task.folder.write(name, data)
    work.spend("writing", started)
    manifest = ShardManifest(
        name=task.name,
        files={name: _digest_of(data) for name, data in files.items()},
        versions=task.rules.versions,
        base=task.rules.base,
        validator=task.rules.validator,
        outcomes=tuple(work.outcomes),
        blocks=tuple(_place_blocks(letters)),
        failures=tuple(work.failures),
        looked_at=report.looked_at,
        found=report.found,
        unmatched={kind: list_frequent(names, _KEPT_NAMES) for kind, names in work.unmatched.items()},
        seconds={step: round(seconds, 6) for step, seconds in sorted(work.seconds.items())},
        memory=peak_memory(),
    )
    task.folder.write(f"{task.name}.json", manifest.as_json())
    return task.name


def _place_blocks(letters: list[_Made]) -> Iterator[Block]:
    start = 0
    for made in letters:
        yield replace(made.block, start=start)
        start += made.block.length


def try_letters(task: ShardTask) -> str:
    """Do all the work on the inputs of a task and write nothing; return the task's name."""
    validate_letters([made.graph for made in _read_inputs(task).letters], task.rules.validator)
    return task.name


def _check_versions(rules: Rules) -> None:
    mine, wanted = current_versions(ocr=rules.limits.ocr), rules.versions
    if mine != wanted:
        raise ToolError(
            f"A worker has imr-graph {mine.software} with vocabulary {mine.vocabulary[:8]}, the build has "
            f"{wanted.software} with {wanted.vocabulary[:8]}: install the same version everywhere."
        )


def _read_inputs(task: ShardTask) -> _Work:
    work = _Work(task.rules, KnownDigests.read(task.folder, task.known))
    for one in task.inputs:
        if one.number in task.culprits:
            _pass_over(work, one)
        else:
            _read_input(work, one)
    return work


def _pass_over(work: _Work, one: Input) -> None:
    try:
        work.fail(one, one.digest or _digest_of(_read_bytes(one)), CRASHED, "fault")
    except LetterError as error:
        work.fail(one, "", error.reason, "fault")


def _read_input(work: _Work, one: Input) -> None:
    """Read one input into the shard; whatever is wrong is this letter's fault, unless a ToolError is raised."""
    digest = one.digest
    try:
        with limit_reading(one.name, work.rules.limits):
            data = _read_bytes(one)
            digest = _digest_of(data)
            if one.digest not in ("", digest):
                raise _GoneError(one.name, "changed while it was being read: build again.")
            if one.digest or digest not in work.known:
                _take_letter(work, one, digest, data)
    except LetterError as error:
        work.fail(one, one.digest or digest, error.reason, _kind_of(error))
    except ToolError:  # a file of the vocabulary is broken, or a program is missing
        raise
    except Exception as error:
        words = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        work.fail(one, digest, f"made the reader fail ({words}): please report it.", "fault")
    else:
        work.outcomes.append(Outcome(one.place, one.stamp, digest, ""))


class _GoneError(UnreadableError):
    """What was there when it was last read cannot be read any more, or is another content now."""


def _kind_of(error: LetterError) -> Literal["gone", "content", "fault"]:
    if isinstance(error, _GoneError):
        return "gone"
    return "fault" if isinstance(error, OverLimitError) else "content"


def _read_bytes(one: Input) -> bytes:
    # The bytes come from the work list that this build wrote itself, under the lock of its store.
    source: Source = pickle.loads(one.source)
    try:
        return source.read()
    except UnreadableError as error:
        raise _GoneError(error.source, error.reason) from None


def _digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _take_letter(work: _Work, one: Input, digest: str, data: bytes) -> None:
    """Make of a letter's bytes what the store needs of it; nothing is kept of a letter that fails on the way."""
    rules, names, started = work.rules, work.names, time.process_time()
    letter = read_letter(Source(one.name, len(data), partial(bytes, data)), rules.limits)
    started = work.spend("reading", started)
    as_read = rules.extract(letter)
    corrected = corrections.apply(as_read, rules.corrections)
    determination = corrected.determination
    started = work.spend("extracting", started)
    graph = mapping.ntriples(determination, base=rules.base, names=names).encode()
    if corrected.applied:
        graph += corrections.ntriples(corrected.applied, determination, base=rules.base).encode()
    started = work.spend("mapping", started)
    rows = encode_rows(item_rows(determination, names=names))
    started = work.spend("tabulating", started)
    text, packed = frame(as_read.sha256, pack_text(letter.text)), pack(graph)
    work.spend("packing", started)
    block = Block(
        digest=digest,
        sha256=determination.sha256,
        key=determination.key,
        number=determination.case_number,
        decided=determination.dates.decided.isoformat() if determination.dates.decided else "",
        source=one.name,
        start=0,
        length=len(packed),
        unparsed=len(determination.unparsed),
        incomplete=rules.incompleteness(determination) or "",
        mark=_mark(as_read, corrected, rules.corrections),
    )
    work.letters.append(_Made(block, graph, packed, rows, text))
    labels = determination.reviewer.specialties
    work.unmatched["specialties"].update(each for each in labels if names.specialty(each, rules.base).label is not None)
    work.unmatched["treatments"].update(item.service for item in determination.items if not item.treatments)


def _mark(as_read: Determination, corrected: CorrectedDetermination, corrections: Corrections) -> Mark | None:
    if not corrected.applied and not corrected.stale:
        return None
    stale = tuple((each.correction.digest, each.reason) for each in corrected.stale)
    fingerprint = corrections.fingerprint(as_read.case_number, as_read.sha256)
    return Mark(as_read.case_number, fingerprint, len(corrected.applied), stale)
