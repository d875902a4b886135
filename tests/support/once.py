"""What is built once in a run of the tests, though several processes run them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["build_once"]


def build_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a folder that `build` has filled: by this process of the tests, or by another of the same run."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = factory.mktemp(name, numbered=True)
        build(folder)
        return folder
    from filelock import FileLock

    run = factory.getbasetemp().parent  # each process has a folder of its own in that of the run
    folder = run / name
    with FileLock(run / f"{name}.lock"):
        if not folder.exists():
            making = factory.mktemp(name)
            build(making)
            making.rename(folder)
    return folder
