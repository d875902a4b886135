"""Every claim of the README runs: its commands and its Python, on the example letters, from an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imr_graph import resources
from support.paths import PROJECT

ROOT = PROJECT
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(README.read_text(encoding="utf-8")) if name == language]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with some letters, as a reader of the README has."""
    folder = tmp_path_factory.mktemp("reader")
    shutil.copytree(resources.examples(), folder / "letters")
    return folder


def ran(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_commands_and_then_the_python_of_the_readme_run(folder: Path) -> None:
    commands = [block for block in blocks("bash") if "imr-graph build letters/" in block]
    assert len(commands) == 1
    out = ran(["bash", "-euo", "pipefail", "-c", commands[0]], folder)
    assert "Conforms" in out
    assert (folder / "graph.ttl").stat().st_size > 10_000
    for block in blocks("python"):
        assert "CM16-9990008 partially overturned" in ran([sys.executable, "-c", block], folder)


def test_the_turtle_of_the_readme_is_in_the_graph(folder: Path) -> None:
    import pyoxigraph as ox

    out = ran(["imr-graph", "export", "--format", "ntriples"], folder)
    graph = set(out.splitlines())
    (turtle,) = blocks("turtle")
    prefixes = "@prefix imr: <https://w3id.org/imr-graph/ontology#> .\n@prefix id: <https://w3id.org/imr-graph/id/> .\n"
    claimed = [f"{quad.triple} ." for quad in ox.parse(prefixes + turtle, format=ox.RdfFormat.TURTLE)]
    assert len(claimed) >= 5
    assert [line for line in claimed if line not in graph] == []


def test_links_between_documents_lead_somewhere() -> None:
    for page in [README, *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md"), ROOT / "queries" / "README.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"
