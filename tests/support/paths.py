"""Where the checkout and its parts are."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
TESTS = PROJECT / "tests"
BENCHMARKS = PROJECT / "benchmarks"
SHARED = PROJECT.parent / "shared"
EDITOR = PROJECT / "imr_graph" / "website" / "static" / "editor"
"""Where `frontend/bundle.py` puts the query editor."""
