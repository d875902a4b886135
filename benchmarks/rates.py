"""The figures of docs/performance.md: what people wait for, for each thousand letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from rows import Row, number

__all__ = ["rates"]

Rows = Mapping[str, tuple[str, Row]]

# what people wait for -> the key of its row, the largest number of letters taken
_WHOLE = {
    "build from text, with validation": "whole.validated",
    "build from text, without validation": "whole.bare",
    "build from PDF, with validation": "pdf-build.validated",
    "build from PDF, without validation": "pdf-build.bare",
}
_FILES = {
    "export as N-Triples": "exports.ntriples",
    "export as Turtle": "exports.turtle",
    "export as JSON-LD": "exports.jsonld",
    "export as RDF/XML": "exports.rdfxml",
}
_ALONE = {
    "reading PDF": "pdf.rate",
    "extraction": "extraction.rate",
    "validation with pyshifty": "validation.pyshifty",
    "validation with pyshacl": "validation.pyshacl",
}
_COMMAND = "starting.query-overturn-rate-by-specialty"


def rates(rows: Rows, machine: Mapping[str, str]) -> str:
    """Return the tables in Markdown, of the rows that are there; each row comes with its date."""
    where = f"{machine['processor']}, {machine['memory']}, Python {machine['Python']}"
    days = sorted(day for day, _ in rows.values())
    span = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    tables = ("\n".join(table(rows)) for table in (_waits, _steps, _answers))
    return "\n\n".join([f"Measured on {where}, {span}.", *tables])


def _largest(rows: Rows, stem: str) -> tuple[int, Row] | None:
    """Return the row of the most letters, and how many; 0 where its key names no number."""
    if stem in rows:
        return 0, rows[stem][1]
    sizes = [int(key.rpartition(".")[2]) for key in rows if re.fullmatch(rf"{re.escape(stem)}\.\d+", key)]
    return (max(sizes), rows[f"{stem}.{max(sizes)}"][1]) if sizes else None


def _waits(rows: Rows) -> Iterator[str]:
    yield "| two processes, from start to end | rate | a thousand letters | largest process |\n|---|---|---|---|"
    for what, stem in _WHOLE.items():
        yield from _wait(rows, what, stem, lambda rate, _: 1000 / rate)
    triples = rows["loading.triples"][1].value if "loading.triples" in rows else None
    for what, stem in _FILES.items():
        yield from _wait(rows, what, stem, lambda rate, _: 1000 * (triples or 0) / rate)
    if found := _largest(rows, "adding.alone"):
        letters, row = found
        memory = _memory(rows, f"adding.alone.memory.{letters}")
        yield f"| add 1,000 letters to {letters:,} | | {row.figure} | {memory} |"


def _wait(rows: Rows, what: str, stem: str, seconds: Callable[[float, int], float]) -> Iterator[str]:
    if (found := _largest(rows, stem)) and found[1].value:
        letters, row = found
        size = f" ({letters:,} letters)" if letters else ""
        memory = _memory(rows, f"{stem}.memory.{letters}" if letters else f"{stem}.memory")
        yield f"| {what}{size} | {row.figure} | {number(seconds(row.value or 0, letters))} s | {memory} |"


def _memory(rows: Rows, key: str) -> str:
    return rows[key][1].figure if key in rows else ""


def _steps(rows: Rows) -> Iterator[str]:
    yield "| a step alone, on one core | rate |\n|---|---|"
    for what, key in {**_ALONE, "mapping": "mapping.rate", "loading": "loading.shards"}.items():
        if key in rows:
            yield f"| {what} | {rows[key][1].figure} |"


def _answers(rows: Rows) -> Iterator[str]:
    yield "| an answer | time |\n|---|---|"
    if _COMMAND in rows:
        yield f"| a named question on the command line, few letters | {rows[_COMMAND][1].figure} |"
    sizes = {int(key.rpartition(".")[2]) for key in rows if key.startswith("questions.first.")}
    for size in sorted(sizes):
        seconds = sorted(
            row.value
            for key, (_, row) in rows.items()
            if re.fullmatch(rf"questions\.(?!first\.).*\.{size}", key) and row.value is not None
        )
        middle, most = number(seconds[len(seconds) // 2]), number(seconds[-1])
        first = rows[f"questions.first.{size}"][1].figure
        yield f"| {len(seconds)} named questions in a program, {size:,} letters: the middle one | {middle} ms |"
        yield f"| ... the slowest, and the slowest when it is asked first | {most} ms, {first} |"
