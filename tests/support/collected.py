"""What a process of the tests has collected, before any of it is left out."""

from __future__ import annotations

import pytest

__all__ = ["COLLECTED"]

COLLECTED: pytest.StashKey[list[str]] = pytest.StashKey()
"""The names of all tests of a run, in their order (`conftest.py` keeps them)."""
