"""The text of pages that are pictures, by Tesseract (the extra `ocr`)."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Final

from imr_graph.errors import ToolError

__all__ = ["recognize_page", "recognizer"]

_DOTS: Final = 300  # an inch; what Tesseract's models were trained on
_POINTS: Final = 72  # an inch, by the definition of PDF


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
