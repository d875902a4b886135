"""Zstandard where its package is installed: the one place that knows how to ask for it."""

from __future__ import annotations

import importlib
from typing import Any

from imr_graph.errors import ToolError

__all__ = ["needed_zstandard", "zstandard"]


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
