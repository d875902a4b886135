"""The environment of the programs that are compared with: made once, outside the project's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from process_timer import HERE

__all__ = ["ENVIRONMENT", "baselines_python"]

ENVIRONMENT = HERE.parent / ".venv-baselines"


def baselines_python() -> Path:
    """Return the interpreter of the baselines' environment, having made it where it is not there.

    Raises subprocess.CalledProcessError where something of `baselines.txt` cannot be installed.
    """
    wanted = HERE / "baselines.txt"
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "installed"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", wanted], check=True, stdout=sys.stderr)
        stamp.write_text(wanted.read_text())
    return python
