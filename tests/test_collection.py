"""Every process collects the same tests, in the same order: those that run in parallel have to agree on their names."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.collected import COLLECTED

_COLLECT = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
_OTHERWISE = {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "2000000000"}


@pytest.mark.end_to_end
def test_neither_hash_seed_nor_time_nor_folder_changes_the_names_of_tests(pytestconfig: pytest.Config) -> None:
    """What this process has collected, another does: all tests in a run of all.

    A parameter that holds a time, a digest of it, or a set in its order shows as a difference.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, *_COLLECT, *pytestconfig.args],
        cwd=pytestconfig.invocation_params.dir,
        env={**own, **_OTHERWISE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    found = [line for line in done.stdout.splitlines() if "::" in line]
    here = pytestconfig.stash[COLLECTED]
    assert [pair for pair in zip(here, found, strict=True) if pair[0] != pair[1]] == []
    assert [name for name in found if not name.isprintable() or len(name) > 400] == []
