"""The recipes of CONTRIBUTING.md are followed, in a copy of the project, and the places that it names are there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import PROJECT

PAGE = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
# A block of code: its language, and the file that it is added to, which is made where it is not there: at its end, or
# before or behind the first line that holds some words.
_BLOCK = re.compile(
    r"""
    ^```(?P<language>\w+)
    (?:[ ](?P<file>\S+))?
    (?:[ ](?P<where>before|behind)[ ](?P<line>[^\n]+))?\n
    (?P<body>.*?)
    ^```$
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def recipes() -> dict[str, list[re.Match[str]]]:
    """Return the blocks of each section that can be run."""
    sections = (part.partition("\n") for part in PAGE.split("\n## ")[1:])
    found = {title: list(_BLOCK.finditer(text)) for title, _, text in sections}
    return {title: blocks for title, blocks in found.items() if blocks}


def added(before: str, block: re.Match[str]) -> str:
    """Return the text of a file with a block in it."""
    if block["where"] is None:
        return before + block["body"]
    lines = before.splitlines(keepends=True)
    (at, *_) = (number for number, line in enumerate(lines) if block["line"] in line)
    at += block["where"] == "behind"
    return "".join([*lines[:at], block["body"], *lines[at:]])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the package and of the knowledge that it reads, with the command in `bin`."""
    folder = tmp_path / "project"
    leave = shutil.ignore_patterns("editor", "__pycache__", "_data")
    for part in ("imr_graph", "ontology", "shapes", "queries", "examples"):
        shutil.copytree(PROJECT / part, folder / part, ignore=leave)
    (folder / "bin").mkdir()
    for name, arguments in (("imr-graph", "-m imr_graph "), ("python", "")):
        command = folder / "bin" / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', encoding="utf-8")
        command.chmod(0o755)
    return folder


def test_every_block_finds_its_place() -> None:
    """Quick, so that a line of the product that a recipe names and that has moved is seen at once."""
    placed = [block for blocks in recipes().values() for block in blocks if block["where"]]
    assert len(placed) > 6
    for block in placed:
        text = (PROJECT / block["file"]).read_text(encoding="utf-8")
        assert any(block["line"] in line for line in text.splitlines()), (block["file"], block["line"])


@pytest.mark.end_to_end
@pytest.mark.parametrize("title", recipes())
def test_a_recipe_does_what_it_says(copy: Path, title: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(copy), "PATH": f"{copy / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    printed = ""
    for block in recipes()[title]:
        if block["file"]:
            path = copy / block["file"]
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            path.write_text(added(before, block), encoding="utf-8")
        elif block["language"] == "bash":
            command = ["bash", "-euo", "pipefail", "-c", block["body"]]
            done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            printed = done.stdout + done.stderr
        else:
            assert block["body"].strip() in printed, printed


def test_all_kinds_of_knowledge_have_a_recipe_that_runs() -> None:
    files = {block["file"] for blocks in recipes().values() for block in blocks if block["file"]}
    assert {file.partition("/")[0] for file in files if "/" in file} == {"imr_graph", "ontology", "queries", "shapes"}
    titles = (
        "layout of letters",
        "form of citation",
        "question",
        "shape",
        "vocabulary",
        "field of the record",
        "format of the graph",
        "page",
    )
    assert [title.endswith(last) for title, last in zip(recipes(), titles, strict=True)] == [True] * len(titles)


def test_the_files_and_folders_that_the_page_names_are_there() -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[A-Z]+\.md)`", PAGE)
    assert len(named) > 30
    assert [name for name in named if name != ".venv/bin/python" and not (PROJECT / name).exists()] == []


def test_the_page_has_a_line_for_every_mark_of_slow_tests() -> None:
    declared = re.findall(r'^  "(\w+): ', (PROJECT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert declared
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == [*declared[1:], declared[0]]
