"""Validation of what a build loads: shards validate themselves, and those that lose letters are looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Final

from imr_graph.builder.contents import Rules
from imr_graph.builder.executors import Died, Engine
from imr_graph.builder.portions import Placed, cut_triples
from imr_graph.builder.shard_storage import ShardFolder
from imr_graph.builder.shards import read_manifest, read_text
from imr_graph.errors import ToolError, UnknownNameError
from imr_graph.validation.report import ValidationReport, merge_reports

__all__ = ["AUTO", "VALIDATORS", "choose_validator", "validate_letters", "validate_loaded"]

# Letters validated in one graph: more cost memory, fewer the time to set up; see docs/performance.md.
_CHUNK = 100


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
    return replace(merge_reports((*reports, *_validate_anew(engine, checks))), engine=rules.validator)


def _as_read(row: tuple[int, int, str, str | None, str, str]) -> bool:
    return row[5] == "load" and row[3] in (None, row[2])


def _validate_anew(engine: Engine, checks: list[_Check]) -> Iterator[ValidationReport]:
    for _, result in engine.run(_check, checks):
        if isinstance(result, Died):
            raise ToolError("The validator crashed: try another --validator, or build with --no-validate.")
        yield result


def _check(check: _Check) -> ValidationReport:
    text = read_text(check.folder, check.data)
    return validate_letters(list(cut_triples(text, check.letters, check.base)), check.validator)


AUTO: Final = "auto"
"""The name of the fastest engine that is installed; see docs/decisions/validators.md."""


def _validate(text: bytes, *, engine: str) -> ValidationReport:
    from imr_graph.validation.validate import validate_ntriples  # imports rdflib, which takes a while

    return validate_ntriples(text, engine=engine)


# The names are those of `graph.engines`, which imports rdflib; a test compares them.
VALIDATORS: dict[str, Callable[[bytes], ValidationReport]] = {
    name: partial(_validate, engine=name) for name in ("pyshacl", "pyshifty")
}
"""By the name of the engine."""


def choose_validator(name: str) -> str:
    """Return the name of the engine that a name means; raises UnknownNameError, with near names, where there is none.

    >>> choose_validator("pyshacl")
    'pyshacl'
    """
    if name == AUTO:
        return "pyshifty" if find_spec("shifty") else "pyshacl"
    if name not in VALIDATORS:
        raise UnknownNameError("validator", name, (AUTO, *VALIDATORS))
    return name


def validate_letters(texts: list[bytes], validator: str) -> ValidationReport:
    """Return what a validator (by name; empty: none) finds in letters, each given as its N-Triples."""
    if not validator:
        return ValidationReport()
    validate = VALIDATORS[validator]
    return merge_reports(validate(b"".join(some)) for some in _chunks(texts))


def _chunks(texts: list[bytes]) -> Iterator[list[bytes]]:
    return (texts[i : i + _CHUNK] for i in range(0, len(texts), _CHUNK))
