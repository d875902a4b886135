"""What a command imports: nothing heavy that it does not need, so that short commands end at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from imr_graph.store.changes import add
from imr_graph.store.table import open_table
from support.once import build_once
from support.records import determination

HEAVY = (
    "asyncio", "distributed", "duckdb", "httpx", "importlib.metadata", "jinja2", "matplotlib", "mcp", "multiprocessing",
    "networkx", "numpy", "oxrdflib", "pandas", "polars", "pyarrow", "pypdfium2", "pyshacl", "rdflib", "rich", "scipy",
    "starlette", "subprocess", "uvicorn",
    "imr_graph.builder", "imr_graph.extraction.determination", "imr_graph.letters", "imr_graph.website",
)  # fmt: skip
"""Packages that take longer to import than a short command may take, and rooms of ours that read letters."""
_TABLE = ("duckdb", "importlib.metadata")

# Runs a command in a fresh interpreter (as its own process does) and says at last which of the packages came in.
_PROBE = """
import json, sys
from imr_graph.cli.app import run
code = run(sys.argv[2:])
print()
print(json.dumps([code, sorted(set(json.loads(sys.argv[1])) & set(sys.modules))]))
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with one letter."""

    def build(folder: Path) -> None:
        add(folder / "store", [determination()])
        with open_table(folder / "store"):
            pass  # the table is made when it is first asked for

    return build_once(tmp_path_factory, "startup-store", build) / "store"


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ("--help", ()),
        ("queries", ()),
        ("queries decided-items", ()),
        ("query --help", ()),
        ("query decided-items --format csv", ()),
        ("query overturn-rate-by-specialty --format json", ()),
        ("query decided-items", ()),
        ("export --format ntriples", ()),
        ("export --help", ()),
        ("build --help", ()),
        ("serve --help", ()),
        ("schema", ()),
        ("vocabulary check", ()),
        ("show CM20-0000001", ()),
        ("status", ("imr_graph.builder", "imr_graph.letters", "importlib.metadata", "multiprocessing")),
        ("search MRI", _TABLE),
        ("stats", _TABLE),
        ("precedents MRI", _TABLE),
        ("requirements MRI", _TABLE),
        ("compare year", _TABLE),
        ("network", ("importlib.metadata", "networkx")),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(
    command: str, needed: tuple[str, ...], store: Path
) -> None:
    """What is not needed for its answer is not imported; the store, where it opens one, is small."""
    words = command.split()
    if words[0] not in ("queries", "schema", "vocabulary") and "--help" not in words:
        words += ["--store", str(store)]
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, json.dumps(HEAVY), *words], capture_output=True, text=True, check=True
    )
    code, found = json.loads(done.stdout.strip().rpartition("\n")[2])
    assert (code, found) == (0, sorted(needed)), done.stderr
