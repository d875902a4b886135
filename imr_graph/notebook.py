"""Whether a program runs in a notebook, and a line of progress in the cell that runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["progress_in_cell"]


def progress_in_cell() -> Callable[[object], None] | None:
    """Return what shows a step in place of the one before, below the cell that runs; None outside of notebooks."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is None:  # a console of IPython has none
        return None
    display: Any = import_module("IPython.display").display
    line = display({"text/plain": ""}, raw=True, display_id=True)

    def show(step: object) -> None:
        line.update({"text/plain": str(step)}, raw=True)

    return show
