"""The shape of the project: layers without cycles, folders included; public names; one meaning for each name."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from support.paths import PROJECT

PACKAGE = PROJECT / "imr_graph"

# Each room may import from those before it, and from itself. A room is a folder, or the module that stands over one.
LAYERS = (
    "errors",
    "data_table",
    "record_files",
    "limited_process",
    "resources",
    "dataset",
    "iris",
    "model",
    "fields",
    "labels",
    "records",
    "evaluation",
    "vocabulary",
    "letters",
    "extraction",
    "extraction.citations",
    "extraction.reasons",
    "extraction.administrator_actions",
    "extraction.items",
    "extraction.numbered",
    "extraction.determination",
    "graph",
    "validation",
    "table",
    "store",
    "live_store",
    "corrections",
    "builder",
    "analysis",
    "analysis.dimensions",
    "analysis.queries",
    "analysis.search",
    "analysis.statistics",
    "analysis.charts",
    "analysis.networks",
    "analysis.precedents",
    "external_store",
    "release",
    "endpoint",
    "endpoint.workers",
    "endpoint.protocol",
    "endpoint.sparql",
    "endpoint.server",
    "website.svg",
    "website",
    "website.case",
    "website.pages",
    "website.app",
    "api",
    "mcp",
    "cli",
    "__main__",
)


# Edges that still reach up; the set only shrinks.
PENDING: set[tuple[str, str]] = set()


@cache
def modules() -> dict[str, Path]:
    """Return every module of the package by its name below the package, the package itself as ""."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if "_data" not in parts:
            found[".".join(parts).removesuffix("__init__").removesuffix(".")] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imported(module: str) -> Iterator[str]:
    """Yield the modules that a module imports, without the package's name; "" is the package root."""
    for node in ast.walk(tree(module)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            home = (node.module or "").removeprefix("imr_graph").removeprefix(".")
            if (node.module or "").partition(".")[0] == "imr_graph":
                inner = [f"{home}.{alias.name}".removeprefix(".") for alias in node.names]
                names = [name if name in modules() else home for name in inner]
        elif isinstance(node, ast.Import):
            found = [alias.name for alias in node.names if alias.name.partition(".")[0] == "imr_graph"]
            names = [name.removeprefix("imr_graph").removeprefix(".") for name in found]
        for name in names:
            if modules()[module].name != "__init__.py" or not name.startswith(f"{module}."):
                yield name  # what the front of a folder offers of that folder is no edge


def room(module: str) -> str:
    """Return the narrowest room of the layers that a module is in."""
    place = module
    while place not in LAYERS:
        assert place, f"imr_graph.{module} is in no room"
        place = place.rpartition(".")[0]
    return place


def test_every_module_imports_only_from_layers_below() -> None:
    up = [
        f"{module} -> {name}"
        for module in modules()
        if module
        for name in imported(module)
        if LAYERS.index(room(name)) > LAYERS.index(room(module)) and (room(module), room(name)) not in PENDING
    ]
    assert not up, "\n".join(["these reach up:", *up])


def test_no_module_imports_the_package_root() -> None:
    assert [module for module in modules() if module and "" in imported(module)] == []


def test_modules_and_folders_do_not_import_each_other_in_a_circle() -> None:
    by_module = {module: set(imported(module)) - {module} for module in modules() if module}
    by_folder: dict[str, set[str]] = defaultdict(set)
    for module, names in by_module.items():
        by_folder[room(module)] |= {room(name) for name in names} - {room(module)}
        by_folder[room(module)] -= {above for below, above in PENDING if below == room(module)}
    for edges in (by_module, by_folder):
        done: set[str] = set()
        for start in sorted(edges):
            visit(start, (), edges, done)


def visit(place: str, path: tuple[str, ...], edges: dict[str, set[str]], done: set[str]) -> None:
    assert place not in path, " -> ".join((*path, place))
    if place not in done:
        for target in sorted(edges.get(place, ())):
            visit(target, (*path, place), edges, done)
        done.add(place)


def test_the_picture_in_the_documents_shows_the_layers() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = page.partition("```text\n")[2].partition("```")[0]
    drawn = [line.split()[0] for line in picture.splitlines()]
    rooms = list(dict.fromkeys(layer.partition(".")[0] for layer in LAYERS))
    assert drawn == rooms[::-1]


def test_the_way_of_a_letter_in_the_documents_has_few_stations_that_exist() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    way = page.partition("## A letter's way")[2].partition("\n## ")[0]
    stations = [line.split("|")[2] for line in way.splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert 0 < len(stations) <= 15
    for name in (name for station in stations for name in re.findall("`(.+?)`", station)):
        module, _, attribute = name.rpartition(".")
        known = f"{name}.py" if name in modules() else hasattr(import_module(f"imr_graph.{module}"), attribute)
        assert known, name


def test_public_names_exist() -> None:
    missing = []
    for module in modules():
        loaded = import_module(f"imr_graph.{module}".rstrip("."))
        names = getattr(loaded, "__all__", None)
        if names is None and len(tree(module).body) > 1:  # a docstring alone needs none
            missing.append(f"{module} has no __all__")
        missing += [f"{module}.{name}" for name in names or () if not hasattr(loaded, name)]
    assert missing == []


def test_modules_stay_readable_in_one_sitting() -> None:
    sizes = {module: path.read_text(encoding="utf-8").count("\n") for module, path in modules().items()}
    assert {module: size for module, size in sizes.items() if size > 301} == {}


def test_csv_is_written_in_one_place() -> None:
    """What a letter says must not run as a formula: one module guards its cells, and so no other writes CSV."""
    writers = []
    for module in modules():
        for node in ast.walk(tree(module)):
            called = isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter")
            named = isinstance(node, ast.ImportFrom) and node.module == "csv"
            if (called and ast.unparse(node).startswith("csv.")) or named:
                writers.append(module)
    assert writers == ["record_files"]
    # DuckDB writes the whole table, with the same guard in SQL.
    by_sql = [module for module, path in modules().items() if "(format csv" in path.read_text(encoding="utf-8")]
    assert by_sql == ["store.table"]


# The file names of more than two rooms, and what each of them is about.
SHARED_NAMES = {
    "figures": "figures of statistics and of concepts",
    "http": "what HTTP needs beside the framework: requests, answers, clients",
    "precedents": "decisions like a request: found, printed, shown",
    "search": "full-text search: done, printed, shown",
}


def test_a_file_name_of_more_than_two_rooms_means_the_same_in_each() -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    for module, path in modules().items():
        if path.name != "__init__.py":
            rooms[path.stem].add(module.rpartition(".")[0])
    assert {name for name, found in rooms.items() if len(found) > 2} <= set(SHARED_NAMES), rooms
