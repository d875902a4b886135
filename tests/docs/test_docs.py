"""Every claim of the README runs: its commands and its Python, on the example letters, from an empty folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

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


@pytest.mark.end_to_end
def test_the_commands_and_then_the_python_of_the_readme_run(folder: Path) -> None:
    commands = [block for block in blocks("bash") if "imr-graph build letters/" in block]
    assert len(commands) == 1
    out = ran(["bash", "-euo", "pipefail", "-c", commands[0]], folder)
    assert "Conforms" in out
    assert (folder / "graph.ttl").stat().st_size > 10_000
    for block in blocks("python"):
        assert "CM16-9990008 partially overturned" in ran([sys.executable, "-c", block], folder)


@pytest.mark.end_to_end
def test_the_answers_and_the_picture_of_the_readme_are_those_of_the_demo(tmp_path: Path) -> None:
    printed = "\n".join(line.rstrip() for line in ran(["imr-graph", "demo"], tmp_path).splitlines())
    (shown,) = blocks("text")
    assert shown.strip() in printed
    (picture,) = re.findall(r"!\[.*\]\((.*)\)", README.read_text(encoding="utf-8"))
    drawn = tmp_path / "imr-demo" / "network.svg"
    elements = [[one.tag for one in ElementTree.parse(each).iter()] for each in (drawn, ROOT / picture)]
    assert elements[0] == elements[1], f"{picture} is not what the demo draws: copy imr-demo/network.svg there"


@pytest.mark.end_to_end
def test_the_python_of_the_documentation_has_sound_types(tmp_path: Path) -> None:
    """Each page's blocks are one module, whose lines are those of the page."""
    for page in [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        lines = [""] * (text.count("\n") + 1)
        for block in re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            first = text.count("\n", 0, block.start(1))
            code = block[1].splitlines()
            lines[first : first + len(code)] = code
        if any(lines):
            (tmp_path / f"{page.stem.lower()}.py").write_text("\n".join(lines), encoding="utf-8")
    modules = sorted(map(str, tmp_path.glob("*.py")))
    assert len(modules) >= 5
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ".mypy_cache", *modules]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert result.returncode == 0, result.stdout


def test_a_package_index_gets_the_readme_with_absolute_links() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "hatchling", "metadata"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    metadata = json.loads(result.stdout)
    targets = re.findall(r"\]\(([^)]+)\)", metadata["readme"]["text"])
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    relative = re.findall(r"\]\((?!https:|#)([^)]+)\)", README.read_text(encoding="utf-8"))
    assert {f"{metadata['urls']['Source']}/{target}" for target in relative} <= {*targets}


def test_the_citation_is_of_this_version() -> None:
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["repository-code"] == project["urls"]["Source"]


@pytest.mark.end_to_end
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
    for page in [
        README,
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("examples/**/*.md"),
        ROOT / "queries" / "README.md",
    ]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_every_library_is_named_with_its_license() -> None:
    """Whatever pyproject.toml asks for stands on the page of decisions on libraries, and nothing else does."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {
        re.split(r"[<>=; \[]", each)[0]
        for listed in (project["dependencies"], *project["optional-dependencies"].values())
        for each in listed
    }
    page = (ROOT / "docs" / "decisions" / "libraries.md").read_text(encoding="utf-8")
    named = {name for row in re.findall(r"^\| ([\w.,\- ]+) \|", page, re.MULTILINE) for name in row.split(", ")} - {
        "library"
    }
    assert named | {"oxrdflib"} == asked - {"imr-graph"}
