"""The tutorial is true: its blocks run in order, in an empty folder, and print what the page says they print."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from imr_graph.analysis.precedents.similarity import WEIGHTS
from imr_graph.mcp import answers
from imr_graph.mcp.tools import TOOLS
from support.paths import PROJECT

TUTORIAL = PROJECT / "docs" / "tutorial.md"
# A block of code and, where it prints something, the block that shows it.
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<shown>.*?)```\n)?", re.DOTALL)


def test_every_block_of_the_tutorial_prints_what_stands_under_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = TUTORIAL.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(page))
    assert len(blocks) >= 12
    assert page.count("```python") == len(blocks)
    assert page.count("```text") == sum(block["shown"] is not None for block in blocks)
    names: dict[str, object] = {"__name__": "tutorial"}
    for block in blocks:
        line = page.count("\n", 0, block.start()) + 2
        # The line numbers of errors are those of the page.
        code = compile("\n" * (line - 1) + block["code"], str(TUTORIAL), "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        found = "\n".join(each.rstrip() for each in printed.getvalue().rstrip().splitlines())
        assert found == (block["shown"] or "").rstrip(), f"docs/tutorial.md, line {line}: prints another thing"


def test_what_the_tutorial_links_to_is_there() -> None:
    page = TUTORIAL.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", page)
    assert links
    assert [link for link in links if not (TUTORIAL.parent / link).exists()] == []


def test_the_page_on_precedents_gives_the_points_that_count() -> None:
    page = (TUTORIAL.parent / "precedents.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \|", page, re.MULTILINE)
    assert {kind: float(points) for kind, points in rows} == dict(WEIGHTS)


def test_the_page_on_assistants_names_the_tools_and_bounds_that_are_there() -> None:
    page = (TUTORIAL.parent / "assistants.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(TOOLS)
    for number in (answers.ROWS, answers.CHARACTERS, answers.TEXT, 2 * answers.TEXT):
        assert f"{number:,}" in page
