"""The references that are made are current: the command line, the Python of the front door, the schema of records."""

from __future__ import annotations

import subprocess
import sys

from support.paths import PROJECT


def test_the_references_are_as_the_script_makes_them() -> None:
    command = [sys.executable, str(PROJECT / "scripts" / "reference.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
