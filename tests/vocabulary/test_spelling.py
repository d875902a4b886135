"""Words with one letter wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph.vocabulary import split
from imr_graph.vocabulary.spelling import Speller, respell

NAMES = ("cervical", "lumbar", "percocet", "wrist", "injection", "shoulder", "therapy")
SPELLER = Speller(NAMES, ("lumber", "theraputty"))


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("cevical", "cervical"),
        ("cervicl", "cervical"),
        ("cervvical", "cervical"),
        ("cervikal", "cervical"),
        ("cevrical", "cervical"),
        ("lumar", "lumbar"),
        ("lumabr", "lumbar"),
        ("percocett", "percocet"),
        ("writs", "wrist"),
        ("wrrist", "wrist"),
        ("cervical", "cervical"),
    ],
)
def test_one_letter_wrong_is_mended(word: str, meant: str) -> None:
    assert SPELLER.correct(word) == meant


@pytest.mark.parametrize(
    "word", ["waist", "wrst", "lumber", "lumpar", "ervical", "boulder", "cvical", "2x4", "", "therape"]
)
def test_anything_else_stays(word: str) -> None:
    expected = {"therape": "therapy"}.get(word, word)
    assert SPELLER.correct(word) == expected


def test_a_word_between_two_names_stays() -> None:
    assert Speller(["injection", "infection"], ()).correct("ineection") == "ineection"


@given(st.sampled_from([n for n in NAMES if len(n) > 6]), st.integers(1, 20), st.sampled_from("aeioqxz"))
def test_every_single_slip_behind_the_first_letter_is_mended(name: str, place: int, letter: str) -> None:
    at = 1 + place % (len(name) - 1)
    for slip in (name[:at] + name[at + 1 :], name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :]):
        assert SPELLER.correct(slip) == name


def test_places_in_the_text_stay() -> None:
    words = split("MRI, cevical  spine")
    mended = respell(words, SPELLER.correct)
    assert mended.words == ("mri", "cervical", "spine")
    assert [mended.text[a:b] for a, b in zip(mended.starts, mended.ends, strict=True)] == ["MRI", "cevical", "spine"]
    assert mended.squeezed[mended.offsets[1] : mended.offsets[2]] == "cervical"
    assert respell(words, str) is words
