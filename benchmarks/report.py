"""What a run writes: RESULTS.md with what is asked and met, and the figures of two pages of docs/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from capacity import capacity
from rates import rates
from results import Result
from rows import Row, verdict

__all__ = ["write_documents"]

_BEGIN, _END = "<!-- figures: benchmarks/run.py writes these -->", "<!-- end of figures -->"
_INTRODUCTION = """# Results

`python benchmarks/run.py --write` writes this page; do not edit it. The letters are invented (`benchmarks/corpus`), of
all known layouts, 1% of them damaged. Each figure is of a process of its own, comparisons are of runs that took turns,
short stages are the median of some. Stages alone are timed without starting Python; whole builds and exports are the
command from its start to its end. Processor time is that of all its processes; beside a comparison stands the same by
processor time. Memory is the peak of the largest single process, workers included. What is asked stands in
`targets.toml`.
"""


def write_documents(folder: Path, docs: Path, results: Mapping[str, Result], titles: Mapping[str, str]) -> None:
    """Write RESULTS.md to a folder, and the figures between the marks of the pages of `docs` that are there."""
    (folder / "RESULTS.md").write_text("\n".join(_page(results, titles)), encoding="utf-8")
    dated = {row.key: (day, row) for result in results.values() for day, row in result.rows}
    for name, figures in (("performance.md", rates(dated, _newest(results).machine)), ("scale.md", capacity(dated))):
        if (page := docs / name).exists():
            before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
            _, mark, after = rest.partition(_END)
            if mark:
                page.write_text(f"{before}{_BEGIN}\n\n{figures}\n\n{_END}{after}", encoding="utf-8")


def _newest(results: Mapping[str, Result]) -> Result:
    return max(results.values(), key=lambda result: max((day for day, _ in result.rows), default=""))


def _page(results: Mapping[str, Result], titles: Mapping[str, str]) -> Iterator[str]:
    yield _INTRODUCTION
    yield from _about(results)
    yield from _shortfalls([row for result in results.values() for _, row in result.rows])
    for name, title in titles.items():
        if name not in results:
            continue
        yield f"## {title}\n"
        yield "| what | figure | processor time | asked | met | remark | measured |\n|---|---|---|---|---|---|---|"
        for day, row in results[name].rows:
            asked, met, reason = verdict(row)
            note = ". ".join(filter(None, (row.note, reason)))
            cells = (row.what, row.figure, row.processor, asked, _MET[met], note, day)
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""


_MET = {True: "yes", False: "**no**", None: ""}


def _about(results: Mapping[str, Result]) -> Iterator[str]:
    yield "| machine | |\n|---|---|"
    yield from (f"| {name} | {value} |" for name, value in _newest(results).machine.items())
    found = {name: version for result in results.values() for name, version in result.versions.items()}
    yield f"| packages | {', '.join(f'{name} {version}' for name, version in found.items())} |\n"


def _shortfalls(rows: list[Row]) -> Iterator[str]:
    """Yield what falls short, first thing on the page; its reason stands in its row."""
    asked = [row for row in rows if verdict(row).met is not None]
    short = [row for row in asked if not verdict(row).met]
    yield f"Of {len(asked)} figures that something is asked of, {len(asked) - len(short)} are met.\n"
    yield from (f"- {row.what}: {row.figure}, asked {verdict(row).asked}" for row in short)
    if short:
        yield ""
