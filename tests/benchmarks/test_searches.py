"""What a hundred names and forty phrases find in generated letters; no time is judged."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from support.paths import BENCHMARKS

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what the command prints for 600 letters; it ends with 0 or, where a figure falls short, with 1."""
    options = ["--letters", "600", "--work", str(tmp_path_factory.mktemp("searches"))]
    command = [sys.executable, str(BENCHMARKS / "searches.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize(
    ("figure", "least"),
    [
        (r"requests found first, (?:\d+) names: ([\d.]+) %", 99),
        (r"of the first ten hits, requests: ([\d.]+)", 0.95),
        (r"phrases answered, of 40: (\d+)", 36),
        (r"a page of hits, median: ([\d.]+) ms", 0),
        (r"suggestions, median: ([\d.]+) ms", 0),
    ],
)
def test_names_and_phrases_find_what_they_mean(printed: str, figure: str, least: float) -> None:
    found = re.search(figure, printed)
    assert found is not None, printed
    assert float(found[1]) >= least, printed
