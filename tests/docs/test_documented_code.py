"""Every block of Python in the documentation type-checks under `mypy --strict`, a page a module."""

from __future__ import annotations

import ast
import re
import textwrap
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from mypy import api

from support.paths import PROJECT

PAGES = sorted(
    {
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/**/*.md"),
        *PROJECT.glob("queries/*.md"),
        *PROJECT.glob("examples/**/*.md"),
    }
)
# Code that is put into a file of the project, as CONTRIBUTING.md writes it, is named behind the language.
BLOCK = re.compile(r"^( *)```python *\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def python_of(page: Path) -> str:
    """Return the blocks of a page as one module, each on its own lines, so that errors name the lines of the page."""
    text = page.read_text(encoding="utf-8")
    lines = [""] * text.count("\n")
    for found in BLOCK.finditer(text):
        first = text.count("\n", 0, found.start(2))
        for number, line in enumerate(textwrap.dedent(found[2]).splitlines()):
            lines[first + number] = line
    return "\n".join(lines)


def test_the_names_that_the_documentation_imports_are_there() -> None:
    """Quick, so that a name that has changed is seen before types are checked."""
    nodes = [node for page in PAGES for node in ast.walk(ast.parse(python_of(page)))]
    given = [(node.module, one.name) for node in nodes if isinstance(node, ast.ImportFrom) for one in node.names]
    ours = [(module, name) for module, name in given if module and module.partition(".")[0] == "imr_graph"]
    assert len(ours) > 5
    modules = {module: import_module(module) for module, _ in ours}
    missing = [f"{module}.{name}" for module, name in ours if not hasattr(modules[module], name)]
    assert [one for one in missing if find_spec(one) is None] == []


@pytest.mark.end_to_end
def test_the_code_of_the_documentation_type_checks(tmp_path: Path) -> None:
    modules = []
    for page in PAGES:
        if (code := python_of(page)).strip():
            module = tmp_path / f"{re.sub(r'[^a-z0-9]+', '_', page.relative_to(PROJECT).as_posix().lower())}.py"
            module.write_text(code, encoding="utf-8")
            modules.append(str(module))
    assert len(modules) >= 5
    options = ["--strict", "--config-file", str(PROJECT / "pyproject.toml"), "--cache-dir", str(tmp_path / "cache")]
    said, failed, status = api.run([*options, *modules])
    assert status == 0, f"{said}{failed}"
