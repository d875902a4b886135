"""PDFs that are made for tests."""

from __future__ import annotations

import io
from collections.abc import Callable

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

__all__ = ["pdf"]


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
