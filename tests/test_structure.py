"""The shape of the project: layers without cycles, public names, one place for each thing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "imr_graph"

# Each room may import from those before it, and from itself.
LAYERS = (
    "errors",
    "model",
    "resources",
    "records",
    "evaluation",
    "vocabulary",
    "letters",
    "extraction",
    "graph",
    "tables",
    "questions",
    "remote",
    "corrections",
    "pipeline",
    "web",
    "site",
    "mcp",
    "cli",
)


def modules() -> list[str]:
    found = [path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py") if "_data" not in path.parts]
    names = (".".join(part for part in path.parts if part != "__init__") for path in found)
    return sorted(name for name in names if name)


def source(module: str) -> Path:
    path = PACKAGE / module.replace(".", "/") if module else PACKAGE
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imported(module: str) -> Iterator[str]:
    """Yield the modules that a module imports, without the package's name; "" is the package root."""
    for node in ast.walk(ast.parse(source(module).read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            home = node.module or ""
            inner = [f"{home}.{alias.name}" for alias in node.names]
            names = [name if source(name.removeprefix("imr_graph.")).exists() else home for name in inner]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name == "imr_graph" or name.startswith("imr_graph."):
                yield name.removeprefix("imr_graph").removeprefix(".")


def room(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_from_layers_below(module: str) -> None:
    allowed = LAYERS[: LAYERS.index(room(module)) + 1]
    for name in imported(module):
        known = name == "" or room(name) in LAYERS
        if not known:
            continue  # a name of the package root, caught by the next test
        assert name == "" or room(name) in allowed, f"imr_graph.{module} reaches up to imr_graph.{name}"


@pytest.mark.parametrize("module", modules())
def test_no_module_imports_the_package_root(module: str) -> None:
    rooms = {room(name) for name in modules()}
    for name in imported(module):
        assert name == "" or room(name) in rooms, f"imr_graph.{module} imports {name} from the package root"


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    known = set(modules())
    edges = {m: {n for n in imported(m) if n in known and n != m} for m in known}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for target in sorted(edges[module]):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(known):
        visit(module, ())


@pytest.mark.parametrize("module", ["", *modules()])
def test_public_names_exist_and_are_sorted(module: str) -> None:
    loaded = import_module(f"imr_graph.{module}".rstrip("."))
    names = getattr(loaded, "__all__", None)
    if names is None:
        code = ast.parse(source(module).read_text(encoding="utf-8")).body
        assert len(code) <= 1, f"imr_graph.{module} has no __all__"  # a docstring alone needs none
        return
    assert [name for name in names if not hasattr(loaded, name)] == []


def test_modules_stay_readable_in_one_sitting() -> None:
    long = {m: n for m in modules() if (n := lines(m)) > 300}
    assert long == {}


def lines(module: str) -> int:
    return source(module).read_text(encoding="utf-8").count("\n")
