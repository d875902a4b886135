"""The same letters as PDF files, set like the published ones: header table, Times-Roman 12, bold headings."""

from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import letter as letter_size
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.platypus import Flowable, PageBreak, Paragraph, Preformatted, SimpleDocTemplate, Table

from .cases import Case
from .layouts import Block
from .letters import GeneratedLetter
from .rendering import header_lines

__all__ = ["pdf_of"]

_BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=12, leading=13.8, alignment=TA_LEFT, spaceAfter=12)
_LINE = ParagraphStyle("line", parent=_BODY, spaceAfter=0)
_CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=11, leading=13)
_RAW = ParagraphStyle("raw", fontName="Times-Roman", fontSize=12, leading=13.8)


def pdf_of(letter: GeneratedLetter) -> bytes:
    """Return the letter as a PDF; of a damaged one, its text as it stands (or its bytes, which are no PDF)."""
    if letter.data is not None or (letter.damage and not letter.text):
        return letter.content
    if letter.case is None:
        return _built([part for page in letter.text.split("\f") for part in (_raw(page), PageBreak())])
    return _built([_flowable(letter.case, block) for block in letter.blocks])


def _built(story: list[Flowable]) -> bytes:
    file = BytesIO()
    margins = {"leftMargin": inch, "rightMargin": inch, "topMargin": inch, "bottomMargin": inch}
    SimpleDocTemplate(file, pagesize=letter_size, invariant=True, **margins).build(story)
    return file.getvalue()


def _raw(page: str) -> Flowable:
    return Preformatted(page.replace("\ufffe", "-"), _RAW, maxLineLength=90)


def _flowable(case: Case, block: Block) -> Flowable:
    if block.kind == "header":
        return _header(case)
    bold = f"<b>{_marked(block.bold)}</b>" if block.bold else ""
    return Paragraph(bold + _marked(block.text), _LINE if block.kind == "line" else _BODY)


def _marked(text: str) -> str:
    return escape(text.replace("\u0001", "\u00a0")).replace("\n", "<br/>")


def _header(case: Case) -> Flowable:
    """Return the header table: four columns, labels bold; "Application Received:" stands in two lines of its cell."""
    number, assigned, decided, priority = (line.strip() for line in header_lines(case, "box"))
    first, injured = assigned.split(" Date of Injury: ")
    second, denied = decided.split(" UR Denial Date:  ")
    third, received = priority.split(" Application Received: ")
    rows = [
        [*_parted(number), "", ""],
        [*_parted(first), "Date of Injury:", injured],
        [*_parted(second), "UR Denial Date:", denied],
        [*_parted(third), "Application Received:", received],
    ]
    cells = [[_cell(text, at % 2 == 0) for at, text in enumerate(row)] for row in rows]
    widths = [1.4 * inch, 1.6 * inch, 1.5 * inch, 1.4 * inch]
    return Table(cells, colWidths=widths, hAlign="LEFT", spaceAfter=14, style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE")])


def _parted(line: str) -> tuple[str, str]:
    label, _, value = line.partition(": ")
    return f"{label}:", value


def _cell(text: str, is_label: bool) -> Flowable:
    return Paragraph(f"<b>{escape(text)}</b>" if is_label else escape(text), _CELL)
