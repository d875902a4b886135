"""Every process collects the same tests, in the same order: those that run in parallel have to agree on their names."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.paths import PROJECT

_COLLECT = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")


@pytest.mark.end_to_end
def test_neither_hash_seed_nor_time_nor_folder_changes_the_names_of_tests() -> None:
    """A parameter that holds a time, a digest of it, or a set in its order shows as a difference."""
    found = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        done = subprocess.run(
            [sys.executable, *_COLLECT],
            cwd=PROJECT,
            env={**own, "PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": f"{seed}000000000"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:]
        found.append([line for line in done.stdout.splitlines() if "::" in line])
    one, other = found
    assert [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]] == []
    assert [name for name in one if not name.isprintable() or len(name) > 400] == []
