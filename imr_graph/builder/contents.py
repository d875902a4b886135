"""One content in a worker: its letter, what it states, what people corrected, and what becomes of all that."""

from __future__ import annotations

import hashlib
import pickle
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from imr_graph import corrections
from imr_graph.builder.shards import Block, Failure, Mark, Versions
from imr_graph.corrections import CorrectedDetermination, Corrections
from imr_graph.errors import LetterError, OverLimitError, UnreadableError
from imr_graph.graph import mapping
from imr_graph.graph.resolver import NameResolver
from imr_graph.letters import Limits, Source, limit_reading, read_letter
from imr_graph.model import Determination, Letter
from imr_graph.store.texts import frame, pack
from imr_graph.table.jsonlines import encode_rows
from imr_graph.table.rows import item_rows

__all__ = ["Content", "Rules", "Work", "read_content", "source_of"]


@dataclass(frozen=True, slots=True)
class Content:
    """One content to read: its digest, its name, and the pickled `Source` that gives its bytes."""

    digest: str
    name: str
    source: bytes


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides what becomes of a content.

    That is versions, base of the IRIs, validator (empty: none), the reader, what people corrected, and what one letter
    may take.
    """

    versions: Versions
    base: str
    validator: str
    extract: Callable[[Letter], Determination]
    incompleteness: Callable[[Determination], str | None]
    corrections: Corrections = field(default_factory=Corrections)
    limits: Limits = field(default_factory=Limits)


@dataclass
class Work:
    """A shard in the making: of each letter its triples, its rows of the table and its text."""

    blocks: list[Block] = field(default_factory=list)
    graphs: list[bytes] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    length: int = 0
    specialties: Counter[str] = field(default_factory=Counter)
    treatments: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def spend(self, step: str, seconds: float) -> None:
        """Add to the time of a step."""
        self.seconds[step] = self.seconds.get(step, 0.0) + seconds


def read_content(work: Work, content: Content, rules: Rules, names: NameResolver) -> None:
    """Read one content into the shard; whatever is wrong with it is the fault of this letter alone."""
    started = time.process_time()
    try:
        with limit_reading(content.name, rules.limits):
            letter = _letter(content, rules.limits)
            read = time.process_time()
            as_read = rules.extract(letter)
            corrected = corrections.apply(as_read, rules.corrections)
            determination = corrected.determination
            extracted = time.process_time()
            graph = mapping.ntriples(determination, base=rules.base, names=names).encode()
            if corrected.applied:
                graph += corrections.ntriples(corrected.applied, determination, base=rules.base).encode()
            mapped = time.process_time()
            rows = encode_rows(item_rows(determination, names=names))
            tabulated = time.process_time()
            text = frame(as_read.sha256, pack(letter.text))
            incomplete = rules.incompleteness(determination) or ""
    except LetterError as error:
        work.failures.append(Failure(content.digest, content.name, error.reason, _kind_of(error)))
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
    work.spend("tabulating", tabulated - mapped)
    work.spend("packing texts", time.process_time() - tabulated)
    mark = _mark(as_read, corrected, rules.corrections)
    work.blocks.append(_block(determination, content, work.length, len(graph), incomplete, mark))
    work.graphs.append(graph)
    work.rows.append(rows)
    work.texts.append(text)
    work.length += len(graph)
    _note_unmatched(work, determination, names, rules.base)


class _GoneError(UnreadableError):
    """What was there when digests were taken cannot be read any more, or is another content now."""


def _kind_of(error: LetterError) -> Literal["gone", "content", "fault"]:
    if isinstance(error, _GoneError):
        return "gone"
    return "fault" if isinstance(error, OverLimitError) else "content"


def _letter(content: Content, limits: Limits) -> Letter:
    try:
        data = source_of(content.source).read()
    except UnreadableError as error:
        raise _GoneError(error.source, error.reason) from None
    if hashlib.sha256(data).hexdigest() != content.digest:
        raise _GoneError(content.name, "changed while it was being read: build again.")
    return read_letter(Source(content.name, len(data), partial(bytes, data)), limits)


def source_of(pickled: bytes) -> Source:
    """Return the source that the work list holds."""
    # The bytes come from the work list that this build wrote itself, under the lock of its store.
    source: Source = pickle.loads(pickled)
    return source


def _mark(as_read: Determination, corrected: CorrectedDetermination, corrections: Corrections) -> Mark | None:
    if not corrected.applied and not corrected.stale:
        return None
    stale = tuple((each.correction.digest, each.reason) for each in corrected.stale)
    fingerprint = corrections.fingerprint(as_read.case_number, as_read.sha256)
    return Mark(as_read.case_number, fingerprint, len(corrected.applied), stale)


def _block(d: Determination, content: Content, start: int, length: int, incomplete: str, mark: Mark | None) -> Block:
    decided = d.dates.decided.isoformat() if d.dates.decided else ""
    read_from = (content.digest, d.sha256, d.key, d.case_number, decided, content.name)
    return Block(*read_from, start, length, len(d.unparsed), incomplete, mark)


def _note_unmatched(work: Work, d: Determination, names: NameResolver, base: str) -> None:
    work.specialties.update(label for label in d.reviewer.specialties if names.specialty(label, base).label is not None)
    work.treatments.update(item.service for item in d.items if not item.treatments)
