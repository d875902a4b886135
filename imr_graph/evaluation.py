"""How well records agree with what people read in the letters: precision, recall and F1 for each field.

The rules are those of the gold records: text is compared without white space, hyphens and final full stops, sets
regardless of order, citations as bags; a field that a gold item marks "ambiguous" is left out, and citations marked
so are compared by basis and guideline alone. Reasons are compared by id without those under "ambiguous_reasons", and
of those found, whether their words overlap. A gold text may be given as "sha256:" and the digest of its squeezed form.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from imr_graph.errors import UsageError
from imr_graph.fields import CASE, ITEM, REVIEWER, SIDES, Field, Level

__all__ = ["Miss", "Score", "compare", "read_gold", "score_records"]

Record = Mapping[str, Any]

_IGNORED = frozenset("-\u00ad\ufffe\u2010\u2011\u2012\u2013\u2014")
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Miss:
    """One value that differs: the field, the letter (and item), what gold says, what was read."""

    field: str
    where: str
    expected: tuple[Any, ...]
    found: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How one field fared: values in both, only in the record, only in gold."""

    field: str
    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float | None:
        """The share of read values that are right; None where nothing was read."""
        read = self.true_positives + self.false_positives
        return self.true_positives / read if read else None

    @property
    def recall(self) -> float | None:
        """The share of gold values that were read; None where gold has none."""
        there = self.true_positives + self.false_negatives
        return self.true_positives / there if there else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where neither side has a value."""
        total = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / total if total else None


@dataclass(frozen=True, slots=True)
class _Pair:
    """Bags of values to compare in one field."""

    field: str
    where: str
    gold: Counter[Any]
    found: Counter[Any]


def read_gold(folder: Path) -> dict[str, Record]:
    """Return the gold records of a folder by the stem of the letter's file.

    Raises UsageError where the folder holds none or a file is not JSON.
    """
    gold: dict[str, Record] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            gold[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{path}: not a gold record ({error}).") from error
    if not gold:
        raise UsageError(f"{folder}: there is no gold record (a JSON file named after its letter).")
    return gold


def score_records(gold: Mapping[str, Record], records: Mapping[str, Record]) -> tuple[list[Score], list[Miss]]:
    """Compare records with gold, both by the stem of the letter's file; a letter without a record misses all.

    Returns the scores by field in the order of the record, and every difference.
    """
    counts: dict[str, list[int]] = {}
    misses: list[Miss] = []
    for stem, expected in gold.items():
        for pair in compare(expected, records.get(stem, {}), stem):
            both = (pair.gold & pair.found).total()
            row = counts.setdefault(pair.field, [0, 0, 0])
            row[0] += both
            row[1] += pair.found.total() - both
            row[2] += pair.gold.total() - both
            if pair.gold != pair.found:
                lost, extra = pair.gold - pair.found, pair.found - pair.gold
                misses.append(Miss(pair.field, pair.where, _sorted_values(lost), _sorted_values(extra)))
    return [Score(field, *row) for field, row in counts.items()], misses


def compare(gold: Record, record: Record, where: str) -> Iterator[_Pair]:
    """Yield the bags of values to compare for one letter."""
    yield from _fields(CASE, gold, record, where)
    yield from _fields(REVIEWER, _inside(gold, "reviewer"), _inside(record, "reviewer"), where)
    for number, (expected, found) in enumerate(_align_items(gold["items"], record.get("items") or []), 1):
        at = f"{where}#{number}"
        yield _scalar("items", at, expected and "item", found and "item")
        yield from _fields(ITEM, expected or {}, found or {}, at)
        yield from _reasons(expected or {}, found or {}, at)
        for side in SIDES:
            cited, read = (_inside(each or {}, side.path).get("citations") or [] for each in (expected, found))
            yield from _citations(cited, read, f"{at} {side.path}")


def _fields(level: Level, gold: Record, record: Record, where: str) -> Iterator[_Pair]:
    """Yield what the rows of a level say to compare; what a gold record does not have, or doubts, is left out."""
    doubted = set(gold.get("ambiguous") or ())
    for field in level.fields:
        expected, found = _at(field, gold), _at(field, record)
        if doubted.intersection(field.steps) or (gold and expected is _ABSENT):
            continue
        values = [[] if value is _ABSENT else _comparable(field, value) for value in (expected, found)]
        yield _bag(_name(level, field), where, *values)


def _name(level: Level, field: Field) -> str:
    """Return what a field's score is called: both sides of an item have one score."""
    prefix = [level.name] if level.pointer else []
    return ".".join([*prefix, *(step for step in field.steps if step not in _SIDES)])


_SIDES = tuple(side.path for side in SIDES)


def _at(field: Field, record: Record) -> Any:
    value: Any = record
    for step in field.steps:
        value = value.get(step, _ABSENT) if isinstance(value, Mapping) else _ABSENT
    return value


def _comparable(field: Field, value: Any) -> list[Any]:
    """Return a field's values as they are compared: texts squeezed, flags where they are true."""
    if field.kind == "flag":
        return [True] if value else []
    values = (value or []) if field.several else [value]
    return [_digest(each) if field.kind == "text" else each for each in values if each is not None]


def _reasons(expected: Record, found: Record, where: str) -> Iterator[_Pair]:
    """Yield the reasons by id, and whether the words of those in both overlap by half of the shorter passage."""
    if expected and "reasons" not in expected:
        return
    doubted = set(expected.get("ambiguous_reasons") or ())
    gold, read = (
        {each["reason"]: each.get("text") for each in item.get("reasons") or [] if each["reason"] not in doubted}
        for item in (expected, found)
    )
    yield _bag("item.reasons", where, list(gold), list(read))
    both = [reason for reason in gold if reason in read and gold[reason] is not None]
    said = [reason for reason in both if _overlap(gold[reason], read[reason])]
    yield _bag("item.reasons.words (of those found)", where, both, said)


def _overlap(one: str, other: str) -> bool:
    """Whether two passages share half of the shorter one's words in a row."""
    left, right = (unicodedata.normalize("NFKC", each).lower().replace("-", " ").split() for each in (one, other))
    longest = SequenceMatcher(None, left, right, autojunk=False).find_longest_match()
    return bool(longest.size >= max(1, min(len(left), len(right)) / 2))


def _citations(expected: Sequence[Record], found: Sequence[Record], where: str) -> Iterator[_Pair]:
    if any(citation.get("ambiguous") for citation in expected):
        sides = [{(c["basis"], c["guideline"]) for c in citations} for citations in (expected, found)]
        yield _bag("item.citations (guideline, ambiguous ones)", where, *sides)
        return
    for field, values in _CITATION_FIELDS.items():
        yield _bag(field, where, *([v for c in citations for v in values(c)] for citations in (expected, found)))


_CITATION_FIELDS: Mapping[str, Callable[[Record], list[Any]]] = {
    "item.citations (basis, guideline)": lambda c: [(c["basis"], c["guideline"])],
    "item.citations.pages": lambda c: [(c["guideline"], page) for page in c["pages"]],
    "item.citations.chapter": lambda c: [(c["guideline"], _plain(c["chapter"]))] if c["chapter"] else [],
    "item.citations.sections": lambda c: [(c["guideline"], _plain(section)) for section in c["sections"]],
    "item.citations.text": lambda c: [_digest(c["text"])],
}


def _align_items(gold: Sequence[Record], found: Sequence[Record]) -> list[tuple[Record | None, Record | None]]:
    """Pair items in order; where their numbers differ, pair those of equal heading or rationale."""
    if len(gold) == len(found):
        return list(zip(gold, found, strict=True))
    left = list(found)
    pairs: list[tuple[Record | None, Record | None]] = []
    for item in gold:
        match = next(
            (f for f in left if any(_digest(item[k]) == _digest(f.get(k)) for k in ("heading", "rationale"))), None
        )
        if match is not None:
            left.remove(match)
        pairs.append((item, match))
    return [*pairs, *((None, item) for item in left)]


def _inside(record: Record, name: str) -> Record:
    value: Record = record.get(name) or {}
    return value


def _scalar(field: str, where: str, gold: Any, found: Any) -> _Pair:
    return _bag(field, where, [] if gold is None else [gold], [] if found is None else [found])


def _bag(field: str, where: str, gold: Iterable[Any], found: Iterable[Any]) -> _Pair:
    return _Pair(field, where, Counter(gold), Counter(found))


def _sorted_values(values: Counter[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values.elements(), key=str))


def _squeeze(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c not in _IGNORED)


def _plain(text: str | None) -> str:
    return _squeeze(text or "").lower().rstrip(".")


def _digest(text: str | None) -> str | None:
    if text is None or text.startswith("sha256:"):
        return text
    return "sha256:" + hashlib.sha256(_squeeze(text).rstrip(".").encode()).hexdigest()
