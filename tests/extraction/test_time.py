"""Time grows with the length of a letter, not with its square, whatever it holds."""

from __future__ import annotations

import contextlib
from functools import partial

import pytest

from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract
from imr_graph.model import Letter
from support.growth import grows_with_its_length
from support.letters import letter

pytestmark = pytest.mark.timing

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
    "labels with slips": "\nClaims Adminstrator guidline: x\nMAXIMUS guidline: y\nDecison rational: z\n",
    "decision words with slips": "x - Overtuned\n",
    "page numbers": "\nPage 3 of 5\n",
    "feet with the case number": "Final Determination Letter for IMR Case Number CM16-9990301   3\n",
    "stances": "The Expert Reviewer did not cite any medical evidence for its decision. ",
    "guidelines that are not listed": "and Voice Strain 2031, ",
    "capital words": "Voice Strain ",
    "prose": "based its decision on x, which is part of the MTUS, ",
    "ages": "48 year old ",
}
# Lengths of what is put in, in characters: the longer is four times the shorter.
_SHORT, _FACTOR = 10_000, 4


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_time_is_linear(place: str) -> None:
    before, words, after = letter().partition(place) if place else ("", "", letter())
    assert words == place

    def read_with(chunk: str, length: int) -> None:
        extract_or_refuse(before + words + chunk * (length // len(chunk)) + after)

    slow = [
        name
        for name, chunk in CHUNKS.items()
        if not grows_with_its_length(partial(read_with, chunk), _SHORT, factor=_FACTOR)
    ]
    assert slow == []


@pytest.mark.parametrize("character", ["a", " ", "\n", "\f", ",", "(", "-", "1", ":"])
def test_megabytes_of_one_character_take_time_in_proportion(character: str) -> None:
    assert grows_with_its_length(lambda length: extract_or_refuse(character * length), 600_000)


def extract_or_refuse(text: str) -> None:
    with contextlib.suppress(NotALetterError):
        extract(Letter(text, "long.txt"))
