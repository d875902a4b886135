"""PDFs: known by their first bytes, read in a process of their own within the limits of a letter.

A few kilobytes can keep the reader of PDFs for hours or fill a machine: forms that call forms, streams packed twice.
Pages that are pictures are read by Tesseract (the extra `ocr`).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Final

from imr_graph.errors import OverLimitError, ToolError
from imr_graph.letters.limits import Limits
from imr_graph.limited_process import CallEndedError, LimitedProcess

__all__ = ["is_pdf", "read_pdf", "recognize_page", "recognizer"]

# Readers accept a header that stands within the first 1,024 bytes (PDF 1.7, Annex H.3, note 13).
_MARK_WITHIN: Final = 1024

_DOTS: Final = 300  # an inch; what Tesseract's models were trained on
_POINTS: Final = 72  # an inch, by the definition of PDF

_READER: Final = LimitedProcess("imr_graph.letters.pdf_text:extract_text")


def is_pdf(data: bytes) -> bool:
    """Tell whether the bytes are a PDF, by its header and not by a file name."""
    return b"%PDF-" in data[:_MARK_WITHIN]


def read_pdf(data: bytes, source: str, limits: Limits | None = None) -> tuple[str, tuple[str, ...], str | None]:
    """Return the text of a PDF's pages, what is lost, and what recognized pages without text (`extract_text`).

    Raises `OverLimitError` where that takes more time or memory than `limits` allow, or makes the reader crash.
    """
    limits = limits or Limits()
    try:
        found: tuple[str, tuple[str, ...], str | None] = _READER.call(
            data, source, limits.ocr, seconds=limits.seconds, memory=limits.memory
        )
    except CallEndedError as ended:
        if ended.reason == "crash":
            reason = "made the reader of PDFs crash, so it was passed over: please report it."
            raise OverLimitError(source, reason) from None
        raise limits.error(source, ended.reason) from None
    return found


@cache
def recognizer() -> str:
    """Return the name and version of the program that recognizes characters: "Tesseract 5.3.0".

    Raises ToolError where it, or the libraries that call it, are not installed.
    """
    pytesseract = _pytesseract()
    try:
        return f"Tesseract {pytesseract.get_tesseract_version()}"
    except pytesseract.TesseractNotFoundError:
        raise ToolError(
            "Recognizing characters needs Tesseract: install it (the package tesseract-ocr), or leave --ocr out."
        ) from None


def recognize_page(page: Any) -> str:
    """Return the text of a pdfium page as its picture shows it; empty where nothing in it is read."""
    bitmap = page.render(scale=_DOTS / _POINTS, grayscale=True)
    try:
        return str(_pytesseract().image_to_string(bitmap.to_pil(), lang="eng"))
    finally:
        bitmap.close()


def _pytesseract() -> Any:
    try:
        import_module("PIL")  # the pages are rendered into its pictures
        return import_module("pytesseract")
    except ImportError:
        raise ToolError("Recognizing characters needs pytesseract: pip install 'imr-graph[ocr]'.") from None
