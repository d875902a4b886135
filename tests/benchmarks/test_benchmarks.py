"""The benchmark command: it runs every stage on a few letters and prints and writes every row; no time is judged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import run
from bench import Bench
from click.testing import CliRunner
from results import Result, failure_key, merge, read_results
from rows import NO_BASELINES, Row, missing, row, verdict

from imr_graph.validation import VALIDATORS
from support.paths import BENCHMARKS

# What must be told of each stage, by the keys of the rows.
ROWS = {
    "starting": ["help", "queries", "query-overturn-rate-by-specialty", "query-decided-items-csv", "stats", "extract"],
    "extraction": ["rate", "worst", "floor", "eyecite", "profile"],
    "mapping": ["rate", "rdflib", "morph-kgc", "maplib", "memory"],
    "loading": ["rate", "shards", "oxigraph", "bare", "memory", "shards.memory", "disk", "packed", "triples"],
    "pdf": ["rate", "bare", "pdfminer", "pypdf"],
    "validation": [*VALIDATORS, "profile"],
    "accuracy": ["worst"],
    "whole": [
        *("validated.20", "validated.memory.20", "validated.40", "validated.growth", "validated.steady", "damaged.40"),
        *("bare.20", "bare.40", "bare.growth", "bare.steady"),
    ],
    "workers": ["validated.one", "validated.two", "validated.speed-up", "bare.speed-up", "dask"],
    "pdf-build": ["validated", "validated.memory", "bare"],
    "exports": ["ntriples.40", "turtle.40", "jsonld.40", "rdfxml.40", "turtle.memory.40"],
    "questions": ["co-requested-treatments.40", "first.40", "case-items.40"],
    "adding": ["none.40", "alone.40", "alone.memory.40", "all.40"],
    "plain": ["ratio.40", "memory.40"],
}
MACHINE = {"processor": "2 cores", "memory": "4 GiB", "Python": "3.11"}


class Written:
    """What runs of the command wrote and printed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.printed = folder, ""
        (folder / "docs").mkdir()
        for name in ("performance.md", "scale.md"):
            text = (BENCHMARKS.parent / "docs" / name).read_text(encoding="utf-8")
            (folder / "docs" / name).write_text(text, encoding="utf-8")

    def run(self, options: str) -> None:
        """Run the command on so few letters that it ends soon, without baselines."""
        options += f" --sample 40 --pdfs 4 --rounds 1 --no-baselines --write --work {self.folder / 'work'}"
        command = [sys.executable, str(BENCHMARKS / "run.py"), *options.split()]
        command += ["--results", str(self.folder), "--documents", str(self.folder / "docs")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        self.printed += done.stdout

    def rows(self, stage: str) -> dict[str, Row]:
        """Return the rows of a stage by their keys."""
        return {row.key: row for _, row in read_results(self.folder / "results.json")[stage].rows}

    def page(self, name: str) -> str:
        """Return a page that was written."""
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Run whole builds at two sizes, whose stores and letters the other stages use."""
    found = Written(tmp_path_factory.mktemp("benchmark"))
    found.run("--only whole --sizes 20,40")
    found.run(f"--only {','.join(stage for stage in run.STAGES if stage != 'whole')} --sizes 40")
    return found


@pytest.mark.end_to_end
@pytest.mark.parametrize("stage", ROWS)
def test_stage_has_every_row(written: Written, stage: str) -> None:
    """Every stage tells all that it should, each row as a figure or as the reason why there is none."""
    rows = written.rows(stage)
    assert not {f"{stage}.{name}" for name in ROWS[stage]} - set(rows)
    for one in rows.values():
        assert one.value is not None or one.note
        assert f"{one.what}: {one.figure}" in written.printed
        assert one.what.replace("|", "\\|") in written.page("RESULTS.md")


@pytest.mark.end_to_end
def test_memory_of_processes_is_measured(written: Written) -> None:
    """The peak of the largest process is that of a real one: more than an empty interpreter, less than the limit."""
    memory = [one.value for stage in run.STAGES for key, one in written.rows(stage).items() if ".memory" in key]
    assert memory
    if sys.platform == "linux":
        assert all(value is not None and 20 < value < 2048 for value in memory), memory


@pytest.mark.end_to_end
def test_run_is_one_of_accuracy_too(written: Written) -> None:
    """What is read of the generated letters is what they say, and the report of a build names each damaged one."""
    assert (written.rows("accuracy")["accuracy.worst"].value or 0) > 95
    assert written.rows("whole")["whole.damaged.40"].value == 100


@pytest.mark.end_to_end
def test_documents_hold_the_figures_between_what_people_wrote(written: Written) -> None:
    """RESULTS.md has the machine, performance.md what people wait for, scale.md the plan of the whole corpus."""
    assert "cores" in written.page("RESULTS.md")
    assert (
        f"| build from text, with validation (40 letters) | {written.rows('whole')['whole.validated.40'].figure} |"
        in (written.page("docs/performance.md"))
    )
    assert "## What it depends on" in written.page("docs/performance.md")
    plan = written.page("docs/scale.md")
    assert "| 128 |" in plan
    assert plan.startswith("# From a laptop to a cluster")
    assert "## Dask in a cloud" in plan


def result(day: str, *keys: str) -> Result:
    return Result(tuple((day, row(key, key, 1.0, "s")) for key in keys), MACHINE, {})


def test_run_renews_the_rows_that_it_measured_and_keeps_those_of_other_sizes() -> None:
    old = result("2026-01-01", "exports.turtle.100", "exports.turtle.1000", "exports.turtle.100000", "exports.gone")
    new = result(date.today().isoformat(), "exports.turtle.1000", "exports.jsonld.1000")
    merged = merge("exports", old, new, (1000, 100))
    today = date.today().isoformat()
    assert [(day, one.key) for day, one in merged.rows] == [
        (today, "exports.turtle.1000"),
        ("2026-01-01", "exports.turtle.100000"),
        (today, "exports.jsonld.1000"),
    ]


def test_stage_that_fails_keeps_what_it_did_not_measure() -> None:
    old = result("2026-01-01", "whole.bare.10", "whole.bare.growth")
    failed = Result((("2026-02-02", missing(failure_key("whole"), "the rest", "no disk")),), MACHINE, {})
    merged = merge("whole", old, failed, (10,))
    assert [one.key for _, one in merged.rows] == ["whole.failed", "whole.bare.10", "whole.bare.growth"]
    again = merge("whole", merged, result("2026-03-03", "whole.bare.10", "whole.bare.growth"), (10,))
    assert [one.key for _, one in again.rows] == ["whole.bare.10", "whole.bare.growth"]


def test_run_without_the_programs_of_others_keeps_what_was_measured_with_them() -> None:
    old = result("2026-01-01", "pdf.rate", "pdf.pypdf")
    new = Result(
        (*result("2026-02-02", "pdf.rate").rows, ("2026-02-02", missing("pdf.pypdf", "", NO_BASELINES))), {}, {}
    )
    merged = merge("pdf", old, new, (10,))
    assert [(day, one.key) for day, one in merged.rows] == [("2026-02-02", "pdf.rate"), ("2026-01-01", "pdf.pypdf")]


def test_stage_that_fails_is_named_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_bench: Bench) -> Iterator[Row]:
        yield row("pdf.rate", "reading PDF", 2.0, "letters/s", processor=1.5)
        raise OSError("the disk is full")

    def measure(_bench: Bench) -> Iterator[Row]:
        yield row("plain.ratio.10", "10 letters to Turtle", 3.0, "times")

    monkeypatch.setattr(run, "STAGES", {"pdf": ("Reading PDF", fail), "plain": ("The plain way", measure)})
    places = ["--work", str(tmp_path / "work"), "--results", str(tmp_path), "--documents", str(tmp_path)]
    done = CliRunner().invoke(run.main, ["--write", *places])
    assert (done.exit_code, "Failed: pdf." in done.output) == (3, True)
    page = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert all(words in page for words in ("2 letters/s | 1.5 s", "failed: the disk is full", "| 3 times |"))


def test_figure_is_judged_by_what_is_asked_of_its_key() -> None:
    assert verdict(row("whole.validated.100000", "", 500, "letters/s")) == ("400 letters/s or more", True, "")
    short = verdict(row("whole.validated.100000", "", 300, "letters/s"))
    assert (short.met, bool(short.reason)) == (False, True)
    assert verdict(row("whole.validated.1000", "", 1, "letters/s")) == ("", None, "")
    assert verdict(row("exports.turtle.memory.10", "", 2000, "MB")).met is False


def test_unknown_stage_is_refused() -> None:
    """A misspelt stage is a usage error that names the ones there are."""
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--only", "extractoin"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "extraction" in done.stderr
    assert "Traceback" not in done.stderr
