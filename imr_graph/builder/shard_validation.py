"""Validation of what a build loads: workers validate their shards, and those that lose letters are looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

from imr_graph.builder.executors import Died, Engine
from imr_graph.builder.portions import Placed, Portion, cut_triples
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import read_manifest, read_text
from imr_graph.builder.worker import Rules
from imr_graph.errors import ToolError
from imr_graph.validation import validate_letters
from imr_graph.validation.report import ValidationReport, merge_reports

__all__ = ["validate_loaded"]


@dataclass(frozen=True, slots=True)
class _Check:
    """A shard to validate without the letters that are not loaded."""

    folder: ShardFolder
    data: str
    letters: tuple[Placed, ...]
    base: str
    validator: str


def validate_loaded(plan: sqlite3.Connection, folder: ShardFolder, rules: Rules, engine: Engine) -> ValidationReport:
    """Return what validation found in the letters that a settled work list loads."""
    from imr_graph.validation.validate import empty_report  # imports rdflib, which takes a while

    reports, checks = [empty_report()], []
    for name, data in plan.execute("select name, data from shard order by name").fetchall():
        rows = plan.execute(
            "select fate, start, length, key, own_key, sha256 from letter where shard = ? order by start", (name,)
        ).fetchall()
        letters = tuple(Placed(*placed) for fate, *placed in rows if fate == "load")
        manifest = read_manifest(folder, name)
        if manifest is not None and Portion(folder, rules.base, name, data, len(manifest.blocks), letters).whole:
            reports = [merge_reports((*reports, manifest.report()))]
        elif letters:
            checks.append(_Check(folder, data, letters, rules.base, rules.validator))
    return replace(merge_reports((*reports, *_validate_anew(engine, checks))), engine=rules.validator)


def _validate_anew(engine: Engine, checks: list[_Check]) -> Iterator[ValidationReport]:
    for _, result in engine.run(_check, checks):
        if isinstance(result, Died):
            raise ToolError("The validator crashed: try another --validator, or build with --no-validate.")
        yield result


def _check(check: _Check) -> ValidationReport:
    text = read_text(check.folder, check.data)
    return validate_letters(list(cut_triples(text, check.letters, check.base)), check.validator)
