"""Pages that are pictures: lost without Tesseract, read with it, and the letter says so."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from imr_graph.builder import build
from imr_graph.cli import main
from imr_graph.extraction import extract
from imr_graph.letters import Limits, read_letter
from support.components import require_module, require_program
from support.letters import item, letter
from support.pdf_files import pdf

OCR = Limits(seconds=120, ocr=True)
# A page of the letter, and one that is a picture: a second item stands on it.
FIRST, SECOND = letter(item("MRI of the left knee")), item("Acupuncture for the left knee", "Overturned")


@pytest.fixture(scope="module", autouse=True)
def _needed() -> None:
    require_program("tesseract")
    require_module("pytesseract", "ocr")


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    document = pypdfium2.PdfDocument(pdf(SECOND.splitlines()))  # type: ignore[no-untyped-call]
    picture = document[0].render(scale=3, grayscale=True).to_pil()
    document.close()

    def draw(canvas: Canvas) -> None:
        if canvas.getPageNumber() == 2:
            canvas.drawImage(ImageReader(picture), 0, 0, *canvas._pagesize)

    path = tmp_path / "scanned.pdf"
    path.write_bytes(pdf(FIRST.splitlines(), [], draw=draw))
    return path


def test_a_page_that_is_a_picture_is_lost_without_ocr(scanned: Path) -> None:
    found = extract(read_letter(scanned))
    assert (found.incomplete, found.outcome) == (("Page 2 of 2 holds no text.",), None)
    assert found.recognized_by is None


def test_a_page_that_is_a_picture_is_read_with_ocr(scanned: Path) -> None:
    found = extract(read_letter(scanned, OCR))
    assert [(each.heading, each.decision) for each in found.items] == [
        ("MRI of the left knee", "upheld"),
        ("Acupuncture for the left knee", "overturned"),
    ]
    assert (found.incomplete, found.outcome) == ((), "partially overturned")
    assert found.recognized_by is not None
    assert found.recognized_by.startswith("Tesseract ")
    assert found.recognized_by.endswith(" (page 2)")


def test_a_letter_is_read_again_when_ocr_comes_or_goes(scanned: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert len(build([scanned], store, jobs=1).incomplete) == 1
    with_ocr = build([scanned], store, jobs=1, limits=OCR)
    assert (with_ocr.unchanged, with_ocr.incomplete) == (0, ())
    assert build([scanned], store, jobs=1, limits=OCR).unchanged == 1
    assert len(build([scanned], store, jobs=1).incomplete) == 1


def test_the_record_says_what_recognized_a_page(scanned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["extract", "-q", "--ocr", "--letter-seconds", "120", str(scanned)])
    assert '"recognized_by": "Tesseract ' in capfd.readouterr().out
