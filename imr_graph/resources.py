"""Where the product's knowledge lies: `ontology/`, `shapes/`, `queries/`, `examples/`.

In a checkout these are top-level folders; in an installed copy they travel inside the package. Beside them stands what
else depends on the installation: the product's version, and Zstandard where its package is there.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

from imr_graph.errors import ToolError

__all__ = [
    "examples",
    "needed_zstandard",
    "ontology",
    "queries",
    "shapes",
    "software_version",
    "vocabulary_files",
    "zstandard",
]

_PACKAGE = Path(__file__).resolve().parent


@cache
def _folder(packaged: str, checkout: str) -> Path:
    inside = _PACKAGE / "_data" / packaged
    return inside if inside.is_dir() else _PACKAGE.parent / checkout


def ontology() -> Path:
    """Return the folder of the ontology, its vocabularies and the letter layouts."""
    return _folder("ontology", "ontology")


def vocabulary_files(folder: Path | None = None) -> tuple[Path, ...]:
    """Return the Turtle files of the ontology and its vocabularies, sorted; a new file there reaches every reader."""
    return tuple(sorted((folder or ontology()).glob("*.ttl")))


def shapes() -> Path:
    """Return the folder of the SHACL shapes."""
    return _folder("shapes", "shapes")


def queries() -> Path:
    """Return the folder of the query library."""
    return _folder("queries", "queries")


def examples() -> Path:
    """Return the folder of the fictional example letters."""
    return _folder("examples", "examples/letters")


@cache
def software_version() -> str:
    """Return the version of the installed product."""
    from importlib.metadata import PackageNotFoundError, version  # here, as it takes long to import

    try:
        return version("imr-graph")
    except PackageNotFoundError:  # a copy that runs from its folder without having been installed
        return "unknown"


def zstandard() -> Any | None:
    """Return the package zstandard, None where it is not installed."""
    try:
        return importlib.import_module("zstandard")
    except ImportError:
        return None


def needed_zstandard(library: Any | None) -> Any:
    """Return the package for files that cannot be read or written without it; raises ToolError where there is none."""
    if library is None:
        raise ToolError("Files that end in .zst need the package zstandard: install it, or compress with gzip.")
    return library
