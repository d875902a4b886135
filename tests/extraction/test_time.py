"""Time grows with the length of a letter, not with its square, whatever it holds."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imr_graph.extraction
from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract
from imr_graph.model import Letter
from support.letters import letter

PLACES = {
    "at the beginning": "",
    "in the header": "Case Number: ",
    "in the summary": "loading ramp.",
    "in a heading": "MRI of",
    "behind the decision": ": Upheld",
    "in one side": "Claims Administrator guideline: ",
    "in a citation": "MTUS ",
    "in a rationale": "nothing has",
    "at the end": "medically necessary.",
}
CHUNKS = {
    "one character": "a",
    "blanks": " ",
    "line ends": "\n",
    "blank lines": "\n \n",
    "form feeds": "\f",
    "commas": ", ",
    "brackets": "(",
    "digits": "1",
    "dates": "11/11/2016 ",
    "and": " and ",
    "hyphens at line ends": "a-\n",
    "lines": "word " * 18 + "\n",
    "decision words": "x: Upheld\n",
    "labels": "\nClaims Administrator guideline: x\nMAXIMUS guideline: y\nDecision rationale: z\n",
    "original requests": "x was the original request. ",
    "ACOEM": "ACOEM, ",
    "ODG": "ODG, ",
    "MTUS": "Decision based on MTUS ",
    "guidelines": "Low Back Complaints 2004, and ",
    "section labels": "Section(s): ",
    "pages": "page 1, ",
    "specialties": "Board Certified in x, ",
    "verdicts": "is not medically necessary. ",
    "numbers": "\n1. ",
}
# A square would quadruple the time of each doubling: 16 for the two doublings here. Other work on the machine and the
# memory of larger texts cost something.
_SHORT, _DOUBLINGS, _WORST = 10_000, 2, 10.0
_ENOUGH = 0.05  # seconds; what takes less is not measured


@pytest.mark.parametrize("chunk", CHUNKS.values(), ids=CHUNKS.keys())
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_time_is_linear(place: str, chunk: str) -> None:
    before, words, after = letter().partition(place) if place else ("", "", letter())
    assert words == place

    def seconds(length: int) -> float:
        text = before + words + chunk * (length // len(chunk)) + after
        return min(_seconds(text), _seconds(text))

    longer = seconds(_SHORT * 2**_DOUBLINGS)
    if longer > _ENOUGH:
        assert longer < _WORST * seconds(_SHORT)


@pytest.mark.parametrize("character", ["a", " ", "\n", "\f", ",", "(", "-", "1", ":"])
def test_five_megabytes_of_one_character_are_refused_at_once(character: str) -> None:
    assert _seconds(character * 5_000_000) < 5


def _seconds(text: str) -> float:
    started = time.process_time()
    with contextlib.suppress(NotALetterError):
        extract(Letter(text, "long.txt"))
    return time.process_time() - started


# Lines of extraction's code that run for each character of a letter: about 1 for whole letters, 5 where it is short.
_STEPS, _FEWEST_STEPS = 20, 100_000


@contextlib.contextmanager
def limited_steps(limit: int) -> Iterator[None]:
    """Fail as soon as more lines of extraction's code have run than `limit`: a loop that does not advance ends here."""
    rooms = str(Path(imr_graph.extraction.__file__).parent)
    left = limit

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.startswith(rooms):
            return None
        left -= event == "line"
        assert left > 0, f"{frame.f_code.co_filename}:{frame.f_lineno} does not advance"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


_LINES = st.sampled_from([*letter().split("\n"), *(chunk.strip("\n") for chunk in CHUNKS.values()), "", "\f"])


@given(st.lists(_LINES, min_size=1, max_size=60), st.integers(1, 12), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_loop_over_text_advances(lines: list[str], times: int, begun: bool) -> None:
    text = (letter() if begun else "") + "\n".join(lines * times)
    with limited_steps(_FEWEST_STEPS + _STEPS * len(text)), contextlib.suppress(NotALetterError):
        extract(Letter(text, "again.txt"))
