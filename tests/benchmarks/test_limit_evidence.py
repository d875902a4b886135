"""Every limit of extraction stands in the table of evidence, and the table is made by really changing the limits."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from limit_evidence import find_limits

from support.paths import PROJECT

_PAGE = PROJECT / "docs" / "decisions" / "limits.md"
_CHANGED = "phrases._STEM"


def test_every_limit_of_extraction_has_its_evidence() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    rows = {tuple(cell.strip(" `") for cell in line.split("|")[1:4]) for line in page.splitlines() if line[:2] == "| "}
    wanted = {(one.module.removeprefix("imr_graph.extraction."), one.name, f"{one.value:,}") for one in find_limits()}
    assert any(f"{module}.{name}".endswith(_CHANGED) for module, name, _ in wanted), "the test below changes it"
    assert wanted - rows == set(), "measure them with benchmarks/limit_evidence.py, as the page says"


@pytest.mark.end_to_end
def test_a_limit_that_is_changed_changes_what_is_read(tmp_path: Path) -> None:
    page = tmp_path / "limits.md"
    marks = re.findall(r"<!-- .*limit.* -->\n", _PAGE.read_text(encoding="utf-8"))
    page.write_text("".join(marks), encoding="utf-8")
    command = [sys.executable, "benchmarks/limit_evidence.py", "examples/letters", "--only", _CHANGED]
    subprocess.run([*command, "--write", page], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    (row,) = (line for line in page.read_text(encoding="utf-8").splitlines() if "`_STEM`" in line)
    double = row.rstrip(" |").rsplit("|", 1)[1]
    assert int(double) > 0
