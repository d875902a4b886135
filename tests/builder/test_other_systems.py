"""Systems without `fcntl` and `resource` (Windows): letters are read, built by one process, asked and exported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.letter_files import write_letters

_PROGRAM = """
import builtins
import sys

found = builtins.__import__

def without(name, globals=None, *rest, **named):
    # The lock of files has another way on such systems; here it has only this one.
    if name in ("fcntl", "resource") and not (globals or {}).get("__name__", "").startswith("filelock"):
        raise ImportError(f"No module named {name!r}")
    return found(name, globals, *rest, **named)

builtins.__import__ = without

import imr_graph
from imr_graph.cli.app import run

letters, store = sys.argv[1:]
report = imr_graph.build([letters], store, jobs=1)
assert (report.added, report.memory["builder"]) == (3, 0), report
assert len(list(imr_graph.read_letters(letters))) == 3
assert run(["query", "SELECT (COUNT(*) AS ?n) { ?case a imr:Case }", "--store", store]) == 0
assert run(["export", "--format", "csv", "--store", store]) == 0
print("done")
"""


@pytest.mark.end_to_end
def test_reading_building_asking_and_exporting_need_neither_fcntl_nor_resource(tmp_path: Path) -> None:
    letters, store = write_letters(tmp_path / "letters", range(3)), tmp_path / "store"
    command = [sys.executable, "-c", _PROGRAM, str(letters), str(store)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert process.stdout.endswith("done\n")
