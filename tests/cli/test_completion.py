"""What a shell completes, asked as a shell asks: by a process with click's variables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from imr_graph.cli.app import run
from imr_graph.store.changes import add
from support.records import determination, item

_ASK = "from imr_graph.cli import main; main()"


def completed(*words: str) -> set[str]:
    """Return what fish is offered for the last of the words that follow `imr-graph`."""
    typed = " ".join(["imr-graph", *words[:-1]])
    environment = {"_IMR_GRAPH_COMPLETE": "fish_complete", "COMP_WORDS": typed, "COMP_CWORD": words[-1]}
    asked = subprocess.run(
        [sys.executable, "-c", _ASK], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    lines = [line for line in asked.stdout.splitlines() if line.startswith("plain")]
    return {line.partition(",")[2].partition("\t")[0] for line in lines}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("query", "overturn-rate-by-y"), {"overturn-rate-by-year"}),
        (("query", "decided-items", "--treatment", "diaz"), {"diazepam"}),
        (("query", "decided-items", "--decision", ""), {"upheld", "overturned"}),
        (("queries", "--tag", "AMO"), {"amount"}),
        (("stats", "--by", "treat"), {"treatment"}),
        (("stats", "--figure", "rea"), {"reasons"}),
        (("stats", "--filter", "decis"), {"decision="}),
        (("stats", "--filter", "decision=OVER"), {"decision=overturned"}),
        (("stats", "--filter", "treatment=diaz"), {"treatment=diazepam"}),
        (("precedents", "Diaz"), {"diazepam"}),
        (("network", "case-"), {"case-guideline"}),
        (("export", "--format", "kgx"), {"kgx-nodes", "kgx-edges"}),
        (("query", "--format", "ts"), {"tsv"}),
        (("search", "--filter", "profile=x"), set()),
    ],
)
def test_values_are_completed(words: tuple[str, ...], expected: set[str]) -> None:
    assert completed(*words) == expected


def test_json_is_json_wherever_it_is_a_format(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "store"
    add(path, [determination("EX16-1", item("Valium", "upheld", treatments=("diazepam",)))])
    for words in (
        ["query", "decided-items", "--json", "--store", str(path)],
        ["network", "treatment-guideline", "--json", "--store", str(path)],
        ["extract", "--json", "examples/letters/CM16-9990008.txt"],
    ):
        assert run(words) == 0
        assert json.loads(capfdbinary.readouterr().out)
