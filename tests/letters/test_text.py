"""Decoding and cleaning: bytes of any kind become text of one form, or one clear error."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph.errors import LetterError, NotALetterError, UnreadableError
from imr_graph.letters.text import clean, decode, squeeze
from support.growth import grows_with_its_length

LINES = (
    "Case Number: CM16-9990021",
    "Decision Date: 12/19/2016   UR Denial Date: 11/04/2016",
    "",
    "CLINICAL CASE SUMMARY",
    "The injured worker’s café closed – she is a cook of 40,",
    "with pain of the wrist since she lifted a pan.",
    "The wrist is tender over the first compartment and",
    "Finkelstein’s test is positive on the left.",
    "",
    "Splint for the left wrist: Overturned",
    "Decision rationale: A splint rests the tendon.",
    "The request is medically necessary.",
    "",
)
TEXT = "\n".join(LINES)
SETTINGS = settings(deadline=None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_text(encoding: str, line_end: str) -> None:
    assert decode(TEXT.replace("\n", line_end).encode(encoding), "letter.txt") == TEXT


def test_utf_16_in_either_order_is_known_by_its_mark() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be"), "letter.txt") == TEXT
    assert decode(b"\xff\xfe" + TEXT.encode("utf-16-le"), "letter.txt") == TEXT


def test_bytes_that_windows_1252_leaves_undefined_do_not_spoil_the_rest() -> None:
    assert decode(b"the worker\x92s knee \x81 and back", "letter.txt") == "the worker’s knee   and back"


def test_a_file_cut_within_a_character_keeps_its_encoding() -> None:
    assert decode("the worker’s caf\u00e9".encode()[:-1], "letter.txt") == "the worker’s caf"


def test_a_last_character_in_latin_1_is_not_lost() -> None:
    assert decode("the caf\u00e9".encode("latin-1"), "letter.txt") == "the caf\u00e9"


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("non\ufffecertified treatment", "non-\ncertified treatment"),
        ("non\ufffe\ncertified", "non-\ncertified"),
        ("follow\u0002up", "follow-\nup"),
        ("treat\u00ad\nment", "treat-\nment"),
        ("treat\u00adment", "treatment"),
        ("CM16\u00a09990021", "CM16 9990021"),
        ("one\x85two\u2028three\u2029four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("a\x00b\x07c", "ab c"),
        ("worker\x92s", "worker’s"),
        ("of\ufb01ce", "office"),
        ("page one\n\fpage two\tend", "page one\n\fpage two\tend"),
        ("90° – “as is” ½", "90° – “as is” ½"),
    ],
)
def test_only_what_nobody_sees_is_changed(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_an_empty_file_says_so() -> None:
    with pytest.raises(NotALetterError, match=r"^a\.txt: is empty\.$"):
        decode(b"", "a.txt")


@pytest.mark.parametrize("blank", [b" \r\n\t\n", b"\xef\xbb\xbf", " \u00a0\u2003\n".encode(), b"\f\n", b"\0\0 \n"])
def test_white_space_of_any_kind_says_so(blank: bytes) -> None:
    with pytest.raises(LetterError, match=r"^a\.txt: holds only white space\.$"):
        decode(blank, "a.txt")


def test_random_bytes_are_not_text() -> None:
    with pytest.raises(UnreadableError, match=r"^a\.bin: holds binary data, not text"):
        decode(bytes(range(256)) * 40, "a.bin")


def test_a_few_control_characters_do_not_condemn_a_letter() -> None:
    assert "wrist" in decode(TEXT.encode() + b"\x00\x1f", "letter.txt")


@pytest.mark.timing
@pytest.mark.parametrize("character", [b"a", b"\xe9"])
def test_megabytes_of_one_character_are_read_in_proportion(character: bytes) -> None:
    assert grows_with_its_length(lambda length: decode(character * length, "a.txt"), 600_000)


def test_a_text_that_is_no_single_letter_by_its_length_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"^a\.txt: is too long: 10,000,001 characters"):
        decode(b"a" * 10_000_001, "a.txt")


@SETTINGS
@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_give_clean_text_or_a_letter_error(data: bytes) -> None:
    text = answer(data)
    if isinstance(text, str):
        assert text.strip()
        assert not set(text) & {chr(c) for c in (*range(9), 11, 13, *range(14, 32), *range(127, 160), 0xFFFE, 0xFEFF)}
        assert text.encode()


def answer(data: bytes) -> str | LetterError:
    """Return the text or the error that says why there is none; any other exception fails the test."""
    try:
        return decode(data, "letter.txt")
    except LetterError as error:
        return error


@SETTINGS
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]) | st.sampled_from("\ufffe\u00ad\x00\r\n\u0002 -")))
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_interleaved_blank_lines_go_and_gaps_stay() -> None:
    assert squeeze(TEXT.replace("\n", "\n\n")) == TEXT
    assert squeeze(TEXT.replace("\n", " \n \n")).split("\n")[2].strip() == ""


@SETTINGS
@given(st.lists(st.sampled_from(["", " ", "line", "other line", "\fpage"]), min_size=10, max_size=80), st.booleans())
def test_squeezing_undoes_interleaving(lines: list[str], ends: bool) -> None:
    """Any text whose lines mostly follow one another comes back from its interleaved form, code point by code point."""
    text = "first\n" + "\n".join(f"{line}\nnext" if not line.strip(" ") else line for line in lines)
    text += "\nlast" * 40 + "\n" * ends
    assert squeeze(text.replace("\n", "\n\n")) == text


@SETTINGS
@given(st.lists(st.sampled_from(["", "", "", " ", "\t", "line", "other line", "\f"]), max_size=60))
def test_squeezing_twice_is_squeezing_once_and_drops_blank_lines_alone(lines: list[str]) -> None:
    text = "\n".join(lines)
    once = squeeze(text)
    assert squeeze(once) == once
    assert [line for line in once.split("\n") if line.strip(" \t")] == [line for line in lines if line.strip(" \t")]


def test_blank_lines_between_paragraphs_are_no_interleaving() -> None:
    paragraphs = "\n\n".join(f"Paragraph {n} starts\nand goes on\nover three lines." for n in range(12))
    assert squeeze(paragraphs) == paragraphs


def test_one_line_for_each_paragraph_is_no_interleaving() -> None:
    paragraphs = "\n\n".join(f"Paragraph {n} " + "goes on and on " * 20 for n in range(12))
    assert squeeze(paragraphs) == paragraphs


@pytest.mark.timing
def test_squeezing_takes_time_in_proportion_to_the_text() -> None:
    assert grows_with_its_length(lambda length: squeeze("a line of a letter\n\n" * length), 20_000)


def test_the_real_texts_lose_their_interleaved_lines(shared: Path) -> None:
    """No line is lost, and most lines now follow the one before, in all five texts."""
    for path in sorted((shared / "letters" / "text").glob("*.txt")):
        raw = path.read_bytes()
        lines = decode(raw, path.name).split("\n")
        written = [bool(line.strip()) for line in lines]
        assert [line for line in lines if line.strip()] == [line for line in raw.decode().split("\n") if line.strip()]
        assert sum(map(all, pairwise(written))) > 0.6 * sum(written), path
