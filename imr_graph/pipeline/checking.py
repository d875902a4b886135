"""Validation of what a build loads: shards validate themselves, and those that lose letters are looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from imr_graph.errors import ToolError
from imr_graph.graph.findings import ValidationReport, merged
from imr_graph.pipeline.engines import Died, Engine
from imr_graph.pipeline.folders import ShardFolder
from imr_graph.pipeline.loading import blocks_of
from imr_graph.pipeline.shards import read_manifest, read_text
from imr_graph.pipeline.worker import Rules, validated

__all__ = ["validation_of"]


@dataclass(frozen=True, slots=True)
class _Check:
    """A shard to validate without the letters that are not loaded; `rows` are as `blocks_of` takes them."""

    folder: ShardFolder
    data: str
    rows: tuple[tuple[int, int, str, str | None, str], ...]
    base: str
    validator: str


def validation_of(plan: sqlite3.Connection, folder: ShardFolder, rules: Rules, engine: Engine) -> ValidationReport:
    """Return what validation found in the letters that a settled work list loads."""
    from imr_graph.graph.validation import validate  # importing pyshacl takes half a second

    nothing = validate([])  # the shapes, each with nothing looked at
    reports = [nothing]
    checks = []
    for name, data in plan.execute("select name, data from shard order by name").fetchall():
        rows = plan.execute(
            "select start, length, key, own_key, fate from letter where shard = ? order by start", (name,)
        ).fetchall()
        manifest = read_manifest(folder, name)
        if manifest is not None and len(manifest.blocks) == len(rows) and all(_as_read(row) for row in rows):
            reports = [merged((*reports, manifest.report()))]
        elif any(row[4] == "load" for row in rows):
            checks.append(_Check(folder, data, tuple(rows), rules.base, rules.validator))
    return merged((*reports, *_again(engine, checks)))


def _as_read(row: tuple[int, int, str, str | None, str]) -> bool:
    return row[4] == "load" and row[3] in (None, row[2])


def _again(engine: Engine, checks: list[_Check]) -> Iterator[ValidationReport]:
    for _, result in engine.run(_check, checks):
        if isinstance(result, Died):
            raise ToolError("The validator crashed: try another --validator, or build with --no-validate.")
        yield result


def _check(check: _Check) -> ValidationReport:
    text = read_text(check.folder, check.data)
    return validated(list(blocks_of(text, check.rows, check.base)), check.validator)
