"""PDF to text: pages, hyphens at line ends, protection, damage, and what is never read."""

from __future__ import annotations

import random
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption

from imr_graph.errors import LetterError, NoTextError, UnreadableError
from imr_graph.letters import read_letter
from imr_graph.letters.pdf import is_pdf, read_pdf
from imr_graph.letters.pdf_text import MAX_PAGES
from support.pdf_files import pdf

HEADINGS = (
    "HOW THE IMR FINAL DETERMINATION WAS MADE",
    "CLINICAL CASE SUMMARY",
    "IMR ISSUES, DECISIONS AND RATIONALES",
)


def pdf_text(data: bytes, source: str) -> str:
    """Return the text of a PDF alone."""
    return read_pdf(data, source)[0]


def test_pages_end_their_lines_and_a_form_feed_parts_them() -> None:
    assert pdf_text(pdf(["one", "two"], ["three"]), "a.pdf") == "one\ntwo\n\fthree\n"


def test_a_page_without_text_between_others_still_counts() -> None:
    assert pdf_text(pdf(["one"], [], ["three"]), "a.pdf") == "one\n\f\fthree\n"


def test_a_hyphen_at_a_line_end_keeps_hyphen_and_line_break() -> None:
    assert (
        pdf_text(pdf(["the visit was non-", "certified on review"]), "a.pdf")
        == "the visit was non-\ncertified on review\n"
    )


def test_a_pdf_is_known_by_its_content() -> None:
    assert is_pdf(b"\n\n%PDF-1.4\n")
    assert not is_pdf(b"Case Number" + b" " * 2000 + b"%PDF-1.4")


def test_nothing_of_the_metadata_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf(["Case Number: CM16-9990021"]))
    assert b"Staff Name" in file.read_bytes()
    assert "Staff" not in repr(read_letter(file))
    assert "Internal" not in repr(read_letter(file))


def test_a_pdf_that_forbids_extraction_without_a_password_is_read() -> None:
    forbids = StandardEncryption("", ownerPassword="owner", canCopy=0, canModify=0, canPrint=0, canAnnotate=0)
    assert pdf_text(pdf(["Case Number"], encrypt=forbids), "a.pdf") == "Case Number\n"


def test_a_password_is_named_as_the_reason() -> None:
    with pytest.raises(UnreadableError, match=r"^a\.pdf: is a PDF that is protected by a password: "):
        pdf_text(pdf(["Case Number"], encrypt="secret"), "a.pdf")


def test_a_pdf_without_text_needs_ocr() -> None:
    scan = pdf([], [], draw=lambda canvas: canvas.rect(72, 72, 300, 400, fill=1))
    with pytest.raises(NoTextError, match=r"^scan\.pdf: holds no text, only images: read it with --ocr"):
        pdf_text(scan, "scan.pdf")


def test_too_many_pages_are_no_letter() -> None:
    with pytest.raises(UnreadableError, match=r"^a\.pdf: has 501 pages; a letter has at most a few dozen\.$"):
        pdf_text(pdf(*[["x"]] * (MAX_PAGES + 1)), "a.pdf")


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_pdf_says_so(share: float) -> None:
    whole = pdf(["Case Number: CM16-9990021"], ["second page"])
    with pytest.raises(UnreadableError, match=r"^a\.pdf: is a PDF that was cut short"):
        pdf_text(whole[: int(len(whole) * share)], "a.pdf")


def test_garbage_with_the_marks_of_a_pdf_is_damaged_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    garbage = b"%PDF-1.4\n" + random.Random(5).randbytes(4000) + b"\n%%EOF\n"
    with pytest.raises(UnreadableError, match=r"^a\.pdf: is a damaged PDF: get the file again\.$"):
        pdf_text(garbage, "a.pdf")
    assert capfd.readouterr() == ("", "")


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_pdf_with_wrong_bytes_gives_text_or_a_letter_error(data: st.DataObject) -> None:
    whole = bytearray(pdf(["Case Number: CM16-9990021", "Decision Date: 12/19/2016"], ["second page"]))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=12)):
        whole[place] = data.draw(st.integers(0, 255))
    assert answer(bytes(whole))


def answer(data: bytes) -> str:
    """Return the text, or the sentence that says why there is none; any other exception fails the test."""
    try:
        return pdf_text(data, "a.pdf")
    except LetterError as error:
        return str(error)


def test_threads_may_read_at_the_same_time(project: Path) -> None:
    """The library beneath must not be entered twice at once; a lock of ours sees to that."""
    files = sorted((project / "examples" / "letters").glob("*.pdf")) * 4
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(read_letter, files))
    assert together == [read_letter(file) for file in files]


def test_every_real_pdf_gives_usable_text(shared: Path) -> None:
    """The header is read row by row, the three headings have lines of their own, and no artefact is left."""
    files = sorted((shared / "letters" / "pdf").glob("*.pdf"))
    assert files
    for file in files:
        text = read_letter(file).text
        assert re.match(r"Case Number: CM\d\d-\d{7}\nDate Assigned: [\d/]{10} Date of Injury: [\d/]{10}\n", text), file
        assert [line for line in map(str.strip, re.split("[\n\f]", text)) if line in HEADINGS] == list(HEADINGS), file
        assert not re.search("[^\n\f\x20-\x7e\xa1-\ufffd]", text), file
        assert all(not page or page.endswith("\n") for page in text.split("\f")), file
