"""The benchmark command: it runs every stage on a few letters and prints and writes every row; no time is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from imr_graph.validation import VALIDATORS
from support.paths import BENCHMARKS

pytestmark = pytest.mark.end_to_end

# What must be told of each stage, by the keys of the rows.
ROWS = {
    "starting": ["queries", "query-overturn-rate-by-specialty", "query-decided-items---format-csv", "help"],
    "extraction": ["rate", "worst", "floor", "eyecite", "profile"],
    "mapping": ["rate", "rdflib", "morph-kgc", "maplib", "memory"],
    "loading": ["rate", "shards", "oxigraph", "bare", "memory", "shards.memory", "disk", "packed", "triples"],
    "pdf": ["rate", "bare", "pdfminer", "pypdf"],
    "validation": [*VALIDATORS, "profile"],
    "accuracy": ["worst"],
    "whole": [
        *("validated.20", "validated.20.memory", "validated.40", "validated.growth", "validated.steady", "damaged"),
        *("bare.20", "bare.40", "bare.growth", "bare.steady"),
    ],
    "workers": ["validated.one", "validated.two", "validated.speed-up", "bare.speed-up", "dask"],
    "pdf-build": ["validated", "validated.memory", "bare"],
    "exports": ["ntriples", "turtle", "jsonld", "rdfxml", "turtle.memory"],
    "questions": ["co-requested-treatments", "co-requested-treatments.first", "case-items"],
    "adding": ["none", "alone", "alone.memory", "all"],
    "plain": ["ratio", "memory"],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the command on 40 letters, without baselines; return its folder and what it printed."""
    folder = tmp_path_factory.mktemp("benchmark")
    documents = folder / "docs"
    documents.mkdir()
    text = (BENCHMARKS.parent / "docs" / "scale.md").read_text(encoding="utf-8")
    (documents / "scale.md").write_text(text, encoding="utf-8")
    options = f"--sizes 20,40 --sample 40 --pdfs 4 --rounds 1 --no-baselines --write --work {folder / 'work'}"
    command = [sys.executable, str(BENCHMARKS / "run.py"), *options.split(), "--documents", str(documents)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder, done.stdout


@pytest.mark.parametrize("stage", ROWS)
def test_stage_has_every_row(run: tuple[Path, str], stage: str) -> None:
    """Every stage tells all that it should, each row as a figure or as the reason why there is none."""
    results = json.loads((run[0] / "work" / "results.json").read_text(encoding="utf-8"))
    rows = {row["key"]: row for row in results[stage]["rows"]}
    assert not {f"{stage}.{name}" for name in ROWS[stage]} - set(rows)
    for row in rows.values():
        assert row["figure"] != "not measured" or row["note"]
        assert f"{row['what']}: {row['figure']}" in run[1]


def test_memory_of_processes_is_measured(run: tuple[Path, str]) -> None:
    """The peak of the largest process is that of a real one: more than an empty interpreter, less than the limit."""
    results = json.loads((run[0] / "work" / "results.json").read_text(encoding="utf-8"))
    memory = [row["value"] for result in results.values() for row in result["rows"] if row["key"].endswith(".memory")]
    assert memory
    if sys.platform == "linux":
        assert all(20 < value < 2048 for value in memory), memory


def test_run_is_one_of_accuracy_too(run: tuple[Path, str]) -> None:
    """What is read of the generated letters is what they say, and the report of a build names each damaged one."""
    results = json.loads((run[0] / "work" / "results.json").read_text(encoding="utf-8"))
    rows = {row["key"]: row for result in results.values() for row in result["rows"]}
    assert rows["accuracy.worst"]["value"] > 0.95
    assert rows["whole.damaged"]["value"] == 100


def test_documents_hold_the_table_and_the_plan(run: tuple[Path, str]) -> None:
    """The written pages name the machine and every row, mark a small run as such, and keep the text around figures."""
    page = (run[0] / "docs" / "performance.md").read_text(encoding="utf-8")
    results = json.loads((run[0] / "work" / "results.json").read_text(encoding="utf-8"))
    assert "cores" in page
    assert "This is a small run" in page
    for result in results.values():
        for row in result["rows"]:
            assert row["what"].replace("|", "\\|") in page
    plan = (run[0] / "docs" / "scale.md").read_text(encoding="utf-8")
    assert "A small run" in plan
    assert "| 128 |" in plan
    assert plan.startswith("# From a laptop to a cluster")
    assert "## Dask in a cloud" in plan


def test_unknown_stage_is_refused() -> None:
    """A misspelt stage is a usage error that names the ones there are."""
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--only", "extractoin"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "extraction" in done.stderr
    assert "Traceback" not in done.stderr
