"""PDFs that are made for tests."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pikepdf
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

__all__ = ["forms_that_call_forms", "packed_twice", "pdf"]


def pdf(
    *pages: list[str], encrypt: StandardEncryption | str | None = None, draw: Callable[[Canvas], None] | None = None
) -> bytes:
    """Make a PDF with one line of text below the other on each page."""
    target = io.BytesIO()
    canvas = Canvas(target, encrypt=encrypt, invariant=1)
    canvas.setAuthor("Staff Name")
    canvas.setTitle("Internal Title")
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 720 - 14 * number, line)
        if draw:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def forms_that_call_forms(levels: int = 24, calls: int = 4) -> bytes:
    """Make a PDF whose page shows a form, which shows another some times, and so on: small, and endless to read."""
    with pikepdf.new() as document:
        page = document.add_blank_page()
        inner = document.make_stream(b"BT /F1 9 Tf 72 72 Td (Case Number: CM17-0000007) Tj ET", _FORM)
        font = {"/Type": pikepdf.Name.Font, "/Subtype": pikepdf.Name.Type1, "/BaseFont": pikepdf.Name.Helvetica}
        inner.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pikepdf.Dictionary(font)))
        for _ in range(levels):
            outer = document.make_stream(b"/X Do " * calls, _FORM)
            outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
            inner = outer
        page.Contents = document.make_stream(b"/X Do")
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
        return _saved(document)


_FORM = {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": pikepdf.Array([0, 0, 600, 800])}


def packed_twice(size: int) -> bytes:
    """Make a PDF of a few kilobytes whose page's text is so many bytes, packed twice."""
    with pikepdf.new() as document:
        page = document.add_blank_page()
        filters = pikepdf.Array([pikepdf.Name.FlateDecode] * 2)
        packed = zlib.compress(zlib.compress(b" " * size, 9), 9)
        page.Contents = pikepdf.Stream(document, packed, {"/Filter": filters})
        return _saved(document)


def _saved(document: pikepdf.Pdf) -> bytes:
    target = io.BytesIO()
    document.save(target, stream_decode_level=pikepdf.StreamDecodeLevel.none, deterministic_id=True)
    return target.getvalue()
