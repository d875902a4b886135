"""Damaged PDFs: no flipped bit and no page without text changes what a letter states without a word."""

from __future__ import annotations

import random
import re
import zlib
from functools import cache, partial
from pathlib import Path

import pikepdf
import pytest

from imr_graph.errors import LetterError, UnreadableError
from imr_graph.extraction import extract
from imr_graph.letters import Source, read_letter
from imr_graph.letters.pdf_damage import MAX_UNPACKED_BYTES, PdfDamage, find_damage
from imr_graph.model import Determination
from support.pdf_files import pdf

_VARIANTS = 200
_STREAM = re.compile(rb"/FlateDecode[^>]{0,200}>>\s*stream\r?\n(?P<data>.*?)endstream", re.DOTALL)


def examples(project: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted((project / "examples" / "letters").glob("*.pdf"))]


@cache
def determination_of(data: bytes) -> Determination:
    return extract(read_letter(Source("letter.pdf", len(data), partial(bytes, data))))


def flip_bit(data: bytes, chance: random.Random) -> bytes:
    stream = chance.choice(list(_STREAM.finditer(data)))
    place = chance.randrange(*stream.span("data"))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def test_a_whole_letter_has_no_damage(project: Path) -> None:
    assert {find_damage(data, "letter.pdf") for data in examples(project)} == {PdfDamage()}


def test_a_flipped_bit_in_a_stream_never_changes_items_or_outcome_without_a_word(project: Path) -> None:
    chance = random.Random(11)
    told = 0
    for _ in range(_VARIANTS):
        data = chance.choice(examples(project))
        whole = determination_of(data)
        try:
            read = determination_of(flip_bit(data, chance))
        except LetterError:
            told += 1
            continue
        if read.incomplete:
            told += 1
            assert read.outcome is None
        else:
            assert (read.items, read.outcome, read.dates) == (whole.items, whole.outcome, whole.dates)
    assert told > _VARIANTS / 2


def test_a_page_that_is_a_picture_never_changes_items_or_outcome_without_a_word(project: Path, tmp_path: Path) -> None:
    for data in examples(project):
        (tmp_path / "whole.pdf").write_bytes(data)
        with pikepdf.open(tmp_path / "whole.pdf") as document:
            count = len(document.pages)
        for number in range(count):
            with pikepdf.open(tmp_path / "whole.pdf") as document:
                document.pages[number].Contents = document.make_stream(b"72 72 300 400 re f")
                document.save(tmp_path / "scanned.pdf")
            try:
                read = determination_of((tmp_path / "scanned.pdf").read_bytes())
            except LetterError:
                continue
            assert f"Page {number + 1} of {count} holds no text." in read.incomplete
            assert read.outcome is None


def test_a_damaged_page_is_named_and_nothing_is_read_from_it() -> None:
    whole = pdf(["first page"], ["second page"], ["third page"])
    second = list(_STREAM.finditer(whole))[1]
    place = second.start("data") + 12
    changed = b"#" if whole[place : place + 1] != b"#" else b"$"
    letter = read_letter(Source("letter.pdf", len(whole), partial(bytes, whole[:place] + changed + whole[place + 1 :])))
    assert letter.text == "first page\n\f\fthird page\n"
    assert letter.lost == ("Page 2 of 3 is damaged (its checksum does not fit): get the file again.",)


def test_a_table_of_objects_that_does_not_fit_is_told() -> None:
    whole = pdf(["first page"], ["second page"])
    letter = read_letter(
        Source("letter.pdf", len(whole), partial(bytes, re.sub(rb"startxref\n\d+", b"startxref\n7", whole)))
    )
    assert letter.lost == ("The file's table of objects is damaged, so a page may be missing: get the file again.",)


@pytest.mark.parametrize("times", [1, 2])
def test_a_stream_that_unpacks_to_a_machine_s_memory_is_refused(times: int, tmp_path: Path) -> None:
    packed = b" " * (MAX_UNPACKED_BYTES + 1)
    for _ in range(times):
        packed = zlib.compress(packed, 9)
    with pikepdf.new() as document:
        page = document.add_blank_page()
        filters = pikepdf.Array([pikepdf.Name.FlateDecode] * times)
        page.Contents = pikepdf.Stream(document, packed, {"/Filter": filters})
        document.save(tmp_path / "large.pdf", stream_decode_level=pikepdf.StreamDecodeLevel.none)
    with pytest.raises(UnreadableError, match=r"large\.pdf: unpacks to more than 50 MB, so it is not one letter\.$"):
        read_letter(tmp_path / "large.pdf")
