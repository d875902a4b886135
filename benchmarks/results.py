"""The rows that `run.py` keeps: a run renews those it measured and leaves the others with their date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rows import NO_BASELINES, Row

__all__ = ["Result", "failure_key", "merge", "read_results", "write_results"]

_SIZE = re.compile(r"\.(\d+)$")


@dataclass(frozen=True)
class Result:
    """The rows of one stage, each with the date of its run, and what the stage was last measured with."""

    rows: tuple[tuple[str, Row], ...]
    machine: Mapping[str, str]
    versions: Mapping[str, str]


def failure_key(stage: str) -> str:
    """Return the key of the row that says that a stage failed."""
    return f"{stage}.failed"


def merge(stage: str, old: Result | None, new: Result, sizes: Iterable[int]) -> Result:
    """Return the new rows and those of the old ones that the run did not measure.

    These are the rows of other numbers of letters than its `sizes`, those of programs that it did not compare with, and
    all that are missing where the stage failed.
    """
    before = {row.key for _, row in old.rows if row.value is not None} if old else set()
    rows = [(day, row) for day, row in new.rows if not (row.note == NO_BASELINES and row.key in before)]
    left_out = {row.key for _, row in new.rows} - {row.key for _, row in rows}
    renewed, measured = {row.key for _, row in rows}, {str(size) for size in sizes}
    failed = failure_key(stage)

    def stays(key: str) -> bool:
        size = _SIZE.search(key)
        other = failed in renewed or key in left_out or (size is not None and size[1] not in measured)
        return other and key not in renewed and key != failed

    kept = [(day, row) for day, row in (old.rows if old else ()) if stays(row.key)]
    return replace(new, rows=tuple(_in_order([*rows, *kept])))


def _in_order(rows: Sequence[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """Return rows with those together that differ in the number of letters only, the smallest first."""
    stems = list(dict.fromkeys(_SIZE.sub("", row.key) for _, row in rows))

    def place(dated: tuple[str, Row]) -> tuple[int, int]:
        size = _SIZE.search(dated[1].key)
        return stems.index(_SIZE.sub("", dated[1].key)), int(size[1]) if size else 0

    return sorted(rows, key=place)


def read_results(file: Path) -> dict[str, Result]:
    """Return the results of a file by the name of their stage; none where there is no file."""
    if not file.exists():
        return {}
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {
        stage: Result(
            tuple((entry.pop("date"), Row(**entry)) for entry in one["rows"]), one["machine"], one["versions"]
        )
        for stage, one in found.items()
    }


def write_results(file: Path, results: Mapping[str, Result]) -> None:
    """Write results to a file."""
    found = {
        stage: {
            "machine": one.machine,
            "versions": one.versions,
            "rows": [{"date": day, **asdict(row)} for day, row in one.rows],
        }
        for stage, one in results.items()
    }
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
