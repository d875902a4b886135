"""The notebook of first steps runs from top to bottom, with the extras and without them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from support.paths import PROJECT

NOTEBOOK = PROJECT / "examples" / "first-steps.ipynb"
# Hides the packages of the extras from whatever Python starts in an environment.
BASE_INSTALL = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pandas", "polars", "pyarrow", "matplotlib", "scipy"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
"""


def executed(folder: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what each cell of code shows, as text and HTML."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute()
    return [str(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.end_to_end
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("extras", [True, False], ids=["with the extras", "base install"])
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extras: bool) -> None:
    (tmp_path / "sitecustomize.py").write_text("" if extras else BASE_INSTALL, encoding="utf-8")
    path = f"{tmp_path}:{PROJECT}"
    shown = executed(tmp_path, {"PYTHONPATH": path, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}, monkeypatch)
    assert "<td>MRI lumbar spine</td>" in shown[1]  # a determination
    assert "(15, True)" in shown[2]
    assert "15 letters added, 0 failed" in shown[2]  # the line of progress
    assert "<th>decisions</th>" in shown[3]
    assert "<th>cases</th>" in shown[4]
    assert "same treatment and region" in shown[5]
    assert "float64" in shown[7] if extras else "pip install pandas" in shown[7]
    assert "True" in shown[8] if extras else "imr-graph[pictures]" in shown[8]
    assert "True" in shown[9]


def test_the_notebook_is_kept_without_what_it_shows() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
