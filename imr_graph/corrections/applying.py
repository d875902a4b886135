"""Corrections applied to a determination: after extraction, before validation, again at each build.

Every pointer means the record as it was read, so corrections of one letter do not depend on their order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

from imr_graph.corrections.entries import Correction, Corrections
from imr_graph.corrections.fields import Path, field_of, path_of, pointer_of
from imr_graph.corrections.values import agrees
from imr_graph.model import Determination, Span, Unparsed, outcome_of
from imr_graph.records import from_record, to_record

__all__ = ["AppliedCorrection", "CorrectedDetermination", "StaleCorrection", "apply", "find_unmatched", "pointer_path"]

_LONGEST_SHOWN: Final = 80


@dataclass(frozen=True)
class AppliedCorrection:
    """A correction that was applied.

    `field` is the JSON pointer of the value in the corrected record; of an element that was taken out, of its list.
    """

    correction: Correction
    field: str


@dataclass(frozen=True)
class StaleCorrection:
    """A correction that was not applied; `reason` is one sentence that says why and what to do."""

    correction: Correction
    reason: str

    def __str__(self) -> str:
        """Return where the correction stands and why it was not applied."""
        return f"{self.correction.place}, {self.correction.field}: {self.reason}"


class CorrectedDetermination(NamedTuple):
    """What became of a determination and of the corrections that concern it."""

    determination: Determination
    applied: tuple[AppliedCorrection, ...] = ()
    stale: tuple[StaleCorrection, ...] = ()


def apply(determination: Determination, corrections: Corrections) -> CorrectedDetermination:
    """Return a determination with its corrections applied, and which of them were applied or are stale.

    A correction is stale where the letter's text is another than it says, or where the text is not read any more as
    the correction saw it. The outcome follows the corrected decisions; the places of corrected values are left out.
    """
    concerning = corrections.of(determination)
    if not concerning:
        return CorrectedDetermination(determination)
    record = to_record(determination)
    chosen: list[_Chosen] = []
    stale: list[StaleCorrection] = []
    for correction in sorted(concerning, key=_order):
        path = path_of(correction.field)
        reason = _why_not(record, determination, correction, path, chosen)
        if reason:
            stale.append(StaleCorrection(correction, reason))
        else:
            chosen.append((path, correction))
    if not chosen:
        return CorrectedDetermination(determination, (), tuple(stale))
    corrected, fields = _rewrite(determination, record, chosen)
    applied = (AppliedCorrection(correction, field) for (_, correction), field in zip(chosen, fields, strict=True))
    return CorrectedDetermination(corrected, tuple(applied), tuple(stale))


def find_unmatched(corrections: Corrections, seen: Iterable[tuple[str | None, str]]) -> tuple[Correction, ...]:
    """Return the corrections that concern none of the letters seen, given by case number and digest as read."""
    met = {id(entry) for case_number, sha256 in seen for entry in corrections.known_by(case_number, sha256)}
    return tuple(entry for entry in corrections.entries if id(entry) not in met)


_Chosen: TypeAlias = tuple[Path, Correction]


def _order(correction: Correction) -> tuple[object, ...]:
    """Return what sorts corrections as a record reads, new elements last, whatever files they stand in."""
    steps = tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in path_of(correction.field))
    return steps, correction.case is None, json.dumps(correction.should_be, sort_keys=True), correction.place


def _why_not(
    record: Mapping[str, Any], d: Determination, correction: Correction, path: Path, chosen: Iterable[_Chosen]
) -> str:
    """Return why a correction is not applied, nothing where it is."""
    if not correction.saw(d):
        return "the letter's text is another than the correction saw: compare it, and write its digest anew."
    for other, rival in chosen:
        if other[: len(path)] == path[: len(other)] and not other == path == (*path[:-1], "-"):
            return f"{rival.place} corrects the same value: keep one of them."
    try:
        found = _value_at(record, path)
    except LookupError:
        return "the letter has no such place as it is read now: delete the entry, or name the place anew."
    field, wanted = field_of(path), correction.should_be
    if path[-1] == "-":
        there = any(agrees(field, each, wanted) for each in _value_at(record, path[:-1]))
        return "the list has this element already: delete the entry." if there else ""
    if agrees(field, found, correction.was):
        return ""
    if agrees(field, found, wanted):
        return "the letter is read this way now: delete the entry."
    seen, said = _shorten(found), _shorten(correction.was)
    return f"the letter is read as {seen} now, not as {said}: compare it, and write it anew."


def _value_at(record: Any, path: Path) -> Any:
    """Return the value at a path, None for a new element; raises LookupError where there is no such place."""
    value = record
    for step in path:
        if isinstance(value, list | tuple) and step == "-":
            return None
        value = value[step]
    return value


def _shorten(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} ..."


def _rewrite(
    d: Determination, record: dict[str, Any], chosen: Sequence[_Chosen]
) -> tuple[Determination, tuple[str, ...]]:
    """Return the corrected determination and, for each correction, the pointer of its value there."""
    # A copy as JSON has it: lists that can be changed.
    plain = json.loads(json.dumps({name: of for name, of in record.items() if name not in ("spans", "unparsed")}))
    moves = _SpanRelocator({pointer_path(pointer): span for pointer, span in d.spans.items()}, list(d.unparsed))
    at: dict[int, Path] = {}
    gone: list[tuple[int, Path]] = []
    for number, (path, correction) in enumerate(chosen):
        holder, last = _value_at(plain, path[:-1]), path[-1]
        if last == "-":
            holder.append(correction.should_be)
            at[number] = (*path[:-1], len(holder) - 1)
        elif correction.should_be is None and field_of(path).element:
            gone.append((number, path))
        else:
            holder[last] = correction.should_be
            at[number] = path
            moves.drop(path)
    # The last elements go first, so that the paths of those before them still lead where they did.
    for number, path in reversed(gone):
        del _value_at(plain, path[:-1])[path[-1]]
        moves.drop(path)
        moves.close(path)
        at = {each: _path_after_removal(where, path) for each, where in at.items()} | {number: path[:-1]}
    fields = tuple(pointer_of(at[number]) for number in range(len(chosen)))
    return _complete(d, from_record(plain), moves), fields


def _complete(before: Determination, corrected: Determination, moves: _SpanRelocator) -> Determination:
    """Return the corrected determination with what follows from its values."""
    outcome = None if before.incomplete else outcome_of(tuple(item.decision for item in corrected.items))
    if outcome != before.outcome:
        moves.drop(("outcome",))
    spans = {pointer_of(path): span for path, span in moves.spans.items()}
    return replace(corrected, outcome=outcome, spans=spans, unparsed=tuple(moves.unparsed))


def pointer_path(pointer: str) -> Path:
    """Return the steps of any pointer of a record, correctable or not.

    >>> pointer_path("/items/0/treatments/1")
    ('items', 0, 'treatments', 1)
    """
    return tuple(int(step) if step.isdigit() else step for step in pointer.split("/")[1:])


@dataclass
class _SpanRelocator:
    """Places in the text while the record around them changes."""

    spans: dict[Path, Span]
    unparsed: list[Unparsed]

    def drop(self, path: Path) -> None:
        """Forget the places of a value and of all in it."""
        self.spans = {at: span for at, span in self.spans.items() if at[: len(path)] != path}

    def close(self, path: Path) -> None:
        """Move what stands after an element that was taken out."""
        self.spans = {_path_after_removal(at, path): span for at, span in self.spans.items()}
        self.unparsed = [replace(each, where=self._where(each.where, path)) for each in self.unparsed]

    @staticmethod
    def _where(pointer: str, path: Path) -> str:
        at = pointer_path(pointer)
        # What could not be read inside the element is still not read: it belongs to the list now.
        return pointer_of(path[:-1] if at[: len(path)] == path else _path_after_removal(at, path))


def _path_after_removal(at: Path, gone: Path) -> Path:
    """Return where a path leads once the element at `gone` is taken out of its list."""
    depth = len(gone) - 1
    step, last = at[depth] if len(at) > depth else None, gone[depth]
    if at[:depth] != gone[:depth] or not isinstance(step, int) or not isinstance(last, int) or step <= last:
        return at
    return (*at[:depth], step - 1, *at[depth + 1 :])
