"""Corrections as they are written, one by one, and read from files with every mistake told in a sentence."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imr_graph.corrections.fields import field_of, path_of
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.model import Determination

if TYPE_CHECKING:
    from imr_graph.corrections.yaml_files import Node

__all__ = ["Correction", "Corrections", "read"]

_KEYS: Final = ("case", "text", "field", "was", "should_be", "who", "why", "date")
_SUFFIXES: Final = (".yaml", ".yml")
_DIGEST: Final = re.compile(r"[0-9a-f]{16,64}")
_SHORTEST_DIGEST: Final = 16


@dataclass(frozen=True)
class Correction:
    """One correction.

    `case` is the case number as the letter is read without corrections, `text` the SHA-256 of the letter's text (its
    first 16 or more hex digits); one of them may be None. `field` is the JSON pointer of the value in the record as
    read. `was` and `should_be` are JSON values; null stands for no value, and for an element of a list that is not
    there, or should not be. `place` says where the correction is written.
    """

    case: str | None
    text: str | None
    field: str
    was: Any
    should_be: Any
    who: str
    why: str
    date: date
    place: str = ""

    @cached_property
    def digest(self) -> str:
        """16 hex digits for what the correction says, wherever it is written."""
        return _digest((self,))[:16]

    def saw(self, determination: Determination) -> bool:
        """Say whether the correction was made on this text, as far as it says."""
        return self.text is None or determination.sha256.startswith(self.text)


@dataclass(frozen=True)
class Corrections:
    """All corrections of a build; it travels to worker processes."""

    entries: tuple[Correction, ...] = ()

    def of(self, determination: Determination) -> tuple[Correction, ...]:
        """Return the corrections that concern a letter, as it is read without them."""
        return self.known_by(determination.case_number, determination.sha256)

    def known_by(self, case_number: str | None, sha256: str) -> tuple[Correction, ...]:
        """Return the corrections of a case number, or of the text with a digest (64 hex digits)."""
        found = self._by_case.get(case_number, ()) if case_number is not None else ()
        by_text = self._by_text.get(sha256[:_SHORTEST_DIGEST], ())
        return (*found, *(entry for entry in by_text if sha256.startswith(entry.text or "-")))

    def fingerprint(self, case_number: str | None, sha256: str) -> str:
        """Return 16 hex digits for the corrections of a letter, none where it has none.

        A letter has to be read again when, and only when, its fingerprint is another than at the last build.
        """
        found = self.known_by(case_number, sha256)
        return _digest(found)[:16] if found else ""

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all corrections, whatever files they stand in and in whatever order."""
        return _digest(self.entries)

    @property
    def cases(self) -> Iterable[str]:
        """The case numbers that corrections name."""
        return self._by_case.keys()

    @property
    def texts(self) -> Iterable[str]:
        """The first 16 digits of the texts that corrections without a case number name."""
        return self._by_text.keys()

    @cached_property
    def _by_case(self) -> Mapping[str, tuple[Correction, ...]]:
        return _group((entry.case, entry) for entry in self.entries if entry.case is not None)

    @cached_property
    def _by_text(self) -> Mapping[str, tuple[Correction, ...]]:
        entries = (entry for entry in self.entries if entry.case is None and entry.text is not None)
        return _group(((entry.text or "")[:_SHORTEST_DIGEST], entry) for entry in entries)


def read(paths: Iterable[Path | str]) -> Corrections:
    """Return the corrections of files, and of all `.yaml` and `.yml` files in folders and the folders in them.

    Raises UsageError with file, entry, line and field for whatever is wrong: a key that is missing, unknown or
    malformed, a field that cannot be corrected, a value that the field cannot have, a field corrected twice.
    """
    entries = tuple(entry for path in _files(paths) for entry in _read_file(path))
    first: dict[tuple[str | None, ...], Correction] = {}
    for entry in entries:
        # A list may get several new elements, but each of them once.
        new = json.dumps(entry.should_be, sort_keys=True) if entry.field.endswith("/-") else None
        other = first.setdefault((entry.case, None if entry.case else entry.text, entry.field, new), entry)
        if other is not entry:
            raise UsageError(f"{entry.place}: {other.place} corrects the same field already: keep one of them.")
    return Corrections(entries)


def _files(paths: Iterable[Path | str]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = (each for each in path.rglob("*") if each.suffix.lower() in _SUFFIXES and each.is_file())
            found |= dict.fromkeys(sorted(inside))
        elif path.exists():
            found[path] = None
        else:
            raise UsageError(f"{path}: there is no such file or folder of corrections.")
    return list(found)


def _read_file(path: Path) -> Iterator[Correction]:
    from imr_graph.corrections.yaml_files import load  # here, as few stores have corrections

    return (_entry(path, number, node) for number, node in enumerate(load(path), 1))


def _entry(path: Path, number: int, node: Node) -> Correction:
    place = f"{path}, entry {number} (line {node.line})"
    written = node.value
    if not isinstance(written, dict):
        raise UsageError(f"{place}: an entry has the keys {', '.join(_KEYS)}.")
    for key in written:
        if key not in _KEYS:
            raise UsageError(f"{place}: {UnknownNameError('key of a correction', key, _KEYS)}")
    for key in _KEYS[2:]:
        if key not in written:
            raise UsageError(f"{place}: the key {key!r} is missing: {_MEANING[key]}.")
    field = _said(place, "field", written["field"])
    return Correction(
        case=_said(place, "case", written["case"]) if written.get("case") is not None else None,
        text=_text(place, written.get("text"), needed=written.get("case") is None),
        field=field,
        **_values(f"{place}, {field}", field, written),
        who=_said(place, "who", written["who"]),
        why=_said(place, "why", written["why"]),
        date=_day(place, written["date"]),
        place=place,
    )


_MEANING: Final[Mapping[str, str]] = {
    "field": "the JSON pointer of the value, such as /items/0/decision",
    "was": "the value as it was read, null for none",
    "should_be": "the value that the letter gives, null for none",
    "who": "who says so",
    "why": "what in the letter shows it",
    "date": "the day of the correction, such as 2026-11-20",
}


def _said(place: str, key: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise UsageError(f"{place}: the value of {key!r} is a text that is not empty.")
    return str(value).strip()


def _text(place: str, value: Any, *, needed: bool) -> str | None:
    if value is None:
        if needed:
            raise UsageError(f"{place}: say which letter by 'case' (its number) or 'text' (the SHA-256 of its text).")
        return None
    digest = str(value).lower()
    if not _DIGEST.fullmatch(digest):
        raise UsageError(
            f"{place}: the value of 'text' is the SHA-256 of a letter's text, at least its first 16 digits."
        )
    return digest


def _day(place: str, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(f"{place}: the value of 'date' is a date such as 2026-11-20.") from None


def _values(place: str, pointer: str, written: Mapping[str, Any]) -> dict[str, Any]:
    """Return `was` and `should_be`, checked against the field."""
    try:
        path = path_of(pointer)
    except ValueError as error:
        raise UsageError(f"{place}: this cannot be corrected: {error}.") from None
    was, field = written["was"], field_of(path)
    if (path[-1] == "-") != (was is None) and field.element:
        reason = "a new element (-) was null" if was is not None else "only a new element, named by '-', was null"
        raise UsageError(f"{place}: {reason}: look at the value that was read with imr-graph extract.")
    try:
        should_be = field.value(written["should_be"])
    except ValueError as error:
        raise UsageError(f"{place}: 'should_be' is not such a value: {error}.") from None
    if was == should_be and isinstance(was, bool) == isinstance(should_be, bool):
        raise UsageError(f"{place}: 'was' and 'should_be' are the same: there is nothing to correct.")
    return {"was": was, "should_be": should_be}


def _group(pairs: Iterable[tuple[str, Correction]]) -> dict[str, tuple[Correction, ...]]:
    found: dict[str, tuple[Correction, ...]] = {}
    for key, entry in pairs:
        found[key] = (*found.get(key, ()), entry)
    return found


def _digest(entries: Iterable[Correction]) -> str:
    lines = sorted(
        json.dumps({**asdict(each), "date": str(each.date), "place": ""}, sort_keys=True) for each in entries
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
