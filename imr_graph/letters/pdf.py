"""PDF to text through pypdfium2, page by page.

Of a PDF only the text of its pages is read. Its metadata (author, title, producer) can hold staff names and is
never asked for.
"""

from __future__ import annotations

import threading
from typing import Any

import pypdfium2
import pypdfium2.raw

from imr_graph.errors import NoTextError, UnreadableError
from imr_graph.letters.text import MAX_TEXT_CHARACTERS, clean

__all__ = ["MAX_PAGES", "find_lost_pages", "is_pdf", "pdf_text"]

# The longest known letter has 10 pages for 21 disputed items; what is longer than this is another document.
MAX_PAGES = 500

# Readers accept a header that stands within the first 1,024 bytes, and want the end mark within the last 1,024
# (PDF 1.7, Annex H.3, notes 13 and 18).
_MARK_WITHIN = 1024

# FPDF_ERR_PASSWORD of pdfium's fpdfview.h.
_PASSWORD_WANTED = 4

# pdfium keeps global state and must not be entered by two threads.
_PDFIUM = threading.Lock()


def is_pdf(data: bytes) -> bool:
    """Tell whether the bytes are a PDF, by its header and not by a file name."""
    return b"%PDF-" in data[:_MARK_WITHIN]


def pdf_text(data: bytes, source: str) -> str:
    """Return the text of a PDF's pages, each ending its last line, with a form feed between pages.

    `data` is the whole file; `source` names it in errors. A file that forbids extraction but asks for no password is
    read: the letters are public records. Raises `UnreadableError` where the file is cut short, damaged, protected by
    a password or too long, `NoTextError` where its pages are images.
    """
    if b"%%EOF" not in data.rstrip(b"\0\r\n\t ")[-_MARK_WITHIN:]:
        raise UnreadableError(source, "is a PDF that was cut short (its end is missing): get the file again.")
    try:
        with _PDFIUM:
            pages = _pages(data, source)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD_WANTED:
            reason = "is a PDF that is protected by a password: save a copy without one."
        else:
            reason = "is a damaged PDF: get the file again."
        raise UnreadableError(source, reason) from None
    except RecursionError:  # pypdfium2 recurses over runs of characters that pdfium leaves out
        raise UnreadableError(source, "is a damaged PDF: its text cannot be laid out.") from None
    text = "\f".join(_ended(clean(page.replace("\u00ad", "-"))) for page in pages)
    if not text or text.isspace():
        raise NoTextError(source, "holds no text, only images: run optical character recognition (OCR) on it first.")
    return text


def find_lost_pages(data: bytes, text: str) -> tuple[str, ...]:
    """Return a sentence for each page of a PDF that holds no text but something else: most often a picture of words.

    `text` is the PDF's text as `pdf_text` gives it; a page with nothing on it is not lost.
    """
    pages = text.split("\f")
    empty = [index for index, page in enumerate(pages) if not page.strip()]
    if not empty:
        return ()
    with _PDFIUM:
        document: Any = pypdfium2.PdfDocument(data)  # type: ignore[no-untyped-call]
        try:
            return tuple(f"Page {n + 1} of {len(pages)} holds no text." for n in empty if _has_more(document, n))
        finally:
            document.close()


def _has_more(document: Any, number: int) -> bool:
    """Tell whether a page has objects that are no text (pictures, forms, drawings)."""
    pdfium: Any = pypdfium2.raw
    page = document[number]
    try:
        objects = (pdfium.FPDFPage_GetObject(page.raw, n) for n in range(pdfium.FPDFPage_CountObjects(page.raw)))
        return any(pdfium.FPDFPageObj_GetType(found) != pdfium.FPDF_PAGEOBJ_TEXT for found in objects)
    finally:
        page.close()


def _pages(data: bytes, source: str) -> list[str]:
    """Read the pages; every pdfium object is closed here, inside the lock, and never by the garbage collector."""
    document: Any = pypdfium2.PdfDocument(data)  # type: ignore[no-untyped-call]
    try:
        if len(document) > MAX_PAGES:
            raise UnreadableError(source, f"has {len(document):,} pages; a letter has at most a few dozen.")
        pages: list[str] = []
        for number in range(len(document)):
            pages.append(_page(document, number))
            if sum(map(len, pages)) > MAX_TEXT_CHARACTERS:
                raise UnreadableError(source, f"is too long: more than {MAX_TEXT_CHARACTERS:,} characters.")
        return pages
    finally:
        document.close()


def _page(document: Any, number: int) -> str:
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            return str(text_page.get_text_range())
        finally:
            text_page.close()
    finally:
        page.close()


def _ended(page: str) -> str:
    return page if not page or page.endswith("\n") else page + "\n"
