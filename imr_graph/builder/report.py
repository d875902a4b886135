"""What a build did: counts, and by name what went wrong. The same object is `DIR/build-report.json`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from imr_graph.store.failures import translate_errors
from imr_graph.validation.report import ValidationReport, as_record, as_text

__all__ = [
    "FILE",
    "BuildReport",
    "Failed",
    "KeptOut",
    "LeftOut",
    "Meter",
    "Progress",
    "Replaced",
    "progress_in_cell",
    "write_report",
]

FILE = "build-report.json"


@dataclass(frozen=True, slots=True)
class Failed:
    """An input that gave no letter, or one that seems to be cut, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """A letter of the store that gave way: the key of its case, and the digests of the old text and of the new."""

    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A letter of this build that gave way to a later one of its case in the same build: digests of both texts."""

    key: str
    source: str
    sha256: str
    kept: str


@dataclass(frozen=True, slots=True)
class KeptOut:
    """An input whose letter was removed for good: the key that its case had."""

    key: str
    source: str


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    `seen` counts inputs; `repeated` those whose content or text another input of the build has as well. Letters are
    `added`, `unchanged`, `read_again` (with other versions than before), `replaced`, `kept_both`, `left_out`,
    `removed` (keys; only with `prune`), `kept_out` (removed before, for good) or `failed`; `vanished` counts stored
    letters whose files are gone and that
    were not removed. `incomplete` are letters that are in the store but seem to be cut. `unparsed` counts passages
    that no rule understood, `unmatched` by kind the names that the vocabularies do not know. `corrections` counts those
    that are applied in the store, its letters that have any, and the letters that this build read again without;
    `stale_corrections` were not applied and say why, `unmet_corrections` concern no letter. `validation` is about
    the letters that this build read (None where they were not validated). `seconds` are by stage, `worker_seconds`
    are processor time by step, summed over workers; `memory` is each kind of process's peak in MB. `shards` says how
    many were made now and how many an interrupted build had left.
    """

    store: str
    generation: int
    seen: int = 0
    repeated: int = 0
    added: int = 0
    unchanged: int = 0
    read_again: int = 0
    replaced: tuple[Replaced, ...] = ()
    kept_both: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    removed: tuple[str, ...] = ()
    kept_out: tuple[KeptOut, ...] = ()
    vanished: int = 0
    failed: tuple[Failed, ...] = ()
    incomplete: tuple[Failed, ...] = ()
    skipped: int = 0
    unparsed: int = 0
    unmatched: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    corrections: Mapping[str, int] = field(default_factory=dict)
    stale_corrections: tuple[str, ...] = ()
    unmet_corrections: tuple[str, ...] = ()
    validation: ValidationReport | None = None
    remarks: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    worker_seconds: Mapping[str, float] = field(default_factory=dict)
    letters_per_second: float = 0.0
    memory: Mapping[str, int] = field(default_factory=dict)
    shards: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """How many letters this build put into the store."""
        return self.added + self.read_again + len(self.kept_both) + len({one.new for one in self.replaced})

    @property
    def conforms(self) -> bool:
        """Whether no shape was violated by what was read; where nothing was validated, nothing was found either."""
        if self.validation is None or not self.read:
            return True
        return self.validation.conforms

    def as_record(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        record = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "validation"}
        for name in ("replaced", "left_out", "kept_out", "failed", "incomplete"):
            record[name] = [asdict(one) for one in record[name]]
        found = as_record(self.validation) if self.validation is not None and self.read else None
        return {**record, "conforms": self.conforms, "validation": found}

    def as_lines(self, limit: int = 10) -> Iterator[str]:
        """Yield the report for people, with at most `limit` examples of each kind."""
        yield f"{self.seen:,} inputs: {', '.join(self._counts())}."
        total = self.seconds.get("all", 0.0)
        if self.read and total:
            yield f"{self.read:,} letters in {total:,.1f} s ({self.letters_per_second:,.0f} letters/s)."
        yield from _some("could not be read", [f"{f.source}: {f.reason}" for f in self.failed], limit)
        yield from _some("seem to be cut", [f"{f.source}: {f.reason}" for f in self.incomplete], limit)
        yield from _some("replaced", [f"{r.key}: {r.old[:8]} by {r.new[:8]}" for r in self.replaced], limit)
        yield from _some(
            "left out for a later letter of the same case", [f"{r.key}: {r.source}" for r in self.left_out], limit
        )
        yield from _some(
            "were removed before and stay out (imr-graph restore KEY lets one come back)",
            [f"{one.key}: {one.source}" for one in self.kept_out],
            limit,
        )
        if self.unparsed:
            passages = "1 passage was" if self.unparsed == 1 else f"{self.unparsed:,} passages were"
            yield f"{passages} not understood; see imr:unparsedPassage in the graph."
        for kind, names in self.unmatched.items():
            if names:
                yield f"{sum(names.values()):,} {kind} are in no vocabulary, in {len(names):,} wordings."
        yield from self._describe_corrections(limit)
        yield from self.remarks
        if self.validation is not None and self.read:
            yield from as_text(self.validation, every_shape=False).rstrip().splitlines()

    def _describe_corrections(self, limit: int) -> Iterator[str]:
        if applied := self.corrections.get("applied", 0):
            yield f"{applied:,} corrections are applied, to {self.corrections['letters']:,} letters."
        if taken_back := self.corrections.get("taken back", 0):
            yield f"{taken_back:,} letters were read again without the corrections that they had."
        yield from _some("corrections are stale and were not applied", list(self.stale_corrections), limit)
        yield from _some("corrections concern no letter", list(self.unmet_corrections), limit)

    def _counts(self) -> Iterator[str]:
        counts = {
            "added": self.added,
            "unchanged": self.unchanged,
            "read again": self.read_again,
            "replaced": len(self.replaced),
            "kept beside another": len(self.kept_both),
            "left out": len(self.left_out),
            "removed": len(self.removed),
            "kept out": len(self.kept_out),
            "failed": len(self.failed),
            "repeated": self.repeated,
        }
        for what, number in counts.items():
            if number or what == "added":
                yield f"{number:,} {what}"


def _some(what: str, lines: list[str], limit: int) -> Iterator[str]:
    if lines:
        yield f"{len(lines):,} {what}:"
        yield from (f"  {line}" for line in lines[:limit])
        if len(lines) > limit:
            yield f"  and {len(lines) - limit:,} more"


def write_report(store: Path, report: BuildReport) -> None:
    """Write a report into a store's folder, whole or not at all."""
    part = store / f"{FILE}.new"
    with translate_errors(store):
        part.write_text(json.dumps(report.as_record(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(part, store / FILE)


_PAUSE = 0.2  # seconds between two calls


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a build is.

    `stage` is what is being done, `done` and `total` count letters (`total` is None while it is not known), `failed`
    the inputs that gave no letter so far; `seconds_left` is for this stage.
    """

    stage: str
    done: int
    total: int | None
    failed: int
    letters_per_second: float
    seconds_left: float | None

    def __str__(self) -> str:
        total = f" of {self.total:,}" if self.total else ""
        failed = f", {self.failed:,} failed" if self.failed else ""
        left = f", {_duration(self.seconds_left)} left" if self.seconds_left is not None else ""
        rate = f", {self.letters_per_second:,.0f} letters/s" if self.letters_per_second else ""
        return f"{self.stage}: {self.done:,}{total}{rate}{failed}{left}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Meter:
    """Turns counts into `Progress`, calls the listener at most five times a second, and keeps each stage's time."""

    def __init__(self, listener: Callable[[Progress], None] | None) -> None:
        self._listener = listener
        self._stage, self._total = "", 0
        self._since = self._last = time.monotonic()
        self.seconds: dict[str, float] = {}
        self.failed = 0

    def begin(self, stage: str, total: int | None = None) -> None:
        """Begin a stage; the one before it is over."""
        self.end()
        self._stage, self._total = stage, total or 0
        self.tell(0, at_once=True)

    def end(self) -> None:
        """End the stage."""
        now = time.monotonic()
        if self._stage:
            self.seconds[self._stage] = round(self.seconds.get(self._stage, 0.0) + now - self._since, 3)
        self._stage, self._since = "", now

    def tell(self, done: int, *, at_once: bool = False) -> None:
        """Tell how many letters are done in this stage."""
        now = time.monotonic()
        if self._listener is None or (now - self._last < _PAUSE and not at_once):
            return
        self._last = now
        rate = done / (now - self._since) if done and now > self._since else 0.0
        left = (self._total - done) / rate if rate and self._total else None
        self._listener(Progress(self._stage, done, self._total or None, self.failed, rate, left))


def progress_in_cell() -> Callable[[object], None] | None:
    """Return what shows a step in place of the one before, below the cell that runs; None outside of notebooks."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is None:  # a console of IPython has none
        return None
    display: Any = import_module("IPython.display").display
    line = display({"text/plain": ""}, raw=True, display_id=True)

    def show(step: object) -> None:
        line.update({"text/plain": str(step)}, raw=True)

    return show
