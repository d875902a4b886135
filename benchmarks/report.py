"""The table as lines for a terminal, as docs/performance.md, and as the figures of docs/scale.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from capacity import capacity
from rows import Row

__all__ = ["as_text", "write_documents"]

_BEGIN, _END = "<!-- figures: benchmarks/run.py writes these -->", "<!-- end of figures -->"
_FULL = 100_000
_INTRODUCTION = """# Performance

`python benchmarks/run.py --baselines --write` measures all of this and writes this page; do not edit it. The letters
are invented (`benchmarks/corpus`), of all known layouts, 1% of them damaged.

Each figure is of a process of its own, ratios are of runs that took turns, short stages are the median of {rounds}
runs. Stages alone are timed without starting Python; whole builds are the command `imr-graph build` from its start to
its end. Memory is the peak of the largest single process, workers included. "Asked" is what the project set itself, for
{full:,} letters on 2 cores and 24 GiB.
"""


def as_text(row: Row) -> str:
    """Return a row as a line for a terminal."""
    asked = f"  [asked: {row.asked}: {_MET[row.met]}]" if row.asked else ""
    note = f"  ({row.note})" if row.note else ""
    return f"  {row.what}: {row.figure}{asked}{note}"


_MET = {True: "met", False: "NOT met", None: "not measured"}


_WORN = "\n## Worn letters\n"  # measured by wear.py; this section is kept as it is


def write_documents(folder: Path, results: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str]) -> None:
    """Write performance.md, and the figures between the marks of scale.md where that is there."""
    ordered = {name: results[name] for name in titles if name in results}
    page = folder / "performance.md"
    _, mark, worn = page.read_text(encoding="utf-8").partition(_WORN) if page.exists() else ("", "", "")
    page.write_text("\n".join(_page(ordered, titles)) + mark + worn, encoding="utf-8")
    scale = folder / "scale.md"
    if scale.exists():
        before, _, rest = scale.read_text(encoding="utf-8").partition(_BEGIN)
        _, mark, after = rest.partition(_END)
        if mark:
            text = f"{before}{_BEGIN}\n\n{capacity(ordered)}\n\n{_END}{after}"
            scale.write_text(text, encoding="utf-8")


def _page(results: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str]) -> Iterator[str]:
    runs = list(results.values())
    yield _INTRODUCTION.format(rounds=min(run["rounds"] for run in runs), full=_FULL)
    if max(run["sizes"][-1] for run in runs) < _FULL:
        yield "**This is a small run, to see that it works: its figures say little.**\n"
    yield from _about(runs)
    yield from _shortfalls(results)
    for name, run in results.items():
        yield f"## {titles[name]}\n"
        yield f"{run['date']}, up to {run['sizes'][-1]:,} letters.\n"
        yield "| what | figure | asked | met | remark |\n|---|---|---|---|---|"
        for row in run["rows"]:
            met = {True: "yes", False: "**no**", None: ""}[row["met"]]
            cells = (row["what"], row["figure"], row["asked"], met, row["note"])
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""


def _about(runs: list[Mapping[str, Any]]) -> Iterator[str]:
    newest = max(runs, key=lambda run: run["date"])
    yield "| machine | |\n|---|---|"
    yield from (f"| {name} | {value} |" for name, value in newest["machine"].items())
    found = {name: version for run in runs for name, version in run["versions"].items()}
    yield f"| packages | {', '.join(f'{name} {version}' for name, version in found.items())} |\n"


def _shortfalls(results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield what falls short, first thing on the page."""
    short = [row for run in results.values() for row in run["rows"] if row["met"] is False]
    asked = sum(bool(row["asked"]) for run in results.values() for row in run["rows"])
    met = sum(row["met"] is True for run in results.values() for row in run["rows"])
    yield f"Of {asked} figures that something is asked of, {met} are met, {len(short)} are not.\n"
    for row in short:
        yield f"- {row['what']}: {row['figure']}, asked {row['asked']}. {row['note']}".rstrip()
    if short:
        yield ""
