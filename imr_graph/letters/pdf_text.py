"""PDF to text through pypdfium2, page by page.

Of a PDF only the text of its pages is read. Its metadata (author, title, producer) can hold staff names and is
never asked for.
"""

from __future__ import annotations

from typing import Any

import pypdfium2
import pypdfium2.raw

from imr_graph.errors import NoTextError, UnreadableError
from imr_graph.letters.pdf import recognize_page, recognizer
from imr_graph.letters.pdf_damage import PdfDamage, find_damage
from imr_graph.letters.text import MAX_TEXT_CHARACTERS, clean

__all__ = ["MAX_PAGES", "extract_text"]

# The longest known letter has 10 pages for 21 disputed items; what is longer than this is another document.
MAX_PAGES = 500

# Readers want the end mark within the last 1,024 bytes (PDF 1.7, Annex H.3, note 18).
_MARK_WITHIN = 1024

# FPDF_ERR_PASSWORD of pdfium's fpdfview.h.
_PASSWORD_WANTED = 4


def extract_text(data: bytes, source: str, ocr: bool = False) -> tuple[str, tuple[str, ...], str | None]:
    """Return the text of a PDF's pages, a sentence for each page whose text is lost, and what recognized others.

    Each page ends its last line; a form feed stands between pages. `data` is the whole file; `source` names it in
    errors. With `ocr`, pages that hold pictures and no text are recognized; what did it is named with them:
    "Tesseract 5.3.0 (page 2)". A file that forbids extraction but asks for no password is read: the letters are public
    records. Nothing is read from a page that is damaged. Raises `UnreadableError` where the file is cut short, damaged,
    protected by a password or too long, `NoTextError` where its pages are images. pdfium keeps global state and must
    not be entered by two threads.
    """
    if b"%%EOF" not in data.rstrip(b"\0\r\n\t ")[-_MARK_WITHIN:]:
        raise UnreadableError(source, "is a PDF that was cut short (its end is missing): get the file again.")
    damage = find_damage(data, source)
    try:
        pages, pictures, recognized = _read_pages(data, source, damage.pages, ocr)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD_WANTED:
            reason = "is a PDF that is protected by a password: save a copy without one."
        else:
            reason = "is a damaged PDF: get the file again."
        raise UnreadableError(source, reason) from None
    except RecursionError:  # pypdfium2 recurses over runs of characters that pdfium leaves out
        raise UnreadableError(source, "is a damaged PDF: its text cannot be laid out.") from None
    if not any(page and not page.isspace() for page in pages):
        if damage.pages or damage.is_structural:
            raise UnreadableError(source, "is a damaged PDF: get the file again.")
        raise NoTextError(
            source,
            "holds no text, only images: read it with --ocr, or run optical character recognition (OCR) on it first.",
        )
    return "\f".join(pages), _tell_lost_pages(damage, pictures, len(pages)), _tell_recognized(recognized)


def _tell_recognized(pages: list[int]) -> str | None:
    if not pages:
        return None
    return f"{recognizer()} (page{'s' if len(pages) > 1 else ''} {', '.join(map(str, pages))})"


def _tell_lost_pages(damage: PdfDamage, pictures: list[int], count: int) -> tuple[str, ...]:
    lost = dict.fromkeys(pictures, "holds no text.")
    lost |= dict.fromkeys(damage.pages, "is damaged (its checksum does not fit): get the file again.")
    pages = tuple(f"Page {number} of {count} {reason}" for number, reason in sorted(lost.items()))
    if damage.is_structural:
        return (*pages, "The file's table of objects is damaged, so a page may be missing: get the file again.")
    return pages


def _has_more(document: Any, number: int) -> bool:
    """Tell whether a page has objects that are no text (pictures, forms, drawings)."""
    pdfium: Any = pypdfium2.raw
    page = document[number]
    try:
        objects = (pdfium.FPDFPage_GetObject(page.raw, n) for n in range(pdfium.FPDFPage_CountObjects(page.raw)))
        return any(pdfium.FPDFPageObj_GetType(found) != pdfium.FPDF_PAGEOBJ_TEXT for found in objects)
    finally:
        page.close()


def _read_pages(
    data: bytes, source: str, damaged: tuple[int, ...], ocr: bool
) -> tuple[list[str], list[int], list[int]]:
    """Return the text of each page, the numbers of those that hold pictures only, and of those that were recognized.

    Every pdfium object is closed here and never by the garbage collector.
    """
    document: Any = pypdfium2.PdfDocument(data)  # type: ignore[no-untyped-call]
    try:
        if len(document) > MAX_PAGES:
            raise UnreadableError(source, f"has {len(document):,} pages; a letter has at most a few dozen.")
        pages: list[str] = []
        pictures: list[int] = []
        recognized: list[int] = []
        for number in range(1, len(document) + 1):
            page = "" if number in damaged else _page(document, number - 1)
            if number not in damaged and not page.strip() and _has_more(document, number - 1):
                page = _recognized_page(document, number - 1) if ocr else ""
                (recognized if page.strip() else pictures).append(number)
            pages.append(_end_line(clean(page.replace("\u00ad", "-"))))
            if sum(map(len, pages)) > MAX_TEXT_CHARACTERS:
                raise UnreadableError(source, f"is too long: more than {MAX_TEXT_CHARACTERS:,} characters.")
        return pages, pictures, recognized
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


def _recognized_page(document: Any, number: int) -> str:
    page = document[number]
    try:
        return recognize_page(page)
    finally:
        page.close()


def _end_line(page: str) -> str:
    return page if not page or page.endswith("\n") else page + "\n"
