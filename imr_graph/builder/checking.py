"""Validation of what a build loads: shards validate themselves, and those that lose letters are looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

from imr_graph.builder.contents import Rules
from imr_graph.builder.executors import Died, Engine
from imr_graph.builder.portions import Placed, blocks_of
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import read_manifest, read_text
from imr_graph.builder.worker import validated
from imr_graph.errors import ToolError
from imr_graph.validation.report import ValidationReport, merge_reports

__all__ = ["validation_of"]


@dataclass(frozen=True, slots=True)
class _Check:
    """A shard to validate without the letters that are not loaded."""

    folder: ShardFolder
    data: str
    letters: tuple[Placed, ...]
    base: str
    validator: str


def validation_of(plan: sqlite3.Connection, folder: ShardFolder, rules: Rules, engine: Engine) -> ValidationReport:
    """Return what validation found in the letters that a settled work list loads."""
    from imr_graph.validation.validate import validate  # imports rdflib, which takes a while

    nothing = validate([])  # the shapes, each with nothing looked at
    reports = [nothing]
    checks = []
    for name, data in plan.execute("select name, data from shard order by name").fetchall():
        rows = plan.execute(
            "select start, length, key, own_key, sha256, fate from letter where shard = ? order by start", (name,)
        ).fetchall()
        manifest = read_manifest(folder, name)
        if manifest is not None and len(manifest.blocks) == len(rows) and all(_as_read(row) for row in rows):
            reports = [merge_reports((*reports, manifest.report()))]
        elif any(row[5] == "load" for row in rows):
            letters = tuple(row[:5] for row in rows if row[5] == "load")
            checks.append(_Check(folder, data, letters, rules.base, rules.validator))
    return replace(merge_reports((*reports, *_again(engine, checks))), engine=rules.validator)


def _as_read(row: tuple[int, int, str, str | None, str, str]) -> bool:
    return row[5] == "load" and row[3] in (None, row[2])


def _again(engine: Engine, checks: list[_Check]) -> Iterator[ValidationReport]:
    for _, result in engine.run(_check, checks):
        if isinstance(result, Died):
            raise ToolError("The validator crashed: try another --validator, or build with --no-validate.")
        yield result


def _check(check: _Check) -> ValidationReport:
    text = read_text(check.folder, check.data)
    return validated(list(blocks_of(text, check.letters, check.base)), check.validator)
